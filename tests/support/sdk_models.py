"""What answers of official SDKs hold beyond their models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator


def unknown_fields(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of fields in a decoded answer that the SDK's models do not know."""
    if isinstance(value, list):
        for one in value:
            yield from unknown_fields(one, f"{path}[]")
    elif isinstance(value, BaseModel) and "actual_instance" in type(value).model_fields:
        assert value.actual_instance is not None, f"{type(value).__name__} {path}: no variant fits"
        yield from unknown_fields(value.actual_instance, path)
    elif isinstance(value, BaseModel):
        yield from (f"{path}.{name}" for name in getattr(value, "additional_properties", None) or {})
        for name in type(value).model_fields:
            if name != "additional_properties":
                yield from unknown_fields(getattr(value, name), f"{path}.{name}")

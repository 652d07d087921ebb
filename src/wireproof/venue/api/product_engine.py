"""What a product keeps, and moves by itself, beside the futures' engine: its markets, its streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireproof.venue.streams.named_streams import NamedStream


class ProductEngine:
    """What a product has of its own. Nothing moves and no stream has a name unless a subclass says otherwise."""

    def tick(self) -> None:
        """Let a second pass, after the futures' engine."""

    def beat(self) -> None:
        """Let some milliseconds pass, before the streams that are due are sent."""

    def stream(self, _name: str) -> NamedStream | None:
        """Return what a stream's name stands for, None for a name that stays silent."""
        return None

    def control(self, _document: dict[str, Any]) -> None:
        """Do what a test asks for by `POST /venue/products/<name>`; ValueError, or a `Refusal`, says why not."""
        raise ValueError("nothing of this product can be controlled")

    def state(self) -> dict[str, Any]:
        """Return what `GET /venue/state` shows of the product; nothing unless a subclass says otherwise."""
        return {}

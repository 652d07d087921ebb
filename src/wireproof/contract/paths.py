"""Generalised paths: `result.symbols[].tickSize`, `[].id`, and the empty string for the document itself."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Characters of a key, and of a path, beyond which they are cut: no documented one comes near. A key is told from
#: others of the same beginning by a digest.
LONGEST_KEY, LONGEST_PATH = 200, 2000

_PLAIN = re.compile(r"[^.\[\]*\"\s\x00-\x1f\x7f\ud800-\udfff]+")


def child(path: str, key: str) -> str:
    """Return the path of a field; a key with characters that paths use is quoted: `result["a.b"]`."""
    if len(path) > LONGEST_PATH:
        return _cut(path)
    if len(key) > LONGEST_KEY:
        digest = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:8]
        key = f"{key[: LONGEST_KEY // 2]}…{digest}"
    if _PLAIN.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key)}]"


def element(path: str) -> str:
    """Return the path of an array's elements."""
    return f"{path}[]" if len(path) <= LONGEST_PATH else _cut(path)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of a document with its generalised path, the document first; keys stand as they are."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, f"{path}[]")


def is_below(path: str, above: str) -> bool:
    """Whether a path leads further than another one, which is not that of the document itself: below that is all."""
    return path.startswith((f"{above}.", f"{above}["))


def is_within(path: str, above: str) -> bool:
    """Whether a path is another one, or below it."""
    return path == above or is_below(path, above)


def _cut(path: str) -> str:
    return path if path.endswith("…") else f"{path}…"

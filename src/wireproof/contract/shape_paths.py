"""Generalised paths: `result.symbols[].tickSize`, `[].id`, and the empty string for the document itself."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[^.\[\]*\"\s\x00-\x1f\x7f\ud800-\udfff]+")


def child(path: str, key: str) -> str:
    """Return the path of a field; a key with characters that paths use is quoted: `result["a.b"]`."""
    if _PLAIN.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key)}]"


def element(path: str) -> str:
    """Return the path of an array's elements."""
    return f"{path}[]"

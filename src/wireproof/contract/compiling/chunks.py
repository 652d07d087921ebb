"""Judges large answers in windows: the outline first, then each array piece by piece, so that memory stays small."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from wireproof.contract.compiling.columns import all_decimals, all_timestamps, formats_hold
from wireproof.contract.compiling.keys import count_of, counted, no_key_repeated
from wireproof.contract.compiling.types import RawArray, ValueRefusedError, type_of
from wireproof.contract.shape import Elements, Fields, Node, Variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_WINDOW = 10_000  # bytes of a window, or an eighth of an array up to _WIDEST
_WIDEST = 100_000


def in_windows(node: Node, *, formats: bool) -> Callable[[bytes], bool]:
    """Return what judges large answers of a shape: the outline first, then each array piece by piece."""
    inner: list[int] = []  # of the answer that is being judged: the keys in each array
    outline = _without_arrays(node, inner, formats)
    has_keys = count_of(node) != 0
    conforms = outline.judge if isinstance(outline, RawArray) else _outline_judge(outline, inner, formats=formats)

    def judge(body: bytes) -> bool:
        inner.clear()
        return conforms(body) and (not has_keys or body.count(b":") == sum(inner) or no_key_repeated(body))

    return judge


def _outline_judge(outline: Node, inner: list[int], *, formats: bool) -> Callable[[bytes], bool]:
    """Return what judges an answer whose arrays are left raw, and notes how many keys there are outside of them."""
    kind, collect, _ = type_of(outline)
    decoder = msgspec.json.Decoder(kind)
    count = count_of(outline)

    def conforms(body: bytes) -> bool:
        decimals: list[str] = []
        stamps: list[int] = []
        try:
            document = decoder.decode(body)
            if collect is not None:
                collect([document], decimals, stamps)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueRefusedError):
            return False
        inner.append(counted(count, [document]))
        return not formats or (all_decimals(decimals) and all_timestamps(stamps))

    return conforms


def _without_arrays(node: Node, inner: list[int], formats: bool) -> Node:
    if isinstance(node.array, Elements) and node.array.node is not None and node == Node(array=node.array):
        return RawArray(array=node.array, formats=formats, judge=_array_judge(node.array, inner, formats=formats))
    if isinstance(node.object, Fields):
        fields = {
            name: replace(entry, node=_without_arrays(entry.node, inner, formats))
            for name, entry in node.object.fields.items()
        }
        return replace(node, object=Fields(fields))
    return node


def _array_judge(array: Elements, inner: list[int], *, formats: bool) -> Callable[[bytes], bool]:
    """Return what judges the text of an array, and notes how many keys its elements have.

    It is cut where an element seems to end and the next to begin. If every piece, put in brackets, is an array of
    such elements, then so is the whole; if one is not, the cut may have been wrong (inside a string, in an inner
    array), so the whole is looked at.
    """
    node = Node(array=array)
    kind, collect, _ = type_of(node)
    decode = msgspec.json.Decoder(kind).decode
    between = _between_elements(array)
    judged = collect if formats else None
    count = count_of(node)

    def keys_of(text: bytes) -> int | None:
        """Return the number of keys; None for a text that does not conform."""
        try:
            document = decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if judged is not None and not formats_hold(judged, [document]):
            return None
        return counted(count, [document])

    def judge(text: bytes) -> bool:
        keys = None
        if len(text) > _WINDOW and between:
            keys = _sum(map(keys_of, _windows(text, between)))
        if keys is None:
            keys = keys_of(text)
        inner.append(keys or 0)
        return keys is not None

    return judge


def _sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _between_elements(array: Elements) -> bytes:
    """Return what probably stands between two elements of an array, as the exchange writes it."""
    node = array.node
    if node is None or (node.object is not None) is (node.array is not None):
        return b""
    if node.array is not None:
        return b"],["
    fields = next(iter(node.object.objects.values())) if isinstance(node.object, Variants) else node.object
    if not isinstance(fields, Fields) or not fields.fields:
        return b""
    return b"},{" + msgspec.json.encode(next(iter(fields.fields)))


def _windows(text: bytes, between: bytes) -> Iterator[bytes]:
    start, width = 0, max(_WINDOW, min(len(text) // 8, _WIDEST))
    while (cut := text.find(between, start + width)) >= 0:
        yield b"%b%b]" % (b"[" if start else b"", text[start : cut + 1])
        start = cut + 2
    yield (b"[" if start else b"") + text[start:]

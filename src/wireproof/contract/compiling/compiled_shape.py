"""Shape -> msgspec type: decoding an answer's bytes into it parses and judges in one pass.

What msgspec cannot say natively is checked afterwards over whole columns: all decimal strings of a document by one
regular expression, all timestamps by their smallest and largest. That no key is named twice is found by counting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from wireproof.contract.compiling.chunks import in_windows
from wireproof.contract.compiling.columns import all_decimals, all_timestamps, formats_hold
from wireproof.contract.compiling.keys import count_of, counted, no_key_repeated
from wireproof.contract.compiling.single import single_judge
from wireproof.contract.compiling.types import forget_types, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wireproof.contract.shape import Node

__all__ = ["Schema", "all_decimals", "all_timestamps"]

_LARGE = 32_768  # bytes of an answer from which on it is judged in windows


class Schema:
    """A compiled shape. `conforms` is the verdict when it says yes; the explanation follows when it says no.

    Answers of more than 32 kB are judged in windows, so that memory does not grow with them: their arrays are left raw
    at first and then decoded piece by piece.
    """

    def __init__(self, node: Node, *, formats: bool = True) -> None:
        """Compile `node`; without `formats`, decimals and timestamps are judged as any string and any integer."""
        self._formats = formats
        self._node = node
        forget_types()
        self._large: Callable[[bytes], bool] | None = None  # compiled on first use: most answers are small
        self._decoder: msgspec.json.Decoder[Any] | None
        try:
            kind, self._collect, _ = type_of(node)
            self._decoder = msgspec.json.Decoder(kind)
        except (TypeError, ValueError):
            # A shape that msgspec has no type for (a key with a quote, two kinds of array): always explained.
            self._decoder = self._collect = None
        if not formats:
            self._collect = None
        self._single = single_judge(node) if self._collect is not None else None
        self._count = count_of(node)
        self._keys = self._count if isinstance(self._count, int) else -1  # of every document, where that is known

    @property
    def compiled(self) -> bool:
        """Whether there is a fast path for this shape."""
        return self._decoder is not None

    def conforms(self, body: bytes) -> bool:
        """Whether these bytes are JSON of this shape, and no key is named twice.

        Raises RecursionError when the document is nested deeper than the interpreter's stack allows.
        """
        if self._decoder is None:
            return False
        if len(body) > _LARGE:
            if self._large is None:
                self._large = in_windows(self._node, formats=self._formats)
            return self._large(body)
        try:
            document = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        if (
            self._collect is not None
            and not (self._single is not None and self._single(document))
            and not formats_hold(self._collect, [document])
        ):
            return False
        keys = self._keys if self._keys >= 0 else counted(self._count, [document])
        return keys == 0 or body.count(b":") == keys or no_key_repeated(body)

    def conform_all(self, bodies: Sequence[bytes]) -> bool:
        """Whether each of several small documents is of this shape: part of a burst of events.

        False may also mean that they cannot be judged together; then each is to be judged on its own.
        """
        lines = b"\n".join(bodies)
        if self._decoder is None or lines.count(b"\n") != len(bodies) - 1:
            return False
        try:
            documents = self._decoder.decode_lines(lines)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if len(documents) != len(bodies) or lines.count(b":") != counted(self._count, documents):
            return False
        return self._collect is None or formats_hold(self._collect, documents)

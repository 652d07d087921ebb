"""What a frame is, before anybody judges it, and the frames that fit nothing that was asked for.

Whatever comes over a connection is accounted for: it is a message of a subscription, an answer to a command, or it is
*unfit*; then it is counted, and the first few are kept.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw, Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Of frames that fit nothing so many are kept of a source, and so many bytes of each; all are counted.
MOST_KEPT, LONGEST_KEPT = 10, 16_384

#: How much of such a frame is shown in a sentence, in characters.
SHOWN = 160

NO_JSON = "it is no JSON"
NO_ENVELOPE = 'it is not {"stream": …, "data": …}'
NO_ANSWER_WANTED = "nobody waited for this answer"

#: Fields that wrap a message of a combined connection.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Connect
ENVELOPE = ("stream", "data")

_BARE_ENVELOPE = len('{"stream":"","data":}')
_LOOKS_LIKE_A_MESSAGE = re.compile(rb'"(?:stream|data|e)"\s*:')


class Sort(Enum):
    """What a frame of a stream connection is."""

    WRAPPED = "wrapped"  # {"stream": "<name>", "data": <message>}
    ANSWER = "answer"  # to a command
    BARE = "bare"  # any other JSON
    NO_JSON = "no-json"


class _Fields(Struct):
    stream: Any = msgspec.UNSET
    data: Raw = Raw()
    e: Any = msgspec.UNSET
    id: Any = msgspec.UNSET
    result: Any = msgspec.UNSET
    error: Any = msgspec.UNSET


_DECODER = msgspec.json.Decoder(_Fields)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it was read. `problem` says how its envelope is not the documented one; empty when it is."""

    sort: Sort
    stream: str = ""
    data: bytes = b""
    id: Any = None
    problem: str = ""


def read_frame(raw: bytes) -> Frame:
    """Return what a frame is. Nothing is judged here, so that reading keeps up."""
    try:
        fields = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Frame(Sort.BARE if is_json(raw) else Sort.NO_JSON)
    data = bytes(fields.data)
    if isinstance(fields.stream, str) and fields.stream and data:
        exact = len(raw) == _BARE_ENVELOPE + len(fields.stream) + len(data)
        return Frame(Sort.WRAPPED, fields.stream, data, problem="" if exact else envelope_problem(raw))
    if fields.stream is msgspec.UNSET and not data and fields.e is msgspec.UNSET:
        said = fields.result is not msgspec.UNSET or fields.error is not msgspec.UNSET
        if said or fields.id is not msgspec.UNSET:
            return Frame(Sort.ANSWER, id=None if fields.id is msgspec.UNSET else fields.id)
    return Frame(Sort.BARE)


def envelope_problem(raw: bytes) -> str:
    """Return how the envelope of a message differs from `{"stream": …, "data": …}`; empty when it does not."""
    try:
        pairs = json.loads(raw, object_pairs_hook=lambda pairs: [name for name, _ in pairs])
    except (ValueError, RecursionError):
        return ""
    further = [name for name in dict.fromkeys(pairs) if name not in ENVELOPE]
    twice = [name for name in ENVELOPE if pairs.count(name) > 1]
    found = [f"it has {_listed(further)} beside `stream` and `data`"] if further else []
    found += [f"it names {_listed(twice)} more than once"] if twice else []
    return " and ".join(found)


def is_json(raw: bytes) -> bool:
    """Whether bytes are JSON of any kind; what is nested too deep to be read is none."""
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


def may_be_answer(raw: bytes) -> bool:
    """Whether a frame that fits nothing could be a spoiled answer: nothing in it is of a message."""
    return _LOOKS_LIKE_A_MESSAGE.search(raw) is None


@dataclass(frozen=True, slots=True)
class Unfit:
    """A frame that fits nothing that was asked for over its connection.

    `reason` is why, as a clause (`it is no JSON`); `stream` the subscription that it can be told to be of, empty when
    it cannot. `raw` is cut at LONGEST_KEPT bytes of `size`.
    """

    raw: bytes = field(repr=False)
    received_at: float
    reason: str
    readable: bool = True  # whether it is JSON
    binary: bool = False
    stream: str = ""
    size: int = 0


def unfit(raw: bytes, received_at: float, reason: str, *, binary: bool = False, stream: str = "") -> Unfit:
    """Return a frame that fits nothing, cut to what is kept."""
    return Unfit(raw[:LONGEST_KEPT], received_at, reason, is_json(raw), binary, stream, len(raw))


class Unfits:
    """The frames of one source that fit nothing: all are counted, the first few kept."""

    def __init__(self) -> None:
        self.count = 0
        self.binary = 0
        self.kept: list[Unfit] = []

    def __bool__(self) -> bool:
        return self.count > 0

    def take(self, frame: Unfit) -> None:
        """Count a frame, and keep it while there are few."""
        self.count += 1
        self.binary += frame.binary
        if len(self.kept) < MOST_KEPT:
            self.kept.append(frame)

    def take_all(self, others: Iterable[Unfit]) -> None:
        """Count further frames."""
        for frame in others:
            self.take(frame)

    def words(self, redact: Callable[[str], str]) -> str:
        """Return a sentence without its end that counts them and shows the first; empty when there is none."""
        if not self.count:
            return ""
        first = self.kept[0]
        frames = "1 frame that fits nothing came" if self.count == 1 else f"{self.count} frames that fit nothing came"
        binary = f" ({self.binary} of them binary)" if self.binary else ""
        return f"{frames}{binary}, first: {shown(first.raw, redact)} ({first.reason})"


def shown(raw: bytes, redact: Callable[[str], str]) -> str:
    """Return a frame as a sentence shows it: redacted, then cut; words for one that is empty."""
    text = redact(raw.decode("utf-8", "replace"))
    return (text if len(text) <= SHOWN else f"{text[:SHOWN]}…") or "an empty frame"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name[:40]}`" for name in names)

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
    from collections.abc import Callable, Sequence

#: Of frames that fit nothing so many are kept of a source, and so many bytes of each; all are counted.
MOST_KEPT, LONGEST_KEPT = 10, 16_384

#: How much of such a frame is shown in a sentence, in characters.
SHOWN = 160

NO_JSON = "it is no JSON"
NO_ENVELOPE = 'it is not {"stream": …, "data": …}'
OTHER_STREAM = "its stream was not subscribed"

#: So many fields beside an envelope's are named.
MOST_NAMED = 5

#: Part of what is said of an envelope that names a field more than once.
NAMED_TWICE = "more than once"

#: Fields that wrap a message of a combined connection.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Connect
ENVELOPE = ("stream", "data")

_BARE_ENVELOPE = len('{"stream":"","data":}')
_LOOKS_LIKE_A_MESSAGE = re.compile(rb'"(?:stream|data|e)"\s*:')


class FrameSort(Enum):
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

    sort: FrameSort
    stream: str = ""
    data: bytes = b""
    id: Any = None
    problem: str = ""


def read_frame(raw: bytes) -> Frame:
    """Return what a frame is. Nothing is judged here, so that reading keeps up."""
    try:
        fields = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Frame(FrameSort.BARE if is_json(raw) else FrameSort.NO_JSON)
    data = bytes(fields.data)
    if isinstance(fields.stream, str) and fields.stream and data:
        exact = len(raw) == _BARE_ENVELOPE + len(fields.stream) + len(data)
        return Frame(FrameSort.WRAPPED, fields.stream, data, problem="" if exact else envelope_problem(raw))
    if fields.stream is msgspec.UNSET and not data and fields.e is msgspec.UNSET:
        said = fields.result is not msgspec.UNSET or fields.error is not msgspec.UNSET
        if said or fields.id is not msgspec.UNSET:
            return Frame(FrameSort.ANSWER, id=None if fields.id is msgspec.UNSET else fields.id)
    return Frame(FrameSort.BARE)


def envelope_problem(raw: bytes) -> str:
    """Return how the envelope of a message differs from `{"stream": …, "data": …}`; empty when it does not."""
    try:
        pairs = json.loads(raw, object_pairs_hook=lambda pairs: [name for name, _ in pairs])
    except (ValueError, RecursionError):
        return ""
    further = [name for name in dict.fromkeys(pairs) if name not in ENVELOPE]
    twice = [name for name in ENVELOPE if pairs.count(name) > 1]
    found = [f"it has {_listed(further)} beside `stream` and `data`"] if further else []
    found += [f"it names {_listed(twice)} {NAMED_TWICE}"] if twice else []
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

    `reason` is why, as a clause (`it is no JSON`). `raw` is cut at LONGEST_KEPT bytes of `size`.
    """

    raw: bytes = field(repr=False)
    received_at: float
    reason: str
    readable: bool = True  # whether it is JSON
    binary: bool = False
    size: int = 0


def unfit(raw: bytes, received_at: float, reason: str, *, binary: bool = False) -> Unfit:
    """Return a frame that fits nothing, cut to what is kept."""
    return Unfit(raw[:LONGEST_KEPT], received_at, reason, is_json(raw), binary, len(raw))


@dataclass(slots=True)
class Alike:
    """Frames that fit nothing for the same reason: how many came, and the first."""

    first: Unfit
    count: int = 0

    def words(self, redact: Callable[[str], str]) -> str:
        """Return a clause that counts them and shows the first."""
        frames = "1 frame that fits nothing came" if self.count == 1 else f"{self.count} frames that fit nothing came"
        kind = "binary, " if self.first.binary else ""
        return f"{frames}, first: {shown(self.first.raw, redact)} ({kind}{self.first.reason})"


class Unfits:
    """The frames of one source that fit nothing: all are counted, the first few kept."""

    def __init__(self) -> None:
        self.kept: list[Unfit] = []
        self.alike: dict[tuple[bool, str], Alike] = {}  # by whether they are JSON, and the reason

    @property
    def count(self) -> int:
        """How many came."""
        return sum(alike.count for alike in self.alike.values())

    def __bool__(self) -> bool:
        return bool(self.alike)

    def take(self, frame: Unfit) -> None:
        """Count a frame, and keep it while there are few."""
        alike = self.alike.setdefault((frame.readable, frame.reason), Alike(frame))
        alike.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(frame)

    def take_all(self, others: Unfits) -> None:
        """Count the frames of another source as well."""
        for key, alike in others.alike.items():
            self.alike.setdefault(key, Alike(alike.first)).count += alike.count
        self.kept = [*self.kept, *others.kept][:MOST_KEPT]

    def words(self, redact: Callable[[str], str]) -> str:
        """Return a clause that counts them and shows the first; empty when there is none."""
        if not self.alike:
            return ""
        first = next(iter(self.alike.values())).first
        return Alike(first, self.count).words(redact)


def shown(raw: bytes, redact: Callable[[str], str]) -> str:
    """Return a frame as a sentence shows it: redacted, then cut; words for one that is empty."""
    text = redact(raw.decode("utf-8", "replace"))
    return (text if len(text) <= SHOWN else f"{text[:SHOWN]}…") or "an empty frame"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(f"`{name[:40]}`" for name in names[:MOST_NAMED]) + more

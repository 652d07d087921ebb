"""What came on one private stream, and whose it is: the events of each cause, and what no cause claims.

Several cases share a private stream. A frame belongs to the cause whose ids, symbol or setting it names, whatever else
is wrong with it: then it is compared, and its difference is found. A spoiled frame only stands in for an event that
did not come as it should; so one that comes beside it accuses nobody of that. No frame is claimed twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from wireproof.drift.finding import Kind
from wireproof.drift.value_paths import values_at
from wireproof.results.model import Misfits
from wireproof.wire.websocket.frames import Unfits, unfit

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from wireproof.contract.model import Watch
    from wireproof.suite.events.cause import Cause
    from wireproof.suite.events.event_frames import EventShapes
    from wireproof.suite.planning.cases import WatchedCase
    from wireproof.wire.websocket.user_stream import StreamEvent, UserStream

#: Why a frame that is fine otherwise is none of the documented ones.
BINARY = "it came in a binary frame"


@dataclass(eq=False)
class Provoked:
    """One cause on a private stream, and the events that were found to be its own, in the order they came.

    `repeats` is how many of them came twice when the case was judged, None before. `is_lacking` says that an event did
    not come.
    """

    case: WatchedCase
    cause: Cause
    since: int
    events: list[StreamEvent] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    misfits: tuple[Misfits, ...] = ()
    repeats: int | None = None
    is_lacking: bool = False

    @property
    def name(self) -> str:
        """The event that the case awaits."""
        return self.case.contract.name

    @property
    def watch(self) -> Watch:
        """What is to come."""
        return self.case.watch


class EventLedger:
    """The frames of one private stream, and the causes that claim them.

    `symbols` and `reasons` are those that are known (of ACCOUNT_UPDATE): an event that names one is of that.
    """

    def __init__(self, stream: UserStream, shapes: EventShapes, reasons: Container[str] = frozenset()) -> None:
        self.stream, self.shapes, self.reasons = stream, shapes, reasons
        self.symbols: Container[str] = frozenset()
        self.causes: list[Provoked] = []
        self.claimed: dict[StreamEvent, Provoked] = {}

    def begin(self, case: WatchedCase, cause: Cause) -> Provoked:
        """Take in a cause before it is triggered; what comes from now on may be its own."""
        cause.awaited = case.contract.name
        provoked = Provoked(case, cause, len(self.stream.received))
        self.causes.append(provoked)
        return provoked

    def is_complete(self, provoked: Provoked) -> bool:
        """Whether all that is to come has come, in whatever order."""
        return not self.lacking(provoked, self._sure(provoked))

    def claim(self, provoked: Provoked, *, stand_ins: bool = False) -> list[StreamEvent]:
        """Return the events of a cause, and hold them for it.

        `stand_ins`: an event that did not come may be one that says of nothing known whose it is.
        """
        sure = self._sure(provoked)
        spoiled = [event for event in sure if not self.is_plain(event)]
        mine = [event for event in sure if self.is_plain(event) or not provoked.watch.sequence]
        if stand_ins:
            spoiled += [event for event in self._free(provoked, sure) if self._may_be(provoked, event)]
        lacking = self.lacking(provoked, mine)
        for wanted in (self._shows, self._is_any) if stand_ins else (self._shows,):
            for fields in list(lacking):
                found = next((event for event in spoiled if event not in mine and wanted(event, fields)), None)
                if found is not None:
                    mine.append(found)
                    lacking.remove(fields)
        provoked.events = [event for event in self._came(provoked) if event in mine]
        self.claimed.update(dict.fromkeys(provoked.events, provoked))
        return provoked.events

    def documents(self, events: Iterable[StreamEvent]) -> list[Any]:
        """Return the events in frames, None where there is none to be read."""
        return [self.shapes.read(event).document for event in events]

    def unfit(self, provoked: Provoked) -> Unfits:
        """Return the frames that fit nothing and came since a cause began: of no event, claimed by nobody."""
        found = Unfits()
        for event in self._came(provoked):
            frame = self.shapes.read(event)
            if frame.problem and not frame.name and not frame.event_type and event not in self.claimed:
                found.take(unfit(event.raw, event.received_at, frame.problem, binary=event.binary))
        return found

    def late(self, provoked: Provoked) -> list[StreamEvent]:
        """Return the events of a cause, those that came once its case was judged as well."""
        return [event for event in self._sure(provoked) if self.is_plain(event) or event in provoked.events]

    def _came(self, provoked: Provoked) -> Sequence[StreamEvent]:
        return self.stream.received[provoked.since :]

    def is_plain(self, event: StreamEvent) -> bool:
        """Whether a frame is a documented event as it came."""
        return not self.shapes.read(event).problem

    def _sure(self, provoked: Provoked) -> list[StreamEvent]:
        """Return the frames that are of this cause and of its case's event beyond doubt."""
        return [event for event in self._came(provoked) if self.is_of(provoked, event)]

    def is_of(self, provoked: Provoked, event: StreamEvent) -> bool:
        """Whether a frame is of a cause and of the event that its case awaits, beyond doubt."""
        frame = self.shapes.read(event)
        if frame.name != provoked.name:
            return False
        if frame.document is not None and provoked.cause.is_of({**frame.document, "e": frame.name}):
            return True
        return provoked.cause.is_named_in(event.raw, numbers=bool(frame.problem))

    def _free(self, provoked: Provoked, sure: Sequence[StreamEvent]) -> list[StreamEvent]:
        """Return the frames that are of no cause beyond doubt."""
        others = [one for one in self.causes if one is not provoked]
        return [
            event
            for event in self._came(provoked)
            if event not in sure and event not in self.claimed and not any(self.is_of(one, event) for one in others)
        ]

    def _may_be(self, provoked: Provoked, event: StreamEvent) -> bool:
        """Whether a frame may be the event of a cause that did not come."""
        frame = self.shapes.read(event)
        if not frame.name:
            return bool(frame.problem) and provoked.cause.is_named_in(event.raw, numbers=True)
        if frame.name != provoked.name or frame.document is None:
            return False
        return provoked.cause.resembles({**frame.document, "e": frame.name}, self.symbols, self.reasons)

    def lacking(self, provoked: Provoked, events: Sequence[StreamEvent]) -> list[Mapping[str, Any]]:
        """Return what is to come and is not among these events."""
        left = list(events)
        lacking: list[Mapping[str, Any]] = []
        for fields in provoked.watch.sequence:
            found = next((event for event in left if self._shows(event, fields)), None)
            if found is None:
                lacking.append(fields)
            else:
                left.remove(found)
        return lacking

    def _shows(self, event: StreamEvent, fields: Mapping[str, Any]) -> bool:
        return shows(self.shapes.read(event).document, fields)

    @staticmethod
    def _is_any(_event: StreamEvent, _fields: Mapping[str, Any]) -> bool:
        return True


def shows(event: Any, fields: Mapping[str, Any]) -> bool:
    """Whether an event has these values at these generalised paths."""
    return all(value in list(values_at(event, path)) for path, value in fields.items())


def other_than_done(provoked: Provoked, documents: Sequence[Any]) -> tuple[Misfits, ...]:
    """Return what the events of a cause say otherwise than it was done, each place once."""
    found: dict[str, Misfits] = {}
    for document in documents:
        if not isinstance(document, dict):
            continue
        for path, wanted, came in provoked.cause.others({**document, "e": provoked.name}):
            known = found.get(path)
            if known is None:
                found[path] = Misfits(
                    kind=Kind.VALUE_CHANGED.value, sentence=came, path=path, expected=wanted, of=len(documents)
                )
            else:
                known.count += 1
    return tuple(found.values())


def repeats(documents: Iterable[Any]) -> int:
    """Return how many of these events came before, apart from the time of sending."""
    seen = Counter(map(_apart_from_its_time, documents))
    return sum(number - 1 for number in seen.values())


def _apart_from_its_time(event: Any) -> object:
    """Return what two events have in common that are the same one, sent twice."""
    if not isinstance(event, dict):
        return object()
    try:
        return orjson.dumps({**event, "E": 0}, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return object()  # nested deeper than can be written: it is a finding anyway, and like no other

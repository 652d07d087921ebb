"""Sends each stream to whoever subscribed it: an event is written once and its bytes go to every reader.

A reader that does not keep up is cut off, so that it neither holds others up nor fills the memory.
"""

from __future__ import annotations

from collections import Counter, deque
from functools import partial
from struct import pack
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from wireproof.venue.base.eras import TODAY
from wireproof.venue.base.faults import Faults
from wireproof.venue.streams.named_streams import AT_ONCE, NamedStream, StreamRoot, StreamSource
from wireproof.venue.streams.struck_events import StruckEvents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.venue.base.eras import Era
    from wireproof.venue.base.turns import Turns

BEAT_MS = 50  # half of the shortest cadence of a market stream
TURNS_A_BEAT = 40  # for all streams together: some fifteen milliseconds
MOST_LATE = 2_000  # late beats that are remembered
MOST_BEHIND = 4 * 1024 * 1024  # bytes that a reader may leave unread
TEXT, PING = 0x81, 0x89


def framed(payload: bytes, kind: int = TEXT) -> bytes:
    """Return `payload` as one unmasked WebSocket frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((kind, size)) + payload
    if size < 65_536:
        return pack("!BBH", kind, 126, size) + payload
    return pack("!BBQ", kind, 127, size) + payload


class Wire(Protocol):
    """Where a reader's bytes go."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be sent."""

    def is_closing(self) -> bool:
        """Whether the connection is gone or going."""

    def abort(self) -> None:
        """Break the connection."""


class Reader:
    """One connection: what it subscribed, whether it wants envelopes, and the frames on their way to it.

    `root` says which streams are carried (others are silent), `sources` which products' they may be.
    """

    def __init__(self, wire: Wire, root: StreamRoot, sources: Iterable[StreamSource], *, combined: bool) -> None:
        self.wire, self.root, self.sources, self.combined = wire, root, list(sources), combined
        self.names: dict[str, None] = {}
        self._waiting: list[bytes] = []

    def take(self, frame: bytes) -> None:
        """Queue a frame."""
        self._waiting.append(frame)

    def flush(self) -> None:
        """Send what is queued, in one go; cut the reader off when it is too far behind."""
        if not self._waiting:
            return
        data, self._waiting = b"".join(self._waiting), []
        if self.wire.is_closing():
            return
        if self.wire.get_write_buffer_size() + len(data) > MOST_BEHIND:
            self.wire.abort()
            return
        self.wire.write(data)


class Record:
    """What the venue knows of itself: how many events each stream had, sent or not, and when it was late.

    A test that finds a stream silent, or late, asks here whether it was the stream or the machine.
    """

    def __init__(self) -> None:
        self.published: Counter[str] = Counter()
        self.beats = 0
        self._last: int | None = None
        self._late: deque[tuple[int, int]] = deque(maxlen=MOST_LATE)

    def beat(self, now: int) -> None:
        """Note a beat, and by how much it came late."""
        late = 0 if self._last is None else now - self._last - BEAT_MS
        if late >= BEAT_MS:
            self._late.append((now, late))
        self.beats, self._last = self.beats + 1, now

    def view(self) -> dict[str, Any]:
        """Return the record as the control route shows it."""
        late = [{"at": at, "ms": ms} for at, ms in self._late]
        return {"beats": self.beats, "late": late, "published": dict(sorted(self.published.items()))}


class Hub:
    """Streams that somebody reads, and when they are due; a name means the same for all who know it.

    `now` tells the time in milliseconds; `soon` runs a function once the engine is done; `era` says what there was.
    """

    def __init__(
        self,
        now: Callable[[], int],
        soon: Callable[[Callable[[], None]], object] | None = None,
        faults: Faults | None = None,
        era: Era = TODAY,
    ) -> None:
        self.now, self._era = now, era
        self._faults = faults or Faults()
        self._struck = StruckEvents(self._faults)
        self._soon = soon
        self._streams: dict[str, NamedStream] = {}
        self._readers: dict[str, dict[Reader, None]] = {}
        self._by_period: dict[int, dict[str, NamedStream]] = {}
        self._beats: dict[int, int] = {}
        self._preparing: dict[str, Turns[None]] = {}
        self._wanted: set[int] = set()  # ids of subjects that somebody reads at once
        self._flushing = False
        self.sent = 0
        self.record = Record()

    # subscriptions

    def subscribe(self, reader: Reader, name: str) -> None:
        """Subscribe a name; an unknown one, or one of another root, stays silent."""
        if name in reader.names:
            return
        reader.names[name] = None
        stream = self._streams.get(name) or _known(reader.sources, name)
        if not self._era.offers_stream(name):
            return
        if stream is None or stream.source not in reader.sources or not reader.root.carries(stream):
            return
        if name not in self._streams:
            self._streams[name] = stream
            if stream.before is None:
                self._begin(name, stream)
            else:
                self._preparing[name] = stream.before
        self._readers.setdefault(name, {})[reader] = None

    def unsubscribe(self, reader: Reader, name: str) -> None:
        """Take a subscription back; one that never was is no error."""
        reader.names.pop(name, None)
        readers = self._readers.get(name)
        if readers is None:
            return
        readers.pop(reader, None)
        if not readers:
            del self._readers[name]
            stream = self._streams.pop(name)
            if self._preparing.pop(name, None) is None:
                del self._by_period[stream.period][name]
                self._note_wanted()

    def _begin(self, name: str, stream: NamedStream) -> None:
        self._by_period.setdefault(stream.period, {})[name] = stream
        self._note_wanted()

    def _prepare(self) -> None:
        """Do some turns of what streams need before their first payload."""
        for _ in range(TURNS_A_BEAT):
            name = next(iter(self._preparing), None)
            if name is None:
                return
            work = self._preparing.pop(name)
            if next(work, name) is None:  # a turn; another stream has the next one
                self._preparing[name] = work
            else:
                self._begin(name, self._streams[name])

    def leave(self, reader: Reader) -> None:
        """Take all subscriptions of a reader back."""
        for name in list(reader.names):
            self.unsubscribe(reader, name)

    def _note_wanted(self) -> None:
        self._wanted = {id(one.subject) for one in self._by_period.get(AT_ONCE, {}).values()}

    @property
    def active(self) -> int:
        """Return how many streams somebody reads."""
        return len(self._streams)

    # sending

    def beat(self) -> None:
        """Send what is due."""
        now = self.now()
        self.record.beat(now)
        self._prepare()
        touched: dict[Reader, None] = {}
        for period, streams in self._by_period.items():
            if period == AT_ONCE:
                self._send(streams, now, touched)
            elif now // period != self._beats.get(period):
                self._beats[period] = now // period
                self._send(streams, now, touched)
        for reader in touched:
            reader.flush()

    def _flush(self) -> None:
        self._flushing = False
        touched: dict[Reader, None] = {}
        self._send(self._by_period.get(AT_ONCE, {}), self.now(), touched)
        for reader in touched:
            reader.flush()

    def _send(self, streams: dict[str, NamedStream], now: int, touched: dict[Reader, None]) -> None:
        for name, stream in streams.items():
            readers = self._readers[name]
            raws = [orjson.dumps(self._era.shown_on_stream(name, payload)) for payload in stream.produce(now)]
            if raws:
                self.record.published[name] += len(raws)
            if self._faults.any:
                if self._faults.muted(name):
                    continue
                raws = [struck for raw in raws for struck in self._struck.of(name, raw, partial(self._cut, readers))]
            for raw in raws:
                bare = wrapped = b""
                for reader in readers:
                    if reader.combined:
                        wrapped = wrapped or framed(b'{"stream":' + orjson.dumps(name) + b',"data":' + raw + b"}")
                        reader.take(wrapped)
                    else:
                        bare = bare or framed(raw)
                        reader.take(bare)
                    touched[reader] = None
                self.sent += len(readers)

    @staticmethod
    def _cut(readers: Iterable[Reader]) -> None:
        for reader in readers:
            reader.wire.abort()

    def hurry(self, subject: object) -> None:
        """Send at once what somebody wants of a subject."""
        if self._soon is not None and not self._flushing and id(subject) in self._wanted:
            self._flushing = True
            self._soon(self._flush)


def _known(sources: Iterable[StreamSource], name: str) -> NamedStream | None:
    for source in sources:
        found = source.stream(name)
        if found is not None:
            found.source = source
            return found
    return None

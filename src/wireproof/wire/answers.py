"""Which request does a frame answer? Well-behaved peers echo the id; this also copes with the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from wireproof.bounds import excess

if TYPE_CHECKING:
    from collections.abc import Callable

SHOWN_CHARS = 500

Key = tuple[str, str | int]


class Envelope(msgspec.Struct, rename={"rate_limits": "rateLimits"}):
    """The parts of an answer that say whose it is; the result is skipped, not decoded."""

    id: Any = msgspec.UNSET
    status: Any = None
    error: Any = None
    rate_limits: Any = None
    event: Any = None
    e: Any = None

    @property
    def status_code(self) -> int | None:
        """The status, or None when there is no integer."""
        return self.status if isinstance(self.status, int) and not isinstance(self.status, bool) else None

    @property
    def is_shutdown(self) -> bool:
        """Whether this is the event that announces the end of the connection."""
        name = self.event.get("e") if isinstance(self.event, dict) else self.e
        return self.id is msgspec.UNSET and name == "serverShutdown"


_decoder = msgspec.json.Decoder(Envelope)


def envelope_of(raw: bytes) -> Envelope | None:
    """Return the envelope of a frame, or None when it is no JSON object."""
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """A frame that answers a request."""

    raw: bytes
    envelope: Envelope
    received_at: float
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection dropped before an answer came."""

    reason: str


@dataclass(slots=True, eq=False)
class Pending:
    """A request that was written and is not answered yet."""

    id: str | int
    method: str
    outcome: asyncio.Future[Answer | Dropped]

    @property
    def key(self) -> Key:
        """What tells ids apart: "1" and 1 are two."""
        return type(self.id).__name__, self.id


@dataclass(slots=True)
class _Orphan:
    """A frame that fits no request, or more than one: those it may belong to."""

    answer: Answer
    problem: str
    candidates: set[Key] = field(default_factory=set)


class Ledger:
    """The requests under way on one session, and what came in that fits none of them.

    `shown` turns a frame into text that may be shown (redacted).
    """

    def __init__(self, shown: Callable[[str], str]) -> None:
        self._shown = shown
        self._pending: dict[Key, Pending] = {}
        self._past: dict[Key, tuple[str, bool]] = {}  # method, whether it was answered
        self._open_orphans: list[_Orphan] = []
        self.orphans: list[str] = []
        self.duplicates: dict[str | int, list[str]] = {}
        self.late: dict[str | int, str] = {}
        self.violations: list[str] = []
        self.idle = asyncio.Event()
        self.idle.set()

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, request_id: str | int, method: str) -> Pending:
        """Enter a request that is about to be written; ValueError when one of the same id is under way."""
        if (type(request_id).__name__, request_id) in self._pending:
            raise ValueError(f"a request with id {request_id!r} is under way")
        pending = Pending(request_id, method, asyncio.get_running_loop().create_future())
        self._pending[pending.key] = pending
        self._past.pop(pending.key, None)
        self.idle.clear()
        return pending

    def forget(self, pending: Pending) -> None:
        """Strike a request out: answered, timed out, dropped or cancelled."""
        if self._pending.pop(pending.key, None) is not None:
            self._past[pending.key] = (pending.method, False)
        if not self._pending:
            self.idle.set()

    def drop_all(self, reason: str) -> None:
        """Tell every request under way that the connection is gone."""
        for pending in list(self._pending.values()):
            if not pending.outcome.done():
                pending.outcome.set_result(Dropped(reason))
            self.forget(pending)
        self._open_orphans.clear()

    def take(self, raw: bytes, envelope: Envelope | None, received_at: float, *, binary: bool = False) -> bool:
        """Give a frame to the request it answers; whether there was one."""
        notes = ("The answer came in a binary frame; the protocol says one JSON object per text frame.",)
        answer = Answer(raw, envelope or Envelope(), received_at, notes if binary else ())
        if envelope is None:
            return self._take_unreadable(answer)
        if envelope.id is msgspec.UNSET or envelope.id is None:
            what = "no id" if envelope.id is msgspec.UNSET else "id null"
            return self._take_only(answer, f"The answer has {what} instead of the request's id.")
        key = (type(envelope.id).__name__, envelope.id)
        if not isinstance(envelope.id, str | int | float | bool):
            self._orphan(answer, "A frame came whose id is neither a string nor a number.", set())
            return False
        if (pending := self._pending.get(key)) is not None:
            self._deliver(pending, answer)
            return True
        return self._take_misnamed(answer, key)

    def _take_misnamed(self, answer: Answer, key: Key) -> bool:
        text = _id_text(key[1])
        same = [pending for pending in self._pending.values() if _id_text(pending.id) == text]
        if len(same) == 1:
            sent, got = type(same[0].id).__name__, key[0]
            self._deliver(same[0], answer, f"The request's id came back as {_NAMES[got]}; {_NAMES[sent]} was sent.")
            return True
        if key in self._past:
            self._again(answer, key)
            return False
        self._orphan(answer, "An answer came with an id that was never sent.", set())
        return False

    def _take_unreadable(self, answer: Answer) -> bool:
        over = excess(answer.raw)
        problem = f"The answer has {over}." if over else "The answer is no JSON object."
        named = [
            p for p in self._pending.values() if len(_id_text(p.id)) >= 8 and _id_text(p.id).encode() in answer.raw
        ]
        if len(named) == 1:
            self._deliver(named[0], answer, problem)
            return True
        return self._take_only(answer, problem)

    def _take_only(self, answer: Answer, problem: str) -> bool:
        if len(self._pending) == 1:
            self._deliver(next(iter(self._pending.values())), answer, problem)
            return True
        self._orphan(answer, problem, set(self._pending))
        return False

    def _deliver(self, pending: Pending, answer: Answer, *violations: str) -> None:
        complete = Answer(answer.raw, answer.envelope, answer.received_at, (*answer.violations, *violations))
        if not pending.outcome.done():
            pending.outcome.set_result(complete)
        self.forget(pending)
        self._past[pending.key] = (pending.method, True)
        self._narrow(pending.key)

    def _narrow(self, answered: Key) -> None:
        """Give an orphan that could have belonged to several requests to the last of them that has no answer."""
        for orphan in list(self._open_orphans):
            orphan.candidates.discard(answered)
            is_open = any(one is orphan for one in self._open_orphans)  # no more, when what it answers narrowed it, too
            if len(orphan.candidates) > 1 or not is_open:
                continue
            self._open_orphans = [one for one in self._open_orphans if one is not orphan]
            for key in orphan.candidates:
                if (pending := self._pending.get(key)) is not None:
                    self._deliver(pending, orphan.answer, orphan.problem)

    def _again(self, answer: Answer, key: Key) -> None:
        method, answered = self._past[key]
        shown = self._text(answer.raw)
        if answered:
            self.duplicates.setdefault(key[1], []).append(shown)
            self.violations.append(f"{method} (id {key[1]}) was answered again: {shown}")
        else:
            self._past[key] = (method, True)
            self.late[key[1]] = shown

    def _orphan(self, answer: Answer, problem: str, candidates: set[Key]) -> None:
        shown = self._text(answer.raw)
        self.orphans.append(shown)
        self.violations.append(f"{problem} The frame: {shown}")
        if candidates:
            self._open_orphans.append(_Orphan(answer, problem, candidates))

    def _text(self, raw: bytes) -> str:
        return self._shown(raw.decode("utf-8", "replace"))[:SHOWN_CHARS]


_NAMES = {"str": "a string", "int": "a number", "float": "a number with a point or exponent", "bool": "a boolean"}


def _id_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

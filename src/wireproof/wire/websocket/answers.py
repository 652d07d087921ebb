"""Which request does a frame answer? Well-behaved peers echo the id; this also copes with the others.

A frame whose id was never sent may answer any request that was under way when it came. It is kept until those that it
does not answer have their own answers, and until nothing else can come for the last one; then it is that one's, and a
violation. Where several are left for several such frames, content tells them apart, or nobody can.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import msgspec

from wireproof.bounds import excess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SHOWN_CHARS = 500
BEGINNING_CHARS = 60  # of a frame in a sentence when it is no answer: no more, since what it carries may be private

#: How many frames are kept that may still be an answer, and how many that were none.
MOST_ORPHANS, MOST_SHOWN = 1000, 20

#: A text this long in a frame is no coincidence: an id, or what a request named its order.
TELLING_CHARS = 8

Key = tuple[str, str | int]


class AnswerEnvelope(msgspec.Struct, rename={"rate_limits": "rateLimits"}):
    """The parts of an answer that say whose it is; the result is skipped, not decoded."""

    id: Any = msgspec.UNSET
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
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
    def is_answer(self) -> bool:
        """Whether it looks like an answer at all, whosever it is."""
        return self.result is not msgspec.UNSET or self.status is not None or self.error is not None

    @property
    def is_shutdown(self) -> bool:
        """Whether this is the event that announces the end of the connection."""
        name = self.event.get("e") if isinstance(self.event, dict) else self.e
        return self.id is msgspec.UNSET and name == "serverShutdown"


_decoder = msgspec.json.Decoder(AnswerEnvelope)


def envelope_of(raw: bytes) -> AnswerEnvelope | None:
    """Return the envelope of a frame, or None when it is no JSON object."""
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class MatchedAnswer:
    """A frame that answers a request."""

    raw: bytes
    envelope: AnswerEnvelope
    received_at: float
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection dropped before an answer came."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Answers came with ids that nobody sent; one of them may be this request's. `frames` are they, in brief."""

    frames: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Pending:
    """A request that was written and is not answered yet; `clues` are texts that its answer alone would repeat."""

    id: str | int
    method: str
    outcome: asyncio.Future[MatchedAnswer | Dropped | Unmatched]
    clues: frozenset[str] = frozenset()

    @property
    def key(self) -> Key:
        """What tells ids apart: "1" and 1 are two."""
        return type(self.id).__name__, self.id


class _Past(Enum):
    """What became of a request that is no longer under way."""

    UNANSWERED = auto()
    ANSWERED = auto()
    GUESSED = auto()  # given an answer that does not name it: its own may still come


@dataclass(slots=True, eq=False)
class _Orphan:
    """A frame that fits no request, or more than one: those it may belong to.

    `is_ripe` says that the last request that is left for it may have it: nothing else can come for that one any more.
    `is_doubtful` says that it may as well belong to one that is no longer under way and was never answered: it is given
    to nobody just because nobody else is left. `repeats` is its id when an earlier request had that one. `is_named`
    says that a request without an answer names it.
    """

    answer: MatchedAnswer
    problem: str
    brief: str
    candidates: set[Key]
    is_ripe: bool
    is_doubtful: bool = False
    is_named: bool = False
    repeats: str | int | None = None


class Ledger:
    """The requests under way on one session, and what came in that fits none of them.

    `shown` turns a frame into text that may be shown (redacted).
    """

    def __init__(self, shown: Callable[[str], str]) -> None:
        self._shown = shown
        self._pending: dict[Key, Pending] = {}
        self._past: dict[Key, tuple[str, _Past]] = {}  # method, what became of it
        self._open_orphans: list[_Orphan] = []
        self.orphans: list[str] = []
        self.unclaimed = 0  # frames that were no request's answer
        self._unclaimed: list[tuple[str, bytes, float]] = []
        self.duplicates: dict[str | int, list[str]] = {}
        self.late: dict[str | int, str] = {}
        self.violations: list[str] = []
        self.idle = asyncio.Event()
        self.idle.set()

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, request_id: str | int, method: str, params: Mapping[str, Any] | None = None) -> Pending:
        """Enter a request that is about to be written; ValueError when one of the same id is under way."""
        if (type(request_id).__name__, request_id) in self._pending:
            raise ValueError(f"a request with id {request_id!r} is under way")
        outcome: asyncio.Future[MatchedAnswer | Dropped | Unmatched] = asyncio.get_running_loop().create_future()
        pending = Pending(request_id, method, outcome, _clues(params or {}))
        self._pending[pending.key] = pending
        self._past.pop(pending.key, None)
        self.idle.clear()
        return pending

    def forget(self, pending: Pending) -> None:
        """Strike a request out: answered, timed out, dropped or cancelled."""
        if pending.key in self._pending:
            self._strike(pending, _Past.UNANSWERED)

    def _strike(self, pending: Pending, past: _Past) -> None:
        self._pending.pop(pending.key, None)
        self._past[pending.key] = (pending.method, past)
        if past is _Past.UNANSWERED:
            for orphan in self._open_orphans:
                orphan.is_doubtful |= pending.key in orphan.candidates
        if not self._pending:
            self.idle.set()

    def drop_all(self, reason: str) -> None:
        """Tell every request under way that the connection is gone."""
        self.unsettled()
        for pending in list(self._pending.values()):
            if not pending.outcome.done():
                pending.outcome.set_result(Dropped(reason))
            self.forget(pending)
        self._open_orphans.clear()

    def take(self, raw: bytes, envelope: AnswerEnvelope | None, received_at: float, *, binary: bool = False) -> bool:
        """Give a frame to the request it answers; whether there was one."""
        notes = ("The answer came in a binary frame; the protocol says one JSON object per text frame.",)
        answer = MatchedAnswer(raw, envelope or AnswerEnvelope(), received_at, notes if binary else ())
        if envelope is None:
            return self._take_unreadable(answer)
        if envelope.id is msgspec.UNSET or envelope.id is None:
            what = "no id" if envelope.id is msgspec.UNSET else "id null"
            problem = f"The answer has {what} instead of the request's id."
            if self._take_named(answer, problem):
                return True
            return self._take_only(answer, self._with_frame(problem, answer), is_answer=envelope.is_answer)
        known = isinstance(envelope.id, str | int | float | bool)
        key = (type(envelope.id).__name__, envelope.id)
        if known and (pending := self._pending.get(key)) is not None:
            self._deliver(pending, answer)
            return True
        return self._take_misnamed(answer, key, known=known)

    def _take_misnamed(self, answer: MatchedAnswer, key: Key, *, known: bool) -> bool:
        text = _id_text(key[1])
        same = [pending for pending in self._pending.values() if known and _id_text(pending.id) == text]
        if len(same) == 1:
            sent, got = type(same[0].id).__name__, key[0]
            problem = f"The request's id came back as {_NAMES[got]}; {_NAMES[sent]} was sent."
            self._deliver(same[0], answer, self._with_frame(problem, answer))
            return True
        if known and key in self._past:
            self._again(answer, key)
            return False
        problem = "The request's id came back altered." if known else f"The request's id came back as {_NAMES[key[0]]}."
        if self._take_named(answer, problem, text):
            return True
        problem = self._with_frame("The answer came with an id that was never sent.", answer)
        self._orphan(answer, problem, set(self._pending), is_ripe=False)
        return False

    def _take_unreadable(self, answer: MatchedAnswer) -> bool:
        over = excess(answer.raw)
        problem = f"The answer has {over}." if over else "The answer is no JSON object."
        named = self._named(answer.raw)
        if named is not None:
            self._deliver(named, answer, problem)
            return True
        return self._take_only(answer, problem, is_answer=True)

    def _take_named(self, answer: MatchedAnswer, problem: str, text: str = "") -> bool:
        """Give a frame to the one request whose id it holds elsewhere, or whose id its own is a part of."""
        named = self._named(answer.raw, text)
        if named is None:
            return False
        self._deliver(named, answer, self._with_frame(problem, answer))
        return True

    def _take_only(self, answer: MatchedAnswer, problem: str, *, is_answer: bool) -> bool:
        if len(self._pending) == 1 and is_answer:
            self._deliver(next(iter(self._pending.values())), answer, problem)
            return True
        self._orphan(answer, problem, set(self._pending), is_ripe=is_answer)
        return False

    def _named(self, raw: bytes, text: str = "") -> Pending | None:
        """Return the one request whose id a frame holds, or of whose id `text` is a part; case does not count."""
        inside, text = raw.lower(), text.lower()
        found = []
        for pending in self._pending.values():
            sent = str(pending.id).lower() if isinstance(pending.id, str) else ""
            if len(sent) >= TELLING_CHARS and (
                sent.encode() in inside or (len(text) >= TELLING_CHARS and text in sent)
            ):
                found.append(pending)
        return found[0] if len(found) == 1 else None

    def _deliver(self, pending: Pending, answer: MatchedAnswer, *violations: str, guessed: bool = False) -> None:
        complete = MatchedAnswer(answer.raw, answer.envelope, answer.received_at, (*answer.violations, *violations))
        self._end(pending, complete, _Past.GUESSED if guessed else _Past.ANSWERED)
        self._narrow(pending.key)

    def _end(self, pending: Pending, outcome: MatchedAnswer | Unmatched, past: _Past) -> None:
        if not pending.outcome.done():
            pending.outcome.set_result(outcome)
        self._strike(pending, past)

    def _narrow(self, answered: Key) -> None:
        """Give an orphan that could have belonged to several requests to the last of them that has no answer."""
        for orphan in list(self._open_orphans):
            orphan.candidates.discard(answered)
        while self._give_to_the_last():
            pass  # what is given narrows the others

    def _give_to_the_last(self) -> bool:
        for orphan in list(self._open_orphans):
            left = self._left(orphan)
            if not left:
                self._let_go(orphan)
            elif len(left) == 1 and orphan.is_ripe and not orphan.is_doubtful:
                self._give(orphan, left[0])
                return True
        return False

    def _left(self, orphan: _Orphan) -> list[Pending]:
        """Return the requests under way that an orphan may still belong to."""
        return [self._pending[key] for key in orphan.candidates if key in self._pending]

    def _give(self, orphan: _Orphan, pending: Pending) -> None:
        self._open_orphans.remove(orphan)
        self._deliver(pending, orphan.answer, orphan.problem, guessed=True)
        if orphan.repeats is not None:
            self.duplicates.pop(orphan.repeats, None)

    # -- frames that nobody sent for ------------------------------------------------------------------------------

    def unsettled(self) -> list[_Orphan]:
        """Return the orphans that some request under way may be waiting for."""
        for orphan in list(self._open_orphans):
            if not self._left(orphan):
                self._let_go(orphan)
        return list(self._open_orphans)

    def first_unclaimed(self) -> list[tuple[str, bytes, float]]:
        """Return the first frames that were no request's answer: in brief, as they came, and when."""
        self.unsettled()
        return list(self._unclaimed)

    def _let_go(self, orphan: _Orphan) -> None:
        self._open_orphans.remove(orphan)
        if not orphan.is_named and not orphan.is_doubtful and orphan.repeats is None:
            self.unclaimed += 1
            if len(self._unclaimed) < MOST_SHOWN:
                self._unclaimed.append((orphan.brief, orphan.answer.raw, orphan.answer.received_at))

    def settle(self, orphans: Iterable[_Orphan]) -> None:
        """Give orphans to the requests that they must have answered: what was sent before them is answered by now.

        Where there are as many orphans as requests that have no answer, and nothing tells whose each is, no answer will
        come: these requests end as `Unmatched`.
        """
        for orphan in orphans:
            orphan.is_ripe = True
        while self._give_to_the_last() or self._give_by_content():
            pass
        ripe = [orphan for orphan in self.unsettled() if orphan.is_ripe]
        left = {pending.key: pending for orphan in ripe for pending in self._left(orphan)}
        if sum(not orphan.is_doubtful for orphan in ripe) < len(left):
            return
        refusals = {_refusal_of(orphan.answer.envelope) for orphan in ripe}
        if len(refusals) == 1 and refusals != {""}:  # as after a key was revoked: whose each is makes no difference
            while self._give_any():
                pass
            return
        for pending in left.values():
            self._end(pending, Unmatched(self._suspects(pending)), _Past.GUESSED)

    def _give_any(self) -> bool:
        """Give the first ripe orphan to any request that is left for it: all of them say the same."""
        for orphan in self.unsettled():
            if orphan.is_ripe and not orphan.is_doubtful:
                self._give(orphan, self._left(orphan)[0])
                return True
        return False

    def expire(self, pending: Pending) -> None:
        """Give a request whose time is over the frame that it alone is left for, or end it as `Unmatched`.

        Nothing happens when no frame came that may be its answer.
        """
        mine = [orphan for orphan in self._open_orphans if pending.key in orphan.candidates]
        if len(mine) == 1 and len(self._left(mine[0])) == 1 and not mine[0].is_doubtful:
            self._give(mine[0], pending)
        elif mine:
            self._end(pending, Unmatched(self._suspects(pending)), _Past.UNANSWERED)

    def _suspects(self, pending: Pending) -> tuple[str, ...]:
        """Return, in brief, the frames that may be the answer to a request but do not name it."""
        mine = [orphan for orphan in self._open_orphans if pending.key in orphan.candidates]
        for orphan in mine:
            orphan.is_named = True
        return tuple(orphan.brief for orphan in mine)

    def _give_by_content(self) -> bool:
        for orphan in list(self._open_orphans):
            raw = orphan.answer.raw
            repeating = [one for one in self._left(orphan) if any(clue.encode() in raw for clue in one.clues)]
            if len(repeating) == 1 and orphan.is_ripe:
                self._give(orphan, repeating[0])
                return True
        return False

    def _again(self, answer: MatchedAnswer, key: Key) -> None:
        method, past = self._past[key]
        shown = self._text(answer.raw)
        if past is _Past.ANSWERED:
            self.duplicates.setdefault(key[1], []).append(shown)
            self.violations.append(f"{method} (id {key[1]}) was answered again: {shown}")
            if self._pending:  # one of these may have been answered with an id that is not its own
                problem = self._with_frame("The answer came with the id of an earlier request.", answer)
                waiting = set(self._pending)
                orphan = _Orphan(answer, problem, self._brief(answer), waiting, is_ripe=False, repeats=key[1])
                self._open_orphans.append(orphan)
        else:
            self._past[key] = (method, _Past.ANSWERED)
            self.late[key[1]] = shown

    def _orphan(self, answer: MatchedAnswer, problem: str, candidates: set[Key], *, is_ripe: bool) -> None:
        if len(self.orphans) < MOST_ORPHANS:
            self.orphans.append(self._text(answer.raw))
            self.violations.append(problem)
        orphan = _Orphan(answer, problem, self._brief(answer), candidates, is_ripe)
        self._open_orphans.append(orphan)
        if len(self._open_orphans) > MOST_ORPHANS:
            self._let_go(orphan)

    def _with_frame(self, problem: str, answer: MatchedAnswer) -> str:
        """Return a sentence with the frame that it is about, in brief."""
        return f"{problem} The frame: {self._brief(answer)}"

    def _brief(self, answer: MatchedAnswer) -> str:
        """Return a frame without what it carries, which may be private: id, status and error."""
        envelope = answer.envelope
        if not envelope.is_answer and envelope.id is msgspec.UNSET:
            return self._text(answer.raw)[:BEGINNING_CHARS]
        parts = [] if envelope.id is msgspec.UNSET else [f'"id":{self._part(envelope.id, 60)}']
        parts += [f'"status":{self._part(envelope.status, 20)}'] if envelope.status is not None else []
        parts += [f'"error":{self._part(envelope.error, 120)}'] if envelope.error is not None else []
        parts += ['"result":…'] if envelope.result is not msgspec.UNSET else []
        return "{" + ",".join(parts) + "}"

    def _part(self, value: object, longest: int) -> str:
        text = self._shown(msgspec.json.encode(value).decode())
        return text if len(text) <= longest else f"{text[:longest]}…"

    def _text(self, raw: bytes) -> str:
        return self._shown(raw.decode("utf-8", "replace"))[:SHOWN_CHARS]


_NAMES = {
    "str": "a string",
    "int": "a number",
    "float": "a number with a point or exponent",
    "bool": "a boolean",
    "dict": "an object",
    "list": "a list",
}

#: How the parameters are called whose values are one request's alone.
_NAMING = ("Id", "listenKey")


def _clues(params: Mapping[str, Any]) -> frozenset[str]:
    """Return the values by which the answer to a request can be told: what it named its order, ids, listen keys."""
    named = (str(value) for name, value in params.items() if name.endswith(_NAMING) and isinstance(value, str | int))
    return frozenset(value for value in named if len(value) >= TELLING_CHARS)


def _refusal_of(envelope: AnswerEnvelope) -> str:
    """Return what an answer refuses with, to be compared; an empty text for any other answer."""
    if envelope.error is None:
        return ""
    return msgspec.json.encode((envelope.status, envelope.error)).decode()


def _id_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

"""Frames that fit nothing: spoiled ones, those of a stream that nobody subscribed, event types that no contract knows.

Whatever comes over a connection is accounted for. Such frames are counted and a few are kept; where it can be told
whose they were they are charged to that subscription, otherwise to the connection. A type that no contract knows is
reported once, and a stream is only said to have sent nothing when nothing came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from wireproof.drift.finding import Kind
from wireproof.results.model import Misfits
from wireproof.suite.judging.aside import aside_case, connection_contract, event_type_case, event_type_of, showable
from wireproof.suite.judging.message_batches import MOST_KEPT, observation_of_messages
from wireproof.suite.judging.whose import message_in
from wireproof.wire.websocket.frames import Alike, Unfits
from wireproof.wire.websocket.user_stream import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from wireproof.contract.model import Contract, Surface
    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.judging.run_state import RunState
    from wireproof.suite.judging.whose import Whose
    from wireproof.suite.planning.cases import WatchedCase
    from wireproof.suite.target import Target
    from wireproof.wire.websocket.frames import Unfit
    from wireproof.wire.websocket.session import WsApiSession

#: What an exchange announces over any connection: that it is about to end it. Mended like any other end.
NOTICES = frozenset({"serverShutdown"})

#: Groups of subscriptions that are told apart among the frames of which it is not known whose they are.
MOST_GROUPS = 50


@dataclass
class _Kept:
    """The frames of one type: how many came, and the first few with their times."""

    count: int = 0
    frames: list[tuple[bytes, float]] = field(default_factory=list)


class Strays:
    """Collects the frames of one source that fit nothing.

    `source` says where they came, such as a URL; `known` are the event types that contracts know; `whose` says to
    which subscription a frame is.
    """

    def __init__(self, source: str, known: Collection[str], whose: Whose | None = None) -> None:
        self.source, self.known = source, known
        self.whose = whose
        self.count = 0
        self.first: Unfit | None = None
        self.notices = 0
        self.by_type: dict[str, _Kept] = {}
        self.likest: dict[str, Contract] = {}  # by type: the contract whose fields its messages have
        self.unowned: dict[tuple[str, ...], Unfits] = {}  # by the subscriptions of which they may be

    def take(self, frame: Unfit, newest: Callable[[str], object] = lambda _name: None) -> list[str]:
        """Take in a frame; return the subscriptions of which it may be, one where that is known: then it is charged.

        `newest` gives the last message of a subscription.
        """
        message = message_in(decoded(frame.raw))
        name = event_type_of(message)
        if name in NOTICES:
            self.notices += 1
            return []
        self.count += 1
        self.first = self.first or frame
        owners = self.whose.of(frame.raw, newest) if self.whose is not None else []
        if len(owners) == 1:
            return owners
        if name and name not in self.known:
            self.keep(showable(name), frame)
            return []
        if not owners and self.whose is not None and len(self.whose.claims) == 1:
            return [self.whose.claims[0].name]  # the connection is there for it alone
        key = tuple(owners)
        if key not in self.unowned and len(self.unowned) >= MOST_GROUPS:
            key = ()
        self.unowned.setdefault(key, Unfits()).take(frame)
        return owners

    def taken_for(self, name: str, silent: Collection[str]) -> Unfits:
        """Return, and give up, the frames that must be of a subscription: of those that may be, only it is silent."""
        found = Unfits()
        for key in list(self.unowned):
            if {one for one in silent if not key or one in key} == {name}:
                found.take_all(self.unowned.pop(key))
        return found

    def words(self, redact: Callable[[str], str]) -> str:
        """Return a clause that counts them and shows the first; empty when there is none."""
        return Alike(self.first, self.count).words(redact) if self.first is not None else ""

    def keep(self, shown: str, frame: Unfit) -> None:
        """Keep a frame of an event type that no contract knows while there are few of them."""
        kept = self.by_type.setdefault(shown, _Kept())
        kept.count += 1
        if len(kept.frames) < MOST_KEPT:
            kept.frames.append((frame.raw, frame.received_at))


def misfits_of(unfits: Unfits, redact: Callable[[str], str], *, of: int = 0) -> tuple[Misfits, ...]:
    """Return what is said of frames that fit nothing, once per kind of finding; `of` is how many frames came in all."""
    by_kind: dict[Kind, list[Alike]] = {}
    for (readable, _), alike in unfits.alike.items():
        by_kind.setdefault(Kind.PROTOCOL_VIOLATION if readable else Kind.UNPARSEABLE, []).append(alike)
    return tuple(
        Misfits(
            kind=kind.value,
            sentence="; ".join(alike.words(redact) for alike in alikes),
            count=(count := sum(alike.count for alike in alikes)),
            of=max(of, count),
        )
        for kind, alikes in by_kind.items()
    )


@dataclass(frozen=True, slots=True)
class AsideReports:
    """Where what belongs to no case of a product's surface is listed: beside the results of its cases."""

    product: str
    surface: Surface
    scores: RunState
    judge: Judge
    target: Target

    @property
    def connection(self) -> Contract:
        """The contract that stands for the connections as a whole."""
        return connection_contract(self.judge.store, self.product, self.surface)

    def report(
        self,
        case: WatchedCase,
        source: str,
        received: Sequence[tuple[bytes, float]],
        violations: Sequence[str] = (),
        *,
        bodies: Sequence[bytes] = (),
        began: float | None = None,
        known: Collection[str] = (),
        **more: Any,
    ) -> None:
        """Judge `received` messages, of which `bodies` have the shape of the case, and list what is found.

        `began` is when the first came, without it the time of the first received; `more` are fields of the observation.
        """
        began = received[0][1] if began is None and received else began
        observation = observation_of_messages(case, source, received, self.target, violations=violations, began=began)
        self.scores.report_aside(case, replace(observation, **more), self.judge, bodies, known=known)


def report_unfit(reports: AsideReports, contract: Contract, sources: Iterable[str], unfits: Unfits) -> None:
    """List frames that fit nothing beside the cases, once for a contract; that of a connection stands for none."""
    if unfits:
        reports.report(
            aside_case(contract, "unfit-frames", "frames that fit nothing"),
            ", ".join(dict.fromkeys(sources)),
            [(frame.raw, frame.received_at) for frame in unfits.kept],
            misfits=misfits_of(unfits, reports.target.redactor.frame),
        )


def report_unclaimed(reports: AsideReports, sessions: Iterable[WsApiSession]) -> None:
    """List the frames of the WebSocket API that were no request's answer, for its connections as a whole, once."""
    number, frames = 0, []
    for count, first in (session.unclaimed for session in sessions):
        number += count
        frames += first
    if not frames:
        return
    came = "A frame came that answers" if number == 1 else f"{number} frames came that answer"
    reports.report(
        aside_case(reports.connection, "unclaimed-frames", "frames that answer no request"),
        "connections of the WebSocket API",
        [(raw, received_at) for _, raw, received_at in frames[:MOST_KEPT]],
        [f"{came} no request{': ' if number == 1 else ', first: '}{frames[0][0]}"],
    )


def report_unknown(reports: AsideReports, strays: Iterable[Strays]) -> None:
    """List each event type among the strays that no contract of the product's surface knows, once."""
    together: dict[str, tuple[str, list[tuple[bytes, float]]]] = {}
    likest: dict[str, Contract] = {}
    for stray in strays:
        for name, kept in stray.by_type.items():
            if name not in stray.known:
                shown = showable(reports.target.redactor.text(name))
                if name in stray.likest:
                    likest.setdefault(shown, stray.likest[name])
                together.setdefault(shown, (stray.source, []))[1].extend(kept.frames)
    for name, (source, frames) in together.items():
        case = event_type_case(reports.judge.store, reports.product, reports.surface, name, likest=likest.get(name))
        reports.report(case, source, frames, bodies=[raw for raw, _ in frames], event_type=name)


def report_unowned(reports: AsideReports, strays: Sequence[Strays]) -> None:
    """List the frames of which it is not known whose they are, for the connections as a whole.

    Where all subscriptions of which they may be have one contract, it is that contract's.
    """
    by_contract: dict[str, tuple[Contract, list[str], Unfits]] = {}
    for stray in strays:
        contracts = {claim.name: claim.contract for claim in stray.whose.claims} if stray.whose is not None else {}
        for names, unfits in stray.unowned.items():
            possible = {contracts[name].id: contracts[name] for name in names if name in contracts}
            contract = next(iter(possible.values())) if len(possible) == 1 else reports.connection
            _, sources, found = by_contract.setdefault(contract.id, (contract, [], Unfits()))
            sources.append(stray.source)
            found.take_all(unfits)
    for contract, sources, found in by_contract.values():
        report_unfit(reports, contract, sources, found)

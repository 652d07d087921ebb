"""What is said of the connections to market streams, beside the verdicts of their streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.drift.finding import Kind, Verdict
from wireproof.recognition import shortened
from wireproof.results.model import Misfits
from wireproof.suite.judging.aside import aside_case
from wireproof.suite.judging.message_batches import binary_violations
from wireproof.suite.judging.strays import misfits_of
from wireproof.wire.websocket.frames import NAMED_TWICE, shown
from wireproof.wire.websocket.market_stream import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wireproof.contract.model import Contract
    from wireproof.suite.judging.strays import AsideReports, Strays
    from wireproof.suite.streams.watched import Watching
    from wireproof.wire.websocket.market_stream import CommandAnswer, MarketStreams


@dataclass(eq=False)
class Source:
    """Where the messages of streams come from: what was asked for, how far that went, and what came beside them."""

    streams: MarketStreams
    strays: Strays
    group: Sequence[Watching]
    asked: str = ""  # with `{}` for a stream's name
    state: str = ""
    is_shared: bool = True  # whether streams were subscribed over it

    def asked_for(self, watching: Watching) -> str:
        """Return how a stream was asked for."""
        return self.asked.format(watching.name) if self.is_shared else self.asked

    def unasked(self) -> str:
        """Return how many answers came that nobody waited for; empty when none did."""
        number = len(self.streams.unasked)
        return f"answers that nobody waited for came, {number} of them" if number else ""


@dataclass
class _Answers:
    """What is wrong with the answers that concern one contract."""

    sources: list[str] = field(default_factory=list)
    received: list[tuple[bytes, float]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


def report_answers(reports: AsideReports, sources: Iterable[Source]) -> None:
    """List what is wrong with the answers to SUBSCRIBE, and answers that nobody asked for, once for a contract."""
    by_contract: dict[str, tuple[Contract, _Answers]] = {}
    command = reports.judge.store.contracts.get(f"{reports.product}/stream/control.SUBSCRIBE")
    for source in sources:
        contract = command if command is not None and source.is_shared else reports.connection
        _, found = by_contract.setdefault(contract.id, (contract, _Answers()))
        found.sources.append(source.strays.source)
        for answer in source.streams.odd:
            found.violations += answer_violations(answer)
            if answer.raw is not None:
                found.bodies.append(answer.raw)
                found.received.append((answer.raw, answer.received_at or answer.sent_at))
        unasked = source.streams.unasked
        if unasked:
            found.violations.append(unasked_words(unasked, reports.target.redactor.frame))
            found.received += [(raw, 0.0) for raw in unasked]
    for contract, found in by_contract.values():
        if found.violations or found.bodies:
            example = contract.examples[0].name if contract.examples else ""
            case = aside_case(contract, "of-shared-connections", "answers over shared connections", example=example)
            asked, violations = ", ".join(dict.fromkeys(found.sources)), list(dict.fromkeys(found.violations))
            reports.report(case, asked, found.received, violations, bodies=found.bodies)


def unasked_words(unasked: Sequence[bytes], redact: Callable[[str], str]) -> str:
    """Return a sentence that counts answers that nobody waited for, and shows the first."""
    came = "An answer" if len(unasked) == 1 else f"{len(unasked)} answers"
    return f"{came} came that nobody waited for, first: {shown(unasked[0], redact)}."


def answer_violations(answer: CommandAnswer) -> list[str]:
    """Return which rules an answer to a command breaks that a comparison does not see."""
    if answer.raw is None:
        return ["A command was never answered, though a ping after it was; the same command sent again was."]
    found = []
    if answer.other_id:
        found.append(f"The answer has the id {shortened(answer.other_id, 60)}, the command had {answer.identity!r}.")
    if answer.binary:
        found.append("The answer came in a binary frame; documented are text frames.")
    return found


def report_later(reports: AsideReports, watching: Watching) -> None:
    """List what is wrong with the messages that came once a case was judged, as far as the case did not show it."""
    result = reports.scores.results[watching.case.id]
    if watching.settled is None or result.verdict in {Verdict.BLOCKED, Verdict.BROKEN}:
        return
    trail = watching.trail[watching.settled :]
    messages = [one for one in trail if isinstance(one, Message)]
    if not messages and not watching.later_unfits:
        return
    redactor = reports.target.redactor
    case = aside_case(
        watching.case.contract,
        f"{watching.case.id.rpartition('/')[2]}/later",
        f"{watching.case.title}: messages that came once the case was judged",
        example=watching.case.example,
    )
    received = [(message.raw, message.received_at) for message in messages]
    received += [(frame.raw, frame.received_at) for frame in watching.later_unfits.kept]
    reports.report(
        case,
        result.observation.request if result.observation is not None else watching.name,
        received,
        [*watching.order_violations(watching.trail[max(watching.settled - 1, 0) :]), *binary_violations(messages)],
        bodies=[message.raw for message in messages],
        known={one.fingerprint for one in result.every_finding},
        addressed=dict(watching.wanted),
        misfits=(*misfits_of(watching.later_unfits, redactor.frame), *envelope_misfits(messages, redactor.text)),
    )


def envelope_misfits(messages: Sequence[Message], redact: Callable[[str], str]) -> tuple[Misfits, ...]:
    """Return how the envelopes of messages differ from the documented one, each way once."""
    counted: dict[str, int] = {}
    for message in messages:
        if message.problem:
            counted[message.problem] = counted.get(message.problem, 0) + 1
    by_kind: dict[Kind, tuple[str, int]] = {}
    for problem, number in counted.items():
        kind = Kind.REPEATED_KEY if NAMED_TWICE in problem else Kind.UNDOCUMENTED_FIELD
        first, before = by_kind.get(kind, (problem, 0))
        by_kind[kind] = (first, before + number)
    return tuple(
        Misfits(
            kind=kind.value,
            sentence=redact(f"the envelope of a message is not as documented: {problem}"),
            count=number,
            of=len(messages),
        )
        for kind, (problem, number) in by_kind.items()
    )

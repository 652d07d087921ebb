"""What streams come to: messages are judged, a silence is a finding or none, a refused subscription is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.drift.finding import Verdict
from wireproof.suite.judging.message_batches import binary_violations, observation_of_messages
from wireproof.suite.judging.strays import misfits_of
from wireproof.suite.streams.pace import pace_breaks
from wireproof.suite.streams.silence import Listening, Meaning, Silent, joined
from wireproof.suite.streams.stream_reports import Source, envelope_misfits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.judging.run_state import RunState
    from wireproof.suite.planning.cases import WatchedCase
    from wireproof.suite.streams.watched import Watching
    from wireproof.suite.target import Target


class StreamVerdicts:
    """Judges streams, and records what they come to."""

    def __init__(self, scores: RunState, *, judge: Judge, target: Target, listening: Listening) -> None:
        self.scores, self.judge, self.target, self.listening = scores, judge, target, listening

    async def settle(self, watching: Watching, asked: str) -> None:
        """Judge what came; `asked` says how the stream was asked for."""
        case, result = watching.case, self.scores.results[watching.case.id]
        messages = watching.messages
        documents = watching.connections()[-1]
        violations = [
            *await self._unexcused(case, documents),
            *watching.book_violations(),
            *watching.order_violations(watching.judged),
            *binary_violations(messages),
        ]
        result.observation = observation_of_messages(
            case,
            asked,
            [(message.raw, message.received_at) for message in messages]
            or [(frame.raw, frame.received_at) for frame in watching.unfits.kept],
            self.target,
            violations=violations,
            began=result.started_at,
        )
        result.observation.addressed = dict(watching.wanted)
        result.observation.misfits = (
            *misfits_of(watching.unfits, self.target.redactor.frame, of=watching.count),
            *envelope_misfits(messages, self.target.redactor.text),
        )
        bodies = [message.raw for message in messages]
        self.judge.settle(result, self.judge.messages(case.contract, result.observation, bodies))

    async def _unexcused(self, case: WatchedCase, documents: Sequence[Any]) -> list[str]:
        """Return how the pace differs from the documented one, unless it is because of this machine."""
        breaks = pace_breaks(case.watch, documents)
        if self.target.is_venue and any(broken.late for broken in breaks):
            machine = await self.listening.machine()
            excused = [one for one in breaks if one.excused_by(machine, case.watch.tolerance_ms)]
            if excused:
                words = f"the pace of {case.id} says nothing: the venue, which shares this machine, stood still"
                self.scores.notes.append(f"{words} meanwhile. {excused[0].sentence}")
            breaks = [one for one in breaks if one not in excused]
        return [broken.sentence for broken in breaks]

    def settle_silent(self, watching: Watching, source: Source, asked: str, meaning: Meaning) -> None:
        """Say what it means that nothing came."""
        case, result = watching.case, self.scores.results[watching.case.id]
        redact = self.target.redactor.text
        strays = joined([source.strays.words(self.target.redactor.frame), source.unasked()])
        if meaning.silent is Silent.UNKNOWN:
            self.scores.fail(case, Verdict.BLOCKED, redact(joined([meaning.words, strays])))
        elif meaning.silent is Silent.DEAD:
            nothing = "nothing that fits it" if source.strays.count else "nothing"
            sentence = f"{source.state}, {nothing} came in {case.watch.seconds:g} s {meaning.words}"
            result.observation = observation_of_messages(
                case, asked, [], self.target, violations=(), began=result.started_at
            )
            result.observation.silence = redact(joined([sentence, strays]))
            self.judge.settle(result, self.judge.messages(case.contract, result.observation, []))
        else:
            result.verdict = None
            result.may_be_silent = meaning.silent is Silent.QUIET or bool(case.watch.may_be_silent)
            words = f"not observed in {case.watch.seconds:g} s: {meaning.words}"
            result.reason = redact(joined([words, strays]))

    def settle_refused(self, refused: Sequence[Watching], source: Source) -> None:
        """Say that a SUBSCRIBE was refused or never answered; when all are, of one stream that the others wait on."""
        streams = source.streams
        for number, watching in enumerate(refused):
            answer = streams.not_taken[watching.name]
            said = f"refused: {answer.refusal}" if answer.refusal else "never answered, though a ping after it was"
            if number and streams.taken_none:
                self.scores.fail(watching.case, Verdict.BLOCKED, f"waits on: SUBSCRIBE was {said} ({refused[0].name})")
                self.scores.settle(watching.case)
                continue
            received = [] if answer.raw is None else [(answer.raw, answer.received_at or answer.sent_at)]
            result = self.scores.results[watching.case.id]
            result.observation = observation_of_messages(
                watching.case,
                source.asked_for(watching),
                received,
                self.target,
                violations=[f"SUBSCRIBE of {watching.name} was {said}."],
                began=answer.sent_at,
            )
            self.judge.settle(result, self.judge.messages(watching.case.contract, result.observation, []))
            self.scores.settle(watching.case)

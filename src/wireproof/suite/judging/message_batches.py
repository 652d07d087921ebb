"""Many messages of one contract: judged together, their findings counted together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from wireproof.drift.deviations import SAMPLES
from wireproof.drift.explain import most_frequent_values
from wireproof.results.model import Observation
from wireproof.wire.secrets.redact import hide_values_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireproof.contract.model import Contract
    from wireproof.drift.compare import Comparer
    from wireproof.drift.finding import Finding
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.target import Target

#: Of many messages so many are kept in reports and observations, and so many characters; all were judged.
MOST_KEPT, LONGEST_KEPT = 10, 200_000


def judged(comparer: Comparer, contract: Contract, example: str, bodies: Sequence[bytes]) -> list[Finding]:
    """Return how any of these messages differ from the documented example, each difference once."""
    if example:
        found: Iterable[list[Finding]] = comparer.burst(contract, example, bodies)
    else:
        found = (comparer.payload(contract, "", body) for body in bodies)
    return counted_together(found, len(bodies))


def counted_together(found: Iterable[list[Finding]], messages: int) -> list[Finding]:
    """Return the findings of many messages, those with the same fingerprint as one that counts them all."""
    together: dict[str, Finding] = {}
    for finding in (finding for findings in found for finding in findings):
        known = together.get(finding.fingerprint)
        if known is None:
            together[finding.fingerprint] = finding
        else:
            together[finding.fingerprint] = replace(
                known,
                occurrences=known.occurrences + finding.occurrences,
                of=known.of + finding.of,
                samples=(*known.samples, *finding.samples)[:SAMPLES],
            )
    # A message that shows a thing once was one of all messages; in arrays only the findings know of how many.
    counted = [
        replace(finding, of=messages) if finding.of == finding.occurrences <= messages else finding
        for finding in together.values()
    ]
    return most_frequent_values(counted)


class Received(Protocol):
    """A message of whatever kind of stream."""

    @property
    def binary(self) -> bool:
        """Whether it came in a binary frame."""


def binary_violations(messages: Sequence[Received], what: str = "messages") -> list[str]:
    """Return that some of these messages came in binary frames; nothing when none did."""
    number = sum(message.binary for message in messages)
    if not number:
        return []
    return [f"{number} of {len(messages)} {what} came in binary frames; documented are text frames."]


def kept(bodies: Iterable[str]) -> tuple[str, ...]:
    """Return the messages that an observation keeps: the first few, as long as they are not too long together."""
    found: list[str] = []
    room = LONGEST_KEPT
    for body in bodies:
        if len(found) == MOST_KEPT or (found and len(body) > room):
            break
        found.append(body)
        room -= len(body)
    return tuple(found)


def observation_of_messages(
    case: PlannedCase,
    asked: str,
    received: Sequence[tuple[bytes, float]],
    target: Target,
    *,
    violations: Sequence[str],
    began: float | None,
) -> Observation:
    """Return what was observed of a stream or a cause, redacted: what was asked for or done, and what came when.

    `received` holds each message with its time; `began` is when the asking began. Times in epoch milliseconds.
    """
    shown = kept(target.redactor.frame(raw.decode("utf-8", "replace")) for raw, _ in received)
    if target.hide_values and case.private:
        shown = tuple(hide_values_text(message, keep=target.keep) for message in shown)
    return Observation(
        case=case.id,
        contract=case.contract.id,
        example=case.example,
        request=target.redactor.text(asked),
        response=shown[-1] if shown else None,
        sent_at=began,
        received_at=received[-1][1] if received else None,
        violations=tuple(target.redactor.text(sentence) for sentence in violations),
        messages=shown,
    )


def bodies_of(observation: Observation) -> list[bytes]:
    """Return the messages that an observation kept."""
    return [message.encode() for message in observation.messages]

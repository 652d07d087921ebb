"""What an error makes of the cases that it ended: one place says which verdict, why, and whether a host is blocked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError, WireproofError
from wireproof.suite.judging.statements import not_served
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.own_answers import UnknownStateError
from wireproof.wire.failures import PassingTroubleError, TargetBlockedError, WireError

if TYPE_CHECKING:
    from wireproof.wire.secrets.redact import Redactor

STOPPED = "the run was stopped before this case was over"


@dataclass(frozen=True, slots=True)
class Failure:
    """What an error says of cases, without secrets; `host` is what it blocks, empty where it concerns no others."""

    verdict: Verdict
    reason: str
    host: str = ""
    advice: str = ""
    notes: tuple[str, ...] = ()  # what was found out about the request later on

    @property
    def words(self) -> str:
        """The reason, with all that was found out later on."""
        return " ".join([self.reason, *self.notes])


def failure_of(
    error: BaseException, redactor: Redactor, *, target: str = "", is_venue: bool = False, excuse: str = ""
) -> Failure:
    """Return what an error makes of the cases that it ended.

    Args:
        error: Whatever was raised.
        redactor: Takes the secrets out of its words.
        target: Name of the target, which is blocked where state that several cases need is not known.
        is_venue: Whether the target is the local venue, which serves what it knows and nothing else.
        excuse: Why this machine may have missed an answer; empty when it may not.
    """
    if isinstance(error, asyncio.CancelledError):
        return Failure(Verdict.BLOCKED, STOPPED)
    words, notes = redactor.text(str(error)), tuple(map(redactor.text, getattr(error, "__notes__", ())))
    if isinstance(error, UnknownStateError):
        reason = redactor.text(error.reason).rstrip(".")
        return Failure(Verdict.BLOCKED, f"{reason}.", target, redactor.text(error.advice))
    if isinstance(error, TargetBlockedError) and not isinstance(error, PassingTroubleError):
        reason, advice = redactor.text(error.reason), redactor.text(error.advice)
        return Failure(Verdict.BLOCKED, reason, error.host, advice, notes)
    if isinstance(error, RefusedError):
        if is_venue and error.told.is_unknown_path:
            return Failure(Verdict.BROKEN, not_served(error.method))
        return Failure(Verdict.BLOCKED, f"its state could not be prepared: {words}")
    if isinstance(error, BlockedError | WireError):
        return Failure(Verdict.BLOCKED, " ".join(filter(None, [words, excuse])), notes=notes)
    named = "" if isinstance(error, WireproofError) else f"{type(error).__name__}: "
    return Failure(Verdict.BROKEN, named + words)

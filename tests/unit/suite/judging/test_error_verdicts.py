"""What an error makes of a case is decided in one place, without secrets, whatever ended the case."""

from __future__ import annotations

import asyncio

import pytest

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError, WireproofError
from wireproof.suite.judging.error_verdicts import STOPPED, failure_of
from wireproof.suite.state.own_answers import UnknownStateError
from wireproof.wire.failures import BlockKind, PassingTroubleError, TargetBlockedError, WireError

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SHOWN = "<redacted api key>"


@pytest.mark.parametrize(
    ("error", "verdict", "reason", "host"),
    [
        (asyncio.CancelledError(), Verdict.BLOCKED, STOPPED, ""),
        (UnknownStateError(f"{KEY} is odd"), Verdict.BLOCKED, f"{SHOWN} is odd.", "testnet"),
        (TargetBlockedError("h:1", f"{KEY} is away.", "Wait."), Verdict.BLOCKED, f"{SHOWN} is away.", "h:1"),
        (PassingTroubleError("h:1", f"{KEY} is away.", kind=BlockKind.MAINTENANCE), Verdict.BLOCKED, SHOWN, ""),
        (BlockedError(f"no {KEY}"), Verdict.BLOCKED, f"no {SHOWN}", ""),
        (WireError(f"no {KEY}"), Verdict.BLOCKED, f"no {SHOWN}", ""),
        (WireproofError(f"no {KEY}"), Verdict.BROKEN, f"no {SHOWN}", ""),
        (ValueError(f"no {KEY}"), Verdict.BROKEN, f"ValueError: no {SHOWN}", ""),
    ],
)
def test_each_error_has_its_verdict_and_shows_no_secret(error, verdict, reason, host, redactor):
    failure = failure_of(error, redactor, target="testnet")
    assert (failure.verdict, failure.host) == (verdict, host)
    assert failure.reason.startswith(reason)
    assert KEY not in str(failure)


def test_what_was_found_out_later_and_what_excuses_the_target_are_said(redactor):
    error = WireError("no answer.")
    error.add_note(f"Order {KEY} does not exist.")
    failure = failure_of(error, redactor, excuse="this machine stood still")
    assert failure.words == f"no answer. this machine stood still Order {SHOWN} does not exist."

"""Results are recorded once, clean, and hosts are blocked with what still waits for them."""

from __future__ import annotations

from wireproof.drift.finding import Verdict
from wireproof.suite.judging.error_verdicts import failure_of
from wireproof.suite.judging.run_state import RunState
from wireproof.wire.failures import TargetBlockedError

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


def test_a_result_is_clean_before_anybody_sees_it(planned, redactor):
    """Reasons, too, of those that are settled with the rest, and of those that were held."""
    cases = list(planned.values())[:2]
    scores = RunState(cases, redactor=redactor)
    scores.settle_rest(Verdict.BROKEN, f"KeyError: {KEY}")
    for case in cases:
        assert scores.results[case.id].reason == "KeyError: <redacted api key>"


SHOWN = "<redacted api key>"


def test_a_host_is_blocked_with_the_cases_that_have_no_result_yet(planned, redactor):
    """The blockage is said once, without what was found out about one of the cases."""
    cases = list(planned.values())[:2]
    state = RunState(cases, redactor=redactor)
    error = TargetBlockedError("h:1", f"{KEY} is away.", "Wait.")
    error.add_note("The order does not exist.")
    state.record(failure_of(error, redactor), cases)
    [blockage] = state.blockages.values()
    assert (blockage.host, blockage.reason, blockage.advice, blockage.cases) == ("h:1", f"{SHOWN} is away.", "Wait.", 2)
    assert {result.reason for result in state.results.values()} == {f"{SHOWN} is away. The order does not exist."}

"""What a run says as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wireproof.drift.finding import Kind, Verdict
from wireproof.results.conclusion import Outcome, conclude, difference, verdict_counts, waived
from wireproof.results.model import Blockage
from wireproof.results.run_summary import headline

if TYPE_CHECKING:
    from conftest import Results


def test_a_complete_run_without_differences_conforms(results: Results) -> None:
    run = results.run(results.case("a"), results.case("b"))
    assert conclude(run).outcome is Outcome.OK
    assert headline(run) == "Conforms: 2 of 2 cases exercised on testnet, no difference."


def test_streams_that_may_be_silent_do_not_make_a_run_short(results: Results) -> None:
    """But nothing passes that was not seen: the headline says how many."""
    silent = results.case("a", None, reason="not observed in 5 s: no liquidation happened", may_be_silent=True)
    run = results.run(silent, results.case("b"), exercised=1, silent=1)
    assert conclude(run).outcome is Outcome.OK
    assert headline(run) == "Conforms: 1 of 2 cases exercised on testnet (1 not observed, as may be), no difference."
    short = results.run(results.case("a", None, reason="not observed"), results.case("b"), exercised=1)
    assert conclude(short).outcome is Outcome.UNKNOWN


def test_a_run_in_which_every_stream_was_silent_says_nothing(results: Results) -> None:
    """Each may be silent, but a green run that saw nothing would prove nothing."""
    silent = results.case("a", None, reason="not observed in 5 s: no liquidation happened", may_be_silent=True)
    run = results.run(silent, exercised=0, silent=1)
    assert conclude(run).exit_status == 3
    assert headline(run) == (
        "Unknown: 0 of 1 case exercised on testnet (1 not observed, as may be). "
        "Incomplete: what was not exercised is unknown."
    )


@pytest.mark.parametrize("exit_status", [0, 4])
@pytest.mark.parametrize("blocked", [[], [Blockage(host="h", reason="It answered 451.")]])
@pytest.mark.parametrize("left", [[], ["an order"]])
@pytest.mark.parametrize("expired", [[], ["It expired."]])
@pytest.mark.parametrize("verdict", [Verdict.CONFORMS, Verdict.BREAKING, Verdict.BLOCKED, Verdict.BROKEN, None])
@pytest.mark.parametrize("silent", [0, 1])
def test_headline_and_exit_status_agree(results: Results, exit_status, blocked, left, expired, verdict, silent) -> None:
    """`Conforms` stands over exit status 0 and over no other, whatever came together."""
    findings = [results.finding()] if verdict is Verdict.BREAKING else []
    case = results.case("a", verdict, findings=findings, may_be_silent=bool(silent))
    run = results.run(
        case, blocked=blocked, not_cleaned=left, waivers_expired=expired, silent=silent, exit_status=exit_status
    )
    said, conclusion = headline(run), conclude(run)
    assert said.startswith("Conforms: ") == (conclusion.exit_status == 0) == (conclusion.outcome is Outcome.OK)
    assert said.startswith("Breaking: ") == (conclusion.outcome is Outcome.BREAKING) == bool(findings)


def test_a_blocked_run_is_unknown_even_when_nothing_differs(results: Results) -> None:
    run = results.run(
        results.case("a"),
        results.case("b", Verdict.BLOCKED),
        blocked=[Blockage(host="testnet.example.org", reason="It answered 451.")],
    )
    assert conclude(run).outcome is Outcome.UNKNOWN
    assert headline(run) == (
        "Unknown: 1 of 2 cases exercised on testnet. Blocked by testnet.example.org: what was not exercised is unknown."
    )


def test_a_short_or_empty_or_failed_run_is_unknown(results: Results) -> None:
    short = results.run(results.case("a"), results.case("b", None, reason="no key"))
    assert conclude(short).outcome is Outcome.UNKNOWN
    assert "Incomplete" in headline(short)
    assert conclude(results.run()).outcome is Outcome.UNKNOWN
    failed = results.run(results.case("a"), exit_status=4)
    assert conclude(failed).outcome is Outcome.UNKNOWN
    assert headline(failed).endswith("The run ended with exit status 4.")


def test_a_difference_that_was_seen_stands_in_a_blocked_run(results: Results) -> None:
    run = results.mixed()
    assert conclude(run).outcome is Outcome.BREAKING
    assert headline(run) == (
        "Breaking: 1 difference in 1 contract, 2 milder; 5 of 8 cases exercised on testnet. Blocked by "
        "testnet.example.org: what was not exercised is unknown. Wireproof itself broke in 1 case."
    )


def test_the_waiver_that_expires_first_stands_at_the_top(results: Results) -> None:
    late, soon = results.finding("a"), results.finding("b")
    run = results.run(
        results.case(
            "a", waived=[results.waived(late, expires="2027-02-01"), results.waived(soon, expires="2026-12-01")]
        )
    )
    assert [one.expires for one in waived(run)] == ["2026-12-01", "2027-02-01"]


def test_verdicts_are_counted_in_the_order_of_badness(results: Results) -> None:
    assert verdict_counts(results.mixed()) == {
        "conforms": 1,
        "additive": 1,
        "risky": 1,
        "breaking": 2,
        "blocked": 1,
        "broken": 1,
        "skipped": 1,
    }


def test_what_differs_is_said_without_saying_it_twice(results: Results) -> None:
    changed = results.finding(expected="decimal string", actual="integer")
    missing = results.finding("a", Kind.MISSING_FIELD, expected="integer", actual="nothing")
    extra = results.finding("b", Kind.UNDOCUMENTED_FIELD, expected="nothing", actual="undocumented field, string")
    assert difference(changed, 3, 650) == "documented decimal string, got integer (3 of 650)"
    assert difference(missing, 1, 1) == "documented integer, got nothing"
    assert difference(extra, 1, 1) == "string"
    more = results.finding("c", Kind.UNDOCUMENTED_ELEMENT, expected="nothing", actual="undocumented element, string")
    assert difference(more, 15, 15) == "string (15 of 15)"
    broken = results.finding("", Kind.PROTOCOL_VIOLATION, expected="the documented protocol", actual="It came twice.")
    assert difference(broken, 1, 1) == "It came twice."

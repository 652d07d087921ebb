"""The headline of a run and what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.drift.finding import Kind, Severity, Verdict
from wireproof.drift.seen_fields import Sight, UnseenField
from wireproof.results.conclusion import Outcome, conclude, deviations
from wireproof.results.run_summary import headline

if TYPE_CHECKING:
    from conftest import Results


def test_waived_and_milder_differences_are_said_in_a_good_headline(results: Results) -> None:
    note = results.finding("result.note", Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE)
    excused = results.waived(results.finding())
    run = results.run(results.case("a", Verdict.ADDITIVE, findings=[note], waived=[excused]))
    assert conclude(run).outcome is Outcome.OK
    assert headline(run) == (
        "Conforms: 1 of 1 case exercised on testnet, no breaking difference; 1 milder difference below breaking."
    )
    quiet = results.run(results.case("a", waived=[excused]))
    assert headline(quiet).endswith("no difference but 1 waived difference.")


def test_differences_of_the_baseline_are_counted_apart_and_are_nothing_new(results: Results) -> None:
    old, new = results.known(results.finding()), results.finding("result.side")
    note = results.known(results.finding("result.note", Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE))
    run = results.run(results.case("a", baseline=[old, note]))
    assert conclude(run).exit_status == 0
    assert headline(run) == (
        "Nothing new: 1 of 1 case exercised on testnet, no new difference; 2 differences of the baseline."
    )
    assert headline(results.run(results.case("a", baseline=[note]))).startswith("Conforms: ")
    broken = results.run(results.case("a", Verdict.BREAKING, baseline=[old], findings=[new]))
    assert headline(broken).startswith("Breaking: 1 difference in 1 contract; 1 difference of the baseline; 1 of 1")


def test_a_baseline_that_expired_fails_and_says_so(results: Results) -> None:
    run = results.run(results.case("a"), baseline_expired=["It expired."])
    assert conclude(run).exit_status == 1
    assert headline(run) == "Unknown: 1 of 1 case exercised on testnet. Expired: the baseline."


def test_the_headline_names_each_reason_of_its_exit_status(results: Results) -> None:
    """What expired or was left on an account is said in words where it alone decides."""
    left = results.run(results.case("a"), not_cleaned=["an order of USDM's first account"])
    assert conclude(left).exit_status == 4
    assert headline(left) == "Unknown: 1 of 1 case exercised on testnet. Left on the account: 1 thing."
    expired = results.run(results.case("a"), waivers_expired=["It expired.", "So did it."])
    assert conclude(expired).exit_status == 1
    assert headline(expired) == "Unknown: 1 of 1 case exercised on testnet. Expired: 2 waivers."


def test_a_raised_bar_makes_an_addition_count(results: Results) -> None:
    note = results.finding("result.note", Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE)
    run = results.run(results.case("a", Verdict.ADDITIVE, findings=[note]), fail_on=Severity.ADDITIVE)
    assert conclude(run).outcome is Outcome.BREAKING
    assert headline(run).startswith("Additive or worse: 1 difference in 1 contract;")


def test_one_fingerprint_in_many_cases_is_one_deviation_worst_first(results: Results) -> None:
    found = deviations(results.mixed())
    assert [(one.finding.severity, len(one.cases), one.occurrences, one.of) for one in found] == [
        (Severity.BREAKING, 2, 2, 2),
        (Severity.RISKY, 2, 2, 2),
        (Severity.ADDITIVE, 1, 650, 650),
    ]


def test_a_green_headline_does_not_hide_empty_answers(results: Results) -> None:
    nothing = UnseenField(path="[]", why="empty", fields=3)
    run = results.run(results.case("a"), sights=[Sight(contract="c", fields=3, seen=0, unseen=(nothing,))])
    assert headline(run) == (
        "Conforms: 1 of 1 case exercised on testnet, no difference. "
        "1 contract answered with hardly more than empty lists."
    )


def test_a_header_that_changes_everywhere_is_one_difference(results: Results) -> None:
    """Nobody reads the same line 95 times; the cases of all contracts are counted together."""
    cases = [
        results.case(
            f"case-{number}",
            Verdict.RISKY,
            findings=[
                results.finding(
                    "headers.x-mbx-used-weight-1m",
                    Kind.HEADER_CHANGED,
                    severity=Severity.RISKY,
                    contract=f"usdm/rest/GET.{number}",
                    fingerprint=f"{number:012}",
                )
            ],
        )
        for number in range(95)
    ]
    [one] = deviations(results.run(*cases))
    assert (len(one.cases), one.beside) == (95, " and 94 more contracts")
    body = [
        results.case("b", findings=[results.finding(contract=f"usdm/rest/GET.{n}", fingerprint=f"{n:012}")])
        for n in (1, 2)
    ]
    assert len(deviations(results.run(*body))) == 2

"""What repetition is worth: which differences stand, and which are unsteady."""

from __future__ import annotations

import pytest

from wireproof.drift.finding import Finding, Kind, Severity, Verdict, fingerprint
from wireproof.results.model import CaseResult, Observation
from wireproof.suite.judging.repetition import (
    CASES_EACH,
    MOST_CASES,
    NOT_AMONG,
    Confirming,
    RepeatedCase,
    decide,
    sample,
)


def finding(path="result.price", contract="usdm/ws-api/ticker.price", kind=Kind.TYPE_CHANGED, **fields):
    given = {"severity": Severity.BREAKING, "expected": "decimal string", "actual": "number"} | fields
    return Finding(contract=contract, path=path, kind=kind, fingerprint=fingerprint(contract, path, kind), **given)


def result(name="a", *findings, verdict=Verdict.BREAKING, reason=""):
    contract = findings[0].contract if findings else "usdm/ws-api/ticker.price"
    return CaseResult(
        id=f"{contract}/{name}",
        contract=contract,
        product="usdm",
        surface="ws-api",
        subject=contract.rpartition("/")[2],
        title="",
        docs_url="",
        kind="documented",
        verdict=verdict if findings or verdict is not Verdict.BREAKING else Verdict.CONFORMS,
        reason=reason,
        findings=list(findings),
        observation=Observation(case=f"{contract}/{name}", contract=contract),
    )


def decided(first, *again, confirming=None, why_not="", others=()):
    decide([RepeatedCase(first, list(again), why_not), *others], confirming or Confirming())
    return first


def told(findings):
    return [(one.path, one.seen, one.tried, one.repetition) for one in findings]


@pytest.mark.parametrize(("again", "seen"), [((True, True), 3), ((False, True), 2), ((True, False), 2)])
def test_what_is_seen_again_stands_and_says_how_often(again, seen):
    """Twice of three times is breaking, too: a client meets it."""
    first = decided(result("a", finding()), *(result("a", *([finding()] if shown else [])) for shown in again))
    assert first.verdict is Verdict.BREAKING
    assert told(first.findings) == [("result.price", seen, 3, "")]
    assert first.unsteady == []
    assert len(first.repeats) == 2


def test_what_is_not_seen_again_is_unsteady_and_keeps_every_observation():
    first = decided(result("a", finding()), result("a"), result("a"))
    assert (first.verdict, first.findings) == (Verdict.UNSTEADY, [])
    assert told(first.unsteady) == [("result.price", 1, 3, "")]
    assert len(first.repeats) == 2


def test_what_only_a_repetition_shows_is_kept_as_well():
    first = decided(result("a", finding()), result("a", finding(), finding("result.time")), result("a", finding()))
    assert told(first.findings) == [("result.price", 3, 3, "")]
    assert told(first.unsteady) == [("result.time", 1, 3, "")]
    assert first.verdict is Verdict.BREAKING


def test_milder_findings_are_left_alone():
    mild = finding("result.more", kind=Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE)
    first = decided(result("a", finding(), mild), result("a"), result("a"))
    assert (first.verdict, first.findings) == (Verdict.UNSTEADY, [mild])


def test_a_case_that_breaks_each_time_differently_stands():
    """Another unknown code each time, another field that is null: nothing of it is by chance."""
    first = decided(result("a", finding("a")), result("a", finding("b")), result("a", finding("c")))
    assert first.verdict is Verdict.BREAKING
    assert told(first.findings) == [
        (path, 1, 3, "the case breaks each time, each time differently") for path in ("a", "b", "c")
    ]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.BLOCKED, "the repetition was blocked: 429"),
        (Verdict.BROKEN, "the repetition broke: 429"),
        (None, "the repetition showed nothing: 429"),
    ],
)
def test_a_repetition_without_a_statement_takes_nothing_back(verdict, words):
    again = result("a", verdict=verdict, reason="429")
    first = decided(result("a", finding()), again, again)
    assert first.verdict is Verdict.BREAKING
    assert told(first.findings) == [("result.price", 1, 1, words)]


def test_one_repetition_that_says_something_is_enough_to_doubt():
    first = decided(result("a", finding()), result("a", verdict=Verdict.BLOCKED), result("a"))
    assert told(first.unsteady) == [("result.price", 1, 2, "")]


def test_what_cannot_be_repeated_stands_and_says_why():
    why = "cannot be repeated: what it does cannot be undone"
    first = decided(result("a", finding()), why_not=why)
    assert told(first.findings) == [("result.price", 1, 1, why)]


def test_what_is_not_repeated_takes_over_what_another_case_showed_of_the_same_difference():
    steady = [RepeatedCase(result("b", finding()), [result("b", finding())])]
    assert told(decided(result("a", finding()), why_not=NOT_AMONG, others=steady).findings) == [
        ("result.price", 1, 1, "seen again in usdm/ws-api/ticker.price/b")
    ]
    gone = [RepeatedCase(result("b", finding()), [result("b")])]
    assert told(decided(result("a", finding()), why_not=NOT_AMONG, others=gone).unsteady) == [
        ("result.price", 1, 1, "not seen again in usdm/ws-api/ticker.price/b")
    ]


def test_a_difference_is_steady_or_unsteady_in_all_cases_alike():
    """In one case it was not seen again, in another one it was: it stands in both."""
    other = RepeatedCase(result("b", finding()), [result("b", finding())])
    first = decided(result("a", finding()), result("a"), result("a"), others=[other])
    assert told(first.findings) == [("result.price", 1, 3, "seen again in usdm/ws-api/ticker.price/b")]


def test_when_a_storm_has_passed_what_was_not_repeated_is_unsteady_too():
    """The same kind of difference at the same place of other contracts was never seen again."""
    others = [
        RepeatedCase(result("x", finding("", contract=f"usdm/rest/{n}")), [result("x", verdict=Verdict.CONFORMS)])
        for n in range(2)
    ]
    first = decided(result("a", finding("", contract="usdm/rest/9")), why_not=NOT_AMONG, others=others)
    assert told(first.unsteady) == [("", 1, 1, "2 like it were not seen again")]


def test_the_third_night_in_a_row_makes_it_breaking():
    for nights, verdict in ((0, Verdict.UNSTEADY), (1, Verdict.UNSTEADY), (2, Verdict.BREAKING)):
        confirming = Confirming(nights=lambda _fingerprint, nights=nights: nights)
        first = decided(result("a", finding()), result("a"), result("a"), confirming=confirming)
        assert first.verdict is verdict
    assert told(first.findings) == [("result.price", 1, 3, "unsteady for 3 nights in a row")]


def test_a_small_sample_is_repeated_however_much_goes_wrong():
    """Three cases of one difference; fifty in all, and none of a kind and place is left out for another one."""
    confirming = Confirming()
    alike = [result(str(number), finding()) for number in range(1000)]
    assert len(sample(alike, confirming)) == CASES_EACH
    everything = [result("x", finding(contract=f"usdm/rest/{number}")) for number in range(1000)]
    rare = result("rare", finding("result.rare"))
    chosen = sample([*everything, rare], confirming)
    assert len(chosen) == MOST_CASES
    assert rare.id in chosen


def test_a_raised_bar_wants_milder_findings_confirmed():
    mild = result("a", finding(kind=Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE), verdict=Verdict.ADDITIVE)
    assert not Confirming().wants(mild)
    assert Confirming(Severity.ADDITIVE).wants(mild)
    assert not Confirming(Severity.ADDITIVE).wants(result("a", finding(), verdict=Verdict.BROKEN))

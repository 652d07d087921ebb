"""What repetition is worth: which differences stand, which are unsteady, and how much is repeated at all."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from wireproof.drift.compare import verdict_of
from wireproof.drift.finding import Finding, Kind, Severity, Verdict, fingerprint
from wireproof.errors import BlockedError
from wireproof.results.model import CaseResult, Observation
from wireproof.suite.judging.confirm import (
    CASES_EACH,
    MOST_CASES,
    NO_TIME,
    NO_WEIGHT,
    NOT_AMONG,
    Confirming,
    Repeated,
    confirm,
    decide,
    sample,
)
from wireproof.suite.judging.run_state import Scores


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
    decide([Repeated(first, list(again), why_not), *others], confirming or Confirming())
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
    why = "cannot be repeated: what it does cannot be taken back"
    first = decided(result("a", finding()), why_not=why)
    assert told(first.findings) == [("result.price", 1, 1, why)]


def test_what_is_not_repeated_takes_over_what_another_case_showed_of_the_same_difference():
    steady = [Repeated(result("b", finding()), [result("b", finding())])]
    assert told(decided(result("a", finding()), why_not=NOT_AMONG, others=steady).findings) == [
        ("result.price", 1, 1, "seen again in usdm/ws-api/ticker.price/b")
    ]
    gone = [Repeated(result("b", finding()), [result("b")])]
    assert told(decided(result("a", finding()), why_not=NOT_AMONG, others=gone).unsteady) == [
        ("result.price", 1, 1, "not seen again in usdm/ws-api/ticker.price/b")
    ]


def test_a_difference_is_steady_or_unsteady_in_all_cases_alike():
    """In one case it was not seen again, in another one it was: it stands in both."""
    other = Repeated(result("b", finding()), [result("b", finding())])
    first = decided(result("a", finding()), result("a"), result("a"), others=[other])
    assert told(first.findings) == [("result.price", 1, 3, "seen again in usdm/ws-api/ticker.price/b")]


def test_when_a_storm_has_passed_what_was_not_repeated_is_unsteady_too():
    """The same kind of difference at the same place of other contracts was never seen again."""
    others = [
        Repeated(result("x", finding("", contract=f"usdm/rest/{n}")), [result("x", verdict=Verdict.CONFORMS)])
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


class Limiter:
    """As much of a rate limiter as repeating asks about."""

    def __init__(self, weight_limit=100):
        self.total_weight, self.weight_limit = 0, weight_limit


@pytest.fixture
def case(planned):
    """Return a case that may be repeated."""
    return planned["usdm/ws-api/ticker.price/symbol-sent"]


def failing(case, *, weight=1):
    """Return scores in which a case was exercised and differed."""
    scores = Scores([case], Confirming())
    held = scores.results[case.id]
    held.verdict, held.findings, held.weight = Verdict.BREAKING, [finding()], weight
    scores.settle(case)
    return scores


async def repeated(scores, case, *outcomes, limiter=None):
    """Confirm a case whose repetitions come to these findings, or to none when they are blocked; return its result."""
    left = list(outcomes)

    async def repeat(cases):
        findings = left.pop(0)
        if findings is None:
            raise BlockedError("The target is away.")
        again = scores.results[cases[0].id]
        again.verdict, again.findings = verdict_of(findings), findings
        scores.settle(cases[0])

    await confirm(scores, [case], repeat, limiter=limiter or Limiter())
    return await asyncio.wait_for(scores.result(case.id), 1), len(outcomes) - len(left)


@pytest.mark.asyncio
async def test_a_result_is_known_when_it_is_confirmed_and_not_before(case):
    scores = failing(case)
    assert (scores.done, scores.is_held(case)) == (0, True)
    await asyncio.wait_for(scores.exercised(case.id), 1)
    told_of, times = await repeated(scores, case, [finding()], [])
    assert (scores.done, scores.is_held(case)) == (1, False)
    assert (told(told_of.findings), times) == ([("result.price", 2, 3, "")], 2)


@pytest.mark.asyncio
async def test_a_result_that_would_not_fail_is_known_at_once(case):
    scores = Scores([case], Confirming())
    scores.results[case.id].verdict = Verdict.CONFORMS
    scores.settle(case)
    assert scores.done == 1


@pytest.mark.asyncio
async def test_no_more_than_a_minutes_weight_is_spent(case):
    told_of, times = await repeated(failing(case, weight=60), case, limiter=Limiter(50))
    assert (told(told_of.findings), times) == ([("result.price", 1, 1, NO_WEIGHT)], 0)


@pytest.mark.asyncio
async def test_no_more_than_two_minutes_are_spent(case, monkeypatch):
    monkeypatch.setattr("wireproof.suite.judging.confirm.MOST_SECONDS", -1.0)
    told_of, times = await repeated(failing(case), case)
    assert (told(told_of.findings), times) == ([("result.price", 1, 1, NO_TIME)], 0)


@pytest.mark.asyncio
async def test_a_target_that_no_longer_answers_is_not_asked_on_and_on(case, monkeypatch):
    monkeypatch.setattr("wireproof.suite.judging.confirm.MOST_SILENT", 1)
    told_of, times = await repeated(failing(case), case, None)
    words = "the repetition was blocked: The target is away."
    assert (told(told_of.findings), times) == ([("result.price", 1, 1, words)], 1)


@pytest.mark.asyncio
async def test_a_case_that_is_sent_once_is_not_repeated(case):
    once = replace(case, own_marks=("scarce",))
    told_of, times = await repeated(failing(once), once)
    words = "cannot be repeated: the exchange allows too few of them in a month"
    assert (told(told_of.findings), times) == ([("result.price", 1, 1, words)], 0)


@pytest.mark.asyncio
async def test_what_is_held_when_a_run_ends_stays_as_it_was_seen(case):
    """And says that it was not confirmed."""
    scores = failing(case)
    scores.block("host", "It answered 451.", "", [case])
    scores.settle_rest(Verdict.BLOCKED, "the run was stopped")
    left = await asyncio.wait_for(scores.result(case.id), 1)
    assert left.verdict is Verdict.BREAKING
    assert told(left.findings) == [("result.price", 1, 1, "not confirmed: the run was stopped")]
    assert [blockage.cases for blockage in scores.blockages.values()] == [0]


@pytest.mark.asyncio
async def test_a_host_that_blocks_a_repetition_does_not_block_the_run(case):
    scores = failing(case)
    with scores.repeating([case]) as results:
        scores.block("host", "It answered 429.", "", [case])
        assert scores.results[case.id] is results[case.id]
    assert results[case.id].verdict is Verdict.BLOCKED
    assert scores.blockages == {}
    assert scores.results[case.id].verdict is Verdict.BREAKING

"""What became of findings: fixed, still there, changed or unknown, and the exit status that follows."""

from __future__ import annotations

import pytest

from wireproof.drift.finding import Kind, Severity, Verdict
from wireproof.results.replayed import FindingFate, failed_cases, replayed


@pytest.fixture
def made(results):
    """Return a finding and what makes a case that shows some."""
    finding = results.finding()

    def case(*findings, name="limit-gtc", verdict=None, **more):
        return results.case(
            name, verdict or (Verdict.BREAKING if findings else Verdict.CONFORMS), findings=list(findings), **more
        )

    return finding, case


def fate_of(results, past, now, known=None):
    past = results.run(*past)
    run = results.run(*now) if now is not None else None
    report = replayed(past, run, {case.id for case in past.cases} if known is None else known)
    (one,) = report.findings
    return one, report.exit_status


def test_a_finding_is_fixed_still_there_or_changed(results, made):
    finding, case = made
    other = results.finding(kind=Kind.NULL_VALUE, actual="null")
    elsewhere = results.finding("result.other")
    mild = results.finding("result.mild", Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE, actual="integer")
    for now, fate, status, words in (
        (case(), FindingFate.FIXED, 0, ""),
        (case(finding), FindingFate.STILL, 1, "type-changed at result.price: documented decimal string, got integer"),
        (case(other), FindingFate.CHANGED, 1, "null-value at result.price"),
        (case(elsewhere), FindingFate.CHANGED, 1, "type-changed at result.other"),
        (case(finding, elsewhere), FindingFate.STILL, 1, ""),
        (case(unsteady=[finding], verdict=Verdict.UNSTEADY), FindingFate.CHANGED, 1, "not seen again"),
        (case(waived=[results.waived(finding)]), FindingFate.STILL, 1, "tolerated now"),
    ):
        one, code = fate_of(results, [case(finding)], [now])
        assert (one.fate, code) == (fate, status)
        assert words in one.now
    one, code = fate_of(results, [case(finding, mild)], [case(mild)])
    assert (one.fate, code) == (FindingFate.FIXED, 0)


def test_what_was_not_exercised_is_unknown(results, made):
    finding, case = made
    aside = case(finding, aside=True)
    blocked = case(verdict=Verdict.BLOCKED, reason="the host is in maintenance")
    for past, now, known, words in (
        (case(finding), [blocked], None, "blocked: the host is in maintenance"),
        (case(finding), [], None, "left out on this target"),
        (case(finding), None, set(), "its contract does not exist any more"),
        (case(finding), None, {f"{case().contract}/other"}, "its case does not exist any more"),
        (case(finding), None, {f"{case().contract}.test/other"}, "its contract does not exist any more"),
        (aside, [], None, "said of a stream as a whole"),
    ):
        one, code = fate_of(results, [past], now, known)
        assert (one.fate, code) == (FindingFate.UNKNOWN, 3)
        assert words in one.reason


def test_the_worst_of_a_findings_cases_counts(results, made):
    finding, case = made
    past = [case(finding), case(finding, name="market")]
    blocked = case(verdict=Verdict.BLOCKED, name="market")
    assert fate_of(results, past, [case(), case(finding, name="market")])[0].fate is FindingFate.STILL
    assert fate_of(results, past, [case(), blocked])[0].fate is FindingFate.UNKNOWN
    one, _ = fate_of(results, past, [case(), case(name="market")])
    assert one.cases == tuple(each.id for each in past)


def test_only_what_made_the_run_fail_is_sent_again(results, made):
    finding, case = made
    mild = results.finding("result.mild", Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE)
    cases = [case(finding), case(mild, name="mild", verdict=Verdict.ADDITIVE), case(name="sound")]
    assert failed_cases(results.run(*cases)) == cases[:1]
    assert failed_cases(results.run(*cases, fail_on=Severity.ADDITIVE)) == cases[:2]
    assert replayed(results.run(case()), None, set()).exit_status == 0

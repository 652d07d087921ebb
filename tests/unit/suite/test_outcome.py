"""The exit status and the coverage of a run follow from its cases and nothing else."""

from __future__ import annotations

import pytest

from wireproof.drift.finding import Finding, Kind, Severity, Verdict
from wireproof.suite.outcome import coverage, exit_status
from wireproof.suite.results import Blockage, CaseResult, RunResult


def finding(severity):
    return Finding(
        contract="usdm/ws-api/depth",
        path="result",
        kind=Kind.TYPE_CHANGED,
        severity=severity,
        expected="object",
        actual="array",
        fingerprint="0" * 12,
    )


def case(verdict, *findings, contract="depth", name="x"):
    return CaseResult(
        id=f"usdm/ws-api/{contract}/{name}",
        contract=f"usdm/ws-api/{contract}",
        product="usdm",
        surface="ws-api",
        subject=contract,
        title="",
        docs_url="",
        kind="documented",
        verdict=verdict,
        findings=[finding(severity) for severity in findings],
    )


def run(*cases, **changes):
    exercised = sum(c.verdict in {"conforms", "additive", "risky", "breaking"} for c in cases)
    settings = {"selected": len(cases), "exercised": exercised, **changes}
    return RunResult(run="r", version="0", target="local", endpoints={}, cases=list(cases), **settings)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (run(case(Verdict.CONFORMS)), 0),
        (run(case(Verdict.ADDITIVE, Severity.ADDITIVE)), 0),
        (run(case(Verdict.RISKY, Severity.RISKY)), 0),
        (run(case(Verdict.RISKY, Severity.RISKY), fail_on=Severity.RISKY), 1),
        (run(case(Verdict.ADDITIVE, Severity.ADDITIVE), fail_on=Severity.RISKY), 0),
        (run(case(Verdict.BREAKING, Severity.BREAKING)), 1),
        (run(case(Verdict.CONFORMS), waivers_expired=["it expired"]), 1),
        (run(case(Verdict.BLOCKED)), 3),
        (run(case(Verdict.CONFORMS), blocked=[Blockage(host="h", reason="r")]), 3),
        (run(case(Verdict.CONFORMS), case(None)), 3),
        (run(), 3),
        (run(case(Verdict.BLOCKED), case(Verdict.BREAKING, Severity.BREAKING)), 1),
        (run(case(Verdict.BROKEN), case(Verdict.BREAKING, Severity.BREAKING)), 4),
        (run(case(Verdict.CONFORMS), not_cleaned=["an order"]), 4),
        (run(case(Verdict.CONFORMS), case(None), silent=1, exercised=1), 0),
    ],
    ids=[
        "conforming",
        "additive passes",
        "risky passes",
        "risky with --fail-on risky",
        "additive with --fail-on risky",
        "breaking",
        "a waiver expired",
        "blocked",
        "a host was blocked",
        "a case was skipped",
        "nothing was selected",
        "what was seen stands although something was blocked",
        "wireproof broke",
        "something was left on the account",
        "a stream was silent, which is normal",
    ],
)
def test_exit_status(result, status):
    assert exit_status(result) == status


def test_coverage_counts_contracts_that_were_answered_and_judged(store):
    results = [
        case(Verdict.CONFORMS),
        case(Verdict.BREAKING, Severity.BREAKING, contract="ticker.price"),
        case(Verdict.BLOCKED, contract="ticker.book"),
        case(Verdict.CONFORMS, contract="order.place"),
        case(Verdict.BROKEN, contract="order.place", name="y"),
    ]
    [row] = coverage(store, results, ("usdm", "ws-api"))
    assert (row.documented, row.exercised, row.conforming) == (21, 3, 1)
    assert (row.cases, row.cases_exercised) == (5, 3)

"""The exit status and the coverage of a run follow from its cases and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from wireproof.drift.baseline import Baseline, KnownDifference
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Finding, Kind, Severity, Verdict
from wireproof.drift.seen_fields import Sight, UnseenField
from wireproof.results.conclusion import NOT_SELECTED, conclude
from wireproof.results.model import BaselineFinding, Blockage, CaseResult, Observation, RunResult
from wireproof.suite.judging.judge import Judge
from wireproof.suite.planning.cases import blank_result
from wireproof.suite.planning.selection import READ_ONLY
from wireproof.suite.running.compile_run import NOT_KEPT, compile_run, coverage, idle, review_known
from wireproof.suite.running.replay import Replay
from wireproof.suite.target import Target
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor


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
        (run(case(None), silent=1, exercised=0), 3),
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
        "every stream was silent, as each may be, and nothing is known",
    ],
)
def test_exit_status(result, status):
    assert conclude(result).exit_status == status


def test_what_is_gone_from_the_baseline_and_what_expired_of_it_stands_in_the_run(store):
    """Of the contracts that were judged; the answer has to show that it was looked for."""
    paths = {
        name: new_finding("usdm/ws-api/depth", name, Kind.NULL_VALUE, "integer", "null") for name in ("E", "T", "u")
    }
    known = {"kind": Kind.NULL_VALUE, "actual": ("null",), "target": "local", "severity": Severity.BREAKING}
    baseline = Baseline(
        KnownDifference(
            contract=one.contract, path=path, fingerprint=one.fingerprint, since="2026-11-01", expires=expires, **known
        )
        for (path, one), expires in zip(paths.items(), ("2026-12-01", "2026-12-01", "2026-11-20"), strict=True)
    )
    judge = Judge(store, {}, target="local", today=date(2026, 11, 22), baseline=baseline)
    result = case(Verdict.CONFORMS)
    result.observation = Observation(
        case=result.id, contract=result.contract, response='{"E": 1, "T": null, "u": null}'
    )
    judge.settle(result, [paths["T"], paths["u"]])
    assert [one.finding.path for one in result.baseline] == ["T"]
    assert [one.path for one in result.findings] == ["u"]
    run_result = run(result)
    review_known(run_result, judge, [])
    assert [one.path for one in run_result.baseline_gone] == ["E"]
    [sentence] = run_result.baseline_expired
    assert "expired on 2026-11-20" in sentence


def test_coverage_counts_contracts_that_were_answered_and_judged(store):
    results = [
        case(Verdict.CONFORMS),
        case(Verdict.BREAKING, Severity.BREAKING, contract="ticker.price"),
        case(Verdict.BLOCKED, contract="ticker.book"),
        case(Verdict.CONFORMS, contract="order.place"),
        case(Verdict.BROKEN, contract="order.place", name="y"),
    ]
    results[0].baseline = [BaselineFinding(finding=finding(Severity.RISKY), since="2026-11-01", expires="2026-12-01")]
    [row] = coverage(store, results, ("usdm", "ws-api"))
    assert (row.documented, row.exercised, row.conforming) == (21, 3, 0)
    results[0].baseline = []
    [row] = coverage(store, results, ("usdm", "ws-api"))
    assert (row.documented, row.exercised, row.conforming) == (21, 3, 1)
    assert (row.cases, row.cases_exercised) == (5, 3)


def test_what_was_retired_counts_nowhere_but_among_the_cases(store, planned):
    """It is no part of what is documented, although one case asks whether it is still there."""
    [asked] = [one for one in planned.values() if one.contract.id == "coinm/rest/GET.dapi.v1.pmAccountInfo"]
    result = blank_result(asked)
    result.verdict = Verdict.CONFORMS
    [row] = coverage(store, [result], ("coinm", "rest"))
    stored = sum(one.product == "coinm" and one.surface == "rest" for one in store.contracts.values())
    assert (row.documented, row.exercised, row.conforming, row.cases) == (stored - 1, 0, 0, 1)


def test_a_contract_of_which_only_empty_lists_came_is_exercised_and_shown_empty(store):
    results = [case(Verdict.CONFORMS), case(Verdict.CONFORMS, contract="ticker.price")]
    nothing = UnseenField(path="result[]", why="empty", fields=3)
    sights = [Sight(contract="usdm/ws-api/depth", fields=3, seen=0, unseen=(nothing,))]
    [row] = coverage(store, results, ("usdm", "ws-api"), sights)
    assert (row.exercised, row.conforming, row.shown_empty) == (2, 2, 1)


def test_every_contract_that_was_not_exercised_stands_under_its_reason(store, planned):
    """Not observed, blocked, left out by policy, not selected and without a case: each contract once."""
    silent, blocked = case(None, contract="depth"), case(Verdict.BLOCKED, contract="ticker.price")
    silent.reason, blocked.reason = "not observed in 5 s: nobody traded", "answered 451"
    results = [silent, blocked, case(Verdict.CONFORMS, contract="order.place")]
    target = Target("live", {}, [], Redactor(), allow_trading=False, hide_values=True)
    found = {one.reason: one.contracts for one in idle(store, results, planned.values(), ("usdm", None), target)}
    assert found["not observed in 5 s: nobody traded"] == ["usdm/ws-api/depth"]
    assert found["blocked: answered 451"] == ["usdm/ws-api/ticker.price"]
    assert "usdm/ws-api/order.cancel" in found[READ_ONLY]
    assert "usdm/rest/GET.fapi.v1.trades" in found[NOT_SELECTED]
    assert list(found)[-1] == NOT_SELECTED
    assert ["usdm/event/GRID_UPDATE"] in found.values()
    every = [contract for contracts in found.values() for contract in contracts]
    assert "usdm/ws-api/order.place" not in every
    documented = {c.id for c in store.contracts.values() if c.product == "usdm" and not c.retired}
    assert sorted(every) == sorted(documented - {"usdm/ws-api/order.place"})


def test_a_replay_knows_only_that_nothing_was_kept(store, planned):
    results = [case(Verdict.CONFORMS, contract="order.place")]
    found = {one.reason: one.contracts for one in idle(store, results, planned.values(), ("usdm", "ws-api"), None)}
    assert list(found) == [NOT_KEPT]
    assert len(found[NOT_KEPT]) == 20


def test_products_of_which_nothing_was_selected_are_not_listed(store, planned):
    found = idle(store, [case(Verdict.CONFORMS)], planned.values(), (None, None), None)
    assert {name.partition("/")[0] for one in found for name in one.contracts} == {"usdm"}


def test_a_run_that_is_judged_again_tells_what_it_did_not_see(store, planned):
    """From the observation alone: an empty list is shown empty, the other contracts were not observed."""
    case = next(
        c for c in planned.values() if c.contract.id == "usdm/rest/GET.fapi.v1.trades" and c.kind == "documented"
    )
    kept = Observation(case=case.id, contract=case.contract.id, example=case.example, response="[]", status=200)
    target = Target("local", {}, [], Redactor(), allow_trading=True, hide_values=False)
    judge = Judge(store, {}, target="local", today=date(2026, 11, 22))
    replay = Replay([case], [kept], store=store, target=target, judge=judge, run="r")
    replay.start()
    found = compile_run(
        replay,
        skipped=[],
        excluded={},
        fail_on=Severity.BREAKING,
        started_at=0.0,
        scope=("usdm", "rest"),
        planned=planned.values(),
    )
    [sight] = found.sights
    assert (sight.contract, sight.seen, sight.is_empty) == (case.contract.id, 0, True)
    assert [(row.exercised, row.shown_empty) for row in found.coverage] == [(1, 1)]
    assert found.titles == {"usdm": "USDⓈ-M futures"}
    [rest] = found.idle
    assert (rest.reason, case.contract.id in rest.contracts) == (NOT_KEPT, False)
    assert found.exit_status == 0


def test_what_is_learnt_to_be_secret_after_a_case_is_redacted_in_its_result(store, planned):
    """So results are redacted twice: when pytest reads them, and again when the whole run is reported.

    A session may register its key after a case has its result; what could not be sent never was a case with a result.
    """
    case, other = [one for one in planned.values() if one.contract.id == "usdm/rest/GET.fapi.v1.trades"][:2]
    late = "a-listen-key-of-later-0123456789"
    kept = Observation(case=case.id, contract=case.contract.id, example=case.example, response=f'["{late}"]')
    target = Target("local", {}, [], Redactor(), allow_trading=True, hide_values=False)
    judge = Judge(store, {}, target="local", today=date(2026, 11, 22), redactor=target.redactor)
    replay = Replay([case], [kept], store=store, target=target, judge=judge, run="r")
    replay.start()
    skipped = blank_result(other)
    skipped.reason = f"no {late}"
    assert late in replay.state.results[case.id].observation.response
    target.redactor.register(late, "secret")
    found = compile_run(
        replay,
        skipped=[skipped],
        excluded={},
        fail_on=Severity.BREAKING,
        started_at=0.0,
        scope=("usdm", "rest"),
        planned=planned.values(),
    )
    assert late not in str(found)
    assert found.cases[1].reason == "no <redacted secret>"


def test_a_reason_that_can_be_helped_comes_before_one_that_cannot(store, planned):
    """Most cases of ACCOUNT_UPDATE are for the venue only; on live the others wait for --allow-trading."""
    contract = "usdm/event/ACCOUNT_UPDATE"
    cases = [case for case in planned.values() if case.contract.id == contract]
    live = Target("live", Endpoints(), [], Redactor(), allow_trading=False, hide_values=True)
    found = {name: one.reason for one in idle(store, [], cases, ("usdm", "event"), live) for name in one.contracts}
    assert found[contract] == READ_ONLY
    assert found["usdm/event/MARGIN_CALL"] != READ_ONLY

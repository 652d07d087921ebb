"""Observations of a run are judged again, with the same result."""

import json
from datetime import date

import pytest
from scripted_streams import SHORT, TRADE, case, contract, exchange, fast, listening, pushing, trade, trades

from wireproof.contract.model import Watch
from wireproof.contract.store import Store
from wireproof.drift.finding import Severity, Verdict
from wireproof.drift.waivers import Waivers
from wireproof.errors import ExitStatus
from wireproof.results.model import Blockage, Observation, RunResult
from wireproof.results.run_summary import headline
from wireproof.suite.judging.judge import Judge
from wireproof.suite.planning.cases import blank_result, plan_cases
from wireproof.suite.running.compile_run import compile_run
from wireproof.suite.running.replay import NO_RESULT, Replay, select_again
from wireproof.suite.target import Target
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor


async def test_findings_of_a_connection_are_judged_again_from_their_observation(watch, store):
    """With the same result; the connection is no stored contract."""
    sound = [{"stream": f"btcusdt@{name}", "data": trade()} for name in ("aggTrade", "other")]
    other = contract("other", "<symbol>@other", TRADE, case(SHORT))
    async with exchange(answer=pushing("<html>", {"result": None, "id": 77}, *sound)) as feed:
        scores = await watch(feed.root, fast(), other)

    contracts = [fast(), other]
    own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in contracts})
    asides = {name: result for name, result in scores.results.items() if result.aside}
    observed = [result.observation for result in scores.results.values() if result.observation is not None]
    target = Target("local", Endpoints(), [], Redactor(), allow_trading=True, hide_values=False)
    replay = Replay(
        [case for case in plan_cases(own, contracts) if case.id in {one.case for one in observed}],
        observed,
        store=own,
        target=target,
        judge=Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22)),
        run="20261122T000000Z-abc123",
    )
    replay.start()

    assert len(asides) == 2
    for name, aside in asides.items():
        assert [one.fingerprint for one in replay.state.results[name].findings] == [
            one.fingerprint for one in aside.findings
        ]
        assert aside.findings


async def test_what_was_watched_is_judged_again_from_its_observation(watch, store):
    """Messages, broken promises, and a silence that was judged."""
    steady = Watch(seconds=0.05, every_ms=1000, steady=True)
    loud, mute = trades(Watch(events=2)), contract("kline", "<symbol>@mute", TRADE, case(steady))
    async with exchange({"btcusdt@aggTrade": [trade(), trade(1, p=2)]}) as feed:
        scores = await watch(feed.root, loud, mute, listening=listening(100, 141))
    own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in (loud, mute)})
    judge = Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22))
    observations = [result.observation for result in scores.results.values()]
    target = Target("local", Endpoints(), [], Redactor(), allow_trading=False, hide_values=False)
    replay = Replay(scores.cases, observations, store=own, target=target, judge=judge, run="r")
    replay.start()

    for name, result in scores.results.items():
        assert replay.state.results[name].verdict is result.verdict is Verdict.BREAKING
        assert replay.state.results[name].findings == result.findings


@pytest.fixture
def again(store):
    """Return what judges a past run of four cases again: the first is observed, the others are not."""
    cases = [
        case for case in plan_cases(store, store.select(product="usdm", surface="ws-api")) if case.kind == "documented"
    ][:4]
    answered = Observation(
        case=cases[0].id,
        contract=cases[0].contract.id,
        example=cases[0].example,
        response=json.dumps(cases[0].contract.examples[0].response),
        status=200,
    )
    target = Target("local", Endpoints(), [], Redactor(), allow_trading=False, hide_values=False)

    def again(*verdicts, only=slice(None), **changes):
        """Judge a run of those verdicts, and reasons, again; without any, one whose result is lost."""
        results = [blank_result(case) for case in cases]
        for result, (verdict, reason) in zip(results, verdicts, strict=False):
            result.verdict, result.reason = verdict, reason
        past = None
        if verdicts:
            past = RunResult(run="r", version="0", target="local", endpoints={}, cases=results, **changes)
        selection = select_again(cases[only], {answered.case}, past)
        judge = Judge(store, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22))
        replay = Replay(selection.send, [answered], store=store, target=target, judge=judge, run="r", past=past)
        replay.start()
        return compile_run(
            replay,
            skipped=selection.skipped,
            excluded={},
            fail_on=Severity.BREAKING,
            started_at=0.0,
            scope=(None, None),
            planned=cases,
        )

    return again


CONFORMS = (Verdict.CONFORMS, "")


def test_what_was_blocked_is_blocked_again_with_its_reason_and_host(again):
    """Else a night that saw a quarter would be a good one once it is judged again."""
    blocked = (Verdict.BLOCKED, "the region is refused")
    host = Blockage(host="fapi.binance.com", reason="the region is refused", advice="Use another one.", cases=3)
    run = again(CONFORMS, blocked, blocked, (None, "no API key"), blocked=[host])
    assert [(case.verdict, case.reason) for case in run.cases] == [CONFORMS, blocked, blocked, (None, "no API key")]
    assert (run.selected, run.exercised, run.skipped, run.exit_status) == (4, 1, 1, ExitStatus.BLOCKED)
    assert [(one.host, one.cases) for one in run.blocked] == [("fapi.binance.com", 2)]
    assert "Blocked by fapi.binance.com" in headline(run)


def test_silence_that_may_be_and_what_broke_are_what_they_were(again):
    quiet = (None, "not observed in 5 s: nothing to report")
    run = again(CONFORMS, quiet, (Verdict.BROKEN, "a placeholder"), CONFORMS, doubts=["A result is missing."])
    assert [case.verdict for case in run.cases] == [Verdict.CONFORMS, None, Verdict.BROKEN, Verdict.BLOCKED]
    assert run.cases[1].reason == quiet[1]
    assert run.cases[3].reason == "what was observed of this case is not kept"
    assert (run.skipped, run.exit_status) == (0, ExitStatus.BROKEN)
    assert run.doubts == ["A result is missing."]


def test_a_part_of_a_blocked_run_that_was_exercised_is_complete(again):
    """`judge -k` of what was answered; the host that was blocked is no matter of it."""
    host = Blockage(host="h", reason="r", cases=3)
    run = again(CONFORMS, *[(Verdict.BLOCKED, "r")] * 3, only=slice(1), blocked=[host])
    assert (run.selected, run.exit_status, run.blocked) == (1, ExitStatus.OK, [])


def test_without_its_result_nobody_knows_whether_a_run_was_complete(again):
    run = again()
    assert (run.selected, run.exit_status) == (1, ExitStatus.OK)
    assert any(NO_RESULT in note for note in run.notes)

"""Observations of a run are judged again, with the same result."""

from datetime import date

from scripted_streams import SHORT, TRADE, case, contract, exchange, fast, listening, pushing, trade, trades

from wireproof.contract.model import Watch
from wireproof.contract.store import Store
from wireproof.drift.finding import Verdict
from wireproof.drift.waivers import Waivers
from wireproof.suite.judging.judge import Judge
from wireproof.suite.planning.cases import plan_cases
from wireproof.suite.running.replay import Replay
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

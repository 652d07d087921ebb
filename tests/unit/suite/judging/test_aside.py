"""What no case asked for is judged beside the cases: events that no contract knows."""

from datetime import date

import pytest
from scripted_streams import NAME, NOW, SHORT, case, contract, exchange, fast, pushing, trade

from wireproof.contract.model import Watch
from wireproof.contract.store import Store
from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.waivers import Waivers
from wireproof.suite.judging.judge import Judge
from wireproof.suite.running.replay import Replay
from wireproof.suite.target import Target
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ({"stream": "btcusdt@brandNew", "data": {"e": "brandNew", "E": NOW}}, "brandNew"),
        ({"stream": "!brandNew@arr", "data": [{"e": "brandNew", "E": NOW}]}, "brandNew"),
        ({"e": "brandNew", "E": NOW}, "brandNew"),
        ({"e": "../x y"}, "with-a-strange-type"),
    ],
)
@pytest.mark.parametrize("connection", ["combined", "url"])
async def test_an_event_type_that_no_contract_knows_is_additive_and_told_once(watch, frame, name, connection):
    """It stands beside the cases; the stream that was asked for is judged by its own messages."""
    sound = {"stream": "btcusdt@aggTrade", "data": trade()}
    async with exchange(answer=pushing(frame, frame, sound)) as feed:
        feed.greet = [frame, frame, sound] if connection == "url" else []
        scores = await watch(feed.root, fast(Watch(seconds=5, connection=connection)))

    assert scores.results[NAME].verdict is Verdict.CONFORMS
    (aside,) = [result for result in scores.results.values() if result.aside]
    (finding,) = aside.findings
    assert aside.id == f"usdm/stream/aggTrade/undocumented/{name}"
    assert (aside.verdict, finding.kind, finding.value) == (Verdict.ADDITIVE, Kind.UNDOCUMENTED_EVENT, name)
    assert (finding.actual, finding.occurrences) == (f"undocumented event {name}", 2)
    assert len(aside.observation.messages) == 2


async def test_an_undocumented_event_is_judged_again_with_todays_contracts(watch, store):
    """Until a contract knows it."""
    frame = {"stream": "btcusdt@brandNew", "data": {"e": "brandNew", "E": NOW}}
    sound = {"stream": "btcusdt@aggTrade", "data": trade()}
    old, new = fast(Watch(seconds=5)), contract("brandNew", "<symbol>@brandNew", {"e": "brandNew"}, case(SHORT))
    async with exchange(answer=pushing(frame, sound)) as feed:
        scores = await watch(feed.root, old)

    verdicts = []
    for contracts in ([old], [old, new]):
        own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in contracts})
        judge = Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22))
        target = Target("local", Endpoints(), [], Redactor(), allow_trading=False, hide_values=False)
        observations = [result.observation for result in scores.results.values()]
        replay = Replay(scores.cases, observations, store=own, target=target, judge=judge, run="r")
        replay.start()
        verdicts.append(replay.state.results["usdm/stream/aggTrade/undocumented/brandNew"].verdict)
    assert verdicts == [Verdict.ADDITIVE, Verdict.CONFORMS]

"""What one stream has shown: whether it is enough, and whether it is in order."""

import json

from scripted_streams import DEPTH, case, contract, depth, exchange, trade, trades

from wireproof.contract.model import Watch
from wireproof.drift.finding import Verdict


async def test_fewer_messages_than_wanted_are_judged_when_the_time_is_over(watch):
    async with exchange({"btcusdt@aggTrade": [trade(m=1)]}) as feed:
        scores = await watch(feed.root, trades(Watch(events=5, seconds=0.05)))

    assert scores.results["usdm/stream/aggTrade/btcusdt"].verdict is Verdict.BREAKING


def book(**watch):
    watched = Watch(events=3, seconds=5, **watch)
    return contract("depth", "<symbol>@depth", DEPTH, case(watched, proves=("order_book",)))


async def test_a_sound_order_book_chains_and_joins_its_snapshot(watch):
    """Events go on until one reaches the snapshot."""
    events = [depth(n, 10 * n + 1, 10 * n + 10, 10 * n) for n in range(6)]
    async with exchange({"btcusdt@depth": events}) as feed:
        scores = await watch(feed.root, book(), depth={"lastUpdateId": 35})

    result = scores.results["usdm/stream/depth/btcusdt"]
    assert result.verdict is Verdict.CONFORMS
    assert json.loads(result.observation.messages[-1])["u"] >= 35


async def test_a_gap_in_the_chain_is_a_finding(watch):
    events = [depth(1, 1, 10, 0), depth(2, 21, 30, 20), depth(3, 31, 40, 30)]
    async with exchange({"btcusdt@depth": events}) as feed:
        scores = await watch(feed.root, book(), depth={"lastUpdateId": 40})

    (finding,) = scores.results["usdm/stream/depth/btcusdt"].findings
    assert "pu 20 does not continue u 10" in finding.actual


async def test_a_drop_is_mended_and_breaks_no_chain(watch):
    """What comes over the new connection is a chain of its own."""
    events = [depth(1, 1, 10, 0), depth(2, 11, 20, 10), depth(3, 21, 30, 20), depth(4, 31, 40, 30)]
    async with exchange({"btcusdt@depth": events}, drop_after=2) as feed:
        scores = await watch(feed.root, book(), depth={"lastUpdateId": 25})

    assert len(feed.paths) == 2
    assert scores.results["usdm/stream/depth/btcusdt"].verdict is Verdict.CONFORMS

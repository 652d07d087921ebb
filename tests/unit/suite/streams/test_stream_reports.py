"""What connections are charged with, and what came once a case was judged."""

import asyncio
import json

from scripted_streams import NAME, NOW, TRADE, case, contract, exchange, fast, pushing, trade

from wireproof.contract.model import Watch
from wireproof.drift.finding import Kind, Verdict


async def test_the_announced_end_of_a_server_is_noted_and_no_finding(watch):
    notice = {"e": "serverShutdown", "E": NOW}
    sound = {"stream": "btcusdt@aggTrade", "data": trade()}
    async with exchange(answer=pushing(notice, sound)) as feed:
        scores = await watch(feed.root, fast(Watch(seconds=5)))

    assert scores.results[NAME].verdict is Verdict.CONFORMS
    assert not [result for result in scores.results.values() if result.aside]
    assert scores.notes == ["The server of usdm's streams announced its shutdown, which is no finding."]


async def test_what_comes_once_a_case_is_judged_is_judged_beside_it(watch):
    """While its connection is open for others."""
    first, late = asyncio.Event(), {"stream": "btcusdt@aggTrade", "data": trade(9, p=5)}

    async def answer(connection, text):
        await connection.send(json.dumps({"result": None, "id": json.loads(text)["id"]}))
        await connection.send(json.dumps({"stream": "btcusdt@aggTrade", "data": trade()}))
        await asyncio.sleep(0.2)
        for frame in (late, late, {"stream": "btcusdt@other", "data": trade()}):
            await connection.send(json.dumps(frame))
        first.set()

    other = contract("other", "<symbol>@other", TRADE, case(Watch(seconds=5)))
    async with exchange(answer=answer) as feed:
        scores = await watch(feed.root, fast(Watch(seconds=5)), other)

    assert scores.results[NAME].verdict is Verdict.CONFORMS
    (later,) = [result for result in scores.results.values() if result.aside]
    assert later.id == f"{NAME}/later"
    assert [(one.path, one.kind) for one in later.findings] == [
        ("", Kind.PROTOCOL_VIOLATION),
        ("p", Kind.TYPE_CHANGED),
    ]
    assert "1 of 3 messages came twice" in later.findings[0].actual

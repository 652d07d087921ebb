"""The table of faults: everything that it lists can be used as it stands there."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp
import pytest

from wireproof.venue.base.fault_kinds import EVERYWHERE, FIELDS, KINDS, example, listing
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.serving.server import Venue

#: What a client sees of each example; each returns whether it saw what the table says.
SEEN = {}


def sees(kind):
    """Note how the example of a kind is seen."""
    return lambda check: SEEN.setdefault(kind, check)


class Client:
    """Talks to a venue over each surface."""

    def __init__(self, venue, http):
        self.venue, self.http, self.account = venue, http, venue.accounts[0]

    async def get(self, path):
        """Return status and text of a GET."""
        async with self.http.get(self.venue.rest_url + path) as answer:
            return answer.status, await answer.text()

    async def ask(self, *methods):
        """Return the answers that come to requests over the WebSocket API and to one more after them, as text."""
        came = []
        async with self.http.ws_connect(self.venue.ws_api_url) as socket:
            for identity, method in enumerate((*methods, "session.status")):
                params = {"symbol": "BTCUSDT"} | (self.order() if method == "order.place" else {})
                await socket.send_json({"id": identity, "method": method, "params": params})
            while not came or f'"id":{len(methods)},' not in came[-1]:
                message = await socket.receive(timeout=5)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return None
                came.append(message.data)
        return [json.loads(one)["id"] for one in came[:-1]]

    def order(self):
        """Return the parameters of a signed order."""
        params = {"apiKey": self.account.key.api_key, "price": "60000", "quantity": "0.01", "side": "BUY"}
        params |= {"symbol": "BTCUSDT", "timeInForce": "GTC", "timestamp": self.venue.clock.now_ms(), "type": "LIMIT"}
        text = "&".join(f"{name}={params[name]}" for name in sorted(params))
        return params | {"signature": self.account.key.sign(text)}

    async def place(self):
        """Place an order over REST; return status and text."""
        params = "&".join(
            f"{name}={value}" for name, value in self.order().items() if name not in {"apiKey", "signature"}
        )
        url = f"{self.venue.rest_url}/fapi/v1/order?{params}&signature={self.account.key.sign(params)}"
        async with self.http.post(url, headers={"X-MBX-APIKEY": self.account.key.api_key}) as answer:
            return answer.status, await answer.text()

    async def private(self, act):
        """Return the types of events that come to a private stream after `act`, until a leverage changed."""
        key = self.venue.listen_keys.start(self.account, "usdm")
        url = f"{self.venue.stream_url}/private/ws?listenKey={key}"
        async with self.http.ws_connect(url) as socket:
            await act()
            self.venue.engine.publish(self.account, {"e": "THE_END"})
            came = []
            while not came or came[-1] != "THE_END":
                message = await socket.receive(timeout=5)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return [*came, "gone"]
                came.append(json.loads(message.data)["e"])
            return came


@sees("drop-before")
async def _(client):
    with pytest.raises(aiohttp.ClientError):
        await client.place()
    return client.account.open_orders == {}


@sees("drop-after")
async def _(client):
    return await client.ask("order.place") is None and len(client.account.open_orders) == 1


@sees("answer")
async def _(client):
    return await client.place() == (400, '{"code":-2019,"msg":"Margin is insufficient."}')


@sees("answer-after")
async def _(client):
    return await client.ask("order.place") == [0] and len(client.account.open_orders) == 1


@sees("limit")
async def _(client):
    client.venue.faults.clear()
    client.venue.faults.add(**example(KINDS["limit"]) | {"window_ms": 3_600_000})
    path = "/futures/data/basis?pair=BTCUSDT&contractType=PERPETUAL&period=5m"
    statuses = [(await client.get(path))[0] for _ in range(13)]
    return statuses == [200] * 2 + [429] * 10 + [418]


@sees("silent")
async def _(client):
    return await client.ask("depth") == []


@sees("twice")
async def _(client):
    client.venue.faults.clear()

    async def act():
        client.venue.faults.add(**example(KINDS["twice"]))
        await client.place()

    return (await client.private(act)).count("ORDER_TRADE_UPDATE") == 2


@sees("foreign-id")
async def _(client):
    return await client.ask("ticker.price") == ["an-id-that-nobody-sent"]


@sees("not-json")
async def _(client):
    status, text = await client.get("/fapi/v1/ticker/bookTicker")
    return status == 200 and text.startswith("<html>")


@sees("delay")
async def _(client):
    both = [asyncio.create_task(client.get("/fapi/v1/time")) for _ in range(2)]
    done, late = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for one in late:
        one.cancel()
    return (len(done), len(late)) == (1, 1)


@sees("reorder")
async def _(client):
    return await client.ask("ticker.price", "ticker.price") == [1, 0]


@sees("drift")
async def _(client):
    _status, text = await client.get("/fapi/v2/ticker/price")
    return {(row["price"], "time" in row) for row in json.loads(text)} == {(1.5, False)}


@sees("refuse")
async def _(client):
    return [(await client.get("/fapi/v1/time"))[0] for _ in range(4)] == [429, 429, 429, 200]


@sees("mute")
async def _(client):
    faults = client.venue.faults
    return faults.muted("btcusdt@depth") and not faults.muted("ethusdt@depth")


@sees("disconnect")
async def _(client):
    async def act():
        client.venue.faults.add(**example(KINDS["disconnect"]))

    return await client.private(act) == ["gone"]


@sees("expire-listen-key")
async def _(client):
    client.venue.listen_keys.start(client.account, "usdm")
    client.venue.faults.add(**example(KINDS["expire-listen-key"]))
    return client.venue.listen_keys.active(client.account, "usdm") is None


@sees("revoke-key")
async def _(client):
    return client.venue.accounts[1].key.revoked


@sees("restore-key")
async def _(client):
    return not client.venue.accounts[1].key.revoked


@sees("weight")
async def _(client):
    used = []
    for path in ("/fapi/v1/time", "/fapi/v1/openInterest?symbol=BTCUSDT"):
        async with client.http.get(client.venue.rest_url + path) as answer:
            used.append(int(answer.headers["X-MBX-USED-WEIGHT-1M"]))
    return used == [1, 6]


@pytest.fixture
async def venue(keys):
    """Serve a venue whose clock stands still."""
    async with Venue(seed=7, clock=ManualClock(), tick_seconds=None, market_moves=False, keys=keys) as served:
        yield served


@pytest.mark.parametrize("kind", KINDS)
async def test_the_example_of_each_kind_does_what_the_table_says(venue, http, kind):
    venue.faults.add(**example(KINDS[kind]))
    assert await SEEN[kind](Client(venue, http))


def test_the_listing_names_everything_and_its_examples_can_be_copied():
    text = listing()
    copied = [json.loads(one) for one in re.findall(r"--fault '(.+)'", text)]
    assert copied == [example(kind) for kind in KINDS.values()]
    assert [name for name in (*FIELDS, *EVERYWHERE) if name not in text] == []

"""The product as a whole: what it serves, and how its engine hangs together with the venue."""

from __future__ import annotations

from wireproof.venue.products.options.options_product import OPTIONS
from wireproof.venue.products.registry import product_at


def test_everything_below_its_root_is_its_own():
    assert product_at("/eapi/v1/time") is OPTIONS
    assert len(OPTIONS.routes) == 44
    assert len(OPTIONS.events) == 6


async def test_its_index_is_that_of_the_futures(rest):
    before = await rest.get("/eapi/v1/index", underlying="BTCUSDT")
    rest.venue.engine.set_price("BTCUSDT", rest.venue.engine.market("BTCUSDT").mid + 1_000)
    after = await rest.get("/eapi/v1/index", underlying="BTCUSDT")
    assert float(after["indexPrice"]) - float(before["indexPrice"]) > 900
    gold = await rest.get("/eapi/v1/index", underlying="XAUUSDT")
    assert float(gold["indexPrice"]) == 4_150


async def test_its_time_passes_with_the_venues(rest):
    engine = rest.venue.services.engines[OPTIONS.name]
    markets = len(engine.markets)
    rest.venue.tick()
    assert len(engine.markets) > markets


async def test_user_events_come_on_the_private_root(rest):
    """Of options only, and wrapped or bare by the address."""
    headers = {"X-MBX-APIKEY": rest.account.key.api_key}
    async with rest.http.post(f"{rest.venue.rest_url}/eapi/v1/listenKey", headers=headers) as answer:
        key = (await answer.json())["listenKey"]
    root = f"{rest.venue.stream_url}/private"
    async with rest.http.ws_connect(f"{root}/ws/{key}") as bare, rest.http.ws_connect(f"{root}/stream") as wrapped:
        await wrapped.send_json({"method": "SUBSCRIBE", "params": [key], "id": 1})
        assert await wrapped.receive_json() == {"result": None, "id": 1}
        await rest.order()
        order = {"symbol": "BTC-261225-90000-C", "side": "BUY", "type": "LIMIT", "quantity": "0.1", "price": "2000"}
        await rest.post("/eapi/v1/order", **order)
        event = await bare.receive_json()
        assert (event["e"], event["o"]["s"]) == ("ORDER_TRADE_UPDATE", order["symbol"])
        assert await wrapped.receive_json() == {"stream": key, "data": event}
        rest.venue.clock.advance(3_600_000)
        rest.venue.tick()
        now = str(rest.venue.clock.now_ms())
        assert await bare.receive_json() == {"e": "listenKeyExpired", "E": now, "listenKey": key}


async def test_market_streams_come_on_the_futures_roots(rest):
    async with rest.http.ws_connect(f"{rest.venue.stream_url}/market/stream?streams=!index@arr") as socket:
        rest.venue.beat()
        frame = await socket.receive_json()
    assert frame["stream"] == "!index@arr"
    assert {row["e"] for row in frame["data"]} == {"indexPrice"}


async def test_its_limits_are_its_own(rest):
    """Counted apart from those of futures, and said in headers."""
    await rest.get("/fapi/v1/time")
    url = f"{rest.venue.rest_url}/eapi/v1/ticker"
    async with rest.http.get(url) as answer:
        assert answer.headers["X-MBX-USED-WEIGHT-1M"] == "40"
    for _ in range(9):
        await rest.get("/eapi/v1/ticker")
    async with rest.http.get(url) as answer:
        assert answer.status == 429
    await rest.get("/fapi/v1/time")


async def test_so_many_orders_may_be_placed(rest):
    order = {"symbol": "BTC-261225-90000-C", "side": "BUY", "type": "LIMIT", "quantity": "0.01", "price": "5"}
    for _ in range(30):
        await rest.post("/eapi/v1/order", **order)
    assert await rest.refused("POST", "/eapi/v1/order", **order) == -1015
    await rest.post("/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")


async def test_the_old_host_is_gone(rest):
    """Streams were below /eoptions until December 2025."""
    async with rest.http.get(f"{rest.venue.rest_url}/eoptions/ws/btc-261225-90000-c@depth") as answer:
        assert answer.status == 404

"""REST: orders of both products."""

from __future__ import annotations

import pytest

from wireproof.venue.products.registry import ROUTES

DAY_MS = 24 * 3_600_000
PRODUCTS = {"/fapi": "BTCUSDT", "/dapi": "BTCUSD_PERP"}
both = pytest.mark.parametrize(("root", "symbol"), PRODUCTS.items())


def place(rest, root):
    """Return what places an order of a product."""
    return rest.order if root == "/fapi" else rest.coin_order


async def test_all_orders(rest):
    """Open and done ones of the symbol, oldest first; from orderId on, or the latest of a period."""
    ids = [(await rest.order(newClientOrderId=f"wp-{number}"))["orderId"] for number in range(3)]
    await rest.delete("/fapi/v1/order", symbol="BTCUSDT", orderId=ids[0])
    await rest.order(symbol="ETHUSDT", price="2600")
    listed = await rest.get("/fapi/v1/allOrders", symbol="BTCUSDT")
    assert [one["orderId"] for one in listed] == ids
    assert [one["status"] for one in listed] == ["CANCELED", "NEW", "NEW"]
    assert {"clientOrderId", "executedQty", "cumQuote", "cumBase", "avgPrice", "pair", "side"} < set(listed[0])
    later = await rest.get("/fapi/v1/allOrders", symbol="BTCUSDT", orderId=ids[1], limit=1)
    assert [one["orderId"] for one in later] == ids[1:2]
    latest = await rest.get("/fapi/v1/allOrders", symbol="BTCUSDT", limit=2)
    assert [one["orderId"] for one in latest] == ids[1:]


async def test_all_orders_without_a_symbol_are_those_of_every_symbol_of_the_product(rest):
    """COIN-M's are not among them."""
    await rest.order(symbol="BTCUSDT")
    await rest.order(symbol="ETHUSDT", price="2600")
    await rest.coin_order()
    assert [one["symbol"] for one in await rest.get("/fapi/v1/allOrders")] == ["BTCUSDT", "ETHUSDT"]
    assert await rest.refused("GET", "/fapi/v1/allOrders", symbol="NOPE") == -1121


@pytest.mark.parametrize(("root", "too_long"), [("/fapi", -4165), ("/dapi", -4088)])
async def test_searches_cover_seven_days(rest, root, too_long):
    """Older ones need a startTime; a longer period is refused, as is one that ends before it starts."""
    path, symbol = f"{root}/v1/allOrders", PRODUCTS[root]
    await place(rest, root)()
    rest.venue.clock.advance(8 * DAY_MS)
    now = rest.venue.clock.now_ms()
    assert await rest.get(path, symbol=symbol) == []
    assert len(await rest.get(path, symbol=symbol, startTime=now - 9 * DAY_MS)) == 1
    for (start, end), code in (((now - 8 * DAY_MS, now), too_long), ((now, now - 1), -1023)):
        assert await rest.refused("GET", path, symbol=symbol, startTime=start, endTime=end) == code


@pytest.mark.parametrize(
    ("change", "code"), [({"limit": 1001}, -1130), ({"limit": 0}, -1130), ({"symbol": "X"}, -1121)]
)
async def test_all_orders_refuses(rest, change, code):
    """A limit outside 1 to 1000, and an unknown symbol."""
    assert await rest.refused("GET", "/fapi/v1/allOrders", **({"symbol": "BTCUSDT"} | change)) == code


@both
async def test_modify(rest, root, symbol):
    """The answer has pair, and modifyId when one was sent; orderAmendment tells what changed, the latest first."""
    order = await place(rest, root)()
    sent = {
        "symbol": symbol,
        "orderId": order["orderId"],
        "side": "BUY",
        "quantity": "2" if root == "/dapi" else "0.02",
    }
    changed = await rest.put(f"{root}/v1/order", price="80010", modifyId=77, **sent)
    assert (changed["pair"], changed["modifyId"]) == (symbol.partition("_")[0], 77)
    assert "modifyId" not in await rest.put(f"{root}/v1/order", price="80020", **sent)
    path = f"{root}/v1/orderAmendment"
    latest, first = await rest.get(path, symbol=symbol, orderId=order["orderId"])
    assert latest["amendment"] == {
        "price": {"before": "80010", "after": "80020"},
        "origQty": {"before": sent["quantity"], "after": sent["quantity"]},
        "count": 2,
    }
    assert (first["amendment"]["modifyId"], first["pair"]) == (77, symbol.partition("_")[0])
    assert latest["amendmentId"] == first["amendmentId"] + 1
    assert await rest.refused("PUT", f"{root}/v1/order", price="80020", **sent) == (-4197 if root == "/dapi" else -5027)
    assert await rest.refused("PUT", f"{root}/v1/order", **sent) == -1102
    assert await rest.refused("GET", path, symbol=symbol) == -1102


@both
async def test_open_order(rest, root, symbol):
    """Only while it is open; -2013 afterwards."""
    order = await place(rest, root)(newClientOrderId="wp-open")
    path = f"{root}/v1/openOrder"
    assert (await rest.get(path, symbol=symbol, origClientOrderId="wp-open"))["orderId"] == order["orderId"]
    assert (await rest.delete(f"{root}/v1/allOpenOrders", symbol=symbol))["code"] == 200
    assert await rest.refused("GET", path, symbol=symbol, orderId=order["orderId"]) == -2013
    assert await rest.refused("GET", path, symbol=symbol) == -1102


@both
async def test_user_trades(rest, root, symbol):
    """Executions with fee and profit, in one form for both products; by order, by id, by period."""
    bought = await place(rest, root)(type="MARKET")
    sold = await place(rest, root)(type="MARKET", side="SELL")
    path = f"{root}/v1/userTrades"
    first, second = await rest.get(path, symbol=symbol)
    assert (first["orderId"], second["orderId"]) == (bought["orderId"], sold["orderId"])
    assert (first["buyer"], first["maker"], second["buyer"]) == (True, False, False)
    asset = "BTC" if root == "/dapi" else "USDT"
    assert first["marginAsset"] == first["commissionAsset"] == asset
    assert first["realizedPnl"] == "0"
    assert second["realizedPnl"].startswith("-") is (root == "/fapi")  # two ticks of one contract are no satoshi
    assert (first["quoteQty"] == "100") is (root == "/dapi")
    assert (first["baseQty"] == "0.0100") is (root == "/fapi")
    assert await rest.get(path, symbol=symbol, orderId=sold["orderId"]) == [second]
    assert await rest.get(path, symbol=symbol, fromId=first["id"] + 1) == [second]
    assert await rest.get(path, symbol=symbol, limit=1) == [second]
    assert await rest.get(path, symbol=symbol, endTime=first["time"] - 1) == []
    assert await rest.refused("GET", path, symbol=symbol, fromId=1, startTime=1) == -1128


@both
async def test_countdown(rest, root, symbol):
    """A symbol's orders are cancelled when nobody calls again in time; zero stops the clock."""
    await place(rest, root)()
    path = f"{root}/v1/countdownCancelAll"
    answer = await rest.post(path, symbol=symbol, countdownTime=5000)
    assert answer == {"symbol": symbol, "countdownTime": "5000"}
    await rest.post(path, symbol=symbol, countdownTime=0)
    rest.venue.clock.advance(5_000)
    rest.venue.tick()
    assert len(await rest.get(f"{root}/v1/openOrders", symbol=symbol)) == 1
    await rest.post(path, symbol=symbol, countdownTime=5000)
    rest.venue.clock.advance(5_000)
    rest.venue.tick()
    assert await rest.get(f"{root}/v1/openOrders", symbol=symbol) == []
    assert await rest.refused("POST", path, symbol=symbol, countdownTime="soon") == -1102
    assert await rest.refused("POST", path, symbol=symbol, countdownTime=-1) == -1130


async def test_force_orders(rest):
    """What a liquidation closed, each product with its fields; -1130 for an unknown kind."""
    engine, account = rest.venue.engine, rest.account
    engine.settings.set_leverage(account, engine.symbols["BTCUSDT"], 50)
    engine.settings.set_leverage(account, engine.symbols["BTCUSD_PERP"], 50)
    await rest.order(type="MARKET", quantity="1")
    await rest.coin_order(type="MARKET", quantity="10000")
    engine.set_price("BTCUSDT", engine.markets["BTCUSDT"].mid * 9 / 10)
    engine.set_price("BTCUSD_PERP", engine.markets["BTCUSD_PERP"].mid * 9 / 10)
    (linear,) = await rest.get("/fapi/v1/forceOrders")
    assert linear["clientOrderId"].startswith("autoclose-")
    assert {"cumBase", "cumQuote", "pair", "time"} < set(linear)
    assert "priceProtect" not in linear
    (coin,) = await rest.get("/dapi/v1/forceOrders", autoCloseType="LIQUIDATION")
    assert {"cumBase", "cumQuote", "priceProtect", "goodTillDate"} < set(coin)
    assert await rest.get("/dapi/v1/forceOrders", autoCloseType="ADL") == []
    assert await rest.get("/fapi/v1/forceOrders", symbol="ETHUSDT") == []
    assert await rest.refused("GET", "/fapi/v1/forceOrders", autoCloseType="NOPE") == -1130


@both
async def test_listen_keys(rest, root, symbol):
    """Each product has its own."""
    key = (await rest.post(f"{root}/v1/listenKey"))["listenKey"]
    assert (await rest.put(f"{root}/v1/listenKey")) == {"listenKey": key}
    other = next(one for one in PRODUCTS if one != root)
    assert await rest.refused("PUT", f"{other}/v1/listenKey") == -1125
    assert await rest.delete(f"{root}/v1/listenKey") == {}
    assert symbol


@both
async def test_every_documented_trading_route_is_served(root, symbol):
    """Order routes, by product."""
    names = ["order", "batchOrders", "openOrder", "openOrders", "allOrders", "userTrades", "forceOrders"]
    names += ["orderAmendment", "positionMargin/history", "commissionRate", "adlQuantile", "positionSide/dual"]
    served = {name.partition(" ")[2] for name in ROUTES}
    assert {f"{root}/v1/{name}" for name in names} <= served
    assert symbol


@both
async def test_old_orders_are_forgotten(rest, root, symbol):
    """After three days when they were never filled, else after ninety; open ones never (documented)."""
    opened = (await place(rest, root)())["orderId"]
    cancelled = (await place(rest, root)())["orderId"]
    filled = (await place(rest, root)(type="MARKET"))["orderId"]
    await rest.delete(f"{root}/v1/order", symbol=symbol, orderId=cancelled)

    async def found():
        return [one["orderId"] for one in await rest.get(f"{root}/v1/allOrders", symbol=symbol, orderId=1)]

    rest.venue.clock.advance(3 * DAY_MS)
    assert await found() == [opened, cancelled, filled]
    rest.venue.clock.advance(1)
    assert await found() == [opened, filled]
    assert await rest.refused("GET", f"{root}/v1/order", symbol=symbol, orderId=cancelled) == -2013
    rest.venue.clock.advance(87 * DAY_MS)
    assert await found() == [opened]
    assert (await rest.get(f"{root}/v1/order", symbol=symbol, orderId=opened))["status"] == "NEW"

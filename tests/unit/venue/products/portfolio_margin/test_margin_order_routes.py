"""Margin orders over REST."""

from __future__ import annotations

from wireproof.venue.products.registry import PRODUCTS

BTC = {"symbol": "BTCUSDT"}
LIMIT = BTC | {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "80000"}
LIST = BTC | {"side": "SELL", "quantity": "0.01", "price": "95000", "stopPrice": "80000"}
DAY_MS = 24 * 3_600_000


async def test_an_order_is_found_by_its_ids(papi):
    """The latest with a client id; of its own symbol only."""
    order = await papi.post("margin/order", **LIMIT, newClientOrderId="mine")
    assert order["fills"] == []
    seen = await papi.get("margin/order", **BTC, orderId=order["orderId"])
    assert seen == await papi.get("margin/order", **BTC, origClientOrderId="mine")
    assert await papi.get("margin/openOrders", **BTC) == await papi.get("margin/openOrders") == [seen]
    assert await papi.get("margin/openOrders", symbol="ETHUSDT") == []
    assert await papi.refused("GET", "margin/order", symbol="ETHUSDT", orderId=order["orderId"]) == -2013
    assert await papi.refused("GET", "margin/order", **BTC) == -1102
    other = papi.venue.accounts[1]
    assert await papi.refused("GET", "margin/order", other, **BTC, orderId=order["orderId"]) == -2013


async def test_a_cancellation_has_an_id_of_its_own(papi):
    """What is done cannot be cancelled."""
    await papi.post("margin/order", **LIMIT, newClientOrderId="mine")
    ended = await papi.delete("margin/order", **BTC, origClientOrderId="mine", newClientOrderId="that")
    assert (ended["origClientOrderId"], ended["clientOrderId"], ended["status"]) == ("mine", "that", "CANCELED")
    assert await papi.refused("DELETE", "margin/order", **BTC, origClientOrderId="mine") == -2011


async def test_all_open_orders_of_a_symbol_are_cancelled(papi):
    """A list as one; nothing to cancel is refused."""
    assert await papi.refused("DELETE", "margin/allOpenOrders", **BTC) == -2011
    await papi.post("margin/order", **LIMIT)
    await papi.post("margin/order/oco", **LIST)
    alone, together = await papi.delete("margin/allOpenOrders", **BTC)
    assert (alone["orderListId"], alone["status"]) == (-1, "CANCELED")
    assert [one["status"] for one in together["orderReports"]] == ["CANCELED", "CANCELED"]
    assert await papi.get("margin/openOrders") == []


async def test_lists_are_found_by_their_ids(papi):
    """And cancelled as a whole."""
    found = await papi.post("margin/order/oco", **LIST, listClientOrderId="pair")
    assert [one["type"] for one in found["orderReports"]] == ["STOP_LOSS", "LIMIT_MAKER"]
    assert found["listOrderStatus"] == "EXECUTING"
    number = found["orderListId"]
    seen = await papi.get("margin/orderList", orderListId=number)
    assert seen == await papi.get("margin/orderList", origClientOrderId="pair")
    assert await papi.get("margin/openOrderList") == [seen]
    ended = await papi.delete("margin/orderList", **BTC, listClientOrderId="pair")
    assert ended["listOrderStatus"] == "ALL_DONE"
    assert await papi.refused("DELETE", "margin/orderList", **BTC, orderListId=number) == -2011
    assert await papi.refused("GET", "margin/orderList", orderListId=1) == -2013
    assert await papi.refused("GET", "margin/orderList") == -1102
    later = await papi.post("margin/order/oco", **LIST)
    everything = await papi.get("margin/allOrderList")
    assert [one["orderListId"] for one in everything] == [later["orderListId"], number]
    assert len(await papi.get("margin/allOrderList", fromId=later["orderListId"])) == 1
    assert await papi.refused("GET", "margin/allOrderList", fromId=1, startTime=1) == -1128


async def test_searches_cover_at_most_a_day(papi):
    """Of orders and of executions; up from an id, else the latest."""
    orders = [await papi.post("margin/order", **LIMIT) for _ in range(3)]
    ids = [one["orderId"] for one in orders]
    found = await papi.get("margin/allOrders", **BTC, limit=2)
    assert [one["orderId"] for one in found] == ids[1:]
    found = await papi.get("margin/allOrders", **BTC, orderId=ids[0], limit=2)
    assert [one["orderId"] for one in found] == ids[:2]
    sold = BTC | {"side": "SELL", "type": "MARKET", "quantity": "0.01"}
    sale = await papi.post("margin/order", **sold)
    await papi.post("margin/order", **sold)
    first, second = await papi.get("margin/myTrades", **BTC)
    assert (first["orderId"], first["commissionAsset"]) == (sale["orderId"], "USDT")
    assert await papi.get("margin/myTrades", **BTC, fromId=second["id"]) == [second]
    assert await papi.get("margin/myTrades", **BTC, orderId=sale["orderId"]) == [first]
    now = papi.venue.clock.now_ms()
    for path in ("allOrders", "myTrades"):
        window = {"startTime": now - DAY_MS - 1, "endTime": now}
        assert await papi.refused("GET", f"margin/{path}", **BTC, **window) == -1127
        assert await papi.refused("GET", f"margin/{path}", **BTC, startTime=now, endTime=now - 1) == -1023
    assert await papi.get("margin/forceOrders") == {"rows": [], "total": 0}


async def test_a_list_counts_as_two_orders(papi):
    """Against the limit per minute."""
    account = papi.venue.accounts[0]
    counts = papi.venue.services.pools.of(
        next(one.limits for one in PRODUCTS if one.name == "portfolio-margin")
    ).orders.counts
    await papi.post("margin/order", **LIMIT)
    assert counts(account.name)[1] == 1
    await papi.post("margin/order/oco", **LIST)
    assert counts(account.name)[1] == 3

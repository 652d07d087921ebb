"""REST: orders of both products."""

from __future__ import annotations

import pytest

DAY_MS = 24 * 3_600_000


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


async def test_all_orders_covers_seven_days(rest):
    """Older ones need a startTime; a longer period is -4165, one that ends before it starts -1023."""
    await rest.order()
    rest.venue.clock.advance(8 * DAY_MS)
    now = rest.venue.clock.now_ms()
    assert await rest.get("/fapi/v1/allOrders", symbol="BTCUSDT") == []
    assert len(await rest.get("/fapi/v1/allOrders", symbol="BTCUSDT", startTime=now - 9 * DAY_MS)) == 1
    for period, code in (((now - 8 * DAY_MS, now), -4165), ((now, now - 1), -1023)):
        assert (
            await rest.refused("GET", "/fapi/v1/allOrders", symbol="BTCUSDT", startTime=period[0], endTime=period[1])
            == code
        )


@pytest.mark.parametrize(
    ("change", "code"), [({"limit": 1001}, -1130), ({"limit": 0}, -1130), ({"symbol": "X"}, -1121)]
)
async def test_all_orders_refuses(rest, change, code):
    """A limit outside 1 to 1000, and an unknown symbol."""
    assert await rest.refused("GET", "/fapi/v1/allOrders", **({"symbol": "BTCUSDT"} | change)) == code

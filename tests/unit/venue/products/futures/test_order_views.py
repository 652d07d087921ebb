"""Orders as each product shows them."""

from __future__ import annotations


async def test_coin_order_answers(rest):
    """With pair, priceMatch and selfTradePreventionMode, without goodTillDate; reads add avgPrice, cumBase and time."""
    order = await rest.coin_order()
    assert {"pair", "priceMatch", "selfTradePreventionMode", "cumQty", "updateTime"} < set(order)
    assert not {"goodTillDate", "avgPrice", "cumBase"} & set(order)
    read = await rest.get("/dapi/v1/order", symbol="BTCUSD_PERP", orderId=order["orderId"])
    assert {"pair", "avgPrice", "cumBase", "time"} < set(read)
    assert not {"cumQty", "cumQuote", "goodTillDate"} & set(read)

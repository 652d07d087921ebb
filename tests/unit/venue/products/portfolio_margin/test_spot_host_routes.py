"""What the spot host says of the symbols of margin orders."""

from __future__ import annotations

from decimal import Decimal

import pytest

HOST = "/api/v3"


async def test_an_order_by_the_filters_is_taken(papi):
    """The smallest quantity on the step whose worth is enough, at a price on the tick."""
    info = await papi.rest.get(f"{HOST}/exchangeInfo", symbol="ETHUSDT")
    (symbol,) = info["symbols"]
    filters = {one["filterType"]: one for one in symbol["filters"]}
    book = await papi.rest.get(f"{HOST}/ticker/bookTicker", symbol="ETHUSDT")
    tick, step = (Decimal(filters[name][key]) for name, key in (("PRICE_FILTER", "tickSize"), ("LOT_SIZE", "stepSize")))
    price = Decimal(book["bidPrice"]) - 100 * tick
    least = Decimal(filters["NOTIONAL"]["minNotional"]) / price
    quantity = (least // step + 1) * step
    order = {"symbol": "ETHUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": price}
    assert (await papi.post("margin/order", **order, quantity=quantity))["status"] == "NEW"
    assert await papi.refused("POST", "margin/order", **order, quantity=quantity - step) == -1013
    assert {one["symbol"] for one in (await papi.rest.get(f"{HOST}/exchangeInfo"))["symbols"]} > {"BTCUSDT", "ETHUSDC"}
    assert info["rateLimits"][0]["limit"] == 6000


@pytest.mark.parametrize("path", ["bookTicker", "price"])
async def test_one_symbol_or_all(papi, path):
    """An object or a list; not of contracts."""
    rows = await papi.rest.get(f"{HOST}/ticker/{path}")
    (one,) = [row for row in rows if row["symbol"] == "BTCUSDT"]
    assert await papi.rest.get(f"{HOST}/ticker/{path}", symbol="BTCUSDT") == one
    assert await papi.rest.refused("GET", f"{HOST}/ticker/{path}", symbol="BTCUSD_PERP") == -1121


async def test_book(papi):
    """What rests at one price is one level."""
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "86250"}
    for _ in range(2):
        await papi.post("margin/order", **order, quantity="0.01")
    book = await papi.rest.get(f"{HOST}/depth", symbol="BTCUSDT", limit=5)
    assert (len(book["bids"]), len(book["asks"])) == (5, 5)
    assert book["bids"][0] == ["86250.00000000", "0.02000000"]
    best = await papi.rest.get(f"{HOST}/ticker/bookTicker", symbol="BTCUSDT")
    assert book["asks"][0] == [best["askPrice"], best["askQty"]]
    assert await papi.rest.refused("GET", f"{HOST}/depth", symbol="BTCUSDT", limit=0) == -1130
    assert len((await papi.rest.get(f"{HOST}/depth", symbol="BTCUSDT"))["asks"]) == 20

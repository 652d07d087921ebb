"""What one view of an order says, the others say as well, also in options and within portfolio margin."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Any

import pytest

Json = dict[str, Any]
#: Root, path of the history, and a sound order that rests.
BOOKS = {
    "options": ("/eapi/v1", "historyOrders", {"symbol": "BTC-261225-90000-C", "quantity": "0.1", "price": "1500"}),
    "um": ("/papi/v1/um", "allOrders", {"symbol": "BTCUSDT", "quantity": "0.01", "price": "80000"}),
    "cm": ("/papi/v1/cm", "allOrders", {"symbol": "BTCUSD_PERP", "quantity": "10", "price": "82000"}),
    "margin": ("/papi/v1/margin", "allOrders", {"symbol": "BTCUSDT", "quantity": "0.01", "price": "80000"}),
}
#: A cancellation of cross margin names itself in `clientOrderId`: docs/exchange.md#portfolio-margin-orders
NAMES_ITSELF = "clientOrderId"


def plain(value: Any) -> Any:
    """Return a number for whatever writes one: trailing zeros differ between views."""
    try:
        return Decimal(value) if isinstance(value, str) else value
    except InvalidOperation:
        return value


def disagreements(views: dict[str, Json], but: str = "") -> list[tuple[str, str, str]]:
    """Return the fields that two views show differently."""
    return [
        (first, second, name)
        for (first, one), (second, other) in combinations(views.items(), 2)
        for name in one.keys() & other.keys() - {but}
        if plain(one[name]) != plain(other[name])
    ]


@pytest.mark.parametrize("book", BOOKS)
async def test_an_order_is_the_same_on_all_routes(rest: Any, book: str) -> None:
    """While it rests, and when it was cancelled."""
    root, history, order = BOOKS[book]
    sound = order | {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "newOrderRespType": "RESULT"}
    placed = await rest.post(f"{root}/order", **sound)
    own = {"symbol": order["symbol"], "orderId": placed["orderId"]}
    open_views = {
        "POST order": placed,
        "GET order": await rest.get(f"{root}/order", **own),
        "GET openOrders": (await rest.get(f"{root}/openOrders", symbol=order["symbol"]))[0],
    }
    if book != "options":
        open_views["GET allOrders"] = (await rest.get(f"{root}/allOrders", symbol=order["symbol"]))[-1]
    if book == "um":
        open_views["GET openOrder"] = await rest.get(f"{root}/openOrder", **own)
    assert disagreements(open_views) == []
    closed_views = {
        "DELETE order": await rest.delete(f"{root}/order", **own),
        "GET order": await rest.get(f"{root}/order", **own),
        f"GET {history}": (await rest.get(f"{root}/{history}", symbol=order["symbol"]))[-1],
    }
    assert disagreements(closed_views, NAMES_ITSELF if book == "margin" else "") == []


async def test_positions_of_options_add_up_to_the_account(rest: Any) -> None:
    """Profit, and each Greek as the marks have it."""
    names = ("BTC-261225-90000-C", "BTC-261225-90000-P")
    for name in names:
        (ticker,) = await rest.get("/eapi/v1/ticker", symbol=name)
        order = {"symbol": name, "side": "BUY", "type": "LIMIT", "timeInForce": "IOC", "quantity": "0.1"}
        await rest.post("/eapi/v1/order", **order, price=ticker["askPrice"])
    held = {row["symbol"]: row for row in await rest.get("/eapi/v1/position")}
    account = await rest.get("/eapi/v1/marginAccount")
    assert set(held) == set(names)
    profit = sum(Decimal(row["unrealizedPNL"]) for row in held.values())
    assert abs(profit - Decimal(account["asset"][0]["unrealizedPNL"])) < Decimal("0.0001")
    (greeks,) = account["greek"]
    marks = {name: (await rest.get("/eapi/v1/mark", symbol=name))[0] for name in names}
    for greek in ("delta", "gamma", "theta", "vega"):
        whole = sum(Decimal(held[name]["quantity"]) * Decimal(marks[name][greek]) for name in names)
        assert abs(whole - Decimal(greeks[greek])) <= abs(whole) / 1_000 + Decimal("0.0001"), greek

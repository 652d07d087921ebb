"""REST: conditional orders of both products."""

from __future__ import annotations

import pytest

from wireproof.venue.exchange.instruments import CM

PRODUCTS = {"/fapi": ("BTCUSDT", "0.01"), "/dapi": ("BTCUSD_PERP", "1")}
both = pytest.mark.parametrize("root", PRODUCTS)


async def place(rest, root, **changes):
    """Place a stop to sell, far below the market unless changed."""
    symbol, quantity = PRODUCTS[root]
    sound = {"algoType": "CONDITIONAL", "symbol": symbol, "side": "SELL", "type": "STOP_MARKET", "quantity": quantity}
    return await rest.post(f"{root}/v1/algoOrder", **sound | {"triggerPrice": "80000"} | changes)


@both
async def test_place_query_cancel(rest, root):
    """The answer to placing has empty texts for what only trailing orders have; it has not turned into anything yet."""
    symbol = PRODUCTS[root][0]
    placed = await place(rest, root, clientAlgoId="wp-stop")
    assert (placed["algoStatus"], placed["activatePrice"], placed["callbackRate"]) == ("NEW", "", "")
    shown = await rest.get(f"{root}/v1/algoOrder", clientAlgoId="wp-stop")
    assert (shown["algoId"], shown["actualOrderId"]) == (placed["algoId"], "")
    assert not {"tpPrice", "slPrice", "actualType", "actualQty"} & set(shown)
    (listed,) = await rest.get(f"{root}/v1/openAlgoOrders")
    assert (listed["algoId"], listed["isActivated"]) == (placed["algoId"], True)
    assert not {"tpPrice", "slPrice", "actualPrice", "tpOrderType"} & set(listed)
    other = "/dapi" if root == "/fapi" else "/fapi"
    assert await rest.get(f"{other}/v1/openAlgoOrders") == []
    assert await rest.refused("GET", f"{other}/v1/algoOrder", algoId=placed["algoId"]) == -2013
    assert (await rest.delete(f"{root}/v1/algoOrder", algoId=placed["algoId"]))["code"] == "200"
    assert (await rest.get(f"{root}/v1/algoOrder", algoId=placed["algoId"]))["algoStatus"] == "CANCELED"
    assert await rest.refused("GET", f"{root}/v1/algoOrder") == -1102
    assert await rest.refused("GET", f"{root}/v1/openAlgoOrders", algoType="VP") == -1130
    assert await rest.refused("GET", f"{root}/v1/allAlgoOrders") == -1102
    assert symbol


@both
async def test_history(rest, root):
    """Open and done ones, oldest first; from algoId on, or the latest of a period."""
    symbol = PRODUCTS[root][0]
    ids = [(await place(rest, root))["algoId"] for _ in range(3)]
    await rest.delete(f"{root}/v1/algoOrder", algoId=ids[2])
    path = f"{root}/v1/allAlgoOrders"
    listed = await rest.get(path, symbol=symbol)
    assert [(one["algoId"], one["algoStatus"]) for one in listed] == [
        (ids[0], "NEW"),
        (ids[1], "NEW"),
        (ids[2], "CANCELED"),
    ]
    assert [one["algoId"] for one in await rest.get(path, symbol=symbol, algoId=ids[1], limit=1)] == [ids[1]]
    assert await rest.delete(f"{root}/v1/algoOpenOrders", symbol=symbol) == {
        "code": 200,
        "msg": "The operation of cancel all open order is done.",
    }
    assert await rest.get(f"{root}/v1/openAlgoOrders", symbol=symbol) == []


@both
async def test_triggered(rest, root):
    """What it turned into: an order with fills."""
    symbol = PRODUCTS[root][0]
    placed = await place(rest, root)
    rest.venue.engine.set_price(symbol, 79_000)
    shown = await rest.get(f"{root}/v1/algoOrder", algoId=placed["algoId"])
    assert shown["algoStatus"] == "FINISHED"
    order = await rest.get(f"{root}/v1/order", symbol=symbol, orderId=shown["actualOrderId"])
    assert (order["status"], order["executedQty"]) == ("FILLED", shown["actualQty"])


async def test_coin_events(rest):
    """ALGO_UPDATE of COIN-M comes with COIN-M's listen key."""
    told = []
    rest.venue.engine.published.subscribe(lambda event: told.append(event.document) if event.unit == CM else None)
    await place(rest, "/dapi")
    rest.venue.engine.set_price("BTCUSD_PERP", 79_000)
    kinds = [(event["e"], event["o"]["X"]) for event in told if event["e"] == "ALGO_UPDATE"]
    assert [state for _, state in kinds] == ["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]
    assert {event["e"] for event in told} == {"ALGO_UPDATE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"}


async def test_only_the_list_of_open_ones_has_exponents(rest):
    """Small quantities: 7.0E-4 there, fixed point elsewhere (measured)."""
    placed = await place(rest, "/fapi", quantity="0.0007")
    (listed,) = await rest.get("/fapi/v1/openAlgoOrders")
    (past,) = await rest.get("/fapi/v1/allAlgoOrders", symbol="BTCUSDT")
    assert (placed["quantity"], listed["quantity"], past["quantity"]) == ("0.0007", "7.0E-4", "0.0007")


@both
async def test_a_lag_holds_queries_back(rest, root):
    """As on testnet: -2013 while openAlgoOrders lists the order, NEW while it is cancelled; nothing else waits."""
    rest.venue.services.algo_lag_ms = 1_000
    path, placed = f"{root}/v1/algoOrder", await place(rest, root)
    asked = {"algoId": placed["algoId"]}
    rest.venue.clock.advance(999)
    assert await rest.refused("GET", path, **asked) == -2013
    assert len(await rest.get(f"{root}/v1/openAlgoOrders")) == 1
    rest.venue.clock.advance(1)
    assert (await rest.get(path, **asked))["algoStatus"] == "NEW"
    await rest.delete(path, **asked)
    rest.venue.clock.advance(999)
    assert (await rest.get(path, **asked))["algoStatus"] == "NEW"
    assert await rest.get(f"{root}/v1/openAlgoOrders") == []
    rest.venue.clock.advance(1)
    assert (await rest.get(path, **asked))["algoStatus"] == "CANCELED"


async def test_there_is_no_lag_unless_asked_for(rest):
    """A run against the local venue is not to wait."""
    assert rest.venue.services.algo_lag_ms == 0
    placed = await place(rest, "/fapi")
    assert (await rest.get("/fapi/v1/algoOrder", algoId=placed["algoId"]))["algoStatus"] == "NEW"

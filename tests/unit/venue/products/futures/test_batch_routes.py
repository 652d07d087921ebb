"""REST: several orders at once."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from yarl import URL

from wireproof.venue.base.rate_limits import HOST_LIMITS

PRODUCTS = {"/fapi": ("BTCUSDT", "0.01"), "/dapi": ("BTCUSD_PERP", "1")}
both = pytest.mark.parametrize("root", PRODUCTS)


def element(root, **changes):
    """Return one sound order of a batch."""
    symbol, quantity = PRODUCTS[root]
    sound = {"symbol": symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "80000"}
    given = sound | {"quantity": quantity} | changes
    return {name: value for name, value in given.items() if value is not None}


@both
async def test_each_element_has_its_own_outcome(rest, root):
    """200 for the batch; what is wrong with an element stands in its place, with its code."""
    batch = [
        element(root, newClientOrderId="wp-first"),
        element(root, side=None),
        element(root, type="STOP", stopPrice="80000"),
        element(root, symbol="NOPE"),
        element(root, price=80000, quantity=1 if root == "/dapi" else 0.01),
    ]
    answers = await rest.post(f"{root}/v1/batchOrders", batchOrders=batch)
    assert [one.get("code") for one in answers] == [None, -1102, -4120, -1121, None]
    assert answers[0]["clientOrderId"] == "wp-first"
    assert len(await rest.get(f"{root}/v1/openOrders")) == 2


@both
async def test_modify(rest, root):
    """Both price and quantity; COIN-M has numbers of its own."""
    symbol, quantity = PRODUCTS[root]
    first, second = await rest.post(f"{root}/v1/batchOrders", batchOrders=[element(root), element(root)])
    one = {"symbol": symbol, "side": "BUY", "quantity": quantity}
    changes = [
        one | {"orderId": first["orderId"], "price": "80010", "modifyId": 5},
        one | {"orderId": first["orderId"], "price": "80020"},
        one | {"orderId": second["orderId"], "price": "80000"},
        one | {"orderId": second["orderId"]},
        one | {"orderId": 1, "price": "80000"},
    ]
    answers = await rest.put(f"{root}/v1/batchOrders", batchOrders=changes)
    same = -4197 if root == "/dapi" else -5027
    assert [answer.get("code") for answer in answers] == [None, None, same, -1102, -2013]
    assert (answers[0]["pair"], answers[0]["modifyId"]) == (symbol.partition("_")[0], 5)
    assert "modifyId" not in answers[1]


@both
async def test_cancel(rest, root):
    """By ids or by client ids; -2011 in the place of what is not there."""
    symbol = PRODUCTS[root][0]
    batch = [element(root, newClientOrderId=f"wp-{number}") for number in range(3)]
    orders = await rest.post(f"{root}/v1/batchOrders", batchOrders=batch)
    path = f"{root}/v1/batchOrders"
    answers = await rest.delete(path, symbol=symbol, orderIdList=[orders[0]["orderId"], 1])
    assert (answers[0]["status"], answers[1]["code"]) == ("CANCELED", -2011)
    answers = await rest.delete(path, symbol=symbol, origClientOrderIdList=["wp-1", "wp-2"])
    assert [one["status"] for one in answers] == ["CANCELED", "CANCELED"]
    assert await rest.refused("DELETE", path, symbol=symbol) == -1102
    assert await rest.refused("DELETE", path, symbol=symbol, orderIdList=[]) == -1102
    assert await rest.refused("DELETE", path, symbol=symbol, orderIdList=list(range(1, 12))) == -4032


@both
@pytest.mark.parametrize(
    ("batch", "code"),
    [("", -1102), ("[", -1130), ("{}", -1130), ("[1]", -1130), ("[]", -4082), ("[{},{},{},{},{},{}]", -4082)],
)
async def test_what_is_no_batch(rest, root, batch, code):
    """Not a JSON array of one to five objects: the request itself is refused."""
    assert await rest.refused("POST", f"{root}/v1/batchOrders", batchOrders=batch) == code


async def test_a_batch_counts_as_five_orders_in_ten_seconds(rest):
    """And as one per minute (documented)."""
    await rest.post("/fapi/v1/batchOrders", batchOrders=[element("/fapi")])
    await rest.post("/dapi/v1/batchOrders", batchOrders=[element("/dapi")])
    assert rest.venue.services.pools.of(HOST_LIMITS).orders.counts(rest.account.name) == (10, 2)


async def test_a_batch_has_weight(rest):
    """5, where a single order has none and its header says -1 (measured)."""
    params = {"batchOrders": json.dumps([element("/fapi")])}
    params |= {"timestamp": str(rest.venue.clock.now_ms())}
    text = urlencode(params)
    url = URL(f"{rest.venue.rest_url}/fapi/v1/batchOrders?{text}&signature={rest.account.key.sign(text)}", encoded=True)
    async with rest.http.post(url, headers={"X-MBX-APIKEY": rest.account.key.api_key}) as answer:
        headers = answer.headers
    assert (headers["X-MBX-USED-WEIGHT-1M"], headers["X-MBX-ORDER-COUNT-10S"], headers["X-MBX-ORDER-COUNT-1M"]) == (
        "5",
        "5",
        "1",
    )


async def test_lists_in_lower_case(rest):
    """python-binance sends them so; live was seen to take it."""
    order = await rest.order()
    (answer,) = await rest.delete("/fapi/v1/batchOrders", symbol="BTCUSDT", orderidlist=[order["orderId"]])
    assert answer["status"] == "CANCELED"

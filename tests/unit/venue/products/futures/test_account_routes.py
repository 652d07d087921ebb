"""REST: balances, positions and settings of both products."""

from __future__ import annotations

from decimal import Decimal

import pytest

D = Decimal
PRODUCTS = {"/fapi": ("BTCUSDT", "0.01"), "/dapi": ("BTCUSD_PERP", "10")}
both = pytest.mark.parametrize("root", PRODUCTS)


async def buy(rest, root, **changes):
    """Buy at the market."""
    place = rest.order if root == "/fapi" else rest.coin_order
    return await place(type="MARKET", quantity=PRODUCTS[root][1], **changes)


async def isolate(rest, root):
    """Make a product's symbol isolated."""
    await rest.post(f"{root}/v1/marginType", symbol=PRODUCTS[root][0], marginType="ISOLATED")


@both
async def test_position_mode_is_shared(rest, root):
    """Changing it for one product changes the other; -4067 and -4068 because of either."""
    other = "/dapi" if root == "/fapi" else "/fapi"
    await rest.post(f"{root}/v1/positionSide/dual", dualSidePosition="true")
    assert await rest.get(f"{other}/v1/positionSide/dual") == {"dualSidePosition": True}
    await rest.post(f"{other}/v1/positionSide/dual", dualSidePosition="false")
    await buy(rest, root)
    assert await rest.refused("POST", f"{other}/v1/positionSide/dual", dualSidePosition="true") == -4068


async def test_leverage(rest):
    """COIN-M's answer has maxQty, in coin; the range is -4028."""
    assert await rest.post("/fapi/v1/leverage", symbol="BTCUSDT", leverage=21) == {
        "symbol": "BTCUSDT",
        "leverage": 21,
        "maxNotionalValue": "70000000",
    }
    assert await rest.post("/dapi/v1/leverage", symbol="BTCUSD_PERP", leverage=125) == {
        "symbol": "BTCUSD_PERP",
        "leverage": 125,
        "maxQty": "5",
    }
    assert await rest.refused("POST", "/dapi/v1/leverage", symbol="BTCUSD_PERP", leverage=126) == -4028


async def test_lower_leverage_of_an_isolated_position(rest):
    """-4161 for USDⓈ-M, -4150 for COIN-M."""
    for root, code in (("/fapi", -4161), ("/dapi", -4150)):
        await isolate(rest, root)
        await buy(rest, root)
        assert await rest.refused("POST", f"{root}/v1/leverage", symbol=PRODUCTS[root][0], leverage=5) == code


@both
async def test_position_margin(rest, root):
    """Moved in and out of an isolated position, with ACCOUNT_UPDATE MARGIN_TRANSFER and a history."""
    symbol = PRODUCTS[root][0]
    told = []
    await isolate(rest, root)
    await buy(rest, root)
    rest.venue.engine.published.subscribe(lambda event: told.append(event.document))
    path = f"{root}/v1/positionMargin"
    answer = await rest.post(path, symbol=symbol, amount="0.01", type=1)
    assert answer == {"amount": 0.01, "code": 200, "msg": "Successfully modify position margin.", "type": 1}
    await rest.post(path, symbol=symbol, amount="0.004", type=2)
    assert [event["a"]["m"] for event in told] == ["MARGIN_TRANSFER", "MARGIN_TRANSFER"]
    added, taken = await rest.get(f"{path}/history", symbol=symbol)
    assert (added["type"], added["amount"], taken["type"]) == (1, "0.01000000", 2)
    assert ("deltaType" in added) is (root == "/fapi")
    assert await rest.get(f"{path}/history", symbol=symbol, type=2) == [taken]
    position = rest.account.position(rest.venue.engine.symbols[symbol], "BOTH")
    opened = D(str(position.symbol.value(position.amount, position.entry) / 20))
    assert position.isolated_wallet == pytest.approx(opened + D("0.006"), abs=D("0.00000001"))


@both
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": "0"}, -4055),
        ({"amount": "-1"}, -4055),
        ({"amount": "100000"}, -4050),
        ({"amount": "100000", "type": 2}, -4051),
        ({"type": 3}, -1130),
        ({"amount": "x"}, -1102),
        ({"positionSide": "LONG"}, -4061),
    ],
)
async def test_position_margin_refuses(rest, root, change, code):
    """What is not positive, not there, or of another mode."""
    await isolate(rest, root)
    await buy(rest, root)
    sound = {"symbol": PRODUCTS[root][0], "amount": "0.001", "type": 1}
    assert await rest.refused("POST", f"{root}/v1/positionMargin", **sound | change) == code


@both
async def test_position_margin_needs_an_isolated_position(rest, root):
    """-4049 when crossed, -4054 when empty."""
    sent = {"symbol": PRODUCTS[root][0], "amount": "0.001", "type": 1}
    assert await rest.refused("POST", f"{root}/v1/positionMargin", **sent) == -4049
    await isolate(rest, root)
    assert await rest.refused("POST", f"{root}/v1/positionMargin", **sent) == -4054


async def test_brackets(rest):
    """An object for one symbol of USDⓈ-M, lists otherwise; COIN-M counts in coin, by pair or by symbol."""
    one = await rest.get("/fapi/v1/leverageBracket", symbol="BTCUSDT")
    assert one["brackets"][0] == {
        "bracket": 1,
        "initialLeverage": 125,
        "notionalCap": 300000,
        "notionalFloor": 0,
        "maintMarginRatio": 0.004,
        "cum": 0.0,
    }
    assert len(await rest.get("/fapi/v1/leverageBracket")) > 10
    (by_pair,) = await rest.get("/dapi/v1/leverageBracket", pair="BTCUSD")
    assert (by_pair["pair"], by_pair["brackets"][0]["qtyCap"], by_pair["brackets"][0]["qtylFloor"]) == ("BTCUSD", 5, 0)
    (by_symbol,) = await rest.get("/dapi/v2/leverageBracket", symbol="BTCUSD_PERP")
    assert by_symbol["brackets"] == by_pair["brackets"]


async def test_rates_and_limits(rest):
    """What trading costs, and how many orders may be sent."""
    assert await rest.get("/fapi/v1/commissionRate", symbol="BTCUSDT") == {
        "symbol": "BTCUSDT",
        "makerCommissionRate": "0.0002",
        "takerCommissionRate": "0.0004",
        "rpiCommissionRate": "0.00005",
    }
    assert set(await rest.get("/dapi/v1/commissionRate", symbol="BTCUSD_PERP")) == {
        "symbol",
        "makerCommissionRate",
        "takerCommissionRate",
    }
    limits = await rest.get("/fapi/v1/rateLimit/order")
    assert [(one["interval"], one["limit"]) for one in limits] == [("SECOND", 300), ("MINUTE", 1200)]


@both
async def test_quantiles(rest, root):
    """BOTH in one-way mode; HEDGE for crossed positions of hedge mode, which share theirs; BOTH for isolated ones."""
    path, symbol = f"{root}/v1/adlQuantile", PRODUCTS[root][0]
    assert await rest.get(path) == []
    await rest.post(f"{root}/v1/positionSide/dual", dualSidePosition="true")
    await buy(rest, root, positionSide="LONG")
    assert await rest.get(path, symbol=symbol) == [
        {"symbol": symbol, "adlQuantile": {"LONG": 1, "SHORT": 1, "HEDGE": 0}}
    ]
    await buy(rest, root, positionSide="LONG", side="SELL")
    await isolate(rest, root)
    await buy(rest, root, positionSide="LONG")
    (row,) = await rest.get(path)
    assert row["adlQuantile"] == {"LONG": 1, "SHORT": 0, "BOTH": 0}

"""Convert: pairs, quotes, and a quote accepted once."""

from __future__ import annotations

from decimal import Decimal

import pytest

QUOTE = {"fromAsset": "USDT", "toAsset": "USDC", "fromAmount": "100"}


async def quote(rest, account=None, **changes):
    return await rest.post("/fapi/v1/convert/getQuote", account, **QUOTE | changes)


async def test_pairs(rest):
    """Every ordered pair, or those of an asset; an asset nobody holds is -1108."""
    rows = await rest.get("/fapi/v1/convert/exchangeInfo")
    assert ("BTC", "USDT") in {(row["fromAsset"], row["toAsset"]) for row in rows}
    some = await rest.get("/fapi/v1/convert/exchangeInfo", fromAsset="USDT", toAsset="USDC")
    assert [(row["fromAssetMinAmount"], row["toAssetMaxAmount"]) for row in some] == [("1", "2500000")]
    assert await rest.refused("GET", "/fapi/v1/convert/exchangeInfo", fromAsset="GOLD") == -1108


async def test_quote_is_accepted_once(rest):
    """Money moves at once, two income rows report it, a second acceptance is refused."""
    offer = await quote(rest)
    assert (offer["fromAmount"], offer["toAmount"]) == ("100", "99.9")
    done = await rest.post("/fapi/v1/convert/acceptQuote", quoteId=offer["quoteId"])
    assert done["orderStatus"] == "PROCESS"
    assert (rest.account.wallets["USDT"], rest.account.wallets["USDC"]) == (Decimal(4900), Decimal("5099.9"))
    assert await rest.refused("POST", "/fapi/v1/convert/acceptQuote", quoteId=offer["quoteId"]) == -1130
    assert rest.account.wallets["USDT"] == 4900
    kinds = [row["incomeType"] for row in await rest.get("/fapi/v1/income")]
    assert kinds == ["COIN_SWAP_WITHDRAW", "COIN_SWAP_DEPOSIT"]
    by_order = await rest.get("/fapi/v1/convert/orderStatus", orderId=done["orderId"])
    assert by_order == await rest.get("/fapi/v1/convert/orderStatus", quoteId=offer["quoteId"])
    assert (by_order["orderStatus"], str(by_order["orderId"])) == ("SUCCESS", done["orderId"])


async def test_quote_by_what_should_come_in(rest):
    """ToAmount fixes the other side."""
    offer = await rest.post("/fapi/v1/convert/getQuote", fromAsset="BTC", toAsset="USDT", toAmount="50")
    assert offer["toAmount"] == "50"
    assert Decimal("0.0005") < Decimal(offer["fromAmount"]) < Decimal("0.0006")


async def test_quote_ends(rest):
    """After ten seconds it cannot be accepted; nor can somebody else's."""
    offer = await quote(rest)
    assert await rest.refused("POST", "/fapi/v1/convert/acceptQuote", rest.other, quoteId=offer["quoteId"]) == -1130
    rest.venue.clock.advance(10_001)
    assert await rest.refused("POST", "/fapi/v1/convert/acceptQuote", quoteId=offer["quoteId"]) == -1130


async def test_no_id_without_funds(rest):
    """A quote that the account could not pay has no id; one that it no longer can is refused."""
    assert "quoteId" not in await quote(rest, fromAmount="5001")
    first, second = await quote(rest, fromAmount="3000"), await quote(rest, fromAmount="3000")
    await rest.post("/fapi/v1/convert/acceptQuote", quoteId=first["quoteId"])
    assert await rest.refused("POST", "/fapi/v1/convert/acceptQuote", quoteId=second["quoteId"]) == -2018


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"toAmount": "1"}, -1128),
        ({"fromAsset": "GOLD"}, -1108),
        ({"toAsset": "USDT"}, -1108),
        ({"fromAmount": "0.5"}, -1130),
        ({"fromAmount": "x"}, -1130),
        ({"validTime": "1h"}, -1130),
    ],
)
async def test_quote_refusals(rest, change, code):
    """Each with the parameter named."""
    assert await rest.refused("POST", "/fapi/v1/convert/getQuote", **QUOTE | change) == code


async def test_an_amount_is_needed(rest):
    """Either of the two."""
    assert await rest.refused("POST", "/fapi/v1/convert/getQuote", fromAsset="USDT", toAsset="USDC") == -1102
    assert await rest.refused("GET", "/fapi/v1/convert/orderStatus") == -1102
    assert await rest.refused("GET", "/fapi/v1/convert/orderStatus", orderId="1") == -2013


async def test_quotes_are_limited(rest):
    """360 an hour for each account, 500 a day."""
    desk, now = rest.venue.services.convert, rest.venue.clock.now_ms()
    desk._asked[rest.account.name] = [now] * 359
    await quote(rest)
    assert (await rest.ask("POST", "/fapi/v1/convert/getQuote", **QUOTE))[0] == 429
    await quote(rest, rest.other)
    desk._asked[rest.account.name] = [now - 3_600_001] * 500
    assert await rest.refused("POST", "/fapi/v1/convert/getQuote", **QUOTE) == -1003

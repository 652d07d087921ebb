"""Income history: what trading and funding did to the wallets."""

from __future__ import annotations

import pytest

DAY_MS = 24 * 3_600_000


async def test_trades_pay_commission_and_realise_profit(rest):
    """One COMMISSION row per execution, REALIZED_PNL where a position was closed; oldest first."""
    await rest.order(type="MARKET")
    rest.venue.engine.set_price("BTCUSDT", rest.venue.engine.markets["BTCUSDT"].mid * 2)
    await rest.order(side="SELL", type="MARKET")
    rows = await rest.get("/fapi/v1/income")
    assert rows[0]["incomeType"] == "COMMISSION"
    assert {row["incomeType"] for row in rows} == {"COMMISSION", "REALIZED_PNL"}
    assert set(rows[0]) == {"symbol", "incomeType", "income", "asset", "info", "time", "tranId", "tradeId"}
    total = sum(float(row["income"]) for row in rows)
    assert total == pytest.approx(float(rest.account.wallets["USDT"]) - 5000, abs=1e-7)
    assert len({row["tranId"] for row in rows}) == len(rows)


async def test_filters(rest):
    """By type, by symbol, by time, up to `limit` rows; seven days unless told otherwise; there are no pages."""
    for _ in range(3):
        await rest.order(type="MARKET")
    rows = await rest.get("/fapi/v1/income", incomeType="COMMISSION")
    assert await rest.get("/fapi/v1/income", incomeType="FUNDING_FEE") == []
    assert await rest.get("/fapi/v1/income", symbol="ETHUSDT") == []
    assert await rest.get("/fapi/v1/income", limit=1, page=2) == rows[:1]
    rest.venue.clock.advance(8 * DAY_MS)
    now = rest.venue.clock.now_ms()
    assert await rest.get("/fapi/v1/income") == []
    assert await rest.get("/fapi/v1/income", startTime=now - 9 * DAY_MS) == rows


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"limit": 1001}, -1130),
        ({"incomeType": "RENT"}, -1130),
        ({"symbol": "NOPE"}, -1121),
        ({"startTime": 2, "endTime": 1}, -1023),
    ],
)
async def test_refusals(rest, change, code):
    """What cannot be read is named."""
    assert await rest.refused("GET", "/fapi/v1/income", **change) == code


async def test_products_are_apart(rest):
    """What happened on USDⓈ-M is not in COIN-M's history, which does not know all kinds of income."""
    await rest.order(type="MARKET")
    assert await rest.get("/dapi/v1/income") == []
    assert await rest.refused("GET", "/dapi/v1/income", incomeType="AUTO_EXCHANGE") == -1130

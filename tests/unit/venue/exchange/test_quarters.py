"""Contracts of a quarter: their dates, and what both products show of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange.quarters import linear_quarterlies, quarters

CURRENT, NEXT = "BTCUSDT_260925", "BTCUSDT_261225"  # seen from the tests' clock, 21 September 2026
DATED = [CURRENT, NEXT, "ETHUSDT_260925", "ETHUSDT_261225"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (datetime(2026, 12, 25, 7, 59, tzinfo=UTC), ("261225", "270326")),
        (datetime(2026, 12, 25, 8, 0, tzinfo=UTC), ("270326", "270625")),
        (datetime(2026, 1, 1, tzinfo=UTC), ("260327", "260626")),
    ],
)
def test_delivery_is_on_the_last_friday_of_a_quarter(day, expected):
    """At 08:00 UTC."""
    assert tuple(f"{date:%y%m%d}" for date in quarters(int(day.timestamp() * 1000))) == expected


def test_usdm_lists_two_quarters_of_bitcoin_and_ether():
    """Of USDT pairs only, with the filters of the perpetual, listed half a year before."""
    listed = linear_quarterlies(int(datetime(2026, 11, 22, tzinfo=UTC).timestamp() * 1000))
    assert {name: one.contract_type for name, one in listed.items()} == {
        "BTCUSDT_261225": "CURRENT_QUARTER",
        "BTCUSDT_270326": "NEXT_QUARTER",
        "ETHUSDT_261225": "CURRENT_QUARTER",
        "ETHUSDT_270326": "NEXT_QUARTER",
    }
    one = listed["BTCUSDT_261225"]
    assert (one.pair, one.base, one.quote, one.margin_asset, one.inverse) == ("BTCUSDT", "BTC", "USDT", "USDT", False)
    assert one.delivery == int(datetime(2026, 12, 25, 8, tzinfo=UTC).timestamp() * 1000)
    assert one.onboarded < one.delivery - 180 * 86_400_000
    assert one.start_price % one.tick == 0


def test_exchange_information_names_type_and_date(ask):
    """Beside the perpetuals, whose date is far away."""
    rows = {row["symbol"]: row for row in ask("/fapi/v1/exchangeInfo")["symbols"]}
    assert [name for name in rows if "_" in name] == DATED
    shown = [(rows[name]["contractType"], rows[name]["status"], rows[name]["pair"]) for name in (CURRENT, NEXT)]
    assert shown == [("CURRENT_QUARTER", "TRADING", "BTCUSDT"), ("NEXT_QUARTER", "TRADING", "BTCUSDT")]
    assert rows[CURRENT]["deliveryDate"] == int(datetime(2026, 9, 25, 8, tzinfo=UTC).timestamp() * 1000)
    assert rows["BTCUSDT"]["deliveryDate"] == 4_133_404_800_000


@pytest.mark.parametrize(("root", "symbol"), [("/fapi", CURRENT), ("/dapi", "BTCUSD_260925")])
def test_dated_contracts_have_no_funding(ask, root, symbol):
    """Neither a rate nor a time; their index price is their perpetual's, their own price is not."""
    row = ask(f"{root}/v1/premiumIndex", symbol=symbol)
    row = row[0] if isinstance(row, list) else row
    assert (row["lastFundingRate"], row["interestRate"], row["nextFundingTime"]) == ("", "", 0)
    perpetual = ask(f"{root}/v1/premiumIndex", symbol="BTCUSDT" if root == "/fapi" else "BTCUSD_PERP")
    perpetual = perpetual[0] if isinstance(perpetual, list) else perpetual
    assert row["indexPrice"] == perpetual["indexPrice"]
    assert 1.003 < Decimal(row["markPrice"]) / Decimal(perpetual["markPrice"]) < 1.005
    assert symbol not in {one["symbol"] for one in ask(f"{root}/v1/fundingInfo")}
    assert ask(f"{root}/v1/fundingRate", symbol=symbol) == []


@pytest.mark.parametrize("root", ["/fapi", "/dapi"])
@pytest.mark.parametrize(("kind", "symbol"), [("CURRENT_QUARTER", CURRENT), ("NEXT_QUARTER", NEXT)])
def test_continuous_candles_are_those_of_the_contract(ask, root, kind, symbol):
    """Of either product's route, by pair and type."""
    query = {"interval": "1m", "limit": 5}
    found = ask(f"{root}/v1/continuousKlines", pair="BTCUSDT", contractType=kind, **query)
    assert found == ask(f"{root}/v1/klines", symbol=symbol, **query)
    assert found != ask("/fapi/v1/klines", symbol="BTCUSDT", **query)
    assert len(found) == 5


def test_basis_is_what_the_contract_costs_more_than_its_index(ask):
    """Of the next quarter more than of the current one."""
    query = {"pair": "BTCUSDT", "period": "5m", "limit": 1}
    rows = [ask("/futures/data/basis", contractType=kind, **query)[0] for kind in ("CURRENT_QUARTER", "NEXT_QUARTER")]
    rates = [Decimal(row["basisRate"]) for row in rows]
    assert Decimal("0.002") < rates[0] < Decimal("0.006") < rates[1] < Decimal("0.02")
    assert all(row["annualizedBasisRate"] for row in rows)


@pytest.mark.parametrize("symbol", DATED)
def test_dated_contracts_are_in_every_list(ask, symbol):
    """Tickers, books, open interest, trades."""
    for path in (
        "/fapi/v1/ticker/24hr",
        "/fapi/v2/ticker/price",
        "/fapi/v1/ticker/bookTicker",
        "/fapi/v1/premiumIndex",
    ):
        assert symbol in [row["symbol"] for row in ask(path)]
    assert Decimal(ask("/fapi/v1/openInterest", symbol=symbol)["openInterest"]) > 0
    assert len(ask("/fapi/v1/aggTrades", symbol=symbol, limit=2)) == 2
    assert len(ask("/fapi/v1/depth", symbol=symbol, limit=5)["bids"]) == 5


def test_constituents_are_of_pairs(ask):
    """A dated contract has no index of its own."""
    assert ask("/fapi/v1/constituents", symbol="BTCUSDT")["symbol"] == "BTCUSDT"
    with pytest.raises(Refusal, match=r"-1121"):
        ask("/fapi/v1/constituents", symbol=CURRENT)


def test_dated_contracts_trade_like_perpetuals(exchange):
    """With margin in USDT; positions, brackets and orders have their own symbol."""
    exchange.order(exchange.alice, "BUY", "0.01", symbol=CURRENT)
    rows = exchange.get("v2/account.position", exchange.alice)
    assert [(row["symbol"], row["positionAmt"], row["marginAsset"]) for row in rows] == [(CURRENT, "0.0100", "USDT")]
    told = exchange.told(exchange.alice, "ACCOUNT_UPDATE")[-1]["a"]
    assert [(row["s"], row["ma"]) for row in told["P"]] == [(CURRENT, "USDT")]
    assert [row["a"] for row in told["B"]] == ["USDT"]


def test_funding_leaves_dated_contracts_alone(exchange):
    """Nothing is paid for them."""
    exchange.order(exchange.alice, "BUY", "0.01", symbol=CURRENT)
    before = exchange.wallet(exchange.alice)
    exchange.engine.funding.pay_funding()
    assert exchange.wallet(exchange.alice) == before
    assert CURRENT not in exchange.engine.funding.history


async def test_income_of_dated_contracts_belongs_to_their_product(rest):
    """Although their names have an underscore, as COIN-M's do."""
    await rest.order(symbol=CURRENT, type="MARKET")
    assert [row["symbol"] for row in await rest.get("/fapi/v1/income")] == [CURRENT]
    assert await rest.get("/dapi/v1/income") == []


async def test_brackets_name_dated_contracts(rest):
    """As leverageBracket of either product does."""
    assert set(DATED) < {row["symbol"] for row in await rest.get("/fapi/v1/leverageBracket")}


def test_streams_carry_dated_contracts(stage):
    """Continuous candles by pair and type, marks without funding, and rows in the arrays of all markets."""
    names = ("btcusdt_current_quarter@continuousKline_1m", "btcusdt_next_quarter@continuousKline_1m")
    wires = {name: stage.reader(name) for name in (*names, f"{CURRENT.lower()}@markPrice@1s", "!markPrice@arr@1s")}
    stage.run(3_000)
    events = {name: wire.events() for name, wire in wires.items()}

    assert [events[name][0]["ct"] for name in names] == ["CURRENT_QUARTER", "NEXT_QUARTER"]
    assert {event["ps"] for name in names for event in events[name]} == {"BTCUSDT"}
    closes = [Decimal(events[name][0]["k"]["c"]) for name in names]
    assert closes[0] < closes[1]
    mark = events[f"{CURRENT.lower()}@markPrice@1s"][0]
    assert (mark["s"], mark["r"], mark["T"], mark["st"]) == (CURRENT, "", 0, 1)
    arrays = events["!markPrice@arr@1s"]
    assert [sorted({row["st"] for row in array}) for array in arrays[:2]] == [[1], [2]]
    assert set(DATED) < {row["s"] for row in arrays[0]}

"""REST: market data of USDⓈ-M."""

from __future__ import annotations


def test_a_symbol_in_lower_case_is_understood(ask):
    """By premiumIndex (measured)."""
    assert ask("/fapi/v1/premiumIndex", symbol="btcusdt")["symbol"] == "BTCUSDT"


def test_every_symbol_has_an_insurance_fund(ask):
    """The list's funds cover all symbols; a symbol gets the one it is in."""
    funds = ask("/fapi/v1/insuranceBalance")

    assert ask("/fapi/v1/insuranceBalance", symbol="DOGEUSDT") == funds[1]
    assert len({name for fund in funds for name in fund["symbols"]}) == len(ask("/fapi/v1/ticker/24hr"))


def test_the_rest_of_what_is_listed(ask):
    """Shapes that hang together."""
    assert ask("/fapi/v1/symbolAdlRisk", symbol="BTCUSDT")["adlRisk"] == "low"
    assert ask("/fapi/v1/assetIndex", symbol="ETHUSD")["symbol"] == "ETHUSD"
    assert len(ask("/fapi/v1/indexInfo", symbol="DEFIUSDT")) == 1
    assert ask("/dapi/v1/constituents", symbol="BTCUSD")["symbol"] == "BTCUSD"
    assert set(ask("/fapi/v1/tradingSchedule")["marketSchedules"]) >= {"EQUITY", "COMMODITY"}
    book = ask("/fapi/v1/rpiDepth", symbol="BTCUSDT", limit=1000)
    assert book["bids"] == ask("/fapi/v1/depth", symbol="BTCUSDT", limit=1000)["bids"]


async def test_best_prices_have_no_update_id_over_rest(rest):
    """USDⓈ-M's only; the WebSocket API and COIN-M have one (documented)."""
    row = await rest.get("/fapi/v1/ticker/bookTicker", symbol="BTCUSDT")
    rows = await rest.get("/fapi/v1/ticker/bookTicker")
    assert "lastUpdateId" not in row
    assert "lastUpdateId" not in rows[0]
    assert "lastUpdateId" in (await rest.get("/dapi/v1/ticker/bookTicker", symbol="BTCUSD_PERP"))[0]


def test_most_symbols_list_their_filters_in_the_usual_order(ask):
    """Some do not, so that nobody relies on it: docs/exchange.md#exchange-information."""
    orders = [[one["filterType"] for one in symbol["filters"]] for symbol in ask("/fapi/v1/exchangeInfo")["symbols"]]
    usual = [order for order in orders if order == orders[0]]
    assert orders[0][:3] == ["PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE"]
    assert len(orders) / 2 < len(usual) < len(orders) - 1
    assert all(sorted(order) == sorted(orders[0]) for order in orders)

"""Prices and quantities fit the filters that the target itself reports."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from wireproof.suite.products.base import SymbolFields
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.state.own_answers import Answer, UnreadableError
from wireproof.suite.state.symbols import Quote, SymbolRules, number, offers, quotes, smallest_quantity, text, tradable


def entry(name="BTCUSDT", **changes):
    return {
        "symbol": name,
        "contractType": "PERPETUAL",
        "status": "TRADING",
        "quoteAsset": "USDT",
        "pricePrecision": 2,
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.10", "minPrice": "261.10", "maxPrice": "809484"},
            {"filterType": "LOT_SIZE", "stepSize": "0.0001", "minQty": "0.0001", "maxQty": "1000"},
            {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "100"},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
        **changes,
    }


def info(*entries):
    return Answer("GET /fapi/v1/exchangeInfo", {"symbols": list(entries)})


def test_symbols_of_spot_have_their_own_filters_and_say_whether_they_may_be_margined():
    """Their least notional is in NOTIONAL or MIN_NOTIONAL, under another name than that of futures."""
    fields = DRIVERS["portfolio-margin"].books[2].fields
    filters = [one for one in entry()["filters"] if one["filterType"] != "MIN_NOTIONAL"]
    spot = entry(
        quotePrecision=8,
        isMarginTradingAllowed=True,
        filters=[*filters, {"filterType": "NOTIONAL", "minNotional": "7"}],
    )
    del spot["contractType"], spot["pricePrecision"]
    rules = tradable(fields, info(spot, spot | {"symbol": "ETHUSDT", "isMarginTradingAllowed": False}))
    assert {name: one.min_notional for name, one in rules.items()} == {"BTCUSDT": 7}


BTC = SymbolRules.read(Answer("GET /fapi/v1/exchangeInfo", entry()), SymbolFields())
QUOTE = Quote(Decimal("80000.1"), Decimal("80000.2"))


def test_the_coarser_of_both_lot_sizes_holds():
    assert (BTC.step, BTC.min_quantity) == (Decimal("0.001"), Decimal("0.001"))


def test_resting_prices_are_on_the_tick_and_far_from_the_market():
    found = offers(BTC, QUOTE)
    for name, low, high in (("resting_buy_price", 76000, 77000), ("resting_sell_price", 83000, 84000)):
        price = Decimal(found[name])
        assert price % BTC.tick == 0
        assert low < price < high


def test_the_smallest_quantity_reaches_the_smallest_notional():
    quantity = smallest_quantity(BTC, Decimal(80000))
    assert quantity == Decimal("0.002")
    assert quantity * 80000 >= BTC.min_notional


def test_a_tiny_notional_stays_below_the_minimum_and_on_the_tick():
    found = offers(BTC, QUOTE)
    price = Decimal(found["tiny_notional_price"])
    assert price % BTC.tick == 0
    assert price * BTC.min_quantity < BTC.min_notional


def test_an_overprecise_price_has_one_decimal_too_many():
    assert len(offers(BTC, QUOTE)["overprecise_price"].split(".")[1]) == BTC.price_precision + 1


def test_only_perpetuals_that_trade_are_used_deep_books_first():
    found = tradable(
        SymbolFields(),
        info(
            entry("ZZZUSDT"),
            entry("ETHUSDT"),
            entry(),
            entry("OLDUSDT", status="SETTLING"),
            entry("BTCUSDT_261225", contractType="CURRENT_QUARTER"),
            entry("BTCUSDC", quoteAsset="USDC"),
        ),
    )
    assert list(found) == ["BTCUSDT", "ETHUSDT", "ZZZUSDT"]


def test_symbols_without_a_book_have_no_quote():
    rows = [{"symbol": "A", "bidPrice": "1", "askPrice": "2"}, {"symbol": "B", "bidPrice": "0", "askPrice": "2"}]
    assert list(quotes(Answer("ticker.book", rows).rows())) == ["A"]


@pytest.mark.parametrize(
    ("value", "plain", "as_number"),
    [("0.100", "0.1", 0.1), ("1E+3", "1000", 1000), ("80000.0", "80000", 80000), ("0", "0", 0)],
)
def test_decimals_are_written_plainly(value, plain, as_number):
    assert text(Decimal(value)) == plain
    assert number(Decimal(value)) == as_number
    assert type(number(Decimal(value))) is type(as_number)


def test_a_symbol_whose_rules_cannot_be_read_is_left_out():
    """One changed entry does not stop a run; when all are changed, there is nothing to trade on."""
    broken = entry("ETHUSDT", filters=[])
    assert list(tradable(SymbolFields(), info(broken, entry()))) == ["BTCUSDT"]
    with pytest.raises(UnreadableError) as raised:
        tradable(SymbolFields(), info(broken))
    assert str(raised.value) == "GET /fapi/v1/exchangeInfo: `symbols[0].filters` holds no PRICE_FILTER"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"filters": None}, "`symbols[0].filters` is null, and a list was needed"),
        ({"pricePrecision": "two"}, "`symbols[0].pricePrecision` is text, and a whole number was needed"),
        ({"pricePrecision": 400}, "`symbols[0].pricePrecision` is not from 0 to 20"),
        ({"status": {}}, "`symbols[0].status` is an object, and a text that can be shown was needed"),
        (
            {"filters": [{**each, "tickSize": ""} for each in entry()["filters"]]},
            "`symbols[0].filters[0].tickSize` is an empty text, and a number was needed",
        ),
    ],
)
def test_what_cannot_be_read_of_a_symbol_is_named(changes, said):
    """Request, path and what was needed instead."""
    with pytest.raises(UnreadableError, match=re.escape(said)):
        tradable(SymbolFields(), info(entry(**changes)))


def test_a_tick_that_is_nothing_cannot_be_traded_on():
    """Prices are divided by it."""
    filters = [{**each, "tickSize": "0"} for each in entry()["filters"]]
    with pytest.raises(UnreadableError, match="hold a tickSize that is not above 0"):
        tradable(SymbolFields(), info(entry(filters=filters)))


OPTION_FIELDS = DRIVERS["options"].books[0].fields


def option(name, expiry, strike, **changes):
    return {
        "symbol": name,
        "status": "TRADING",
        "contractType": "CRYPTO_OPTIONS",
        "underlying": "BTCUSDT",
        "quoteAsset": "USDT",
        "expiryDate": expiry,
        "strikePrice": strike,
        "priceScale": 3,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "10", "maxPrice": "500", "tickSize": "5"},
            {"filterType": "LOT_SIZE", "minQty": "0.01", "maxQty": "200", "stepSize": "0.01"},
        ],
        **changes,
    }


def test_options_near_the_money_of_the_second_expiry_come_first():
    """The first expiry may come during the run; far from the money nobody quotes."""
    rows = [option(f"BTC-{day}-{strike}-C", day, strike) for day in (1, 2, 3) for strike in ("70000", "80000", "95000")]
    found = tradable(OPTION_FIELDS, Answer("GET /eapi/v1/exchangeInfo", {"optionSymbols": rows}))
    assert list(found)[:3] == ["BTC-2-80000-C", "BTC-2-70000-C", "BTC-2-95000-C"]
    first = next(iter(found.values()))
    assert (first.pair, first.base_asset, first.margin_asset) == ("BTCUSDT", "BTC", "USDT")


def test_an_option_rests_at_half_its_price():
    """Premiums move by tens of per cent while a run lasts."""
    rules = tradable(OPTION_FIELDS, Answer("GET /eapi/v1/exchangeInfo", {"optionSymbols": [option("A", 1, "80000")]}))
    found = offers(rules["A"], Quote(Decimal(1000), Decimal(1010)))
    assert (found["resting_buy_price"], found["resting_sell_price"], found["quantity"]) == ("500", "1515", "0.01")

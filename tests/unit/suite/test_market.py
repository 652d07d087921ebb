"""Prices and quantities fit the filters that the target itself reports."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.suite.market import Quote, SymbolRules, number, offers, quotes, smallest_quantity, text, tradable


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


BTC = SymbolRules.read(entry())
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
    info = {
        "symbols": [
            entry("ZZZUSDT"),
            entry("ETHUSDT"),
            entry(),
            entry("OLDUSDT", status="SETTLING"),
            entry("BTCUSDT_261225", contractType="CURRENT_QUARTER"),
            entry("BTCUSDC", quoteAsset="USDC"),
        ]
    }
    assert list(tradable(info)) == ["BTCUSDT", "ETHUSDT", "ZZZUSDT"]


def test_symbols_without_a_book_have_no_quote():
    rows = [{"symbol": "A", "bidPrice": "1", "askPrice": "2"}, {"symbol": "B", "bidPrice": "0", "askPrice": "2"}]
    assert list(quotes(rows)) == ["A"]


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
    assert list(tradable({"symbols": [broken, entry()]})) == ["BTCUSDT"]
    with pytest.raises(KeyError, match="LOT_SIZE"):
        tradable({"symbols": [broken]})

"""How streams write numbers."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.products.options import option_payloads as show


def test_a_level_that_is_gone_has_no_decimals(options):
    market = options.engine.open(options.contract)
    levels = {Decimal(5): Decimal("0.00"), Decimal(10): Decimal("1.50")}
    event = show.option_depth(market, (3, 7, 1), (levels, {}), 9)
    assert event["b"] == [["5.000", "0"], ["10.000", "1.50"]]
    assert (event["U"], event["u"], event["pu"], event["a"]) == (3, 7, 1, [])


def test_a_candle_has_no_trade_ids(options):
    market = options.engine.open(options.contract)
    candle = market.series(options.engine.now()).candles("1d", 1, None, None)[0]
    event = show.option_kline(options.contract, candle, "1d", candle.start + 86_400_000, 5, closed=False)
    assert (event["k"]["f"], event["k"]["L"], event["k"]["T"]) == (-1, -1, candle.start + 86_399_999)
    assert len(event["k"]["q"].partition(".")[2]) == 5


def test_a_tickers_change_is_a_fraction(options):
    market = options.engine.open(options.contract)
    event = show.option_ticker(market, options.engine.now())
    assert float(event["P"]) == round((float(event["c"]) - float(event["o"])) / float(event["o"]), 4)
    later = show.option_ticker(market, options.engine.now() + 86_400_000)
    assert (later["n"], later["c"], later["v"], later["P"]) == (0, "0.000", "0.00", "0.0000")


def test_mark_prices_are_trimmed_and_indexes_are_not(options):
    mark = options.engine.marks.mark(options.contract)
    row = show.option_mark(mark, Decimal(0), 5)
    assert (row["i"], row["P"], row["rf"]) == ("86250", "0", "0.0525")
    index = show.option_index(options.contract.underlying, Decimal(86_250), 5)
    assert index == {"e": "indexPrice", "E": 5, "s": "BTCUSDT", "p": "86250.00000000"}


def test_block_trades_are_marked(options):
    market = options.engine.open(options.contract)
    trade = market.record(Decimal(7_000), Decimal("0.5"), sold=True, now=3, block=True)
    event = show.option_trade(options.contract, trade, 5)
    assert (event["X"], event["S"], event["m"], event["p"], event["q"]) == ("BLOCK", "SELL", True, "7000.000", "0.50")


def test_a_new_contract(options):
    event = show.option_symbol(options.contract, 5)
    assert event == {
        "e": "optionSymbol",
        "E": 5,
        "s": "BTC-261225-90000-C",
        "ps": "BTCUSDT",
        "qa": "USDT",
        "d": "CALL",
        "sp": "90000",
        "dt": 1_798_185_600_000,
        "u": 1,
        "ot": 5,
        "cs": "TRADING",
    }

"""Events are recognised as caused by what was done: by order id, algo id, symbol or the field that was changed."""

from __future__ import annotations

import pytest

from wireproof.suite.events.cause import Cause

FILLED = {"e": "ORDER_TRADE_UPDATE", "o": {"c": "wp-1", "i": 7, "x": "TRADE"}}


@pytest.mark.parametrize(
    ("event", "belongs"),
    [
        (FILLED, True),
        ({"e": "ORDER_TRADE_UPDATE", "o": {"i": 7}}, True),
        ({"e": "ORDER_TRADE_UPDATE", "o": {"c": ["wp-1"], "i": {}}}, False),
        ({"e": "TRADE_LITE", "c": "wp-2", "i": 8}, False),
        ({"e": "ALGO_UPDATE", "o": {"caid": "x", "aid": 3}}, True),
        ({"e": "ACCOUNT_UPDATE", "a": {"m": "ORDER", "P": [{"s": "BTCUSDT"}]}}, True),
        ({"e": "ACCOUNT_UPDATE", "a": {"m": "FUNDING_FEE", "P": [{"s": "BTCUSDT"}]}}, False),
        ({"e": "ACCOUNT_UPDATE", "a": {"m": "ORDER", "P": [{"s": "ETHUSDT"}]}}, False),
        ({"e": "ACCOUNT_CONFIG_UPDATE", "ac": {"s": "BTCUSDT", "l": 9}}, True),
        ({"e": "ACCOUNT_CONFIG_UPDATE", "ai": {"j": True}}, False),
        ({"e": "ORDER_TRADE_UPDATE", "o": {"c": "autoclose-1", "s": "BTCUSDT"}}, True),
        ({"e": "ORDER_TRADE_UPDATE", "o": {"c": "autoclose-1", "s": "ETHUSDT"}}, False),
        ({"e": "MARGIN_CALL", "p": [{"s": "BTCUSDT"}]}, True),
        ({"e": "MARGIN_CALL", "p": [{"s": "ETHUSDT"}, 1]}, False),
        ({"e": "MARGIN_CALL", "p": 1}, False),
        ({"e": "listenKeyExpired", "listenKey": "other"}, False),
        ({"e": "listenKeyExpired"}, True),
        ({"e": "executionReport", "c": "a cancellation", "C": "wp-1", "i": 7}, True),
        ({"e": "executionReport", "c": "wp-2", "i": 7}, False),
        ({"e": "ALGO_UPDATE", "ao": {"caid": "x", "aid": 3}}, True),
        ({"e": "CONDITIONAL_ORDER_TRADE_UPDATE", "so": {"c": "x", "si": 3}}, True),
        ({"e": "CONDITIONAL_ORDER_TRADE_UPDATE", "so": {"c": "x", "si": 4}}, False),
        ({"e": "liabilityChange", "T": 12}, True),
        ({"e": "liabilityChange", "T": 13}, False),
        ({"e": "balanceUpdate", "a": "BNB"}, True),
        ({"e": "balanceUpdate", "a": "USDT"}, False),
        ({"e": "riskLevelChange"}, True),
        ({"e": "openOrderLoss"}, False),
        ([], False),
        ({"e": "UNKNOWN"}, False),
    ],
)
def test_events_are_told_by_id_symbol_or_field(event, belongs):
    cause = Cause(
        symbol="BTCUSDT",
        reason="ORDER",
        client_ids={"wp-1"},
        client_prefix="autoclose-",
        order_ids={7},
        algo_ids={3},
        leverage=9,
        listen_key="key",
        transaction=12,
        moved="BNB",
        awaited="riskLevelChange",
    )
    assert cause.is_of(event) is belongs


def test_what_an_event_says_otherwise_is_found_where_portfolio_margin_has_it():
    cause = Cause(symbol="BTCUSDT", client_ids={"wp-1"}, order_ids={7}, algo_ids={3}, side="BUY")
    cancelled = {"e": "executionReport", "c": "x", "C": "wp-1", "i": 7, "s": "BTCUSDT", "S": "BUY"}
    assert list(cause.others(cancelled)) == []
    assert list(cause.others(cancelled | {"C": "", "S": "SELL"})) == [("c", "wp-1", "x"), ("S", "BUY", "SELL")]
    algo = {"caid": "wp-1", "aid": 4, "s": "BTCUSDT", "S": "BUY"}
    assert list(cause.others({"e": "ALGO_UPDATE", "ao": algo})) == [("ao.aid", "3", "4")]
    strategy = {"c": "wp-1", "si": 3, "s": "ETHUSDT", "S": "BUY"}
    update = {"e": "CONDITIONAL_ORDER_TRADE_UPDATE", "so": strategy}
    assert list(cause.others(update)) == [("so.s", "BTCUSDT", "ETHUSDT")]


@pytest.mark.parametrize(
    "event",
    [
        {"e": "executionReport", "c": "x", "s": "BTCUSDT", "S": "BUY"},
        {"e": "ALGO_UPDATE", "ao": {"caid": "x", "s": "BTCUSDT", "S": "BUY"}},
        {"e": "CONDITIONAL_ORDER_TRADE_UPDATE", "so": {"c": "x", "s": "BTCUSDT", "S": "BUY"}},
    ],
)
def test_an_event_of_portfolio_margin_that_lost_its_ids_may_be_of_the_cause(event):
    cause = Cause(symbol="BTCUSDT", client_ids={"wp-1"}, order_ids={7}, algo_ids={3}, side="BUY")
    assert cause.resembles(event, {"BTCUSDT"}, set())
    assert not Cause(symbol="BTCUSDT", side="BUY").resembles(event, {"BTCUSDT"}, set())


@pytest.mark.parametrize(
    ("update", "belongs"),
    [
        ({"m": "FUNDING_FEE", "B": []}, True),
        ({"m": "FUNDING_FEE", "B": [], "P": []}, True),
        ({"m": "FUNDING_FEE", "P": [{"s": "BTCUSDT"}]}, True),
        ({"m": "FUNDING_FEE", "P": [{"s": "ETHUSDT"}]}, False),
        ({"m": "ORDER", "B": []}, False),
    ],
)
def test_the_funding_of_a_cross_position_names_no_symbol(update, belongs):
    """As documented: only the balance is pushed."""
    assert Cause(symbol="BTCUSDT", reason="FUNDING_FEE").is_of({"e": "ACCOUNT_UPDATE", "a": update}) is belongs


FLAT = {"e": "ACCOUNT_UPDATE", "E": 1, "eq": "1", "aeq": "1", "b": "1"}
GREEKS = {"e": "GREEK_UPDATE", "E": 1, "G": []}
POSITIONS = {"e": "BALANCE_POSITION_UPDATE", "m": "ORDER", "P": [{"s": "BTC-261225-90000-C"}]}


def test_events_about_a_whole_account_belong_to_the_cause_that_awaits_them():
    """Those of options name neither order nor symbol: the cause of another case must not claim them."""
    filled = Cause(symbol="BTC-261225-90000-C", reason="ORDER")
    for event in (FLAT, GREEKS):
        assert not filled.is_of(event)
        filled.awaited = event["e"]
        assert filled.is_of(event)
        assert not Cause(awaited=event["e"]).is_of(event)


def test_positions_of_options_belong_to_the_cause_of_their_symbol():
    filled = Cause(symbol="BTC-261225-90000-C", reason="ORDER")
    assert filled.is_of(POSITIONS)
    assert not filled.is_of({**POSITIONS, "m": "TRANSFER"})
    assert not Cause(symbol="BTC-261225-95000-C", reason="ORDER").is_of(POSITIONS)


def test_a_risk_level_belongs_to_the_cause_that_set_it():
    assert Cause(reason="REDUCE_ONLY").is_of({"e": "RISK_LEVEL_CHANGE", "s": "REDUCE_ONLY"})
    assert not Cause(reason="REDUCE_ONLY").is_of({"e": "RISK_LEVEL_CHANGE", "s": "NORMAL"})

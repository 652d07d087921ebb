"""Indexes, contracts, and what they are worth."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options.option_instruments import UNDERLYINGS
from wireproof.venue.products.options.option_state import HOUR_MS, IndexAverage, OptionState


def test_an_index_is_that_of_the_futures_market(options):
    options.indexes["BTCUSDT"] = Decimal("90000.5")
    assert options.engine.index(UNDERLYINGS["BTCUSDT"]) == Decimal("90000.5")


def test_the_index_of_a_metal_walks(options):
    gold = UNDERLYINGS["XAUUSDT"]
    moving = OptionState(options.clock, lambda _name: None, seed=1)
    before = moving.index(gold)
    moving.walk()
    assert 0 < abs(moving.index(gold) - before) <= before * Decimal("0.0001")
    options.engine.walk()
    assert options.engine.index(gold) == gold.start


@pytest.mark.parametrize("name", ["BTC-261225-90001-C", "BTCUSDT", ""])
def test_unknown_contracts_are_refused(options, name):
    with pytest.raises(Refusal, match="-1121"):
        options.engine.contract(name)


def test_a_contract_is_known_in_lower_case(options):
    assert options.engine.contract("btc-261225-90000-c") is options.contract


def test_unknown_underlyings_are_refused(options):
    with pytest.raises(Refusal, match="-1128"):
        options.engine.underlying("LTCUSDT")


def test_new_strikes_are_listed_where_the_index_goes(options):
    assert options.engine.list_contracts() == []
    options.indexes["BTCUSDT"] = Decimal(99_000)
    found = options.engine.list_contracts()
    assert {one.underlying.name for one in found} == {"BTCUSDT"}
    assert options.engine.contract(found[0].name) is found[0]


def test_contracts_are_listed_further_out(options):
    btc = UNDERLYINGS["BTCUSDT"]
    call, put = options.engine.list_further(btc)
    assert (call.strike, put.strike, call.expiry) == (128_000, 128_000, options.contract.expiry)
    assert options.engine.contract(put.name) is put
    assert options.engine.list_further(btc)[0].strike == 130_000


def test_a_worth_is_the_same_until_index_or_second_change(options):
    engine, contract = options.engine, options.contract
    first = engine.value(contract)
    assert engine.value(contract) is first
    options.indexes["BTCUSDT"] += 100
    second = engine.value(contract)
    assert second.price > first.price
    options.clock.advance(1_000)
    assert engine.value(contract).price < second.price


def test_the_mark_price_has_the_contracts_decimals(options):
    mark = options.engine.mark(options.contract)
    assert mark.as_tuple().exponent == -3
    assert float(mark) == pytest.approx(options.engine.value(options.contract).price, abs=0.0006)


def test_settlement_averages_the_last_hour():
    average = IndexAverage()
    assert average.running is None
    average.sample(Decimal(1), HOUR_MS * 5)
    average.sample(Decimal(4), HOUR_MS * 5 + 1)
    assert (average.running, average.last_hour) == (Decimal("2.5"), None)
    average.sample(Decimal(9), HOUR_MS * 6)
    assert (average.running, average.last_hour) == (9, Decimal("2.5"))


def test_the_exercise_price_is_the_index_except_in_the_last_hour(options):
    engine = options.engine
    first = min(engine.contracts.values(), key=lambda one: (one.expiry, one.underlying.name != "BTCUSDT"))
    assert engine.exercise_price(first) == options.indexes["BTCUSDT"]
    options.pass_time(first.expiry - engine.now() - HOUR_MS // 2)
    options.indexes["BTCUSDT"] += 100
    options.pass_time(1_000)
    assert engine.is_settling(first)
    assert engine.exercise_price(first) == options.indexes["BTCUSDT"] - 50
    assert engine.exercise_price(options.contract) == options.indexes["BTCUSDT"]


def test_an_account_is_opened_when_it_is_first_asked_for(options):
    assert options.engine.account("carol").wallet == 10_000
    assert options.engine.account("carol") is options.engine.account("carol")

"""Exercise at expiry."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.products.options.option_settlement import DAYS_BEFORE

DEEP = "BTC-261225-82000-C"


def test_a_long_call_in_the_money_is_paid_out(options):
    contract = options.engine.contract(DEEP)
    options.order(contract=contract, quantity="0.1")
    before = options.alice.wallet
    options.engine.settlement.settle(contract)
    worth = Decimal(86_250 - 82_000) / 10
    fee = Decimal("0.00015") * 86_250 / 10
    assert options.alice.wallet == before + worth - fee
    assert options.alice.amount(contract) == 0
    (record,) = options.alice.exercises
    assert (record.amount, record.fee, record.long, record.price) == (worth, fee, True, 82_000)


def test_who_wrote_it_pays(options):
    contract = options.engine.contract(DEEP)
    options.order(contract=contract, side="SELL", quantity="0.1")
    before = options.alice.wallet
    options.engine.settlement.settle(contract)
    assert options.alice.wallet < before - 425
    assert not options.alice.exercises[0].long
    assert options.told(options.alice)[-3]["P"][0]["c"] == "0.0000"


def test_out_of_the_money_it_is_worth_nothing_and_costs_nothing(options):
    options.order(quantity="0.1")
    before = options.alice.wallet
    options.engine.settlement.settle(options.contract)
    assert options.alice.wallet == before
    assert options.alice.exercises[0].amount == 0
    last = options.engine.settlement.history()[-1]
    assert (last.contract.name, last.price, last.in_the_money) == ("BTC-261225-90000-C", 86_250, False)


def test_open_orders_expire_with_their_contract(options):
    order = options.order(price="2000")
    options.engine.settlement.settle(options.contract)
    assert order.status == "EXPIRED"
    assert options.contract.name in options.engine.past
    assert options.contract.name not in options.engine.contracts


def test_contracts_are_settled_when_their_time_comes(options):
    first = min(one.expiry for one in options.engine.contracts.values())
    due = {one.name for one in options.engine.contracts.values() if one.expiry == first}
    options.pass_time(first - options.engine.now() - 1)
    assert due <= options.engine.contracts.keys()
    options.pass_time(1)
    assert due <= options.engine.past.keys()
    assert min(one.expiry for one in options.engine.contracts.values()) == first + 86_400_000


def test_there_is_a_history_before_the_venue_started(options):
    rows = options.engine.settlement.history()
    assert len({row.contract.expiry for row in rows}) == DAYS_BEFORE
    assert {row.in_the_money for row in rows} == {True, False}
    assert all(row.contract.expiry < options.engine.now() for row in rows)
    assert [row.contract.expiry for row in rows] == sorted(row.contract.expiry for row in rows)

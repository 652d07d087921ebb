"""Accounts of options: positions, wallets, orders."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.products.options.option_instruments import UNDERLYINGS
from wireproof.venue.products.options.option_records import KEPT, OptionAccount, OptionOrder, OptionPosition, trade_fee


def test_a_position_keeps_its_mean_price(options):
    position = OptionPosition(options.contract)
    assert position.add(Decimal(2), Decimal(100)) == 0
    assert position.add(Decimal(2), Decimal(200)) == 0
    assert (position.amount, position.entry) == (4, 150)


@pytest.mark.parametrize(
    ("signed", "price", "profit", "amount", "entry"),
    [("-1", "130", "30", "1", "100"), ("-2", "90", "-20", "0", "0"), ("-5", "90", "-20", "-3", "90")],
)
def test_closing_realises_the_profit(options, signed, price, profit, amount, entry):
    position = OptionPosition(options.contract)
    position.add(Decimal(2), Decimal(100))
    assert position.add(Decimal(signed), Decimal(price)) == Decimal(profit)
    assert (position.amount, position.entry) == (Decimal(amount), Decimal(entry))


def test_buying_back_what_was_written_gains_when_the_price_fell(options):
    position = OptionPosition(options.contract)
    position.add(Decimal(-2), Decimal(100))
    assert position.add(Decimal(1), Decimal(60)) == 40
    assert position.amount == -1


def test_the_fee_is_a_share_of_the_index_and_at_most_a_tenth_of_the_premium():
    btc, doge = UNDERLYINGS["BTCUSDT"], UNDERLYINGS["DOGEUSDT"]
    assert trade_fee(btc, Decimal(86_250), Decimal(5_000), Decimal("0.1")) == Decimal("2.07")
    assert trade_fee(btc, Decimal(86_250), Decimal(5), Decimal("0.1")) == Decimal("0.05")
    assert trade_fee(doge, Decimal("0.1425"), Decimal(8), Decimal(1)) == Decimal("0.0342")


def test_every_change_of_the_wallet_has_a_bill():
    account = OptionAccount("alice", 5)
    account.credit("FEE", Decimal("-0.5"), 6, "BTC-261225-90000-C")
    account.credit("FEE", Decimal(0), 7)
    assert account.wallet == Decimal("9999.5")
    assert [(one.kind, one.amount, one.time, one.symbol) for one in account.bills] == [
        ("TRANSFER", 10_000, 5, ""),
        ("FEE", Decimal("-0.5"), 6, "BTC-261225-90000-C"),
    ]
    first, second = account.bills
    assert second.number == first.number + 1


def make(account, contract, number, **more):
    return OptionOrder(
        contract=contract,
        side="BUY",
        quantity=Decimal(1),
        price=Decimal(100),
        order_id=number,
        account=account,
        created=number,
        updated=number,
        **more,
    )


def test_orders_are_found_by_id_and_by_the_latest_client_id(options):
    account, contract = options.alice, options.contract
    old, new = make(account, contract, 1, client_id="x"), make(account, contract, 2, client_id="x")
    account.archive(old)
    account.open_orders[2] = new
    assert account.find_order(contract.name, 1, None) is old
    assert account.find_order(contract.name, None, "x") is new
    assert account.find_order("ETH-261225-3000-C", 1, None) is None
    assert account.find_order(contract.name, 3, None) is None


def test_the_oldest_closed_orders_go(options):
    for number in range(KEPT + 1):
        options.alice.archive(make(options.alice, options.contract, number))
    assert len(options.alice.closed_orders) == KEPT
    assert 0 not in options.alice.closed_orders


def test_an_order_without_fills_has_no_average_price(options):
    order = make(options.alice, options.contract, 1)
    assert order.average_price == 0
    order.executed, order.cost = Decimal(2), Decimal(210)
    assert order.average_price == 105

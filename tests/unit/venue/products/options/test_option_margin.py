"""Margin of accounts of options."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.products.options import option_margin
from wireproof.venue.products.options.option_margin import OptionMargins, greeks, margins, order_margin
from wireproof.venue.products.options.option_records import OptionRequest


def test_buying_needs_the_premium_and_the_fee(options):
    request = OptionRequest(options.contract, "BUY", Decimal(1), Decimal(100))
    assert order_margin(options.engine, options.alice, request, Decimal("0.5")) == 55


def test_writing_needs_a_share_of_the_index_less_what_is_out_of_the_money(options):
    """3750 out of the money: 15 % of the index less that is 9187.5, more than 10 % of it."""
    mark = options.engine.mark(options.contract)
    assert option_margin.short_margin(options.engine, options.contract, initial=True) == Decimal("9187.5") + mark
    assert option_margin.short_margin(options.engine, options.contract, initial=False) == Decimal("4312.5") + mark
    options.indexes["BTCUSDT"] = Decimal(80_000)
    mark = options.engine.mark(options.contract)
    assert option_margin.short_margin(options.engine, options.contract, initial=True) == 8_000 + mark


def test_selling_what_one_has_needs_nothing(options):
    options.order(quantity="0.1")
    request = OptionRequest(options.contract, "SELL", Decimal("0.1"), Decimal(7_000))
    assert order_margin(options.engine, options.alice, request, request.quantity) == 0
    request.quantity = Decimal("0.2")
    assert order_margin(options.engine, options.alice, request, request.quantity) > 900


def test_a_written_option_lowers_equity_and_holds_margin(options):
    options.order(side="SELL", quantity="0.1")
    found = margins(options.engine, options.alice)
    mark = options.engine.mark(options.contract)
    assert found.balance > 10_000
    assert found.position_value == -mark / 10
    assert found.equity == found.balance + found.position_value
    assert found.initial == (Decimal("9187.5") + mark) / 10
    assert found.available == found.balance - found.initial
    assert found.maintenance < found.initial
    entry = options.alice.position(options.contract).entry
    assert found.unrealised == (entry - mark) / 10


def test_open_orders_hold_margin(options):
    before = margins(options.engine, options.alice).available
    options.order(price="2000", quantity="0.1")
    assert margins(options.engine, options.alice).available == before - 200 - Decimal("2.07")


@pytest.mark.parametrize(("balance", "maintenance", "ratio"), [(100, 80, "0.8"), (0, 80, "1"), (0, 0, "0")])
def test_ratio(balance, maintenance, ratio):
    zero = Decimal(0)
    found = OptionMargins(Decimal(balance), zero, zero, Decimal(200), Decimal(maintenance))
    assert found.ratio == Decimal(ratio)
    assert found.available == 0


def test_greeks_add_up_by_underlying(options):
    put = options.engine.contract("BTC-261225-90000-P")
    ether = next(one for one in options.engine.contracts.values() if one.underlying.base == "ETH")
    options.order(quantity="0.2")
    options.order(quantity="0.2", contract=put)
    options.order(quantity="1", contract=ether)
    found = {underlying.name: one for underlying, one in greeks(options.engine, options.alice).items()}
    call, other = options.engine.value(options.contract), options.engine.value(put)
    assert set(found) == {"BTCUSDT", "ETHUSDT"}
    assert found["BTCUSDT"].delta == pytest.approx(0.2 * (call.delta + other.delta))
    assert found["BTCUSDT"].vega == pytest.approx(0.4 * call.vega)

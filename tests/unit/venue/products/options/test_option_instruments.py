"""Option contracts: names, expiries, strikes, bounds of prices."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wireproof.venue.products.options.option_instruments import (
    UNDERLYINGS,
    contracts_around,
    expiries,
    option_name,
    strike_step,
)

NOW = 1_790_000_040_000  # Monday, 2026-09-21 14:14 UTC
BTC = UNDERLYINGS["BTCUSDT"]


def listed(name="BTCUSDT", now=NOW):
    underlying = UNDERLYINGS[name]
    return list(contracts_around(underlying, underlying.start, now))


def test_names_are_those_of_the_exchange():
    names = {one.name for name in UNDERLYINGS for one in listed(name)}
    assert {"BTC-261225-90000-C", "BTC-261225-90000-P", "XRP-260925-2.04-C"} <= names
    assert all(re.fullmatch(r"[A-Z]+-[0-9]{6}-[0-9]+(\.[0-9]+)?-[CP]", name) for name in names)
    assert option_name("ETH", 1_798_185_600_000, Decimal("3000.0"), call=False) == "ETH-261225-3000-P"


def test_expiries_are_days_fridays_and_quarters_at_eight():
    days = [datetime.fromtimestamp(at / 1000, UTC) for at in expiries(NOW, 6)]
    assert [f"{day:%y%m%d %H}" for day in days] == [
        "260922 08",
        "260923 08",
        "260925 08",
        "261002 08",
        "261030 08",
        "261225 08",
    ]
    before_eight = int(datetime(2026, 9, 21, 7, 59, tzinfo=UTC).timestamp() * 1000)
    assert expiries(before_eight, 1) == [before_eight + 60_000]
    assert expiries(before_eight + 60_000, 1) == [before_eight + 60_000 + 86_400_000]


def test_strikes_lie_on_both_sides_of_the_index_and_farther_apart_later():
    (call, put), *_ = zip(listed()[::2], listed()[1::2], strict=True)
    assert (call.strike, call.side, put.side) == (put.strike, "CALL", "PUT")
    first = [one.strike for one in listed() if one.expiry == call.expiry and one.call]
    assert len(first) == 13
    assert first[6] - BTC.start < first[7] - first[6]
    assert strike_step(BTC.start, 1) == 500
    assert strike_step(BTC.start, 95) == 2_000
    assert strike_step(Decimal("2.065"), 1) == Decimal("0.02")


def test_quiet_underlyings_have_fewer_contracts():
    assert len(listed("BTCUSDT")) == 156
    assert len(listed("DOGEUSDT")) == 42
    assert UNDERLYINGS["DOGEUSDT"].unit == 1_000


def test_writing_is_open_on_bitcoin_and_ether_only():
    assert {name for name, one in UNDERLYINGS.items() if one.naked_sell} == {"BTCUSDT", "ETHUSDT"}
    assert {name for name, one in UNDERLYINGS.items() if one.metal} == {"XAUUSDT", "XAGUSDT"}


@pytest.mark.parametrize(("index", "worth", "out"), [("95000", "5000", "0"), ("85000", "0", "5000")])
def test_a_call_is_worth_what_the_index_is_above_its_strike(index, worth, out):
    call = next(one for one in listed() if one.name == "BTC-261225-90000-C")
    assert call.intrinsic(Decimal(index)) == Decimal(worth)
    assert call.out_of_the_money(Decimal(index)) == Decimal(out)


def test_a_put_is_worth_the_unit_times_the_distance():
    put = next(one for one in listed("DOGEUSDT") if not one.call)
    assert put.intrinsic(put.strike - Decimal("0.01")) == 10
    assert put.out_of_the_money(put.strike + Decimal("0.01")) == Decimal("0.01")


def test_price_bounds_are_shares_of_the_mark_price_on_the_tick():
    contract = listed()[0]
    assert contract.price_bounds(Decimal("6867.5")) == (1_370, 12_365)
    assert contract.price_bounds(Decimal("0.4")) == (5, 55)
    assert contract.on_tick(Decimal("12.4")) == 10
    assert contract.on_tick(Decimal("12.4"), up=True) == 15

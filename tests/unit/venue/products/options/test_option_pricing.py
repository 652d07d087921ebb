"""Prices, volatilities and Greeks: those of the documented example, and that they fit together."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from wireproof.venue.products.options.option_instruments import UNDERLYINGS, OptionContract
from wireproof.venue.products.options.option_pricing import Pricer

BTC = UNDERLYINGS["BTCUSDT"]
NOW = 1_762_867_543_321
#: Rows of the documented optionMarkPrice event: expiry, vo, mp, d, t, g, v at an index of 104334.60217391.
DOCUMENTED = [
    (1_763_625_600_000, 0.9408058, 770.543, 0.11111964, -164.26702615, 0.00001245, 30.63855919),
    (1_763_884_800_000, 0.93310237, 1249.61, 0.14869196, -172.12148811, 0.00001326, 43.43627792),
]


def contract(strike="126000", *, call=True, expiry=1_763_625_600_000, underlying=BTC):
    return OptionContract("BTC-251120-126000-C", underlying, call, Decimal(strike), expiry)


def pricer(one, rate=0.0525):
    return Pricer(one, 104334.60217391, NOW, rate)


@pytest.mark.parametrize(("expiry", "iv", "price", "delta", "theta", "gamma", "vega"), DOCUMENTED)
def test_the_documented_example_comes_out(expiry, iv, price, delta, theta, gamma, vega):
    value = pricer(contract(expiry=expiry), rate=0.0).value(iv)
    assert value.price == pytest.approx(price, rel=1e-5)
    assert value.delta == pytest.approx(delta, rel=1e-5)
    assert value.theta == pytest.approx(theta, rel=1e-6)
    assert value.gamma == pytest.approx(gamma, abs=5e-9)
    assert value.vega == pytest.approx(vega, rel=1e-6)


@pytest.mark.parametrize("strike", ["60000", "95000", "104000", "126000", "180000"])
@pytest.mark.parametrize("call", [True, False])
def test_the_implied_volatility_is_that_of_the_price(strike, call):
    pricing = pricer(contract(strike, call=call, expiry=NOW + 30 * 86_400_000))
    value = pricing.value()
    assert pricing.implied(value.price * 1.05, value.iv) > value.iv
    implied = pricing.implied(value.price, 3.0)
    assert pricing.value(implied).price == pytest.approx(value.price, abs=1e-6)


def test_prices_that_no_volatility_explains_have_none():
    call = pricer(contract("60000"))
    assert call.implied(40_000.0, 0.5) is None  # less than what exercising is worth
    assert call.implied(200_000.0, 0.5) is None  # more than the index


def test_call_and_put_of_a_strike_agree():
    """Put-call parity: they are priced at one volatility."""
    call, put = pricer(contract("104000")).value(), pricer(contract("104000", call=False)).value()
    assert call.iv == put.iv
    assert call.delta - put.delta == pytest.approx(1)
    assert call.gamma == pytest.approx(put.gamma)


def test_a_guess_far_off_comes_home_within_its_bounds():
    """Where vega is nearly nothing, Newton's step would leave them."""
    pricing = pricer(contract("180000", expiry=NOW + 86_400_000))
    wanted = pricing.value(2.5).price
    assert pricing.implied(wanted, 0.06) == pytest.approx(2.5, abs=1e-6)


def test_volatility_smiles():
    middle, low, high = (pricer(contract(strike)).smile() for strike in ("104000", "80000", "130000"))
    assert low > middle < high
    later = pricer(contract("104000", expiry=NOW + 180 * 86_400_000)).smile()
    assert later < middle


def test_a_contract_is_worth_its_unit():
    doge = UNDERLYINGS["DOGEUSDT"]
    large = pricer(contract("100000", underlying=doge)).value(0.5)
    small = pricer(contract("100000", underlying=replace(doge, unit=1))).value(0.5)
    assert large.price == pytest.approx(1_000 * small.price)
    assert large.delta == small.delta


def test_at_expiry_prices_stay_finite():
    value = pricer(contract("100000", expiry=NOW - 1)).value()
    assert value.price == pytest.approx(4_334.6, abs=1)

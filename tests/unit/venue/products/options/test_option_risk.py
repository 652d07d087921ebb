"""Risk levels and liquidation."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options.option_margin import margins


def write(options, quantity="0.55"):
    options.order(side="SELL", quantity=quantity)


def level(options):
    return options.engine.risk.level(options.alice)


def test_an_account_near_its_maintenance_margin_may_only_reduce(options):
    write(options)
    options.engine.risk.check()
    assert level(options) == "NORMAL"
    options.alice.wallet = margins(options.engine, options.alice).maintenance / Decimal("0.85")
    options.engine.risk.check()
    (event,) = options.told(options.alice, "RISK_LEVEL_CHANGE")
    assert event["s"] == level(options) == "REDUCE_ONLY"
    with pytest.raises(Refusal, match="-6062"):
        options.order(price="5", quantity="0.01")
    assert options.order(quantity="0.1", reduce_only=True).status == "FILLED"


def test_the_level_goes_back_to_normal(options):
    write(options)
    options.alice.wallet -= 8_000
    options.engine.risk.check()
    options.alice.wallet += 80_000
    options.engine.risk.check()
    assert [event["s"] for event in options.told(options.alice, "RISK_LEVEL_CHANGE")] == ["REDUCE_ONLY", "NORMAL"]


def test_beyond_its_margin_an_account_is_liquidated(options):
    write(options)
    resting = options.order(price="5", quantity="0.01")
    options.indexes["BTCUSDT"] = Decimal(103_000)
    options.pass_time(1_000)
    assert resting.status == "CANCELED"
    assert options.alice.amount(options.contract) == 0


def test_a_level_is_reported_once(options):
    options.engine.risk.set_level(options.bob, "NORMAL")
    options.engine.risk.set_level(options.bob, "REDUCE_ONLY")
    options.engine.risk.set_level(options.bob, "REDUCE_ONLY")
    assert len(options.told(options.bob, "RISK_LEVEL_CHANGE")) == 1

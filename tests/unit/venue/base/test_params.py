"""Parameters as they are read."""

from __future__ import annotations

import pytest

from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal


@pytest.mark.parametrize(("value", "code"), [("1.5", -1106), ("x", -1130), ("", -1105)])
def test_a_number_without_a_meaning(value, code):
    """Refused as such; one that cannot be read is refused for that first."""
    with pytest.raises(Refusal) as refused:
        Params({"stopPrice": value}).without_number("stopPrice")
    assert refused.value.code == code


def test_a_number_that_is_not_there():
    """Is what is wanted."""
    Params({}).without_number("stopPrice")


async def test_orders_read_numbers_before_they_refuse_them(rest):
    """-1130 for a stop price that is none, -1106 for one where no stop price belongs, of orders of either kind."""
    sound = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    sound |= {"quantity": "0.01", "price": "80000"}
    algo = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET"}
    algo |= {"quantity": "0.01", "triggerPrice": "80000"}
    for value, code in (("x", -1130), ("80000", -1106)):
        assert await rest.refused("POST", "/fapi/v1/order", **sound, stopPrice=value) == code
        assert await rest.refused("POST", "/fapi/v1/algoOrder", **algo, callbackRate=value) == code
        assert await rest.refused("POST", "/fapi/v1/algoOrder", **algo, price=value) == code


def test_an_integer_may_have_nineteen_digits():
    """Ids of option orders exceed what a double holds."""
    assert Params({"orderId": "4611875134427365377"}).integer("orderId") == 4_611_875_134_427_365_377

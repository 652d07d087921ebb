"""Errors that a moving market explains."""

from __future__ import annotations

import pytest

from wireproof.recognition import recognise
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.conditions import (
    OF_THE_MARKET,
    OF_THE_STATE,
    ConditionNotMetError,
    check_status,
    is_of_the_market,
    prepared_again,
)
from wireproof.suite.state.moved import error_code

pytestmark = pytest.mark.asyncio(loop_scope="session")


def refused(code):
    return RefusedError("order.place", recognise(400, b'{"code":%d,"msg":"No."}' % code))


async def test_the_errors_of_the_market_are_known_by_name_in_every_product_that_is_sent(store):
    """COIN-M has other codes for some of them."""
    for product in ("usdm", "coinm"):
        names = {int(code): name for code, name in store.products[product].errors.items()}
        assert {"MIN_NOTIONAL", "MARKET_ORDER_REJECT", "ORDER_WOULD_IMMEDIATELY_TRIGGER"} <= set(names.values())
        for code, name in names.items():
            assert is_of_the_market(refused(code), names) == (name in OF_THE_MARKET | OF_THE_STATE)


async def test_a_status_that_no_order_has_is_no_condition():
    """It is a finding of the cases that place orders."""
    check_status("SOON", "NEW", "an order")
    with pytest.raises(ConditionNotMetError, match="an order must be NEW, and was answered EXPIRED"):
        check_status("EXPIRED", "NEW", "an order")


async def test_another_error_is_not_tried_again():
    tried = []

    async def attempt(number):
        tried.append(number)
        raise refused(-1102)

    with pytest.raises(RefusedError):
        await prepared_again(attempt, lambda _error: None)
    assert tried == [1]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"code": -2011, "msg": "Unknown order sent."}', -2011),
        (b'{"id": "1", "status": 400, "error": {"code": -5022, "msg": "no"}}', -5022),
        (b'{"code": 200, "msg": "done"}', None),
        (b'{"code": "-2011"}', -2011),
        (b"[]", None),
        (b"<html>", None),
    ],
)
async def test_the_code_of_an_error_is_read_from_either_surface(raw, code):
    assert error_code(raw) == code

"""COIN-M as a whole: its numbers of refusals."""

from __future__ import annotations

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.coinm.coin_product import CODES, COINM


@pytest.mark.parametrize(("code", "coin"), CODES.items())
def test_coin_m_has_numbers_of_its_own(code, coin):
    """For the same idea: text, status and data stay."""
    refusal = COINM.refused(Refusal(code, "A sentence.", status=429, data={"serverTime": 1}))
    assert (refusal.code, refusal.msg, refusal.status, refusal.data) == (coin, "A sentence.", 429, {"serverTime": 1})


def test_most_numbers_are_shared():
    """A refusal without a number of COIN-M's own stays what it is."""
    refusal = Refusal(-2019, "Margin is insufficient.")
    assert COINM.refused(refusal) is refusal

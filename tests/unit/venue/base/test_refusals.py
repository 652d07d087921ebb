"""Refusals and their numbers."""

from __future__ import annotations

import pytest

from wireproof.venue.base.refusals import COIN_MARGINED_CODES, Refusal


@pytest.mark.parametrize(("code", "coin"), COIN_MARGINED_CODES.items())
def test_coin_m_has_numbers_of_its_own(code, coin):
    """For the same idea: text, status and data stay."""
    refusal = Refusal(code, "A sentence.", status=429, data={"serverTime": 1}).as_coin_margined()
    assert (refusal.code, refusal.msg, refusal.status, refusal.data) == (coin, "A sentence.", 429, {"serverTime": 1})


def test_most_numbers_are_shared():
    """A refusal without a number of COIN-M's own stays what it is."""
    refusal = Refusal(-2019, "Margin is insufficient.")
    assert refusal.as_coin_margined() is refusal

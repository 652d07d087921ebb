"""One account: its bankruptcy loan and its earn assets."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin_pro.pro_account import OPENING_LOAN, OPENING_SPOT, ProAccount


@pytest.fixture
def account(exchange):
    return ProAccount(exchange.alice, exchange.clock.now_ms())


def _code(act):
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_the_whole_loan_is_repaid_from_the_spot_wallet(account):
    account.repay_loan(7, 1_000)
    assert (account.loan, account.spot) == (0, OPENING_SPOT - OPENING_LOAN)
    assert [(one.number, one.amount, one.time) for one in account.repayments] == [(7, OPENING_LOAN, 1_000)]
    assert _code(lambda: account.repay_loan(8, 2_000)) == -21004


def test_a_loan_that_cannot_be_repaid(account):
    account.set_amounts({"spot": OPENING_LOAN - 1})
    assert _code(lambda: account.repay_loan(7, 1_000)) == -21005
    account.scripted_level = "FORCE_LIQUIDATION"
    assert _code(lambda: account.repay_loan(7, 1_000)) == -21007
    assert account.loan == OPENING_LOAN


def test_earn_assets_count_as_equity_once_they_are_collateral(account):
    before = account.equity(), account.actual_equity()
    account.move_earn("LDUSDT", Decimal(100), into_futures=True)
    assert (account.equity(), account.actual_equity()) == (before[0] + 100, before[1] + 100)
    assert _code(lambda: account.move_earn("LDUSDT", Decimal(101), into_futures=False)) == -6018
    account.move_earn("LDUSDT", Decimal(100), into_futures=False)
    assert account.equity() == before[0]


def test_the_loan_of_cross_margin_carries_the_maintenance_margin(account):
    account.set_amounts({"borrowed": Decimal(1_000)})
    assert account.maintenance_margin() == 50
    account.set_amounts({"borrowed": Decimal(0), "loan": Decimal(3), "futures": Decimal(4)})
    assert account.wallet("USDT", unit="UM") == 4
    assert (account.maintenance_margin(), account.loan, account.spot) == (0, 3, OPENING_SPOT)

"""The exchange's official modular Python SDK for portfolio margin pro, pointed at the venue: REST and user data.

Every answer is decoded with the SDK's own models, and every method of the SDK is called.
"""

from __future__ import annotations

import asyncio
import time

import pytest

pytest.importorskip("binance_common", reason="the official SDKs are not installed: pip install -e '.[clients]'")

from binance_common.errors import BadRequestError
from sdk_tour import Listener, OfficialSdk, Tour

SDK = OfficialSdk("binance_sdk_derivatives_trading_portfolio_margin_pro", "DerivativesTradingPortfolioMarginPro")

TOUR = Tour({})
call = TOUR.call
FUTURES, EARN = "EARN_TO_FUTURE", "FUTURE_TO_EARN"


@pytest.fixture(scope="module")
def rest(served):
    api = SDK.rest(served, "hmac")
    yield api
    api._session.close()


def amount_of(rest, asset):
    """Return what an asset amounts to in both futures and in cross margin."""
    (row,) = call(rest, "get_portfolio_margin_pro_account_balance", asset=asset)
    return float(row.um_wallet_balance), float(row.cross_margin_asset)


def test_the_joint_account(rest):
    found = call(rest, "get_portfolio_margin_pro_account_info")
    assert (found.account_status, found.account_type, found.total_available_balance) == ("NORMAL", "PM_1", "")
    assert float(found.actual_equity) >= float(found.account_equity) > float(found.account_maint_margin) > 0
    assert len(call(rest, "get_portfolio_margin_pro_account_balance")) > 3


def test_the_account_with_span(served, rest):
    served.product("portfolio-margin-pro", account="hmac", type="PM_3")
    found = call(rest, "get_portfolio_margin_pro_span_account_info")
    assert (found.account_type, [one.asset for one in found.risk_unit_mm_list]) == ("PM_3", ["BTC", "ETH"])
    served.product("portfolio-margin-pro", account="hmac", type="PM_1")


def test_what_is_collateral(rest):
    assert {one.asset for one in call(rest, "portfolio_margin_collateral_rate")} >= {"BTC", "USDT"}
    for row in call(rest, "portfolio_margin_pro_tiered_collateral_rate"):
        first, second = row.collateral_info
        assert (first.tier_floor, first.tier_cap) == ("0.0000", second.tier_floor)
    assert {one.leverage for one in call(rest, "get_portfolio_margin_asset_leverage")} == {10}
    (price,) = call(rest, "query_portfolio_margin_asset_index_price", asset="BTC")
    assert float(price.asset_index_price) > 0
    assert len(call(rest, "query_portfolio_margin_asset_index_price")) > 1


def test_settings(rest):
    call(rest, "change_auto_repay_futures_status", auto_repay="false")
    assert call(rest, "get_auto_repay_futures_status").auto_repay is False
    call(rest, "change_auto_repay_futures_status", auto_repay="true")
    call(rest, "switch_delta_mode", delta_enabled="true")
    assert call(rest, "get_delta_mode_status").delta_enabled is True
    call(rest, "switch_delta_mode", delta_enabled="false")
    assert call(rest, "set_margin_call_level", margin_call_level=1.5).margin_call_level == "1.5"
    assert call(rest, "get_margin_call_level").margin_call_level == "1.5"
    call(rest, "delete_margin_call_level")
    assert call(rest, "get_margin_call_level").margin_call_level is None


def test_the_bankruptcy_loan(rest):
    owed = call(rest, "query_portfolio_margin_pro_bankruptcy_loan_amount")
    assert (owed.asset, owed.amount) == ("USDT", "250")
    assert call(rest, "portfolio_margin_pro_bankruptcy_loan_repay").tran_id
    assert call(rest, "query_portfolio_margin_pro_bankruptcy_loan_amount").amount == "0"
    history = call(rest, "query_portfolio_margin_pro_bankruptcy_loan_repay_history", current=1, size=10)
    assert (history.total, float(history.rows[0].amount)) == (1, 250.0)
    with pytest.raises(BadRequestError, match="doesn't have portfolio margin bankruptcy loan"):
        rest.portfolio_margin_pro_bankruptcy_loan_repay()
    since = int(time.time() * 1000) - 60_000
    assert call(rest, "query_portfolio_margin_pro_negative_balance_interest_history", start_time=since) == []


def test_transfers_and_collections(rest):
    before = amount_of(rest, "BNB")
    assert call(rest, "bnb_transfer", amount=1.0, transfer_side="TO_UM").tran_id
    assert amount_of(rest, "BNB") == (before[0] + 1, before[1] - 1)
    futures, margin = amount_of(rest, "USDT")
    call(rest, "fund_collection_by_asset", asset="USDT", amount=5.0, future_type="UM")
    assert amount_of(rest, "USDT") == (futures - 5, margin + 5)
    call(rest, "fund_auto_collection")
    assert amount_of(rest, "USDT")[0] == 0
    call(rest, "repay_futures_negative_balance")
    earn = {"asset": "LDUSDT", "transfer_type": FUTURES}
    held = float(call(rest, "get_transferable_earn_asset_balance_for_portfolio_margin", **earn).amount)
    call(rest, "transfer_ldusdt_rwusd_for_portfolio_margin", **earn, amount=10.0)
    left = call(rest, "get_transferable_earn_asset_balance_for_portfolio_margin", **earn)
    assert float(left.amount) == held - 10
    back = {"asset": "LDUSDT", "transfer_type": EARN, "amount": 11.0}
    with pytest.raises(BadRequestError, match="Asset not enough"):
        rest.transfer_ldusdt_rwusd_for_portfolio_margin(**back)


@pytest.mark.parametrize("name", ["rsa", "ed25519"])
def test_every_key_type_signs(served, name):
    api = SDK.rest(served, name)
    assert call(api, "get_portfolio_margin_pro_account_info").account_status == "NORMAL"
    api._session.close()


def test_an_account_without_the_mode(served):
    """It is refused with the exchange's text."""
    api = SDK.rest(served, "rsa")
    served.product("portfolio-margin-pro", account="rsa", enabled=False)
    with pytest.raises(BadRequestError, match="not a Portfolio Margin Account"):
        api.get_portfolio_margin_pro_account_info()
    served.product("portfolio-margin-pro", account="rsa", enabled=True)
    api._session.close()


async def test_user_data(served, rest):
    """The joint account, and a risk level that changes; the SDK gets its listen key from that of USDⓈ-M."""
    key = await asyncio.to_thread(served.listen_key, "hmac")
    sdk = SDK.streams(f"{served.stream_url}/pm-classic")

    async def change_level(attempt):
        level = ("MARGIN_CALL", "NORMAL")[attempt % 2]
        await asyncio.to_thread(served.product, "portfolio-margin-pro", account="hmac", level=level)

    async with Listener(sdk) as listener:
        await listener.listen("user_data", listenKey=key)
        await listener.wait_in_force(change_level)
        await change_level(1)
        await change_level(2)
        await listener.until_kinds("Risklevelchange", "PmProAccountUpdate")
        assert listener.errors == []
        assert listener.unknown == set()


def test_every_method_of_the_sdk_was_called(rest, request):
    TOUR.assert_complete(rest, request)

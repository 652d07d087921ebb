"""The exchange's official modular Python SDK for portfolio margin, pointed at the venue.

Every answer is decoded with the SDK's own models, and every method of the SDK is called. A field that the models do not
know lands in `additional_properties`; it fails the test.
"""

from __future__ import annotations

import asyncio
import time

import pytest

pytest.importorskip("binance_common", reason="the official SDKs are not installed: pip install -e '.[clients]'")

from binance_common.errors import BadRequestError, UnauthorizedError
from sdk_tour import Listener, OfficialSdk, Tour

SDK = OfficialSdk("binance_sdk_derivatives_trading_portfolio_margin", "DerivativesTradingPortfolioMargin")

UM, CM, NOW = {"symbol": "BTCUSDT"}, {"symbol": "BTCUSD_PERP"}, int(time.time() * 1000)
LIMIT = {"side": "BUY", "type": "LIMIT", "time_in_force": "GTC"}
TOUR = Tour({})
call = TOUR.call


@pytest.fixture(scope="module")
def rest(served):
    """Return a client with positions, open orders and a loan, so that no list is empty."""
    api = SDK.rest(served, "hmac")
    call(api, "new_um_order", **UM, side="BUY", type="MARKET", quantity=0.01)
    call(api, "new_cm_order", **CM, side="BUY", type="MARKET", quantity=1.0)
    call(api, "new_um_order", **UM, **LIMIT, quantity=0.01, price=80000.0)
    call(api, "new_cm_order", **CM, **LIMIT, quantity=1.0, price=82000.0)
    call(api, "new_margin_order", **UM, side="BUY", type="MARKET", quantity=0.01)
    call(api, "new_margin_order", **UM, **LIMIT, quantity=0.01, price=80000.0)
    call(api, "margin_account_borrow", asset="USDT", amount=100.0)
    call(api, "margin_account_repay", asset="USDT", amount=10.0)
    yield api
    api._session.close()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("test_connectivity", {}),
        ("account_balance", {}),
        ("account_balance", {"asset": "USDT"}),
        ("account_information", {}),
        ("bnb_transfer", {"amount": 1.0, "transfer_side": "TO_UM"}),
        ("cancel_all_cm_open_conditional_orders", CM),
        ("cancel_all_um_algo_open_orders", UM),
        ("change_auto_repay_futures_status", {"auto_repay": "true"}),
        ("change_cm_initial_leverage", CM | {"leverage": 20}),
        ("change_cm_position_mode", {"dual_side_position": "false"}),
        ("change_um_initial_leverage", UM | {"leverage": 20}),
        ("cm_account_trade_list", CM),
        ("cm_notional_and_leverage_brackets", {}),
        ("cm_position_adl_quantile_estimation", {}),
        ("fund_auto_collection", {}),
        ("fund_collection_by_asset", {"asset": "USDT"}),
        ("futures_tradfi_perps_contract", {}),
        ("get_auto_repay_futures_status", {}),
        ("get_cm_account_detail", {}),
        ("get_cm_current_position_mode", {}),
        ("get_cm_income_history", {}),
        ("get_margin_borrow_loan_interest_history", {}),
        ("get_um_account_detail", {}),
        ("get_um_account_detail_v2", {}),
        ("get_um_current_position_mode", {}),
        ("get_um_futures_bnb_burn_status", {}),
        ("get_um_income_history", {}),
        ("get_user_commission_rate_for_cm", CM),
        ("get_user_commission_rate_for_um", UM),
        ("margin_account_trade_list", UM),
        ("margin_max_borrow", {"asset": "BTC"}),
        ("portfolio_margin_um_trading_quantitative_rules_indicators", {}),
        ("query_all_cm_orders", CM),
        ("query_all_current_cm_open_orders", {}),
        ("query_all_current_um_open_orders", {}),
        ("query_all_margin_account_orders", UM),
        ("query_all_um_orders", UM),
        ("query_cm_position_information", {}),
        ("query_current_margin_open_order", UM),
        ("query_margin_accounts_all_oco", {}),
        ("query_margin_loan_record", {"asset": "USDT"}),
        ("query_margin_max_withdraw", {"asset": "BTC"}),
        ("query_margin_repay_record", {"asset": "USDT"}),
        ("query_portfolio_margin_negative_balance_interest_history", {}),
        ("query_um_position_information", {}),
        ("query_user_negative_balance_auto_exchange_record", {"start_time": NOW - 1000, "end_time": NOW}),
        ("query_user_rate_limit", {}),
        ("query_users_cm_force_orders", {}),
        ("query_users_margin_force_orders", {}),
        ("query_users_um_force_orders", {}),
        ("repay_futures_negative_balance", {}),
        ("toggle_bnb_burn_on_um_futures_trade", {"fee_burn": "true"}),
        ("um_account_trade_list", UM),
        ("um_futures_account_configuration", {}),
        ("um_futures_symbol_configuration", {}),
        ("um_notional_and_leverage_brackets", {}),
        ("um_position_adl_quantile_estimation", {}),
    ],
)
def test_one_request(rest, name, params):
    """Every answer decodes."""
    assert call(rest, name, **params) is not None


@pytest.mark.parametrize(("kind", "symbol", "price"), [("um", UM, 80000.0), ("cm", CM, 82000.0)])
def test_order_of_futures(rest, kind, symbol, price):
    """Place, modify, query, list, cancel."""
    identity = symbol | {"orig_client_order_id": f"wp-pm-{kind}"}
    quantity = 0.01 if kind == "um" else 1.0
    order = symbol | LIMIT | {"quantity": quantity, "price": price}
    placed = call(rest, f"new_{kind}_order", **order, new_client_order_id=f"wp-pm-{kind}")
    assert (placed.status, placed.client_order_id) == ("NEW", f"wp-pm-{kind}")
    modified = call(rest, f"modify_{kind}_order", **identity, side="BUY", quantity=2 * quantity, price=price)
    assert modified.order_id == placed.order_id
    assert call(rest, f"query_{kind}_order", **identity).order_id == placed.order_id
    assert call(rest, f"query_current_{kind}_open_order", **identity) is not None
    (amendment,) = call(rest, f"query_{kind}_modify_order_history", **identity)
    assert amendment.amendment.count == 1
    assert call(rest, f"cancel_{kind}_order", **identity).status == "CANCELED"
    assert call(rest, f"cancel_all_{kind}_open_orders", **symbol).code == 200


def test_conditional_orders(rest):
    """Those of USDⓈ-M under the new names, those of COIN-M under the older ones."""
    stop = UM | {"algo_type": "CONDITIONAL", "side": "SELL", "type": "STOP_MARKET", "quantity": 0.01}
    placed = call(rest, "new_um_algo_order", **stop, trigger_price=70000.0)
    assert call(rest, "query_current_um_open_algo_order", algo_id=placed.algo_id).algo_status == "NEW"
    assert len(call(rest, "query_all_current_um_open_algo_orders")) == 1
    assert call(rest, "cancel_um_algo_order", algo_id=placed.algo_id).complete is True
    assert call(rest, "query_um_algo_order_history", **UM)[-1].algo_id == placed.algo_id
    trailing = CM | {"side": "SELL", "strategy_type": "TRAILING_STOP_MARKET", "callback_rate": 1.0, "quantity": 1.0}
    strategy = call(rest, "new_cm_conditional_order", **trailing)
    identity = CM | {"strategy_id": strategy.strategy_id}
    assert call(rest, "query_current_cm_open_conditional_order", **identity).strategy_status == "NEW"
    assert len(call(rest, "query_all_current_cm_open_conditional_orders")) == 1
    assert call(rest, "cancel_cm_conditional_order", **identity).strategy_status == "CANCELED"
    assert call(rest, "query_cm_conditional_order_history", **identity).strategy_id == strategy.strategy_id
    assert call(rest, "query_all_cm_conditional_orders")[-1].strategy_id == strategy.strategy_id


def test_margin_orders_and_lists(rest):
    """Place, query and cancel one alone and two together."""
    identity = UM | {"orig_client_order_id": "wp-pm-m"}
    order = UM | LIMIT | {"quantity": 0.01, "price": 80000.0}
    placed = call(rest, "new_margin_order", **order, new_client_order_id="wp-pm-m")
    assert call(rest, "query_margin_account_order", **identity).order_id == placed.order_id
    assert call(rest, "cancel_margin_account_order", **identity).status == "CANCELED"
    pair = UM | {"side": "SELL", "quantity": 0.01, "price": 95000.0, "stop_price": 70000.0}
    both = call(rest, "margin_account_new_oco", **pair)
    number = {"order_list_id": both.order_list_id}
    assert call(rest, "query_margin_accounts_oco", **number).list_order_status == "EXECUTING"
    assert len(call(rest, "query_margin_accounts_open_oco")) == 1
    assert call(rest, "cancel_margin_account_oco_orders", **UM, **number).list_order_status == "ALL_DONE"
    call(rest, "margin_account_new_oco", **pair)
    assert call(rest, "cancel_margin_account_all_open_orders_on_a_symbol", **UM)
    assert call(rest, "margin_account_repay_debt", asset="USDT", specify_repay_assets="USDC").success is True


@pytest.mark.parametrize("kind", ["order", "trade", "transaction"])
def test_download_of_a_portfolio(rest, kind):
    """Id first, link later."""
    now = int(time.time() * 1000)
    asked = call(rest, f"get_download_id_for_um_futures_{kind}_history", start_time=now - 60_000, end_time=now)
    for _ in range(100):
        found = call(rest, f"get_um_futures_{kind}_download_link_by_id", download_id=asked.download_id)
        if found.status == "completed":
            break
        time.sleep(0.1)
    assert found.url.startswith("http")


@pytest.mark.parametrize("name", ["hmac", "rsa", "ed25519"])
def test_every_key_type_signs_for_a_portfolio(served, name):
    """HMAC, RSA and Ed25519 signatures of the SDK are accepted; nobody but HMAC was seen to use them."""
    api = SDK.rest(served, name)
    assert call(api, "account_information").account_status == "NORMAL"
    api._session.close()


def test_refusals_of_a_portfolio(rest):
    """They become the SDK's exceptions with the exchange's text."""
    with pytest.raises(BadRequestError, match="Invalid symbol"):
        rest.query_um_order(symbol="NOPE", order_id=1)
    with pytest.raises(BadRequestError, match="no smaller than 100"):
        rest.new_um_order(**UM, side="BUY", type="MARKET", quantity=0.0001)


def test_an_account_without_portfolio_margin(served):
    """It is refused as a key without permission is."""
    api = SDK.rest(served, "rsa")
    served.product("portfolio-margin", account="rsa", enabled=False)
    with pytest.raises(UnauthorizedError, match="Invalid API-key, IP, or permissions"):
        api.account_information()
    served.product("portfolio-margin", account="rsa", enabled=True)
    api._session.close()


def test_listen_key_of_a_portfolio(rest):
    """Start, keep alive and close; the second start returns the same key."""
    key = call(rest, "start_user_data_stream").listen_key
    assert call(rest, "start_user_data_stream").listen_key == key
    call(rest, "keepalive_user_data_stream")
    call(rest, "close_user_data_stream")


async def test_user_data_of_a_portfolio(served):
    """Each event fits the model of its name, without fields beyond it."""
    api = SDK.rest(served, "ed25519")
    sdk = SDK.streams(f"{served.stream_url}/pm")

    def ask(method, **params):
        return asyncio.to_thread(lambda: call(api, method, **params))

    key = (await ask("start_user_data_stream")).listen_key
    async with Listener(sdk) as listener:
        await listener.listen("user_data", listenKey=key)
        await listener.wait_in_force(lambda attempt: ask("change_um_initial_leverage", **UM, leverage=1 + attempt))
        await ask("change_um_initial_leverage", **UM, leverage=1)
        await listener.until_kinds("AccountConfigUpdate")
        await ask("new_um_order", **UM, side="BUY", type="MARKET", quantity=0.01)
        await listener.until_kinds("OrderTradeUpdate", "AccountUpdate")
        await ask("new_cm_order", **CM, side="BUY", type="MARKET", quantity=1.0)
        await listener.until_kinds("OrderTradeUpdate", "AccountUpdate")
        stop = UM | {"algo_type": "CONDITIONAL", "side": "SELL", "type": "STOP_MARKET", "quantity": 0.01}
        await ask("new_um_algo_order", **stop, trigger_price=70000.0)
        await listener.until_kinds("ALGO_UPDATE")  # the SDK does not find its model; see README.md
        trailing = CM | {"side": "SELL", "strategy_type": "TRAILING_STOP_MARKET", "callback_rate": 1.0, "quantity": 1.0}
        await ask("new_cm_conditional_order", **trailing)
        await listener.until_kinds("ConditionalOrderTradeUpdate")
        await ask("new_margin_order", **UM, side="BUY", type="MARKET", quantity=0.01)
        await listener.until_kinds("ExecutionReport", "OutboundAccountPosition")
        stop = LIMIT | {"type": "STOP_LOSS_LIMIT", "quantity": 0.01, "price": 90000.0, "stop_price": 90000.0}
        await ask("new_margin_order", **UM | stop)
        await listener.until_kinds("OpenOrderLoss")
        await ask("margin_account_borrow", asset="USDT", amount=10.0)
        await listener.until_kinds("LiabilityChange")
        await ask("bnb_transfer", amount=1.0, transfer_side="TO_UM")
        await listener.until_kinds("BalanceUpdate")
        await asyncio.to_thread(served.product, "portfolio-margin", account="ed25519", level="MARGIN_CALL")
        await listener.until_kinds("RiskLevelChange")
        await ask("close_user_data_stream")
        await listener.until_kinds("ListenKeyExpired")
        assert listener.errors == []
        assert listener.unknown == set()
    api._session.close()


def test_both_sides_of_a_position(served):
    """An account without positions and orders may hold both; it holds them in both books at once."""
    api = SDK.rest(served, "rsa")
    call(api, "change_um_position_mode", dual_side_position="true")
    for book in ("um", "cm"):
        assert call(api, f"get_{book}_current_position_mode").dual_side_position is True
    call(api, "change_um_position_mode", dual_side_position="false")
    api._session.close()


def test_every_method_of_the_sdk_was_called(rest, request):
    TOUR.assert_complete(rest, request)

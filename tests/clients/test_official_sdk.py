"""The exchange's official modular Python SDK for USDⓈ-M futures, pointed at the venue.

Every answer is decoded with the SDK's own models, and every method of the SDK is called. A field that the models do not
know lands in `additional_properties`; each such field is named in TOUR with its reason in README.md, so that a new one
fails the test.
"""

from __future__ import annotations

import time

import pytest

pytest.importorskip("binance_common", reason="the official SDKs are not installed: pip install -e '.[clients]'")

from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketAPI
from binance_common.errors import BadRequestError, NotFoundError, UnauthorizedError
from checkout import CONTRACTS, ROOT
from made_drifts import judged
from sdk_tour import OfficialSdk, Tour, unknown_fields

from wireproof.contract.store import load_store
from wireproof.drift.finding import Kind
from wireproof.manifest.affected import short
from wireproof.manifest.client_manifest import ClientName, Strictness
from wireproof.manifest.contract_mapping import ContractMapping
from wireproof.manifest.decoding import DecoderProcess, rows_of, through
from wireproof.manifest.deriving import Deriving

SDK = OfficialSdk("binance_sdk_derivatives_trading_usds_futures", "DerivativesTradingUsdsFutures")

# The SDK's WebSocket API gives aiohttp a timeout in a form that aiohttp has deprecated; see README.md.
pytestmark = pytest.mark.filterwarnings("ignore:parameter 'timeout' of type 'float' is deprecated:DeprecationWarning")
SYMBOL, PAIR = {"symbol": "BTCUSDT"}, {"pair": "BTCUSDT"}
ORDER = SYMBOL | {"side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 0.01, "price": 80000.0}
# Fields that the exchange sends and the SDK's models do not have; see README.md.
TOUR = Tour(
    {
        "account_information_v2": {
            ".positions[].breakEvenPrice",
            ".positions[].isolatedWallet",
            ".positions[].notional",
        },
        "exchange_information": {
            ".futuresType",
            ".symbols[].filters[].positionControlSide",
            ".symbols[].maxMoveOrderLimit",
            ".symbols[].permissionSets",
        },
    }
)
call = TOUR.call
KNOWN_WS = {"order_book": {".result.bids", ".result.asks"}}


@pytest.fixture(scope="module")
def rest(served):
    """Return the SDK's REST client with an HMAC key."""
    api = SDK.rest(served, "hmac")
    yield api
    api._session.close()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("test_connectivity", {}),
        ("check_server_time", {}),
        ("exchange_information", {}),
        ("order_book", SYMBOL | {"limit": 5}),
        ("rpi_order_book", SYMBOL),
        ("recent_trades_list", SYMBOL),
        ("old_trades_lookup", SYMBOL),
        ("compressed_aggregate_trades_list", SYMBOL),
        ("kline_candlestick_data", SYMBOL | {"interval": "1m"}),
        ("continuous_contract_kline_candlestick_data", PAIR | {"contract_type": "PERPETUAL", "interval": "1m"}),
        ("index_price_kline_candlestick_data", PAIR | {"interval": "1m"}),
        ("mark_price_kline_candlestick_data", SYMBOL | {"interval": "1m"}),
        ("premium_index_kline_data", SYMBOL | {"interval": "1m"}),
        ("mark_price", SYMBOL),
        ("mark_price", {}),
        ("get_funding_rate_history", SYMBOL),
        ("get_funding_rate_info", {}),
        ("ticker24hr_price_change_statistics", SYMBOL),
        ("ticker24hr_price_change_statistics", {}),
        ("open_interest", SYMBOL),
        ("open_interest_statistics", SYMBOL | {"period": "5m"}),
        ("top_trader_long_short_ratio_positions", SYMBOL | {"period": "5m"}),
        ("top_trader_long_short_ratio_accounts", SYMBOL | {"period": "5m"}),
        ("long_short_ratio", SYMBOL | {"period": "5m"}),
        ("taker_buy_sell_volume", SYMBOL | {"period": "5m"}),
        ("basis", PAIR | {"contract_type": "PERPETUAL", "period": "5m"}),
        ("composite_index_symbol_information", {}),
        ("asset_index", {}),
        ("asset_index", {"symbol": "BTCUSD"}),
        ("query_index_price_constituents", SYMBOL),
        ("query_insurance_fund_balance_snapshot", SYMBOL),
        ("query_insurance_fund_balance_snapshot", {}),
        ("adl_risk", SYMBOL),
        ("adl_risk", {}),
        ("trading_schedule", {}),
        ("quarterly_contract_settlement_price", PAIR),
        ("symbol_price_ticker_v2", {}),
        ("symbol_price_ticker", SYMBOL),
        ("symbol_price_ticker", {}),
        ("symbol_price_ticker_v2", SYMBOL),
        ("symbol_order_book_ticker", SYMBOL),
        ("symbol_order_book_ticker", {}),
        ("list_all_convert_pairs", {"from_asset": "BTC"}),
    ],
)
def test_market_data(rest, name, params):
    """Every market data request decodes."""
    assert call(rest, name, **params) is not None


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("account_information_v2", {}),
        ("account_information_v3", {}),
        ("futures_account_balance_v2", {}),
        ("futures_account_balance_v3", {}),
        ("futures_account_configuration", {}),
        ("futures_trading_quantitative_rules_indicators", {}),
        ("futures_trading_quantitative_rules_indicators", SYMBOL),
        ("get_bnb_burn_status", {}),
        ("toggle_bnb_burn_on_futures_trade", {"fee_burn": "true"}),
        ("notional_and_leverage_brackets", {}),
        ("notional_and_leverage_brackets", SYMBOL),
        ("query_user_rate_limit", {}),
        ("symbol_configuration", {}),
        ("user_commission_rate", SYMBOL),
        ("position_adl_quantile_estimation", SYMBOL),
        ("get_position_margin_change_history", SYMBOL),
        ("query_all_algo_orders", SYMBOL),
        ("auto_cancel_all_open_orders", SYMBOL | {"countdown_time": 0}),
        ("test_order", ORDER),
        ("get_current_multi_assets_mode", {}),
        ("get_current_position_mode", {}),
        ("position_information_v2", SYMBOL),
        ("position_information_v3", {}),
        ("get_income_history", {}),
        ("classic_portfolio_margin_account_information", {"asset": "USDT"}),
        ("current_all_open_orders", {}),
        ("users_force_orders", SYMBOL),
        ("current_all_algo_open_orders", {}),
        ("all_orders", SYMBOL),
        ("futures_tradfi_perps_contract", {}),
        ("cancel_all_algo_open_orders", SYMBOL),
        ("cancel_all_open_orders", SYMBOL),
        ("change_initial_leverage", SYMBOL | {"leverage": 20}),
        ("start_user_data_stream", {}),
        ("keepalive_user_data_stream", {}),
        ("close_user_data_stream", {}),
    ],
)
def test_account(rest, name, params):
    """Every account request decodes."""
    assert call(rest, name, **params) is not None


def test_order_life_cycle(rest):
    """Place, modify, query, list, cancel; then fill at market, and see position and income."""
    placed = call(rest, "new_order", **ORDER, new_client_order_id="wp-sdk-1")
    assert (placed.status, placed.client_order_id, placed.price) == ("NEW", "wp-sdk-1", "80000.00")
    identity = SYMBOL | {"orig_client_order_id": "wp-sdk-1"}
    modified = call(rest, "modify_order", **identity, side="BUY", quantity=0.02, price=80000.0)
    assert (modified.order_id, modified.orig_qty) == (placed.order_id, "0.0200")
    assert call(rest, "query_order", **identity).orig_qty == "0.0200"
    assert [one.order_id for one in call(rest, "current_all_open_orders", **SYMBOL)] == [placed.order_id]
    assert call(rest, "query_current_open_order", **identity).order_id == placed.order_id
    (amendment,) = call(rest, "get_order_modify_history", **identity)
    assert (amendment.amendment.orig_qty.before, amendment.amendment.orig_qty.after) == ("0.01", "0.02")
    assert call(rest, "cancel_order", **identity).status == "CANCELED"
    filled = call(rest, "new_order", **SYMBOL, side="BUY", type="MARKET", quantity=0.01, new_order_resp_type="RESULT")
    assert filled.status == "FILLED"
    (position,) = call(rest, "position_information_v3", **SYMBOL)
    assert position.position_amt == "0.0100"
    assert call(rest, "account_trade_list", **SYMBOL)[-1].order_id == filled.order_id
    assert call(rest, "get_income_history", income_type="COMMISSION")[-1].symbol == "BTCUSDT"
    call(rest, "new_order", **SYMBOL, side="SELL", type="MARKET", quantity=0.01, reduce_only="true")


def test_settings_of_an_account_at_rest(served):
    """Modes and margin types, as an account without positions and orders may change them, and back; isolated margin."""
    api = SDK.rest(served, "rsa")
    for mode in ("true", "false"):
        call(api, "change_multi_assets_mode", multi_assets_margin=mode)
    call(api, "change_position_mode", dual_side_position="true")
    assert call(api, "get_current_position_mode").dual_side_position is True
    call(api, "change_position_mode", dual_side_position="false")
    call(api, "change_margin_type", **SYMBOL, margin_type="ISOLATED")
    call(api, "new_order", **SYMBOL, side="BUY", type="MARKET", quantity=0.01)
    assert call(api, "modify_isolated_position_margin", **SYMBOL, amount=10.0, type=1).amount == 10.0
    call(api, "new_order", **SYMBOL, side="SELL", type="MARKET", quantity=0.01, reduce_only="true")
    call(api, "change_margin_type", **SYMBOL, margin_type="CROSSED")
    api._session.close()


def test_algo_order(rest):
    """Place and cancel a conditional order."""
    asked = SYMBOL | {"algo_type": "CONDITIONAL", "side": "SELL", "type": "STOP_MARKET", "quantity": 0.01}
    placed = call(rest, "new_algo_order", **asked, trigger_price=70000.0, client_algo_id="wp-sdk-a1")
    assert placed.algo_status == "NEW"
    assert call(rest, "query_algo_order", client_algo_id="wp-sdk-a1").algo_id == placed.algo_id
    assert call(rest, "cancel_algo_order", client_algo_id="wp-sdk-a1").msg == "success"


def test_batch_orders(rest):
    """Place, modify and cancel several orders at once; one of them is refused on its own."""
    sound = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    asked = [sound | {"price": "80000", "newClientOrderId": "wp-sdk-b1"}, sound | {"price": "-1"}]
    placed, refused = call(rest, "place_multiple_orders", batch_orders=asked)
    assert (placed.client_order_id, placed.code, refused.code is not None) == ("wp-sdk-b1", None, True)
    change = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "quantity": "0.02",
        "price": "80000",
        "origClientOrderId": "wp-sdk-b1",
    }
    (modified,) = call(rest, "modify_multiple_orders", batch_orders=[change])
    assert modified.orig_qty == "0.0200"
    (cancelled,) = call(rest, "cancel_multiple_orders", **SYMBOL, orig_client_order_id_list=["wp-sdk-b1"])
    assert cancelled.status == "CANCELED"


def test_convert(rest):
    """Quote, accept, status."""
    quote = call(rest, "send_quote_request", from_asset="USDT", to_asset="USDC", from_amount=20.0)
    done = call(rest, "accept_the_offered_quote", quote_id=quote.quote_id)
    assert call(rest, "order_status", order_id=done.order_id).order_status == "SUCCESS"


@pytest.mark.parametrize("kind", ["order", "trade", "transaction"])
def test_download(rest, kind):
    """Id first, link later."""
    now = int(time.time() * 1000)
    asked = call(rest, f"get_download_id_for_futures_{kind}_history", start_time=now - 60_000, end_time=now)
    link = {"trade": "get_futures_trade_download_link_by_id"}.get(
        kind, f"get_futures_{kind}_history_download_link_by_id"
    )
    for _ in range(100):
        found = call(rest, link, download_id=asked.download_id)
        if found.status == "completed":
            break
        time.sleep(0.1)
    assert found.url.startswith("http")


@pytest.mark.parametrize(("name", "kind"), [("hmac", "HMAC"), ("rsa", "RSA"), ("ed25519", "ED25519")])
def test_every_key_type_signs(served, name, kind):
    """HMAC, RSA and Ed25519 signatures of the SDK are accepted."""
    assert served.accounts[name]["key_type"] == kind
    api = SDK.rest(served, name)
    assert call(api, "get_current_position_mode").dual_side_position is False
    api._session.close()


def test_errors_are_the_sdks_own(served, rest):
    """400, 401 and 404 become the SDK's exceptions with the exchange's code."""
    with pytest.raises(BadRequestError, match="Invalid symbol"):
        rest.order_book(symbol="NOPE")
    nowhere = ConfigurationRestAPI(base_path=f"{served.rest_url}/nowhere", timeout=10_000)
    api = SDK(config_rest_api=nowhere).rest_api
    with pytest.raises(NotFoundError):
        api.check_server_time()
    api._session.close()
    stranger = ConfigurationRestAPI(api_key="x" * 64, api_secret="y", base_path=served.rest_url, timeout=10_000)
    api = SDK(config_rest_api=stranger).rest_api
    with pytest.raises(UnauthorizedError):
        api.get_current_position_mode()
    api._session.close()


@pytest.mark.parametrize("name", ["hmac", "ed25519"])
async def test_websocket_api(served, name):
    """Market data, account, the life of an order, algo orders and the user data stream's key over ws-fapi."""
    account = served.accounts[name]
    configuration = ConfigurationWebSocketAPI(
        api_key=account["api_key"],
        api_secret=account.get("api_secret"),
        private_key=account.get("private_key_pem"),
        stream_url=served.ws_api_url,
    )
    api = SDK(config_ws_api=configuration).websocket_api
    await api.create_connection()

    async def ask(method, **params):
        answer = await getattr(api, method)(**params)
        data = answer.data()
        assert not isinstance(data, dict), data
        assert set(unknown_fields(data)) <= KNOWN_WS.get(method, set()), method
        assert answer.rate_limits
        return data.result if hasattr(data, "result") else data.actual_instance.result

    try:
        assert (await ask("order_book", symbol="BTCUSDT", limit=5)).last_update_id
        for params in ({}, SYMBOL):
            await ask("symbol_price_ticker", **params)
            await ask("symbol_order_book_ticker", **params)
        for method in ("account_information", "futures_account_balance", "position_information"):
            await ask(method)
            await ask(f"{method}_v2")
        placed = await ask("new_order", **ORDER)
        identity = SYMBOL | {"order_id": placed.order_id}
        modified = await ask("modify_order", **identity, side="BUY", quantity=0.02, price=80000.0)
        assert modified.orig_qty == "0.0200"
        assert (await ask("query_order", **identity)).status == "NEW"
        assert (await ask("cancel_order", **identity)).status == "CANCELED"
        algo = await ask(
            "new_algo_order",
            **SYMBOL,
            algo_type="CONDITIONAL",
            side="SELL",
            type="STOP_MARKET",
            quantity=0.01,
            trigger_price=70000.0,
        )
        assert (await ask("cancel_algo_order", algo_id=algo.algo_id)).msg == "success"
        key = (await ask("start_user_data_stream")).listen_key
        assert (await ask("keepalive_user_data_stream")).listen_key == key
        await api.close_user_data_stream()
    finally:
        await api.close_connection(close_session=True)


def test_every_method_of_the_sdk_was_called(rest, request):
    TOUR.assert_complete(rest, request)


# -- what the SDK reads, and what of it a night breaks -----------------------------------------------------------------

PLACE, QUERY, DEPTH = "usdm/rest/POST.fapi.v1.order", "usdm/rest/GET.fapi.v1.order", "usdm/rest/GET.fapi.v1.depth"


@pytest.fixture(scope="module")
def store():
    """Return the contracts."""
    return load_store(CONTRACTS)


@pytest.fixture(scope="module")
def manifest(store):
    """Return the manifest of the SDK, which maps itself."""
    deriving = Deriving(ContractMapping(store), ClientName(name="sdk"), Strictness())
    deriving.sdk("binance_sdk_derivatives_trading_usds_futures")
    made = deriving.manifest()
    assert {
        one.partition(" reads ")[0].rpartition(".")[2] for one in deriving.warnings if "nothing documents" in one
    } == {
        "asks",  # of the WebSocket API's depth: the model lacks them below `result`, see docs/clients.md
        "bids",
    }
    assert made.unmapped == ()
    return made


@pytest.mark.parametrize(
    ("drift", "field"),
    [
        ((PLACE, lambda order: order.update(price=1.5)), "NewOrderResponse.price"),
        ((QUERY, lambda order: order.update(orderId="7")), "QueryOrderResponse.order_id"),
        ((DEPTH, Kind.ERROR_ANSWER), ""),
        (("usdm/stream/aggTrade", Kind.SILENT_STREAM), ""),
        (("usdm/event/ORDER_TRADE_UPDATE", lambda event: event["o"].update(i="7")), "OrderTradeUpdateO.i"),
    ],
)
def test_a_drift_that_touches_the_sdk_breaks_it(store, manifest, drift, field):
    """And its own field and model are named."""
    report = judged(store, manifest, drift)
    assert report.verdict == "breaking"
    assert {touch.contract for touch in report.touches} == {drift[0]}
    assert field in {short(one.by) for touch in report.touches for one in touch.fields}


@pytest.mark.parametrize(
    "drift",
    [
        (PLACE, lambda order: order.update(brandNew="x")),
        ("usdm/event/ORDER_TRADE_UPDATE", lambda event: event["o"].update(brandNew={"a": 1})),
        ("coinm/rest/GET.dapi.v1.depth", lambda depth: depth.pop("bids")),
        ("options/stream/trade", Kind.SILENT_STREAM),
        ("usdm/ws-api/depth", lambda answer: answer["result"].pop("bids")),  # which its model never read
    ],
)
def test_a_drift_that_does_not_touch_the_sdk_is_none_of_it(store, manifest, drift):
    report = judged(store, manifest, drift)
    assert (report.verdict, report.touches) == ("ok", [])


def test_what_decoding_with_the_sdk_finds_stands_in_the_documents(store):
    """Of the contracts of two surfaces; `make decoding` writes all of it."""
    package = "binance_sdk_derivatives_trading_usds_futures"
    with DecoderProcess({"": package}) as process:
        contracts = [(store.contract(name), store.products["usdm"], []) for name in DECODED]
        report = through(process, contracts, decoder=package, most=1)
    page = (ROOT / "docs" / "clients-decoding.md").read_text("utf-8")
    expected = list(rows_of(report))
    assert expected
    assert [row for row in expected if row not in page] == [], "run `make decoding`"
    held = [row for row in page.splitlines() if any(f"`{name}`" in row for name in DECODED)]
    assert sorted(held) == sorted(expected)


DECODED = ["usdm/ws-api/depth", "usdm/event/TRADE_LITE", "usdm/rest/GET.fapi.v1.klines", PLACE]

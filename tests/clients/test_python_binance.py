"""python-binance, pointed at the venue by the URLs that its client class keeps as attributes.

The client hands answers through as decoded JSON; what it reads itself (errors, listen keys, batch answers, request ids)
is what can fail.
"""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("binance", reason="python-binance is not installed: pip install -e '.[clients]'")

from binance import AsyncClient, BinanceSocketManager
from binance.enums import FuturesType
from binance.exceptions import BinanceAPIException
from checkout import CONTRACTS
from made_drifts import judged

from wireproof.contract.store import load_store
from wireproof.drift.finding import Kind
from wireproof.manifest.contract_mapping import ContractMapping
from wireproof.manifest.uses_recording import Recorder, recording

SYMBOL, PAIR, COIN = {"symbol": "BTCUSDT"}, {"pair": "BTCUSDT"}, {"symbol": "BTCUSD_PERP"}
LIMIT = SYMBOL | {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "80000"}
MARKET = SYMBOL | {"type": "MARKET", "quantity": "0.01", "newOrderRespType": "RESULT"}


def client_class(served):
    """Return the client class with the venue's addresses."""

    class LocalClient(AsyncClient):
        FUTURES_URL = f"{served.rest_url}/fapi"
        FUTURES_DATA_URL = f"{served.rest_url}/futures/data"
        FUTURES_COIN_URL = f"{served.rest_url}/dapi"
        FUTURES_COIN_DATA_URL = f"{served.rest_url}/futures/data"
        WS_FUTURES_URL = served.ws_api_url

    return LocalClient


async def connect(served, name="hmac"):
    """Return a client with the key of an account."""
    account = served.accounts[name]
    return client_class(served)(
        account["api_key"], account.get("api_secret"), private_key=account.get("private_key_pem")
    )


@pytest.fixture
async def client(served):
    """Return a client with an HMAC key."""
    found = await connect(served)
    yield found
    await found.close_connection()


def sockets(served, client):
    """Return the client's stream manager with the venue's addresses."""

    class LocalSockets(BinanceSocketManager):
        FSTREAM_URL = f"{served.stream_url}/"
        DSTREAM_URL = f"{served.coinm_stream_url}/"

    return LocalSockets(client)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("futures_ping", {}),
        ("futures_time", {}),
        ("futures_exchange_info", {}),
        ("futures_order_book", SYMBOL | {"limit": 5}),
        ("futures_symbol_ticker", SYMBOL),
        ("futures_symbol_ticker", {}),
        ("futures_orderbook_ticker", SYMBOL),
        ("futures_rpi_depth", SYMBOL),
        ("futures_recent_trades", SYMBOL),
        ("futures_historical_trades", SYMBOL),
        ("futures_aggregate_trades", SYMBOL),
        ("futures_klines", SYMBOL | {"interval": "1m"}),
        ("futures_mark_price_klines", SYMBOL | {"interval": "1m"}),
        ("futures_index_price_klines", PAIR | {"interval": "1m"}),
        ("futures_premium_index_klines", SYMBOL | {"interval": "1m"}),
        ("futures_continuous_klines", PAIR | {"contractType": "PERPETUAL", "interval": "1m"}),
        ("futures_mark_price", {}),
        ("futures_funding_rate", SYMBOL),
        ("futures_top_longshort_account_ratio", SYMBOL | {"period": "5m"}),
        ("futures_top_longshort_position_ratio", SYMBOL | {"period": "5m"}),
        ("futures_global_longshort_ratio", SYMBOL | {"period": "5m"}),
        ("futures_taker_longshort_ratio", SYMBOL | {"period": "5m"}),
        ("futures_ticker", {}),
        ("futures_index_price_constituents", SYMBOL),
        ("futures_open_interest", SYMBOL),
        ("futures_open_interest_hist", SYMBOL | {"period": "5m"}),
        ("futures_index_info", {}),
        ("futures_symbol_adl_risk", SYMBOL),
        ("futures_coin_klines", COIN | {"interval": "1m"}),
        ("futures_coin_recent_trades", COIN),
        ("futures_coin_aggregate_trades", COIN),
        ("futures_coin_mark_price", {}),
        ("futures_coin_funding_rate", COIN),
        ("futures_coin_ticker", {}),
        ("futures_coin_open_interest", COIN),
        ("futures_coin_ping", {}),
        ("futures_coin_time", {}),
        ("futures_coin_exchange_info", {}),
        ("futures_coin_order_book", COIN | {"limit": 5}),
        ("futures_coin_symbol_ticker", {}),
        ("futures_coin_orderbook_ticker", COIN),
    ],
)
async def test_market_data(client, name, params):
    """Every market data request is answered."""
    assert isinstance(await getattr(client, name)(**params), dict | list)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("futures_position_information", SYMBOL),
        ("futures_income_history", {}),
        ("futures_account", {}),
        ("futures_account_balance", {}),
        ("futures_account_config", {}),
        ("futures_symbol_config", {}),
        ("futures_leverage_bracket", SYMBOL),
        ("futures_commission_rate", SYMBOL),
        ("futures_api_trading_status", {}),
        ("futures_adl_quantile_estimate", {}),
        ("futures_position_margin_history", SYMBOL),
        ("futures_account_trades", SYMBOL),
        ("futures_get_all_algo_orders", SYMBOL),
        ("futures_countdown_cancel_all", SYMBOL | {"countdownTime": 0}),
        ("futures_create_test_order", LIMIT),
        ("futures_coin_account", {}),
        ("futures_coin_account_balance", {}),
        ("futures_coin_position_information", {}),
        ("futures_coin_get_open_orders", {}),
        ("futures_coin_get_position_mode", {}),
        ("futures_coin_leverage_bracket", {}),
        ("futures_coin_income_history", {}),
        ("futures_coin_account_trades", COIN),
        ("futures_get_position_mode", {}),
        ("futures_get_multi_assets_mode", {}),
        ("futures_change_leverage", SYMBOL | {"leverage": 20}),
        ("futures_get_open_orders", {}),
        ("futures_get_all_orders", SYMBOL),
        ("futures_get_open_algo_orders", {}),
    ],
)
async def test_account(client, name, params):
    """Every account request is answered."""
    assert isinstance(await getattr(client, name)(**params), dict | list)


async def test_order_life_cycle(client):
    """Place with the client's own id, modify, query, list, cancel; then fill and close."""
    placed = await client.futures_create_order(**LIMIT)
    assert placed["clientOrderId"].startswith(client.CONTRACT_ORDER_PREFIX)
    identity = SYMBOL | {"orderId": placed["orderId"]}
    modified = await client.futures_modify_order(**identity, side="BUY", quantity="0.02", price="80000")
    assert modified["origQty"] == "0.0200"
    assert (await client.futures_get_order(**identity))["origQty"] == "0.0200"
    assert [one["orderId"] for one in await client.futures_get_open_orders(**SYMBOL)] == [placed["orderId"]]
    assert (await client.futures_cancel_order(**identity))["status"] == "CANCELED"
    assert (await client.futures_create_order(**MARKET, side="BUY"))["status"] == "FILLED"
    rows = await client.futures_position_information(**SYMBOL)
    assert [row["positionAmt"] for row in rows] == ["0.0100"]
    closed = await client.futures_create_order(**MARKET, side="SELL", reduceOnly="true")
    assert closed["status"] == "FILLED"


async def test_conditional_orders_go_to_the_algo_service(client):
    """The client sends stop orders to algoOrder by itself; cancelling names the conditional order."""
    stop = SYMBOL | {"side": "SELL", "type": "STOP_MARKET", "quantity": "0.01", "triggerPrice": "70000"}
    placed = await client.futures_create_order(**stop)
    assert placed["algoStatus"] == "NEW"
    listed = await client.futures_get_open_algo_orders(**SYMBOL)
    assert placed["algoId"] in {one["algoId"] for one in listed}
    assert (await client.futures_cancel_algo_order(algoId=placed["algoId"]))["msg"] == "success"


async def test_coin_margined_order(client):
    """Place, query and cancel a COIN-M order; then fill and close one."""
    asked = {"symbol": "BTCUSD_PERP", "side": "BUY", "quantity": "1"}
    placed = await client.futures_coin_create_order(**asked, type="LIMIT", timeInForce="GTC", price="80000")
    identity = {"symbol": "BTCUSD_PERP", "orderId": placed["orderId"]}
    assert (await client.futures_coin_get_order(**identity))["status"] == "NEW"
    assert (await client.futures_coin_cancel_order(**identity))["status"] == "CANCELED"
    for side in ("BUY", "SELL"):
        filled = await client.futures_coin_create_order(
            **asked | {"side": side}, type="MARKET", newOrderRespType="RESULT"
        )
        assert filled["status"] == "FILLED"


async def test_batch_orders(client):
    """Place and cancel several orders at once; the client encodes the list itself."""
    orders = [LIMIT | {"newClientOrderId": f"wp-pb-{number}"} for number in range(2)]
    placed = await client.futures_place_batch_order(batchOrders=orders)
    cancelled = await client.futures_cancel_orders(**SYMBOL, orderidlist=[one["orderId"] for one in placed])
    assert [one["status"] for one in cancelled] == ["CANCELED", "CANCELED"]


async def test_errors_carry_the_exchanges_code(client):
    """A refusal becomes BinanceAPIException with code, text and status."""
    with pytest.raises(BinanceAPIException) as caught:
        await client.futures_order_book(symbol="NOPE")
    assert (caught.value.code, caught.value.message, caught.value.status_code) == (-1121, "Invalid symbol.", 400)


@pytest.mark.parametrize("name", ["hmac", "rsa", "ed25519"])
async def test_every_key_type_signs_rest(served, name):
    """HMAC, RSA and Ed25519 signatures of the client are accepted."""
    client = await connect(served, name)
    try:
        assert (await client.futures_get_position_mode())["dualSidePosition"] is False
    finally:
        await client.close_connection()


@pytest.mark.covers(
    "usdm", "WebSocket API", fault="percent-encodes signatures of RSA and Ed25519 keys inside the JSON of a request"
)
@pytest.mark.parametrize("name", ["rsa", "ed25519"])
async def test_websocket_api_with_asymmetric_keys(served, name):
    """The client percent-encodes base64 signatures inside JSON, where the documentation wants them as they are.

    The venue follows the documentation; see README.md.
    """
    client = await connect(served, name)
    try:
        with pytest.raises(BinanceAPIException) as caught:
            await client.ws_futures_account_balance()
        assert caught.value.code == -1022
    finally:
        await client.close_connection()


async def test_websocket_api(client):
    """Market data, account, the life of an order and a conditional order over ws-fapi."""
    assert (await client.ws_futures_get_order_book(**SYMBOL, limit=5))["lastUpdateId"]
    assert await client.ws_futures_get_all_tickers()
    assert await client.ws_futures_get_order_book_ticker(**SYMBOL)
    for name in ("position", "balance", "status"):
        assert await getattr(client, f"ws_futures_account_{name}")()
        assert await getattr(client, f"ws_futures_v2_account_{name}")() is not None
    placed = await client.ws_futures_create_order(**LIMIT)
    identity = SYMBOL | {"orderId": placed["orderId"]}
    edited = await client.ws_futures_edit_order(**identity, side="BUY", quantity="0.02", price="80000")
    assert edited["origQty"] == "0.0200"
    assert (await client.ws_futures_get_order(**identity))["status"] == "NEW"
    assert (await client.ws_futures_cancel_order(**identity))["status"] == "CANCELED"
    with pytest.raises(BinanceAPIException) as caught:
        await client.ws_futures_get_order(**SYMBOL, orderId=1)
    assert caught.value.code == -2013


async def test_user_data_stream(served, client):
    """Listen key by REST, events of a market order on /private."""
    stream = sockets(served, client).futures_user_socket()
    stream.TIMEOUT = 1  # closing waits this long for one more message
    async with stream, asyncio.timeout(20):
        await client.futures_create_order(**MARKET, side="BUY")
        seen = [(await stream.recv())["e"] for _ in range(4)]
    assert seen == ["TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]
    await client.futures_create_order(**MARKET, side="SELL", reduceOnly="true")


@pytest.mark.parametrize(
    ("name", "params", "event"),
    [
        ("kline_futures_socket", {"symbol": "BTCUSDT"}, "continuous_kline"),
        ("aggtrade_futures_socket", {"symbol": "BTCUSDT"}, "aggTrade"),
        ("symbol_mark_price_socket", {"symbol": "BTCUSDT"}, "markPriceUpdate"),
        ("symbol_ticker_futures_socket", {"symbol": "BTCUSDT"}, "bookTicker"),
        ("individual_symbol_ticker_futures_socket", {"symbol": "BTCUSDT"}, "24hrTicker"),
        ("futures_depth_socket", {"symbol": "BTCUSDT"}, "depthUpdate"),
        ("futures_rpi_depth_socket", {"symbol": "BTCUSDT"}, "depthUpdate"),
        ("futures_multiplex_socket", {"streams": ["btcusdt@aggTrade", "ethusdt@kline_1m"]}, None),
        ("aggtrade_futures_socket", {"symbol": "BTCUSD_PERP", "futures_type": FuturesType.COIN_M}, "aggTrade"),
        ("futures_multiplex_socket", {"streams": ["btcusd_perp@depth5"], "futures_type": FuturesType.COIN_M}, None),
    ],
)
async def test_market_streams(served, client, name, params, event):
    """Each stream that the client knows says something, over the root that the client chooses for it."""
    stream = getattr(sockets(served, client), name)(**params)
    stream.TIMEOUT = 1
    async with stream, asyncio.timeout(20):
        message = await stream.recv()
    assert message.get("e") != "error", message
    data = message.get("data", message)
    assert event in {None, data["e"]}
    if event is None:
        assert message["stream"] in params["streams"]


async def test_coin_margined_user_data_stream(served, client):
    """COIN-M's listen key, and the events of a market order on its own root."""
    stream = sockets(served, client).coin_futures_user_socket()
    stream.TIMEOUT = 1
    order = COIN | {"type": "MARKET", "quantity": "1"}
    async with stream, asyncio.timeout(20):
        await client.futures_coin_create_order(**order, side="BUY")
        seen = {(await stream.recv())["e"] for _ in range(3)}
    assert seen == {"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"}
    await client.futures_coin_create_order(**order, side="SELL", reduceOnly="true")


# -- what is read of its answers, and what of it a night breaks --------------------------------------------------------

PLACE, QUERY, DEPTH = "usdm/rest/POST.fapi.v1.order", "usdm/rest/GET.fapi.v1.order", "usdm/rest/GET.fapi.v1.depth"


@pytest.fixture(scope="module")
async def recorded(served):
    """Return the store, and the manifest of a bot that was recorded while it used the client at the venue."""
    store = load_store(CONTRACTS)
    with recording(Recorder(ContractMapping(store, ["usdm"]))) as recorder:
        client = await connect(served)
        stream = sockets(served, client).aggtrade_futures_socket(symbol="BTCUSDT")
        stream.TIMEOUT = 1
        placed = await client.futures_create_order(**LIMIT)
        found = await client.futures_get_order(**SYMBOL, orderId=placed["orderId"])
        assert found["status"] in {"NEW", "FILLED"}
        await client.futures_cancel_order(**SYMBOL, orderId=placed["orderId"])
        book = await client.futures_order_book(**SYMBOL, limit=5)
        assert float(book["bids"][0][0]) > 0
        assert book.get("T")
        async with stream, asyncio.timeout(20):
            message = await stream.recv()
        assert float(message.get("data", message)["p"]) > 0
        await client.close_connection()
    return store, recorder.manifest("bot-of-python-binance")


async def test_what_was_read_is_the_manifest(recorded):
    """Of each answer what the bot read of it, and what the client itself did."""
    _, manifest = recorded
    read = {name: {one.path for one in use.reads} for name, use in manifest.contracts.items()}
    assert read[PLACE] == {"orderId"}
    assert read[QUERY] == {"status"}
    assert read[DEPTH] == {"bids", "bids[]", "bids[][0]", "T"}
    assert "p" in read["usdm/stream/aggTrade"]


@pytest.mark.parametrize(
    "drift",
    [
        (PLACE, lambda order: order.pop("orderId")),
        (QUERY, lambda order: order.update(status=7)),
        (DEPTH, lambda depth: depth["bids"][0].__setitem__(0, 4.0)),
        (DEPTH, Kind.ERROR_ANSWER),
        ("usdm/stream/aggTrade", lambda trade: trade.update(p=1.5)),
    ],
)
async def test_a_drift_that_touches_the_bot_breaks_it(recorded, drift):
    report = judged(*recorded, drift)
    assert (report.verdict, {touch.contract for touch in report.touches}) == ("breaking", {drift[0]})


@pytest.mark.parametrize(
    "drift",
    [
        (PLACE, lambda order: order.pop("price")),
        (QUERY, lambda order: order.update(brandNew="x")),
        (DEPTH, lambda depth: depth.pop("asks")),
        ("usdm/stream/aggTrade", lambda trade: trade.update(q=1.5)),
        ("usdm/rest/GET.fapi.v1.trades", Kind.ERROR_ANSWER),
    ],
)
async def test_a_drift_that_does_not_touch_the_bot_is_none_of_it(recorded, drift):
    report = judged(*recorded, drift)
    assert (report.verdict, report.touches) == ("ok", [])


async def test_a_new_word_is_risky_for_a_bot_that_hands_words_on(recorded):
    report = judged(*recorded, (QUERY, lambda order: order.update(status="HALTED")))
    assert (report.verdict, [touch.effect for touch in report.touches]) == ("ok", ["risky"])

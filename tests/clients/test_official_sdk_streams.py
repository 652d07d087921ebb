"""The official SDK's streams, pointed at the venue: every market stream, and user data up to a liquidation.

The SDK opens /market, /public and /private at once and hands each message, decoded by its model, to a callback. It
reads market events in a way that drops fields which a model does not know: only their types can fail.
"""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("binance_common", reason="the official SDKs are not installed: pip install -e '.[clients]'")

from sdk_tour import Listener, OfficialSdk, kind_of

SDK = OfficialSdk("binance_sdk_derivatives_trading_usds_futures", "DerivativesTradingUsdsFutures")

SYMBOL = {"symbol": "btcusdt"}
STREAMS = {
    "aggregate_trade_streams": SYMBOL,
    "all_book_tickers_stream": {},
    "all_market_mini_tickers_stream": {},
    "all_market_tickers_streams": {},
    "asset_index": {},
    "composite_index_symbol_information_streams": {"symbol": "defiusdt"},
    "continuous_contract_kline_candlestick_streams": {
        "pair": "btcusdt",
        "contract_type": "perpetual",
        "interval": "1m",
    },
    "diff_book_depth_streams": SYMBOL | {"update_speed": "100ms"},
    "individual_symbol_book_ticker_streams": SYMBOL,
    "individual_symbol_mini_ticker_stream": SYMBOL,
    "individual_symbol_ticker_streams": SYMBOL,
    "kline_candlestick_streams": SYMBOL | {"interval": "1m"},
    "mark_price_stream": SYMBOL | {"update_speed": "1s"},
    "mark_price_stream_for_all_market": {},
    "partial_book_depth_streams": SYMBOL | {"levels": 5},
    "rpi_diff_book_depth_streams": SYMBOL,
    "trading_session_stream": {},
}
SILENT = {"contract_info_stream": {}}  # nothing is listed, settled or re-bracketed while the venue runs


@pytest.fixture(scope="module")
def rest(served):
    """Return the SDK's REST client with an RSA key."""
    api = SDK.rest(served, "rsa")
    yield api
    api._session.close()


async def test_market_streams(served):
    """Each of them says something that its model takes; the one about listings stays silent."""
    async with Listener(SDK.streams(served.stream_url)) as listener:
        for method, params in (STREAMS | SILENT).items():
            await listener.listen(method, **params)
        await listener.until(lambda _: set(listener.heard) >= set(STREAMS))
        assert listener.errors == []
        assert set(listener.heard) == set(STREAMS)


async def test_user_data_up_to_a_liquidation(served, rest):
    """A market order's four events; then a price that falls: margin call, forced order, fee of the insurance fund."""

    def ask(method, **params):
        return asyncio.to_thread(lambda: getattr(rest, method)(**params).data())

    key = (await ask("start_user_data_stream")).listen_key
    async with Listener(SDK.streams(served.stream_url)) as listener:
        await listener.listen("user_data", listenKey=key)
        await listener.listen("liquidation_order_streams", **SYMBOL)
        await listener.listen("all_market_liquidation_order_streams")
        await listener.wait_in_force(
            lambda attempt: ask("change_initial_leverage", symbol="BTCUSDT", leverage=20 + attempt)
        )
        await ask("change_initial_leverage", symbol="BTCUSDT", leverage=20)
        await listener.until(lambda taken: len(taken) == 1)
        await ask("new_order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.002)
        names = [kind_of(one) for _, one in await listener.until(lambda taken: len(taken) == 4)]
        assert names == ["TradeLite", "OrderTradeUpdate", "AccountUpdate", "OrderTradeUpdate"]
        await ask("new_order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity=1.0)
        (position,) = await ask("position_information_v3", symbol="BTCUSDT")
        await asyncio.to_thread(served.market, symbol="BTCUSDT", price=str(float(position.liquidation_price) * 0.9985))
        taken = await listener.until(
            lambda found: {method for method, _ in found} == {"user_data", *LIQUIDATIONS} and cleared(found)
        )
        kinds = {kind_of(one) for method, one in taken if method == "user_data"}
        assert kinds >= {"MarginCall", "OrderTradeUpdate", "AccountUpdate"}
        assert listener.errors == []
        assert listener.unknown == {"ACCOUNT_UPDATE.a.P[].ma"}  # see README.md
    assert await ask("position_information_v3", symbol="BTCUSDT") == []
    (order,) = await ask("users_force_orders", symbol="BTCUSDT")
    assert order.client_order_id.startswith("autoclose-")


LIQUIDATIONS = {"liquidation_order_streams", "all_market_liquidation_order_streams"}


def cleared(taken):
    """Whether the insurance fund has reported its fee."""
    events = [one for method, one in taken if method == "user_data" and kind_of(one) == "AccountUpdate"]
    return any(event.actual_instance.a.m == "INSURANCE_CLEAR" for event in events)

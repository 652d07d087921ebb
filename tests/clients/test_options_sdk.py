"""The exchange's official modular Python SDK for options, pointed at the venue: REST, market streams, user data.

Every answer is decoded with the SDK's own models, and every method of the SDK is called. A field that the models do not
know lands in `additional_properties`; each such field is named in TOUR with its reason in README.md, so that a new one
fails the test.
"""

from __future__ import annotations

import asyncio
import time

import pytest

pytest.importorskip("binance_common", reason="the official SDKs are not installed: pip install -e '.[clients]'")

from binance_common.errors import BadRequestError
from sdk_tour import Listener, OfficialSdk, Tour

SDK = OfficialSdk("binance_sdk_derivatives_trading_options", "DerivativesTradingOptions")

# Fields that the exchange sends and the SDK's models do not have; see README.md.
TOUR = Tour({"exchange_information": {".option_contracts[].nakedSell"}})
call = TOUR.call
BTC = {"underlying": "BTCUSDT"}


@pytest.fixture(scope="module")
def rest(served):
    api = SDK.rest(served, "hmac")
    yield api
    api._session.close()


@pytest.fixture(scope="module")
def other(served):
    """Return the client of another account."""
    api = SDK.rest(served, "rsa")
    yield api
    api._session.close()


@pytest.fixture(scope="module")
def symbol(rest):
    """Return a call on bitcoin that expires late, with its strike near the index."""
    index = float(call(rest, "index_price", **BTC).index_price)
    rows = call(rest, "exchange_information").option_symbols
    calls = [row for row in rows if row.underlying == "BTCUSDT" and row.side == "CALL"]
    last = max(row.expiry_date for row in calls)
    late = [row for row in calls if row.expiry_date == last]
    return min(late, key=lambda row: abs(float(row.strike_price) - index)).symbol


@pytest.fixture
def order(symbol):
    """Return a sound order, far from the market."""
    return {
        "symbol": symbol,
        "side": "BUY",
        "type": "LIMIT",
        "time_in_force": "GTC",
        "quantity": 0.1,
        "price": 5.0,
    }


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("test_connectivity", {}),
        ("check_server_time", {}),
        ("exchange_information", {}),
        ("historical_exercise_records", {}),
        ("option_mark_price", {}),
        ("recent_block_trades_list", {}),
        ("ticker24hr_price_change_statistics", {}),
        ("user_commission", {}),
        ("option_margin_account_information", {}),
        ("account_funding_flow", {"currency": "USDT"}),
        ("tradfi_options_contract", {}),
    ],
)
def test_requests_without_a_symbol(rest, name, params):
    call(rest, name, **params)


def test_market_data_of_a_symbol(rest, symbol):
    assert call(rest, "order_book", symbol=symbol, limit=5).bids
    assert call(rest, "recent_trades_list", symbol=symbol)
    assert call(rest, "kline_candlestick_data", symbol=symbol, interval="1h", limit=3)
    assert call(rest, "option_mark_price", symbol=symbol)[0].symbol == symbol
    assert call(rest, "ticker24hr_price_change_statistics", symbol=symbol)[0].symbol == symbol
    assert call(rest, "open_interest", underlying_asset="BTC", expiration=symbol.split("-")[1])


def test_the_life_of_an_order(rest, symbol, order):
    number = str(time.time_ns())
    placed = call(rest, "new_order", **order, client_order_id=number)
    assert (placed.status, placed.client_order_id, placed.fee) == ("NEW", number, 0)
    found = call(rest, "query_single_order", symbol=symbol, order_id=placed.order_id)
    assert (found.order_id, found.create_time) == (placed.order_id, placed.create_time)
    assert [one.order_id for one in call(rest, "query_current_open_option_orders")] == [placed.order_id]
    gone = call(rest, "cancel_option_order", symbol=symbol, client_order_id=number)
    assert (gone.status, gone.create_date) == ("CANCELED", placed.create_time)
    with pytest.raises(BadRequestError, match="Order does not exist"):
        rest.cancel_option_order(symbol=symbol, order_id=placed.order_id)


def test_batches(rest, symbol, order):
    sound = {name: str(value) for name, value in order.items() if name != "time_in_force"}
    answers = call(rest, "place_multiple_orders", orders=[sound, sound])
    ids = [one.order_id for one in answers]
    assert [one.status for one in call(rest, "cancel_multiple_option_orders", symbol=symbol, order_ids=ids)] == [
        "CANCELED",
        "CANCELED",
    ]
    assert call(rest, "cancel_all_option_orders_on_specific_symbol", symbol=symbol).code == "0"
    assert call(rest, "cancel_all_option_orders_by_underlying", **BTC).code == 0


def test_a_fill_and_what_it_leaves(rest, symbol, order):
    (mark,) = call(rest, "option_mark_price", symbol=symbol)
    limit = float(mark.high_price_limit) // 5 * 5
    filled = call(rest, "new_order", **(order | {"price": limit, "new_order_resp_type": "RESULT"}))
    assert filled.status == "FILLED"
    assert call(rest, "account_trade_list", symbol=symbol)[-1].order_id == filled.order_id
    assert call(rest, "query_option_order_history", symbol=symbol)[-1].order_id == filled.order_id
    (position,) = call(rest, "option_position_information", symbol=symbol)
    assert (position.side, position.quantity) == ("LONG", "0.1")
    assert call(rest, "option_margin_account_information").greek[0].underlying == "BTCUSDT"
    assert {bill.type for bill in call(rest, "account_funding_flow", currency="USDT")} >= {"FEE", "CONTRACT"}


def test_protection_and_countdowns(rest):
    call(
        rest,
        "set_market_maker_protection_config",
        **BTC,
        window_time_in_milliseconds=3_000,
        frozen_time_in_milliseconds=10_000,
        qty_limit=2.0,
        delta_limit=2.3,
    )
    assert call(rest, "get_market_maker_protection_config", **BTC).qty_limit == "2"
    call(rest, "reset_market_maker_protection_config", **BTC)
    call(rest, "set_auto_cancel_all_open_orders", **BTC, countdown_time=60_000)
    assert call(rest, "get_auto_cancel_all_open_orders", **BTC).countdown_time == 60_000
    assert call(rest, "auto_cancel_all_open_orders", underlyings="BTCUSDT").underlyings == ["BTCUSDT"]
    call(rest, "set_auto_cancel_all_open_orders", **BTC, countdown_time=0)


def test_block_trades_between_two_accounts(rest, other, symbol):
    (mark,) = call(rest, "option_mark_price", symbol=symbol)
    price = str(float(mark.mark_price) // 5 * 5)
    legs = [{"symbol": symbol, "side": "BUY", "type": "LIMIT", "quantity": "0.1", "price": price}]
    keys = [
        call(rest, "new_block_trade_order", liquidity="TAKER", legs=legs).block_trade_settlement_key for _ in range(2)
    ]
    key, withdrawn = ({"block_order_matching_key": one} for one in keys)
    call(rest, "extend_block_trade_order", **key)
    assert call(other, "query_block_trade_details", **key).legs[0].side == "SELL"
    assert call(other, "accept_block_trade_order", **key).status == "ACCEPTED"
    call(rest, "cancel_block_trade_order", **withdrawn)
    assert [one.status for one in call(rest, "query_block_trade_order")] == ["ACCEPTED"]
    assert call(other, "account_block_trade_list")[0].legs[0].order_side == "SELL"
    assert call(rest, "recent_block_trades_list", symbol=symbol)


STREAMS = {
    "diff_book_depth_streams": {"update_speed": "100ms"},
    "hour24_ticker": {},
    "individual_symbol_book_ticker_streams": {},
    "kline_candlestick_streams": {"interval": "1m"},
    "partial_book_depth_streams": {"level": 5, "update_speed": "100ms"},
    "trade_streams": {},
}


async def test_market_streams(served, symbol):
    """Each of them says something that its model takes."""
    wanted = {name: params | {"symbol": symbol.lower()} for name, params in STREAMS.items()}
    wanted |= {
        "index_price_streams": {},
        "option_mark_price": {"underlying": "btcusdt"},
        "open_interest": {"underlying": "btcusdt", "expiration_date": symbol.split("-")[1]},
    }
    async with Listener(SDK.streams(served.stream_url)) as listener:
        for method, params in wanted.items():
            await listener.listen(method, **params)
        await listener.until(lambda _: set(listener.heard) >= set(wanted))
        assert listener.errors == []


async def test_user_data(served, rest, symbol, order):
    def ask(method, **params):
        return asyncio.to_thread(lambda: call(rest, method, **params))

    key = (await ask("start_user_data_stream")).listen_key
    async with Listener(SDK.streams(served.stream_url)) as listener:
        await listener.listen("user_data", listenKey=key)
        (mark,) = await ask("option_mark_price", symbol=symbol)
        limit = float(mark.low_price_limit) // 5 * 5 + 5
        sell = order | {"side": "SELL", "quantity": 0.01, "price": limit}
        await listener.wait_in_force(lambda _: ask("new_order", **sell))
        await ask("new_order", **sell)
        await listener.until_kinds("OrderTradeUpdate", "BalancePositionUpdate", "AccountUpdate", "GreekUpdate")
        assert listener.errors == []
        assert listener.unknown == set()
    await ask("keepalive_user_data_stream")
    await ask("close_user_data_stream")


async def test_listings(served, symbol):
    """A contract that is listed is said at once."""
    async with Listener(SDK.streams(served.stream_url)) as listener:
        await listener.listen("new_symbol_info")
        await listener.wait_in_force(lambda _: asyncio.to_thread(served.product, "options", list=symbol))
        assert set(listener.heard) == {"new_symbol_info"}
        assert listener.errors == []


def test_exercise(served, rest, symbol, order):
    """What is held when a contract expires is settled and on record."""
    (mark,) = call(rest, "option_mark_price", symbol=symbol)
    call(rest, "new_order", **(order | {"price": float(mark.high_price_limit) // 5 * 5}))
    served.product("options", exercise=symbol)
    (record,) = call(rest, "user_exercise_record", symbol=symbol)
    assert (record.symbol, record.position_side) == (symbol, "LONG")
    assert symbol in {one.symbol for one in call(rest, "historical_exercise_records", **BTC)}


def test_every_method_of_the_sdk_was_called(rest, request):
    TOUR.assert_complete(rest, request)

"""ccxt, pointed at the venue by the URLs that an exchange's object keeps: each with its path, below another host."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed: make clients")
pro = pytest.importorskip("ccxt.pro")
pytestmark = pytest.mark.client("ccxt", "ccxt")
LINEAR, INVERSE = "BTC/USDT:USDT", "BTC/USD:BTC"


def pointed(exchange, venue):
    """Return an exchange's object that asks the venue, with an HMAC key."""
    exchange.apiKey, exchange.secret = venue.hmac.api_key, venue.hmac.api_secret
    exchange.options |= {"fetchCurrencies": False, "fetchMargins": False, "warnOnFetchOpenOrdersWithoutSymbol": False}
    exchange.urls["api"] = {
        name: url if isinstance(url, dict) else venue.url + urlsplit(url).path
        for name, url in exchange.urls["api"].items()
    }
    return exchange


@pytest.fixture
def linear(venue):
    """Return ccxt's client for USDⓈ-M, which blocks."""
    return pointed(ccxt.binanceusdm(), venue)


@pytest.fixture
def inverse(venue):
    """Return ccxt's client for COIN-M."""
    return pointed(ccxt.binancecoinm(), venue)


@pytest.fixture
def options(venue):
    """Return ccxt's client for options."""
    return pointed(
        ccxt.binance(
            {"options": {"defaultType": "option", "fetchMarkets": {"types": ["option"], "loadAllOptions": True}}}
        ),
        venue,
    )


MARKET_DATA = [
    ("fetch_time", ()),
    ("fetch_ticker", (1,)),
    ("fetch_tickers", ()),
    ("fetch_order_book", (1,)),
    ("fetch_trades", (1,)),
    ("fetch_ohlcv", (1, "1m")),
    ("fetch_mark_ohlcv", (1, "1m")),
    ("fetch_bids_asks", ()),
    ("fetch_funding_rate", (1,)),
    ("fetch_funding_rates", ()),
    ("fetch_funding_rate_history", (1,)),
    ("fetch_open_interest", (1,)),
]


@pytest.mark.covers("usdm", "market data")
@pytest.mark.parametrize(("method", "arguments"), MARKET_DATA)
def test_market_data_of_usdm(linear, method, arguments):
    linear.load_markets()
    assert getattr(linear, method)(*[LINEAR if one == 1 else one for one in arguments])


@pytest.mark.covers("coinm", "market data")
@pytest.mark.parametrize(("method", "arguments"), MARKET_DATA)
def test_market_data_of_coinm(inverse, method, arguments):
    inverse.load_markets()
    assert getattr(inverse, method)(*[INVERSE if one == 1 else one for one in arguments])


ACCOUNT = [
    ("fetch_balance", ()),
    ("fetch_positions", ()),
    ("fetch_position_mode", ()),
    ("fetch_leverages", ()),
    ("fetch_leverage_tiers", ()),
    ("fetch_my_trades", (1,)),
    ("fetch_orders", (1,)),
    ("fetch_open_orders", (1,)),
    ("fetch_funding_history", (1,)),
    ("fetch_trading_fee", (1,)),
    ("set_leverage", (7, 1)),
    ("set_margin_mode", ("isolated", 1)),
]


@pytest.mark.covers("usdm", "account")
@pytest.mark.parametrize(("method", "arguments"), ACCOUNT)
def test_account_of_usdm(linear, method, arguments):
    linear.load_markets()
    assert getattr(linear, method)(*[LINEAR if one == 1 else one for one in arguments]) is not None


@pytest.mark.covers("coinm", "account")
@pytest.mark.parametrize(("method", "arguments"), ACCOUNT)
def test_account_of_coinm(inverse, method, arguments):
    inverse.load_markets()
    assert getattr(inverse, method)(*[INVERSE if one == 1 else one for one in arguments]) is not None


def order_life(exchange, symbol, amount, price):
    """Place, change, look up, list and cancel an order; fill and close one; place a conditional one."""
    placed = exchange.create_order(symbol, "limit", "buy", amount, price)
    changed = exchange.edit_order(placed["id"], symbol, "limit", "buy", amount * 2, price)
    assert changed["id"] == placed["id"]
    assert exchange.fetch_order(placed["id"], symbol)["status"] == "open"
    assert [one["id"] for one in exchange.fetch_open_orders(symbol)] == [placed["id"]]
    assert exchange.cancel_order(placed["id"], symbol)["status"] == "canceled"
    assert exchange.create_order(symbol, "market", "buy", amount)["status"] == "closed"
    [position] = exchange.fetch_positions([symbol])
    assert position["side"] == "long"
    exchange.create_order(symbol, "market", "sell", amount, params={"reduceOnly": True})
    assert exchange.fetch_positions([symbol]) == []


@pytest.mark.covers("usdm", "orders")
def test_orders_of_usdm(linear):
    linear.load_markets()
    order_life(linear, LINEAR, 0.01, 80_000)


@pytest.mark.covers("usdm", "orders")
def test_a_conditional_order_of_usdm(linear):
    linear.load_markets()
    placed = linear.create_order(LINEAR, "market", "sell", 0.01, params={"stopLossPrice": 70_000})
    assert placed["id"] in {one["id"] for one in linear.fetch_open_orders(LINEAR, params={"trigger": True})}
    linear.cancel_order(placed["id"], LINEAR, {"trigger": True})


@pytest.mark.covers("usdm", "orders")
def test_several_orders_of_usdm_at_once(linear):
    linear.load_markets()
    order = {"symbol": LINEAR, "type": "limit", "side": "buy", "amount": 0.01, "price": 80_000}
    assert len(linear.create_orders([order, order])) == 2
    linear.cancel_all_orders(LINEAR)
    assert linear.fetch_open_orders(LINEAR) == []


@pytest.mark.covers("usdm", "orders", fault="chooses the class of an error by the exchange's host name")
def test_a_refusal_is_an_error_of_its_own(linear):
    """At any other address errors are ExchangeError, until the table of the product is named."""
    linear.load_markets()
    with pytest.raises(ccxt.ExchangeError) as plain:
        linear.create_order(LINEAR, "limit", "buy", 100, 80_000)
    assert not isinstance(plain.value, ccxt.InsufficientFunds)
    linear.get_exceptions_by_url = lambda _url, kind: linear.exceptions["linear"].get(kind, {})
    with pytest.raises(ccxt.InsufficientFunds):
        linear.create_order(LINEAR, "limit", "buy", 100, 80_000)
    with pytest.raises(ccxt.OrderNotFound):
        linear.fetch_order("1", LINEAR)


@pytest.mark.covers("coinm", "orders")
def test_orders_of_coinm(inverse):
    inverse.load_markets()
    order_life(inverse, INVERSE, 1, 80_000)


@pytest.mark.covers("options", "market data")
@pytest.mark.parametrize("method", ["fetch_order_book", "fetch_ohlcv", "fetch_trades", "fetch_ticker", "fetch_greeks"])
def test_market_data_of_options(options, method):
    symbol = next(iter(options.load_markets()))
    assert getattr(options, method)(symbol) is not None


@pytest.mark.covers("options", "orders")
def test_orders_of_options(options):
    symbol = next(name for name, one in options.load_markets().items() if one["base"] == "BTC")
    placed = options.create_order(symbol, "limit", "buy", 1, 10)
    assert options.fetch_order(placed["id"], symbol)["status"] == "open"
    assert options.cancel_order(placed["id"], symbol)["id"] == placed["id"]


@pytest.mark.covers("portfolio-margin", "account")
@pytest.mark.parametrize("method", ["fetch_balance", "fetch_positions"])
def test_account_of_portfolio_margin(linear, method):
    linear.load_markets()
    assert getattr(linear, method)(params={"portfolioMargin": True}) is not None


@pytest.mark.covers("portfolio-margin", "orders")
def test_orders_of_portfolio_margin(linear):
    linear.load_markets()
    own = {"portfolioMargin": True}
    placed = linear.create_order(LINEAR, "limit", "buy", 0.01, 80_000, own)
    assert linear.fetch_order(placed["id"], LINEAR, own)["status"] == "open"
    assert linear.cancel_order(placed["id"], LINEAR, own)["status"] == "canceled"


@pytest.mark.covers("usdm", "account")
@pytest.mark.parametrize("name", ["rsa", "ed25519"])
def test_every_key_type_signs(linear, venue, name):
    """Ccxt takes the PEM in place of the secret."""
    linear.apiKey, linear.secret = venue.accounts[name].api_key, venue.accounts[name].private_key_pem
    linear.load_markets()
    assert linear.fetch_balance()["USDT"]["total"] == 5000


@pytest.fixture
async def streaming(venue):
    """Return ccxt.pro's client for USDⓈ-M."""
    exchange = pointed(pro.binanceusdm(), venue)
    usdm = venue.urls["usdm"]
    exchange.urls["api"]["ws"] |= {"linear": f"{usdm.stream}/ws", "ws-api": {"linear": usdm.ws_api}}
    await exchange.load_markets()
    yield exchange
    await exchange.close()


@pytest.mark.covers("usdm", "market streams")
@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("watch_ticker", ()),
        ("watch_order_book", ()),
        ("watch_trades", ()),
        ("watch_ohlcv", ("1m",)),
        ("watch_mark_price", ()),
        ("watch_bids_asks", ()),
    ],
)
async def test_market_streams(streaming, method, arguments):
    symbol = [LINEAR] if method == "watch_bids_asks" else LINEAR
    async with asyncio.timeout(20):
        assert await getattr(streaming, method)(symbol, *arguments)


@pytest.mark.covers("usdm", "user data")
async def test_user_data(streaming, venue):
    async with asyncio.timeout(20):
        watching = asyncio.create_task(streaming.watch_orders(LINEAR))
        while not venue.state["connections"]["private"]:  # noqa: ASYNC110  # of another process
            await asyncio.sleep(0.05)
        placed = await streaming.create_order(LINEAR, "limit", "buy", 0.01, 80_000)
        [seen] = await watching
    assert (seen["id"], seen["status"]) == (placed["id"], "open")


@pytest.mark.covers("usdm", "WebSocket API")
async def test_websocket_api(streaming):
    async with asyncio.timeout(20):
        placed = await streaming.create_order_ws(LINEAR, "limit", "buy", 0.01, 80_000)
        assert (await streaming.cancel_order_ws(placed["id"], LINEAR))["id"] == placed["id"]

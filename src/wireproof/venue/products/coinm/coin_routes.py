"""REST: what COIN-M answers in its own way.

https://developers.binance.com/docs/derivatives/coin-margined-futures/account/rest-api and its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal, neither
from wireproof.venue.products.coinm import coin_operations, coin_views
from wireproof.venue.products.coinm.coin_views import pair_of
from wireproof.venue.products.futures import account_routes, market_routes, quote_routes, trade_routes
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.futures.account_routes import brackets, listed_symbols

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.market_data.feed import Feed

Json = dict[str, Any]
_NONE, _SIGNED = CallSecurity.NONE, CallSecurity.SIGNED


# account


def coin_account(call: Call) -> Json:
    """Return every coin and every contract of the account that asks."""
    return coin_views.account(call.account)


def coin_positions(call: Call) -> list[Json]:
    """Return positionRisk, of one margin asset or pair when one is named."""
    return coin_views.positions(call.account, *coin_views.read_filter(call))


def pair_brackets(call: Call) -> list[Json]:
    """v1/leverageBracket: one row per pair, counted in coin."""
    pair = coin_views.pair_of(call)
    found = {symbol.pair: symbol for symbol in listed_symbols(call) if symbol.perpetual and pair in {None, symbol.pair}}
    return [{"pair": name, "brackets": brackets(one, "qtyCap", "qtylFloor")} for name, one in found.items()]


def symbol_brackets(call: Call) -> list[Json]:
    """v2/leverageBracket: one row per symbol, counted in coin."""
    return [
        {"symbol": symbol.name, "notionalCoef": 1.0, "brackets": brackets(symbol, "qtyCap", "qtylFloor")}
        for symbol in listed_symbols(call)
    ]


# trade


def of_symbol_or_pair(call: Call) -> Callable[[Symbol], bool]:
    """Return which contracts a search is about: of a symbol, or of a pair; -1128 for both, -1102 for neither."""
    name, pair = call.optional_symbol(past=True), pair_of(call)
    if name is not None and pair is not None:
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    if name is None and pair is None:
        raise neither("symbol", "pair")
    return lambda one: call.product.lists(one) and (one.name == name or one.pair == pair)


def open_orders(call: Call) -> list[Json]:
    """Every open order, of one symbol or of one pair; none of a symbol that there is not, until June 2026."""
    name = call.params.text("symbol")
    if name is not None and not call.holds("strict-open-orders") and name not in call.engine.symbols:
        return []
    rows, pair = trade_routes.open_orders(call), pair_of(call)
    return [row for row in rows if pair in {None, row["pair"]}]


# market data


def exchange_info(call: Call) -> Json:
    """Return COIN-M's exchange information; it lists no assets."""
    return ops.exchange_head(call) | {"symbols": [coin_views.coin_info(one.symbol) for one in call.markets()]}


def _by_symbol_or_pair(call: Call, view: Callable[[Feed], Json]) -> list[Json]:
    """Return a list, whatever was asked: of a symbol, of a pair, or of all; -1128 for both."""
    pair = pair_of(call)
    if pair is not None and "symbol" in call.params:
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    feeds = [call.feed()] if call.optional_symbol() is not None else call.feeds()
    return [view(feed) for feed in feeds if pair in {None, feed.symbol.pair}]


def premium_index(call: Call) -> list[Json]:
    """Return mark price, index price and funding."""
    now = call.engine.clock.now_ms()
    return _by_symbol_or_pair(call, lambda feed: market_routes.premium_view(feed, now))


def coin_depth(call: Call) -> Json:
    """Return a contract's book, which names contract and pair."""
    symbol = call.market().symbol
    view = ops.depth(call)
    return {"lastUpdateId": view["lastUpdateId"], "symbol": symbol.name, "pair": symbol.pair} | view


def coin_list(shown: Callable[[Call], Any], field: str) -> Callable[[Call], list[Json]]:
    """Return a ticker of COIN-M: always a list, of one symbol, of one pair, or of all; `field` has the pair."""

    def run(call: Call) -> list[Json]:
        pair = pair_of(call)
        if pair is not None and "symbol" in call.params:
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        found = shown(call)
        rows: list[Json] = found if isinstance(found, list) else [found]
        pairs = {market.symbol.name: market.symbol.pair for market in call.markets()}
        named = [row | {field: pairs[row["symbol"]]} for row in rows]
        return [row for row in named if pair in {None, row[field]}]

    return run


_CHANGED = ("symbol", "side", "quantity", "price")
COIN_ROUTES: tuple[Operation, ...] = (
    route("GET", "/dapi/v1/account", _SIGNED, coin_account, 5),
    route("GET", "/dapi/v1/balance", _SIGNED, coin_operations.balances, 1),
    route("GET", "/dapi/v1/positionRisk", _SIGNED, coin_positions, 1),
    route("GET", "/dapi/v1/leverageBracket", _SIGNED, pair_brackets, 1),
    route("GET", "/dapi/v2/leverageBracket", _SIGNED, symbol_brackets, by_symbol(1, 2)),
    route("POST", "/dapi/v1/leverage", _SIGNED, account_routes.set_leverage("maxQty"), 1, "symbol", "leverage"),
    route("GET", "/dapi/v1/commissionRate", _SIGNED, account_routes.commission_rate, 20, "symbol"),
    route("PUT", "/dapi/v1/order", _SIGNED, trade_routes.modify_order, 1, *_CHANGED, orders=1),
    route("GET", "/dapi/v1/openOrders", _SIGNED, open_orders, by_symbol(1, 40)),
    route("GET", "/dapi/v1/allOrders", _SIGNED, trade_routes.all_orders(of_symbol_or_pair, 50, 100), 5),
    route("GET", "/dapi/v1/userTrades", _SIGNED, trade_routes.user_trades(of_symbol_or_pair, 50), 5),
    route("GET", "/dapi/v1/exchangeInfo", _NONE, exchange_info, 1),
    route("GET", "/dapi/v1/depth", _NONE, coin_depth, quote_routes.depth_weight, "symbol"),
    route("GET", "/dapi/v1/ticker/price", _NONE, coin_list(ops.ticker_price, "ps"), by_symbol(1, 2)),
    route("GET", "/dapi/v1/ticker/bookTicker", _NONE, coin_list(ops.ticker_book, "pair"), by_symbol(2, 5)),
    route("GET", "/dapi/v1/ticker/24hr", _NONE, market_routes.day_tickers(_by_symbol_or_pair), by_symbol(1, 40)),
    route("GET", "/dapi/v1/premiumIndex", _NONE, premium_index, 10),
    route("GET", "/dapi/v1/fundingRate", _NONE, market_routes.funding_rates, 1, "symbol"),
    route("GET", "/dapi/v1/constituents", _NONE, market_routes.constituents, 1, "symbol"),
)

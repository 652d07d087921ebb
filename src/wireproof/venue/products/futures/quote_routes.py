"""REST: what both products list, and their books and last prices.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api and its COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api import operations as ops
from wireproof.venue.api.operations import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.coinm.coin_views import pair_of
from wireproof.venue.products.usdm.symbol_views import coin_info

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.venue.base.params import Params

Json = dict[str, Any]
_NONE = CallSecurity.NONE
# What COIN-M's exchange information has of USDⓈ-M's; it lists no assets.
_SHARED = ("timezone", "serverTime", "rateLimits", "exchangeFilters")


def ping(_call: Call) -> Json:
    """Return nothing."""
    return {}


def time(call: Call) -> Json:
    """Return the venue's time."""
    return {"serverTime": call.engine.clock.now_ms()}


def best_prices(call: Call) -> Any:
    """Return best bids and asks of USDⓈ-M; only the WebSocket API's have a lastUpdateId (documented)."""
    found = ops.ticker_book(call)
    for row in found if isinstance(found, list) else [found]:
        del row["lastUpdateId"]
    return found


def coin_exchange_info(call: Call) -> Json:
    """Return COIN-M's exchange information."""
    shared = ops.exchange_info(call)
    return {name: shared[name] for name in _SHARED} | {"symbols": [coin_info(one.symbol) for one in call.markets()]}


def coin_depth(call: Call) -> Json:
    """Return a contract's book, which names contract and pair."""
    symbol = call.market().symbol
    view = ops.depth(call)
    return {"lastUpdateId": view["lastUpdateId"], "symbol": symbol.name, "pair": symbol.pair} | view


def coin_list(shown: Callable[[Call], Any], field: str) -> Callable[[Call], list[Json]]:
    """Return a ticker of COIN-M: always a list, of one symbol, of one pair, or of all; *field* has the pair."""

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


def _depth_weight(params: Params) -> int:
    return ops.depth_weight(params) if "limit" in params else 1  # docs/exchange.md#weights


def _routes() -> Iterator[Operation]:
    for root in ("/fapi", "/dapi"):
        inverse = root == "/dapi"
        prices = coin_list(ops.ticker_price, "ps") if inverse else ops.ticker_price
        books = coin_list(ops.ticker_book, "pair") if inverse else best_prices
        depth = coin_depth if inverse else ops.depth
        listed = coin_exchange_info if inverse else ops.exchange_info
        yield route("GET", f"{root}/v1/ping", _NONE, ping, 1)
        yield route("GET", f"{root}/v1/time", _NONE, time, 1)
        yield route("GET", f"{root}/v1/exchangeInfo", _NONE, listed, 1)
        yield route("GET", f"{root}/v1/depth", _NONE, depth, _depth_weight, "symbol")
        yield route("GET", f"{root}/v1/ticker/price", _NONE, prices, by_symbol(1, 2))
        yield route("GET", f"{root}/v1/ticker/bookTicker", _NONE, books, by_symbol(2, 5))


QUOTE_ROUTES: tuple[Operation, ...] = (
    *_routes(),
    route("GET", "/fapi/v2/ticker/price", _NONE, ops.ticker_price, by_symbol(1, 2)),
)

"""What the venue offers and how deep each thing is modelled, read from the tables that it serves from.

| depth | meaning |
|---|---|
| engine | comes out of the matching engine, its markets and its accounts |
| own model | a small model beside the engine: it has state and keeps to the rules, but nothing else follows from it |
| static | the same answer every time |
| not sent | an event that nothing in the API can trigger |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.venue.base.venue_clock import SystemClock
from wireproof.venue.exchange import user_events
from wireproof.venue.exchange.engine import Engine
from wireproof.venue.market_data.feeds import MarketData
from wireproof.venue.products.registry import PRODUCTS, ROUTES
from wireproof.venue.streams.hub import Hub

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGINE, OWN, STATIC, NOT_SENT = "engine", "own model", "static", "not sent"
# By module of the function that answers; what is not named here is the engine's.
DEPTHS = {"service_routes": OWN, "convert_routes": OWN, "market_statistics": OWN}
SESSION = ("v1/session.logon", "v1/session.status", "v1/session.logout")
STATIC_ROUTES = frozenset().union(*(product.static for product in PRODUCTS))
OWN_ROUTES = frozenset().union(*(product.modelled for product in PRODUCTS))
# Documented stream patterns by a name that fits each; what the catalogue does not know is not listed.
STREAMS = {
    "<symbol>@aggTrade": "btcusdt@aggTrade",
    "<symbol>@trade": "btcusdt@trade",
    "<symbol>@bookTicker": "btcusdt@bookTicker",
    "<symbol>@depth@<updateSpeed>": "btcusdt@depth@100ms",
    "<symbol>@depth<levels>@<updateSpeed>": "btcusdt@depth5@100ms",
    "<symbol>@rpiDepth@500ms": "btcusdt@rpiDepth@500ms",
    "<symbol>@miniTicker": "btcusdt@miniTicker",
    "<symbol>@ticker": "btcusdt@ticker",
    "<symbol>@kline_<interval>": "btcusdt@kline_1m",
    "<symbol>@markPriceKline_<interval>": "btcusd_perp@markPriceKline_1m",
    "<symbol>@markPrice@<updateSpeed>": "btcusdt@markPrice@1s",
    "<symbol>@forceOrder": "btcusdt@forceOrder",
    "<symbol>@compositeIndex": "defiusdt@compositeIndex",
    "<symbol>@assetIndex": "btcusd@assetIndex",
    "<pair>_<contractType>@continuousKline_<interval>": "btcusdt_perpetual@continuousKline_1m",
    "<pair>@indexPriceKline_<interval>": "btcusd@indexPriceKline_1m",
    "<pair>@indexPrice@<updateSpeed>": "btcusd@indexPrice@1s",
    "<pair>@markPrice@<updateSpeed>": "btcusd@markPrice@1s",
    "!bookTicker": "!bookTicker",
    "!ticker@arr": "!ticker@arr",
    "!miniTicker@arr": "!miniTicker@arr",
    "!markPrice@arr@<updateSpeed>": "!markPrice@arr@1s",
    "!forceOrder@arr": "!forceOrder@arr",
    "!contractInfo": "!contractInfo",
    "!assetIndex@arr": "!assetIndex@arr",
    "tradingSession": "tradingSession",
}
OWN_STREAMS = frozenset({"<symbol>@compositeIndex", "<symbol>@assetIndex", "!assetIndex@arr", "tradingSession"})
# Events by name: who makes them, None where nobody does.
EVENTS: dict[str, Any] = {
    "ACCOUNT_CONFIG_UPDATE": user_events.leverage_update,
    "ACCOUNT_UPDATE": user_events.account_update,
    "ALGO_UPDATE": user_events.algo_update,
    "CONDITIONAL_ORDER_TRIGGER_REJECT": None,  # retired in December 2025: ALGO_UPDATE says REJECTED instead
    "GRID_UPDATE": None,  # grids are started on the site only
    "MARGIN_CALL": user_events.margin_call,
    "ORDER_TRADE_UPDATE": user_events.order_update,
    "STRATEGY_UPDATE": None,  # strategies are started on the site only
    "TRADE_LITE": user_events.trade_lite,
    "listenKeyExpired": user_events.listen_key_expired,
}


class Row(NamedTuple):
    """One thing that the venue offers."""

    surface: str
    name: str
    depth: str


def _depth(name: str, run: Any) -> str:
    if name in STATIC_ROUTES:
        return STATIC
    if name in OWN_ROUTES:
        return OWN
    return DEPTHS.get(run.__module__.rpartition(".")[2], ENGINE)


def rows() -> Iterator[Row]:
    """Yield everything: REST, WebSocket API of each product, market streams, events."""
    for name in sorted(ROUTES, key=lambda one: one.split()[::-1]):
        yield Row("rest", name, _depth(name, ROUTES[name].run))
    for product in PRODUCTS:
        surface = product.websocket_path.strip("/").partition("/")[0]
        for name, operation in sorted(product.methods.items()):
            yield Row(surface, name, _depth(name, operation.run))
        for name in SESSION if product.methods else ():
            yield Row(surface, name, OWN)
    catalogue = Hub(MarketData(Engine(SystemClock(), []))).catalogue
    for pattern, sample in STREAMS.items():
        if catalogue.stream(sample) is not None:
            yield Row("stream", pattern, OWN if pattern in OWN_STREAMS else ENGINE)
    for name, maker in EVENTS.items():
        yield Row("event", name, NOT_SENT if maker is None else ENGINE)


def text() -> str:
    """Return the table as lines for people."""
    found = list(rows())
    widths = [max(len(row[column]) for row in found) for column in (0, 1)]
    lines = [f"{row.surface:{widths[0]}}  {row.name:{widths[1]}}  {row.depth}" for row in found]
    counts = ", ".join(
        f"{sum(row.depth == depth for row in found)} {depth}" for depth in (ENGINE, OWN, STATIC, NOT_SENT)
    )
    return "\n".join([*lines, "", f"{len(found)} in all: {counts}.", ""])

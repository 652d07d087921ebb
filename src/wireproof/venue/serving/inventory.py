"""What the venue offers and how deep each thing is modelled, read from the tables that it serves from.

| depth | meaning |
|---|---|
| engine | comes out of the matching engine, its markets and its accounts |
| own model | a small model beside the engine: it has state and keeps to the rules, but nothing else follows from it |
| static | the same answer every time |
| not sent | an event that nothing in the API can trigger |
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.venue.products.registry import PRODUCTS, ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGINE, OWN, STATIC, NOT_SENT = "engine", "own model", "static", "not sent"
# By module of the function that answers; what is not named here is the engine's.
DEPTHS = {"service_routes": OWN, "convert_routes": OWN, "market_statistics": OWN}
SESSION = ("v1/session.logon", "v1/session.status", "v1/session.logout")
STATIC_ROUTES = frozenset().union(*(product.static for product in PRODUCTS))
MODELLED = frozenset().union(*(product.modelled for product in PRODUCTS))


class Row(NamedTuple):
    """One thing that the venue offers."""

    surface: str
    name: str
    depth: str


def _depth(name: str, run: Any) -> str:
    if name in STATIC_ROUTES:
        return STATIC
    if name in MODELLED:
        return OWN
    return DEPTHS.get(run.__module__.rpartition(".")[2], ENGINE)


#: Events of user data, and names of streams that stand for all of their kind.
EVENTS = frozenset(name for product in PRODUCTS for name, is_sent in product.events.items() if is_sent)
STREAM_NAMES = frozenset(name for product in PRODUCTS for name in product.streams.values())


@cache
def fault_names() -> frozenset[str]:
    """Return what a fault may name, over REST and the WebSocket API with and without version, and of user data.

    Streams of other symbols than in `STREAM_NAMES` are known to the engines.
    """
    methods = {name for product in PRODUCTS if product.methods for name in (*product.methods, *SESSION)}
    return frozenset({*ROUTES, *methods, *(name.removeprefix("v1/") for name in methods), *EVENTS})


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
    for pattern in {pattern: None for product in PRODUCTS for pattern in product.streams}:
        yield Row("stream", pattern, OWN if pattern in MODELLED else ENGINE)
    for name in sorted({name for product in PRODUCTS for name in product.events}):
        yield Row("event", name, ENGINE if name in EVENTS else NOT_SENT)


def text() -> str:
    """Return the table as lines for people."""
    found = list(rows())
    widths = [max(len(row[column]) for row in found) for column in (0, 1)]
    lines = [f"{row.surface:{widths[0]}}  {row.name:{widths[1]}}  {row.depth}" for row in found]
    counts = ", ".join(
        f"{sum(row.depth == depth for row in found)} {depth}" for depth in (ENGINE, OWN, STATIC, NOT_SENT)
    )
    return "\n".join([*lines, "", f"{len(found)} in all: {counts}.", ""])

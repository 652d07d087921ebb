"""REST: ping and time, and what an order book weighs.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api and its COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.products.futures import operations as ops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.base.params import Params

Json = dict[str, Any]
_NONE = CallSecurity.NONE


def ping(_call: Call) -> Json:
    """Return nothing."""
    return {}


def time(call: Call) -> Json:
    """Return the venue's time."""
    return {"serverTime": call.engine.clock.now_ms()}


def depth_weight(params: Params) -> int:
    """Return the weight of an order book over REST (docs/exchange.md#weights)."""
    return ops.depth_weight(params) if "limit" in params else 1


def server_routes(root: str) -> Iterator[Operation]:
    """Yield what says that the host is there, and its time."""
    yield route("GET", f"{root}/ping", _NONE, ping, 1)
    yield route("GET", f"{root}/time", _NONE, time, 1)


def routes(root: str) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`."""
    yield from server_routes(f"{root}/v1")

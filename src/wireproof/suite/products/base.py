"""What a product must offer so that wireproof can run its cases. Each has its module, and a line in `registry`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.contract.model import Contract


@dataclass(frozen=True, slots=True)
class ProductDriver:
    """What wireproof must know of a product to run its cases.

    Args:
        product: Its name, that of its folder of contracts.
        root: What its paths begin with, such as `/fapi/v1`.
        limit_pool: Products of the same pool share their rate limits (docs/exchange.md#shared-limits).
        positions: The request that lists an account's positions.
        positions_of_symbol: Whether that request takes a symbol.
        margin: The margin that is added to an isolated position, in its margin asset.
        modes: By mode of the account (`hedge`, `multi_assets`): the path and the parameter that set it.
        algo_orders: Whether conditional orders have requests of their own.
        over_rest: By method of the WebSocket API: the REST request that does the same.
        over_ws: By REST request: the method of the WebSocket API that does the same.
        ws_api: Whether there is a WebSocket API; without one all is asked over REST, as `over_rest` says.

    """

    product: str
    root: str
    limit_pool: str
    positions: str
    positions_of_symbol: bool
    margin: str
    modes: Mapping[str, tuple[str, str]]
    algo_orders: bool
    over_rest: Mapping[str, str]
    over_ws: Mapping[str, str]
    ws_api: bool = True

    def path(self, name: str) -> str:
        """Return the path of a request below the product's root, such as `/fapi/v1/openOrders`."""
        return f"{self.root}/{name}"


#: What both futures products can ask over REST as well; below their root.
ORDERS_OVER_REST = {
    "order.status": "GET order",
    "order.cancel": "DELETE order",
    "userDataStream.start": "POST listenKey",
    "userDataStream.ping": "PUT listenKey",
    "userDataStream.stop": "DELETE listenKey",
}


def below(root: str, named: Mapping[str, str]) -> dict[str, str]:
    """Return requests with their paths below a root: `GET order` becomes `GET /fapi/v1/order`."""
    return {method: request.replace(" ", f" {root}/", 1) for method, request in named.items()}


#: "No need to change": what was to be restored is so already.
UNCHANGED = frozenset({-4046, -4059, -4171})

#: Requests that end an order, an algo order or a listen key: what they ended need not be undone.
_ENDING = {
    "order": frozenset({"order.cancel", "order", "allOpenOrders", "batchOrders"}),
    "algo_order": frozenset({"algoOrder.cancel", "algoOrder", "algoOpenOrders"}),
    "listen_key": frozenset({"userDataStream.stop", "listenKey"}),
}


def ends(contract: Contract, what: str) -> bool:
    """Whether the contract's request, when it succeeds, ends such a thing."""
    request = contract.request
    if request is None:
        return False
    if not request.path:
        return request.method in _ENDING[what]
    return request.method == "DELETE" and request.path.rpartition("/")[2] in _ENDING[what]


def starts_listen_key(contract: Contract) -> bool:
    """Whether the contract's request starts a listen key."""
    request = contract.request
    if request is None:
        return False
    return request.method == "userDataStream.start" or (
        request.method == "POST" and request.path.endswith("/listenKey")
    )

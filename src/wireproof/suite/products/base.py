"""What the housekeeping of a run must know of a product: where its requests live, and which state it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.contract.model import Contract


@dataclass(frozen=True, slots=True)
class Terms:
    """One product's own words. `root` begins its paths, `positions` is the request that lists an account's positions.

    https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
    https://developers.binance.com/docs/derivatives/coin-margined-futures/general-info
    """

    product: str
    root: str
    positions: str
    modes: Mapping[str, tuple[str, str]]
    algo_orders: bool  # whether conditional orders have requests of their own
    over_rest: Mapping[str, str]  # by method of the WebSocket API: the REST request that does and tells the same
    over_ws: Mapping[str, str]  # by REST request: the method of the WebSocket API

    def path(self, name: str) -> str:
        """Return the path of a request below the product's root, such as `/fapi/v1/openOrders`."""
        return f"{self.root}/{name}"


#: What both products can ask over REST as well; below their root.
_ORDERS_OVER_REST = {
    "order.status": "GET order",
    "order.cancel": "DELETE order",
    "userDataStream.start": "POST listenKey",
    "userDataStream.ping": "PUT listenKey",
    "userDataStream.stop": "DELETE listenKey",
}


def _below(root: str, named: Mapping[str, str]) -> dict[str, str]:
    return {method: request.replace(" ", f" {root}/", 1) for method, request in named.items()}


#: Position mode is one setting for both products; COIN-M has no multi-assets mode.
#: https://developers.binance.com/docs/derivatives/coin-margined-futures/Important-CM-UM-Integration-Notice
TERMS = {
    "usdm": Terms(
        product="usdm",
        root="/fapi/v1",
        positions="v2/account.position",
        modes={
            "hedge": ("/fapi/v1/positionSide/dual", "dualSidePosition"),
            "multi_assets": ("/fapi/v1/multiAssetsMargin", "multiAssetsMargin"),
        },
        algo_orders=True,
        over_rest={
            **_below("/fapi/v1", {**_ORDERS_OVER_REST, "algoOrder.cancel": "DELETE algoOrder"}),
            "account.position": "GET /fapi/v2/positionRisk",
            "v2/account.position": "GET /fapi/v3/positionRisk",
            "account.balance": "GET /fapi/v2/balance",
        },
        over_ws={
            "GET /fapi/v1/ticker/bookTicker": "ticker.book",
            "GET /fapi/v1/ticker/price": "ticker.price",
            "GET /fapi/v1/order": "order.status",
        },
    ),
    "coinm": Terms(
        product="coinm",
        root="/dapi/v1",
        positions="account.position",
        modes={"hedge": ("/dapi/v1/positionSide/dual", "dualSidePosition")},
        algo_orders=False,
        over_rest={
            **_below("/dapi/v1", _ORDERS_OVER_REST),
            "account.position": "GET /dapi/v1/positionRisk",
            "account.balance": "GET /dapi/v1/balance",
        },
        over_ws={"GET /dapi/v1/order": "order.status"},
    ),
}

#: "No need to change": what was to be set back is so already.
UNCHANGED = frozenset({-4046, -4059, -4171})

#: Requests that end an order, an algo order or a listen key: what they ended need not be taken back.
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

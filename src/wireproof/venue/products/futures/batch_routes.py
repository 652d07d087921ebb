"""REST: several orders at once. The answer is 200 with one element per order: the order, or `{code, msg}`.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Place-Multiple-Orders
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.batches import answers, as_text, json_list, json_objects
from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal, missing, neither
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.futures import trade_routes

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
MOST_PLACED, MOST_CANCELLED = 5, 10

_SIGNED = CallSecurity.SIGNED


def _orders(call: Call) -> list[Params]:
    elements = json_objects(call.params, "batchOrders")
    if not 1 <= len(elements) <= MOST_PLACED:
        raise Refusal(-4082, f"Invalid number of batch place orders: {len(elements)}")
    return elements


def place(call: Call) -> list[Json]:
    """Place up to five orders."""
    return answers(call, _orders(call), ops.ORDER_NEEDS, ops.place_order)


def modify(call: Call) -> list[Json]:
    """Modify up to five orders."""
    return answers(call, _orders(call), ("symbol", "side", "quantity", "price"), trade_routes.modify_order)


def cancel(call: Call) -> list[Json]:
    """Cancel up to ten orders of a symbol, by their ids or by their client ids.

    The lists are known in lower case, too: docs/exchange.md#cancelled-batches.
    """
    symbol = call.market().symbol.name
    for documented, one in (("orderIdList", "orderId"), ("origClientOrderIdList", "origClientOrderId")):
        name = documented if documented in call.params else documented.lower()
        if name not in call.params:
            continue
        found = json_list(call.params, name)
        if not found:
            raise missing(name)
        if len(found) > MOST_CANCELLED:
            raise Refusal(-4032, "Exceed maximum cancel order size.")
        elements = [Params({"symbol": symbol, one: as_text(value)}) for value in found]
        return answers(call, elements, ("symbol",), ops.cancel_order)
    raise neither("orderIdList", "origClientOrderIdList")


def routes(root: str) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`."""
    yield route("POST", f"{root}/v1/batchOrders", _SIGNED, place, 5, "batchOrders", orders=5)
    yield route("PUT", f"{root}/v1/batchOrders", _SIGNED, modify, 5, "batchOrders", orders=5)
    yield route("DELETE", f"{root}/v1/batchOrders", _SIGNED, cancel, 1, "symbol")

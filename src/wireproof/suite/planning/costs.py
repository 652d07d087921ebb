"""What requests cost: the documented weight, and how many orders they count as."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wireproof.contract.model import Request
from wireproof.wire.limits import FREE, Cost, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.contract.model import Contract, Product

#: What a request is taken to cost whose contract is not in the store.
UNKNOWN_COST = Cost(weight=5)
#: Cost of a request that is documented as free.
LEAST_COST = Cost(weight=1)


def cost_of(contract: Contract, params: Mapping[str, Any]) -> Cost:
    """Return what a request of this contract costs with these parameters: as documented, but never nothing.

    What is documented with a weight of 0 has a limit of its own that no header shows (docs/exchange.md#free-requests).
    Counted as 1, such requests are paced with all others.
    """
    request = contract.of(Request)
    weight = request.weight
    cost = Cost(
        weight=weight.of(dict(params)),
        orders_10s=weight.orders_10s,
        orders_1m=weight.orders_1m,
        uid_weight=weight.uid,
        contract=contract.id,
    )
    return cost if cost != FREE else replace(LEAST_COST, contract=contract.id, is_free=True)


def is_free(contract: Contract) -> bool:
    """Whether a request is documented as free, whatever its parameters."""
    weight = contract.of(Request).weight
    return not any((weight.ip, weight.uid, weight.orders_10s, weight.orders_1m, *(rule.ip for rule in weight.rules)))


def limits_of(products: Iterable[Product], target: str) -> Limits:
    """Return the limits that products with one pool share: of each kind the lowest that any documents for the target.

    A pool for which no weight is documented has the futures hosts' 2,400 a minute; other limits it has none.
    """
    lowest: dict[tuple[str, str, int], int] = {}
    for product in products:
        of_target: dict[tuple[str, str, int], int] = {  # a number for this target comes after that for every target
            (limit.type, limit.interval, limit.interval_num): limit.limit
            for limit in sorted(product.limits, key=lambda limit: bool(limit.target))
            if limit.target in ("", target)
        }
        lowest = of_target | {kind: min(number, of_target.get(kind, number)) for kind, number in lowest.items()}
    return Limits(
        weight_1m=lowest.get(("REQUEST_WEIGHT", "MINUTE", 1), Limits().weight_1m),
        orders_10s=lowest.get(("ORDERS", "SECOND", 10), 0),
        orders_1m=lowest.get(("ORDERS", "MINUTE", 1), 0),
        uid_weight_1m=lowest.get(("UID_WEIGHT", "MINUTE", 1), 0),
    )


class Costs:
    """Documented costs of the requests that the suite sends on its own account."""

    def __init__(self, contracts: Mapping[str, Contract], product: Product) -> None:
        self._by_subject = {
            contract.name: contract
            for contract in contracts.values()
            if isinstance(contract.subject, Request) and contract.product == product.product
        }

    def ws(self, method: str, params: Mapping[str, Any]) -> Cost:
        """Return the cost of a WebSocket API request."""
        return self._of(method, params)

    def rest(self, verb: str, path: str, params: Mapping[str, Any] | None = None) -> Cost:
        """Return the cost of a REST request."""
        return self._of(f"{verb} {path}", params or {})

    def of_request(self, request: str) -> Cost:
        """Return the cost of a request without parameters, a method or verb and path."""
        return self._of(request, {})

    def _of(self, subject: str, params: Mapping[str, Any]) -> Cost:
        contract = self._by_subject.get(subject)
        return cost_of(contract, params) if contract is not None else UNKNOWN_COST

"""One row of a route table per REST request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, constant_weight

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.params import Params


def route(
    verb: str,
    path: str,
    security: CallSecurity,
    run: Callable[[Call], Any],
    weight: int | Callable[[Params], int],
    *mandatory: str,
    orders: int = 0,
    by_account: bool = False,
) -> Operation:
    """Return the row of a request; `weight` is a number or depends on the parameters."""
    weigh = constant_weight(weight) if isinstance(weight, int) else weight
    return Operation(f"{verb} {path}", security, run, weigh, mandatory, orders, by_account)

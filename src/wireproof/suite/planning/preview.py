"""What a run would send, in order, and how long it takes at least; nothing is sent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import structs

from wireproof.counts import counted
from wireproof.suite.planning.cases import WatchedCase, by_product
from wireproof.suite.planning.costs import Costs, cost_of, limits_of
from wireproof.suite.products.registry import by_pool, driver_of
from wireproof.suite.vocabulary.causes import cause_kind
from wireproof.suite.vocabulary.needs import requests_for
from wireproof.wire.limits import Cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wireproof.contract.model import Product
    from wireproof.contract.store import Store
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.products.base import ProductDriver

#: How often leftovers are looked for in a run: before its cases, and after them.
LOOKS = 2

#: Requests of a run before its first case that wait for each other: clock, then symbols and leftovers.
PRELUDE = 2


def plan_lines(store: Store, cases: Sequence[PlannedCase], *, target: str) -> Iterator[str]:
    """Yield the plan as lines: one per case, then the totals of each product, and of those that share a limit pool."""
    if target != "local":  # only the local venue can carry out what causes stream messages
        cases = [_just_watched(case) for case in cases]
    spent: dict[str, Cost] = {}
    grouped = by_product(cases)
    for name, of_product in grouped.items():
        product = store.products[name]
        costs = Costs(store.contracts, product)
        yield f"{product.title} on {target}"
        total = Cost()
        for case in sorted(of_product, key=_order):
            total = _plus(total, [state_cost := _state_cost(case, costs), own := _own_cost(case, costs)])
            yield (
                f"  {case.id:64} {case.contract.name:24} weight {own.weight:>3} + {state_cost.weight:>2} for its"
                f" state, {counted(_requests_of(case), 'request'):>11}  [{', '.join(case.marks)}]"
            )
        total = _plus(total, [_housekeeping(of_product, costs, driver_of(name))])
        spent[name] = total
        yield from _totals([product], of_product, total, target)
    for pool, names in by_pool(grouped).items():
        if len(names) > 1:
            yield f"Together, as {' and '.join(names)} share the limit pool {pool}"
            products = [store.products[name] for name in names]
            sharing = [case for name in names for case in grouped[name]]
            yield from _totals(products, sharing, _plus(Cost(), [spent[name] for name in names]), target)
    if not grouped:
        yield "Nothing to send: no case fits the selection."


def left_out_lines(excluded: Mapping[str, str]) -> Iterator[str]:
    """Yield how many cases a run leaves out for each reason, given reasons by case."""
    for reason, number in sorted(Counter(excluded.values()).items(), key=lambda item: (-item[1], item[0])):
        yield f"Left out: {counted(number, 'case')}: {reason}"


def _just_watched(case: PlannedCase) -> PlannedCase:
    if not isinstance(case, WatchedCase) or case.kind != "stream":
        return case
    return structs.replace(case, watch=structs.replace(case.watch, cause=""))


def _state_of(case: PlannedCase) -> tuple[str, ...]:
    """Return the requests that preparing and undoing a case's state sends; subscribing to a stream is none."""
    if isinstance(case, WatchedCase) and case.kind == "stream":
        return requests_for(cause_kind(case.watch.cause).stream_needs or ())
    return requests_for(case.needs)


def _order(case: PlannedCase) -> tuple[bool, int]:
    """Return the key that sorts cases as the conductor starts them."""
    return case.account_wide or case.scripted, -len(_state_of(case))


def _own_cost(case: PlannedCase, costs: Costs) -> Cost:
    """Return the cost of the case's request, or of what causes its event; a stream costs nothing."""
    if not isinstance(case, WatchedCase):
        return cost_of(case.contract, case.params)
    return _plus(Cost(), [_cost_of(case, costs, operation) for operation in cause_kind(case.watch.cause).requests])


def _requests_of(case: PlannedCase) -> int:
    """Return how many requests a case sends, its state included."""
    own = len(cause_kind(case.watch.cause).requests) if isinstance(case, WatchedCase) else 1
    return own + len(_state_of(case))


def _state_cost(case: PlannedCase, costs: Costs) -> Cost:
    return _plus(Cost(), [_cost_of(case, costs, operation) for operation in _state_of(case)])


def _cost_of(case: PlannedCase, costs: Costs, operation: str) -> Cost:
    """Return the cost of an operation of a case's state, or of what causes its event."""
    driver = driver_of(case.contract.product)
    book = driver.book_of(case.contract.name, case.needs) if driver.books else None
    return costs.of_request(driver.request_for(operation, book))


def _housekeeping(cases: Iterable[PlannedCase], costs: Costs, driver: ProductDriver) -> Cost:
    """Return what preflight, prices, and looking for leftovers cost."""
    requests = []
    if any(case.private for case in cases):
        requests = [kind.listed for book in driver.books for kind in book.kinds] * LOOKS
        requests += [book.positions.held for book in driver.books if book.positions is not None]
        requests += [f"GET {path}" for path, _ in driver.modes.values()]
        requests += [driver.listen_key.extend] if driver.listen_key is not None else []
    return Cost(weight=7 + sum(costs.of_request(request).weight for request in requests))


def _plus(total: Cost, more: Iterable[Cost]) -> Cost:
    return sum(more, start=total)


def _totals(products: Sequence[Product], cases: Sequence[PlannedCase], total: Cost, target: str) -> Iterator[str]:
    limits = limits_of(products, target)
    requests = sum(_requests_of(case) for case in cases)
    chain = PRELUDE + max(_requests_of(case) for case in cases)
    sent = f"{counted(len(cases), 'case')}, {counted(requests, 'request')}, total weight {total.weight}"
    yield f"  {sent}, {counted(total.orders_1m, 'order')} at most"
    minutes = _per_minute(total.weight, limits.weight_1m)
    yield f"  weight per minute: {', '.join(map(str, minutes))} of {limits.weight_1m}"
    by_weight = max(len(minutes), len(_per_minute(total.uid_weight, limits.uid_weight_1m))) * 60 - 60
    if limits.uid_weight_1m:
        yield f"  weight of the account per minute: {total.uid_weight} of {limits.uid_weight_1m}"
    by_orders = max(_waits(total.orders_10s, limits.orders_10s) * 10, _waits(total.orders_1m, limits.orders_1m) * 60)
    yield (
        f"  shortest possible duration: {max(by_weight, by_orders)} s of waiting for limits,"
        f" plus a chain of {counted(chain, 'request')} that wait for each other"
    )
    streams = [case for case in cases if isinstance(case, WatchedCase) and case.kind == "stream"]
    if streams:
        longest = max(case.watch.seconds for case in streams)
        watched = "1 case of streams is" if len(streams) == 1 else f"{len(streams):,} cases of streams are"
        yield f"  {watched} watched meanwhile, each for {longest:g} s at most"


def _per_minute(total: int, limit: int) -> list[int]:
    """Return what is spent in each minute when every minute is used up to the limit; 0 for no limit."""
    return [min(limit, total - start) for start in range(0, max(total, 1), limit)] if limit else [total]


def _waits(count: int, limit: int) -> int:
    return max(0, -(-count // limit) - 1) if limit else 0

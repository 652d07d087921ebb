"""What a run would send, in order, and how long it takes at least; nothing is sent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct, structs

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


class PlannedCost(Struct, frozen=True, kw_only=True):
    """A case of a plan: what it sends, its state included, and what that weighs."""

    id: str
    contract: str
    name: str  # the documented name: method, verb and path, stream or event
    title: str
    kind: str
    marks: tuple[str, ...]
    weight: int
    state_weight: int
    requests: int


class Totals(Struct, frozen=True, kw_only=True):
    """What the cases of a product cost together, or of several that share a pool of limits; 0 for no limit.

    `waits` is how many seconds a run waits for limits at least, `chain` how many requests wait for each other.
    """

    cases: int
    requests: int
    weight: int
    orders: int  # at most
    weight_per_minute: list[int]
    weight_limit: int
    account_weight: int
    account_weight_limit: int
    waits: int
    chain: int
    streams: int  # cases that are watched meanwhile
    watched_seconds: float  # each at most


class PlannedProduct(Struct, frozen=True, kw_only=True):
    """The cases of a product, in the order of the plan."""

    product: str
    title: str
    cases: list[PlannedCost]
    totals: Totals


class SharedLimits(Struct, frozen=True, kw_only=True):
    """Products of a plan that share a pool of limits."""

    pool: str
    products: list[str]
    totals: Totals


class Preview(Struct, frozen=True, kw_only=True):
    """What a run would send to a target; `left_out` counts what it would not, by reason."""

    target: str
    products: list[PlannedProduct]
    shared: list[SharedLimits]
    left_out: dict[str, int]


def preview(
    store: Store,
    cases: Sequence[PlannedCase],
    *,
    target: str,
    by_cost: bool = False,
    excluded: Mapping[str, str] | None = None,
) -> Preview:
    """Return the plan of a run, its cases as a run starts them or the dearest first.

    `excluded` has the reason of each case that the run leaves out, by id.
    """
    if target != "local":  # only the local venue can carry out what causes stream messages
        cases = [_just_watched(case) for case in cases]
    spent: dict[str, Cost] = {}
    grouped = by_product(cases)
    products = []
    for name, of_product in grouped.items():
        product = store.products[name]
        costs = Costs(store.contracts, product)
        total = Cost()
        rows = []
        for case in sorted(of_product, key=_order):
            total = _plus(total, [state_cost := _state_cost(case, costs), own := _own_cost(case, costs)])
            rows.append(
                PlannedCost(
                    id=case.id,
                    contract=case.contract.id,
                    name=case.contract.name,
                    title=case.title,
                    kind=case.kind,
                    marks=case.marks,
                    weight=own.weight,
                    state_weight=state_cost.weight,
                    requests=_requests_of(case),
                )
            )
        if by_cost:
            rows.sort(key=lambda row: (-row.weight - row.state_weight, -row.requests))
        spent[name] = total = _plus(total, [_housekeeping(of_product, costs, driver_of(name))])
        totals = _totals([product], of_product, total, target)
        products.append(PlannedProduct(product=name, title=product.title, cases=rows, totals=totals))
    shared = []
    for pool, names in by_pool(grouped).items():
        if len(names) > 1:
            sharing = [case for name in names for case in grouped[name]]
            total = _plus(Cost(), [spent[name] for name in names])
            totals = _totals([store.products[name] for name in names], sharing, total, target)
            shared.append(SharedLimits(pool=pool, products=list(names), totals=totals))
    reasons = Counter((excluded or {}).values())
    left_out = dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))
    return Preview(target=target, products=products, shared=shared, left_out=left_out)


def plan_lines(plan: Preview) -> Iterator[str]:
    """Yield a plan as lines: one per case, then the totals of each product, and of those that share a limit pool."""
    for product in plan.products:
        yield f"{product.title} on {plan.target}"
        for case in product.cases:
            yield (
                f"  {case.id:64} {case.name:24} weight {case.weight:>3} + {case.state_weight:>2} for its"
                f" state, {counted(case.requests, 'request'):>11}  [{', '.join(case.marks)}]"
            )
        yield from _total_lines(product.totals)
    for one in plan.shared:
        yield f"Together, as {' and '.join(one.products)} share the limit pool {one.pool}"
        yield from _total_lines(one.totals)
    if not plan.products:
        yield "Nothing to send: no case fits the selection."
    for reason, number in plan.left_out.items():
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


def _totals(products: Sequence[Product], cases: Sequence[PlannedCase], total: Cost, target: str) -> Totals:
    limits = limits_of(products, target)
    minutes = _per_minute(total.weight, limits.weight_1m)
    by_weight = max(len(minutes), len(_per_minute(total.uid_weight, limits.uid_weight_1m))) * 60 - 60
    by_orders = max(_waits(total.orders_10s, limits.orders_10s) * 10, _waits(total.orders_1m, limits.orders_1m) * 60)
    streams = [case for case in cases if isinstance(case, WatchedCase) and case.kind == "stream"]
    return Totals(
        cases=len(cases),
        requests=sum(_requests_of(case) for case in cases),
        weight=total.weight,
        orders=total.orders_1m,
        weight_per_minute=minutes,
        weight_limit=limits.weight_1m,
        account_weight=total.uid_weight,
        account_weight_limit=limits.uid_weight_1m,
        waits=max(by_weight, by_orders),
        chain=PRELUDE + max(_requests_of(case) for case in cases),
        streams=len(streams),
        watched_seconds=max((case.watch.seconds for case in streams), default=0),
    )


def _total_lines(totals: Totals) -> Iterator[str]:
    sent = f"{counted(totals.cases, 'case')}, {counted(totals.requests, 'request')}, total weight {totals.weight}"
    yield f"  {sent}, {counted(totals.orders, 'order')} at most"
    yield f"  weight per minute: {', '.join(map(str, totals.weight_per_minute))} of {totals.weight_limit}"
    if totals.account_weight_limit:
        yield f"  weight of the account per minute: {totals.account_weight} of {totals.account_weight_limit}"
    yield (
        f"  shortest possible duration: {totals.waits} s of waiting for limits,"
        f" plus a chain of {counted(totals.chain, 'request')} that wait for each other"
    )
    if totals.streams:
        watched = "1 case of streams is" if totals.streams == 1 else f"{totals.streams:,} cases of streams are"
        yield f"  {watched} watched meanwhile, each for {totals.watched_seconds:g} s at most"


def _per_minute(total: int, limit: int) -> list[int]:
    """Return what is spent in each minute when every minute is used up to the limit; 0 for no limit."""
    return [min(limit, total - start) for start in range(0, max(total, 1), limit)] if limit else [total]


def _waits(count: int, limit: int) -> int:
    return max(0, -(-count // limit) - 1) if limit else 0

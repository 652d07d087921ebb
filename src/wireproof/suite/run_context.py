"""What all parts of a run share: contracts, target, judge, journal, clock, rate limits, and the results so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.suite.judging.error_verdicts import failure_of
from wireproof.suite.judging.run_state import RunState
from wireproof.suite.planning.cases import by_product
from wireproof.suite.planning.costs import limits_of
from wireproof.suite.products.registry import pool_of, sources_of
from wireproof.wire.clock import ServerClock
from wireproof.wire.delay import MachineDelay
from wireproof.wire.limits import RateLimiter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.model import Product
    from wireproof.contract.store import Store
    from wireproof.suite.judging.error_verdicts import Failure
    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.judging.repetition import Confirming
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.state.journal import Journal
    from wireproof.suite.target import Target

#: How long a case waits whether its answer comes twice; the cases wait together.
SECOND_ANSWER_SECONDS = 0.2

#: How long a request may still be on its way: the exchange's default window of 5 s, and one to spare.
SECOND_LOOK_SECONDS = 6.0


class RunContext:
    """The surroundings of a run, one object for all of its parts.

    Args:
        cases: What is run.
        store: The contracts.
        target: What is asked.
        judge: Compares answers with contracts.
        journal: Where changes of an account are written down before they are made.
        run: Id of the run; its last six characters mark what it creates on the target.
        second_answer_seconds: How long to wait for a second answer to one request.
        second_look_seconds: How long to wait before an order is looked up a second time.
        confirming: Which results are confirmed before they are known; None: none.
    """

    def __init__(
        self,
        cases: Sequence[PlannedCase],
        *,
        store: Store,
        target: Target,
        judge: Judge,
        journal: Journal,
        run: str,
        second_answer_seconds: float = SECOND_ANSWER_SECONDS,
        second_look_seconds: float = SECOND_LOOK_SECONDS,
        confirming: Confirming | None = None,
    ) -> None:
        self.store, self.target, self.judge, self.journal, self.run_id = store, target, judge, journal, run
        self.second_answer_seconds, self.second_look_seconds = second_answer_seconds, second_look_seconds
        self.state = RunState(cases, confirming, target.redactor)
        self.by_product = by_product(cases)
        self.clock = ServerClock()
        self.delay = MachineDelay()
        self.limiters = self._new_limiters()

    def failure_of(self, error: BaseException, *, excuse: str = "") -> Failure:
        """Return what an error makes of the cases that it ended; see `error_verdicts`."""
        target = self.target
        return failure_of(error, target.redactor, target=target.name, is_venue=target.is_venue, excuse=excuse)

    def limiter_of(self, product: str) -> RateLimiter:
        """Return the limiter of a product, which it shares with the products of the same pool."""
        return self.limiters[pool_of(product)]

    def _new_limiters(self) -> dict[str, RateLimiter]:
        """Return a limiter for each pool of limits that the run draws on, those of other products' hosts as well."""
        pools: dict[str, list[Product]] = {}
        for name in {*self.by_product, *sources_of(self.by_product)} & self.store.products.keys():
            pools.setdefault(pool_of(name), []).append(self.store.products[name])
        return {
            pool: RateLimiter(self.clock.now_ms, limits_of(products, self.target.name))
            for pool, products in pools.items()
        }

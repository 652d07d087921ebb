"""The conductor: runs the selected cases at once, as far as state and rate limits allow.

Products run one after the other, because they share accounts, position mode and rate limits; the cases of a product
run concurrently (see `stage`). What would make the run fail is exercised again before it is said (see `confirm`).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError, WireproofError
from wireproof.suite.judging.confirm import confirm
from wireproof.suite.judging.run_state import RunState
from wireproof.suite.planning.cases import WatchedCase
from wireproof.suite.running.fate import SECOND_LOOK_SECONDS
from wireproof.suite.running.product_run import Stage
from wireproof.suite.streams.product_streams import watch_product, watched_beside, watching
from wireproof.wire.clock import ServerClock
from wireproof.wire.delay import MachineDelay
from wireproof.wire.failures import BlockKind, TargetBlockedError, WireError
from wireproof.wire.limits import RateLimiter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.store import Store
    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.judging.repetition import Confirming
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.state.journal import Journal
    from wireproof.suite.target import Target

CLOSING_SECONDS = 30.0

#: Refusals that concern this machine's IP, and so every product and every stream.
OF_THE_IP = frozenset({BlockKind.RATE_LIMITED, BlockKind.BANNED, BlockKind.REGION})

#: How long a case waits whether its answer comes twice; the cases wait together.
SECOND_ANSWER_SECONDS = 0.2


class Conductor(RunState):
    """Runs cases and holds their results."""

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
        super().__init__(cases, confirming, target.redactor)
        self.store, self.target, self.judge, self.journal, self.run_id = store, target, judge, journal, run
        self.second_answer_seconds, self.second_look_seconds = second_answer_seconds, second_look_seconds
        self.clock = ServerClock()
        self.delay = MachineDelay()
        self.limiter: RateLimiter | None = None
        self._task: asyncio.Task[None] | None = None
        self._watchers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to run; returns at once."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="conductor")

    async def close(self) -> None:
        """Wait for the run to end; a run that is not over is stopped, and its state is taken back first."""
        if self._task is None:
            return
        if self.done < len(self.cases):
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({self._task}, timeout=CLOSING_SECONDS)
        if not self._task.done():
            self.not_cleaned.append(f"the run did not end within {CLOSING_SECONDS:g} s; check the account's orders")
        elif not self._task.cancelled() and (error := self._task.exception()) is not None:
            raise error

    async def _run(self) -> None:
        by_product: dict[str, list[PlannedCase]] = {}
        for case in sorted(self.cases, key=lambda case: case.contract.product != "usdm"):
            by_product.setdefault(case.contract.product, []).append(case)
        try:
            self.limiter = self._new_limiter(next(iter(by_product)))
            async with self.delay, watching(self, by_product) as self._watchers:
                for product, cases in by_product.items():
                    if sent := [case for case in cases if not watched_beside(case, self.target)]:
                        await self._run_product(product, sent)
            for product, cases in by_product.items():
                await self._confirm_streams(product, cases)
        except TargetBlockedError as error:
            self.block(error.host, error.reason, error.advice, self.cases)
            self.settle_rest(Verdict.BLOCKED, error.reason)
        except asyncio.CancelledError:
            self.settle_rest(Verdict.BLOCKED, "the run was stopped before this case was over")
            raise
        except Exception as error:
            self.settle_rest(Verdict.BROKEN, f"{type(error).__name__}: {self.target.redactor.text(str(error))}")
            raise
        finally:
            self.settle_rest(Verdict.BROKEN, "the run ended before this case was over")

    async def at_rest(self) -> None:
        """Wait until no market stream is watched any more."""
        if self._watchers:
            await asyncio.wait(self._watchers)

    async def _confirm_streams(self, product: str, cases: list[PlannedCase]) -> None:
        """Watch the streams again that differed, when all else is over; all at once, for they only listen."""
        streams = [case for case in cases if isinstance(case, WatchedCase) and watched_beside(case, self.target)]
        of_id = {case.id: case for case in streams}
        assert self.limiter is not None
        await confirm(
            self,
            streams,
            lambda again: watch_product(self, product, [of_id[case.id] for case in again]),
            limiter=self.limiter,
            together=True,
        )

    async def _run_product(self, product: str, cases: list[PlannedCase]) -> None:
        """Run the cases of one product; that its hosts cannot be judged does not concern the others."""
        try:
            await Stage(self, product, cases).run()
        except TargetBlockedError as error:
            if error.kind in OF_THE_IP:
                raise
            self.block(error.host, error.reason, error.advice, cases)
            self.settle_rest(Verdict.BLOCKED, error.reason, cases)
        except (BlockedError, WireError) as error:
            words = self.target.redactor.text(str(error))
            self.block(self.target.name, words, "", cases)
            self.settle_rest(Verdict.BLOCKED, words, cases)
        except WireproofError as error:
            self.settle_rest(Verdict.BROKEN, str(error), cases)

    def _new_limiter(self, product: str) -> RateLimiter:
        """Return the limiter that all products share, as they share the limits of IP and account."""
        limits = {
            (limit.type, limit.interval_num, limit.interval): limit.limit
            for limit in sorted(self.store.products[product].limits, key=lambda limit: bool(limit.target))
            if limit.target in ("", self.target.name)
        }
        return RateLimiter(
            self.clock.now_ms,
            weight_1m=limits.get(("REQUEST_WEIGHT", 1, "MINUTE"), 2400),
            orders_10s=limits.get(("ORDERS", 10, "SECOND"), 300),
            orders_1m=limits.get(("ORDERS", 1, "MINUTE"), 1200),
        )

"""The conductor: runs the selected cases at once, as far as state and rate limits allow.

Products run one after the other, because they share accounts, position mode and rate limits; the cases of a product
run concurrently (see `product_run`). What would make the run fail is exercised again before it is said (see `confirm`).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.errors import WireproofError
from wireproof.suite.judging.confirm import confirm
from wireproof.suite.planning.cases import WatchedCase
from wireproof.suite.running.product_run import ProductRun
from wireproof.suite.streams.product_streams import watch_product, watched_beside
from wireproof.suite.tasks import all_ended, running_beside
from wireproof.wire.failures import BlockKind, TargetBlockedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.run_context import RunContext

CLOSING_SECONDS = 30.0

#: Refusals that concern this machine's IP, and so every product and every stream.
OF_THE_IP = frozenset({BlockKind.RATE_LIMITED, BlockKind.BANNED, BlockKind.REGION})


class Conductor:
    """Runs the cases of a run; their results are in its context."""

    def __init__(self, context: RunContext) -> None:
        self.context, self.state = context, context.state
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to run; returns at once."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="conductor")

    async def close(self) -> None:
        """Wait for the run to end; a run that is not over is stopped, and its state is undone first."""
        if self._task is None:
            return
        if self.state.done < len(self.state.cases):
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({self._task}, timeout=CLOSING_SECONDS)
        if not self._task.done():
            unfinished = f"the run did not end within {CLOSING_SECONDS:g} s; check the account's orders"
            self.state.not_cleaned.append(unfinished)
        elif not self._task.cancelled() and (error := self._task.exception()) is not None:
            raise error

    async def _run(self) -> None:
        state, streams_beside = self.state, list(self._streams())
        watches = [watch_product(self.context, product, cases) for product, cases in streams_beside]
        try:
            async with self.context.delay, running_beside(watches) as watching:
                for product, cases in self.context.by_product.items():
                    if sent := [case for case in cases if not watched_beside(case, self.context.target)]:
                        await self._run_product(product, sent, lambda: all_ended(watching))
            for _, streams in streams_beside:
                await self._confirm_streams(streams)
        except TargetBlockedError as error:
            failure = self.context.failure_of(error)
            state.record(failure, state.cases)
            state.settle_rest(failure.verdict, failure.reason)
        except (asyncio.CancelledError, Exception) as error:
            failure = self.context.failure_of(error)
            state.settle_rest(failure.verdict, failure.reason)
            raise
        finally:
            state.settle_rest(Verdict.BROKEN, "the run ended before this case was over")

    def _streams(self) -> Iterator[tuple[str, list[WatchedCase]]]:
        """Yield the market streams of each product that are watched while everything else runs."""
        for product, cases in self.context.by_product.items():
            beside = [case for case in cases if watched_beside(case, self.context.target)]
            if streams := [case for case in beside if isinstance(case, WatchedCase)]:
                yield product, streams

    async def _confirm_streams(self, streams: Sequence[WatchedCase]) -> None:
        """Watch the streams again that differed, when all else is over; all at once, for they only listen."""
        if not any(self.state.is_held(case) for case in streams):
            return
        of_id, product = {case.id: case for case in streams}, streams[0].contract.product
        await confirm(
            self.state,
            streams,
            lambda again: watch_product(self.context, product, [of_id[case.id] for case in again]),
            limiter=self.context.limiter_of(product),
            together=True,
        )

    async def _run_product(
        self, product: str, cases: list[PlannedCase], streams_over: Callable[[], Awaitable[None]]
    ) -> None:
        """Run the cases of one product; that its hosts cannot be judged does not concern the others."""
        try:
            await ProductRun(self.context, product, cases, streams_over).run()
        except WireproofError as error:
            if isinstance(error, TargetBlockedError) and error.kind in OF_THE_IP:
                raise
            failure = self.context.failure_of(error)
            if failure.verdict is Verdict.BLOCKED:
                self.state.block(failure.host or self.context.target.name, failure.reason, failure.advice, cases)
            self.state.settle_rest(failure.verdict, failure.reason, cases)

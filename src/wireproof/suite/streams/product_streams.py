"""Market streams beside the rest of a run: they need no account, so those of all products are watched all the while."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.contract.model import Surface
from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError, WireproofError
from wireproof.suite.planning.costs import Costs
from wireproof.suite.products.registry import driver_of
from wireproof.suite.stalls import LoopLateness
from wireproof.suite.state.account import Way, body_of, until_read
from wireproof.suite.state.sessions import market_of
from wireproof.suite.state.symbols import tradable
from wireproof.suite.streams.silence import Listening
from wireproof.suite.streams.watch import StreamWatch
from wireproof.suite.streams.witness import Witnesses
from wireproof.wire.failures import ConnectionLostError, NoAnswerError, TargetBlockedError
from wireproof.wire.rest import RestClient
from wireproof.wire.trouble import patiently
from wireproof.wire.venue_control import VenueControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wireproof.suite.planning.cases import PlannedCase, WatchedCase
    from wireproof.suite.run_context import RunContext
    from wireproof.suite.state.own_answers import Answer
    from wireproof.suite.state.symbols import SymbolRules
    from wireproof.suite.streams.watch import Trigger
    from wireproof.suite.target import Target

T = TypeVar("T")

#: Levels of the snapshot that joins a diff. depth stream, as documented.
SNAPSHOT_LEVELS = 1000


def watched_beside(case: PlannedCase, target: Target) -> bool:
    """Whether a case is a stream that is watched beside the others, which none is whose events the venue triggers."""
    return case.kind == "stream" and not (case.scripted and target.is_venue)


async def watch_product(
    context: RunContext,
    product: str,
    cases: Sequence[WatchedCase],
    *,
    trigger: Trigger | None = None,
    rules: Mapping[str, SymbolRules] | None = None,
) -> None:
    """Watch streams of one product; whatever goes wrong becomes their verdict. `rules` are asked for when not known."""
    try:
        await _watch_product(context, product, cases, trigger, rules)
    except Exception as error:  # noqa: BLE001  # the rest of the run goes on
        context.state.record(context.failure_of(error), cases)


async def _watch_product(
    context: RunContext,
    product: str,
    cases: Sequence[WatchedCase],
    trigger: Trigger | None,
    rules: Mapping[str, SymbolRules] | None,
) -> None:
    endpoints, book = context.target.endpoints_of(product), driver_of(product).book_of(cases[0].contract.name)
    costs = Costs(context.store.contracts, context.store.products[product])
    async with RestClient(
        endpoints.rest, limiter=context.limiter_of(product), clock=context.clock, redactor=context.target.redactor
    ) as rest:
        silent: set[str] = set()

        async def ask(request: str, params: Mapping[str, Any], read: Callable[[Answer], T]) -> T:
            verb, _, path = request.partition(" ")
            cost = costs.rest(verb, path, params)

            async def send() -> Answer:
                context.state.requests += 1
                reply = await patiently(
                    lambda: rest.request(verb, path, dict(params), cost=cost),
                    request,
                    health=rest.health,
                    repeatable=True,
                )
                return body_of(request, reply.status, reply.raw)

            return await until_read([Way(request, Surface.REST, send)], read, silent)

        def document(answer: Answer) -> Any:
            return answer.document

        async def ask_witness(name: str, params: Mapping[str, str]) -> Any:
            return await ask(f"GET {book.path(name)}", params, document)

        async def ask_depth(symbol: str) -> Any:
            # Nothing else of it joins a stream; what else is wrong with it, its own case says.
            last = await ask(
                f"GET {book.path('depth')}",
                {"symbol": symbol, "limit": SNAPSHOT_LEVELS},
                lambda answer: answer.integer("lastUpdateId"),
            )
            return {"lastUpdateId": last}

        try:
            if not rules:
                rules = await ask(book.symbols, {}, partial(tradable, book.fields))
            state = {"market": market_of(rules)}
        except TargetBlockedError as error:
            if not error.kind.may_pass:
                raise
            cases, state = _without_symbol(context, cases, error), {}
        except (BlockedError, NoAnswerError, ConnectionLostError) as error:
            cases, state = _without_symbol(context, cases, error), {}
        await StreamWatch(
            context.state,
            cases,
            root=endpoints.require("stream"),
            target=context.target,
            judge=context.judge,
            clock=context.clock,
            state=state,
            ask_depth=ask_depth,
            trigger=trigger,
            listening=Listening(
                witnesses=Witnesses(product, book.root, ask_witness, state.get("market", {})),
                record=VenueControl(endpoints.rest).streams if context.target.is_venue else None,
                delay=LoopLateness(context.delay, context.clock.local_ms),
            ),
        ).run()


def _without_symbol(context: RunContext, cases: Sequence[WatchedCase], error: WireproofError) -> list[WatchedCase]:
    """Block the streams of a symbol, for none is known; return the others."""
    dependent = [case for case in cases if "market" in case.needs]
    words = context.target.redactor.text(str(error)).rstrip(".")
    context.state.settle_rest(Verdict.BLOCKED, f"No symbol is known to watch: {words}.", dependent)
    return [case for case in cases if case not in dependent]

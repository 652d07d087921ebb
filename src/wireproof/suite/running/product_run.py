"""One product's part of a run: its connections, its accounts and their modes, and its cases.

Independent cases run concurrently over one connection. Cases that need the same state wait for each other (see
`leases`). Cases that change a mode of the whole account run after the others of that account, one mode at a time, and
the mode is set back after them; with several accounts each mode gets an account of its own.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from wireproof.contract.model import Surface
from wireproof.suite.events.event_frames import EventShapes
from wireproof.suite.events.event_reports import PrivateStreams
from wireproof.suite.events.venue_actions import trigger_market
from wireproof.suite.judging.aside import known_event_types
from wireproof.suite.judging.confirm import confirm
from wireproof.suite.judging.strays import AsideReports, report_unclaimed
from wireproof.suite.planning.cases import WatchedCase
from wireproof.suite.products.registry import driver_of, sources_of
from wireproof.suite.running.account_changes import AccountChanges
from wireproof.suite.running.account_run import AccountRun
from wireproof.suite.running.assignment import assign
from wireproof.suite.running.connections import Connections
from wireproof.suite.running.product_accounts import ProductAccounts
from wireproof.suite.running.product_context import ProductContext
from wireproof.suite.running.weighing import Weighing
from wireproof.suite.state.account import requests_sent
from wireproof.suite.streams.product_streams import watch_product
from wireproof.suite.tasks import run_together
from wireproof.suite.vocabulary.causes import cause_kind
from wireproof.suite.vocabulary.needs import mode_of, rows
from wireproof.wire.preflight import preflight
from wireproof.wire.rest import RestClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.run_context import RunContext
    from wireproof.suite.state.account import Account
    from wireproof.wire.endpoints import Endpoints
    from wireproof.wire.limits import RateLimiter


class ProductRun:
    """Runs the cases of one product; their results are in the run's state.

    Args:
        context: What the whole run shares.
        product: Name of the product.
        cases: Its cases, without the market streams that are watched beside.
        streams_over: Waits until no market stream is watched any more.
    """

    def __init__(
        self,
        context: RunContext,
        product: str,
        cases: Sequence[PlannedCase],
        streams_over: Callable[[], Awaitable[None]],
    ) -> None:
        self.context, self.state, self.target = context, context.state, context.target
        self.cases, self._streams_over = list(cases), streams_over
        self._resources = AsyncExitStack()
        driver = driver_of(product)
        endpoints, store = context.target.endpoints_of(product), context.store
        self.limiter = context.limiter_of(product)
        contracts = [one for one in store.contracts.values() if one.product == product]
        self.product = ProductContext(
            context=context,
            product=store.products[product],
            driver=driver,
            cases=self.cases,
            endpoints=endpoints,
            connections=Connections(
                endpoints,
                context.target,
                self.limiter,
                context.clock,
                self._resources,
                key_in_path=driver.listen_key is not None and driver.listen_key.in_path,
            ),
            changes=AccountChanges(context, store.products[product]),
            weighing=Weighing(context, product, self.limiter),
            shapes=EventShapes(contracts, known_event_types(store, product, Surface.EVENT)),
        )

    async def run(self) -> None:
        """Run every case of the product; what concerns the whole product is raised."""
        async with self._resources:
            await self._run_on_target()

    async def _run_on_target(self) -> None:
        product, endpoints, context = self.product, self.product.endpoints, self.context
        product_accounts = ProductAccounts(product, self._resources)
        await preflight(
            endpoints,
            limiter=self.limiter,
            clock=context.clock,
            redactor=self.target.redactor,
            time_path=product.driver.time.rpartition(" ")[2],
        )
        session = None
        if product.driver.ws_api:
            session = await self._resources.enter_async_context(product.connections.new_session())
            context.delay.measure(session.ping)
        rest = await self._rest_client(endpoints, self.limiter)
        name = product.driver.product
        sources = {
            source: await self._rest_client(self.target.endpoints_of(name, source), context.limiter_of(source))
            for source in sorted(sources_of([name]))
        }
        accounts = product_accounts.accounts(session, rest, sources)
        self.cases = product.cases = await product_accounts.admitted(accounts, self.cases)
        product.tradings = await product_accounts.tradings(accounts[0])
        try:
            await product_accounts.begin(accounts)
            assigned = assign(self.cases, accounts)
            await run_together(AccountRun(product, account).run(cases) for account, cases in assigned.items())
            # Not before all accounts are at rest: one may be the counterparty of another's cases.
            await run_together(AccountRun(product, account).run_settings(cases) for account, cases in assigned.items())
            await self._run_scripted(accounts)
            await self._confirm(accounts)
            await self._report_weights()
        finally:
            self._report_private_streams()
            self._report_unclaimed_frames()
            await product_accounts.check_remains(accounts)

    async def _rest_client(self, endpoints: Endpoints, limiter: RateLimiter) -> RestClient:
        client = RestClient(
            endpoints.require("rest"),
            limiter=limiter,
            clock=self.context.clock,
            redactor=self.target.redactor,
            answer_timeout=self.target.answer_timeout,
        )
        return await self._resources.enter_async_context(client)

    async def _confirm(self, accounts: list[Account]) -> None:
        """Exercise the cases again that would make the run fail, one at a time, when all else is over."""
        if not any(self.state.is_held(case) for case in self.cases):
            return
        await self._streams_over()
        await confirm(
            self.state,
            self.cases,
            lambda again: self._repeat(again[0], accounts),
            limiter=self.limiter,
        )

    async def _report_weights(self) -> None:
        """Measure what seems to cost otherwise than documented, when all else is over."""
        counter = [0]
        requests_sent.set(counter)
        await self.product.weighing.report()
        self.state.requests += counter[0]

    async def _repeat(self, case: PlannedCase, accounts: list[Account]) -> None:
        """Exercise a case in the way of the first time: on its account, in its mode."""
        if isinstance(case, WatchedCase) and case.kind == "stream":
            await self._watch_scripted([case], _first_keyed(accounts))
            return
        account = self.product.accounts_of.get(case.id, accounts[0])
        mode = mode_of(case.needs)
        if not mode:
            await AccountRun(self.product, account).together([case])
        else:
            await AccountRun(self.product, account).run_in_mode(mode, [case])

    async def _watch_scripted(self, cases: list[WatchedCase], account: Account) -> None:
        """Watch streams while the local venue's market does what they report."""
        counter = [0]
        requests_sent.set(counter)
        books = self.product.driver.books
        await watch_product(
            self.context,
            self.product.product.product,
            cases,
            trigger=lambda group: trigger_market(group, lambda case, stack: self.product.scene(case, account, stack)),
            rules=self.product.trading_of(books[0]).rules if books else {},
        )
        self.state.requests += counter[0]

    async def _run_scripted(self, accounts: list[Account]) -> None:
        """Run what needs the local venue's controlled market, when everything else is over.

        A price that moves as far as a liquidation needs would fill the orders of other cases; these have their symbols
        alone.
        """
        scripted = [case for case in self.cases if case.scripted]
        account = _first_keyed(accounts)
        streams = [case for case in scripted if isinstance(case, WatchedCase) and case.kind == "stream"]
        if streams:
            await self._watch_scripted(streams, account)
        in_mode = [case for case in scripted if "hedge_mode" in case.needs]
        others = [case for case in scripted if case not in streams and case not in in_mode]
        apart = [
            case
            for case in others
            if any(need.whole_account for need in rows(case.needs))
            or (isinstance(case, WatchedCase) and cause_kind(case.watch.cause).all_symbols)
        ]
        await AccountRun(self.product, account).together([case for case in others if case not in apart])
        for case in apart:
            await AccountRun(self.product, account).together([case])
        if in_mode:
            await AccountRun(self.product, account).run_in_mode("hedge", in_mode)

    def _report_private_streams(self) -> None:
        """List what came on private streams and belongs to no verdict of a case."""
        PrivateStreams(
            reports=self._reports(Surface.EVENT),
            ledgers=[self.product.ledger_of(stream) for stream in self.product.connections.user_streams],
            shapes=self.product.shapes,
            may_repeat={
                case.contract.name
                for case in self.cases
                if isinstance(case, WatchedCase) and case.kind == "event" and case.watch.may_repeat
            },
        ).report()

    def _report_unclaimed_frames(self) -> None:
        """List what came over the WebSocket API and was no request's answer."""
        report_unclaimed(self._reports(Surface.WS_API), self.product.connections.sessions)

    def _reports(self, surface: Surface) -> AsideReports:
        product, judge = self.product.product.product, self.context.judge
        return AsideReports(product, surface, self.state, judge, self.target)


def _first_keyed(accounts: list[Account]) -> Account:
    """Return the first account that has a key, or the public one where none has."""
    return next((account for account in accounts if account.credentials is not None), accounts[0])

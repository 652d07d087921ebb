"""The conductor: runs the selected cases at once, as far as state and rate limits allow.

Independent cases run concurrently over one connection. Cases that need the same state wait for each other (see
`leases`). Cases that change a mode of the whole account run after the others of that account, one mode at a time, and
the mode is set back after them; with several accounts each mode gets an account of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError, WireproofError
from wireproof.suite import needs
from wireproof.suite.account import Account, Costs, RefusedError, cost_of, count_request, finished, requests_sent
from wireproof.suite.leases import SymbolLeases
from wireproof.suite.market import MOST_SYMBOLS
from wireproof.suite.observe import observation_of
from wireproof.suite.placeholders import resolve
from wireproof.suite.proofs import PROOFS
from wireproof.suite.requests import build, resend_of
from wireproof.suite.results import Blockage, CaseResult
from wireproof.suite.sweep import set_mode, sweep
from wireproof.wire.clock import ServerClock
from wireproof.wire.failures import TargetBlockedError, WireError
from wireproof.wire.limits import RateLimiter
from wireproof.wire.preflight import preflight
from wireproof.wire.rest import RestClient
from wireproof.wire.session import WsApiSession
from wireproof.wire.user_stream import UserStream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from wireproof.contract.store import Store
    from wireproof.suite.cases import PlannedCase
    from wireproof.suite.journal import Journal
    from wireproof.suite.judge import Judge
    from wireproof.suite.needs import Scene
    from wireproof.suite.target import Target
    from wireproof.wire.credentials import Credentials
    from wireproof.wire.reply import Reply

#: Needs that change a mode of the account, and the mode's name.
MODES = {"hedge_mode": "hedge", "multi_assets": "multi_assets"}

#: Needs that hold the one listen key of an account.
LISTEN_KEY_NEEDS = frozenset({"listen_key", "no_listen_key"})

CLOSING_SECONDS = 30.0

#: How long a case waits whether its answer comes twice; the cases wait together.
SECOND_ANSWER_SECONDS = 0.2


class Conductor:
    """Runs cases and holds their results; each pytest test awaits its own."""

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
    ) -> None:
        self.cases = list(cases)
        self.store, self.target, self.judge, self.journal, self.run_id = store, target, judge, journal, run
        self._second_answer_seconds = second_answer_seconds
        self.results = {case.id: blank_result(case) for case in cases}
        self.blockages: dict[str, Blockage] = {}
        self.leftovers: list[str] = []
        self.not_cleaned: list[str] = []
        self.notes: list[str] = []
        self.requests = 0
        self.first_sent: float | None = None
        self.last_received: float | None = None
        self.clock = ServerClock()
        self.limiter: RateLimiter | None = None
        self._settled = {case.id: asyncio.Event() for case in cases}
        self._task: asyncio.Task[None] | None = None
        self._resources = AsyncExitStack()
        self._logged_on: dict[str, asyncio.Task[WsApiSession]] = {}

    # -- what tests and the progress display ask -------------------------------------------------------------------

    def start(self) -> None:
        """Begin to run; returns at once."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="conductor")

    async def result(self, case_id: str) -> CaseResult:
        """Wait for the result of a case."""
        await self._settled[case_id].wait()
        return self.results[case_id]

    @property
    def done(self) -> int:
        """How many cases have their result."""
        return sum(event.is_set() for event in self._settled.values())

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

    # -- the run ---------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            async with self._resources:
                await self._run_on_target()
        except TargetBlockedError as error:
            self._block(error.host, error.reason, error.advice)
        except BlockedError as error:
            self._block(self.target.name, str(error), "")
        except WireproofError as error:
            self._settle_rest(Verdict.BROKEN, str(error))
        except asyncio.CancelledError:
            self._settle_rest(Verdict.BLOCKED, "the run was stopped before this case was over")
            raise
        except Exception as error:
            self._settle_rest(Verdict.BROKEN, f"{type(error).__name__}: {self.target.redactor.text(str(error))}")
            raise
        finally:
            self._settle_rest(Verdict.BROKEN, "the case never ran")

    async def _run_on_target(self) -> None:
        product = self.store.products[self.cases[0].contract.product]
        limits = {
            (limit.type, limit.interval_num, limit.interval): limit.limit
            for limit in sorted(product.limits, key=lambda limit: bool(limit.target))
            if limit.target in ("", self.target.name)
        }
        self.limiter = RateLimiter(
            self.clock.now_ms,
            weight_1m=limits.get(("REQUEST_WEIGHT", 1, "MINUTE"), 2400),
            orders_10s=limits.get(("ORDERS", 10, "SECOND"), 300),
            orders_1m=limits.get(("ORDERS", 1, "MINUTE"), 1200),
        )
        await preflight(self.target.endpoints, limiter=self.limiter, clock=self.clock, redactor=self.target.redactor)
        session = await self._resources.enter_async_context(self._new_session())
        rest = RestClient(
            self.target.endpoints.rest, limiter=self.limiter, clock=self.clock, redactor=self.target.redactor
        )
        await self._resources.enter_async_context(rest)
        costs = Costs(self.store.contracts, product)
        accounts = self._accounts(session, rest, costs)
        trading = await self._trading(rest, session, costs)
        await self._prepare_accounts(accounts, trading)
        try:
            await self._in_parallel(
                self._run_account(account, cases, trading) for account, cases in self._assign(accounts).items()
            )
        finally:
            await self._check_remains(accounts)

    async def _check_remains(self, accounts: list[Account]) -> None:
        """Look whether anything of ours still stands, and take it back: no case may leave anything behind."""
        if not (self.target.allow_trading and any(case.changes_state for case in self.cases)):
            return
        stuck: list[str] = []
        for account in accounts:
            if account.credentials is None:
                continue
            try:
                found = await sweep(account, self.journal, local=self.target.name == "local", modes=False)
                self.notes += [f"taken back at the end: {what}" for what in found.removed]
                stuck += found.stuck
            except (WireproofError, OSError) as error:
                stuck += [*self.not_cleaned, f"{account.name} could not be checked at the end: {error}"]
        self.not_cleaned = stuck

    def _accounts(self, session: WsApiSession, rest: RestClient, costs: Costs) -> list[Account]:
        keys: list[Credentials | None] = [*self.target.accounts] or [None]
        return [
            Account(
                name=(key.name or key.key_type.lower()) if key is not None else "public",
                credentials=key,
                session=session,
                rest=rest,
                costs=costs,
                now_ms=self.clock.now_ms,
                run=self.run_id[-6:],
                listen_key=asyncio.Lock(),
            )
            for key in keys
        ]

    async def _trading(self, rest: RestClient, session: WsApiSession, costs: Costs) -> needs.Trading:
        """Read symbols and prices, if any case needs them."""
        wanted = {need for case in self.cases for need in case.needs}
        if not wanted & {"market", "symbol"}:
            return needs.Trading({}, {})
        info, tickers = await asyncio.gather(
            rest.request("GET", "/fapi/v1/exchangeInfo", {}, cost=costs.rest("GET", "/fapi/v1/exchangeInfo")),
            session.request("ticker.book", {}, cost=costs.ws("ticker.book", {})),
        )
        self.requests += 2
        return needs.read_trading(info.raw, tickers.raw)

    async def _prepare_accounts(self, accounts: list[Account], trading: needs.Trading) -> None:
        """Remove leftovers of earlier runs and lease out the symbols that nobody else uses."""
        if self.target.allow_trading and any(case.private for case in self.cases):
            local = self.target.name == "local"
            keyed = [account for account in accounts if account.credentials is not None]
            found = await asyncio.gather(*(sweep(account, self.journal, local=local) for account in keyed))
            for account, leftovers in zip(keyed, found, strict=True):
                self.leftovers += leftovers.removed
                self.not_cleaned += leftovers.stuck
                free = [name for name in trading.rules if name in trading.quotes and name not in leftovers.foreign]
                account.symbols = SymbolLeases(free[:MOST_SYMBOLS])
            await asyncio.gather(*(self._begin_plain(account) for account in keyed))

    async def _begin_plain(self, account: Account) -> None:
        """Bring an account into one-way and single-asset mode for the run."""
        for mode in ("hedge", "multi_assets"):
            if getattr(account, mode):
                await self._switch(account, mode, on=False)
                self._resources.push_async_callback(self._switch, account, mode, on=True)
                self.notes.append(f"{account.name} was in {mode} mode; it is set back after the run")

    def _assign(self, accounts: list[Account]) -> dict[Account, list[PlannedCase]]:
        """Give each case its account: the first, the one with the kind of key it needs, or one for its mode."""
        modes = [mode for mode in MODES if any(mode in case.needs for case in self.cases)]
        keyed = [account for account in accounts if account.credentials is not None] or accounts
        by_mode = {mode: keyed[(index + 1) % len(keyed)] for index, mode in enumerate(modes)}
        by_turns = itertools.cycle(keyed)  # cases that hold an account's listen key wait for each other
        assigned: dict[Account, list[PlannedCase]] = {account: [] for account in accounts}
        for case in self.cases:
            account = next((by_mode[mode] for mode in modes if mode in case.needs), keyed[0])
            if LISTEN_KEY_NEEDS & set(case.needs):
                account = next(by_turns)
            if case.key_type:
                fitting = [a for a in keyed if a.credentials is not None and a.credentials.key_type == case.key_type]
                account = fitting[0] if fitting else account
            assigned[account].append(case)
        return assigned

    async def _run_account(self, account: Account, cases: list[PlannedCase], trading: needs.Trading) -> None:
        plain = [case for case in cases if not case.account_wide]
        plain.sort(key=lambda case: -len(needs.requests_for(case.needs)))  # the longest chains first
        await self._in_parallel(self._run_case(case, account, trading) for case in plain)
        for need, mode in MODES.items():
            in_mode = [case for case in cases if need in case.needs]
            if in_mode:
                await self._run_in_mode(account, mode, in_mode, trading)

    async def _run_in_mode(self, account: Account, mode: str, cases: list[PlannedCase], trading: needs.Trading) -> None:
        async with AsyncExitStack() as after:
            after.push_async_callback(self._set_back, account, mode)
            try:
                await self._switch(account, mode, on=True)
            except RefusedError as error:
                for case in cases:
                    self._fail(case, Verdict.BLOCKED, f"{account.name} could not be switched to {mode} mode: {error}")
                return
            await self._in_parallel(self._run_case(case, account, trading) for case in cases)

    async def _switch(self, account: Account, mode: str, *, on: bool) -> None:
        assert account.credentials is not None
        self.journal.changed_mode(account.credentials.api_key, mode, before=getattr(account, mode))
        await set_mode(account, mode, on=on)
        if on == getattr(account, mode):
            self.journal.restored_mode(account.credentials.api_key, mode)

    async def _set_back(self, account: Account, mode: str) -> None:
        try:
            await self._switch(account, mode, on=False)
        except (WireproofError, OSError) as error:
            self.not_cleaned.append(f"{mode} mode of {account.name}: {error}")

    async def _in_parallel(self, tasks: Iterable[Awaitable[None]]) -> None:
        """Run tasks together; when this is cancelled, each takes its state back before it ends."""
        running = [asyncio.ensure_future(task) for task in tasks]
        if not running:
            return
        try:
            # Not gather: it would cancel the tasks itself, and a second cancel would cut their taking back short.
            await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            unfinished = [task for task in running if not task.done()]
            for task in unfinished:
                task.cancel()
            if unfinished:
                await asyncio.wait(unfinished)
        for task in running:
            task.result()

    # -- one case --------------------------------------------------------------------------------------------------

    async def _run_case(self, case: PlannedCase, account: Account, trading: needs.Trading) -> None:
        result = self.results[case.id]
        counter = [0]
        requests_sent.set(counter)
        result.started_at = time.time() * 1000
        try:
            await self._exercise(case, account, trading, result)
        except TargetBlockedError as error:
            self._block(error.host, error.reason, error.advice, [case])
        except (BlockedError, WireError) as error:
            self._fail(case, Verdict.BLOCKED, self._blocked_reason(error))
        except asyncio.CancelledError:
            self._fail(case, Verdict.BLOCKED, "the run was stopped before this case was over")
            raise
        except Exception as error:  # noqa: BLE001  # one broken case must not take the others with it
            self._fail(case, Verdict.BROKEN, f"{type(error).__name__}: {self.target.redactor.text(str(error))}")
        finally:
            result.requests = counter[0]
            self.requests += counter[0]
            result.ended_at = time.time() * 1000
            self._settled[case.id].set()

    def _blocked_reason(self, error: BlockedError | WireError) -> str:
        words = self.target.redactor.text(str(error))
        return f"its state could not be prepared: {words}" if isinstance(error, RefusedError) else words

    async def _exercise(self, case: PlannedCase, account: Account, trading: needs.Trading, result: CaseResult) -> None:
        if account.foreign_listen_key and LISTEN_KEY_NEEDS & set(case.needs):
            raise BlockedError(
                "The account has an active listen key that is not wireproof's; stopping it would cut off its owner."
                " Use an account of wireproof's own, or stop the other program."
            )
        async with AsyncExitStack() as stack:
            scene = needs.Scene(
                case=case,
                account=account,
                trading=trading,
                new_session=self._new_session,
                new_user_stream=self._new_user_stream,
                on_listen_key=self._on_listen_key,
                report_leftover=lambda what: self.not_cleaned.append(self.target.redactor.text(what)),
                stack=stack,
            )
            await needs.prepare(scene)
            session = await self._session_of(scene)
            reply = await self._send(scene, session, result)
            scene.status = reply.status
            unkept = [sentence for name in case.proves for sentence in await PROOFS[name](scene)]
        await asyncio.sleep(self._second_answer_seconds)
        self._judge(case, result, replace(reply, violations=(*session.violations_of(reply), *unkept)))

    async def _session_of(self, scene: Scene) -> WsApiSession:
        if scene.case.session == "logged-on":
            return await self._logged_on_session(scene.account)
        return scene.session or scene.account.session

    async def _send(self, scene: Scene, session: WsApiSession, result: CaseResult) -> Reply:
        case, account = scene.case, scene.account
        params = resolve(case.params, scene.state)
        cost = cost_of(case.contract, params)
        result.weight = cost.weight
        request = case.contract.request
        assert request is not None
        count_request()
        return await finished(
            session.request(request.method, build(case, params, account.credentials), cost=cost, resend=resend_of(case))
        )

    def _judge(self, case: PlannedCase, result: CaseResult, reply: Reply) -> None:
        """Compare the whole answer; what is kept of it is redacted."""
        self._note_times(reply)
        result.observation = observation_of(case, reply, self.target)
        self.judge.settle(result, self.judge.findings(case.contract, result.observation, reply.raw))

    def _note_times(self, reply: Reply) -> None:
        self.first_sent = min(self.first_sent or reply.sent_at, reply.sent_at)
        self.last_received = max(self.last_received or 0.0, reply.received_at)

    # -- connections -----------------------------------------------------------------------------------------------

    def _new_session(self) -> WsApiSession:
        assert self.limiter is not None
        return WsApiSession(
            self.target.endpoints.ws_api,
            limiter=self.limiter,
            clock=self.clock,
            redactor=self.target.redactor,
            answer_timeout=self.target.answer_timeout,
        )

    def _new_user_stream(self, listen_key: str) -> UserStream:
        return UserStream(
            self.target.endpoints.user_stream, listen_key, clock=self.clock, redactor=self.target.redactor
        )

    async def _logged_on_session(self, account: Account) -> WsApiSession:
        """Return the account's logged-on session; the first case that asks opens it."""
        if account.name not in self._logged_on:
            self._logged_on[account.name] = asyncio.ensure_future(self._log_on(account))
        return await asyncio.shield(self._logged_on[account.name])

    async def _log_on(self, account: Account) -> WsApiSession:
        session = await self._resources.enter_async_context(self._new_session())
        await account.ask("session.logon", {}, session=session)
        return session

    def _on_listen_key(self, listen_key: str) -> None:
        self.target.redactor.register(listen_key, "listen key")
        self.journal.started_listen_key(listen_key)

    # -- results ---------------------------------------------------------------------------------------------------

    def _block(self, host: str, reason: str, advice: str, cases: Iterable[PlannedCase] | None = None) -> None:
        """Settle cases as blocked, once per host and reason; without cases, all that have no result yet."""
        key = f"{host} {reason.split('.', maxsplit=1)[0]}"
        blockage = self.blockages.setdefault(key, Blockage(host=host, reason=reason, advice=advice))
        for case in self.cases if cases is None else cases:
            if not self._settled[case.id].is_set():
                blockage.cases += 1
                self._fail(case, Verdict.BLOCKED, reason)
                self._settled[case.id].set()

    def _settle_rest(self, verdict: Verdict, reason: str) -> None:
        for case in self.cases:
            if not self._settled[case.id].is_set():
                self._fail(case, verdict, reason)
                self._settled[case.id].set()

    def _fail(self, case: PlannedCase, verdict: Verdict, reason: str) -> None:
        result = self.results[case.id]
        result.verdict, result.reason = verdict, reason


def blank_result(case: PlannedCase) -> CaseResult:
    """Return the result of a case that has not run."""
    contract = case.contract
    example = next((example for example in contract.examples if example.name == case.example), None)
    return CaseResult(
        id=case.id,
        contract=contract.id,
        product=contract.product,
        surface=contract.surface.value,
        subject=contract.subject,
        title=case.title,
        docs_url=contract.docs_url,
        kind=case.kind,
        documented=example.response if example is not None else None,
        documented_when=example.when if example is not None else "",
        private=case.private,
        queued_at=time.time() * 1000,
    )

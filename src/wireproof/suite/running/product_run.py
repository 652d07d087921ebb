"""One product's part of a run: its connections, its accounts and their modes, and its cases.

Independent cases run concurrently over one connection. Cases that need the same state wait for each other (see
`leases`). Cases that change a mode of the whole account run after the others of that account, one mode at a time, and
the mode is set back after them; with several accounts each mode gets an account of its own.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from msgspec import structs

from wireproof.contract.model import Surface
from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError, ConfigurationError, WireproofError
from wireproof.recognition import Concern, recognise
from wireproof.suite.events.event_frames import EventShapes
from wireproof.suite.events.event_ledger import EventLedger
from wireproof.suite.events.event_reports import PrivateStreams
from wireproof.suite.events.exercise import FOREIGN_KEY, WAITS_ON_STREAM, DeadStreamError, EventFeed, provoke
from wireproof.suite.events.venue_actions import trigger_market
from wireproof.suite.judging.aside import known_event_types, private_stream_case
from wireproof.suite.judging.confirm import confirm
from wireproof.suite.judging.message_batches import observation_of_messages
from wireproof.suite.judging.observations import observation_of
from wireproof.suite.judging.statements import is_about, may_repeat, may_repeat_after_drop, no_statement, not_served
from wireproof.suite.judging.strays import report_unclaimed
from wireproof.suite.planning.cases import DEAREST_FAULT, WatchedCase
from wireproof.suite.planning.costs import Costs, cost_of
from wireproof.suite.products.base import TERMS
from wireproof.suite.running.assignment import assign, urgency
from wireproof.suite.running.connections import Connections
from wireproof.suite.running.fate import fate_of
from wireproof.suite.running.post_checks import PROOFS
from wireproof.suite.running.transport import RestTransport, Transport, WsApiTransport
from wireproof.suite.state import (
    settings,  # noqa: F401  # settings registers its needs
)
from wireproof.suite.state.account import Account, RefusedError, requests_sent
from wireproof.suite.state.conditions import OF_THE_STATE, ConditionNotMetError, is_of_the_market, prepared_again
from wireproof.suite.state.drops import StreamEndedError, over_drops
from wireproof.suite.state.given import contradiction
from wireproof.suite.state.leases import SymbolLeases
from wireproof.suite.state.leftovers import Found, is_about_one_answer, set_mode, sweep
from wireproof.suite.state.moved import unmet
from wireproof.suite.state.own_answers import UnknownStateError
from wireproof.suite.state.preparing import prepare
from wireproof.suite.state.scene import Scene, Trading
from wireproof.suite.state.symbols import MOST_SYMBOLS, tradable
from wireproof.suite.state.symbols import quotes as quotes_of
from wireproof.suite.streams.product_streams import watch_product
from wireproof.suite.vocabulary.causes import cause_kind
from wireproof.suite.vocabulary.needs import NEEDS, mode_of, rows
from wireproof.suite.vocabulary.placeholders import resolve
from wireproof.wire.failures import (
    BlockKind,
    NoAnswerError,
    PassingTroubleError,
    TargetBlockedError,
    UnmatchedAnswerError,
    WireError,
)
from wireproof.wire.preflight import preflight
from wireproof.wire.rest import RestClient
from wireproof.wire.trouble import patiently
from wireproof.wire.venue_control import VenueControl

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping, Sequence
    from typing import Any

    from wireproof.results.model import CaseResult
    from wireproof.suite.judging.statements import NoStatement
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.running.conductor import Conductor
    from wireproof.wire.limits import Cost
    from wireproof.wire.reply import Reply
    from wireproof.wire.secrets.credentials import Credentials
    from wireproof.wire.websocket.session import WsApiSession
    from wireproof.wire.websocket.user_stream import UserStream


T = TypeVar("T")

#: What is not known where a request of the preparation goes wrong, in words.
UNKNOWN_WORDS = {
    "hedge": "the position mode",
    "multi_assets": "the asset mode",
    "listen_key": "whether a listen key is active",
}

#: The pauses in seconds before something is tried again that an order or a position of ours stood in the way of.
STATE_PAUSES = (0.3, 1.0)


class Stage:
    """Runs the cases of one product and writes their results into the conductor's scores."""

    def __init__(self, run: Conductor, product: str, cases: Sequence[PlannedCase]) -> None:
        if product not in TERMS:
            raise ConfigurationError(
                f"wireproof does not know how to keep house on {product}, so it cannot send to it."
            )
        self.run_of, self.cases, self.terms = run, list(cases), TERMS[product]
        self.target, self.journal = run.target, run.journal
        self.endpoints = run.target.endpoints_of(product)
        self.product = run.store.products[product]
        assert run.limiter is not None
        self.clock, self.limiter = run.clock, run.limiter
        self._resources = AsyncExitStack()
        self.connections = Connections(self.endpoints, self.target, self.limiter, self.clock, self._resources)
        self._feeds: dict[Account, EventFeed] = {}
        contracts = [one for one in run.store.contracts.values() if one.product == product]
        self._shapes = EventShapes(contracts, known_event_types(run.store, product, Surface.EVENT))
        self._deaf: list[Account] = []  # their private streams deliver nothing
        self._ledgers: dict[UserStream, EventLedger] = {}
        self._keyed: list[Account] = []
        self._error_names = {int(code): name for code, name in self.product.errors.items()}
        self._accounts_of: dict[str, Account] = {}  # by case id, of those that were sent
        self._not_cleaned_before = len(run.not_cleaned)

    async def run(self) -> None:
        """Run every case of the stage; what concerns the whole product is raised."""
        async with self._resources:
            await self._run_on_target()

    async def _run_on_target(self) -> None:
        await preflight(
            self.endpoints,
            limiter=self.limiter,
            clock=self.clock,
            redactor=self.target.redactor,
            time_path=self.terms.path("time"),
        )
        session = await self._resources.enter_async_context(self.connections.new_session())
        self.run_of.delay.measure(session.ping)
        rest = RestClient(
            self.endpoints.rest,
            limiter=self.limiter,
            clock=self.clock,
            redactor=self.target.redactor,
            answer_timeout=self.target.answer_timeout,
        )
        await self._resources.enter_async_context(rest)
        accounts = self._accounts(session, rest, Costs(self.run_of.store.contracts, self.product))
        trading = await self._trading(accounts[0])
        try:
            await self._prepare_accounts(accounts, trading)
            assigned = assign(self.cases, accounts)
            await self._in_parallel(self._run_account(account, cases, trading) for account, cases in assigned.items())
            # Not before all accounts are at rest: one may be the counterparty of another's cases.
            await self._in_parallel(self._run_settings(account, cases, trading) for account, cases in assigned.items())
            await self._run_scripted(accounts, trading)
            await self._confirm(accounts, trading)
        finally:
            self._report_private_streams()
            self._report_unclaimed_frames()
            await self._check_remains(accounts)

    def _unknown(self, what: str, error: Exception | str) -> UnknownStateError:
        """Return what blocks the cases that need to know something, once for all of them."""
        words = self.target.redactor.text(str(error)).rstrip(".")
        refused = isinstance(error, RefusedError) and error.told.concern is Concern.KEY
        return UnknownStateError(
            f"What these cases must know first ({what}) could not be read: {words}.",
            "Check the key, its permissions and the host." if refused else "",
        )

    async def _check_remains(self, accounts: list[Account]) -> None:
        """Look whether anything of ours still stands, and take it back: no case may leave anything behind.

        What was said of it meanwhile counts no more then, unless nobody can look.
        """
        if not (self.target.allow_trading and any(case.changes_state or case.scripted for case in self.cases)):
            return
        before, reported = (
            self.run_of.not_cleaned[: self._not_cleaned_before],
            self.run_of.not_cleaned[self._not_cleaned_before :],
        )
        stuck: list[str] = []
        unseen: dict[str, list[str]] = {}
        for account in accounts:
            if account.credentials is None or not account.has_changed:
                continue
            key = account.credentials.api_key
            changed = any(self.journal.mode_before(key, mode) is not None for mode in self.terms.modes)
            try:
                found = await sweep(account, self.journal, local=self.target.name == "local", modes=changed)
                self.run_of.notes += [f"taken back at the end: {what}" for what in found.removed]
                stuck += map(self.target.redactor.text, found.stuck)
                problems = [*found.unread, *found.unread_modes.values()]
            except (WireproofError, OSError) as error:
                problems = [str(error)]
            for problem in problems:
                unseen.setdefault(self.target.redactor.text(problem).rstrip("."), []).append(account.name)
        for words, names in unseen.items():
            reason = f"What is left on {', '.join(names)} at the end could not be seen: {words}."
            advice = "Look at its orders and positions; the next run takes back what is wireproof's."
            self.run_of.block(self.target.name, reason, advice, [])
        self.run_of.not_cleaned[:] = [*before, *(reported if unseen else []), *stuck]

    def _accounts(self, session: WsApiSession, rest: RestClient, costs: Costs) -> list[Account]:
        keys: list[Credentials | None] = [*self.target.accounts] or [None]
        silent: set[str] = set()  # they share their connections
        return [
            Account(
                name=(key.name or key.key_type.lower()) if key is not None else "public",
                credentials=key,
                session=session,
                rest=rest,
                costs=costs,
                now_ms=self.clock.now_ms,
                run=self.run_of.run_id[-6:],
                listen_key=asyncio.Lock(),
                terms=self.terms,
                silent=silent,
            )
            for key in keys
        ]

    async def _trading(self, account: Account) -> Trading:
        """Read symbols and prices, if any case needs them."""
        wanted = {need for case in self.cases for need in case.needs}
        if not (wanted & {"market", "symbol"} or any(case.scripted for case in self.cases)):
            return Trading({}, {})
        self.run_of.requests += 2
        rules, quotes = await asyncio.gather(
            self._or_unknown(
                "the symbols", account.ask_rest("GET", self.terms.path("exchangeInfo"), None, tradable, signed=False)
            ),
            self._or_unknown(
                "prices",
                account.ask_rest(
                    "GET",
                    self.terms.path("ticker/bookTicker"),
                    None,
                    lambda answer: quotes_of(answer.rows()),
                    signed=False,
                ),
            ),
        )
        return Trading(
            {} if isinstance(rules, UnknownStateError) else rules,
            {} if isinstance(quotes, UnknownStateError) else quotes,
            no_rules=rules if isinstance(rules, UnknownStateError) else None,
            no_quotes=quotes if isinstance(quotes, UnknownStateError) else None,
        )

    async def _or_unknown(self, what: str, asking: Awaitable[T]) -> T | UnknownStateError:
        """Wait for something that cases need to know; return why it is not known where that concerns it alone."""
        try:
            return await asking
        except (BlockedError, WireError) as error:
            self._check_one_answer(error)
            return self._unknown(what, error)

    @staticmethod
    def _check_one_answer(error: Exception) -> None:
        """Raise an error of the target again that concerns more than what was asked."""
        if isinstance(error, TargetBlockedError) and not is_about_one_answer(error):
            raise error

    async def _prepare_accounts(self, accounts: list[Account], trading: Trading) -> None:
        """Remove leftovers of earlier runs and lease out the symbols that nobody else uses."""
        if self.target.allow_trading and any(case.private or case.scripted for case in self.cases):
            keyed = self._keyed = [account for account in accounts if account.credentials is not None]
            await asyncio.gather(*(self._prepare_account(account, trading) for account in keyed))

    async def _prepare_account(self, account: Account, trading: Trading) -> None:
        leftovers: Found | UnknownStateError = Found(removed=[], stuck=[], foreign=set())
        if self.target.venue is None:  # one that was started for this run has no leftovers
            sweeping = sweep(account, self.journal, local=self.target.name == "local")
            leftovers = await self._or_unknown("open orders, positions and modes", sweeping)
        if isinstance(leftovers, UnknownStateError):
            account.unknown = dict.fromkeys(("listen_key", *self.terms.modes), leftovers)
            account.symbols = SymbolLeases([], leftovers)
            return
        self.run_of.leftovers += leftovers.removed
        self.run_of.not_cleaned += leftovers.stuck
        for mode, now in leftovers.modes.items():
            setattr(account, mode, now)
        told = {**leftovers.unread_modes, **({"listen_key": leftovers.unread_key} if leftovers.unread_key else {})}
        account.unknown = {name: self._unknown(UNKNOWN_WORDS[name], words) for name, words in told.items()}
        free = [name for name in trading.usable(self.target.max_notional) if name not in leftovers.foreign]
        unread = self._unknown("open orders and positions", leftovers.unread[0]) if leftovers.unread else None
        unpriced = None
        if trading.rules and trading.quotes and not trading.rules.keys() & trading.quotes.keys():
            names = [f"GET {self.terms.path(name)}" for name in ("exchangeInfo", "ticker/bookTicker")]
            unpriced = UnknownStateError(f"{names[1]} tells a price of no `symbol` that {names[0]} tells.")
        why_none = trading.no_rules or trading.no_quotes or unpriced or unread or account.unknown.get("hedge")
        account.symbols = SymbolLeases(free[:MOST_SYMBOLS], why_none)
        await self._begin_plain(account)

    async def _begin_plain(self, account: Account) -> None:
        """Bring an account into one-way and single-asset mode for the run."""
        for mode in self.terms.modes:
            if getattr(account, mode):
                self._resources.push_async_callback(self._set_back, account, mode, on=True)
                try:
                    await self._switch(account, mode, on=False)
                except (BlockedError, WireError) as error:
                    self._check_one_answer(error)
                    words = self.target.redactor.text(str(error)).rstrip(".")
                    why = UnknownStateError(f"{account.name} is in {mode} mode and could not be switched: {words}.")
                    account.unknown[mode] = why
                    if mode == "hedge":
                        account.symbols = SymbolLeases([], why)
                self.run_of.notes.append(f"{account.name} was in {mode} mode; it is set back after the run")

    async def _run_account(self, account: Account, cases: list[PlannedCase], trading: Trading) -> None:
        plain = [case for case in cases if not case.account_wide]
        plain.sort(key=urgency)
        # Before orders make the limiter wait: what runs out within seconds, and what is looked at while it is prepared.
        hasty = [
            case for case in plain if any(need.perishable for need in rows(case.needs)) or "scarce" in case.own_marks
        ]
        await self._run_together(account, hasty, trading)
        await self._run_together(account, [case for case in plain if case not in hasty], trading)
        for name, need in NEEDS.items():
            in_mode = [case for case in cases if need.mode and name in case.needs]
            if in_mode:
                await self._run_in_mode(account, need.mode, in_mode, trading)

    async def _run_settings(self, account: Account, cases: list[PlannedCase], trading: Trading) -> None:
        """Run the cases that change a setting of the whole account, one after the other."""
        for case in cases:
            if any(need.setting for need in rows(case.needs)):
                await self._run_together(account, [case], trading)

    async def _confirm(self, accounts: list[Account], trading: Trading) -> None:
        """Exercise the cases again that would make the run fail, one at a time, when all else is over."""
        if not any(self.run_of.is_held(case) for case in self.cases):
            return
        await self.run_of.at_rest()
        await confirm(
            self.run_of,
            self.cases,
            lambda again: self._repeat(again[0], accounts, trading),
            limiter=self.limiter,
        )

    async def _repeat(self, case: PlannedCase, accounts: list[Account], trading: Trading) -> None:
        """Exercise a case in the way of the first time: on its account, in its mode."""
        if isinstance(case, WatchedCase) and case.kind == "stream":
            await self._watch_scripted([case], _first_keyed(accounts), trading)
            return
        account = self._accounts_of.get(case.id, accounts[0])
        mode = mode_of(case.needs)
        if not mode:
            await self._run_together(account, [case], trading)
        else:
            await self._run_in_mode(account, mode, [case], trading)

    async def _watch_scripted(self, cases: list[WatchedCase], account: Account, trading: Trading) -> None:
        """Watch streams while the local venue's market does what they report."""
        counter = [0]
        requests_sent.set(counter)
        await watch_product(
            self.run_of,
            self.product.product,
            cases,
            trigger=lambda group: trigger_market(group, lambda case, stack: self._scene(case, account, trading, stack)),
            rules=trading.rules,
        )
        self.run_of.requests += counter[0]

    async def _run_scripted(self, accounts: list[Account], trading: Trading) -> None:
        """Run what the local venue's market has to do as told for, when everything else is over.

        A price that moves as far as a liquidation needs would fill the orders of other cases; these have their symbols
        alone.
        """
        scripted = [case for case in self.cases if case.scripted]
        account = _first_keyed(accounts)
        streams = [case for case in scripted if isinstance(case, WatchedCase) and case.kind == "stream"]
        if streams:
            await self._watch_scripted(streams, account, trading)
        in_mode = [case for case in scripted if "hedge_mode" in case.needs]
        others = [case for case in scripted if case not in streams and case not in in_mode]
        apart = [
            case
            for case in others
            if any(need.whole_account for need in rows(case.needs))
            or (isinstance(case, WatchedCase) and cause_kind(case.watch.cause).all_symbols)
        ]
        await self._run_together(account, [case for case in others if case not in apart], trading)
        for case in apart:
            await self._run_together(account, [case], trading)
        if in_mode:
            await self._run_in_mode(account, "hedge", in_mode, trading)

    async def _run_together(self, account: Account, cases: list[PlannedCase], trading: Trading) -> None:
        """Run cases of one account at once; those of events share a private stream until the last of them is over.

        Events that need a private stream of their own come after: they need the account's listen key, too, and by then
        it is known whether its private streams deliver anything.
        """
        events = [case for case in cases if case.kind == "event"]
        own = [case for case in events if "user_stream" in case.needs]
        sharing = [case for case in events if case not in own]
        alone = [self._run_case(case, account, trading) for case in cases if case not in events]
        await self._in_parallel([*alone, self._run_on_feed(account, sharing, trading)])
        await self._in_parallel(self._run_case(case, account, trading) for case in own)

    async def _run_on_feed(self, account: Account, cases: list[PlannedCase], trading: Trading) -> None:
        feed = self._feeds[account] = EventFeed(account, self.connections.new_user_stream, self._on_listen_key)
        try:
            await self._in_parallel(self._run_case(case, account, trading) for case in cases)
        finally:
            try:
                await feed.close()
            except (WireproofError, OSError) as error:
                self.run_of.not_cleaned.append(f"the listen key of {account.name}: {error}")

    async def _run_in_mode(self, account: Account, mode: str, cases: list[PlannedCase], trading: Trading) -> None:
        async with AsyncExitStack() as after:
            try:
                if mode in account.unknown:  # nothing is sent, so that there is nothing to set back
                    raise account.unknown[mode]
                after.push_async_callback(self._set_back, account, mode)
                await self._switch(account, mode, on=True)
            except (BlockedError, WireError) as error:
                self._check_one_answer(error)
                words = self.target.redactor.text(str(error)).rstrip(".")
                reason = f"{account.name} could not be switched to {mode} mode: {words}."
                self.run_of.block(self.target.name, reason, "", cases)
                return
            await self._run_together(account, cases, trading)

    async def _switch(self, account: Account, mode: str, *, on: bool) -> None:
        """Switch a mode; what keeps the account from it and is ours is taken back first."""
        assert account.credentials is not None
        if on != getattr(account, mode):  # what is set back needs no remembering, and no room for that
            self._remember_mode(account, mode)
        for pause in (*STATE_PAUSES, None):
            try:
                await set_mode(account, mode, on=on)
                break
            except RefusedError as error:
                if pause is None or self._error_names.get(error.code or 0) not in OF_THE_STATE:
                    raise
                await asyncio.sleep(pause)  # an order of ours may be on its way out
                await self._tidy(account)
        if on == getattr(account, mode):
            self.journal.restored_mode(account.credentials.api_key, mode)

    def _owner(self, account: Account) -> tuple[str, str]:
        """Return whose settings they are: the API key and the product."""
        assert account.credentials is not None
        return account.credentials.api_key, self.product.product

    def _remember_mode(self, account: Account, mode: str) -> None:
        assert account.credentials is not None
        self.journal.changed_mode(account.credentials.api_key, mode, before=getattr(account, mode))

    async def _tidy(self, account: Account) -> None:
        """Take back what is left of ours on an account, while no case holds a symbol of it."""
        if account.symbols.is_idle:
            found = await sweep(account, self.journal, local=self.target.name == "local", modes=False, keys=False)
            self.run_of.notes += [
                f"taken back for a case that it kept from its state: {what}" for what in found.removed
            ]

    async def _set_back(self, account: Account, mode: str, *, on: bool = False) -> None:
        try:
            await self._switch(account, mode, on=on)
        except (WireproofError, OSError) as error:
            words = self.target.redactor.text(str(error))
            self.run_of.not_cleaned.append(f"{mode} mode of {account.name}: {words}")

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
        # What made the others stop first: those were only cancelled.
        for task in sorted(running, key=asyncio.Future.cancelled):
            task.result()

    # -- one case --------------------------------------------------------------------------------------------------

    async def _run_case(self, case: PlannedCase, account: Account, trading: Trading) -> None:
        result = self.run_of.results[case.id]
        self._accounts_of[case.id] = account
        counter = [0]
        requests_sent.set(counter)
        result.started_at = time.time() * 1000
        began = asyncio.get_running_loop().time()
        try:
            await self._exercise(case, account, trading, result)
        except UnknownStateError as error:
            reason = self.target.redactor.text(error.reason).rstrip(".")
            self.run_of.block(self.target.name, f"{reason}.", error.advice, [case])
        except PassingTroubleError as error:  # the host answers others
            self.run_of.fail(case, Verdict.BLOCKED, self._blocked_reason(error, began))
        except TargetBlockedError as error:
            self.run_of.block(error.host, error.reason, error.advice, [case])
            result.reason = " ".join([result.reason, *map(self.target.redactor.text, _notes(error))])
        except (BlockedError, WireError) as error:
            if self.target.is_venue and isinstance(error, RefusedError) and error.told.is_unknown_path:
                self.run_of.fail(case, Verdict.BROKEN, not_served(error.method))
            else:
                self.run_of.fail(case, Verdict.BLOCKED, self._blocked_reason(error, began))
        except asyncio.CancelledError:
            self.run_of.fail(case, Verdict.BLOCKED, "the run was stopped before this case was over")
            raise
        except Exception as error:  # noqa: BLE001  # one broken case must not take the others with it
            named = "" if isinstance(error, WireproofError) else f"{type(error).__name__}: "
            self.run_of.fail(case, Verdict.BROKEN, named + self.target.redactor.text(str(error)))
        finally:
            result.requests = counter[0]
            self.run_of.requests += counter[0]
            result.ended_at = time.time() * 1000
            self.run_of.settle(case)

    def _blocked_reason(self, error: BlockedError | WireError, began: float) -> str:
        words = self.target.redactor.text(str(error))
        if isinstance(error, RefusedError):
            return f"its state could not be prepared: {words}"
        excuse = self.run_of.delay.excuse(began) if isinstance(error, NoAnswerError) else ""
        return " ".join(filter(None, [words, excuse, *map(self.target.redactor.text, _notes(error))]))

    async def _exercise(self, case: PlannedCase, account: Account, trading: Trading, result: CaseResult) -> None:
        needs = rows(case.needs)
        if account.foreign_listen_key and any(need.listen_key for need in needs):
            raise BlockedError(FOREIGN_KEY)
        for need in needs:
            if need.depends_on in account.unknown:
                raise account.unknown[need.depends_on]
        used: set[str] = set()

        async def attempt(number: int) -> None:
            if number > 1:
                await self._make_way(case, account)
            scene = self._scene(case, account, trading, AsyncExitStack())
            scene.fresh, scene.avoid = number > 1 or self.run_of.is_repeating(case), frozenset(used)
            try:
                await (self._provoke(scene, result) if isinstance(case, WatchedCase) else self._ask(scene, result))
            finally:
                used.update({scene.symbol} if "symbol" in scene.state else ())

        await prepared_again(lambda number: over_drops(case, lambda: attempt(number)), self._unmet_condition)

    async def _make_way(self, case: PlannedCase, account: Account) -> None:
        """Before a case is prepared again: take back what is ours, and set back what a case alone may set."""
        if account.credentials is None or not self.target.allow_trading:
            return
        with suppress(BlockedError, WireError):
            await self._tidy(account)
            if any(need.setting for need in rows(case.needs)):
                for mode in self.terms.modes:
                    await self._switch(account, mode, on=False)

    def _unmet_condition(self, error: BlockedError) -> str | None:
        """Return why an error says that a condition of a case did not come about; None when it says something else."""
        met = not isinstance(error, ConditionNotMetError)
        if met and not (isinstance(error, RefusedError) and is_of_the_market(error, self._error_names)):
            return None
        return self.target.redactor.text(str(error)).rstrip(".")

    async def _ask(self, scene: Scene, result: CaseResult) -> None:
        """Send a case's own request and judge the answer; its state is taken back before the verdict."""
        case, account = scene.case, scene.account
        async with scene.stack:
            await prepare(scene)
            transport = await self._transport_of(scene)
            params = resolve(case.params, scene.state)
            cost = cost_of(case.contract, params)
            result.weight = cost.weight
            try:
                reply = scene.reply = await self._send(scene, transport, params, cost)
            except UnmatchedAnswerError as unmatched:
                self._judge_unmatched(case, result, unmatched)
                return
            said = no_statement(case, reply.status, reply.raw, local=self.target.is_venue)
            if said is not None:
                fate = await self._fate_of(scene, params, reply)
                self._say_nothing(case, result, reply, said, fate)
                return
            if cost.weight > DEAREST_FAULT:
                account.dear_answers[case.contract.name] = reply.raw
            if why := await unmet(scene, reply, self._error_names):
                raise ConditionNotMetError(why)
            if not scene.answered_as_wanted:
                error = recognise(reply.status, reply.raw).error
                if why := await contradiction(scene.given, error, self._error_names):
                    raise ConditionNotMetError(why)
            unkept = [sentence for name in case.proves for sentence in await PROOFS[name](scene)]
        if case.contract.surface is Surface.WS_API:
            await asyncio.sleep(self.run_of.second_answer_seconds)
        self._judge(case, result, replace(reply, violations=(*transport.violations_of(reply), *unkept)))

    async def _send(self, scene: Scene, transport: Transport, params: Mapping[str, Any], cost: Cost) -> Reply:
        """Send a case's own request; one that changes nothing again while the service is in trouble.

        Of others, only one whose timestamp was refused for coming too late is sent again. Where there is no answer,
        what became of its orders is a note of the error.
        """
        case, reads = scene.case, may_repeat(scene.case)
        scene.account.has_changed |= case.changes_state
        try:
            return await patiently(
                lambda: transport.send(scene, params, cost),
                case.contract.name,
                health=transport.health,
                repeatable=reads,
                only_late=not reads,
                after_drop=may_repeat_after_drop(case),
                is_expected=lambda told: is_about(case, told),
            )
        except (TargetBlockedError, WireError) as error:
            in_doubt = isinstance(error, WireError) or error.kind is BlockKind.MAINTENANCE
            if in_doubt and (fate := await self._fate_of(scene, params)) and fate not in str(error):
                error.add_note(fate)
            raise

    async def _fate_of(self, scene: Scene, params: Mapping[str, Any], reply: Reply | None = None) -> str:
        return await fate_of(scene, params, reply, second_look=self.run_of.second_look_seconds)

    def _say_nothing(self, case: PlannedCase, result: CaseResult, reply: Reply, said: NoStatement, fate: str) -> None:
        """Keep an answer that says nothing about its contract, why it does not, and what became of its orders."""
        self.run_of.note_times(reply)
        result.observation = observation_of(case, reply, self.target, fate=fate)
        self.run_of.fail(case, said.verdict, self.target.redactor.text(f"{said.reason} {fate}".rstrip()))

    def _scene(self, case: PlannedCase, account: Account, trading: Trading, stack: AsyncExitStack) -> Scene:
        return Scene(
            case=case,
            account=account,
            trading=trading,
            new_session=self.connections.new_session,
            new_user_stream=self.connections.new_user_stream,
            on_listen_key=self._on_listen_key,
            remember_mode=lambda mode: self._remember_mode(account, mode),
            remember_setting=lambda name, before: self.journal.changed_setting(*self._owner(account), name, before),
            forget_setting=lambda name, before: self.journal.restored_setting(*self._owner(account), name, before),
            set_back=lambda mode: self._switch(account, mode, on=False),
            answer_to=lambda subject: self._answer_to(account, subject),
            report_leftover=lambda what: self.run_of.not_cleaned.append(self.target.redactor.text(what)),
            stack=stack,
            control=VenueControl(self.endpoints.rest) if self.target.is_venue else None,
            counterparty=next((other for other in self._keyed if other is not account), None),
        )

    async def _provoke(self, scene: Scene, result: CaseResult) -> None:
        """Bring an event about and judge it; its cause is taken back before the verdict."""
        case = scene.case
        if scene.account in self._deaf:
            raise BlockedError(WAITS_ON_STREAM)
        async with scene.stack:
            await prepare(scene)
            stream, listen_key = scene.user_stream, scene.listen_key
            if stream is None:
                stream, listen_key = await self._feeds[scene.account].open()
            ledger = self._ledger_of(stream)
            try:
                provoked = await provoke(
                    scene,
                    ledger,
                    listen_key,
                    delivered=any(one.received for one in self.connections.user_streams),
                    redact=self.target.redactor.frame,
                )
            except DeadStreamError as dead:
                self._report_dead(scene.account, dead, result.started_at)
                raise BlockedError(WAITS_ON_STREAM) from None
            except StreamEndedError:
                if scene.user_stream is None:
                    self._feeds[scene.account].give_up(stream)
                raise
        received = [(event.raw, event.received_at) for event in provoked.events]
        result.observation = observation_of_messages(
            case, provoked.cause.words, received, self.target, violations=provoked.violations, began=result.started_at
        )
        result.observation.misfits = provoked.misfits
        bodies = [raw for raw, _ in received]
        judge = self.run_of.judge
        judge.settle(result, judge.messages(case.contract, result.observation, bodies))

    def _report_dead(self, account: Account, dead: DeadStreamError, began: float | None) -> None:
        """Say once that a private stream delivers nothing; the cases of its account wait on it."""
        self._deaf.append(account)
        case = private_stream_case(self.run_of.store, self.product.product)
        asked = f"the private stream of {account.name}"
        observation = observation_of_messages(case, asked, [], self.target, violations=(), began=began)
        observation.silence = self.target.redactor.text(str(dead))
        self.run_of.report_aside(case, observation, self.run_of.judge, [])

    def _report_private_streams(self) -> None:
        """List what came on private streams and belongs to no verdict of a case."""
        PrivateStreams(
            product=self.product.product,
            ledgers=[self._ledger_of(stream) for stream in self.connections.user_streams],
            shapes=self._shapes,
            may_repeat={
                case.contract.name
                for case in self.cases
                if isinstance(case, WatchedCase) and case.kind == "event" and case.watch.may_repeat
            },
            scores=self.run_of,
            judge=self.run_of.judge,
            target=self.target,
        ).report()

    def _ledger_of(self, stream: UserStream) -> EventLedger:
        """Return the ledger of a private stream: whose its frames are."""
        known = self._ledgers.get(stream)
        if known is None:
            reasons = self.product.enums.get("AccountUpdateReason", ())
            known = self._ledgers[stream] = EventLedger(stream, self._shapes, frozenset(reasons))
        return known

    def _report_unclaimed_frames(self) -> None:
        """List what came over the WebSocket API and was no request's answer."""
        run, sessions = self.run_of, self.connections.sessions
        report_unclaimed(sessions, self.product.product, scores=run, judge=run.judge, target=self.target)

    async def _answer_to(self, account: Account, subject: str) -> bytes | None:
        """Wait for the run's own case of a dear request, and return what it was answered; None when there is none."""
        for case in self.cases:
            if case.contract.name == subject and case.kind == "documented":
                await self.run_of.exercised(case.id)
                break
        return account.dear_answers.get(subject)

    async def _transport_of(self, scene: Scene) -> Transport:
        if scene.case.contract.surface is Surface.REST:
            return RestTransport(scene.account.rest)
        if scene.case.session == "logged-on":
            return WsApiTransport(await self.connections.logged_on(scene.account))
        return WsApiTransport(scene.session or scene.account.session)

    def _judge(self, case: PlannedCase, result: CaseResult, reply: Reply) -> None:
        """Compare the whole answer; what is kept of it is redacted."""
        self.run_of.note_times(reply)
        result.observation = observation_of(case, reply, self.target)
        self.run_of.judge.settle(result, self.run_of.judge.findings(case.contract, result.observation, reply.raw))

    def _judge_unmatched(self, case: PlannedCase, result: CaseResult, error: UnmatchedAnswerError) -> None:
        """Judge what came with ids that nobody sent in place of an answer: the protocol is broken, nothing compared."""
        reply = replace(error.sent, violations=(error.sentence,))
        fate = " ".join(_notes(error))
        result.observation = structs.replace(observation_of(case, reply, self.target, fate=fate), response=None)
        self.run_of.judge.settle(result, self.run_of.judge.findings(case.contract, result.observation, b""))

    def _on_listen_key(self, listen_key: str) -> None:
        self.target.redactor.learn_listen_key(listen_key)
        self.journal.started_listen_key(listen_key)


def _notes(error: Exception) -> list[str]:
    """Return what was said of an error later on: what became of the request's orders."""
    return getattr(error, "__notes__", [])


def _first_keyed(accounts: list[Account]) -> Account:
    """Return the first account that has a key, or the public one where none has."""
    return next((account for account in accounts if account.credentials is not None), accounts[0])

"""Before and after the cases of a product: its accounts, symbols and prices, and what is left on them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from wireproof.contract.model import Request, Security
from wireproof.errors import BlockedError, WireproofError
from wireproof.recognition import Concern
from wireproof.suite.planning.costs import Costs
from wireproof.suite.state.account import Account, PriceSource, RefusedError
from wireproof.suite.state.leases import SymbolLeases
from wireproof.suite.state.leftovers import Found, is_about_one_answer, sweep
from wireproof.suite.state.own_answers import UnknownStateError
from wireproof.suite.state.scene import Trading
from wireproof.suite.state.symbols import MOST_SYMBOLS, tradable
from wireproof.suite.state.symbols import quotes as quotes_of
from wireproof.suite.tasks import run_together
from wireproof.wire.failures import TargetBlockedError, WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from contextlib import AsyncExitStack

    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.products.base import TradingBook
    from wireproof.suite.running.product_context import ProductContext
    from wireproof.wire.rest import RestClient
    from wireproof.wire.secrets.credentials import Credentials
    from wireproof.wire.websocket.session import WsApiSession

T = TypeVar("T")

#: What a key is refused with that lacks a permission, or whose account is of another kind.
#: docs/exchange.md#portfolio-margin-keys
NOT_ADMITTED = frozenset({-2015, -21001})

#: What is not known where a request of the preparation goes wrong, in words.
UNKNOWN_WORDS = {
    "hedge": "the position mode",
    "multi_assets": "the asset mode",
    "listen_key": "whether a listen key is active",
}


def check_one_answer(error: Exception) -> None:
    """Raise an error of the target again that concerns more than what was asked."""
    if isinstance(error, TargetBlockedError) and not is_about_one_answer(error):
        raise error


def _any_key_will_do(case: PlannedCase) -> bool:
    """Whether a case needs no account of the product: it is public, or market data that asks for some key."""
    subject = case.contract.subject
    market_data = isinstance(subject, Request) and subject.security is Security.MARKET_DATA
    return not case.scripted and (not case.private or (market_data and not case.needs))


class ProductAccounts:
    """Prepares the accounts of one product; what it changes is set back when `resources` are closed."""

    def __init__(self, product: ProductContext, resources: AsyncExitStack) -> None:
        self.product, self._resources = product, resources
        self.context, self.state, self.target = product.context, product.context.state, product.context.target
        self._not_cleaned_before = len(self.state.not_cleaned)

    def accounts(
        self, session: WsApiSession | None, rest: RestClient, sources: Mapping[str, RestClient] | None = None
    ) -> list[Account]:
        """Return the accounts of the target, or a public one where there is no key.

        `sources` ask other products' hosts, by product.
        """
        product, context = self.product, self.product.context
        priced = {
            name: PriceSource(client, Costs(context.store.contracts, context.store.products[name]))
            for name, client in (sources or {}).items()
        }
        costs = Costs(context.store.contracts, product.product)
        keys: list[Credentials | None] = [*self.target.accounts] or [None]
        silent: set[str] = set()  # they share their connections
        return [
            Account(
                name=(key.name or key.key_type.lower()) if key is not None else "public",
                credentials=key,
                session=session,
                rest=rest,
                costs=costs,
                now_ms=context.clock.now_ms,
                run=context.run_id[-6:],
                listen_key=asyncio.Lock(),
                driver=product.driver,
                silent=silent,
                sources=priced,
            )
            for key in keys
        ]

    async def admitted(self, accounts: list[Account], cases: list[PlannedCase]) -> list[PlannedCase]:
        """Return the cases that the accounts may be sent, and block those that need a key where one may not.

        That is asked with one signed request, so that it is said once.
        """
        driver, private = self.product.driver, [case for case in cases if not _any_key_will_do(case)]
        if not driver.probe or not private:
            return cases
        try:
            for account in accounts:
                if account.credentials is not None:
                    await account.ask(driver.probe, {})
        except RefusedError as error:
            if error.code not in NOT_ADMITTED:
                return cases
            reason = f"{driver.probe} was answered {error.code}: {driver.no_account}."
            advice = f"Use a key of such an account, with its permission and an IP list ({account.name} is none)."
            self.state.block(self.target.name, reason, advice, private)
            return [case for case in cases if _any_key_will_do(case)]
        except (BlockedError, WireError) as error:
            check_one_answer(error)
        return cases

    async def tradings(self, account: Account) -> dict[str, Trading]:
        """Read symbols and prices of each book that any case needs them of."""
        driver = self.product.driver
        cases = [case for case in self.product.cases if set(case.needs) & {"market", "symbol"} or case.scripted]
        books = [driver.book_of(case.contract.name, case.needs) for case in cases] if driver.books else []
        needed = {book.root: book for book in books}
        found = await asyncio.gather(*(self._trading(account, book) for book in needed.values()))
        return dict(zip(needed, found, strict=True))

    async def _trading(self, account: Account, book: TradingBook) -> Trading:
        self.state.requests += 2
        rules, quotes = await asyncio.gather(
            self._or_unknown("the symbols", account.ask_public(book, book.symbols, partial(tradable, book.fields))),
            self._or_unknown("prices", account.ask_public(book, book.quotes, lambda answer: quotes_of(answer.rows()))),
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
            check_one_answer(error)
            return self._unknown(what, error)

    def _unknown(self, what: str, error: Exception | str) -> UnknownStateError:
        """Return what blocks the cases that need to know something, once for all of them."""
        words = self.target.redactor.text(str(error)).rstrip(".")
        refused = isinstance(error, RefusedError) and error.told.concern is Concern.KEY
        return UnknownStateError(
            f"What these cases must know first ({what}) could not be read: {words}.",
            "Check the key, its permissions and the host." if refused else "",
        )

    async def begin(self, accounts: list[Account]) -> None:
        """Remove leftovers of earlier runs and lease out the symbols that nobody else uses."""
        if self.target.allow_trading and any(case.private or case.scripted for case in self.product.cases):
            keyed = self.product.keyed = [account for account in accounts if account.credentials is not None]
            await run_together(map(self._prepare_account, keyed))

    async def _prepare_account(self, account: Account) -> None:
        leftovers: Found | UnknownStateError = Found(removed=[], stuck=[], foreign=set())
        if self.target.venue is None:  # one that was started for this run has no leftovers
            sweeping = sweep(account, self.context.journal, local=self.target.name == "local")
            leftovers = await self._or_unknown("open orders, positions and modes", sweeping)
        if isinstance(leftovers, UnknownStateError):
            account.unknown = dict.fromkeys(("listen_key", *self.product.driver.modes), leftovers)
            self._lease_nothing(account, leftovers)
            return
        self.state.leftovers += leftovers.removed
        self.state.not_cleaned += leftovers.stuck
        for mode, now in leftovers.modes.items():
            setattr(account, mode, now)
        told = {**leftovers.unread_modes, **({"listen_key": leftovers.unread_key} if leftovers.unread_key else {})}
        account.unknown = {name: self._unknown(UNKNOWN_WORDS[name], words) for name, words in told.items()}
        unread = self._unknown("open orders and positions", leftovers.unread[0]) if leftovers.unread else None
        for book in self.product.driver.books:
            trading, unpriced = self.product.trading_of(book), None
            free = [name for name in trading.usable(self.target.max_notional) if name not in leftovers.foreign]
            if trading.rules and trading.quotes and not trading.rules.keys() & trading.quotes.keys():
                unpriced = UnknownStateError(f"{book.quotes} tells a price of no `symbol` that {book.symbols} tells.")
            why_none = trading.no_rules or trading.no_quotes or unpriced or unread or account.unknown.get("hedge")
            account.leases[book.root] = SymbolLeases(free[:MOST_SYMBOLS], why_none)
        await self._begin_plain(account)

    def _lease_nothing(self, account: Account, why: UnknownStateError) -> None:
        account.leases = {book.root: SymbolLeases([], why) for book in self.product.driver.books}

    async def _begin_plain(self, account: Account) -> None:
        """Bring an account into one-way and single-asset mode for the run."""
        for mode in self.product.driver.modes:
            if getattr(account, mode):
                self._resources.push_async_callback(self.product.changes.set_back, account, mode, on=True)
                try:
                    await self.product.changes.switch(account, mode, on=False)
                except (BlockedError, WireError) as error:
                    check_one_answer(error)
                    words = self.target.redactor.text(str(error)).rstrip(".")
                    why = UnknownStateError(f"{account.name} is in {mode} mode and could not be switched: {words}.")
                    account.unknown[mode] = why
                    if mode == "hedge":
                        self._lease_nothing(account, why)
                self.state.notes.append(f"{account.name} was in {mode} mode; it is set back after the run")

    async def check_remains(self, accounts: list[Account]) -> None:
        """Look whether anything of wireproof's still stands, and undo it: no case may leave anything behind.

        What was said of it meanwhile counts no more then, unless nobody can look.
        """
        if not (self.target.allow_trading and any(case.changes_state or case.scripted for case in self.product.cases)):
            return
        before, reported = (
            self.state.not_cleaned[: self._not_cleaned_before],
            self.state.not_cleaned[self._not_cleaned_before :],
        )
        stuck: list[str] = []
        unseen: dict[str, list[str]] = {}
        for account in accounts:
            if account.credentials is None or not account.has_changed:
                continue
            key = account.credentials.api_key
            driver, journal = self.product.driver, self.context.journal
            changed = any(journal.mode_before(key, driver.journaled(mode)) is not None for mode in driver.modes)
            try:
                found = await sweep(account, self.context.journal, local=self.target.name == "local", modes=changed)
                self.state.notes += [f"undone at the end: {what}" for what in found.removed]
                stuck += map(self.target.redactor.text, found.stuck)
                problems = [*found.unread, *found.unread_modes.values()]
            except (WireproofError, OSError) as error:
                problems = [str(error)]
            for problem in problems:
                unseen.setdefault(self.target.redactor.text(problem).rstrip("."), []).append(account.name)
        for words, names in unseen.items():
            reason = f"What is left on {', '.join(names)} at the end could not be seen: {words}."
            advice = "Look at its orders and positions; the next run undoes what is wireproof's."
            self.state.block(self.target.name, reason, advice, [])
        self.state.not_cleaned[:] = [*before, *(reported if unseen else []), *stuck]

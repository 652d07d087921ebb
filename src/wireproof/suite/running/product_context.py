"""What the parts of one product's run share: its connections, its accounts, and what they know of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.suite.events.event_ledger import EventLedger
from wireproof.suite.state.scene import Scene, Trading
from wireproof.wire.venue_control import VenueControl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from wireproof.contract.model import Product
    from wireproof.suite.events.event_feed import EventFeed
    from wireproof.suite.events.event_frames import EventShapes
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.products.base import ProductDriver, TradingBook
    from wireproof.suite.run_context import RunContext
    from wireproof.suite.running.account_changes import AccountChanges
    from wireproof.suite.running.connections import Connections
    from wireproof.suite.running.weighing import Weighing
    from wireproof.suite.state.account import Account
    from wireproof.wire.endpoints import Endpoints
    from wireproof.wire.websocket.user_stream import UserStream


@dataclass
class ProductContext:
    """The surroundings of one product's run, beside those of the whole run in `context`."""

    context: RunContext
    product: Product
    driver: ProductDriver
    cases: Sequence[PlannedCase]
    endpoints: Endpoints
    connections: Connections
    changes: AccountChanges
    weighing: Weighing
    shapes: EventShapes
    tradings: dict[str, Trading] = field(default_factory=dict)  # by root of the book
    keyed: list[Account] = field(default_factory=list)  # accounts that may trade
    feeds: dict[Account, EventFeed] = field(default_factory=dict)
    silent_accounts: list[Account] = field(default_factory=list)  # their private streams deliver nothing
    ledgers: dict[UserStream, EventLedger] = field(default_factory=dict)
    accounts_of: dict[str, Account] = field(default_factory=dict)  # by case id, of those that were sent

    def trading_of(self, book: TradingBook) -> Trading:
        """Return symbols and prices of a book; none where no case needs them."""
        return self.tradings.get(book.root, Trading({}, {}))

    def scene(self, case: PlannedCase, account: Account, stack: AsyncExitStack) -> Scene:
        """Return the scene of a case, which undoes its state with `stack`."""
        changes, target, driver = self.changes, self.context.target, self.driver
        books = [driver.book_of(case.contract.name, case.needs)] if driver.books else []
        trading = self.trading_of(*books) if books else Trading({}, {})
        return Scene(
            case=case,
            account=account,
            trading=trading,
            new_session=self.connections.new_session,
            new_user_stream=self.connections.new_user_stream,
            on_listen_key=changes.on_listen_key,
            remember_block=self.context.journal.offered_block,
            remember_mode=lambda mode: changes.remember_mode(account, mode),
            remember_setting=lambda name, before: changes.remember_setting(account, name, before),
            forget_setting=lambda name, before: changes.forget_setting(account, name, before),
            set_back=lambda mode: changes.switch(account, mode, on=False),
            answer_to=lambda subject: self._answer_to(account, subject),
            report_leftover=lambda what: self.context.state.not_cleaned.append(target.redactor.text(what)),
            stack=stack,
            control=VenueControl(self.endpoints.rest) if target.is_venue else None,
            counterparty=next((other for other in self.keyed if other is not account), None),
        )

    async def _answer_to(self, account: Account, subject: str) -> bytes | None:
        """Wait for the run's own case of a dear request, and return what it was answered; None when there is none."""
        for case in self.cases:
            if case.contract.name == subject and case.kind == "documented":
                await self.context.state.exercised(case.id)
                break
        return account.dear_answers.get(subject)

    def ledger_of(self, stream: UserStream) -> EventLedger:
        """Return the ledger of a private stream: whose its frames are."""
        known = self.ledgers.get(stream)
        if known is None:
            reasons = self.product.enums.get("AccountUpdateReason", ())
            known = self.ledgers[stream] = EventLedger(stream, self.shapes, frozenset(reasons))
        return known

"""One case on its account while it runs, and the symbols that it may trade."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.recognition import Sort, recognise
from wireproof.suite.state.account import is_gone
from wireproof.suite.state.symbols import greatest_notional

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AsyncExitStack
    from decimal import Decimal

    from wireproof.errors import BlockedError
    from wireproof.recognition import Recognition
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.products.base import TradingBook
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.given import Given
    from wireproof.suite.state.symbols import Quote, SymbolRules
    from wireproof.wire.reply import Reply
    from wireproof.wire.venue_control import VenueControl
    from wireproof.wire.websocket.session import WsApiSession
    from wireproof.wire.websocket.user_stream import UserStream


@dataclass
class Trading:
    """Symbols that may be used and their prices."""

    rules: Mapping[str, SymbolRules]
    quotes: Mapping[str, Quote]
    no_rules: BlockedError | None = None  # why no rules could be read
    no_quotes: BlockedError | None = None  # why no prices could be read

    def usable(self, max_notional: Decimal | None) -> list[str]:
        """Return the symbols with prices on which no order of wireproof's is worth more than a cap, if there is one."""
        return [
            name
            for name, rules in self.rules.items()
            if (quote := self.quotes.get(name)) is not None
            and (max_notional is None or greatest_notional(rules, quote) <= max_notional)
        ]


@dataclass
class Scene:
    """One case on its account while it runs."""

    case: PlannedCase
    account: Account
    trading: Trading
    new_session: Callable[[Account | None], WsApiSession]  # one that logs on with an account's key, or with none
    new_user_stream: Callable[[str], UserStream]
    on_listen_key: Callable[[str], None]
    remember_block: Callable[[str], None]  # the key of a block trade, before anybody accepts it
    report_leftover: Callable[[str], None]
    remember_mode: Callable[[str], None]  # before a mode of the account is changed
    remember_setting: Callable[[str, Mapping[str, Any]], None]  # by name, with what sets it back, before it is changed
    forget_setting: Callable[[str, Mapping[str, Any]], None]  # when it is set back
    set_back: Callable[[str], Awaitable[None]]  # a mode of the account
    answer_to: Callable[[str], Awaitable[bytes | None]]  # what another case of the run was answered, if one asks it
    stack: AsyncExitStack
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    session: WsApiSession | None = None
    user_stream: UserStream | None = None
    listen_key: str = ""
    reply: Reply | None = None  # the case's own answer, once there is one
    counterparty: Account | None = None  # another account of the run that can trade with this one
    control: VenueControl | None = None  # of the local venue, whose market can be controlled
    only_symbol: str = ""  # the one symbol that will do, where a case cannot do with any
    fresh: bool = False  # whether prices are asked for now: those of the run's beginning no longer did
    avoid: frozenset[str] = frozenset()  # symbols that are taken only when there is no other one
    given: list[Given] = field(default_factory=list)  # what answers to the suite's own requests gave to the case
    quote: Quote | None = None  # the best prices that the leased symbol's offers were made from

    @property
    def book(self) -> TradingBook:
        """Where the case's orders are placed."""
        return self.account.driver.book_of(self.case.contract.name, self.case.needs)

    def path(self, name: str) -> str:
        """Return the path of a request: a whole one, also with its verb, as it is, another below the book's root."""
        return name if name.startswith("/") or " /" in name else self.book.path(name)

    @property
    def symbol(self) -> str:
        """The leased symbol."""
        return str(self.state["symbol"]["name"])

    @property
    def status(self) -> int | None:
        """The status of the case's own answer, once there is one."""
        return self.reply.status if self.reply is not None else None

    @property
    def succeeded(self) -> bool:
        """Whether the case's own request was answered with a success."""
        return self._told is not None and self._told.is_success

    @property
    def answered_as_wanted(self) -> bool:
        """Whether the case's own request was answered with a success, or with an error that the case expects."""
        told, expect = self._told, self.case.expect
        if told is None or expect is None:
            return told is not None and told.is_success
        return told.error is not None and told.error.number in expect.codes

    @property
    def refused(self) -> bool:
        """Whether the case's own request was answered with a refusal, so that it changed nothing.

        Trouble of the service is none: whatever it says, something may stand.
        """
        return self._told is not None and self._told.sort is Sort.REFUSAL and self._told.changed_nothing

    @property
    def _told(self) -> Recognition | None:
        return recognise(self.reply.status, self.reply.raw) if self.reply is not None else None

    def later(self, what: str, undo: Callable[[], Awaitable[None]]) -> None:
        """Undo something when the case is over; what cannot be undone is reported, not raised."""

        async def undo_or_report() -> None:
            try:
                await undo()
            except Exception as error:  # noqa: BLE001  # the sweep at the end tries again; other cases go on
                if not is_gone(error):
                    self.report_leftover(f"{what}: {error}")

        self.stack.push_async_callback(undo_or_report)

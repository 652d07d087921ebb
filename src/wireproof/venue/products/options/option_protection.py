"""What protects makers of options: market maker protection (MMP), and countdowns that cancel all orders.

https://developers.binance.com/docs/derivatives/options-trading/market-maker-endpoints. Who may use it, and what is
answered otherwise: docs/exchange.md#options-makers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options.option_instruments import UNDERLYINGS

if TYPE_CHECKING:
    from wireproof.venue.products.options.option_flow import OptionFlow
    from wireproof.venue.products.options.option_instruments import Underlying
    from wireproof.venue.products.options.option_records import OptionAccount, OptionFill

LONGEST_WINDOW_MS = 5_000
SHORTEST_COUNTDOWN_MS = 5_000


@dataclass(slots=True)
class Protection:
    """The settings for one underlying, and what traded under them: (time, quantity, signed delta) of each fill.

    `frozen_ms` of zero freezes until a reset. `limits` are of quantity and of net delta.
    """

    underlying: Underlying
    window_ms: int
    frozen_ms: int
    limits: tuple[Decimal, Decimal]
    triggered: int = 0
    frozen: bool = False
    fills: deque[tuple[int, Decimal, Decimal]] = field(default_factory=deque)

    def is_frozen(self, now: int) -> bool:
        """Whether orders under this protection are refused."""
        if self.frozen and self.frozen_ms and now >= self.triggered + self.frozen_ms:
            self.frozen = False
        return self.frozen

    def exceeded(self, now: int) -> bool:
        """Whether the fills within the window reach a limit."""
        while self.fills and self.fills[0][0] <= now - self.window_ms:
            self.fills.popleft()
        quantity = sum((fill[1] for fill in self.fills), ZERO)
        delta = sum((fill[2] for fill in self.fills), ZERO)
        return quantity >= self.limits[0] or abs(delta) >= self.limits[1]


@dataclass(slots=True)
class Countdown:
    """How long after the last heartbeat, in milliseconds, an underlying's orders are cancelled, and when."""

    length: int
    due: int


class ProtectionDesk:
    """Protections and countdowns of all accounts."""

    def __init__(self, flow: OptionFlow) -> None:
        self._flow = flow
        self._protections: dict[tuple[str, str], Protection] = {}
        self._countdowns: dict[tuple[str, str], Countdown] = {}
        self._stopped: set[tuple[str, str]] = set()  # by a countdown, until it is set anew
        flow.filled.subscribe(self._filled)

    # market maker protection

    def set(
        self, account: OptionAccount, name: str, window_ms: int, frozen_ms: int, limits: tuple[Decimal, Decimal]
    ) -> Protection:
        """Set the protection for an underlying; each bad value has a refusal of its own."""
        underlying = self._of_maker(account, name)
        if not 0 < window_ms <= LONGEST_WINDOW_MS:
            raise Refusal(-6001, "Invalid mmp window time limit")
        if frozen_ms < 0:
            raise Refusal(-6002, "Invalid mmp frozen time limit")
        if min(limits) <= 0:
            raise Refusal(-6040, "Invalid qtyLimit or deltaLimit.")
        found = self._protections[account.name, name] = Protection(underlying, window_ms, frozen_ms, limits)
        return found

    def _of_maker(self, account: OptionAccount, name: str) -> Underlying:
        if name not in UNDERLYINGS:
            raise Refusal(-6003, "Invalid underlying")
        if not account.maker:
            raise Refusal(-6005, "It is not market maker")
        return UNDERLYINGS[name]

    def get(self, account: OptionAccount, name: str) -> Protection:
        """Return the protection for an underlying; -6006 when none was set."""
        self._of_maker(account, name)
        found = self._protections.get((account.name, name))
        if found is None:
            raise Refusal(-6006, "Mmp rules are not existing")
        return found

    def reset(self, account: OptionAccount, name: str) -> Protection:
        """Take orders again after the protection was triggered."""
        found = self.get(account, name)
        found.frozen = False
        found.fills.clear()
        return found

    def check_order(self, account: OptionAccount, underlying: Underlying) -> None:
        """Refuse an order under a protection that is triggered: -6058."""
        found = self._protections.get((account.name, underlying.name))
        if found is not None and found.is_frozen(self._flow.state.now()):
            raise Refusal(-6058, "MMP triggered. Please reset MMP config")

    def _filled(self, fill: OptionFill) -> None:
        order = fill.order
        underlying = order.contract.underlying
        found = self._protections.get((order.account.name, underlying.name))
        if not order.mmp or found is None or found.frozen:
            return
        signed = fill.quantity if order.side == "BUY" else -fill.quantity
        delta = Decimal(self._flow.state.value(order.contract).delta) * underlying.unit
        found.fills.append((fill.time, fill.quantity, signed * delta))
        if found.exceeded(fill.time):
            found.frozen, found.triggered = True, fill.time
            found.fills.clear()
            for one in order.account.orders_on(underlying):
                if one.mmp:
                    self._flow.cancel(one)

    # countdowns

    def count_down(self, account: OptionAccount, underlying: Underlying, length: int) -> None:
        """Cancel an underlying's orders `length` milliseconds after the last heartbeat; zero turns that off."""
        if length and length < SHORTEST_COUNTDOWN_MS:
            raise Refusal(-6009, "countdownTime must be no less than 5000 or equal to 0")
        key = account.name, underlying.name
        self._countdowns.pop(key, None)
        self._stopped.discard(key)
        if length:
            self._countdowns[key] = Countdown(length, self._flow.state.now() + length)

    def check_stopped(self, account: OptionAccount, underlying: Underlying) -> None:
        """Refuse an order after a countdown cancelled all, as until October 2026: docs/exchange.md#options-orders."""
        if (account.name, underlying.name) in self._stopped:
            raise Refusal(-2010, "NEW_ORDER_REJECTED")

    def countdowns(self, account: OptionAccount) -> dict[str, int]:
        """Return the lengths of the account's countdowns, by name of the underlying."""
        return {name: one.length for (owner, name), one in self._countdowns.items() if owner == account.name}

    def heartbeat(self, account: OptionAccount, names: list[str]) -> list[str]:
        """Restart the countdowns of underlyings; return those that have one."""
        found = []
        for name in names:
            countdown = self._countdowns.get((account.name, name))
            if countdown is not None:
                countdown.due = self._flow.state.now() + countdown.length
                found.append(name)
        return found

    def check(self, now: int) -> None:
        """Cancel the orders whose countdown is over; new ones are accepted (docs/exchange.md#options-orders)."""
        for (owner, name), countdown in list(self._countdowns.items()):
            if countdown.due <= now:
                del self._countdowns[owner, name]
                self._stopped.add((owner, name))
                for order in self._flow.state.account(owner).orders_on(UNDERLYINGS[name]):
                    self._flow.cancel(order)

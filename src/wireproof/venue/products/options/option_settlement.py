"""Exercise: at 08:00 UTC of its last day a contract is settled in USDT at the mean index of the hour before.

Rules: docs/exchange.md#options-exercise.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.products.options.option_instruments import UNDERLYINGS, contracts_around
from wireproof.venue.products.options.option_records import FEE_CAP, Exercise

if TYPE_CHECKING:
    from wireproof.venue.products.options.option_flow import OptionFlow
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_records import OptionAccount

EXERCISE_FEE_RATE = Decimal("0.00015")  # of the index, at most a tenth of what the option is worth
DAYS_BEFORE, DAY_MS = 3, 86_400_000


class Settled(NamedTuple):
    """What became of a contract: settled at `price`."""

    contract: OptionContract
    price: Decimal

    @property
    def in_the_money(self) -> bool:
        """Whether exercising was worth something."""
        return self.contract.intrinsic(self.price) > 0


class SettlementDesk:
    """Settles contracts that expire, and knows those of the last days."""

    def __init__(self, flow: OptionFlow) -> None:
        self._flow = flow
        self._settled: list[Settled] = []
        self._started = flow.state.now()
        self._before: list[Settled] | None = None

    def history(self) -> list[Settled]:
        """Return what became of contracts, oldest first; made up for the days before the venue started."""
        if self._before is None:
            self._before = list(self._made_up())
        return [*self._before, *self._settled]

    def _made_up(self) -> list[Settled]:
        found: list[Settled] = []
        state = self._flow.state
        for back in range(DAYS_BEFORE, 0, -1):
            for position, underlying in enumerate(UNDERLYINGS.values()):
                price = to_money(state.index(underlying) * (1_000 + (back * 7 + position * 3) % 21 - 10) / 1_000)
                before = self._started - back * DAY_MS
                found += [Settled(one, price) for one in contracts_around(underlying, price, before, soonest=True)]
        return found

    def check(self, now: int) -> None:
        """Settle the contracts whose time has come."""
        for contract in [one for one in self._flow.state.contracts.values() if one.expiry <= now]:
            self.settle(contract)

    def settle(self, contract: OptionContract) -> None:
        """Settle a contract now: its orders expire, its positions are paid out, and it is listed no longer."""
        state = self._flow.state
        price = state.exercise_price(contract)
        for account in list(state.accounts.values()):
            for order in account.orders_for(contract):
                self._flow.expire(order)
            if account.amount(contract):
                self._pay(account, contract, price)
        self._settled.append(Settled(contract, price))
        state.past[contract.name] = state.contracts.pop(contract.name)
        state.markets.pop(contract.name, None)

    def _pay(self, account: OptionAccount, contract: OptionContract, price: Decimal) -> None:
        now, position, underlying = self._flow.state.now(), account.position(contract), contract.underlying
        amount = to_money(position.amount * contract.intrinsic(price))
        fee = ZERO
        if amount:
            most = FEE_CAP * contract.intrinsic(price)
            fee = to_money(min(EXERCISE_FEE_RATE * price * underlying.unit, most) * abs(position.amount))
        account.credit("CONTRACT", amount, now, contract.name)
        account.credit("FEE", -fee, now, contract.name)
        account.exercises.append(
            Exercise(
                next(account.exercise_numbers),
                contract,
                contract.strike,
                abs(position.amount),
                amount,
                fee,
                position.amount > 0,
                now,
            )
        )
        position.amount = position.entry = ZERO
        position.updated = now
        self._flow.changed(account, [contract])

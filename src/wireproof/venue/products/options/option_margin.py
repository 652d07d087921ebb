"""Margin of an options account: what its positions and orders are worth and need.

Formulas: docs/exchange.md#options-margin; which field holds what: docs/exchange.md#options-account-fields.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.products.options import option_instruments as rates
from wireproof.venue.products.options.option_records import trade_fee

if TYPE_CHECKING:
    from wireproof.venue.products.options.option_instruments import OptionContract, Underlying
    from wireproof.venue.products.options.option_pricing import OptionValue
    from wireproof.venue.products.options.option_records import OptionAccount, OptionOrder, OptionRequest

CALL_AT = Decimal("0.8")  # maintenance margin over adjusted equity at which the account is warned
LIQUIDATION_AT = Decimal("0.95")


class Prices(Protocol):
    """Where marks and indexes come from."""

    def mark(self, contract: OptionContract) -> Decimal:
        """Return a contract's mark price."""

    def index(self, underlying: Underlying) -> Decimal:
        """Return an underlying's index price."""

    def value(self, contract: OptionContract) -> OptionValue:
        """Return a contract's worth and Greeks."""


class OptionMargins(NamedTuple):
    """What an account has and needs, in USDT."""

    balance: Decimal
    position_value: Decimal  # at mark prices, negative for what was written
    unrealised: Decimal
    initial: Decimal
    maintenance: Decimal

    @property
    def equity(self) -> Decimal:
        """Return the balance with what the positions are worth."""
        return self.balance + self.position_value

    @property
    def adjusted_equity(self) -> Decimal:
        """Return what counts against the maintenance margin, which holds what the written options are worth."""
        return self.balance

    @property
    def available(self) -> Decimal:
        """Return what new orders may use."""
        return max(self.adjusted_equity - self.initial, ZERO)

    @property
    def ratio(self) -> Decimal:
        """Return the maintenance margin as a share of the adjusted equity; one when there is none left."""
        return self.maintenance / self.adjusted_equity if self.adjusted_equity > 0 else Decimal(bool(self.maintenance))


class Greeks(NamedTuple):
    """What an account's options on one underlying gain and lose together."""

    delta: float
    gamma: float
    theta: float
    vega: float


def short_margin(prices: Prices, contract: OptionContract, *, initial: bool) -> Decimal:
    """Return what one written contract needs: a share of the index less what it is out of the money, and its mark."""
    index = prices.index(contract.underlying)
    most, least = (
        (rates.INITIAL_MARGIN, rates.MIN_INITIAL_MARGIN)
        if initial
        else (rates.MAINTENANCE_MARGIN, rates.MIN_MAINTENANCE_MARGIN)
    )
    share = max(least * index, most * index - contract.out_of_the_money(index))
    return share * contract.underlying.unit + prices.mark(contract)


def order_margin(prices: Prices, account: OptionAccount, request: OptionRequest, quantity: Decimal) -> Decimal:
    """Return what `quantity` of an order needs: premium and fee to buy, the margin of what it writes to sell."""
    contract = request.contract
    if request.reduce_only:
        return ZERO
    fee = trade_fee(contract.underlying, prices.index(contract.underlying), request.price, quantity)
    if request.side == "BUY":
        return request.price * quantity + fee
    written = max(quantity - max(account.amount(contract), ZERO), ZERO)
    return (short_margin(prices, contract, initial=True) * written + fee) if written else ZERO


def margins(prices: Prices, account: OptionAccount) -> OptionMargins:
    """Return the account's margins."""
    value = unrealised = initial = maintenance = ZERO
    for position in account.held_positions():
        mark = prices.mark(position.contract)
        value += position.amount * mark
        unrealised += position.amount * (mark - position.entry)
        if position.amount < 0:
            initial -= position.amount * short_margin(prices, position.contract, initial=True)
            maintenance -= position.amount * short_margin(prices, position.contract, initial=False)
    orders: list[OptionOrder] = list(account.open_orders.values())
    initial += sum((order_margin(prices, account, order, order.remaining) for order in orders), ZERO)
    return OptionMargins(account.wallet, *map(to_money, (value, unrealised, initial, maintenance)))


def greeks(prices: Prices, account: OptionAccount) -> dict[Underlying, Greeks]:
    """Return the account's Greeks by underlying, of those that it has positions on."""
    found: dict[Underlying, Greeks] = {}
    for position in account.held_positions():
        underlying = position.contract.underlying
        size = float(position.amount * underlying.unit)
        worth = prices.value(position.contract)
        so_far = found.get(underlying, Greeks(0.0, 0.0, 0.0, 0.0))
        found[underlying] = Greeks(
            so_far.delta + size * worth.delta,
            so_far.gamma + size * worth.gamma,
            so_far.theta + size * worth.theta,
            so_far.vega + size * worth.vega,
        )
    return found

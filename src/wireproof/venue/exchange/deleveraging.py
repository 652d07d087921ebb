"""Automatic deleveraging: who pays when the insurance fund cannot.

Positions on the other side, those with the highest return on their margin first, are closed in the place of what the
fund would have to take over, at the same price, by an order with the client id `adl_autoclose`.

https://www.binance.com/en/support/faq/360033525471 and
https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Order-Update
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.exchange.exchange_orders import close_at

if TYPE_CHECKING:
    from wireproof.venue.exchange.order_flow import OrderFlow
    from wireproof.venue.exchange.records import Account, Position

CLIENT_ID = "adl_autoclose"
# Returns on margin from which a position is in the second, third and fourth part of the queue. The exchange ranks all
# its traders; here there are few, so fixed steps say more than ranks.
STEPS = (Decimal("0.1"), Decimal("0.5"), Decimal(1))


def return_on_margin(account: Account, position: Position) -> Decimal:
    """Return a position's profit for each unit of its initial margin; zero without a position."""
    if not position.amount:
        return ZERO
    symbol = position.symbol
    margin = abs(symbol.value(position.amount, position.entry)) / account.leverage(symbol.name)
    return position.unrealised(account.mark(symbol.name)) / margin


def quantile(account: Account, position: Position) -> int:
    """Return how soon a position would be closed, from 1 to 4 (soonest); 0 without a position."""
    if not position.amount:
        return 0
    found = return_on_margin(account, position)
    return 1 + sum(found >= step for step in STEPS)


def deleverage(orders: OrderFlow, failed: Position, price: Decimal) -> Decimal:
    """Close profitable positions against `failed` at `price`, as far as there are; return how much, signed as it."""
    rising, name, left = failed.amount > 0, failed.symbol.name, abs(failed.amount)
    queue = [
        (return_on_margin(account, one), account, one)
        for account in orders.state.accounts
        for one in account.open_positions(name)
        if one is not failed and (one.amount > 0) != rising
    ]
    queue.sort(key=lambda entry: entry[0], reverse=True)
    for gain, account, position in queue:
        if gain <= 0 or not left:
            break
        quantity = min(left, abs(position.amount))
        close_at(orders, account, position, quantity, price=price, client_id=CLIENT_ID)
        left -= quantity
    closed = abs(failed.amount) - left
    return closed if rising else -closed

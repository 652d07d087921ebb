"""Orders of the exchange that close a position outside the order book: deliveries and deleveraging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.exchange import user_events
from wireproof.venue.exchange.order_flow import book_fill, trade_events
from wireproof.venue.exchange.records import OrderRequest

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.order_flow import OrderFlow
    from wireproof.venue.exchange.records import Account, Position


def close_at(
    orders: OrderFlow,
    account: Account,
    position: Position,
    quantity: Decimal,
    *,
    price: Decimal,
    client_id: str,
    income: str = "REALIZED_PNL",
) -> None:
    """Close `quantity` of a position at `price`; the account gets the events of a filled order, the tape no trade."""
    symbol, now = position.symbol, orders.state.clock.now_ms()
    request = OrderRequest(
        symbol=symbol,
        side="SELL" if position.amount > 0 else "BUY",
        position_side=position.side,
        type="MARKET",
        time_in_force="GTC",
        quantity=quantity,
        price=ZERO,
        stp="NONE",
        client_id=client_id,
        forced=True,
    )
    order, market = orders.new_order(account, request), orders.state.market(symbol.name)
    announced = user_events.order_update(order, "NEW", now)
    market.trade_id += 1
    fill = book_fill(order, quantity, price, market.trade_id, now, maker=False, income=income)
    orders.retire(order)
    for event in (announced, *trade_events(order, fill, now)):
        orders.state.publish(account, event, symbol.unit)
    orders.finished(order)

"""How REST shows what options accounts have: orders, fills, positions, exercises, block trades.

Which fields which route has: https://developers.binance.com/docs/derivatives/options-trading/trade, and
docs/exchange.md#options-answers for types that differ between routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import fixed, money, trimmed
from wireproof.venue.products.options.option_blocks import OTHER_LIQUIDITY, OTHER_SIDE
from wireproof.venue.products.options.option_instruments import QUANTITY_DIGITS, QUOTE

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.products.options.option_blocks import BlockFill, BlockTrade
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_protection import Protection
    from wireproof.venue.products.options.option_records import Bill, Exercise, OptionFill, OptionOrder, OptionPosition

Json = dict[str, Any]


def number(value: Decimal) -> int | float:
    """Return an amount as a JSON number, whole ones without decimals."""
    return int(value) if value == value.to_integral_value() else float(value)


def _scales(contract: OptionContract) -> Json:
    return {
        "priceScale": contract.underlying.price_digits,
        "quantityScale": QUANTITY_DIGITS,
        "optionSide": contract.side,
        "quoteAsset": QUOTE,
    }


def _ordered(order: OptionOrder) -> Json:
    return {
        "orderId": order.order_id,
        "symbol": order.contract.name,
        "price": trimmed(order.price),
        "quantity": trimmed(order.quantity),
    }


def _terms(order: OptionOrder) -> Json:
    return {
        "side": order.side,
        "type": "LIMIT",
        "timeInForce": order.time_in_force,
        "reduceOnly": order.reduce_only,
    }


def _tail(order: OptionOrder) -> Json:
    return {"clientOrderId": order.client_id, **_scales(order.contract), "mmp": order.mmp}


def history_view(order: OptionOrder) -> Json:
    """Show an order of the history, the one view that lacks `selfTradePreventionMode`."""
    return {
        **_ordered(order),
        "executedQty": trimmed(order.executed),
        **_terms(order),
        "createTime": order.created,
        "updateTime": order.updated,
        "status": order.status,
        "avgPrice": trimmed(order.average_price),
        **_tail(order),
    }


def open_view(order: OptionOrder) -> Json:
    """Show an open order in a list."""
    return {**history_view(order), "selfTradePreventionMode": order.stp}


def single_view(order: OptionOrder) -> Json:
    """Show one order that was asked for."""
    return {**open_view(order), "postOnly": order.post_only}


def placed_view(order: OptionOrder, *, result: bool) -> Json:
    """Show a new order as it was taken in (ACK), or as it is after matching (RESULT); its fee is the number 0."""
    shown = {**single_view(order), "fee": 0, "source": "API"}
    if not result:
        shown |= {"status": "NEW", "executedQty": "0", "avgPrice": "0", "updateTime": order.created}
    return shown


def cancelled_view(order: OptionOrder) -> Json:
    """Show a cancelled order: `createDate` where all others have `createTime`."""
    shown = {**open_view(order), "source": "API", "createDate": order.created}
    del shown["createTime"]
    return shown


def cancelled_in_batch(order: OptionOrder) -> Json:
    """Show an order that was cancelled with others; its fee is a text."""
    return {**open_view(order), "source": "API", "fee": trimmed(-order.fee)}


def fill_view(fill: OptionFill) -> Json:
    """Show an execution; a fee is negative when it was charged."""
    order = fill.order
    return {
        "id": fill.number,
        "tradeId": fill.trade_id,
        "orderId": order.order_id,
        "symbol": order.contract.name,
        "price": trimmed(fill.price),
        "quantity": trimmed(fill.quantity),
        "fee": trimmed(-fill.fee),
        "realizedProfit": money(fill.profit),
        "side": order.side,
        "type": "LIMIT",
        "liquidity": "MAKER" if fill.maker else "TAKER",
        "time": fill.time,
        **_scales(order.contract),
    }


def position_view(position: OptionPosition, mark: Decimal, resting: tuple[Decimal, Decimal], now: int) -> Json:
    """Show a position; `resting` are the quantities of the account's open bids and asks."""
    contract = position.contract
    return {
        "entryPrice": trimmed(position.entry),
        "symbol": contract.name,
        "side": "LONG" if position.amount > 0 else "SHORT",
        "quantity": trimmed(position.amount),
        "markValue": trimmed(abs(position.amount) * mark),
        "unrealizedPNL": trimmed(position.amount * (mark - position.entry)),
        "markPrice": trimmed(mark),
        "strikePrice": trimmed(contract.strike),
        "expiryDate": contract.expiry,
        **_scales(contract),
        "time": now,
        "bidQuantity": fixed(resting[0], 4),
        "askQuantity": fixed(resting[1], 4),
    }


def exercise_view(record: Exercise) -> Json:
    """Show what became of a position at expiry; the id is a text."""
    return {
        "id": str(record.number),
        "currency": QUOTE,
        "symbol": record.contract.name,
        "exercisePrice": money(record.price),
        "quantity": money(record.quantity),
        "amount": money(record.amount),
        "fee": money(record.fee),
        "createDate": record.time,
        **_scales(record.contract),
        "positionSide": "LONG" if record.long else "SHORT",
    }


def bill_view(bill: Bill) -> Json:
    """Show a change of the wallet; `symbol` only where a contract is concerned (since 2026-10-09)."""
    shown = {
        "id": bill.number,
        "asset": QUOTE,
        "amount": trimmed(bill.amount),
        "type": bill.kind,
        "createDate": bill.time,
    }
    return shown | {"symbol": bill.symbol} if bill.symbol else shown


def protection_view(protection: Protection) -> Json:
    """Show the market maker protection of an underlying."""
    return {
        "underlyingId": protection.underlying.number,
        "underlying": protection.underlying.name,
        "windowTimeInMilliseconds": protection.window_ms,
        "frozenTimeInMilliseconds": protection.frozen_ms,
        "qtyLimit": trimmed(protection.limits[0]),
        "deltaLimit": trimmed(protection.limits[1]),
        "lastTriggerTime": protection.triggered,
    }


# block trades


def new_block_view(block: BlockTrade) -> Json:
    """Show a block trade that was just offered: the one view without `createTime`."""
    return {
        "blockTradeSettlementKey": block.key,
        "expireTime": block.expires,
        "liquidity": block.liquidity,
        "status": block.status,
        "legs": [_leg(block, block.side)],
    }


def _leg(block: BlockTrade, side: str) -> Json:
    shown = {"quantity": trimmed(block.quantity), "price": trimmed(block.price)}
    return {"symbol": block.contract.name, "side": side, **shown}


def block_view(block: BlockTrade) -> Json:
    """Show a block trade as its maker sees it."""
    return {**new_block_view(block), "createTime": block.created}


def counter_block_view(block: BlockTrade) -> Json:
    """Show a block trade as the other side sees it."""
    legs = [_leg(block, OTHER_SIDE[block.side])]
    return {**block_view(block), "liquidity": OTHER_LIQUIDITY[block.liquidity], "legs": legs}


def block_fill_view(one: BlockFill) -> Json:
    """Show what an account got of a block trade: texts for ids, numbers for prices and quantities."""
    fill = one.fill
    leg = {
        "createTime": fill.time,
        "updateTime": fill.time,
        "symbol": fill.order.contract.name,
        "orderId": str(fill.order.order_id),
        "orderPrice": number(fill.order.price),
        "orderQuantity": number(fill.order.quantity),
        "orderStatus": fill.order.status,
        "executedQty": number(fill.order.executed),
        "executedAmount": number(fill.order.cost),
        "fee": number(fill.fee),
        "orderType": "PREV_QUOTED",
        "orderSide": fill.order.side,
        "id": str(fill.number),
        "tradeId": fill.trade_id,
        "tradePrice": number(fill.price),
        "tradeQty": number(fill.quantity),
        "tradeTime": fill.time,
        "liquidity": one.liquidity,
        "commission": number(fill.fee),
    }
    key = one.block.key
    return {"parentOrderId": str(one.parent), "crossType": "USER_BLOCK", "legs": [leg], "blockTradeSettlementKey": key}

"""User events of options. Fields and formats: docs/exchange.md#options-user-events.

https://developers.binance.com/docs/derivatives/options-trading/user-data-streams
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, fixed, money, trimmed
from wireproof.venue.products.options import option_margin
from wireproof.venue.products.options.option_records import ASSET

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_margin import Prices
    from wireproof.venue.products.options.option_records import OptionAccount, OptionFill, OptionOrder

Json = dict[str, Any]
POSITION_DIGITS = 4
OPTION_EVENTS = (
    "ACCOUNT_UPDATE",
    "BALANCE_POSITION_UPDATE",
    "GREEK_UPDATE",
    "ORDER_TRADE_UPDATE",
    "RISK_LEVEL_CHANGE",
    "listenKeyExpired",
)


def _resting_value(order: OptionOrder, side: str) -> Decimal:
    """Return what the account's open orders of a side for the contract are worth."""
    orders = order.account.orders_for(order.contract)
    return sum((one.remaining * one.price for one in orders if one.side == side), ZERO)


def option_order_update(order: OptionOrder, execution: str, now: int, fill: OptionFill | None = None) -> Json:
    """ORDER_TRADE_UPDATE; `execution` is NEW, TRADE, CANCELED or EXPIRED. A commission is negative when charged."""
    shown = {
        "s": order.contract.name,
        "c": order.client_id,
        "S": order.side,
        "o": "LIMIT",
        "f": order.time_in_force,
        "q": trimmed(order.quantity),
        "p": trimmed(order.price),
        "ap": trimmed(order.average_price),
        "x": execution,
        "X": order.status,
        "i": order.order_id,
        "l": "0" if fill is None else trimmed(fill.quantity),
        "z": trimmed(order.executed),
        "L": "0" if fill is None else trimmed(fill.price),
        "N": ASSET,
        "n": "0" if fill is None else trimmed(-fill.fee),
        "T": now,
        "t": 0 if fill is None else fill.trade_id,
        "b": trimmed(_resting_value(order, "BUY")),
        "a": trimmed(_resting_value(order, "SELL")),
        "m": fill is not None and fill.maker,
        "R": order.reduce_only,
        "ot": "LIMIT",
        "rp": "0" if fill is None else trimmed(fill.profit),
        "V": order.stp,
    }
    return {"e": "ORDER_TRADE_UPDATE", "E": now, "T": now, "o": shown}


def balance_position_update(
    account: OptionAccount, reason: str, contracts: list[OptionContract], now: int, change: Decimal = ZERO
) -> Json:
    """BALANCE_POSITION_UPDATE; `reason` is ORDER, DEPOSIT or WITHDRAW, `change` without profits and fees."""
    rows = []
    for position in map(account.position, contracts):
        row = {
            "s": position.contract.name,
            "c": fixed(position.amount, POSITION_DIGITS),
            "p": money(position.amount * position.entry),
            "a": money(position.entry),
        }
        rows.append(row)
    return {
        "e": "BALANCE_POSITION_UPDATE",
        "E": now,
        "T": now,
        "m": reason,
        "B": [{"a": ASSET, "b": money(account.wallet), "bc": trimmed(change)}],
        "P": rows,
    }


def option_account_update(prices: Prices, account: OptionAccount, now: int) -> Json:
    """ACCOUNT_UPDATE: equity and margins."""
    margins = option_margin.margins(prices, account)
    return {
        "e": "ACCOUNT_UPDATE",
        "E": now,
        "T": now,
        "eq": money(margins.equity),
        "aeq": money(margins.adjusted_equity),
        "b": money(margins.balance),
        "m": money(margins.position_value),
        "u": money(margins.unrealised),
        "i": money(margins.initial),
        "M": money(margins.maintenance),
    }


def greek_update(prices: Prices, account: OptionAccount, now: int) -> Json:
    """GREEK_UPDATE: the Greeks by underlying."""
    rows = [
        {
            "u": underlying.name,
            "d": f"{found.delta:.8f}",
            "g": f"{found.gamma:.8f}",
            "t": f"{found.theta:.8f}",
            "v": f"{found.vega:.8f}",
        }
        for underlying, found in option_margin.greeks(prices, account).items()
    ]
    return {"e": "GREEK_UPDATE", "E": now, "T": now, "G": rows}


def risk_level_change(prices: Prices, account: OptionAccount, level: str, now: int) -> Json:
    """RISK_LEVEL_CHANGE; `level` is NORMAL or REDUCE_ONLY."""
    margins = option_margin.margins(prices, account)
    shown = {"mb": money(margins.adjusted_equity), "mm": money(margins.maintenance)}
    return {"e": "RISK_LEVEL_CHANGE", "E": now, "s": level, **shown}


def option_listen_key_expired(listen_key: str, now: int) -> Json:
    """listenKeyExpired, whose time is a text (docs/exchange.md#options-user-events)."""
    return {"e": "listenKeyExpired", "E": str(now), "listenKey": listen_key}

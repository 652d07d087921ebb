"""User-data events, with the fields and in the number forms of docs/exchange.md#fields-of-user-events.

https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, fixed, money, trimmed, zero_or_money
from wireproof.venue.exchange import margin
from wireproof.venue.exchange.instruments import CM, UM

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from wireproof.venue.exchange.records import Account, AlgoOrder, Order, Position

# Expiry reasons, `er` of ORDER_TRADE_UPDATE.
SELF_TRADE, IOC_REMAINDER, REDUCE_ONLY_KNOCKED_OUT, MARKET_REMAINDER = "1", "2", "4", "9"


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of one order."""

    trade_id: int
    price: Decimal
    quantity: Decimal
    fee: Decimal
    profit: Decimal
    maker: bool


def trade_lite(order: Order, fill: Fill, now: int) -> dict[str, Any]:
    """TRADE_LITE; keeps trailing zeros where ORDER_TRADE_UPDATE drops them."""
    price_digits, qty_digits = order.symbol.price_digits, order.symbol.qty_digits
    return {
        "e": "TRADE_LITE",
        "E": now,
        "T": now,
        "s": order.symbol.name,
        "q": fixed(order.quantity, qty_digits),
        "p": fixed(order.price, price_digits),
        "m": fill.maker,
        "c": order.client_id,
        "S": order.side,
        "L": fixed(fill.price, price_digits),
        "l": fixed(fill.quantity, qty_digits),
        "t": fill.trade_id,
        "i": order.order_id,
    }


def order_update(order: Order, execution: str, now: int, *, fill: Fill | None = None, er: str = "0") -> dict[str, Any]:
    """ORDER_TRADE_UPDATE for the `execution` type NEW, TRADE, CANCELED, EXPIRED or AMENDMENT.

    COIN-M's has the account's alias and the margin asset, and lacks si, ss and gtd (documented). `M` repeats the
    modifyId of a modification, as text, when its request gave one (documented).
    """
    bids, asks = order.account.held(order.symbol.name, order.position_side)
    body: dict[str, Any] = {
        "s": order.symbol.name,
        "c": order.client_id,
        "S": order.side,
        "o": order.type,
        "f": order.time_in_force,
        "q": trimmed(order.quantity),
        "p": trimmed(order.price),
        "ap": trimmed(order.average_price.quantize(order.symbol.tick / 1000) if order.executed else ZERO),
        "sp": trimmed(order.trigger),
        "x": execution,
        "X": order.status,
        "i": order.order_id,
        "l": trimmed(fill.quantity) if fill else "0",
        "z": trimmed(order.executed),
        "L": trimmed(fill.price) if fill else "0",
        "n": zero_or_money(fill.fee) if fill else "0",
        "N": order.symbol.margin_asset,
        "T": now,
        "t": fill.trade_id if fill else 0,
        "b": trimmed(bids),
        "a": trimmed(asks),
        "m": fill.maker if fill else False,
        "R": order.reduce_only,
        "wt": order.working_type,
        "ot": order.original_type,
        "ps": order.position_side,
        "cp": order.close_position,
        "rp": zero_or_money(fill.profit) if fill else "0",
        "pP": order.price_protect,
        "V": order.stp,
        "pm": order.price_match,
        "er": er,
    }
    if execution == "AMENDMENT" and order.modify_id is not None:
        body["M"] = str(order.modify_id)
    head = {"e": "ORDER_TRADE_UPDATE", "E": now, "T": now}
    if order.symbol.unit == CM:
        return head | {"i": order.account.alias, "o": body | {"ma": order.symbol.margin_asset}}
    return head | {"o": body | {"si": 0, "ss": 0, "gtd": order.good_till}}


def conditional_update(algo: AlgoOrder, execution: str, now: int) -> dict[str, Any]:
    """ORDER_TRADE_UPDATE of a conditional order that waits, or ended untriggered, before the Algo service."""
    event = order_update(algo.as_order(execution), execution, now)
    if algo.trailing:
        event["o"] |= {"AP": trimmed(algo.activate_price), "cr": trimmed(algo.callback_rate, at_least=1)}
    return event


def account_update(
    account: Account,
    reason: str,
    assets: Iterable[str],
    positions: Iterable[Position],
    now: int,
    *,
    unit: str = UM,
    change: Decimal = ZERO,
    funded: str = "",
) -> dict[str, Any]:
    """ACCOUNT_UPDATE with the assets and positions that changed; margin types in lower case here.

    `unit` says whose wallets they are: COIN-M's event has the account's alias and no `ma`. `change` is `bc`, what a
    wallet gained other than by trading; `funded` is the symbol whose funding was paid (`S`, since August 2026).
    """
    wallets = account.wallets_of(unit)
    balances = [
        {
            "a": asset,
            "wb": money(wallets[asset]),
            "cw": money(margin.cross_wallet(account, asset, unit)),
            "bc": zero_or_money(change),
        }
        for asset in assets
    ]
    rows = [
        {
            "s": position.symbol.name,
            "pa": trimmed(position.amount),
            "ep": trimmed(position.entry.quantize(position.symbol.tick / 100_000), at_least=1),
            "cr": trimmed(position.realised),
            "up": zero_or_money(position.unrealised(account.mark(position.symbol.name))),
            "mt": "isolated" if position.symbol.name in account.isolated else "cross",
            "iw": zero_or_money(position.isolated_wallet),
            "ps": position.side,
            **({} if unit == CM else {"ma": position.symbol.margin_asset}),
            "bep": trimmed(position.break_even.quantize(position.symbol.tick / 100_000), at_least=1),
        }
        for position in positions
    ]
    alias = {"i": account.alias} if unit == CM else {}
    symbol = {"S": funded} if funded else {}
    return {"e": "ACCOUNT_UPDATE", "E": now, "T": now, **alias, "a": {"B": balances, "P": rows, "m": reason, **symbol}}


def leverage_update(symbol: str, leverage: int, now: int) -> dict[str, Any]:
    """ACCOUNT_CONFIG_UPDATE after a change of leverage."""
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now, "T": now, "ac": {"s": symbol, "l": leverage}}


def multi_assets_update(*, enabled: bool, now: int) -> dict[str, Any]:
    """ACCOUNT_CONFIG_UPDATE after a change of the multi-assets mode."""
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now, "T": now, "ai": {"j": enabled}}


def algo_update(algo: AlgoOrder, now: int, *, active: bool | None = None) -> dict[str, Any]:
    """ALGO_UPDATE: ap, aq, act and rm only once the order has triggered; `ia` only for trailing orders.

    docs/exchange.md#conditional-order-events
    """
    digits = algo.symbol.price_digits
    body: dict[str, Any] = {
        "caid": algo.client_id,
        "aid": algo.algo_id,
        "at": "CONDITIONAL",
        "o": algo.type,
        "s": algo.symbol.name,
        "S": algo.side,
        "ps": algo.position_side,
        "f": algo.time_in_force,
        "q": trimmed(algo.quantity),
        "X": algo.status,
        "ai": "" if algo.order is None else str(algo.order.order_id),
    }
    if algo.triggered:
        order = algo.order
        body |= {
            "ap": fixed(order.average_price if order is not None else ZERO, digits + 3),
            "aq": fixed(order.executed if order is not None else ZERO, algo.symbol.qty_digits),
            "act": "LIMIT" if algo.price else "MARKET",
        }
    body |= {
        "tp": trimmed(algo.trigger_price),
        "p": trimmed(algo.price),
        "V": algo.stp,
        "wt": algo.working_type,
        "pm": algo.price_match,
        "cp": algo.close_position,
        "pP": algo.price_protect,
        "R": algo.reduce_only,
        "tt": algo.triggered,
        "gtd": algo.good_till,
    }
    if active is not None:
        body["ia"] = active
    if algo.triggered:
        body["rm"] = algo.reject_reason
    return {"e": "ALGO_UPDATE", "T": now, "E": now, "o": body}


def margin_call(account: Account, positions: Sequence[Position], now: int, *, isolated: bool) -> dict[str, Any]:
    """MARGIN_CALL: upper-case margin types, and `cw` only when cross positions are called (documented)."""
    symbol = positions[0].symbol
    event: dict[str, Any] = {"e": "MARGIN_CALL", "E": now}
    if symbol.unit == CM:
        event["i"] = account.alias
    if not isolated:
        event["cw"] = money(margin.cross_wallet(account, symbol.margin_asset, unit=symbol.unit))
    event["p"] = [
        {
            "s": one.symbol.name,
            "ps": one.side,
            "pa": trimmed(one.amount),
            "mt": "ISOLATED" if isolated else "CROSSED",
            "iw": zero_or_money(one.isolated_wallet),
            "mp": money(account.mark(one.symbol.name)),
            "up": money(one.unrealised(account.mark(one.symbol.name))),
            "mm": money(margin.maintenance(account, one)),
        }
        for one in positions
    ]
    return event


def listen_key_expired(listen_key: str, now: int) -> dict[str, Any]:
    """listenKeyExpired; E is a number since May 2026."""
    return {"e": "listenKeyExpired", "E": now, "listenKey": listen_key}

"""User-data events of portfolio margin: those of cross margin, and those of both futures in its own words.

https://developers.binance.com/docs/derivatives/portfolio-margin/user-data-streams
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, money, trimmed
from wireproof.venue.exchange.instruments import UM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from wireproof.venue.exchange.records import AlgoOrder
    from wireproof.venue.products.portfolio_margin.margin_records import MarginOrder, MarginTrade
    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

Json = dict[str, Any]
UNIT = "PM"  # what the venue's events of portfolio margin are published under
#: All that are documented, each with whether anything on the venue triggers it.
EVENTS_OF_PORTFOLIO = dict.fromkeys(
    (
        "ACCOUNT_CONFIG_UPDATE",
        "ACCOUNT_UPDATE",
        "ALGO_UPDATE",
        "CONDITIONAL_ORDER_TRADE_UPDATE",
        "ORDER_TRADE_UPDATE",
        "balanceUpdate",
        "executionReport",
        "liabilityChange",
        "listenKeyExpired",
        "openOrderLoss",
        "outboundAccountPosition",
        "riskLevelChange",
    ),
    True,  # the value of each
)
NOT_SHOWN = frozenset({"ot", "wt", "cp", "pP", "pm", "si", "ss", "er", "ma"})
POSITION_FIELDS = ("s", "pa", "ep", "cr", "up", "ps", "bep")
STRATEGY_STATUSES = {"TRIGGERING": "TRIGGERED", "REJECTED": "EXPIRED"}


# cross margin


def account_position(portfolio: PortfolioAccount, assets: Iterable[str], update: int, now: int) -> Json:
    """outboundAccountPosition: the assets that may have changed."""
    rows = [
        {"a": asset, "f": money(portfolio.margin[asset].free), "l": money(portfolio.margin[asset].locked)}
        for asset in assets
    ]
    return {"e": "outboundAccountPosition", "E": now, "u": now, "U": update, "B": rows}


def balance_update(asset: str, change: Decimal, update: int, now: int) -> Json:
    """balanceUpdate: what came in or, negative, went out by a transfer."""
    return {"e": "balanceUpdate", "E": now, "a": asset, "d": money(change), "U": update, "T": now}


def liability_change(
    portfolio: PortfolioAccount, asset: str, loan: tuple[Decimal, Decimal], tran_id: int, now: int
) -> Json:
    """Return liabilityChange upon a `loan`: its amount, its first interest, and what is owed in all."""
    owed = portfolio.margin[asset].owed
    amounts = {"p": money(loan[0]), "i": trimmed(loan[1]), "l": money(owed)}
    return {"e": "liabilityChange", "E": now, "a": asset, "t": "BORROW", "T": tran_id, **amounts}


def open_order_loss(losses: Mapping[str, Decimal], now: int) -> Json:
    """openOrderLoss: what open margin orders would lose at once, by asset; negative."""
    return {"e": "openOrderLoss", "E": now, "O": [{"a": asset, "o": trimmed(-loss)} for asset, loss in losses.items()]}


def risk_level_change(portfolio: PortfolioAccount, level: str, now: int) -> Json:
    """riskLevelChange, by the name that its payload has: docs/exchange.md#portfolio-margin-events."""
    return {
        "e": "riskLevelChange",
        "E": now,
        "u": money(portfolio.ratio()),
        "s": level,
        "eq": money(portfolio.equity()),
        "ae": money(portfolio.actual_equity()),
        "m": money(portfolio.maintenance_margin()),
    }


def execution_report(
    order: MarginOrder,
    execution: str,
    now: int,
    number: int,
    *,
    trade: MarginTrade | None = None,
    cancel_id: str = "",
) -> Json:
    """Return executionReport for the `execution` type NEW, TRADE, CANCELED, EXPIRED or TRADE_PREVENTION.

    Upon a cancellation `c` is the id of that request, `C` the order's own. `number` is that of the execution.
    """
    quote = ZERO if trade is None else trade.price * trade.quantity
    report: Json = {
        "e": "executionReport",
        "E": now,
        "s": order.symbol.name,
        "c": cancel_id or order.client_id,
        "S": order.side,
        "o": order.type,
        "f": order.time_in_force,
        "q": money(order.quantity),
        "p": money(order.price),
        "P": money(order.stop_price),
        "F": money(order.iceberg),
        "g": -1 if order.order_list is None else order.order_list.number,
        "x": execution,
        "X": order.status,
        "i": order.order_id,
        "l": money(ZERO if trade is None else trade.quantity),
        "z": money(order.executed),
        "L": money(ZERO if trade is None else trade.price),
        "n": "0" if trade is None else money(trade.fee),
        "N": None if trade is None else trade.fee_asset,
        "T": now,
        "t": -1 if trade is None else trade.number,
        "I": number,
        "w": order.working,
        "m": trade is not None and trade.maker,
        "O": order.created,
        "Z": money(order.cost),
        "Y": money(quote),
        "Q": money(ZERO),
        "V": order.stp,
    }
    if execution == "CANCELED":
        report["C"] = order.client_id
    if order.working:
        report["W"] = order.working_since
    if order.status in {"EXPIRED", "EXPIRED_IN_MATCH"}:
        report["eR"] = "INSUFFICIENT_LIQUIDITY"
    return report | (_prevented(order) if execution == "TRADE_PREVENTION" else {})


def _prevented(order: MarginOrder) -> Json:
    match = order.prevented
    if match is None:
        return {}
    return {
        "v": match.number,
        "u": 1,
        "U": match.counterpart.order_id,
        "A": money(match.quantity),
        "B": money(match.quantity),
        "Cs": match.counterpart.symbol.name,
        "pl": money(match.quantity),
        "pL": money(match.price),
        "pY": money(match.price * match.quantity),
    }


def key_expired(_listen_key: str, now: int) -> Json:
    """listenKeyExpired, which does not say which one (documented)."""
    return {"e": "listenKeyExpired", "E": now}


# both futures


def futures_event(portfolio: PortfolioAccount, event: Json, unit: str) -> Json | None:
    """Return an event of the futures as portfolio margin sends it, None for one that it does not send.

    docs/exchange.md#portfolio-margin-events
    """
    kind = event["e"]
    alias = "" if unit == UM else portfolio.owner.alias
    head = {"e": kind, "fs": unit, "E": event["E"], "T": event["T"]} if "T" in event else {}
    if kind == "ORDER_TRADE_UPDATE":
        return head | {"i": alias, "o": _order(portfolio, event["o"], unit)}
    if kind == "ACCOUNT_UPDATE":
        return head | {"i": alias, "a": _account(event["a"])}
    if kind == "ACCOUNT_CONFIG_UPDATE" and "ac" in event:
        return head | {"ac": event["ac"]}
    if kind == "ALGO_UPDATE":
        algo = _algo(portfolio, event["o"]["aid"])
        if unit == UM:
            return head | {"ao": event["o"]}
        if event["o"]["X"] == "NEW" and event["o"].get("ia"):
            return None  # nothing of a strategy says that it follows the price by now
        return head | {"e": "CONDITIONAL_ORDER_TRADE_UPDATE", "so": strategy_update(algo)}
    return None


def _algo(portfolio: PortfolioAccount, number: int) -> AlgoOrder:
    futures = portfolio.futures
    return futures.algos.get(number) or futures.closed_algos[number]


def _order(portfolio: PortfolioAccount, shown: Json, unit: str) -> Json:
    """Return the order of an ORDER_TRADE_UPDATE, with the strategy of COIN-M that it came from."""
    body = {name: value for name, value in shown.items() if name not in NOT_SHOWN}
    body.setdefault("gtd", 0)
    futures = portfolio.futures
    for algo in () if unit == UM else (*futures.algos.values(), *futures.closed_algos.values()):
        if algo.order is not None and algo.order.order_id == shown["i"]:
            kind = "C_TAKE_PROFIT" if algo.type.startswith("TAKE_PROFIT") else f"C_{algo.type}"
            body |= {"st": kind, "si": algo.algo_id}
    return body


def _account(shown: Json) -> Json:
    """Return the changes of an ACCOUNT_UPDATE; without positions upon funding (documented)."""
    if shown["m"] == "FUNDING_FEE" and not shown["P"]:
        return {name: shown[name] for name in ("m", "B", "S") if name in shown}
    rows = [{name: row[name] for name in POSITION_FIELDS} for row in shown["P"]]
    return {"m": shown["m"], "B": shown["B"], "P": rows} | ({"S": shown["S"]} if "S" in shown else {})


def strategy_update(algo: AlgoOrder) -> Json:
    """Return the strategy of a CONDITIONAL_ORDER_TRADE_UPDATE; AP and cr of one that trails only."""
    trailing = {"AP": trimmed(algo.activate_price), "cr": trimmed(algo.callback_rate, at_least=1)}
    return {
        "s": algo.symbol.name,
        "c": algo.client_id,
        "si": algo.algo_id,
        "S": algo.side,
        "st": algo.type,
        "f": algo.time_in_force,
        "q": trimmed(algo.quantity),
        "p": trimmed(algo.price),
        "sp": trimmed(algo.trigger_price),
        "os": STRATEGY_STATUSES.get(algo.status, algo.status),
        "T": algo.created,
        "ut": algo.updated,
        "R": algo.reduce_only,
        "wt": algo.working_type,
        "ps": algo.position_side,
        "cp": algo.close_position,
        **(trailing if algo.trailing else {}),
        "i": 0 if algo.order is None else algo.order.order_id,
        "V": algo.stp,
        "gtd": algo.good_till,
    }

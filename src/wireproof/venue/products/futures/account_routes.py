"""REST: balances, positions and settings of USDⓈ-M and COIN-M.

https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api and its COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import invalid_data
from wireproof.venue.exchange import placement
from wireproof.venue.exchange.deleveraging import quantile as quantile_of
from wireproof.venue.exchange.order_flow import MAKER_FEE, TAKER_FEE
from wireproof.venue.products.futures import order_views
from wireproof.venue.products.futures.trade_routes import read_limit, read_period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.records import Account

Json = dict[str, Any]
SUCCESS = {"code": 200, "msg": "success"}
ADDING, REMOVING = 1, 2

_SIGNED = CallSecurity.SIGNED


def listed_symbols(call: Call) -> list[Symbol]:
    """Return the contract that the `symbol` parameter names, or all of the product."""
    name = call.optional_symbol()
    return [market.symbol for market in call.markets() if name in {None, market.symbol.name}]


# settings


def position_mode(call: Call) -> Json:
    """Return the position mode, one setting for both products."""
    return {"dualSidePosition": call.account.hedge_mode}


def set_position_mode(call: Call) -> Json:
    """Change the position mode."""
    call.engine.settings.set_position_mode(call.account, hedge=call.params.needed_flag("dualSidePosition"))
    return SUCCESS


def set_leverage(cap: str) -> Callable[[Call], Json]:
    """Return what changes a symbol's leverage; `cap` is the field that has the largest position with it."""

    def run(call: Call) -> Json:
        symbol = call.market().symbol
        leverage = call.params.needed_integer("leverage")
        call.engine.settings.set_leverage(call.account, symbol, leverage)
        return {"symbol": symbol.name, "leverage": leverage, cap: str(symbol.notional_cap(leverage))}

    return run


def set_margin_type(call: Call) -> Json:
    """Change a symbol's margin type."""
    symbol = call.market().symbol
    kind = call.params.needed_choice("marginType", ("ISOLATED", "CROSSED"), invalid_data("marginType"))
    call.engine.settings.set_margin_type(call.account, symbol, isolated=kind == "ISOLATED")
    return SUCCESS


def change_margin(call: Call) -> Json:
    """Add margin to an isolated position, or take some out."""
    symbol, params = call.market().symbol, call.params
    side = placement.read_position_side(params, call.account)
    amount, kind = params.needed_decimal("amount"), params.needed_integer("type")
    if kind not in {ADDING, REMOVING}:
        raise invalid_data("type")
    call.engine.settings.change_margin(call.account, symbol, side, amount, adding=kind == ADDING)
    shown = int(amount) if amount == int(amount) else float(amount)
    return {"amount": shown, "code": 200, "msg": "Successfully modify position margin.", "type": kind}


def margin_changes(call: Call) -> list[Json]:
    """Return what `change_margin` did to a symbol's positions."""
    symbol, kind = call.market().symbol, call.params.integer("type")
    if kind not in {None, ADDING, REMOVING}:
        raise invalid_data("type")
    limit = read_limit(call.params, 500)
    start, end = read_period(call.params, call.engine.clock.now_ms())
    found = [
        order_views.margin_change_view(one)
        for one in call.account.history.margin_changes
        if one.symbol is symbol and kind in {None, ADDING if one.adding else REMOVING} and start <= one.time <= end
    ]
    return found[-limit:]


def brackets(symbol: Symbol, cap: str, floor: str) -> list[Json]:
    """Return the steps of a contract's leverage; `cap` and `floor` are what the product calls their bounds."""
    return [
        {
            "bracket": number,
            "initialLeverage": step.leverage,
            cap: step.cap,
            floor: step.floor,
            "maintMarginRatio": float(step.rate),
            "cum": float(step.cum),
        }
        for number, step in enumerate(symbol.brackets, 1)
    ]


def commission_rate(call: Call) -> Json:
    """commissionRate: what the engine charges."""
    return {
        "symbol": call.market().symbol.name,
        "makerCommissionRate": str(MAKER_FEE),
        "takerCommissionRate": str(TAKER_FEE),
    }


def adl_quantiles(call: Call) -> list[Json]:
    """Return adlQuantile of the symbols with a position; crossed ones of hedge mode share theirs, shown as HEDGE."""
    account = call.account
    return [
        {"symbol": symbol.name, "adlQuantile": _quantiles(account, symbol)}
        for symbol in listed_symbols(call)
        if any(account.open_positions(symbol.name))
    ]


def _quantiles(account: Account, symbol: Symbol) -> Json:
    def quantile(side: str) -> int:
        position = account.positions.get((symbol.name, side))
        return 0 if position is None else quantile_of(account, position)

    if not account.hedge_mode:
        held, place = account.position(symbol, "BOTH").amount, quantile("BOTH")
        return {"LONG": place if held > ZERO else 0, "SHORT": place if held < ZERO else 0, "BOTH": place}
    if symbol.name in account.isolated:
        return {"LONG": quantile("LONG"), "SHORT": quantile("SHORT"), "BOTH": 0}
    shared = max(quantile("LONG"), quantile("SHORT"))
    return {"LONG": shared, "SHORT": shared, "HEDGE": 0}


def routes(root: str) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`."""
    moved = ("symbol", "amount", "type")
    yield route("GET", f"{root}/v1/positionSide/dual", _SIGNED, position_mode, 30)
    yield route("POST", f"{root}/v1/positionSide/dual", _SIGNED, set_position_mode, 1, "dualSidePosition")
    yield route("POST", f"{root}/v1/marginType", _SIGNED, set_margin_type, 1, "symbol", "marginType")
    yield route("POST", f"{root}/v1/positionMargin", _SIGNED, change_margin, 1, *moved)
    yield route("GET", f"{root}/v1/positionMargin/history", _SIGNED, margin_changes, 1, "symbol")
    yield route("GET", f"{root}/v1/adlQuantile", _SIGNED, adl_quantiles, 5)

"""REST: balances, positions and settings of USDⓈ-M and COIN-M.

https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api and its COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api import operations as ops
from wireproof.venue.api.operations import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.rate_limits import ORDERS_MINUTE, ORDERS_TEN_SECONDS
from wireproof.venue.base.refusals import invalid_data
from wireproof.venue.exchange import placement
from wireproof.venue.exchange.deleveraging import quantile as quantile_of
from wireproof.venue.exchange.order_flow import MAKER_FEE, RPI_FEE, TAKER_FEE
from wireproof.venue.products.coinm import coin_views
from wireproof.venue.products.futures.trade_routes import read_limit, read_period
from wireproof.venue.products.usdm import account_views, order_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.records import Account

Json = dict[str, Any]
SUCCESS = {"code": 200, "msg": "success"}
ADDING, REMOVING = 1, 2
# Indicators of the trading rules: unfilled, immediate-or-expired and cancelled ratio, dust; what each may come to.
INDICATORS = {"UFR": 0.995, "IFER": 0.99, "GCR": 0.99, "DR": 0.99}

_SIGNED = CallSecurity.SIGNED


def _symbols(call: Call) -> list[Symbol]:
    """Return the contract that the `symbol` parameter names, or all of the product."""
    name = call.optional_symbol()
    return [market.symbol for market in call.markets() if name in {None, market.symbol.name}]


# settings


def position_mode(call: Call) -> Json:
    """Return the position mode, one setting for both products."""
    return {"dualSidePosition": call.account.hedge_mode}


def set_position_mode(call: Call) -> Json:
    """Change it."""
    call.engine.settings.set_position_mode(call.account, hedge=call.params.needed_flag("dualSidePosition"))
    return SUCCESS


def multi_assets(call: Call) -> Json:
    """Return whether all assets back each other."""
    return {"multiAssetsMargin": call.account.multi_assets}


def set_multi_assets(call: Call) -> Json:
    """Change it."""
    call.engine.settings.set_multi_assets(call.account, enabled=call.params.needed_flag("multiAssetsMargin"))
    return SUCCESS


def fee_burn(call: Call) -> Json:
    """Return whether fees are paid in BNB; a setting only, the venue takes them in the margin asset."""
    return {"feeBurn": call.account.fee_burn}


def set_fee_burn(call: Call) -> Json:
    """Change it."""
    call.account.fee_burn = call.params.needed_flag("feeBurn")
    return SUCCESS


def set_leverage(call: Call) -> Json:
    """Change a symbol's leverage."""
    symbol = call.market().symbol
    leverage = call.params.needed_integer("leverage")
    call.engine.settings.set_leverage(call.account, symbol, leverage)
    cap = str(symbol.notional_cap(leverage))
    return {"symbol": symbol.name, "leverage": leverage, "maxQty" if call.inverse else "maxNotionalValue": cap}


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


# USDⓈ-M


def account_v2(call: Call) -> Json:
    """v2/account: as account.status, with feeBurn and without the positions' break-even prices (documented)."""
    view = account_views.status_v1(call.account)
    for row in view["positions"]:
        del row["breakEvenPrice"]
    return view | {"feeBurn": call.account.fee_burn}


def account_v3(call: Call) -> Json:
    """v3/account: as v2/account.status, whose assets do not say marginAvailable here (documented)."""
    view = account_views.status_v2(call.account)
    for row in view["assets"]:
        row.pop("marginAvailable", None)
    return view


def account_config(call: Call) -> Json:
    """Return accountConfig."""
    account = call.account
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": account.hedge_mode,
        "updateTime": 0,
        "multiAssetsMargin": account.multi_assets,
        "tradeGroupId": -1,
    }


def symbol_config(call: Call) -> list[Json]:
    """symbolConfig: settings of one symbol or of all."""
    account = call.account
    return [
        {
            "symbol": symbol.name,
            "marginType": "ISOLATED" if symbol.name in account.isolated else "CROSSED",
            "isAutoAddMargin": False,
            "leverage": account.leverage(symbol.name),
            "maxNotionalValue": str(symbol.notional_cap(account.leverage(symbol.name))),
        }
        for symbol in _symbols(call)
    ]


def leverage_brackets(call: Call) -> Any:
    """leverageBracket: an object when a symbol is named, else a list."""
    rows = [
        {"symbol": symbol.name, "notionalCoef": 1.0, "brackets": _brackets(symbol, "notionalCap", "notionalFloor")}
        for symbol in _symbols(call)
    ]
    return rows[0] if "symbol" in call.params else rows


def _brackets(symbol: Symbol, cap: str, floor: str) -> list[Json]:
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


def order_limits(_call: Call) -> list[Json]:
    """rateLimit/order."""
    head = {"rateLimitType": "ORDERS"}
    return [
        head | {"interval": "SECOND", "intervalNum": 10, "limit": ORDERS_TEN_SECONDS},
        head | {"interval": "MINUTE", "intervalNum": 1, "limit": ORDERS_MINUTE},
    ]


def trading_status(call: Call) -> Json:
    """apiTradingStatus: indicators of one symbol, or of those with orders. The venue locks nobody: all stay at zero."""
    account = call.account
    named = call.optional_symbol()
    orders = (*account.open_orders.values(), *account.closed_orders.values())
    names = {named} if named else {order.symbol.name for order in orders if not order.symbol.inverse}
    indicators = {
        name: [
            {"isLocked": False, "plannedRecoverTime": 0, "indicator": one, "value": 0.0, "triggerValue": most}
            for one, most in INDICATORS.items()
        ]
        for name in sorted(names)
    }
    return {"indicators": indicators, "updateTime": call.engine.clock.now_ms()}


# both products


def commission_rate(call: Call) -> Json:
    """commissionRate: what the engine charges; the RPI rate is USDⓈ-M's only."""
    view = {
        "symbol": call.market().symbol.name,
        "makerCommissionRate": str(MAKER_FEE),
        "takerCommissionRate": str(TAKER_FEE),
    }
    return view if call.inverse else view | {"rpiCommissionRate": str(RPI_FEE)}


def adl_quantiles(call: Call) -> list[Json]:
    """Return adlQuantile of the symbols with a position; crossed ones of hedge mode share theirs, shown as HEDGE."""
    account = call.account
    return [
        {"symbol": symbol.name, "adlQuantile": _quantiles(account, symbol)}
        for symbol in _symbols(call)
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


# COIN-M


def coin_account(call: Call) -> Json:
    """Return the account."""
    return coin_views.account(call.account)


def coin_balances(call: Call) -> list[Json]:
    """Return the balances."""
    return coin_views.balances(call.account)


def coin_positions(call: Call) -> list[Json]:
    """Return positionRisk, of one margin asset or pair when one is named."""
    return coin_views.positions(call.account, *coin_views.read_filter(call))


def pair_brackets(call: Call) -> list[Json]:
    """v1/leverageBracket: one row per pair, counted in coin."""
    pair = coin_views.pair_of(call)
    found = {symbol.pair: symbol for symbol in _symbols(call) if symbol.perpetual and pair in {None, symbol.pair}}
    return [{"pair": name, "brackets": _brackets(one, "qtyCap", "qtylFloor")} for name, one in found.items()]


def symbol_brackets(call: Call) -> list[Json]:
    """v2/leverageBracket: one row per symbol, counted in coin."""
    return [
        {"symbol": symbol.name, "notionalCoef": 1.0, "brackets": _brackets(symbol, "qtyCap", "qtylFloor")}
        for symbol in _symbols(call)
    ]


def _routes(root: str) -> Iterator[Operation]:
    moved = ("symbol", "amount", "type")
    yield route("GET", f"{root}/v1/positionSide/dual", _SIGNED, position_mode, 30)
    yield route("POST", f"{root}/v1/positionSide/dual", _SIGNED, set_position_mode, 1, "dualSidePosition")
    yield route("POST", f"{root}/v1/leverage", _SIGNED, set_leverage, 1, "symbol", "leverage")
    yield route("POST", f"{root}/v1/marginType", _SIGNED, set_margin_type, 1, "symbol", "marginType")
    yield route("POST", f"{root}/v1/positionMargin", _SIGNED, change_margin, 1, *moved)
    yield route("GET", f"{root}/v1/positionMargin/history", _SIGNED, margin_changes, 1, "symbol")
    yield route("GET", f"{root}/v1/commissionRate", _SIGNED, commission_rate, 20, "symbol")
    yield route("GET", f"{root}/v1/adlQuantile", _SIGNED, adl_quantiles, 5)


ACCOUNT_ROUTES: tuple[Operation, ...] = (
    *_routes("/fapi"),
    *_routes("/dapi"),
    route("GET", "/fapi/v1/multiAssetsMargin", _SIGNED, multi_assets, 30),
    route("POST", "/fapi/v1/multiAssetsMargin", _SIGNED, set_multi_assets, 1, "multiAssetsMargin"),
    route("GET", "/fapi/v1/feeBurn", _SIGNED, fee_burn, 30),
    route("POST", "/fapi/v1/feeBurn", _SIGNED, set_fee_burn, 1, "feeBurn"),
    route("GET", "/fapi/v2/account", _SIGNED, account_v2, 5),
    route("GET", "/fapi/v3/account", _SIGNED, account_v3, 5),
    route("GET", "/fapi/v2/balance", _SIGNED, ops.balances, 5),
    route("GET", "/fapi/v3/balance", _SIGNED, ops.balances, 5),
    route("GET", "/fapi/v2/positionRisk", _SIGNED, ops.positions_v1, 5),
    route("GET", "/fapi/v3/positionRisk", _SIGNED, ops.positions_v2, 5),
    route("GET", "/fapi/v1/accountConfig", _SIGNED, account_config, 5),
    route("GET", "/fapi/v1/symbolConfig", _SIGNED, symbol_config, 5),
    route("GET", "/fapi/v1/leverageBracket", _SIGNED, leverage_brackets, 1),
    route("GET", "/fapi/v1/rateLimit/order", _SIGNED, order_limits, 1),
    route("GET", "/fapi/v1/apiTradingStatus", _SIGNED, trading_status, by_symbol(1, 10)),
    route("GET", "/dapi/v1/account", _SIGNED, coin_account, 5),
    route("GET", "/dapi/v1/balance", _SIGNED, coin_balances, 1),
    route("GET", "/dapi/v1/positionRisk", _SIGNED, coin_positions, 1),
    route("GET", "/dapi/v1/leverageBracket", _SIGNED, pair_brackets, 1),
    route("GET", "/dapi/v2/leverageBracket", _SIGNED, symbol_brackets, by_symbol(1, 2)),
)

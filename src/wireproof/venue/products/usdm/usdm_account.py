"""REST: balances, positions, settings and test orders of USDⓈ-M.

https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.exchange import placement
from wireproof.venue.exchange.order_flow import RPI_FEE
from wireproof.venue.products.futures import account_routes, service_routes, trade_routes
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.futures.account_routes import SUCCESS, brackets, listed_symbols
from wireproof.venue.products.usdm import account_views
from wireproof.venue.products.usdm import usdm_operations as methods

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.exchange.instruments import Symbol

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED


def multi_assets(call: Call) -> Json:
    """Whether all assets back each other."""
    return {"multiAssetsMargin": call.account.multi_assets}


def set_multi_assets(call: Call) -> Json:
    """Change the setting."""
    call.engine.settings.set_multi_assets(call.account, enabled=call.params.needed_flag("multiAssetsMargin"))
    return SUCCESS


def fee_burn(call: Call) -> Json:
    """Whether fees are paid in BNB; a setting only, the venue takes them in the margin asset."""
    return {"feeBurn": call.account.fee_burn}


def set_fee_burn(call: Call) -> Json:
    """Change the setting."""
    call.account.fee_burn = call.params.needed_flag("feeBurn")
    return SUCCESS


def account_v2(call: Call) -> Json:
    """v2/account: as account.status, with feeBurn (documented)."""
    return account_views.status_v1(call.account) | {"feeBurn": call.account.fee_burn}


def account_v3(call: Call) -> Json:
    """v3/account: as v2/account.status, whose assets do not say marginAvailable here (documented)."""
    view = account_views.status_v2(call.account)
    for row in view["assets"]:
        row.pop("marginAvailable", None)
    return view


def account_config(call: Call) -> Json:
    """accountConfig: what the account may do, and its position and margin modes."""
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
        for symbol in listed_symbols(call)
    ]


def leverage_brackets(call: Call) -> Any:
    """leverageBracket: an object when a symbol is named, else a list."""
    rows = [
        {"symbol": symbol.name, "notionalCoef": 1.0, "brackets": brackets(symbol, "notionalCap", "notionalFloor")}
        for symbol in listed_symbols(call)
    ]
    return rows[0] if "symbol" in call.params else rows


def order_limits(call: Call) -> list[Json]:
    """rateLimit/order."""
    return call.pool.orders.rules()


def trading_status(call: Call) -> Json:
    """apiTradingStatus: indicators of one symbol, or of those with orders. The venue locks nobody: all stay at zero."""
    account = call.account
    named = call.optional_symbol()
    orders = (*account.open_orders.values(), *account.closed_orders.values())
    names = {named} if named else {order.symbol.name for order in orders if call.product.lists(order.symbol)}
    indicators = {
        name: [
            {"isLocked": False, "plannedRecoverTime": 0, "indicator": one, "value": 0.0, "triggerValue": most}
            for one, most in INDICATORS.items()
        ]
        for name in sorted(names)
    }
    return {"indicators": indicators, "updateTime": call.engine.clock.now_ms()}


# Indicators of the trading rules: unfilled, immediate-or-expired and cancelled ratio, dust; what each may come to.
INDICATORS = {"UFR": 0.995, "IFER": 0.99, "GCR": 0.99, "DR": 0.99}


def try_order(call: Call) -> Json:
    """Check an order without placing it.

    The filters run, and the answer is a whole order with empty texts and orderId 0: docs/exchange.md#test-orders.
    """
    request = placement.read_order(call.engine, call.account, call.market(), call.params)
    placement.read_response_type(call.params)
    placement.check_order(call.engine, call.account, request)
    texts = ("status", "clientOrderId", "price", "avgPrice", "origQty", "executedQty", "cumQty", "cumQuote")
    kinds = ("timeInForce", "type", "side", "positionSide", "stopPrice", "workingType", "origType", "priceMatch")
    flags = ("reduceOnly", "closePosition", "priceProtect")
    return (
        {"orderId": 0, "symbol": ""}
        | dict.fromkeys((*texts, *kinds, "selfTradePreventionMode"), "")
        | dict.fromkeys(flags, False)
        | {"goodTillDate": 0, "updateTime": 0}
    )


def commission_rate(call: Call) -> Json:
    """commissionRate, with the rate of RPI orders."""
    return account_routes.commission_rate(call) | {"rpiCommissionRate": str(RPI_FEE)}


def of_symbol(call: Call) -> Callable[[Symbol], bool]:
    """Return which contracts a search is about: those of the mandatory symbol."""
    symbol = call.market().symbol
    return lambda one: one is symbol


def of_any_symbol(call: Call) -> Callable[[Symbol], bool]:
    """Return the same where the symbol may be left out: docs/exchange.md#orders-of-every-symbol."""
    return call.product.lists if call.params.text("symbol") is None else of_symbol(call)


USDM_ACCOUNT_ROUTES: tuple[Operation, ...] = (
    route(
        "POST", "/fapi/v1/leverage", _SIGNED, account_routes.set_leverage("maxNotionalValue"), 1, "symbol", "leverage"
    ),
    route("GET", "/fapi/v1/commissionRate", _SIGNED, commission_rate, 20, "symbol"),
    route("GET", "/fapi/v1/multiAssetsMargin", _SIGNED, multi_assets, 30),
    route("POST", "/fapi/v1/multiAssetsMargin", _SIGNED, set_multi_assets, 1, "multiAssetsMargin"),
    route("GET", "/fapi/v1/feeBurn", _SIGNED, fee_burn, 30),
    route("POST", "/fapi/v1/feeBurn", _SIGNED, set_fee_burn, 1, "feeBurn"),
    route("GET", "/fapi/v2/account", _SIGNED, account_v2, 5),
    route("GET", "/fapi/v3/account", _SIGNED, account_v3, 5),
    route("GET", "/fapi/v2/balance", _SIGNED, methods.balances, 5),
    route("GET", "/fapi/v3/balance", _SIGNED, methods.balances, 5),
    route("GET", "/fapi/v2/positionRisk", _SIGNED, methods.positions_v1, 5),
    route("GET", "/fapi/v3/positionRisk", _SIGNED, methods.positions_v2, 5),
    route("GET", "/fapi/v1/accountConfig", _SIGNED, account_config, 5),
    route("GET", "/fapi/v1/symbolConfig", _SIGNED, symbol_config, 5),
    route("GET", "/fapi/v1/leverageBracket", _SIGNED, leverage_brackets, 1),
    route("GET", "/fapi/v1/rateLimit/order", _SIGNED, order_limits, 1),
    route("GET", "/fapi/v1/apiTradingStatus", _SIGNED, trading_status, by_symbol(1, 10)),
    route("POST", "/fapi/v1/order/test", _SIGNED, try_order, 0, *ops.ORDER_NEEDS, orders=1),
    route("PUT", "/fapi/v1/order", _SIGNED, trade_routes.modify_order, 0, "symbol", "side", "quantity", orders=1),
    route("GET", "/fapi/v1/pmAccountInfo", _SIGNED, service_routes.portfolio_margin, 5, "asset"),
    route("GET", "/fapi/v1/openOrders", _SIGNED, trade_routes.open_orders, by_symbol(1, 40)),
    route("GET", "/fapi/v1/allOrders", _SIGNED, trade_routes.all_orders(of_any_symbol, 500, 1_000), 5),
    route("GET", "/fapi/v1/userTrades", _SIGNED, trade_routes.user_trades(of_symbol, 500), 5, "symbol"),
)

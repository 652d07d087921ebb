"""REST: COIN-M futures within portfolio margin; conditional orders are in `cm_conditional_routes`.

https://developers.binance.com/docs/derivatives/portfolio-margin/trade
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.products.coinm import coin_routes, coin_views
from wireproof.venue.products.futures import account_routes, trade_routes
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.futures.account_routes import SUCCESS
from wireproof.venue.products.futures.income_routes import INCOME_TYPES, income_history
from wireproof.venue.products.portfolio_margin.book_calls import CM_BOOK, as_book, fields_of, of_book
from wireproof.venue.products.portfolio_margin.um_routes import asset_rows, queried

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.params import Params

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED
HOURS = 24
_PLACED = (
    "avgPrice clientOrderId cumQty cumBase executedQty orderId origQty price reduceOnly side positionSide status symbol"
    " pair timeInForce type updateTime"
)
_QUERIED = (
    "avgPrice clientOrderId cumBase executedQty orderId origQty origType price reduceOnly side positionSide status"
    " symbol pair time timeInForce type updateTime"
)
_MODIFIED = (
    "orderId symbol pair status clientOrderId modifyId price avgPrice origQty executedQty cumQty cumBase timeInForce"
    " type reduceOnly side positionSide origType updateTime"
)
_FORCED = (
    "orderId symbol pair status clientOrderId price avgPrice origQty executedQty cumBase timeInForce type reduceOnly"
    " side positionSide origType time updateTime"
)
_TRADES = (
    "symbol id orderId pair side price qty realizedPnl marginAsset baseQty commission commissionAsset time positionSide"
    " buyer maker"
)


def open_order(call: Call) -> list[Json]:
    """One open order, in a list: docs/exchange.md#portfolio-margin-cancellations."""
    return [trade_routes.open_order(call)]


def trades_of_a_day(call: Call) -> Any:
    """Return executions of a symbol or a pair; -1127 for a period of more than a day."""
    start, end = call.params.integer("startTime"), call.params.integer("endTime")
    if start is not None and end is not None and end - start > HOURS * 3_600_000:
        raise Refusal(-1127, f"More than {HOURS} hours between startTime and endTime.")
    return trade_routes.user_trades(coin_routes.of_symbol_or_pair, 50)(call)


def account(call: Call) -> Json:
    """Return every coin and every contract."""
    own = as_book(call, CM_BOOK).account
    names = (
        "symbol positionAmt initialMargin maintMargin unrealizedProfit positionInitialMargin openOrderInitialMargin"
        " leverage positionSide entryPrice maxQty updateTime"
    )
    return {
        "assets": asset_rows(own, unit=CM),
        "positions": fields_of(names)(coin_views.account(own)["positions"]),
    }


def positions(call: Call) -> list[Json]:
    """Return every contract, of one margin asset or pair when one is named."""
    return coin_views.positions(call.account, *coin_views.read_filter(call))


def leverage_brackets(call: Call) -> list[Json]:
    """Return the brackets of one contract, or of all, counted in coin."""
    return [
        {"symbol": symbol.name, "brackets": account_routes.brackets(symbol, "qtyCap", "qtyFloor")}
        for symbol in account_routes.listed_symbols(as_book(call, CM_BOOK))
    ]


def set_position_mode(call: Call) -> Json:
    """Set the position mode to what USDⓈ-M has, the only one allowed; -4220 for the other one.

    docs/exchange.md#portfolio-margin-position-mode
    """
    if call.params.needed_flag("dualSidePosition") != as_book(call, CM_BOOK).account.hedge_mode:
        text = "The operation is rejected because the CM dual-side is not allowed to be different from UM dual-side."
        raise Refusal(-4220, text)
    return SUCCESS


def _cm(run: Callable[[Call], Any], shown: Callable[[Any], Any] | None = None) -> Callable[[Call], Any]:
    return of_book(CM_BOOK, run, shown)


def _by_symbol_or_pair(params: Params) -> int:
    return 20 if "symbol" in params else 40


_CHANGE = ("symbol", "side", "quantity", "price")
_placed, _looked_up = fields_of(_PLACED), queried(_QUERIED)
_positions = fields_of(
    "symbol positionAmt entryPrice markPrice unRealizedProfit liquidationPrice leverage positionSide updateTime maxQty"
    " notionalValue"
)
_all_orders = trade_routes.all_orders(coin_routes.of_symbol_or_pair, 50, 100)
CM_ROUTES: tuple[Operation, ...] = (
    route("POST", "/papi/v1/cm/order", _SIGNED, _cm(ops.place_order, _placed), 1, *ops.ORDER_NEEDS, orders=1),
    route("PUT", "/papi/v1/cm/order", _SIGNED, _cm(ops.modify_order, fields_of(_MODIFIED)), 0, *_CHANGE, orders=1),
    route("GET", "/papi/v1/cm/order", _SIGNED, _cm(ops.query_order, _looked_up), 1, "symbol"),
    route("DELETE", "/papi/v1/cm/order", _SIGNED, _cm(ops.cancel_order, _placed), 1, "symbol"),
    route("DELETE", "/papi/v1/cm/allOpenOrders", _SIGNED, _cm(trade_routes.cancel_all), 1, "symbol"),
    route("GET", "/papi/v1/cm/openOrder", _SIGNED, _cm(open_order, _looked_up), 1, "symbol"),
    route("GET", "/papi/v1/cm/openOrders", _SIGNED, _cm(coin_routes.open_orders, _looked_up), by_symbol(1, 40)),
    route("GET", "/papi/v1/cm/allOrders", _SIGNED, _cm(_all_orders, _looked_up), _by_symbol_or_pair),
    route("GET", "/papi/v1/cm/orderAmendment", _SIGNED, _cm(trade_routes.amendments), 0, "symbol", orders=1),
    route("GET", "/papi/v1/cm/userTrades", _SIGNED, _cm(trades_of_a_day, fields_of(_TRADES)), _by_symbol_or_pair),
    route(
        "GET", "/papi/v1/cm/forceOrders", _SIGNED, _cm(trade_routes.force_orders, fields_of(_FORCED)), by_symbol(20, 50)
    ),
    route("GET", "/papi/v1/cm/account", _SIGNED, account, 5),
    route("GET", "/papi/v1/cm/positionRisk", _SIGNED, _cm(positions, _positions), 1),
    route("GET", "/papi/v1/cm/adlQuantile", _SIGNED, _cm(account_routes.adl_quantiles), 5),
    route("GET", "/papi/v1/cm/leverageBracket", _SIGNED, leverage_brackets, 1),
    route("POST", "/papi/v1/cm/leverage", _SIGNED, _cm(account_routes.set_leverage("maxQty")), 1, "symbol", "leverage"),
    route("GET", "/papi/v1/cm/positionSide/dual", _SIGNED, _cm(account_routes.position_mode), 30),
    route("POST", "/papi/v1/cm/positionSide/dual", _SIGNED, set_position_mode, 1, "dualSidePosition"),
    route("GET", "/papi/v1/cm/commissionRate", _SIGNED, _cm(account_routes.commission_rate), 20, "symbol"),
    route("GET", "/papi/v1/cm/income", _SIGNED, _cm(income_history(INCOME_TYPES)), 30),
)

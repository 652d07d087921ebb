"""REST: USDⓈ-M futures within portfolio margin.

Prices of orders are written in full where they are acknowledged and trimmed where they are looked up:
docs/exchange.md#portfolio-margin-numbers
https://developers.binance.com/docs/derivatives/portfolio-margin/trade
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import ZERO, trimmed
from wireproof.venue.base.refusals import invalid_data
from wireproof.venue.exchange import placement
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.products.futures import account_routes, algo_routes, trade_routes
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.futures.account_routes import SUCCESS
from wireproof.venue.products.futures.income_routes import USDM_INCOME_TYPES, income_history
from wireproof.venue.products.futures.margin_views import cross, margins
from wireproof.venue.products.portfolio_margin.book_calls import UM_BOOK, as_book, fields_of, of_book
from wireproof.venue.products.usdm import account_views, usdm_account

if TYPE_CHECKING:
    from wireproof.venue.exchange.records import Account

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED
# Fields of answers to orders, in the order of the documentation.
_UM_TERMS = "selfTradePreventionMode goodTillDate priceMatch"
_PLACED = (
    "avgPrice clientOrderId cumQty cumQuote executedQty orderId origQty price reduceOnly side positionSide status"
    f" symbol timeInForce type updateTime {_UM_TERMS}"
)
_QUERIED = (
    "avgPrice clientOrderId cumQuote executedQty orderId origQty origType price reduceOnly side positionSide status"
    f" symbol time timeInForce type updateTime {_UM_TERMS}"
)
_MODIFIED = (
    "orderId symbol status clientOrderId modifyId price avgPrice origQty executedQty cumQty cumQuote timeInForce type"
    f" reduceOnly side positionSide origType updateTime {_UM_TERMS}"
)
_FORCED = (
    "orderId symbol status clientOrderId price avgPrice origQty executedQty cumQuote timeInForce type reduceOnly side"
    " positionSide origType time updateTime"
)
_ALGO_HEAD = (
    "algoId clientAlgoId algoType orderType symbol side positionSide timeInForce quantity algoStatus triggerPrice price"
    " selfTradePreventionMode workingType priceMatch closePosition priceProtect reduceOnly"
)
_ALGO_TIMES = "createTime updateTime triggerTime goodTillDate"
_ALGO_TRADES = "actualOrderId actualPrice"
ASSET = (
    "asset crossWalletBalance crossUnPnl maintMargin initialMargin positionInitialMargin openOrderInitialMargin"
    " updateTime"
)


def queried(names: str) -> Any:
    """Return what shows looked-up orders: the fields in `names`, and prices without trailing zeros."""
    cut = fields_of(names)

    def shown(answer: Any) -> Any:
        rows = answer if isinstance(answer, list) else [answer]
        short = cut([row | {"price": trimmed(Decimal(row["price"]))} for row in rows])
        return short if isinstance(answer, list) else short[0]

    return shown


def asset_rows(account: Account, unit: str) -> list[Json]:
    """Return the assets of one of both futures."""
    updated = account.coins_updated if unit == CM else account.wallet_updated
    cut = fields_of(ASSET)
    return [
        cut(margins(account, asset, unit) | cross(account, asset, unit) | {"updateTime": updated[asset]})
        for asset in account.wallets_of(unit)
    ]


# orders

_placed = fields_of(_PLACED)
_looked_up = queried(_QUERIED)
_placed_algo = fields_of(f"{_ALGO_HEAD} activatePrice callbackRate {_ALGO_TIMES}")
_past_algo = fields_of(f"{_ALGO_HEAD} {_ALGO_TRADES} {_ALGO_TIMES}")


def amendments(call: Call) -> list[Json]:
    """How an order was modified, with its price match."""
    own = as_book(call, UM_BOOK)
    order = placement.find_order(own.account, own.params, own.market().symbol, cancelling=False)
    return [row | {"priceMatch": order.price_match} for row in trade_routes.amendments(own)]


# conditional orders


def place_algo(call: Call) -> Json:
    """Place a conditional order; other types are refused by the name that the engine has for them.

    docs/exchange.md#portfolio-margin-conditional-orders
    """
    if call.params.text("type") not in placement.CONDITIONAL_TYPES:
        raise invalid_data("orderType")
    return algo_routes.place(call)


def cancel_algo(call: Call) -> Json:
    """Cancel a conditional order: docs/exchange.md#portfolio-margin-cancellations."""
    ops.cancel_algo(call)
    return {"complete": True}


# account


def account(call: Call) -> Json:
    """Return every asset and every symbol."""
    own = as_book(call, UM_BOOK).account
    names = (
        "symbol initialMargin maintMargin unrealizedProfit positionInitialMargin openOrderInitialMargin leverage"
        " entryPrice maxNotional bidNotional askNotional positionSide positionAmt updateTime"
    )
    positions = fields_of(names)(account_views.status_v1(own)["positions"])
    return {"assets": asset_rows(own, unit=UM), "positions": positions}


def account_v2(call: Call) -> Json:
    """Return what is not zero: docs/exchange.md#portfolio-margin-balances."""
    own = as_book(call, UM_BOOK).account
    names = "symbol initialMargin maintMargin unrealizedProfit positionSide positionAmt updateTime notional"
    positions = [row for row in account_views.status_v2(own)["positions"] if Decimal(row["positionAmt"])]
    assets = [row for row in asset_rows(own, unit=UM) if any(Decimal(row[name]) for name in _AMOUNTS)]
    return {"assets": assets, "positions": fields_of(names)(positions)}


_AMOUNTS = ("crossWalletBalance", "crossUnPnl", "initialMargin")


def positions(call: Call) -> list[Json]:
    """Return the symbols with a position."""
    own = as_book(call, UM_BOOK)
    names = (
        "entryPrice leverage markPrice maxNotionalValue positionAmt notional symbol unRealizedProfit liquidationPrice"
        " positionSide updateTime"
    )
    rows = account_views.positions_v1(own.account, own.optional_symbol())
    return fields_of(names)([row for row in rows if Decimal(row["positionAmt"]) != ZERO])  # type: ignore[no-any-return]


def leverage_brackets(call: Call) -> list[Json]:
    """Return a list, whether or not a symbol is named; notionalCoef is text, cum a whole number (documented)."""

    def whole(steps: list[Json]) -> list[Json]:
        return [step | {"cum": int(step["cum"])} for step in steps]

    return [
        {
            "symbol": symbol.name,
            "notionalCoef": "1.0",
            "brackets": whole(account_routes.brackets(symbol, "notionalCap", "notionalFloor")),
        }
        for symbol in account_routes.listed_symbols(as_book(call, UM_BOOK))
    ]


def symbol_config(rows: list[Json]) -> list[Json]:
    """Return symbolConfig, whose isAutoAddMargin is text (documented)."""
    return [row | {"isAutoAddMargin": "false"} for row in rows]


def order_limit(call: Call) -> list[Json]:
    """Return rateLimit/order."""
    as_book(call, UM_BOOK)
    return call.pool.orders.rules()


def sign_tradfi(call: Call) -> Json:
    """Sign the agreement on perpetual contracts of traditional assets."""
    call.services.tradfi_agreed.add(as_book(call, UM_BOOK).account.name)
    return SUCCESS


def with_text_ids(rows: list[Json]) -> list[Json]:
    """Return income whose tranId is text (documented)."""
    return [row | {"tranId": str(row["tranId"])} for row in rows]


def _um(run: Any, shown: Any = None) -> Any:
    return of_book(UM_BOOK, run, shown)


_CHANGE = ("symbol", "side", "quantity", "price")
_ALGO_NEEDS = ("algoType", "symbol", "side", "type")
_UM_TRADES = (
    "symbol id orderId side price qty realizedPnl quoteQty commission commissionAsset time buyer maker positionSide"
)
UM_ROUTES: tuple[Operation, ...] = (
    route("POST", "/papi/v1/um/order", _SIGNED, _um(ops.place_order, _placed), 0, *ops.ORDER_NEEDS, orders=1),
    route(
        "PUT",
        "/papi/v1/um/order",
        _SIGNED,
        _um(ops.modify_order, fields_of(_MODIFIED)),
        0,
        *_CHANGE,
        orders=1,
    ),
    route("GET", "/papi/v1/um/order", _SIGNED, _um(ops.query_order, _looked_up), 1, "symbol"),
    route("DELETE", "/papi/v1/um/order", _SIGNED, _um(ops.cancel_order, _placed), 1, "symbol"),
    route("DELETE", "/papi/v1/um/allOpenOrders", _SIGNED, _um(trade_routes.cancel_all), 1, "symbol"),
    route("GET", "/papi/v1/um/openOrder", _SIGNED, _um(trade_routes.open_order, _looked_up), 1, "symbol"),
    route("GET", "/papi/v1/um/openOrders", _SIGNED, _um(trade_routes.open_orders, _looked_up), by_symbol(1, 40)),
    route(
        "GET",
        "/papi/v1/um/allOrders",
        _SIGNED,
        _um(trade_routes.all_orders(usdm_account.of_symbol, 500, 1_000), _looked_up),
        5,
        "symbol",
    ),
    route("GET", "/papi/v1/um/orderAmendment", _SIGNED, amendments, 0, "symbol", orders=1),
    route(
        "GET",
        "/papi/v1/um/userTrades",
        _SIGNED,
        _um(trade_routes.user_trades(usdm_account.of_symbol, 500), fields_of(_UM_TRADES)),
        5,
        "symbol",
    ),
    route(
        "GET",
        "/papi/v1/um/forceOrders",
        _SIGNED,
        _um(trade_routes.force_orders, fields_of(_FORCED)),
        by_symbol(20, 50),
    ),
    route(
        "POST",
        "/papi/v1/um/algo/order",
        _SIGNED,
        _um(place_algo, _placed_algo),
        1,
        *_ALGO_NEEDS,
        orders=1,
    ),
    route("DELETE", "/papi/v1/um/algo/order", _SIGNED, _um(cancel_algo), 1),
    route("DELETE", "/papi/v1/um/algo/allOpenOrders", _SIGNED, _um(algo_routes.cancel_all), 1, "symbol"),
    route("GET", "/papi/v1/um/algo/algoOrder", _SIGNED, _um(algo_routes.query, _past_algo), 1),
    route(
        "GET",
        "/papi/v1/um/algo/openAlgoOrders",
        _SIGNED,
        _um(algo_routes.open_algos, fields_of(f"{_ALGO_HEAD} {_ALGO_TIMES}")),
        by_symbol(1, 40),
    ),
    route("GET", "/papi/v1/um/algo/allAlgoOrders", _SIGNED, _um(algo_routes.all_algos, _past_algo), 5, "symbol"),
    route("GET", "/papi/v1/um/account", _SIGNED, account, 5),
    route("GET", "/papi/v2/um/account", _SIGNED, account_v2, 5),
    route("GET", "/papi/v1/um/positionRisk", _SIGNED, positions, 5),
    route("GET", "/papi/v1/um/adlQuantile", _SIGNED, _um(account_routes.adl_quantiles), 5),
    route("GET", "/papi/v1/um/leverageBracket", _SIGNED, leverage_brackets, 1),
    route(
        "POST",
        "/papi/v1/um/leverage",
        _SIGNED,
        _um(account_routes.set_leverage("maxNotionalValue")),
        1,
        "symbol",
        "leverage",
    ),
    route("GET", "/papi/v1/um/positionSide/dual", _SIGNED, _um(account_routes.position_mode), 30),
    route(
        "POST", "/papi/v1/um/positionSide/dual", _SIGNED, _um(account_routes.set_position_mode), 1, "dualSidePosition"
    ),
    route("GET", "/papi/v1/um/commissionRate", _SIGNED, _um(account_routes.commission_rate), 20, "symbol"),
    route("GET", "/papi/v1/um/accountConfig", _SIGNED, _um(usdm_account.account_config), 5),
    route("GET", "/papi/v1/um/symbolConfig", _SIGNED, _um(usdm_account.symbol_config, symbol_config), 5),
    route("GET", "/papi/v1/um/apiTradingStatus", _SIGNED, _um(usdm_account.trading_status), by_symbol(1, 10)),
    route("GET", "/papi/v1/um/feeBurn", _SIGNED, _um(usdm_account.fee_burn), 30),
    route("POST", "/papi/v1/um/feeBurn", _SIGNED, _um(usdm_account.set_fee_burn), 1, "feeBurn"),
    route("POST", "/papi/v1/um/stock/contract", _SIGNED, sign_tradfi, 5),
    route("GET", "/papi/v1/um/income", _SIGNED, _um(income_history(USDM_INCOME_TYPES), with_text_ids), 30),
    route("GET", "/papi/v1/rateLimit/order", _SIGNED, order_limit, 1),
)

"""Reading and checking what margin orders were sent.

Codes and texts: docs/exchange.md#portfolio-margin-orders
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal, invalid_data, invalid_symbol, missing, not_required
from wireproof.venue.exchange.filters import decimals
from wireproof.venue.exchange.placement import STP_MODES, read_client_id, read_side
from wireproof.venue.products.portfolio_margin.margin_desk import rejected
from wireproof.venue.products.portfolio_margin.margin_records import (
    AT_MARKET,
    BORROWING,
    EXPIRE_MAKER,
    MARGIN_SYMBOLS,
    STOPS,
    MarginOrder,
)

if TYPE_CHECKING:
    from wireproof.venue.api.call import Call
    from wireproof.venue.base.params import Params
    from wireproof.venue.products.portfolio_margin.margin_desk import MarginDesk
    from wireproof.venue.products.portfolio_margin.margin_market import MarginMarket
    from wireproof.venue.products.portfolio_margin.margin_records import MarginSymbol
    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

TYPES = ("LIMIT", "MARKET", *sorted(STOPS), "LIMIT_MAKER")
ICEBERGS = frozenset({"LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"})
TIMES = ("GTC", "IOC", "FOK")
SIDE_EFFECTS = ("NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY")
RESPONSES = ("ACK", "RESULT", "FULL")
REACH = Decimal("0.15")  # of limit prices beyond the index price (documented)


def read_symbol(params: Params) -> MarginSymbol:
    """Return the `symbol` parameter; -1121 for one that margin orders are not for."""
    found = MARGIN_SYMBOLS.get(params.needed_text("symbol"))
    if found is None:
        raise invalid_symbol()
    return found


def optional_margin_symbol(params: Params) -> str | None:
    """Return the `symbol` parameter when it is there."""
    return None if params.text("symbol") is None else read_symbol(params).name


def read_response(params: Params) -> str:
    """Return ACK, RESULT or FULL; -1136."""
    return params.choice("newOrderRespType", RESPONSES, Refusal(-1136, "Invalid newOrderRespType."), "FULL")


def _filter(name: str) -> Refusal:
    return Refusal(-1013, f"Filter failure: {name}")


def check_price(market: MarginMarket, side: str, price: Decimal, *, limit: bool = True) -> None:
    """Check a price against the tick, and a limit against the index price; -1111, -1013, 51113."""
    symbol = market.symbol
    if decimals(price) > symbol.price_digits:
        raise Refusal(-1111, "Precision is over the maximum defined for this asset.")
    if not 0 < price <= symbol.max_price or price % symbol.tick:
        raise _filter("PRICE_FILTER")
    if limit and (
        price > market.index_price * (1 + REACH) if side == "BUY" else price < market.index_price * (1 - REACH)
    ):
        raise Refusal(
            51113,
            "The limit sell price of this margin trading pair cannot be more than 15% lower than the current index"
            " price, and the limit buy price cannot be more than 15% higher than the current index price.",
        )


def check_quantity(symbol: MarginSymbol, quantity: Decimal, price: Decimal) -> None:
    """Check a quantity against the step, and what it is worth at a price; -1111, -1013."""
    if decimals(quantity) > symbol.quantity_digits:
        raise Refusal(-1111, "Precision is over the maximum defined for this asset.")
    if not symbol.step <= quantity <= symbol.max_quantity:
        raise _filter("LOT_SIZE")
    if quantity * price < symbol.min_notional:
        raise _filter("NOTIONAL")


def read_margin_order(call: Call, desk: MarginDesk, portfolio: PortfolioAccount) -> MarginOrder:
    """Return what `POST margin/order` asks for."""
    params, symbol = call.params, read_symbol(call.params)
    market = desk.markets[symbol.name]
    side = read_side(params)
    kind = params.needed_choice("type", TYPES, Refusal(-1116, "Invalid orderType."))
    effect = _read_effect(params, SIDE_EFFECTS)
    price, stop_price = _read_prices(params, market, side, kind)
    time_in_force = _read_time(params, kind)
    quantity = _read_quantity(params, market, side, kind)
    check_quantity(symbol, quantity, price or stop_price or market.last_price)
    iceberg = params.decimal("icebergQty") or ZERO
    if iceberg and (kind not in ICEBERGS or time_in_force != "GTC" or iceberg > quantity):
        raise not_required("icebergQty")
    repay_at_cancel = params.flag("autoRepayAtCancel")
    if repay_at_cancel is not None and effect not in BORROWING:
        raise not_required("autoRepayAtCancel")
    read_response(params)
    now = call.engine.clock.now_ms()
    return MarginOrder(
        portfolio=portfolio,
        symbol=symbol,
        order_id=next(desk.order_ids),
        client_id=read_client_id(params, "newClientOrderId") or call.engine.random_text(22),
        side=side,
        type=kind,
        time_in_force=time_in_force,
        quantity=quantity,
        price=price,
        stop_price=stop_price,
        iceberg=iceberg,
        stp=params.choice("selfTradePreventionMode", STP_MODES, invalid_data("selfTradePreventionMode"), EXPIRE_MAKER),
        side_effect=effect,
        repay_at_cancel=repay_at_cancel is not False,
        created=now,
        updated=now,
    )


def _read_effect(params: Params, allowed: tuple[str, ...]) -> str:
    return params.choice("sideEffectType", allowed, invalid_data("sideEffectType"), "NO_SIDE_EFFECT")


def _read_prices(params: Params, market: MarginMarket, side: str, kind: str) -> tuple[Decimal, Decimal]:
    price = stop_price = ZERO
    if kind in AT_MARKET:
        params.without_number("price")
    else:
        price = params.needed_decimal("price")
        check_price(market, side, price)
    if kind in STOPS:
        stop_price = params.needed_decimal("stopPrice")
        check_price(market, side, stop_price, limit=False)
    else:
        params.without_number("stopPrice")
    return price, stop_price


def _read_time(params: Params, kind: str) -> str:
    refusal = Refusal(-1115, "Invalid timeInForce.")
    if kind in AT_MARKET or kind == "LIMIT_MAKER":
        if "timeInForce" in params:
            raise not_required("timeInForce")
        return "GTC"
    return params.needed_choice("timeInForce", TIMES, refusal)


def _read_quantity(params: Params, market: MarginMarket, side: str, kind: str) -> Decimal:
    amount = params.decimal("quoteOrderQty")
    if amount is None:
        return params.needed_decimal("quantity")
    if kind != "MARKET" or "quantity" in params:
        raise not_required("quoteOrderQty")
    if amount <= 0:
        raise missing("quoteOrderQty")
    return market.quantity_for(side, amount)


def read_list(call: Call, desk: MarginDesk, portfolio: PortfolioAccount) -> list[MarginOrder]:
    """Return the stop and the limit order that `POST margin/order/oco` asks for."""
    params, symbol = call.params, read_symbol(call.params)
    market, engine = desk.markets[symbol.name], call.engine
    side = read_side(params)
    quantity, price = params.needed_decimal("quantity"), params.needed_decimal("price")
    stop_price, stop_limit = params.needed_decimal("stopPrice"), params.decimal("stopLimitPrice")
    for one in (price, stop_limit):
        if one is not None:
            check_price(market, side, one)
    check_price(market, side, stop_price, limit=False)
    check_quantity(symbol, quantity, price)
    time_in_force = params.choice("stopLimitTimeInForce", TIMES, Refusal(-1115, "Invalid timeInForce."), "")
    if stop_limit is not None and not time_in_force:
        raise missing("stopLimitTimeInForce")
    effect = _read_effect(params, SIDE_EFFECTS[:-1])
    read_response(params)
    now, legs = engine.clock.now_ms(), []
    for kind, name, limit in (
        ("STOP_LOSS" if stop_limit is None else "STOP_LOSS_LIMIT", "stop", stop_limit or ZERO),
        ("LIMIT_MAKER", "limit", price),
    ):
        iceberg = params.decimal(f"{name}IcebergQty") or ZERO
        if iceberg > quantity:
            raise invalid_data(f"{name}IcebergQty")
        order = MarginOrder(
            portfolio=portfolio,
            symbol=symbol,
            order_id=next(desk.order_ids),
            client_id=read_client_id(params, f"{name}ClientOrderId") or engine.random_text(22),
            side=side,
            type=kind,
            time_in_force=time_in_force or "GTC" if kind in STOPS else "GTC",
            quantity=quantity,
            price=limit,
            stop_price=stop_price if kind in STOPS else ZERO,
            iceberg=iceberg,
            stp=EXPIRE_MAKER,
            side_effect=effect,
            repay_at_cancel=True,
            created=now,
            updated=now,
        )
        legs.append(order)
    if legs[0].client_id == legs[1].client_id:
        raise rejected("Duplicate order sent.")
    return legs

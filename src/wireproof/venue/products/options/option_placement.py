"""Reading and checking option orders. Codes and texts: docs/exchange.md#options-refusals.

The checks run in one order: names and enumerations, then the contract's filters, then the account's state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal, invalid_data
from wireproof.venue.products.options import option_margin
from wireproof.venue.products.options.option_instruments import MIN_QUANTITY, STEP
from wireproof.venue.products.options.option_records import DEFAULT_STP_MODE, OptionRequest

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.base.params import Params
    from wireproof.venue.products.options.option_flow import OptionFlow
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_market import OptionMarket
    from wireproof.venue.products.options.option_records import OptionAccount
    from wireproof.venue.products.options.option_state import OptionState

ORDER_NEEDS = ("symbol", "side", "type", "quantity")
TIMES = ("GTC", "IOC", "FOK", "GTX")
STPS = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH")
# How many orders may be open, and how much may be written: docs/exchange.md#options-refusals
MOST_ON_CONTRACT, MOST_ON_UNDERLYING = 100, 400
MOST_WRITTEN, MOST_WRITTEN_ON_UNDERLYING = 500, 1_000
LONGEST_CLIENT_ID = 36


def read_option_side(params: Params) -> str:
    """Return BUY or SELL; -1117."""
    return params.needed_choice("side", ("BUY", "SELL"), Refusal(-1117, "Invalid side."))


def read_option_order(state: OptionState, params: Params) -> OptionRequest:
    """Return what was asked for, checked as far as names, enumerations and combinations go."""
    name = params.needed_text("symbol")
    if name.upper() in state.past:
        raise Refusal(-6049, "this symbol is not in trading status")
    contract = state.contract(name)
    side = read_option_side(params)
    params.needed_choice("type", ("LIMIT",), Refusal(-1116, "Invalid orderType."))
    time = params.choice("timeInForce", TIMES, Refusal(-1115, "Invalid timeInForce."), "GTC")
    post_only = bool(params.flag("postOnly"))
    if post_only and time in {"IOC", "FOK"}:
        raise Refusal(-1014, "Unsupported order combination.")
    client_id = params.text("clientOrderId") or ""
    if len(client_id) > LONGEST_CLIENT_ID:
        raise invalid_data("clientOrderId")
    return OptionRequest(
        contract=contract,
        side=side,
        quantity=params.needed_decimal("quantity"),
        price=params.needed_decimal("price"),
        time_in_force=time,
        reduce_only=bool(params.flag("reduceOnly")),
        post_only=post_only,
        mmp=bool(params.flag("isMmp")),
        stp=params.choice("selfTradePreventionMode", STPS, invalid_data("selfTradePreventionMode"), DEFAULT_STP_MODE),
        client_id=client_id,
    )


def read_answer_type(params: Params) -> str:
    """Return ACK or RESULT; -1130."""
    return params.choice("newOrderRespType", ("ACK", "RESULT"), invalid_data("newOrderRespType"), "ACK")


def check_quantity(contract: OptionContract, quantity: Decimal) -> None:
    """Check LOT_SIZE."""
    if quantity <= 0:
        raise Refusal(-4003, "Quantity less than zero.")
    if quantity < MIN_QUANTITY:
        raise Refusal(-4004, "Quantity less than min quantity.")
    if quantity > contract.underlying.max_quantity:
        raise Refusal(-4005, "Quantity greater than max quantity.")
    if quantity % STEP:
        raise Refusal(-4030, "Step size precision is invalid.")


def check_price(state: OptionState, contract: OptionContract, side: str, price: Decimal) -> None:
    """Check PRICE_FILTER: its minimum is for sellers, its maximum for buyers (documented)."""
    if price <= 0:
        raise Refusal(-4001, "Price less than 0.")
    if price % contract.underlying.tick:
        raise Refusal(-4029, "Tick size precision is invalid.")
    lowest, highest = contract.price_bounds(state.mark(contract))
    if side == "BUY" and price > highest:
        raise Refusal(-4002, "Price greater than max price.")
    if side == "SELL" and price < lowest:
        raise Refusal(-4013, "Price less than min price.")


def check_option_order(flow: OptionFlow, account: OptionAccount, request: OptionRequest) -> None:
    """Check an order against its contract's filters and its account's state; raise the first refusal."""
    state, contract = flow.state, request.contract
    check_quantity(contract, request.quantity)
    check_price(state, contract, request.side, request.price)
    orders = account.orders_on(contract.underlying)
    if request.client_id and any(one.client_id == request.client_id for one in account.open_orders.values()):
        raise Refusal(-6044, "clientOrderId is duplicated")
    if sum(order.contract is contract for order in orders) >= MOST_ON_CONTRACT:
        raise _too_many("symbol")
    if len(orders) >= MOST_ON_UNDERLYING:
        raise _too_many("underlying")
    if contract.underlying.metal and not account.metals_agreed:
        raise Refusal(-6062, "Operation is not supported for current user status")
    if request.reduce_only:
        _check_reducing(account, request)
    else:
        if request.side == "SELL":
            _check_writing(account, request)
        _check_margin_for(state, account, request)
    _check_matching(flow.fresh(contract), request)


def _too_many(what: str) -> Refusal:
    code = -6050 if what == "symbol" else -6051
    text = f"Maximum open orders reached for this {what}. Please cancel existing orders and try again."
    return Refusal(code, text)


def _pending(account: OptionAccount, request: OptionRequest) -> Decimal:
    """Return what the account's open orders on the same side of the contract have left."""
    orders = account.orders_for(request.contract)
    return sum((order.remaining for order in orders if order.side == request.side), ZERO)


def _check_reducing(account: OptionAccount, request: OptionRequest) -> None:
    amount = account.amount(request.contract)
    size = amount if request.side == "SELL" else -amount
    if size <= 0 or _pending(account, request) + request.quantity > size:
        raise Refusal(
            -6045,
            "Reduce-only order rejected. The new reduce-only order conflicts with existing open orders. Please cancel"
            " the conflicting orders and resubmit.",
        )


def _check_writing(account: OptionAccount, request: OptionRequest) -> None:
    contract = request.contract
    amount = account.amount(contract)
    after = amount - _pending(account, request) - request.quantity
    if after >= 0:
        return
    if not contract.underlying.naked_sell:
        raise Refusal(-6057, "The current symbol is not eligible for option writing.")
    if not account.writes:
        raise Refusal(-5010, "User doesn't have enough position to sell")
    if -after > MOST_WRITTEN:
        raise Refusal(-6052, "Maximum short position size reached for this symbol")
    written = sum(
        (-one.amount for one in account.held_positions() if one.contract.underlying is contract.underlying), ZERO
    )
    if written + amount - after > MOST_WRITTEN_ON_UNDERLYING:
        raise Refusal(-6053, "Maximum short position size reached for this underlying")


def _check_margin_for(state: OptionState, account: OptionAccount, request: OptionRequest) -> None:
    needed = option_margin.order_margin(state, account, request, request.quantity)
    if needed <= option_margin.margins(state, account).available:
        return
    if request.side == "BUY":
        raise Refusal(-2018, "Balance is insufficient.")
    raise Refusal(-2027, "Option margin is insufficient.")


def _check_matching(market: OptionMarket, request: OptionRequest) -> None:
    """Refuse a post-only order that would take, and a fill-or-kill one that cannot fill."""
    opposite = market.book.opposite(request.side)
    there = list(opposite.within(request.price))
    if request.rests_only and there:
        raise Refusal(-6047, "Due to the order could not be executed as maker, the Post Only order will be rejected.")
    if request.time_in_force == "FOK" and sum((one.remaining for one in there), ZERO) < request.quantity:
        raise Refusal(-6046, "Due to the order could not be filled immediately, the FOK order has been rejected.")

"""REST: what makers of options use: market maker protection, countdowns, block trades.

https://developers.binance.com/docs/derivatives/options-trading/market-maker-endpoints and market-maker-block-trade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.batches import json_objects
from wireproof.venue.api.call import CallSecurity
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options import option_views as views
from wireproof.venue.products.options.option_blocks import invalid_block
from wireproof.venue.products.options.option_market_routes import read_option_span
from wireproof.venue.products.options.option_placement import read_option_side
from wireproof.venue.products.options.option_trade_routes import options_account
from wireproof.venue.products.options.options_engine import OptionsEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.api.call import Call
    from wireproof.venue.base.params import Params
    from wireproof.venue.products.options.option_blocks import BlockTrade

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED
KEY = "blockOrderMatchingKey"  # answers call it blockTradeSettlementKey
LEG_NEEDS = ("symbol", "side", "type", "quantity", "price")
PROTECTION_NEEDS = ("underlying", "windowTimeInMilliseconds", "frozenTimeInMilliseconds", "qtyLimit", "deltaLimit")


# protection and countdowns


def set_protection(call: Call) -> Json:
    """Set the market maker protection of an underlying."""
    params = call.params
    protection = call.own(OptionsEngine).protection.set(
        options_account(call),
        params.needed_text("underlying"),
        params.needed_integer("windowTimeInMilliseconds"),
        params.needed_integer("frozenTimeInMilliseconds"),
        (params.needed_decimal("qtyLimit"), params.needed_decimal("deltaLimit")),
    )
    return views.protection_view(protection)


def get_protection(call: Call) -> Json:
    """Return the market maker protection of an underlying."""
    desk = call.own(OptionsEngine).protection
    return views.protection_view(desk.get(options_account(call), call.params.needed_text("underlying")))


def reset_protection(call: Call) -> Json:
    """Reset the market maker protection of an underlying."""
    desk = call.own(OptionsEngine).protection
    return views.protection_view(desk.reset(options_account(call), call.params.needed_text("underlying")))


def set_countdown(call: Call) -> Json:
    """Start, renew or stop the countdown of an underlying."""
    engine = call.own(OptionsEngine)
    underlying = engine.underlying(call.params.needed_text("underlying"))
    length = call.params.needed_integer("countdownTime")
    engine.protection.count_down(options_account(call), underlying, length)
    return {"underlying": underlying.name, "countdownTime": length}


def get_countdown(call: Call) -> Json:
    """Return the active countdown of an underlying, without one the latest; nothing when there is none."""
    engine, name = call.own(OptionsEngine), call.params.text("underlying")
    if name is not None:
        engine.underlying(name)
    found = engine.protection.countdowns(options_account(call))
    rows = [{"underlying": one, "countdownTime": length} for one, length in found.items() if name in {None, one}]
    return rows[-1] if rows else {}


def heartbeat(call: Call) -> Json:
    """Restart the countdowns of underlyings, named in a list with commas; the answer has those that were active."""
    names = call.params.needed_text("underlyings").split(",")
    return {"underlyings": call.own(OptionsEngine).protection.heartbeat(options_account(call), names)}


# block trades


def _legs(call: Call) -> list[Params]:
    """Return the legs of a block trade: objects, of which there may be one."""
    found = json_objects(call.params, "legs")
    if not found:
        raise Refusal(-6014, "Invalid legs")
    symbols = [leg.text("symbol") for leg in found]
    if len(symbols) > len(set(symbols)):
        raise Refusal(-6013, "Duplicate symbol in one block order request.")
    if len(found) > 1:
        raise Refusal(-6012, "Exceed maximum number of legs in one block order request.")
    return found


def offer_block(call: Call) -> Json:
    """Offer a block trade."""
    engine = call.own(OptionsEngine)
    liquidity = call.params.needed_choice("liquidity", ("MAKER", "TAKER"), invalid_block())
    (leg,) = _legs(call)
    leg.need(LEG_NEEDS)
    contract, side = engine.contract(leg.needed_text("symbol")), read_option_side(leg)
    terms = side, leg.needed_decimal("quantity"), leg.needed_decimal("price")
    return views.new_block_view(engine.blocks.create(options_account(call), liquidity, contract, terms))


def extend_block(call: Call) -> Json:
    """Extend an own offer by half an hour from now."""
    blocks = call.own(OptionsEngine).blocks
    return views.block_view(blocks.extend(options_account(call), call.params.needed_text(KEY)))


def cancel_block(call: Call) -> Json:
    """Withdraw an own offer."""
    call.own(OptionsEngine).blocks.cancel(options_account(call), call.params.needed_text(KEY))
    return {}


def accept_block(call: Call) -> Json:
    """Accept another account's offer."""
    blocks = call.own(OptionsEngine).blocks
    return views.counter_block_view(blocks.accept(options_account(call), call.params.needed_text(KEY)))


def block_details(call: Call) -> Json:
    """Return an offer as the other side sees it."""
    return views.counter_block_view(call.own(OptionsEngine).blocks.shown(call.params.needed_text(KEY)))


def _asked(call: Call) -> Callable[[BlockTrade, int], bool]:
    """Return what says whether a block trade is on the underlying and in the span that are asked for; -1130 as read."""
    start, end = read_option_span(call.params)
    name = call.params.text("underlying")
    if name is not None:
        call.own(OptionsEngine).underlying(name)

    def is_asked(block: BlockTrade, at: int) -> bool:
        return name in {None, block.contract.underlying.name} and (start or 0) <= at <= (at if end is None else end)

    return is_asked


def block_offers(call: Call) -> list[Json]:
    """Return the account's own offers, or the one of a key."""
    key, is_asked = call.params.text(KEY), _asked(call)
    offers = call.own(OptionsEngine).blocks.offers(options_account(call))
    if key is not None and key not in {block.key for block in offers}:
        raise invalid_block()
    return [views.block_view(one) for one in offers if key in {None, one.key} and is_asked(one, one.created)]


def block_fills(call: Call) -> list[Json]:
    """Return the account's block trades."""
    is_asked = _asked(call)
    fills = call.own(OptionsEngine).blocks.fills(options_account(call))
    return [views.block_fill_view(one) for one in fills if is_asked(one.block, one.fill.time)]


OPTION_MAKER_ROUTES = (
    route("POST", "/eapi/v1/mmpSet", _SIGNED, set_protection, 1, *PROTECTION_NEEDS),
    route("GET", "/eapi/v1/mmp", _SIGNED, get_protection, 1, "underlying"),
    route("POST", "/eapi/v1/mmpReset", _SIGNED, reset_protection, 1, "underlying"),
    route("POST", "/eapi/v1/countdownCancelAll", _SIGNED, set_countdown, 1, "underlying", "countdownTime"),
    route("GET", "/eapi/v1/countdownCancelAll", _SIGNED, get_countdown, 1),
    route("POST", "/eapi/v1/countdownCancelAllHeartBeat", _SIGNED, heartbeat, 10, "underlyings"),
    route("POST", "/eapi/v1/block/order/create", _SIGNED, offer_block, 5, "liquidity", "legs"),
    route("PUT", "/eapi/v1/block/order/create", _SIGNED, extend_block, 5, KEY),
    route("DELETE", "/eapi/v1/block/order/create", _SIGNED, cancel_block, 5, KEY),
    route("GET", "/eapi/v1/block/order/orders", _SIGNED, block_offers, 5),
    route("POST", "/eapi/v1/block/order/execute", _SIGNED, accept_block, 5, KEY),
    route("GET", "/eapi/v1/block/order/execute", _SIGNED, block_details, 5, KEY),
    route("GET", "/eapi/v1/block/user-trades", _SIGNED, block_fills, 5),
)

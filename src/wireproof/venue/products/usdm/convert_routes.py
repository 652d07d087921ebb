"""REST: convert, and the TradFi agreement. Small models of their own.

https://developers.binance.com/docs/derivatives/usds-margined-futures/convert
"""

from __future__ import annotations

from typing import Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import trimmed
from wireproof.venue.products.futures.account_routes import SUCCESS
from wireproof.venue.services.convert import ratio

Json = dict[str, Any]
_NONE, _SIGNED = CallSecurity.NONE, CallSecurity.SIGNED


def _convert_pairs(call: Call) -> list[Json]:
    return call.services.convert.pairs(call.engine, call.params)


def _convert_quote(call: Call) -> Json:
    return call.services.convert.quote(call.engine, call.account, call.params)


def _convert_accept(call: Call) -> Json:
    return call.services.convert.accept(call.engine, call.account, call.params)


def _convert_status(call: Call) -> Json:
    """Return the order status; its orderId is a number, where acceptQuote writes text (documented)."""
    conversion = call.services.convert.find(call.account, call.params)
    quote = conversion.quote
    return {
        "orderId": conversion.order_id,
        "orderStatus": "SUCCESS",
        "fromAsset": quote.from_asset,
        "fromAmount": trimmed(quote.from_amount),
        "toAsset": quote.to_asset,
        "toAmount": trimmed(quote.to_amount),
        "ratio": trimmed(ratio(quote.to_amount, quote.from_amount)),
        "inverseRatio": trimmed(ratio(quote.from_amount, quote.to_amount)),
        "createTime": conversion.created,
    }


def _sign_tradfi(call: Call) -> Json:
    call.services.tradfi_agreed.add(call.account.name)
    return SUCCESS


CONVERT_ROUTES: tuple[Operation, ...] = (
    route("GET", "/fapi/v1/convert/exchangeInfo", _NONE, _convert_pairs, 20),
    route("POST", "/fapi/v1/convert/getQuote", _SIGNED, _convert_quote, 50, "fromAsset", "toAsset"),
    route("POST", "/fapi/v1/convert/acceptQuote", _SIGNED, _convert_accept, 200, "quoteId"),
    route("GET", "/fapi/v1/convert/orderStatus", _SIGNED, _convert_status, 50),
    route("POST", "/fapi/v1/stock/contract", _SIGNED, _sign_tradfi, 50),
)

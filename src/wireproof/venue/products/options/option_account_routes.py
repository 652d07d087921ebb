"""REST: the options account: margins, bills, fees, listen keys, the agreement on metals.

https://developers.binance.com/docs/derivatives/options-trading/account and its neighbours. Fields of the margin
account: docs/exchange.md#options-account-fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import CallSecurity
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import fixed, trimmed
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options import option_margin
from wireproof.venue.products.options import option_views as views
from wireproof.venue.products.options.option_instruments import QUOTE, UNDERLYINGS
from wireproof.venue.products.options.option_market_routes import read_option_limit, read_option_span
from wireproof.venue.products.options.option_records import FEE_RATE
from wireproof.venue.products.options.option_risk import NORMAL
from wireproof.venue.products.options.option_trade_routes import options_account
from wireproof.venue.products.options.options_engine import OptionsEngine

if TYPE_CHECKING:
    from wireproof.venue.api.call import Call

Json = dict[str, Any]
_SIGNED, _KEY = CallSecurity.SIGNED, CallSecurity.KEY
NO_GROUP = -1  # the account trades for itself


def margin_account(call: Call) -> Json:
    """Return margins and Greeks."""
    engine, account = call.own(OptionsEngine), options_account(call)
    margins = option_margin.margins(engine, account)
    asset = {
        "asset": QUOTE,
        "marginBalance": trimmed(margins.balance),
        "equity": trimmed(margins.equity),
        "available": trimmed(margins.available),
        "initialMargin": trimmed(margins.initial),
        "maintMargin": trimmed(margins.maintenance),
        "unrealizedPNL": trimmed(margins.unrealised),
        "adjustedEquity": trimmed(margins.adjusted_equity),
    }
    greeks = [
        {
            "underlying": underlying.name,
            "delta": f"{found.delta:.8f}",
            "gamma": f"{found.gamma:.8f}",
            "theta": f"{found.theta:.8f}",
            "vega": f"{found.vega:.8f}",
        }
        for underlying, found in option_margin.greeks(engine, account).items()
    ]
    return {
        "asset": [asset],
        "greek": greeks,
        "time": engine.now(),
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "reduceOnly": engine.risk.level(account) != NORMAL,
        "tradeGroupId": NO_GROUP,
    }


def bills(call: Call) -> list[Json]:
    """Return the changes of the wallet, from a record on or the latest; -1129 for another currency than USDT."""
    if call.params.needed_text("currency") != QUOTE:
        raise Refusal(-1129, "Invalid asset。")  # the documented text
    limit, first = read_option_limit(call.params, 100, 1_000), call.params.integer("recordId")
    start, end = read_option_span(call.params)
    found = [
        one
        for one in options_account(call).bills
        if (first is None or one.number >= first) and (start or 0) <= one.time <= (one.time if end is None else end)
    ]
    return [views.bill_view(one) for one in (found[-limit:] if first is None else found[:limit])]


def commission(_call: Call) -> Json:
    """Return the account's fees on each underlying."""
    rate = fixed(FEE_RATE, 6)
    return {"commissions": [{"underlying": name, "makerFee": rate, "takerFee": rate} for name in UNDERLYINGS]}


def agree_on_metals(call: Call) -> Json:
    """Sign the agreement that options on metals need; doing so again is no error."""
    options_account(call).metals_agreed = True
    return {"code": 200, "msg": "success"}


def start_listen_key(call: Call) -> Json:
    """Return the account's listen key, a new one or the active one renewed, and when it expires."""
    keys, name = call.services.listen_keys, call.product.name
    return {"listenKey": keys.start(call.account, name), "expiration": keys.expires(call.account, name)}


def renew_listen_key(call: Call) -> Json:
    """Let the listen key live for another hour; -1125 without one."""
    call.services.listen_keys.ping(call.account, call.product.name)
    return {}


def stop_listen_key(call: Call) -> Json:
    """End the listen key."""
    call.services.listen_keys.stop(call.account, call.product.name)
    return {}


OPTION_ACCOUNT_ROUTES = (
    route("GET", "/eapi/v1/marginAccount", _SIGNED, margin_account, 3),
    route("GET", "/eapi/v1/bill", _SIGNED, bills, 1, "currency"),
    route("GET", "/eapi/v1/commission", _SIGNED, commission, 5),
    route("POST", "/eapi/v1/stock/contract", _SIGNED, agree_on_metals, 50),
    route("POST", "/eapi/v1/listenKey", _KEY, start_listen_key, 1),
    route("PUT", "/eapi/v1/listenKey", _KEY, renew_listen_key, 1),
    route("DELETE", "/eapi/v1/listenKey", _KEY, stop_listen_key, 1),
)

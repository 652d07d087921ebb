"""REST: the portfolio margin account as a whole, its listen key, and the time.

https://developers.binance.com/docs/derivatives/portfolio-margin/account
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import ZERO, money, trimmed
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.portfolio_margin.portfolio_account import ASSETS_OF_PORTFOLIO
from wireproof.venue.products.portfolio_margin.portfolio_engine import portfolio_of

if TYPE_CHECKING:
    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

Json = dict[str, Any]
_NONE, _KEY, _SIGNED = CallSecurity.NONE, CallSecurity.KEY, CallSecurity.SIGNED


def read_asset(call: Call, name: str = "asset") -> str:
    """Return a mandatory asset; -1108 for one that portfolio margin does not know."""
    asset = call.params.needed_text(name)
    if asset not in ASSETS_OF_PORTFOLIO:
        raise Refusal(-1108, "Invalid asset.")
    return asset


def balance_view(portfolio: PortfolioAccount, asset: str) -> Json:
    """Return what the account has of an asset; the total is the sum of the three wallets.

    docs/exchange.md#portfolio-margin-balances
    """
    cross = portfolio.margin[asset]
    um, cm = portfolio.wallet(asset, UM), portfolio.wallet(asset, CM)
    total = portfolio.total(asset)
    return {
        "asset": asset,
        "totalWalletBalance": money(total),
        "crossMarginAsset": money(cross.held),
        "crossMarginBorrowed": money(cross.borrowed),
        "crossMarginFree": money(cross.free),
        "crossMarginInterest": money(cross.interest),
        "crossMarginLocked": money(cross.locked),
        "umWalletBalance": money(um),
        "umUnrealizedPNL": money(portfolio.profit(asset, unit=UM)),
        "cmWalletBalance": money(cm),
        "cmUnrealizedPNL": money(portfolio.profit(asset, unit=CM)),
        "updateTime": cross.updated,
        "negativeBalance": trimmed(min(total, ZERO)),
    }


def balances(call: Call) -> Any:
    """Return every asset, or one; that one without what cross margin has of it (documented)."""
    portfolio = portfolio_of(call)
    if call.params.text("asset") is None:
        return [balance_view(portfolio, asset) for asset in ASSETS_OF_PORTFOLIO]
    view = balance_view(portfolio, read_asset(call))
    del view["crossMarginAsset"]
    return view


def account(call: Call) -> Json:
    """Return equity, margins and their ratio, in dollars."""
    portfolio = portfolio_of(call)
    return {
        "uniMMR": money(portfolio.ratio()),
        "accountEquity": money(portfolio.equity()),
        "actualEquity": money(portfolio.actual_equity()),
        "accountInitialMargin": money(portfolio.initial_margin()),
        "accountMaintMargin": money(portfolio.maintenance_margin()),
        "accountStatus": portfolio.level_by_ratio(),
        "virtualMaxWithdrawAmount": money(max(portfolio.available(), ZERO)),
        "totalAvailableBalance": money(portfolio.available()),
        "totalMarginOpenLoss": money(portfolio.open_loss()),
        "updateTime": max(one.updated for one in portfolio.margin.values()),
    }


def start_stream(call: Call) -> Json:
    """Return the account's listen key, the same one for an hour after the last request for it."""
    portfolio_of(call)
    return ops.start_stream(call)


def ping_stream(call: Call) -> Json:
    """Renew the account's listen key."""
    portfolio_of(call)
    ops.ping_stream(call)
    return {}


def stop_stream(call: Call) -> Json:
    """End the account's listen key."""
    portfolio_of(call)
    return ops.stop_stream(call)


PORTFOLIO_ROUTES: tuple[Operation, ...] = (
    route("GET", "/papi/v1/ping", _NONE, lambda _call: {}, 1),
    # docs/exchange.md#portfolio-margin-time
    route("GET", "/papi/v1/time", _NONE, lambda call: {"serverTime": call.engine.clock.now_ms()}, 1),
    route("GET", "/papi/v1/balance", _SIGNED, balances, 20),
    route("GET", "/papi/v1/account", _SIGNED, account, 20),
    route("POST", "/papi/v1/listenKey", _KEY, start_stream, 1),
    route("PUT", "/papi/v1/listenKey", _KEY, ping_stream, 1),
    route("DELETE", "/papi/v1/listenKey", _KEY, stop_stream, 1),
)

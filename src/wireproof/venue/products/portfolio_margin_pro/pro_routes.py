"""REST: the joint account of portfolio margin pro, its settings, and what is collateral.

https://developers.binance.com/docs/derivatives/portfolio-margin-pro/account
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import fixed, money, trimmed
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import margin
from wireproof.venue.exchange.coin_instruments import COINS
from wireproof.venue.products.portfolio_margin.portfolio_account import (
    ASSETS_OF_PORTFOLIO,
    COLLATERAL_RATES,
    OTHER_RATE,
)
from wireproof.venue.products.portfolio_margin.portfolio_routes import balance_view
from wireproof.venue.products.portfolio_margin_pro.pro_account import SPAN
from wireproof.venue.products.portfolio_margin_pro.pro_engine import pro_account_of

if TYPE_CHECKING:
    from wireproof.venue.base.params import Params

Json = dict[str, Any]
_KEY, _SIGNED = CallSecurity.KEY, CallSecurity.SIGNED
DONE = {"msg": "success"}
LEVERAGE = 10
LEAST_LEVEL, MOST_LEVEL = Decimal("1.1"), Decimal(2)  # docs/exchange.md#margin-call-levels
#: Tiers of the collateral rate, made up: where each ends, in units of the asset, and by how much the rate falls there.
TIERS = ((Decimal(1_000), Decimal(0)), (Decimal(2_000), Decimal("0.05")))
_V1, _V2 = "/sapi/v1/portfolio", "/sapi/v2/portfolio"


def joint_account(call: Call) -> Json:
    """Return equity, margins and their ratio, in dollars.

    Initial margin and what is free are empty for portfolio margin pro: docs/exchange.md#portfolio-margin-pro-accounts
    """
    account = pro_account_of(call)
    return {
        "uniMMR": money(account.ratio()),
        "accountEquity": money(account.equity()),
        "actualEquity": money(account.actual_equity()),
        "accountMaintMargin": money(account.maintenance_margin()),
        "accountInitialMargin": "",
        "totalAvailableBalance": "",
        "accountStatus": account.level_by_ratio(),
        "accountType": account.type,
    }


def span_account(call: Call) -> Json:
    """Return the account with its maintenance margin by unit of risk; all of it belongs to loans of cross margin."""
    account = pro_account_of(call)
    needed = account.maintenance_margin()
    return {
        "uniMMR": money(account.ratio()),
        "accountEquity": money(account.equity()),
        "actualEquity": money(account.actual_equity()),
        "accountMaintMargin": money(needed),
        "riskUnitMMList": [{"asset": asset, "uniMaintainUsd": money(Decimal(0))} for asset in ("BTC", "ETH")],
        "marginMM": money(needed),
        "otherMM": money(Decimal(0)),
        "accountStatus": account.level_by_ratio(),
        "accountType": account.type,
    }


def balances(call: Call) -> list[Json]:
    """Return every asset, or a list of one; of an unknown one nothing is known. Options are part of SPAN only."""
    account, wanted = pro_account_of(call), call.params.text("asset")
    in_options = {"optionWalletBalance": money(Decimal(0)), "optionEquity": money(Decimal(0))}
    return [
        balance_view(account, asset) | (in_options if account.type == SPAN else dict.fromkeys(in_options, "0"))
        for asset in ASSETS_OF_PORTFOLIO
        if wanted in {None, asset}
    ]


# collateral


def _rate(asset: str) -> Decimal:
    return COLLATERAL_RATES.get(asset, OTHER_RATE)


def collateral_rates(_call: Call) -> list[Json]:
    """Return what of each asset counts as equity."""
    return [{"asset": asset, "collateralRate": fixed(_rate(asset), 4)} for asset in ASSETS_OF_PORTFOLIO]


def _tiers(asset: str) -> list[Json]:
    rows, floor, collected = [], Decimal(0), Decimal(0)
    for cap, less in TIERS:
        rate = _rate(asset) - less
        rows.append(
            {"tierFloor": fixed(floor, 4), "tierCap": fixed(cap, 4), "collateralRate": fixed(rate, 4)}
            | {"cum": fixed(collected, 4)}
        )
        collected += (cap - floor) * rate
        floor = cap
    return rows


def tiered_rates(call: Call) -> list[Json]:
    """Return what of each asset counts as equity, by amount."""
    pro_account_of(call)
    return [{"asset": asset, "collateralInfo": _tiers(asset)} for asset in ASSETS_OF_PORTFOLIO]


def asset_leverage(call: Call) -> list[Json]:
    """Return the leverage of margin by asset."""
    pro_account_of(call)
    return [{"asset": asset, "leverage": LEVERAGE} for asset in ASSETS_OF_PORTFOLIO]


def index_prices(call: Call) -> list[Json]:
    """Return the index price of one coin or of all."""
    now, wanted = call.engine.clock.now_ms(), call.params.text("asset")
    return [
        {"asset": asset, "assetIndexPrice": trimmed(margin.usd_price(call.account, asset)), "time": now}
        for asset in COINS
        if wanted in {None, asset}
    ]


def _by_asset(params: Params) -> int:
    return 1 if "asset" in params else 50


# settings


def auto_repay(call: Call) -> Json:
    """Whether negative balances of both futures are covered by themselves."""
    return {"autoRepay": pro_account_of(call).auto_repay}


def set_auto_repay(call: Call) -> Json:
    """Change that."""
    pro_account_of(call).auto_repay = call.params.needed_flag("autoRepay")
    return DONE


def delta_mode(call: Call) -> Json:
    """Whether delta mode is on."""
    return {"deltaEnabled": pro_account_of(call).delta_mode}


def set_delta_mode(call: Call) -> Json:
    """Change that."""
    pro_account_of(call).delta_mode = call.params.needed_flag("deltaEnabled")
    return DONE


def call_level(call: Call) -> Json:
    """Return the uniMMR at which the owner wants to be called; nothing when none is set."""
    level = pro_account_of(call).call_level
    return {} if level is None else {"marginCallLevel": trimmed(level)}


def set_call_level(call: Call) -> Json:
    """Set it; what refuses a level out of bounds is not published."""
    account, level = pro_account_of(call), call.params.needed_decimal("marginCallLevel")
    if not LEAST_LEVEL <= level <= MOST_LEVEL:
        raise Refusal(-1130, "Data sent for parameter 'marginCallLevel' is not valid.")
    account.call_level = level
    return {"marginCallLevel": trimmed(level)}


def delete_call_level(call: Call) -> Json:
    """Remove it; that there was none is no error."""
    pro_account_of(call).call_level = None
    return DONE


def notification(call: Call) -> Json:
    """Whether falls of uniMMR are notified: docs/exchange.md#portfolio-margin-pro-notifications."""
    return {"enabled": pro_account_of(call).notified}


def set_notification(call: Call) -> Json:
    """Change that; the parameter that does is not published."""
    account = pro_account_of(call)
    account.notified = call.params.flag("enabled") is not False
    account.highest = account.ratio()
    return DONE


PRO_ROUTES: tuple[Operation, ...] = (
    route("GET", f"{_V1}/account", _SIGNED, joint_account, 5, by_account=True),
    route("GET", f"{_V2}/account", _SIGNED, span_account, 5),
    route("GET", f"{_V1}/balance", _SIGNED, balances, 20),
    route("GET", f"{_V1}/collateralRate", _KEY, collateral_rates, 50),
    route("GET", f"{_V2}/collateralRate", _SIGNED, tiered_rates, 50),
    route("GET", f"{_V1}/margin-asset-leverage", _SIGNED, asset_leverage, 50),
    route("GET", f"{_V1}/asset-index-price", _KEY, index_prices, _by_asset),
    route("GET", f"{_V1}/repay-futures-switch", _SIGNED, auto_repay, 30),
    route("POST", f"{_V1}/repay-futures-switch", _SIGNED, set_auto_repay, 1_500, "autoRepay"),
    route("GET", f"{_V1}/delta-mode", _SIGNED, delta_mode, 1_500),
    route("POST", f"{_V1}/delta-mode", _SIGNED, set_delta_mode, 1_500, "deltaEnabled"),
    route("GET", f"{_V1}/margin-call-level", _SIGNED, call_level, 1_500),
    route("POST", f"{_V1}/margin-call-level", _SIGNED, set_call_level, 1_500, "marginCallLevel"),
    route("DELETE", f"{_V1}/margin-call-level", _SIGNED, delete_call_level, 1_500),
    route("GET", "/papi/v1/unimmr/notification", _SIGNED, notification, 1),
    route("POST", "/papi/v1/unimmr/notification", _SIGNED, set_notification, 1),
)

"""User-data events of portfolio margin pro.

https://developers.binance.com/docs/derivatives/portfolio-margin-pro/portfolio-margin-pro-user-data-stream
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, money

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.products.portfolio_margin_pro.pro_account import ProAccount

Json = dict[str, Any]
UNIT = "PMP"  # what the venue's events of portfolio margin pro are published under
PRO_EVENTS = ("PM_PRO_ACCOUNT_UPDATE", "riskLevelChange", "uniMMRDrop")


def account_update(account: ProAccount, now: int) -> Json:
    """PM_PRO_ACCOUNT_UPDATE: equity and margins of the joint account, in dollars."""
    free = money(max(account.available(), ZERO))
    return {
        "e": "PM_PRO_ACCOUNT_UPDATE",
        "E": now,
        "u": money(account.ratio()),
        "eq": money(account.equity()),
        "ae": money(account.actual_equity()),
        "im": money(account.initial_margin()),
        "mm": money(account.maintenance_margin()),
        "avb": free,
        "vmw": free,
    }


def ratio_drop(ratio: Decimal, now: int) -> Json:
    """uniMMRDrop; its fields are not published: docs/exchange.md#portfolio-margin-pro-notifications."""
    return {"e": "uniMMRDrop", "E": now, "u": money(ratio)}

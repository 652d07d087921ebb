"""The events as they are sent."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.products.portfolio_margin_pro import pro_events
from wireproof.venue.products.portfolio_margin_pro.pro_account import ProAccount


def test_the_joint_account(exchange):
    account = ProAccount(exchange.alice, 0)
    event = pro_events.account_update(account, 9)
    assert list(event) == ["e", "E", "u", "eq", "ae", "im", "mm", "avb", "vmw"]
    assert (event["e"], event["E"], event["im"], event["mm"]) == (
        "PM_PRO_ACCOUNT_UPDATE",
        9,
        "200.00000000",
        "100.00000000",
    )
    assert Decimal(event["avb"]) == Decimal(event["eq"]) - 200 == Decimal(event["vmw"])


def test_a_fall():
    assert pro_events.ratio_drop(Decimal("1.5"), 9) == {"e": "uniMMRDrop", "E": 9, "u": "1.50000000"}

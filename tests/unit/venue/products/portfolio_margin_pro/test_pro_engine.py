"""What the accounts are sent, and how a test controls them."""

from __future__ import annotations

import pytest

HOUR_MS = 3_600_000


def _pass(sapi, milliseconds):
    sapi.venue.clock.advance(milliseconds)
    sapi.venue.tick()


async def test_the_joint_account_is_sent_every_five_seconds(sapi):
    """Not each second; nor to an account without the mode."""
    for _ in range(20):
        _pass(sapi, 1_000)
    assert len(sapi.told("PM_PRO_ACCOUNT_UPDATE")) == 4
    sapi.control(enabled=False)
    _pass(sapi, 5_000)
    assert len(sapi.told("PM_PRO_ACCOUNT_UPDATE")) == 4


async def test_risk_levels_are_said_once_and_when_all_is_well_again(sapi):
    sapi.control(level="MARGIN_CALL")
    _pass(sapi, 1_000)
    sapi.control(level="")
    assert [event["s"] for event in sapi.told("riskLevelChange")] == ["MARGIN_CALL", "NORMAL"]
    equity = sapi.account.equity()
    sapi.control(borrowed=str(equity * 20 / 2))  # maintenance margin is half of what is left of equity, or more
    assert sapi.told("riskLevelChange")[-1]["s"] != "NORMAL"


async def test_falls_are_notified_to_whoever_wants_it(sapi):
    sapi.control(borrowed="4000")
    assert sapi.told("uniMMRDrop") == []
    assert await sapi.get("/papi/v1/unimmr/notification") == {"enabled": False}
    await sapi.post("/papi/v1/unimmr/notification", enabled="true")
    sapi.control(borrowed="4100")
    assert sapi.told("uniMMRDrop") == []
    sapi.control(borrowed="4400")
    assert len(sapi.told("uniMMRDrop")) == 1
    await sapi.post("/papi/v1/unimmr/notification", enabled="false")
    sapi.control(borrowed="8000")
    assert len(sapi.told("uniMMRDrop")) == 1


async def test_negative_balances_cost_interest_unless_they_are_covered(sapi):
    sapi.account.futures.coins["ETH"] -= 1
    sapi.account.margin["ETH"].free += 1
    _pass(sapi, HOUR_MS)
    assert sapi.account.wallet("ETH", unit="CM") == 0
    sapi.account.auto_repay = False
    sapi.account.futures.coins["DOT"] -= 500
    _pass(sapi, HOUR_MS)
    (row,) = await sapi.get("interest-history", asset="DOT")
    assert (row["principal"], list(row)[2]) == ("500.00000000", "interestAccruedTime")


@pytest.mark.parametrize(
    "document", [{"level": "X"}, {"type": "PM_9"}, {"loan": "-1"}, {"spot": "x"}, {"account": "?"}]
)
async def test_what_cannot_be_controlled(sapi, document):
    with pytest.raises(ValueError, match="name one of the accounts"):
        sapi.control(**document)


async def test_portfolios_have_no_account_of_their_own(sapi):
    assert list(sapi.engine.accounts) == [account.name for account in sapi.venue.accounts]

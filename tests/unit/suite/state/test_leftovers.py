"""What a killed run left is undone by the next one; what was somebody else's stays as it was."""

from __future__ import annotations

import pytest

from wireproof.drift.finding import Verdict
from wireproof.suite.state.journal import Journal
from wireproof.wire.secrets.credentials import Credentials, HmacSigner

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLAIN = "usdm/ws-api/account.balance/default"
ISOLATED, LEVERAGE = "usdm/event/ACCOUNT_UPDATE/margin-transfer", "usdm/rest/POST.fapi.v1.leverage/default"
ROOT = "/fapi/v1"
MARGIN_TYPE = "usdm/rest/POST.fapi.v1.marginType/default"


@pytest.fixture
def run(planned, venue, target_of, conduct_cases):
    """Return what runs cases by id on the venue."""

    async def conduct(*ids):
        return await conduct_cases(target_of(venue), *(planned[name] for name in ids))

    return conduct


async def test_settings_that_a_killed_run_changed_are_set_back(run, venue, tmp_path):
    """Margin type, leverage and countdown of a symbol, and whether fees are paid in BNB."""
    account = venue.accounts[0]
    account.isolated.add("SOLUSDT")
    account.leverages["SOLUSDT"] = 10
    journal = Journal(tmp_path / "journal.json")
    journal.changed_setting(
        account.key.api_key, "usdm", f"{ROOT}/marginType", {"symbol": "SOLUSDT", "marginType": "CROSSED"}
    )
    journal.changed_setting(account.key.api_key, "usdm", f"{ROOT}/leverage", {"symbol": "SOLUSDT", "leverage": 20})
    journal.changed_setting(
        account.key.api_key, "coinm", "/dapi/v1/leverage", {"symbol": "SOLUSD_PERP", "leverage": 20}
    )

    conductor = await run(PLAIN)
    assert "SOLUSDT" not in account.isolated
    assert account.leverage("SOLUSDT") == 20
    assert [what for what in conductor.leftovers if "SOLUSDT" in what] == [
        "marginType of SOLUSDT (hmac), set back",
        "leverage of SOLUSDT (hmac), set back",
    ]
    after = Journal(tmp_path / "journal.json")
    assert after.settings_before(account.key.api_key, "usdm") == []
    assert len(after.settings_before(account.key.api_key, "coinm")) == 1  # for the next run of that product
    assert (await run(PLAIN)).leftovers == []


@pytest.mark.parametrize("case", [ISOLATED, MARGIN_TYPE, LEVERAGE])
async def test_settings_of_the_account_are_as_they_were(case, run, venue, tmp_path):
    """Also where the owner prefers isolated margin and a leverage of his own."""
    for account in venue.accounts:
        account.isolated.update(venue.engine.symbols)
        account.leverages.update(dict.fromkeys(venue.engine.symbols, 7))
    before = [(set(account.isolated), dict(account.leverages)) for account in venue.accounts]
    try:
        conductor = await run(case)
        after = [(set(account.isolated), dict(account.leverages)) for account in venue.accounts]
    finally:
        for account in venue.accounts:
            account.isolated.clear()
            account.leverages.clear()
    assert (conductor.results[case].verdict, conductor.results[case].reason) == (Verdict.CONFORMS, "")
    assert after == before
    assert conductor.not_cleaned == []
    journal = Journal(tmp_path / "journal.json")
    assert not any(journal.settings_before(account.key.api_key, "usdm") for account in venue.accounts)


async def test_a_position_that_was_liquidated_is_no_longer_ours(run, venue):
    """Somebody else's position on the same symbol, opened later, is left alone."""
    await run("usdm/event/ORDER_TRADE_UPDATE/liquidated")
    account = venue.accounts[0]
    name = next(
        order.symbol.name for order in account.closed_orders.values() if order.client_id.startswith("autoclose-")
    )
    position = account.position(venue.engine.symbols[name], "BOTH")
    position.amount, position.entry = venue.engine.symbols[name].step * 10, venue.engine.markets[name].mid
    try:
        conductor = await run(PLAIN)
        held = position.amount
    finally:
        position.amount = position.amount * 0
    assert held == venue.engine.symbols[name].step * 10
    assert conductor.leftovers == []


async def test_a_key_that_is_refused_is_what_the_advice_speaks_of(venue, planned, target_of, conduct_cases):
    """It is refused at the first look for leftovers; public requests go on."""
    unknown = Credentials("k" * 64, HmacSigner("s" * 64), "unknown")
    public = "usdm/rest/GET.fapi.v1.exchangeInfo/default"
    conductor = await conduct_cases(
        target_of(venue, accounts=[unknown]), planned[PLAIN], planned[LEVERAGE], planned[public]
    )
    (blockage,) = conductor.blockages.values()
    assert 'error -2015 "Invalid API-key, IP, or permissions for action"' in blockage.reason
    assert blockage.advice == "Check the key, its permissions and the host."
    assert conductor.results[LEVERAGE].verdict is Verdict.BLOCKED
    assert conductor.results[public].verdict is Verdict.CONFORMS

"""Portfolio margin pro has no book: its cases, its account and its settings, against a local server."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal

import pytest

from wireproof.drift.finding import Verdict
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.state.journal import Journal

PRODUCT = "portfolio-margin-pro"
PROBE = DRIVERS[PRODUCT].probe
LEVEL = "/sapi/v1/portfolio/margin-call-level"
SETTINGS = (
    "rest/GET.sapi.v1.portfolio.margin-call-level/set",
    "rest/GET.sapi.v1.portfolio.margin-call-level/not-set",
    "rest/DELETE.sapi.v1.portfolio.margin-call-level/default",
    "rest/POST.sapi.v1.portfolio.margin-call-level/other",
    "rest/POST.sapi.v1.portfolio.delta-mode/other",
    "rest/POST.sapi.v1.portfolio.repay-futures-switch/other",
)


@pytest.fixture
def target(venue, target_of):
    """Return a target with the addresses of portfolio margin pro."""
    target, root = target_of(venue), f"{venue.stream_url}/pm-classic"
    target.endpoints = dataclasses.replace(target.endpoints, ws_api="", stream=root, user_stream=root, product=PRODUCT)
    return target


@pytest.fixture
def accounts(venue):
    """Return the venue's accounts of portfolio margin pro; they are as they were when the test is over."""
    accounts = venue.services.engines[PRODUCT].accounts
    before = {name: (one.call_level, one.delta_mode, one.auto_repay) for name, one in accounts.items()}
    yield accounts
    for name, one in accounts.items():
        one.enabled = True
        one.call_level, one.delta_mode, one.auto_repay = before[name]


@pytest.fixture
def exercise(conduct_cases, planned, target):
    """Return what runs cases by name."""

    async def run(*names):
        return await conduct_cases(target, *(planned[f"{PRODUCT}/{name}"] for name in names))

    return run


@pytest.mark.parametrize("code", [-21001, -2015])
async def test_an_account_without_the_mode_blocks_the_product_with_one_sentence(exercise, accounts, venue, code):
    """Market data that asks for any key is sent all the same; nothing else is."""
    market_data = "rest/GET.sapi.v1.portfolio.asset-index-price/asset"
    if code == -2015:
        fault = {"kind": "answer", "method": PROBE, "status": 401, "code": code, "msg": "No permission.", "times": None}
        venue.faults.add(**fault)
    for one in accounts.values():
        one.enabled = code == -2015
    before = venue.services.requests.copy()
    run = await exercise(
        "rest/GET.sapi.v1.portfolio.account/default",
        "rest/GET.sapi.v1.portfolio.balance/default",
        "rest/POST.sapi.v1.portfolio.repay/default",
        "event/PM_PRO_ACCOUNT_UPDATE/every-five-seconds",
        market_data,
        *SETTINGS,
    )
    venue.faults.clear()
    [blockage] = run.blockages.values()
    assert blockage.reason == f"{PROBE} was answered {code}: this account is not a portfolio margin account."
    verdicts = {name: result.verdict for name, result in run.results.items()}
    assert verdicts.pop(f"{PRODUCT}/{market_data}") is Verdict.CONFORMS
    assert set(verdicts.values()) == {Verdict.BLOCKED}
    sent = venue.services.requests - before
    assert {name: count for name, count in sent.items() if "portfolio" in name} == {
        PROBE: 1,
        "GET /sapi/v1/portfolio/asset-index-price": 1,
    }


async def test_settings_are_set_back(exercise, accounts):
    """To what was read before, also where nothing was set."""
    first, *others = accounts.values()
    first.call_level = Decimal("1.75")
    first.delta_mode = True
    run = await exercise(*SETTINGS)
    assert {result.verdict for result in run.results.values()} == {Verdict.CONFORMS}
    assert run.not_cleaned == []
    assert (first.call_level, first.delta_mode, first.auto_repay) == (Decimal("1.75"), True, True)
    assert [one.call_level for one in others] == [None, None]
    first.call_level = None
    run = await exercise(*SETTINGS[:2])
    assert (run.not_cleaned, first.call_level) == ([], None)


@pytest.mark.parametrize(
    ("request_", "before", "level"),
    [(LEVEL, {"marginCallLevel": "1.75"}, Decimal("1.75")), (f"DELETE {LEVEL}", {}, None)],
)
async def test_what_a_killed_run_left_changed_is_set_back_by_the_next(
    exercise, accounts, venue, tmp_path, request_, before, level
):

    key = venue.accounts[0].key.api_key
    Journal(tmp_path / "journal.json").changed_setting(key, PRODUCT, request_, before)
    first = next(iter(accounts.values()))
    first.call_level = Decimal("1.23")
    run = await exercise("rest/GET.sapi.v1.portfolio.margin-asset-leverage/default")
    assert first.call_level == level
    assert run.leftovers == [f"margin-call-level of the account ({venue.accounts[0].name}), set back"]
    assert request_ not in json.dumps(json.loads((tmp_path / "journal.json").read_text("utf-8")))


async def test_the_joint_account_is_awaited_on_its_stream(exercise, accounts):
    """With the listen key of USDⓈ-M, which is stopped when all is over."""
    run = await exercise("event/PM_PRO_ACCOUNT_UPDATE/every-five-seconds", "event/riskLevelChange/scripted")
    assert {result.verdict for result in run.results.values()} == {Verdict.CONFORMS}
    assert next(iter(accounts.values())).scripted_level == ""

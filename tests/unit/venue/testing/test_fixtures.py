"""The fixtures in a client's project: one line asks for them, each test has a venue of its own state."""

from __future__ import annotations

from importlib import metadata

pytest_plugins = ["pytester"]

QUIET = ["-p", "no:allure_pytest", "-p", "no:asyncio", "-p", "no:cacheprovider", "-W", "default"]
CONFTEST = """
import pytest
from wireproof.venue.testing import VenueSettings

pytest_plugins = ["wireproof.venue.testing"]


@pytest.fixture(scope="session")
def venue_settings():
    return VenueSettings(market_moves=False)
"""
TESTS = """
import pytest

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}


@pytest.mark.parametrize("number", range(2))
def test_each_test_begins_anew(venue, number):
    assert venue.ask("GET /fapi/v1/allOrders", symbol="BTCUSDT") == []
    assert venue.faults == []
    venue.ask("POST /fapi/v1/order", **ORDER)
    venue.fault("revoke-key", account="rsa")


@pytest.mark.venue(incident="algo-migration")
def test_an_incident_by_mark(venue):
    assert [one["clientAlgoId"] for one in venue.ask("GET /fapi/v1/openAlgoOrders")] == ["stop-from-before"]


def test_a_day_inside_a_test(venue):
    assert venue.state["as_of"] is None
    assert venue(as_of="2026-05-01").state["as_of"] == "2026-05-01"


def test_a_fault_that_struck_nothing(venue):
    venue.fault("silent", "POST /fapi/v1/order")
"""


def test_in_a_project_of_a_client(pytester):
    """The only warning is that of the fault, also where conftest.py imports what it names as a plugin."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=5, warnings=1)
    result.stdout.fnmatch_lines(["*FaultWarning: silent of POST /fapi/v1/order never struck: nothing*"])


def test_nothing_of_wireproof_loads_by_itself():
    """No project that merely installed wireproof gets a plugin of it."""
    own = metadata.distribution("wireproof").entry_points
    assert {one.group for one in own} == {"console_scripts"}

"""What the parts of a run share."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from wireproof.suite.judging.judge import Judge
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.run_context import RunContext
from wireproof.suite.state.journal import Journal
from wireproof.suite.target import Target
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor


@pytest.fixture
def context_of(store, tmp_path):
    """Return what makes the context of a run of cases."""

    def make(*cases, target="local"):
        return RunContext(
            cases,
            store=store,
            target=Target(target, Endpoints(), [], Redactor(), allow_trading=True, hide_values=False),
            judge=Judge(store, {}, target=target, today=date(2026, 11, 22)),
            journal=Journal(tmp_path / "journal.json"),
            run="20261122T000000Z-abc123",
        )

    return make


def test_products_run_in_the_order_of_their_drivers(context_of, planned):
    cases = [planned["coinm/ws-api/order.place/limit-gtc"], planned["usdm/ws-api/order.place/limit-gtc"]]
    by_product = context_of(*cases).by_product
    assert list(by_product) == ["usdm", "coinm"]
    assert list(by_product.values()) == [[cases[1]], [cases[0]]]


def test_the_limits_are_the_documented_ones_of_the_target(context_of, planned, store):
    context = context_of(planned["usdm/ws-api/order.place/limit-gtc"], target="testnet")
    assert context.limiter_of("usdm").weight_limit == 6_000


def test_both_futures_products_draw_on_one_limiter(context_of, planned):
    """Their hosts count together since June 2026."""
    context = context_of(*(planned[f"{product}/ws-api/order.place/limit-gtc"] for product in ("usdm", "coinm")))
    assert context.limiter_of("usdm") is context.limiter_of("coinm")


def test_a_product_with_a_pool_of_its_own_has_its_own_limiter(context_of, planned, monkeypatch):
    """What one host counts leaves the other's limit as it was."""
    apart = dataclasses.replace(DRIVERS["coinm"], limit_pool="apart")
    monkeypatch.setitem(DRIVERS, "coinm", apart)
    context = context_of(*(planned[f"{product}/ws-api/order.place/limit-gtc"] for product in ("usdm", "coinm")))
    assert set(context.limiters) == {"futures", "apart"}
    assert context.limiter_of("usdm") is not context.limiter_of("coinm")


def test_hosts_that_are_asked_for_prices_keep_their_own_limits(context_of, planned):
    """Each is asked within the limit of the product that it serves, which may run as well."""
    context = context_of(
        planned["portfolio-margin/rest/POST.papi.v1.um.order/limit-gtc"],
        planned["usdm/ws-api/order.place/limit-gtc"],
        target="live",
    )
    assert set(context.limiters) == {"papi", "futures", "sapi"}
    assert context.limiter_of("portfolio-margin").weight_limit == 6_000
    assert context.limiter_of("coinm") is context.limiter_of("usdm")


def test_a_run_of_no_case_has_a_context_too(context_of):
    """Everything that was selected may have been skipped."""
    context = context_of()
    assert context.by_product == {}
    assert context.limiters == {}


def test_an_error_is_said_of_the_target_by_its_name(context_of):
    from wireproof.suite.state.own_answers import UnknownStateError  # noqa: PLC0415

    assert context_of(target="testnet").failure_of(UnknownStateError("It is unknown")).host == "testnet"

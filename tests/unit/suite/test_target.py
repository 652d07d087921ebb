"""Where a run points, for one product or several."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.errors import ConfigurationError, UsageError
from wireproof.results.model import RunResult
from wireproof.suite.target import open_target, recorded_target

KEYS = {"WIREPROOF_API_KEY": "k" * 64, "WIREPROOF_API_SECRET": "s" * 64}


def products(store, *names):
    return [store.products[name] for name in names]


def test_each_product_has_its_own_endpoints(store):
    target = open_target("live", products(store, "usdm", "coinm"), environ=KEYS)
    assert target.endpoints_of("usdm").rest == "https://fapi.binance.com"
    assert target.endpoints_of("coinm").rest == "https://dapi.binance.com"
    assert target.urls["coinm ws-api"] == "wss://ws-dapi.binance.com/ws-dapi/v1"


def test_prices_are_asked_of_another_products_host_except_of_a_venue(store):
    sources = products(store, "usdm", "coinm", "portfolio-margin-pro")
    live = open_target("live", products(store, "portfolio-margin"), environ=KEYS, sources=sources)
    assert [live.endpoints_of("portfolio-margin", one).rest for one in ("", "coinm", "portfolio-margin-pro")] == [
        "https://papi.binance.com",
        "https://dapi.binance.com",
        "https://api.binance.com",
    ]
    environ = KEYS | {"WIREPROOF_PORTFOLIO_MARGIN_REST_URL": "http://127.0.0.1:9"}
    local = open_target("local", products(store, "portfolio-margin"), environ=environ, sources=sources)
    assert local.endpoints_of("portfolio-margin", "coinm").rest == "http://127.0.0.1:9"


def test_trading_on_live_needs_a_cap(store):
    with pytest.raises(UsageError, match="--max-notional"):
        open_target("live", products(store, "usdm"), environ=KEYS, allow_trading=True)
    target = open_target("live", products(store, "usdm"), environ=KEYS, allow_trading=True, max_notional=Decimal(50))
    assert (target.allow_trading, target.max_notional) == (True, 50)


def test_a_venue_that_is_named_for_one_product_only_is_refused_for_two(store):
    """Another venue beside it would have other keys; what to set is said."""
    environ = KEYS | {"WIREPROOF_USDM_WS_API_URL": "ws://127.0.0.1:9/ws-fapi/v1"}
    with pytest.raises(ConfigurationError, match="WIREPROOF_COINM_WS_API_URL"):
        open_target("local", products(store, "usdm", "coinm"), environ=environ)
    assert open_target("local", products(store, "usdm"), environ=environ).venue is None


def test_faults_are_for_a_venue_that_the_run_starts(store):
    fault = '{"kind": "silent", "method": "order.plce"}'
    with pytest.raises(UsageError, match="--fault is for the venue that a run of the local target starts"):
        open_target("testnet", products(store, "usdm"), environ=KEYS, faults=[fault])
    with pytest.raises(UsageError, match=r"^--fault: There is no request, .* Did you mean 'order.place'\?$"):
        open_target("local", products(store, "usdm"), environ={}, faults=[fault])


def test_a_past_run_is_read_with_its_endpoints():
    urls = {"usdm rest": "http://127.0.0.1:1", "coinm rest": "http://127.0.0.1:2"}
    target = recorded_target(RunResult(run="r", version="0", target="local", endpoints=urls))
    assert target.endpoints_of("coinm").rest == "http://127.0.0.1:2"
    assert not target.allow_trading

"""Where a target is reached."""

from __future__ import annotations

import pytest

from wireproof.errors import ConfigurationError
from wireproof.wire.endpoints import Endpoints, resolve, variable_of

HOSTS = {
    "ws-api": {"live": ["wss://ws-fapi.example/ws-fapi/v1", "wss://second.example"]},
    "rest": {"live": ["https://fapi.example/"], "testnet": ["https://demo.example"]},
    "stream": {"live": ["wss://fstream.example"]},
    "event": {"live": ["wss://fstream.example/private"]},
}


def test_the_first_known_host_is_used() -> None:
    """Without overrides the product's hosts hold, without a slash at the end."""
    assert resolve("usdm", "live", HOSTS, {}) == Endpoints(
        ws_api="wss://ws-fapi.example/ws-fapi/v1",
        rest="https://fapi.example",
        stream="wss://fstream.example",
        user_stream="wss://fstream.example/private",
        product="usdm",
        target="live",
    )


@pytest.mark.parametrize(
    ("product", "surface", "variable"),
    [
        ("usdm", "ws-api", "WIREPROOF_USDM_WS_API_URL"),
        ("portfolio-margin-pro", "rest", "WIREPROOF_PORTFOLIO_MARGIN_PRO_REST_URL"),
        ("coinm", "event", "WIREPROOF_COINM_EVENT_URL"),
    ],
)
def test_every_product_and_surface_has_a_variable(product: str, surface: str, variable: str) -> None:
    """Product and surface in upper case, hyphens as underscores; the variable comes before the known hosts."""
    scheme = "https" if surface == "rest" else "wss"
    found = resolve(product, "live", HOSTS, {variable: f"{scheme}://mine.example/x/"})

    assert variable_of(product, surface) == variable
    assert found.require(surface) == f"{scheme}://mine.example/x"


def test_a_product_of_user_streams_alone_has_them_at_the_root_of_its_streams() -> None:
    """Portfolio margin has no market streams."""
    hosts = {"event": {"live": ["wss://fstream.example/pm"]}}
    named = {"WIREPROOF_PORTFOLIO_MARGIN_STREAM_URL": "ws://127.0.0.1:9/pm"}

    assert resolve("portfolio-margin", "live", hosts, {}).user_stream == "wss://fstream.example/pm"
    assert resolve("portfolio-margin", "local", hosts, named).user_stream == "ws://127.0.0.1:9/pm"


def test_a_user_stream_is_found_below_an_overridden_stream() -> None:
    """The event URL falls back to /private below the stream URL, not to the known host of another target."""
    found = resolve("usdm", "live", HOSTS, {"WIREPROOF_USDM_STREAM_URL": "ws://127.0.0.1:9"})

    assert found.user_stream == "ws://127.0.0.1:9/private"
    only_stream = {"stream": {"testnet": ["wss://s.example"]}}
    assert resolve("usdm", "testnet", only_stream, {}).user_stream == "wss://s.example/private"


def test_an_unset_surface_is_an_error_only_when_used() -> None:
    """The error names the variable to set and the form wanted."""
    found = resolve("usdm", "testnet", HOSTS, {})

    assert (found.rest, found.ws_api, found.user_stream) == ("https://demo.example", "", "")
    with pytest.raises(ConfigurationError, match=r"ws-api surface of usdm on testnet.*Set WIREPROOF_USDM_WS_API_URL"):
        found.require("ws-api")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("https://h", "does not begin with wss:// or ws://"),
        ("h:8080", "does not begin with wss:// or ws://"),
        ("wss://", "names no host"),
        ("wss://:443/x", "names no host"),
        ("wss://h:99999", "is no URL"),
        ("wss://h:port", "is no URL"),
        ("wss://[::1", "is no URL"),
        ("wss://h:0", "names port 0"),
        ("wss://a b", "holds a space"),
        ("wss://h/\x07", "control character"),
        ("wss://h?x=1", "holds a query"),
        ("wss://user:hidden@h", "holds a user name or password"),
    ],
)
def test_a_malformed_override_is_named_with_value_and_wanted_form(value: str, problem: str) -> None:
    """Variable, value, problem and form stand in one sentence; a password does not."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        resolve("usdm", "live", HOSTS, {"WIREPROOF_USDM_WS_API_URL": value})

    assert str(caught.value).startswith("WIREPROOF_USDM_WS_API_URL is '")
    assert "wss://host/path or ws://127.0.0.1:8080/path" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_product_with_one_root_for_all_streams_keeps_it_when_overridden() -> None:
    """COIN-M's private streams are on its stream host itself."""
    one = {"live": ["wss://dstream.example"]}
    found = resolve(
        "coinm", "live", {"stream": one, "event": one}, {"WIREPROOF_COINM_STREAM_URL": "ws://127.0.0.1:9/d"}
    )

    assert found.user_stream == found.stream == "ws://127.0.0.1:9/d"

"""unicorn-binance-websocket-api, pointed at the venue by its `..._base_uri` arguments.

User data stays out: before it makes a listen key, the client asks spot's `/api/v3/time` at the exchange's own host,
whatever `restful_base_uri` says.
"""

from __future__ import annotations

import json
import time

import pytest

unicorn = pytest.importorskip(
    "unicorn_binance_websocket_api", reason="unicorn-binance-websocket-api is not installed: make clients"
)
pytestmark = [
    pytest.mark.client("unicorn-binance-websocket-api", "unicorn-binance-websocket-api"),
    pytest.mark.filterwarnings("ignore"),  # threads and loops of the client outlive it
]


@pytest.fixture
def manager(venue):
    """Return a manager for USDⓈ-M."""
    usdm = venue.urls["usdm"]
    with unicorn.BinanceWebSocketApiManager(
        exchange="binance.com-futures",
        websocket_base_uri=f"{usdm.stream}/",
        websocket_api_base_uri=usdm.ws_api,
        warn_on_update=False,
        disable_colorama=True,
    ) as made:
        yield made


def received(manager, wanted, seconds=20):
    """Return the first document that `wanted` says is one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        raw = manager.pop_stream_data_from_stream_buffer()
        if raw and wanted(document := json.loads(raw)):
            return document
        time.sleep(0.02)
    raise AssertionError("nothing came")


@pytest.mark.covers("usdm", "market streams")
@pytest.mark.parametrize(
    ("channel", "event"), [("aggTrade", "aggTrade"), ("bookTicker", "bookTicker"), ("depth5", "depthUpdate")]
)
def test_market_streams(manager, channel, event):
    manager.create_stream([channel], ["btcusdt"])
    assert received(manager, lambda one: "data" in one)["data"]["e"] == event


@pytest.mark.covers("usdm", "WebSocket API")
def test_websocket_api(manager, venue):
    stream = manager.create_stream(
        api=True, api_key=venue.hmac.api_key, api_secret=venue.hmac.api_secret, output="raw_data"
    )
    answer = manager.api.futures.get_order_book(stream_id=stream, symbol="BTCUSDT", limit=5, return_response=True)
    assert json.loads(answer)["result"]["lastUpdateId"]

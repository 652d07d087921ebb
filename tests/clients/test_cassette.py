"""python-binance reads a recorded run that a venue replays: for pull requests of clients, without an exchange."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

pytest.importorskip("binance", reason="python-binance is not installed: pip install -e '.[clients]'")

from binance import AsyncClient, BinanceSocketManager
from binance.enums import FuturesType
from binance.exceptions import BinanceAPIException

from wireproof.venue.testing import VenueSettings, start_venue

NOW = round(time.time() * 1000) - 3_600_000  # recorded an hour ago
TRADE = '{"e":"aggTrade","E":%d,"s":"BTCUSDT","a":50000%d,"p":"86250.10","q":"0.0140","f":1,"l":1,"T":%d,"m":false}'
SEEN = [
    {
        "contract": "usdm/rest/GET.fapi.v1.time",
        "request": "GET /fapi/v1/time",
        "response": json.dumps({"serverTime": NOW}),
        "status": 200,
    },
    {
        "contract": "usdm/rest/GET.fapi.v2.ticker.price",
        "request": "GET /fapi/v2/ticker/price?symbol=BTCUSDT",
        "response": json.dumps({"symbol": "BTCUSDT", "price": "86250.10", "time": NOW}),
        "status": 200,
    },
    {
        "contract": "usdm/rest/POST.fapi.v1.order",
        "request": "POST /fapi/v1/order?symbol=BTCUSDT&newClientOrderId=wp-1&timestamp=1&signature=<redacted>",
        "response": json.dumps({"symbol": "BTCUSDT", "orderId": 8389765, "clientOrderId": "wp-1", "updateTime": NOW}),
        "status": 200,
    },
    {
        "contract": "usdm/rest/POST.fapi.v1.listenKey",
        "request": "POST /fapi/v1/listenKey",
        "response": json.dumps({"listenKey": "<redacted listen key>"}),
        "status": 200,
    },
    {
        "contract": "usdm/stream/aggTrade",
        "request": "SUBSCRIBE btcusdt@aggTrade at wss://fstream.example.org/market/stream",
        "messages": [TRADE % (NOW + 100 * number, number, NOW + 100 * number) for number in range(3)],
    },
]


@pytest.fixture(scope="module")
def cassette(tmp_path_factory):
    """Serve the recording."""
    file = tmp_path_factory.mktemp("night") / "observations.jsonl"
    file.write_text("".join(json.dumps(one | {"received_at": NOW}) + "\n" for one in SEEN), "utf-8")
    with start_venue(VenueSettings(replay=str(file))) as venue:
        yield venue


async def test_a_recorded_run_answers_python_binance(cassette):
    """Times are of now, its own client id comes back, a listen key is one; what was not recorded is an error."""

    class LocalClient(AsyncClient):
        FUTURES_URL = f"{cassette.url}/fapi"

    account = cassette.accounts["hmac"]
    client = LocalClient(account.api_key, account.api_secret)
    try:
        assert abs((await client.futures_time())["serverTime"] - time.time() * 1000) < 10_000
        assert (await client.futures_symbol_ticker(symbol="BTCUSDT"))["price"] == "86250.10"
        order = await client.futures_create_order(symbol="BTCUSDT", newClientOrderId="mine", side="BUY", type="MARKET")
        assert (order["orderId"], order["clientOrderId"]) == (8389765, "mine")
        assert len(await client.futures_stream_get_listen_key()) == 64
        with pytest.raises(BinanceAPIException, match="Not recorded: GET /fapi/v1/depth"):
            await client.futures_order_book(symbol="BTCUSDT")

        class LocalSockets(BinanceSocketManager):
            FSTREAM_URL = f"{cassette.urls['usdm'].stream}/"

        stream = LocalSockets(client).aggtrade_futures_socket("BTCUSDT", futures_type=FuturesType.USD_M)
        stream.TIMEOUT = 1
        async with stream, asyncio.timeout(20):
            trades = [await stream.recv() for _ in range(5)]
        numbers = [one.get("data", one)["a"] for one in trades]
        assert numbers == sorted(set(numbers))
    finally:
        await client.close_connection()

"""No value of a parameter makes the venue fail: it answers or refuses, over every documented REST request."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from wireproof.contract.store import load_store
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.serving.server import Venue

HOSTILE = [
    *("", " ", "0", "-1", "1e400", "NaN", "Infinity", "-0.0", "0x10", "1_0", "٣", "²"),
    *("9" * 19, "9" * 400, "-" + "9" * 19, "-9223372036854775808", "9223372036854775807"),
    *("null", "true", "[]", "{}", "[[]]", "[null]", "[1]", '[""]', '[{"symbol": 1}]', '{"a": {}}', "[" * 500, '"', "'"),
    *("\x00", "\ud7ff", "😀", "a" * 5000, "%", "a,b", "BTCUSDT,", "../.."),
]
SOUND = {
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "60000",
    "limit": "5",
    "interval": "1m",
    "period": "5m",
    "asset": "USDT",
    "pair": "BTCUSDT",
    "contractType": "PERPETUAL",
}
SYMBOLS = {"dapi": "BTCUSD_PERP", "cm": "BTCUSD_PERP"}


def sound_values(request, option):
    """Return values that are likely to be accepted for the mandatory parameters and those that most requests take."""
    parts = request.path.split("/")
    symbol = option if "eapi" in parts else next((SYMBOLS[part] for part in parts if part in SYMBOLS), "BTCUSDT")
    known = SOUND | {"symbol": symbol}
    if symbol.endswith("_PERP"):
        known["pair"] = "BTCUSD"
    return {one.name: known.get(one.name, "1") for one in request.params if one.required or one.name == "symbol"}


async def server_errors(venue, spoiled):
    """Send signed requests, each (request, values), and return (verb, path, values) of each server error."""
    account, found = venue.accounts[0], []
    pending = iter(spoiled)

    async def send(http):
        for request, values in pending:
            text = urlencode({**values, "timestamp": values.get("timestamp", venue.clock.now_ms())})
            text += f"&signature={account.key.sign(text)}"
            url = URL(f"{venue.rest_url}{request.path}?{text}", encoded=True)
            headers = {"X-MBX-APIKEY": account.key.api_key}
            async with http.request(request.method, url, headers=headers) as answer:
                if answer.status >= 500:
                    found.append((request.method, request.path, values))

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(send(http) for _ in range(8)))
    return found


async def test_no_value_of_a_parameter_is_a_server_error(keys):
    """One value for each parameter, the others sound as far as can be guessed; `make fuzz` sends far more."""
    rng = random.Random(13)  # noqa: S311  # the same each time
    async with Venue(clock=ManualClock(), tick_seconds=None, keys=keys, weight_limit=10**9) as venue:
        async with aiohttp.ClientSession() as http, http.get(f"{venue.rest_url}/eapi/v1/exchangeInfo") as answer:
            option = (await answer.json())["optionSymbols"][0]["symbol"]
        spoiled = [
            (contract.subject, {**sound_values(contract.subject, option), param.name: value})
            for contract in load_store().select(surface="rest")
            if not contract.retired
            for param in contract.subject.params
            if param.name != "timestamp"
            for value in [rng.choice(HOSTILE)]
        ]
        assert len(spoiled) > 1000
        assert await server_errors(venue, spoiled) == []

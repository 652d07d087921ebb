"""The venue begins anew, and time passes when it is told to; both over HTTP."""

from __future__ import annotations

import time

import aiohttp
import pytest
from tests.unit.venue.conftest import Rest

from wireproof.venue.serving.server import Venue

HOUR_MS = 3_600_000
#: What a state says of the test's own connections and requests.
OF_THE_TEST = {"connections", "requests", "weight", "signatures"}


@pytest.fixture
async def served(keys):
    """Serve a venue by the machine's clock whose prices stay where they are."""
    async with Venue(seed=7, market_moves=False, tick_seconds=None, keys=keys) as venue:
        yield venue


@pytest.fixture
async def asked(served, http):
    """Return what asks it over REST."""
    return Rest(served, http)


async def post(served, http, path, document=None):
    """Return status and document of a control request."""
    async with http.post(f"{served.rest_url}/venue/{path}", json=document) as answer:
        return answer.status, await answer.json()


async def seen(served, http, asked):
    """Return everything that can be seen of a venue: its state, its clock, prices and answers of its products."""
    async with http.get(f"{served.rest_url}/venue/state") as answer:
        state = await answer.json()
    ahead = served.clock.now_ms() - time.time() * 1000
    products = [
        *("/fapi/v1/openOrders", "/fapi/v1/openAlgoOrders", "/fapi/v3/positionRisk", "/fapi/v3/balance"),
        *("/dapi/v1/openOrders", "/eapi/v1/openOrders", "/eapi/v1/position", "/papi/v1/um/openOrders"),
        *("/papi/v1/um/positionRisk", "/fapi/v1/multiAssetsMargin", "/fapi/v1/positionSide/dual"),
    ]
    answers = [await asked.ask("GET", path) for path in products]
    answers.append(await asked.ask("GET", "/fapi/v1/premiumIndex", symbol="BTCUSDT"))
    mark = answers.pop()[1]["markPrice"]
    for _status, document in answers:
        for row in document if isinstance(document, list) else []:
            row.pop("updateTime", None)
    return {name: value for name, value in state.items() if name not in OF_THE_TEST}, answers, mark, round(ahead, -3)


async def test_it_begins_anew_whatever_was_changed(served, http, asked):
    fresh = before = await seen(served, http, asked)
    async with (
        http.ws_connect(served.ws_api_url) as ws_api,
        http.ws_connect(f"{served.stream_url}/public/ws") as stream,
    ):
        resting = await asked.order()
        for change in (
            asked.coin_order(),
            asked.order(type="MARKET", price=None, timeInForce=None),
            asked.post("/fapi/v1/positionSide/dual", asked.other, dualSidePosition="true"),
            asked.post("/fapi/v1/leverage", symbol="ETHUSDT", leverage=3),
            asked.post("/fapi/v1/listenKey"),
            asked.post("/papi/v1/um/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01"),
            post(served, http, "market", {"symbol": "BTCUSDT", "price": "81234.5"}),
            post(served, http, "faults", {"kind": "delay", "method": "depth", "delay_ms": 1}),
            post(served, http, "faults", {"kind": "revoke-key", "account": "rsa"}),
            post(served, http, "advance", {"seconds": 7200}),
        ):
            await change
            before, last = await seen(served, http, asked), before
            assert before != last
        assert (await post(served, http, "reset"))[0] == 200
        assert [(await one.receive(timeout=5)).data for one in (ws_api, stream)] == [1001, 1001]
    assert served.services.requests.total() == 0
    assert await seen(served, http, asked) == fresh
    assert await asked.refused("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=resting["orderId"]) == -2013
    assert not any(key.revoked for key in (account.key for account in served.accounts))


async def test_an_order_after_a_reset_is_as_one_of_a_new_venue(served, http, asked):
    """Ids come from the seed: what a test saw once it sees again."""
    first = await asked.order()
    await post(served, http, "reset")
    again = await asked.order()
    assert (again["orderId"], again["clientOrderId"]) == (first["orderId"], first["clientOrderId"])


async def test_a_reset_is_quick(served):
    """In processor time, of which it may take 0.3 seconds."""
    begun = time.process_time()
    await served.reset()
    assert time.process_time() - begun < 0.3


async def test_time_passes_with_what_falls_due(served, http, asked):
    """Listen keys end and funding is paid; requests by the machine's clock are answered as before."""
    await asked.post("/fapi/v1/listenKey")
    await asked.order(type="MARKET", price=None, timeInForce=None)
    before = served.clock.now_ms()
    status, document = await post(served, http, "advance", {"seconds": 9 * 3600})
    assert status == 200
    assert 9 * HOUR_MS <= document["time"] - before < 9 * HOUR_MS + 60_000
    assert abs((await asked.get("/fapi/v1/time"))["serverTime"] - document["time"]) < 60_000
    assert [row["incomeType"] for row in await asked.get("/fapi/v1/income", incomeType="FUNDING_FEE")][:1] == [
        "FUNDING_FEE"
    ]
    assert await asked.refused("PUT", "/fapi/v1/listenKey") == -1125  # stamped by the venue's clock
    query = f"timestamp={round(time.time() * 1000)}"
    url = f"{served.rest_url}/fapi/v3/balance?{query}&signature={asked.account.key.sign(query)}"
    async with http.get(url, headers={"X-MBX-APIKEY": asked.account.key.api_key}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "nonsense", [None, [], {}, {"seconds": -1}, {"seconds": "1"}, {"seconds": True}, {"seconds": 1e12}]
)
async def test_a_span_that_makes_no_sense_is_explained(served, http, nonsense):
    status, document = await post(served, http, "advance", nonsense)
    assert (status, document["error"]) == (400, 'Send {"seconds": n}, from 0 to 34560000 (400 days).')


async def test_credentials_are_those_of_the_file(served, http):
    async with http.get(f"{served.rest_url}/venue/credentials") as answer:
        assert await answer.json() == served.credentials()


async def test_a_request_under_way_does_not_break_a_reset(served, http):
    """It never gets its answer, as after a restart, and nobody waits for it."""
    served.faults.add("silent", method="GET /fapi/v1/time")
    with pytest.raises(TimeoutError):
        await http.get(f"{served.rest_url}/fapi/v1/time", timeout=aiohttp.ClientTimeout(total=0.2))
    assert (await post(served, http, "reset"))[0] == 200
    async with http.get(f"{served.rest_url}/fapi/v1/time") as answer:
        assert answer.status == 200

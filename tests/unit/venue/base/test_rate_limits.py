"""Rate limits: the UTC minute, 429, then 418; orders per account."""

from __future__ import annotations

import aiohttp
import pytest

from wireproof.venue.base.rate_limits import (
    BAN_AFTER,
    HOST_LIMITS,
    CountLimit,
    LimitRules,
    OrderLimit,
    RatePools,
    WeightLimit,
)
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.serving.server import Venue

MINUTE = 60_000
START = 29_000_000 * MINUTE + 59_000  # one second before a minute begins


def test_weight_is_counted_by_the_utc_minute():
    """Used up at :59, free again at :00; the window does not slide."""
    clock = ManualClock(START)
    limit = WeightLimit(clock, 10)
    limit.charge("a", 10)
    with pytest.raises(Refusal) as refused:
        limit.charge("a", 1)
    clock.advance(1000)
    limit.charge("a", 10)

    assert (refused.value.status, refused.value.code) == (429, -1003)
    assert refused.value.data == {"serverTime": START, "retryAfter": START + 1000}
    assert "current limit of IP(a) is 10 requests per minute" in refused.value.msg


def test_weight_is_counted_by_ip():
    """One address does not use up another's weight."""
    limit = WeightLimit(ManualClock(START), 10)
    limit.charge("a", 10)
    limit.charge("b", 10)
    assert limit.usage() == {"a": 10, "b": 10}


def test_going_on_after_429_is_a_ban_that_doubles():
    """418 for two minutes, then four; free again afterwards."""
    clock = ManualClock(START + 1000)
    limit = WeightLimit(clock, 1)

    def provoke():
        statuses = []
        limit.charge("a", 1)
        for _ in range(BAN_AFTER + 1):
            with pytest.raises(Refusal) as refused:
                limit.charge("a", 1)
            statuses.append(refused.value.status)
        return statuses, refused.value.data["retryAfter"] - clock.now_ms()

    assert provoke() == ([429] * BAN_AFTER + [418], 2 * MINUTE)
    clock.advance(2 * MINUTE - 1)
    with pytest.raises(Refusal) as still:
        limit.charge("a", 0)
    assert still.value.status == 418
    clock.advance(1)
    assert provoke() == ([429] * BAN_AFTER + [418], 4 * MINUTE)


def test_orders_are_counted_per_ten_seconds_and_per_minute():
    """-1015 with status 429 and no time to wait."""
    clock = ManualClock(START + 1000)
    limit = OrderLimit(clock)
    for _ in range(300):
        limit.charge("alice")
    with pytest.raises(Refusal) as refused:
        limit.charge("alice")
    limit.charge("bob")
    clock.advance(10_000)
    limit.charge("alice")

    assert (refused.value.status, refused.value.code, refused.value.data) == (429, -1015, None)
    assert refused.value.msg == "Too many new orders; current limit is 300 orders per TEN_SECONDS."
    assert limit.counts("alice") == (1, 301)


def test_1200_orders_a_minute():
    """The minute has a limit of its own."""
    clock = ManualClock(START + 1000)
    limit = OrderLimit(clock)
    for _ in range(4):
        for _ in range(300):
            limit.charge("alice")
        clock.advance(10_000)
    with pytest.raises(Refusal, match="1200 orders per MINUTE"):
        limit.charge("alice")


WEIGHTS = {
    ("depth", "limit=5"): 2,
    ("depth", "limit=50"): 2,
    ("depth", "limit=100"): 5,
    ("depth", "limit=500"): 10,
    ("depth", ""): 10,
    ("depth", "limit=1000"): 20,
    ("ticker.price", "symbol"): 1,
    ("ticker.price", ""): 2,
    ("ticker.book", "symbol"): 2,
    ("ticker.book", ""): 5,
    ("session.status", ""): 2,
    ("userDataStream.start", ""): 1,
    ("account.status", ""): 5,
    ("v2/account.position", ""): 5,
    ("order.status", ""): 1,
    ("order.cancel", ""): 1,
    ("algoOrder.cancel", ""): 1,
    ("order.place", ""): 0,
    ("order.modify", ""): 0,
    ("algoOrder.place", ""): 0,
}


@pytest.mark.parametrize(("method", "how"), WEIGHTS)
def test_documented_weights(exchange, method, how):
    """Each request costs what the documentation says, refused or not."""
    params = {"symbol": "BTCUSDT"} if how == "symbol" or method == "depth" else {}
    if how.startswith("limit="):
        params["limit"] = how.removeprefix("limit=")
    exchange.ask(method, **params)
    assert exchange.venue.services.pools.of(HOST_LIMITS).weights.used("127.0.0.1") == WEIGHTS[method, how]


def test_exhausted_weight_on_the_websocket_api(exchange):
    """Status 429 with the time to retry in the error's data; a new minute heals it."""
    exchange.venue.services.pools.of(HOST_LIMITS).weights.limit = 5
    exchange.ask("account.balance", exchange.alice)
    answer = exchange.ask("ticker.price")
    now = exchange.clock.now_ms()
    retry = (now // MINUTE + 1) * MINUTE

    assert (answer["status"], answer["error"]["code"]) == (429, -1003)
    assert answer["error"]["data"] == {"serverTime": now, "retryAfter": retry}
    assert answer["rateLimits"][0]["count"] == 5
    exchange.clock.advance(retry - now)
    assert exchange.ask("ticker.price")["status"] == 200


def test_a_batch_counts_more_in_ten_seconds():
    """Five there, one per minute (documented)."""
    orders = OrderLimit(ManualClock())
    orders.charge("alice", 5)
    orders.charge("alice")
    assert orders.counts("alice") == (6, 2)


def test_counts_begin_anew_every_five_minutes():
    """Per IP; a refusal says how long to wait and does not count."""
    clock = ManualClock(1_790_000_100_000)
    limit = CountLimit(clock, 2, "requests")
    limit.charge("a")
    limit.charge("a")
    for _ in range(30):
        with pytest.raises(Refusal) as refusal:
            limit.charge("a")
    assert (refusal.value.status, refusal.value.code) == (429, -1003)
    assert refusal.value.data["retryAfter"] % 300_000 == 0
    limit.charge("b")
    clock.advance(refusal.value.data["retryAfter"] - clock.now_ms())
    limit.charge("a")


@pytest.mark.parametrize(
    ("path", "other", "most"),
    [
        ("/fapi/v1/fundingRate", "/fapi/v1/fundingInfo", 500),
        ("/futures/data/basis", "/futures/data/delivery-price", 1_000),
    ],
)
async def test_requests_without_weight_have_limits_of_their_own(rest, path, other, most):
    """Shared by their kind, per IP and five minutes: 429 then, no weight header, and all else goes on."""
    limit = rest.venue.services.five_minutes.of_path(path)
    assert limit is rest.venue.services.five_minutes.of_path(other)
    assert limit.limit == most
    for _ in range(most - 1):
        limit.charge("127.0.0.1")
    url = f"{rest.venue.rest_url}{path}"
    params = {"pair": "BTCUSDT", "contractType": "PERPETUAL", "period": "5m"}
    statuses = []
    for _ in range(2):
        async with rest.http.get(url, params=params) as answer:
            statuses.append(answer.status)
            assert "X-MBX-USED-WEIGHT-1M" not in answer.headers
    assert statuses == [200, 429]
    assert int(answer.headers["Retry-After"]) > 0
    async with rest.http.get(f"{rest.venue.rest_url}{other}", params=params) as answer:
        assert answer.status == 429
    async with rest.http.get(f"{rest.venue.rest_url}/fapi/v1/time") as answer:
        assert answer.status == 200


async def test_connections_to_streams_are_counted(rest):
    """Market and private ones together, 300 in five minutes; the WebSocket API has its weight instead."""
    limit = rest.venue.services.five_minutes.connections
    assert limit.limit == 300
    for _ in range(297):
        limit.charge("127.0.0.1")
    for path in ("/market/ws/btcusdt@aggTrade", "/private/ws?listenKey=k", "/dstream/ws"):
        async with rest.http.ws_connect(f"{rest.venue.stream_url}{path}"):
            pass
    for path in ("/public/stream", "/private/ws?listenKey=k"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await rest.http.ws_connect(f"{rest.venue.stream_url}{path}")
        assert refused.value.status == 429
    async with rest.http.ws_connect(rest.venue.ws_api_url):
        pass
    rest.venue.clock.advance(300_000)
    async with rest.http.ws_connect(f"{rest.venue.stream_url}/public/ws"):
        pass


def test_a_raised_weight_limit_raises_the_others(keys):
    """By as many times, so that a run against its own venue is not held up; a lowered one leaves them."""
    raised = Venue(keys=keys, weight_limit=60_000).services.five_minutes
    assert (raised.connections.limit, raised.funding.limit, raised.statistics.limit) == (3_000, 5_000, 10_000)
    lowered = Venue(keys=keys, weight_limit=50).services.five_minutes
    assert (lowered.connections.limit, lowered.funding.limit, lowered.statistics.limit) == (300, 500, 1_000)


def test_products_with_equal_rules_share_a_pool():
    """Others have their own; only rules of a product's own are raised."""
    pools = RatePools(ManualClock(START), 2_400, times=10)
    host, own = pools.of(HOST_LIMITS), pools.of(LimitRules(weight=400, ten_seconds=30, minute=100))
    assert pools.of(HOST_LIMITS) is host
    assert (host.weights.limit, own.weights.limit) == (2_400, 4_000)
    assert [row["limit"] for pool in (host, own) for row in pool.orders.rules()] == [300, 1_200, 300, 1_000]
    host.weights.charge("a", 2_400)
    own.weights.charge("a", 1)
    own.account_weights.charge("alice", 0)
    assert pools.usage() == {"a": 2_401, "alice": 0}


def test_orders_may_be_counted_by_minutes_only():
    """A batch counts there, then."""
    limit = OrderLimit(ManualClock(START), ten_seconds=0, minute=3)
    limit.charge("alice", 2)
    assert [row["interval"] for row in limit.entries("alice")] == ["MINUTE"]
    assert limit.headers("alice") == {"X-MBX-ORDER-COUNT-1M": "2"}
    limit.charge("alice")
    with pytest.raises(Refusal, match="current limit is 3 orders per MINUTE"):
        limit.charge("alice")

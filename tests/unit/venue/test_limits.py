"""Rate limits: the UTC minute, 429, then 418; orders per account."""

from __future__ import annotations

import pytest

from wireproof.venue.clock import ManualClock
from wireproof.venue.errors import Refusal
from wireproof.venue.limits import BAN_AFTER, OrderLimit, WeightLimit

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
    assert exchange.venue.services.weights.used("127.0.0.1") == WEIGHTS[method, how]


def test_exhausted_weight_on_the_websocket_api(exchange):
    """Status 429 with the time to retry in the error's data; a new minute heals it."""
    exchange.venue.services.weights.limit = 5
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

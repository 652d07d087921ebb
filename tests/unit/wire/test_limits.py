"""Rate limits: approached, never exceeded."""

from __future__ import annotations

import asyncio
import dataclasses
import heapq
import itertools
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from wireproof.wire.failures import BlockKind, CostError, TargetBlockedError
from wireproof.wire.limits import Cost, Limits, Permit, RateLimiter, tightest
from wireproof.wire.weight_meter import Priced

if TYPE_CHECKING:
    from collections.abc import Awaitable

MINUTE = 60_000
START = 1_700_000_040_000.0  # the first millisecond of a UTC minute
NUMBERS = {field.name for field in dataclasses.fields(Limits)}


class VirtualTime:
    """Time that moves on to the next sleeper's end whenever nobody else has anything to do."""

    def __init__(self, now_ms: float = START) -> None:
        self.now = now_ms
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def __call__(self) -> float:
        """Return epoch milliseconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait for that moment."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds * 1000, next(self._numbers), done))
        await done

    async def run(self, work: Awaitable[Any]) -> Any:
        """Move time on until the work is done."""
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(12):
                await asyncio.sleep(0)
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if self._sleepers and not task.done():
                due, _, done = heapq.heappop(self._sleepers)
                self.now = max(self.now, due)
                done.set_result(None)
        return task.result()


def limiter(time: VirtualTime, **options: Any) -> RateLimiter:
    numbers = {"weight_1m": 100} | {name: options.pop(name) for name in NUMBERS & options.keys()}
    defaults: dict[str, Any] = {"reserve": 0.0, "guard_ms": 0.0, "sleep": time.sleep}
    return RateLimiter(time, Limits(**numbers), **(defaults | options))


def weight(count: int, limit: int = 100) -> list[dict[str, Any]]:
    return [entry("REQUEST_WEIGHT", "MINUTE", 1, limit, count)]


def entry(kind: str, interval: str, number: int, limit: int, count: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit, "count": count}


async def test_requests_that_fit_do_not_wait() -> None:
    """Up to the limit, leave is given at once."""
    time = VirtualTime()
    limits = limiter(time)
    for _ in range(10):
        await limits.acquire(Cost(weight=10))

    assert (time.now, limits.used_this_minute, limits.peak_per_minute, limits.total_weight) == (START, 100, 100, 100)


async def test_the_one_too_many_waits_for_the_next_utc_minute() -> None:
    """Not for a minute after the first one: the exchange counts in clock minutes."""
    time = VirtualTime(START + 45_000)
    limits = limiter(time)
    (await limits.acquire(Cost(weight=100))).done()
    await time.run(limits.acquire(Cost(weight=1)))

    assert time.now == START + MINUTE
    assert limits.used_this_minute == 1


async def test_orders_have_windows_of_their_own() -> None:
    """300 in ten seconds and 1,200 in a minute are two limits."""
    time = VirtualTime()
    limits = limiter(time, orders_10s=2, orders_1m=3)
    order = Cost(orders_10s=1, orders_1m=1)

    async def place() -> list[float]:
        times = []
        for _ in range(4):
            (await limits.acquire(order)).done()
            times.append(time.now - START)
        return times

    assert await time.run(place()) == [0, 0, 10_000, 60_000]


async def test_weight_of_the_account_has_a_limit_and_a_header_of_its_own() -> None:
    """As sapi counts: some requests by address, some by account."""
    time = VirtualTime()
    limits = limiter(time, uid_weight_1m=3_000)
    permit = await limits.acquire(Cost(uid_weight=1_500))
    limits.observe_headers({"X-SAPI-USED-UID-WEIGHT-1M": "2900"}, permit)
    permit.done()
    await time.run(limits.acquire(Cost(uid_weight=200)))

    assert time.now == START + MINUTE
    assert limits.total_weight == 0


async def test_sapi_reports_the_weight_of_the_address_under_another_name() -> None:
    limits = limiter(VirtualTime())
    permit = await limits.acquire(Cost(weight=1))
    limits.observe_headers({"x-sapi-used-ip-weight-1m": "77"}, permit)
    assert limits.used_this_minute == 77


async def test_a_pool_without_a_limit_of_orders_in_ten_seconds_does_not_wait_for_it() -> None:
    time = VirtualTime()
    limits = limiter(time, orders_10s=0, orders_1m=0)
    for _ in range(400):
        (await limits.acquire(Cost(orders_10s=1, orders_1m=1))).done()
    assert time.now == START


async def test_of_several_limiters_the_one_that_waits_is_shown_first_then_the_fullest() -> None:
    time = VirtualTime()
    empty, full, waiting = limiter(time), limiter(time), limiter(time)
    await full.acquire(Cost(weight=50))
    assert tightest([empty, full]) is full
    waiting.waiting_until = START + 1
    assert tightest([full, waiting]) is waiting
    assert tightest([]) is None


async def test_a_request_still_under_way_counts_in_the_next_minute_too() -> None:
    """It may reach the server after the boundary."""
    time = VirtualTime(START + 59_000)
    limits = limiter(time)
    await limits.acquire(Cost(weight=30))
    (await limits.acquire(Cost(weight=30))).done()
    time.now = START + MINUTE

    assert limits.used_this_minute == 30


async def test_a_request_under_way_for_many_windows_counts_once_in_each() -> None:
    """Its weight does not grow by being carried from window to window."""
    time = VirtualTime()
    limiter = RateLimiter(time, Limits(orders_10s=100), sleep=time.sleep)
    await limiter.acquire(Cost(weight=5, orders_10s=1, orders_1m=1))
    for _ in range(12):
        time.now += 10_000
        assert [limiter._windows[1].count(int(time.now // 10_000), 250).used()] == [1]
    time.now += 5 * MINUTE
    assert limiter.used_this_minute == 5


async def test_a_request_that_is_not_sent_counts_in_no_later_window_either() -> None:
    """It was under way when the minute began, and then was not."""
    time = VirtualTime(START + 59_000)
    limiter = RateLimiter(time, sleep=time.sleep)
    permit = await limiter.acquire(Cost(weight=5))
    time.now += 2_000
    assert limiter.used_this_minute == 5
    permit.refund()
    assert limiter.used_this_minute == 0


async def test_near_the_boundary_a_request_counts_in_both_minutes() -> None:
    """The server's clock may be off by the guard."""
    time = VirtualTime(START + MINUTE - 100)
    limits = limiter(time, guard_ms=250)
    (await limits.acquire(Cost(weight=60))).done()
    await time.run(limits.acquire(Cost(weight=60)))

    assert time.now == START + 2 * MINUTE + 250


async def test_just_after_the_boundary_the_last_minute_still_counts() -> None:
    """By the server's clock it may not be over."""
    time = VirtualTime(START + 30_000)
    limits = limiter(time, guard_ms=250)
    (await limits.acquire(Cost(weight=100))).done()
    time.now = START + MINUTE + 100
    await time.run(limits.acquire(Cost(weight=1)))

    assert time.now == START + MINUTE + 250


@pytest.mark.parametrize(("sent", "answered"), [(-100, -50), (-100, 300), (100, 300), (-300, 100)])
async def test_a_report_from_near_the_boundary_is_not_used(sent: float, answered: float) -> None:
    """Nobody can say which minute's count it is."""
    time = VirtualTime(START + MINUTE + sent)
    limits = limiter(time, guard_ms=250)
    permit = await limits.acquire(Cost(weight=5))
    time.now = START + MINUTE + answered
    limits.observe(weight(99), permit)
    permit.done()
    time.now = START + MINUTE + 300

    assert limits.used_this_minute == 5


async def test_what_the_server_reports_wins() -> None:
    """Others use the same IP (count above ours), or a request was cheaper than documented (below)."""
    time = VirtualTime()
    limits = limiter(time)
    for count in (70, 71):
        permit = await limits.acquire(Cost(weight=5))
        limits.observe(weight(count), permit)
        permit.done()
        assert limits.used_this_minute == count


async def test_requests_under_way_are_added_to_what_is_reported() -> None:
    """The report need not cover them."""
    time = VirtualTime()
    limits = limiter(time)
    first = await limits.acquire(Cost(weight=5))
    second = await limits.acquire(Cost(weight=20))
    limits.observe(weight(50), first)
    first.done()
    assert limits.used_this_minute == 70
    limits.observe(weight(75), second)
    second.done()
    assert limits.used_this_minute == 75


async def test_reports_may_arrive_in_any_order() -> None:
    """The server's count only grows: a lower one that comes later is older."""
    time = VirtualTime()
    limits = limiter(time)
    permits = [await limits.acquire(Cost(weight=5)) for _ in range(3)]
    for permit, count in zip(reversed(permits), (15, 10, 5), strict=True):
        limits.observe(weight(count), permit)
        permit.done()

    assert limits.used_this_minute == 15


async def test_a_request_answered_without_a_report_is_covered_by_a_later_one() -> None:
    """What was over before the reporting request was sent is in its count."""
    time = VirtualTime()
    limits = limiter(time)
    (await limits.acquire(Cost(weight=40))).done()
    later = await limits.acquire(Cost(weight=2))
    limits.observe(weight(42), later)

    assert limits.used_this_minute == 42


@pytest.mark.parametrize("count", [-1, None, "5", True, 1.5])
async def test_counts_that_do_not_apply_change_nothing(count: Any) -> None:
    """-1 means not applicable; whatever is no count is passed over."""
    time = VirtualTime()
    limits = limiter(time)
    permit = await limits.acquire(Cost(weight=5))
    limits.observe([{**entry("REQUEST_WEIGHT", "MINUTE", 1, -1, 0), "count": count}, "odd", None], permit)
    limits.observe(None, permit)  # type: ignore[arg-type]
    limits.observe([entry("RAW_REQUESTS", "MINUTE", 5, 1, 1), {"rateLimitType": []}], permit)

    assert (limits.used_this_minute, limits.weight_limit) == (5, 100)


async def test_the_reported_limit_is_learned() -> None:
    """Testnet allows 6,000 where live allows 2,400; a lower one holds at once."""
    time = VirtualTime()
    limits = limiter(time)
    limits.observe(weight(0, limit=6000))
    assert limits.weight_limit == 6000
    limits.observe(weight(0, limit=10))
    (await limits.acquire(Cost(weight=9))).done()
    await time.run(limits.acquire(Cost(weight=9)))
    assert time.now > START


async def test_headers_are_read_whatever_their_case() -> None:
    """X-MBX-USED-WEIGHT-1M and the order counts; -1 and nonsense are passed over."""
    time = VirtualTime()
    limits = limiter(time, orders_10s=10)
    permit = await limits.acquire(Cost(weight=1, orders_10s=1, orders_1m=1))
    limits.observe_headers({"x-MBX-Used-Weight-1m": "37", "X-MBX-ORDER-COUNT-10S": "10"}, permit)
    limits.observe_headers({"X-MBX-USED-WEIGHT-1M": "-1", "X-MBX-ORDER-COUNT-1M": "²"}, permit)
    permit.done()
    assert limits.used_this_minute == 37
    await time.run(limits.acquire(Cost(orders_10s=1, orders_1m=1)))
    assert time.now == START + 10_000


async def test_a_report_from_the_last_minute_is_not_used_for_this_one() -> None:
    """A count that may be that of the window before would stop the sending for nothing."""
    time = VirtualTime(START + 59_000)
    limits = limiter(time)
    permit = await limits.acquire(Cost(weight=5))
    time.now = START + MINUTE + 10
    limits.observe(weight(99), permit)
    permit.done()

    assert limits.used_this_minute == 5


async def test_the_reserve_is_left_to_others() -> None:
    """Of 100 with a reserve of a tenth, 90 are used; one dear request alone may use more."""
    time = VirtualTime()
    limits = limiter(time, reserve=0.1)
    (await limits.acquire(Cost(weight=90))).done()
    await time.run(limits.acquire(Cost(weight=1)))
    assert time.now == START + MINUTE

    alone = limiter(VirtualTime(), reserve=0.1)
    await alone.acquire(Cost(weight=100))


async def test_leave_is_given_in_the_order_of_asking() -> None:
    """A dear request at the head is not overtaken by cheap ones for ever."""
    time = VirtualTime()
    limits = limiter(time)
    granted: list[str] = []

    async def ask(name: str, cost: int) -> None:
        permit = await limits.acquire(Cost(weight=cost))
        granted.append(name)
        permit.done()

    (await limits.acquire(Cost(weight=60))).done()
    await time.run(asyncio.gather(ask("dear", 50), *(ask(f"cheap{n}", 1) for n in range(5))))

    assert granted[0] == "dear"


async def test_an_answer_that_frees_room_wakes_who_waits() -> None:
    """Nobody sleeps to the end of the minute when a report shows that there is room."""
    time = VirtualTime()
    limits = limiter(time)
    under_way = await limits.acquire(Cost(weight=80))
    waiting = asyncio.create_task(limits.acquire(Cost(weight=30)))
    await asyncio.sleep(0)
    assert limits.waiting_until == START + MINUTE
    limits.observe(weight(8), under_way)
    under_way.done()
    await waiting

    assert (time.now, limits.waiting_until) == (START, None)


async def test_a_cost_above_the_limit_is_an_error() -> None:
    """It would wait for ever."""
    limits = limiter(VirtualTime(), orders_10s=1)
    with pytest.raises(CostError, match="costs 101, more than the limit of 100 weight per 1 minute"):
        await limits.acquire(Cost(weight=101))
    with pytest.raises(CostError, match="1 orders per 10 seconds"):
        await limits.acquire(Cost(orders_10s=2))


async def test_a_penalty_stops_all_sending() -> None:
    """Free requests wait as well, and no longer than that."""
    time = VirtualTime()
    limits = limiter(time)
    limits.penalise(START + 7_000, BlockKind.RATE_LIMITED)
    limits.penalise(START + 3_000, BlockKind.RATE_LIMITED)
    await time.run(limits.acquire(Cost()))

    assert time.now == START + 7_000


async def test_a_penalty_also_stops_who_waits_already() -> None:
    """A ban that comes while a request waits for the minute is seen."""
    time = VirtualTime(START + 55_000)
    limits = limiter(time, max_wait=30)
    (await limits.acquire(Cost(weight=100))).done()
    waiting = asyncio.create_task(limits.acquire(Cost(weight=1)))
    await asyncio.sleep(0)
    limits.penalise(START + MINUTE + 600_000, BlockKind.BANNED)

    with pytest.raises(TargetBlockedError, match=r"has banned this IP \(418\) for another 605 s"):
        await waiting


async def test_a_penalty_beyond_the_longest_wait_is_an_error() -> None:
    """A ban of days is not waited for; the error says kind and end."""
    limits = limiter(VirtualTime(), max_wait=90, host="fapi.example")
    limits.penalise(START + 91_000, BlockKind.RATE_LIMITED)
    with pytest.raises(TargetBlockedError, match=r"fapi\.example limits this IP or account \(429\)") as caught:
        await limits.acquire(Cost())

    assert (caught.value.kind, caught.value.until_ms) == (BlockKind.RATE_LIMITED, START + 91_000)


async def test_a_cancelled_wait_leaves_the_queue() -> None:
    """Those behind it go on."""
    time = VirtualTime()
    limits = limiter(time)
    (await limits.acquire(Cost(weight=100))).done()
    first = asyncio.create_task(limits.acquire(Cost(weight=100)))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert first.cancelled()
    assert limits.waiting_until is None
    assert isinstance(await time.run(limits.acquire(Cost(weight=1))), Permit)


async def test_a_refund_counts_nowhere() -> None:
    """A request that was not sent after all frees its place."""
    limits = limiter(VirtualTime())
    permit = await limits.acquire(Cost(weight=100))
    permit.refund()
    permit.refund()

    assert (limits.used_this_minute, limits.total_weight) == (0, 0)


class CountingServer:
    """Counts weight in the minutes of its own clock, which is off by up to 200 ms, and answers late."""

    def __init__(self, time: VirtualTime, chance: random.Random) -> None:
        self.time, self.chance, self.skew = time, chance, chance.uniform(-200, 200)
        self.served: Counter[int] = Counter()
        self.exceeded_by_us = 0

    def count(self, amount: int, *, ours: bool = True) -> int:
        """Count a request and return the minute's count."""
        window = int((self.time.now + self.skew) // MINUTE)
        self.served[window] += amount
        self.exceeded_by_us += ours and self.served[window] > 400
        return self.served[window]

    async def serve(self, limits: RateLimiter, requests: int) -> None:
        """Send requests of one sender, one after the other."""
        for _ in range(requests):
            permit = await limits.acquire(cost := Cost(weight=self.chance.choice([1, 2, 5, 10])))
            await self.time.sleep(self.chance.uniform(0.001, 0.3))
            total = self.count(cost.weight)
            await self.time.sleep(self.chance.uniform(0.001, 0.3))
            if self.chance.random() < 0.8:
                limits.observe(weight(total, 400), permit)
            permit.done()

    async def others(self, pause: float) -> None:
        """Use the same IP, without end."""
        while True:
            await self.time.sleep(self.chance.uniform(0, pause))
            self.count(2, ours=False)


@pytest.mark.parametrize("seed", range(6))
async def test_a_busy_run_approaches_the_limit_and_never_exceeds_it(seed: int) -> None:
    """Forty senders, slow and fast answers, a skewed clock, reports in any order."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, no secret
    time = VirtualTime(START + chance.uniform(0, MINUTE))
    limits = limiter(time, weight_1m=400, guard_ms=250)
    server = CountingServer(time, chance)
    await time.run(asyncio.gather(*(server.serve(limits, 12) for _ in range(40))))
    windows = [server.served[key] for key in sorted(server.served)]

    assert max(windows) <= 400
    assert len(windows) >= 5
    assert all(used >= 320 for used in windows[1:-1]), windows


@pytest.mark.parametrize("seed", range(6))
async def test_a_busy_run_beside_others_leaves_them_their_share(seed: int) -> None:
    """Others use a fifth of the limit: no request of wireproof exceeds it, whatever they do between two reports."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, no secret
    time = VirtualTime(START + chance.uniform(0, MINUTE))
    limits = limiter(time, weight_1m=400, guard_ms=250, reserve=0.05)
    server = CountingServer(time, chance)

    async def everybody() -> None:
        noise = asyncio.ensure_future(server.others(3.0))
        await asyncio.gather(*(server.serve(limits, 12) for _ in range(40)))
        noise.cancel()

    await time.run(everybody())

    assert server.exceeded_by_us == 0
    assert len(server.served) >= 6


# -- what costs more than documented -----------------------------------------------------------------------------------


async def spend(limits: RateLimiter, used: list[int], cost: Cost, charged: int, times: int = 1) -> None:
    """Send requests one after the other to a server that charges something else, and take in its counts."""
    for _ in range(times):
        permit = await limits.acquire(cost)
        used[0] += charged
        limits.observe_headers({"X-MBX-USED-WEIGHT-1M": str(used[0])}, permit)
        permit.done()


async def test_what_all_answers_of_a_minute_agree_on_is_reserved_in_the_next():
    time = VirtualTime()
    limits = limiter(time, weight_1m=100, reserve=0)
    dear = Cost(weight=1, contract="dear")
    await spend(limits, [0], dear, 3, times=7)
    assert limits.used_this_minute == 21
    time.now += MINUTE + 1_000
    permits = [await limits.acquire(dear) for _ in range(3)]
    assert [(permit.cost.weight, permit.documented.weight) for permit in permits] == [(3, 1)] * 3
    assert limits.used_this_minute == 9
    assert (await limits.acquire(Cost(weight=1, contract="other"))).cost.weight == 1


async def test_what_was_measured_is_reserved_from_then_on_and_never_more_than_fits():
    time = VirtualTime()
    limits = limiter(time, weight_1m=100, reserve=0)
    limits.learn(Priced("a", 5), 8)
    limits.learn(Priced("b", 5), 900)
    limits.learn(Priced("c", 5), 2)
    permits = [await limits.acquire(Cost(weight=5, contract=name)) for name in "ac"]
    assert [permit.cost.weight for permit in permits] == [8, 5]
    for permit in permits:
        permit.done()
    time.now += MINUTE + 1_000
    assert (await limits.acquire(Cost(weight=5, contract="b"))).cost.weight == 100


async def test_what_refused_requests_cost_is_not_compared_with_what_good_ones_do():
    time = VirtualTime()
    limits = limiter(time)
    for count, refused in ((1, False), (9, True), (10, False)):
        permit = await limits.acquire(Cost(weight=1, contract="a"))
        permit.is_refused = refused
        limits.observe_headers({"X-MBX-USED-WEIGHT-1M": str(count)}, permit)
        permit.done()
    assert limits.meters["ip"].differences() == {Priced("a", 1): [1]}


async def test_orders_and_weights_of_accounts_are_compared_only_where_a_page_says_what_a_request_counts_as():
    time = VirtualTime()
    limits = limiter(time, uid_weight_1m=1_000)
    modify, place = Cost(weight=1, contract="modify"), Cost(orders_10s=1, orders_1m=1, uid_weight=1, contract="place")
    for count, cost in enumerate((modify, modify, place, modify, place), start=1):
        permit = await limits.acquire(cost)
        permit.whose = "key"
        names = ("X-MBX-ORDER-COUNT-10S", "X-MBX-ORDER-COUNT-1M", "X-SAPI-USED-UID-WEIGHT-1M")
        limits.observe_headers(dict.fromkeys(names, str(count)), permit)
        permit.done()
    for name in ("orders_10s", "orders_1m", "uid"):
        assert limits.meters[name].differences() == {Priced("place", 1): [1, 1]}

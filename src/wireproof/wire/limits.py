"""Rate limits: the target's limit is approached and never exceeded.

Weight counts in the UTC clock minute, orders in windows of ten seconds and one minute. What the server reports wins
over the own count, because others may share the IP or the account. One limiter stands for one pool of limits: hosts
that count apart (docs/exchange.md#shared-limits) have limiters of their own.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-api-general-info
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeGuard

from wireproof.wire.failures import BlockKind, CostError, TargetBlockedError
from wireproof.wire.weight_meter import Counted, Priced, WeightMeter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

UNIT_MS = {"SECOND": 1_000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}
MINUTE_MS = 60_000

#: Both headers that report the request weight of the IP: that of the derivatives hosts, and that of sapi.
IP_WEIGHT_HEADERS = ("x-mbx-used-weight-1m", "x-sapi-used-ip-weight-1m")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request costs: request weight of the IP and of the account, and orders of the account per window.

    `contract` is whose documentation says so, where one does; `is_free` says that it documents no cost at all, so that
    `weight` is wireproof's own.
    """

    weight: int = 0
    orders_10s: int = 0
    orders_1m: int = 0
    uid_weight: int = 0
    contract: str = field(default="", compare=False)
    is_free: bool = field(default=False, compare=False)

    def __add__(self, other: Cost) -> Cost:
        """Return what both cost together."""
        return Cost(
            weight=self.weight + other.weight,
            orders_10s=self.orders_10s + other.orders_10s,
            orders_1m=self.orders_1m + other.orders_1m,
            uid_weight=self.uid_weight + other.uid_weight,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of one pool: weight of the IP and of the account per minute, orders per window; 0 for no limit."""

    weight_1m: int = 2400
    orders_10s: int = 300
    orders_1m: int = 1200
    uid_weight_1m: int = 0


FREE = Cost()


@dataclass(slots=True, eq=False)
class Permit:
    """Leave to send one request. `done` must be called once its answer came, or when none will come any more."""

    cost: Cost
    granted: int  # sequence number
    limiter: RateLimiter
    counts: list[_Count] = field(default_factory=list)
    completed: int | None = None  # number of permits granted when it was completed
    completed_ms: float = 0.0
    documented: Cost = FREE  # what it costs by its documentation, where more was reserved
    whose: str = ""  # the key that it is sent with, by which orders are counted
    is_refused: bool = False  # what a refused request costs is not documented

    def done(self) -> None:
        """Say that the request is no longer under way."""
        self.limiter.complete(self)

    def refund(self) -> None:
        """Say that the request was not sent after all: it counts nowhere."""
        self.limiter.take_back(self)

    def is_under_way_at(self, now_ms: float) -> bool:
        """Whether the request was not answered yet at that moment."""
        return self.completed is None or self.completed_ms >= now_ms

    def is_over_before(self, other: Permit) -> bool:
        """Whether this request was answered before the other one was sent."""
        return self.completed is not None and self.completed < other.granted


@dataclass(slots=True, eq=False)
class _Count:
    """One window of one limit: the highest count the server reported for it, and the permits that it may not cover."""

    index: int
    uncovered: list[tuple[Permit, int]] = field(default_factory=list)
    reported: int = 0

    def used(self) -> int:
        """Return the count as the server must see it at most, once everything under way has arrived."""
        return self.reported + sum(cost for _, cost in self.uncovered)

    def report(self, count: int, reporter: Permit) -> None:
        """Take in a count that the server reported with the answer to `reporter`.

        The server's count only grows within a window. So the highest one covers every request that was answered with
        a count, and every request that was over before the one with the highest count was sent.
        """
        is_highest = count >= self.reported
        self.reported = max(count, self.reported)
        self.uncovered = [
            (permit, cost)
            for permit, cost in self.uncovered
            if permit is not reporter and not (is_highest and permit.is_over_before(reporter))
        ]


class _Window:
    """One limit: its length, its number, and the counts of the present window and its neighbours."""

    def __init__(self, kind: str, length_ms: int, limit: int, *headers: str) -> None:
        self.kind, self.length_ms, self.limit, self.headers = kind, length_ms, limit, headers
        self.counts: dict[int, _Count] = {}
        self.meter = WeightMeter()

    @property
    def name(self) -> str:
        """What is counted: a place in a contract's weight."""
        if self.kind == "ORDERS":
            return "orders_10s" if self.length_ms < MINUTE_MS else "orders_1m"
        return "ip" if self.kind == "REQUEST_WEIGHT" else "uid"

    def documented(self, cost: Cost) -> int:
        """Return what a request costs here by its documentation."""
        return 0 if cost.is_free else self.cost(cost)

    def cost(self, cost: Cost) -> int:
        if self.kind == "REQUEST_WEIGHT":
            return cost.weight
        if self.kind == "UID_WEIGHT":
            return cost.uid_weight
        return cost.orders_10s if self.length_ms < MINUTE_MS else cost.orders_1m

    def count(self, index: int, guard_ms: float) -> _Count:
        """Return the count of a window; a new one starts with what was still under way when it began."""
        if index not in self.counts:
            began = index * self.length_ms - guard_ms
            earlier = [count for key, count in self.counts.items() if key < index]
            # Once each: what is under way for longer than a window is in several of them.
            under_way = {
                id(permit): (permit, cost)
                for count in earlier
                for permit, cost in count.uncovered
                if permit.is_under_way_at(began)
            }
            self.counts[index] = _Count(index, list(under_way.values()))
            self.counts = {key: count for key, count in self.counts.items() if key >= index - 1}
        return self.counts[index]

    def open_indexes(self, now_ms: float, guard_ms: float) -> list[int]:
        """Return the windows the server may count a request in that is sent now, earlier one first."""
        first, last = int((now_ms - guard_ms) // self.length_ms), int((now_ms + guard_ms) // self.length_ms)
        return list(range(first, last + 1))

    @property
    def words(self) -> str:
        unit = "1 minute" if self.length_ms == MINUTE_MS else f"{self.length_ms // 1000} seconds"
        return f"{self.limit} {'orders' if self.kind == 'ORDERS' else 'weight'} per {unit}"


class RateLimiter:
    """Hands out leave to send, in the order of asking.

    Args:
        now_ms: Returns the server's time, in epoch milliseconds.
        limits: What is allowed per window, until the server reports another limit.
        reserve: Share of each limit that is left to other users of the IP and the account between two reports of the
            server, 0 to 1.
        guard_ms: How far the boundary of a window may be off, in milliseconds: a request sent that close to it counts
            in both windows.
        max_wait: The longest wait after a penalty, in seconds; a longer one is an error.
        host: Whose limits these are, for messages.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        now_ms: Callable[[], float],
        limits: Limits = Limits(),
        *,
        reserve: float = 0.05,
        guard_ms: float = 250.0,
        max_wait: float = 90.0,
        host: str = "the target",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now_ms, self._sleep = now_ms, sleep
        self.reserve, self.guard_ms, self.max_wait, self.host = reserve, guard_ms, max_wait, host
        self._weight = _Window("REQUEST_WEIGHT", MINUTE_MS, limits.weight_1m, *IP_WEIGHT_HEADERS)
        others = [
            _Window("ORDERS", 10_000, limits.orders_10s, "x-mbx-order-count-10s"),
            _Window("ORDERS", MINUTE_MS, limits.orders_1m, "x-mbx-order-count-1m"),
            _Window("UID_WEIGHT", MINUTE_MS, limits.uid_weight_1m, "x-sapi-used-uid-weight-1m"),
        ]
        self._windows = [self._weight, *(window for window in others if window.limit)]
        self._turn = asyncio.Lock()  # first come, first served
        self._changed = asyncio.Event()
        self._granted = self._under_way = 0
        self._blocked_until = 0.0
        self._blocked_kind = BlockKind.RATE_LIMITED
        self.waiting_until: float | None = None
        self.peak_per_minute = 0
        self.total_weight = 0
        self.refused: Counter[str] = Counter()  # requests such as `GET /fapi/v1/depth`, by how often 429 or 418 came
        self._dearer: dict[Priced, int] = {}  # what costs more than is documented
        self._learnt_of = -1  # the window whose counts were looked at last

    @property
    def granted(self) -> int:
        """How often leave was given."""
        return self._granted

    @property
    def under_way(self) -> int:
        """How many requests had leave and are not answered yet."""
        return self._under_way

    @property
    def meters(self) -> dict[str, WeightMeter]:
        """What answers counted, by what is counted: `ip`, `uid`, `orders_10s`, `orders_1m`."""
        return {window.name: window.meter for window in self._windows}

    def learn(self, priced: Priced, weight: int) -> None:
        """From now on, reserve as much weight for such requests as they were measured to cost, if that is more."""
        if weight > priced.documented:
            self._dearer[priced] = min(weight, self._weight.limit)

    @property
    def weight_limit(self) -> int:
        """The limit of request weight per minute: as given, or as the server last reported it."""
        return self._weight.limit

    @property
    def used_this_minute(self) -> int:
        """Request weight used in the present UTC minute, the server's count included."""
        return self._weight.count(int(self._now_ms() // MINUTE_MS), self.guard_ms).used()

    async def acquire(self, cost: Cost) -> Permit:
        """Wait until a request of this cost fits under every limit and return the leave to send it.

        Raise CostError when it never fits, TargetBlockedError when a penalty lasts longer than `max_wait`.
        """
        documented, cost = cost, self._reserved(cost)
        async with self._turn:
            try:
                while (delay_ms := self._delay_ms(cost)) > 0:
                    self.waiting_until = self._now_ms() + delay_ms
                    await self._pause(delay_ms / 1000)
            finally:
                self.waiting_until = None
            return self._grant(cost, documented)

    def _reserved(self, cost: Cost) -> Cost:
        """Return what is reserved for a request: what it is documented to cost, or was measured to if that is more.

        What all answers of a minute agree on is believed here without a measurement: at worst, the run takes longer.
        """
        minute = int((self._now_ms() - self.guard_ms) // MINUTE_MS)
        if minute != self._learnt_of:
            for priced, weight in self._weight.meter.agreed(minute - 1).items():
                self.learn(priced, weight)
            self._learnt_of = minute
        if not (self._dearer and cost.contract):
            return cost
        measured = self._dearer.get(Priced(cost.contract, self._weight.documented(cost)), 0)
        return replace(cost, weight=max(cost.weight, measured))

    def observe(self, rate_limits: Iterable[Any], permit: Permit | None = None) -> None:
        """Take in what an answer reports: entries with rateLimitType, interval, intervalNum, limit and count.

        -1 says that a limit does not apply. Entries of another form are passed over. `permit` is that of the answered
        request; without it, or when the window has changed since it was granted, a count is not used.
        """
        for entry in rate_limits if isinstance(rate_limits, list | tuple) else ():
            window = self._window_of(entry) if isinstance(entry, dict) else None
            if window is None:
                continue
            limit, count = entry.get("limit"), entry.get("count")
            if _is_count(limit) and limit > 0:
                window.limit = limit
            if _is_count(count) and count >= 0:
                self._report(window, count, permit)
        self._changed.set()

    def observe_headers(self, headers: Mapping[str, str], permit: Permit | None = None) -> None:
        """Take in `X-MBX-USED-WEIGHT-1M`, `X-MBX-ORDER-COUNT-10S` / `-1M` and their like, whatever their case."""
        lowered = {name.lower(): value for name, value in headers.items()}
        for window in self._windows:
            for value in (lowered.get(name, "") for name in window.headers):
                if value.isascii() and value.isdigit():
                    self._report(window, int(value[:12]), permit)
        self._changed.set()

    def penalise(self, until_ms: float, kind: BlockKind) -> None:
        """Stop all sending until then (server's epoch milliseconds), after a 429 or 418."""
        if until_ms > self._blocked_until:
            self._blocked_until, self._blocked_kind = until_ms, kind
        self._changed.set()

    def complete(self, permit: Permit) -> None:
        """Note that a request is no longer under way."""
        if permit.completed is None:
            permit.completed, permit.completed_ms = self._granted, self._now_ms()
            self._under_way -= 1
            self._changed.set()

    def take_back(self, permit: Permit) -> None:
        """Strike out a request that was not sent."""
        if permit.completed is None:
            # Everywhere: a window that began meanwhile took it over.
            for count in [count for window in self._windows for count in window.counts.values()]:
                count.uncovered = [entry for entry in count.uncovered if entry[0] is not permit]
            self.total_weight -= permit.cost.weight
        self.complete(permit)

    def _window_of(self, entry: dict[str, Any]) -> _Window | None:
        number, unit = entry.get("intervalNum"), UNIT_MS.get(str(entry.get("interval")))
        if unit is None or not _is_count(number):
            return None
        fits = (w for w in self._windows if w.kind == entry.get("rateLimitType") and w.length_ms == unit * number)
        return next(fits, None)

    def _report(self, window: _Window, count: int, permit: Permit | None) -> None:
        if permit is None:
            return
        touched = [entry for entry in window.counts.values() if entry in permit.counts]
        now = window.open_indexes(self._now_ms(), self.guard_ms)
        if len(now) != 1 or now != [entry.index for entry in touched]:
            return  # sent or answered near a boundary: the count may be that of either window
        touched[0].report(count, permit)
        if permit.whose or window.kind == "REQUEST_WEIGHT":
            documented, whose = window.documented(permit.documented), "" if window is self._weight else permit.whose
            is_stated = window is self._weight or documented > 0  # of orders and accounts, pages name no zeros
            contract = permit.documented.contract if is_stated and not permit.is_refused else ""
            counted = Counted(count, documented, contract, permit.granted)
            window.meter.note(touched[0].index, whose, counted)
        self._note_peak()

    def _delay_ms(self, cost: Cost) -> float:
        """Return how long to wait before asking again; 0 when the request may be sent now."""
        now = self._now_ms()
        if self._blocked_until > now:
            return self._penalty_ms(now)
        delay = 0.0
        for window in self._windows:
            needed = window.cost(cost)
            if needed > window.limit:
                raise CostError(
                    f"A request costs {needed}, more than the limit of {window.words}: it can never be sent."
                    " Check the weight in its contract file."
                )
            for index in window.open_indexes(now, self.guard_ms) if needed else ():
                if not self._fits(window, window.count(index, self.guard_ms).used(), needed):
                    delay = max(delay, (index + 1) * window.length_ms + self.guard_ms - now)
        return delay

    def _fits(self, window: _Window, used: int, needed: int) -> bool:
        budget = window.limit - int(window.limit * self.reserve)
        return used + needed <= budget or (used == 0 and needed <= window.limit)

    def _penalty_ms(self, now: float) -> float:
        delay = self._blocked_until - now
        if delay > self.max_wait * 1000:
            raise self.penalty()
        return delay

    def penalty(self) -> TargetBlockedError:
        """Return the error that says how long sending is stopped."""
        seconds = max(0.0, (self._blocked_until - self._now_ms()) / 1000)
        banned = self._blocked_kind is BlockKind.BANNED
        what = "has banned this IP (418)" if banned else "limits this IP or account (429)"
        return TargetBlockedError(
            self.host,
            f"{self.host} {what} for another {seconds:.0f} s.",
            "Wait until then; check what else uses the same IP or key.",
            kind=self._blocked_kind,
            status=418 if banned else 429,
            until_ms=self._blocked_until,
        )

    async def _pause(self, seconds: float) -> None:
        """Sleep, but no longer than until an answer changes what is known."""
        self._changed.clear()
        waits = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._changed.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _grant(self, cost: Cost, documented: Cost) -> Permit:
        self._granted += 1
        self._under_way += 1
        now = self._now_ms()
        permit = Permit(cost, self._granted, self, documented=documented)
        for window in self._windows:
            needed = window.cost(cost)
            for index in window.open_indexes(now, self.guard_ms):
                count = window.count(index, self.guard_ms)
                permit.counts.append(count)
                if needed:
                    count.uncovered.append((permit, needed))
        self.total_weight += cost.weight
        self._note_peak()
        return permit

    def _note_peak(self) -> None:
        self.peak_per_minute = max(self.peak_per_minute, self.used_this_minute)


def tightest(limiters: Iterable[RateLimiter]) -> RateLimiter | None:
    """Return the limiter that waits longest, or else the one with the least left; None of none."""
    return max(
        limiters,
        key=lambda one: (one.waiting_until or 0.0, one.used_this_minute / max(one.weight_limit, 1)),
        default=None,
    )


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)

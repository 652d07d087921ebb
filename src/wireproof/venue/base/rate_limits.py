"""Rate limits: weight per IP and clock minute (docs/exchange.md#weight-window), orders per account.

Some things have limits of their own per IP and five minutes: connections to streams, and requests without weight.

https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info#limits
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.venue.base.venue_clock import Clock

MINUTE_MS, TEN_SECONDS_MS, FIVE_MINUTES_MS = 60_000, 10_000, 300_000
CONNECTIONS = 300  # to streams
FUNDING_REQUESTS = 500  # for rates and bounds of funding, of all products together
STATISTICS_REQUESTS = 1_000  # for statistics of all kinds together
BAN_AFTER = 10  # refusals within one minute before the ban: docs/exchange.md#bans
SHORTEST_BAN_MS, LONGEST_BAN_MS = 120_000, 3 * 24 * 3_600_000  # docs/exchange.md#bans

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LimitRules:
    """What a product allows. Products with the same rules share one pool.

    Args:
        weight: Weight per address and minute; 0 for the host's own (`Profile.weight_limit`).
        account_weight: Weight per account and minute, of the requests that are charged to accounts.
        ten_seconds: Orders per account in ten seconds; 0 where only minutes count.
        minute: Orders per account in a minute.
        header: The header with the weight that an address has used.
        account_header: The header with the weight that an account has used.
        own: The product that has a pool to itself, whatever its rules.
    """

    weight: int = 0
    account_weight: int = 0
    ten_seconds: int = 300
    minute: int = 1_200
    header: str = "X-MBX-USED-WEIGHT-1M"
    account_header: str = ""
    own: str = ""


HOST_LIMITS = LimitRules()


@dataclass(slots=True)
class _Ip:
    minute: int = -1
    used: int = 0
    refused: int = 0
    bans: int = 0
    banned_until: int = 0


class WeightLimit:
    """Weight used by each IP, or what `whose` says; going on after 429 ends in a ban (418) that doubles each time."""

    def __init__(self, clock: Clock, limit: int, whose: str = "IP") -> None:
        self._clock, self.limit, self._whose = clock, limit, whose
        self._ips: dict[str, _Ip] = {}

    def _ip(self, ip: str) -> _Ip:
        found = self._ips.setdefault(ip, _Ip())
        minute = self._clock.now_ms() // MINUTE_MS
        if found.minute != minute:
            found.minute, found.used, found.refused = minute, 0, 0
        return found

    def used(self, ip: str) -> int:
        """Return the weight that `ip` has used in this minute."""
        return self._ip(ip).used

    def usage(self) -> dict[str, int]:
        """Return the weight used in this minute, by IP."""
        return {ip: self.used(ip) for ip in list(self._ips)}

    def charge(self, ip: str, weight: int) -> None:
        """Count `weight`; refuse with 429 beyond the limit, with 418 while banned."""
        now = self._clock.now_ms()
        found = self._ip(ip)
        if found.banned_until > now:
            raise self._banned(ip, found.banned_until)
        if found.used + weight <= self.limit:
            found.used += weight
            return
        found.refused += 1
        if found.refused > BAN_AFTER:
            found.bans += 1
            found.banned_until = now + min(SHORTEST_BAN_MS << (found.bans - 1), LONGEST_BAN_MS)
            raise self._banned(ip, found.banned_until)
        raise self._too_many(ip)

    def _too_many(self, ip: str) -> Refusal:
        now = self._clock.now_ms()
        return Refusal(
            -1003,
            f"Too many requests; current limit of {self._whose}({ip}) is {self.limit} requests per minute. Please use"
            " the websocket for live updates to avoid polling the API.",
            status=429,
            data={"serverTime": now, "retryAfter": (now // MINUTE_MS + 1) * MINUTE_MS},
        )

    def _banned(self, ip: str, until: int) -> Refusal:
        return Refusal(
            -1003,
            f"Way too many requests; {self._whose}({ip}) banned until {until}. Please use the websocket for live"
            " updates to avoid bans.",
            status=418,
            data={"serverTime": self._clock.now_ms(), "retryAfter": until},
        )

    def entry(self, ip: str) -> Json:
        """Return the REQUEST_WEIGHT entry of an answer's rateLimits."""
        return _entry("REQUEST_WEIGHT", "MINUTE", 1, self.limit, self.used(ip))

    @staticmethod
    def not_applicable() -> Json:
        """Return the REQUEST_WEIGHT entry of a rejected order: docs/exchange.md#limits-in-answers."""
        return _entry("REQUEST_WEIGHT", "MINUTE", 1, -1, -1)


class CountLimit:
    """So many of `what` for each IP in five minutes of the clock; beyond that 429, but no ban.

    The exchange may cut its five minutes otherwise: docs/exchange.md#five-minute-limits.
    """

    def __init__(self, clock: Clock, limit: int, what: str) -> None:
        self._clock, self.limit, self.what = clock, limit, what
        self._counts: dict[str, tuple[int, int]] = {}  # by IP: which five minutes, how many in them

    def charge(self, ip: str) -> None:
        """Count one; -1003 with status 429 beyond the limit."""
        now = self._clock.now_ms()
        window = now // FIVE_MINUTES_MS
        last, count = self._counts.get(ip, (window, 0))
        used = count if last == window else 0
        if used >= self.limit:
            raise Refusal(
                -1003,
                f"Too many requests; current limit of IP({ip}) is {self.limit} {self.what} per 5 minutes.",
                status=429,
                data={"serverTime": now, "retryAfter": (window + 1) * FIVE_MINUTES_MS},
            )
        self._counts[ip] = window, used + 1


class FiveMinuteLimits:
    """What has a limit of its own per IP; `times` raises all of them, for tests that ask more than a client would.

    `counted` names the limit of requests, by path or by folder of paths: `funding` or `statistics`.
    """

    def __init__(self, clock: Clock, counted: Mapping[str, str], times: int = 1) -> None:
        self.connections = CountLimit(clock, CONNECTIONS * times, "connections")
        self.funding = CountLimit(clock, FUNDING_REQUESTS * times, "requests")
        self.statistics = CountLimit(clock, STATISTICS_REQUESTS * times, "requests")
        limits = {"funding": self.funding, "statistics": self.statistics}
        self._by_path = {path: limits[name] for path, name in counted.items()}

    def of_path(self, path: str) -> CountLimit | None:
        """Return the limit that a request has instead of a weight."""
        return self._by_path.get(path) or self._by_path.get(path[: path.rfind("/") + 1])


@dataclass(slots=True)
class _Orders:
    ten_seconds: int = -1
    minute: int = -1
    in_ten_seconds: int = 0
    in_minute: int = 0


class OrderLimit:
    """Orders placed by each account, per `ten_seconds` (0: not counted) and per `minute` of the UTC clock."""

    def __init__(self, clock: Clock, ten_seconds: int = 300, minute: int = 1_200) -> None:
        self._clock, self.ten_seconds, self.minute = clock, ten_seconds, minute
        self._accounts: dict[str, _Orders] = {}

    def _orders(self, account: str) -> _Orders:
        found = self._accounts.setdefault(account, _Orders())
        now = self._clock.now_ms()
        if found.ten_seconds != now // TEN_SECONDS_MS:
            found.ten_seconds, found.in_ten_seconds = now // TEN_SECONDS_MS, 0
        if found.minute != now // MINUTE_MS:
            found.minute, found.in_minute = now // MINUTE_MS, 0
        return found

    def counts(self, account: str) -> tuple[int, int]:
        """Return the orders of this ten seconds and of this minute."""
        found = self._orders(account)
        return found.in_ten_seconds, found.in_minute

    def charge(self, account: str, in_ten_seconds: int = 1) -> None:
        """Count one order, or as a batch more of them `in_ten_seconds`; -1015 with status 429 beyond a limit.

        Where nothing is counted in ten seconds, a batch counts in the minute. The answer has no time to wait
        (documented).
        """
        found = self._orders(account)
        for used, limit, per in (
            (found.in_ten_seconds, self.ten_seconds, "TEN_SECONDS"),
            (found.in_minute, self.minute, "MINUTE"),
        ):
            if used >= limit > 0:
                raise Refusal(-1015, f"Too many new orders; current limit is {limit} orders per {per}.", status=429)
        found.in_ten_seconds += in_ten_seconds
        found.in_minute += 1 if self.ten_seconds else in_ten_seconds

    def entries(self, account: str) -> list[Json]:
        """Return the ORDERS entries of an answer's rateLimits."""
        counts = self.counts(account)
        return [row | {"count": count} for row, count in zip(self._rows(), counts, strict=True) if row["limit"]]

    def rules(self) -> list[Json]:
        """Return the ORDERS entries as rules, without counts."""
        return [row for row in self._rows() if row["limit"]]

    def _rows(self) -> list[Json]:
        return [
            _rule("ORDERS", "SECOND", 10, self.ten_seconds),
            _rule("ORDERS", "MINUTE", 1, self.minute),
        ]

    def headers(self, account: str) -> dict[str, str]:
        """Return the counts of an account as headers."""
        ten_seconds, minute = self.counts(account)
        shown = {"X-MBX-ORDER-COUNT-10S": str(ten_seconds)} if self.ten_seconds else {}
        return shown | {"X-MBX-ORDER-COUNT-1M": str(minute)}


class RatePool:
    """What products with the same rules count together; `times` raises what the rules say, not the host's own."""

    def __init__(self, clock: Clock, rules: LimitRules, host_weight: int, times: int) -> None:
        own = times if rules.weight else 1
        self.rules = rules
        self.weights = WeightLimit(clock, rules.weight * own or host_weight)
        self.account_weights = WeightLimit(clock, rules.account_weight * own, "UID")
        self.orders = OrderLimit(clock, rules.ten_seconds * own, rules.minute * own)

    def weight_rule(self) -> Json:
        """Return the REQUEST_WEIGHT entry of exchange information."""
        return _rule("REQUEST_WEIGHT", "MINUTE", 1, self.weights.limit)


class RatePools:
    """The pool of each set of rules. `host_weight` is the host's weight per address; `times` as for `RatePool`."""

    def __init__(self, clock: Clock, host_weight: int, times: int = 1) -> None:
        self._clock, self._host_weight, self.times = clock, host_weight, times
        self._pools: dict[LimitRules, RatePool] = {}

    def of(self, rules: LimitRules) -> RatePool:
        """Return the pool of all products with these rules."""
        if rules not in self._pools:
            self._pools[rules] = RatePool(self._clock, rules, self._host_weight, self.times)
        return self._pools[rules]

    def usage(self) -> dict[str, int]:
        """Return the weight used in this minute in all pools, by IP, or account where those are charged."""
        total: Counter[str] = Counter()
        for pool in self._pools.values():
            total.update(pool.weights.usage())
            total.update(pool.account_weights.usage())
        return dict(total)


def _rule(kind: str, interval: str, number: int, limit: int) -> Json:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


def _entry(kind: str, interval: str, number: int, limit: int, used: int) -> Json:
    return _rule(kind, interval, number, limit) | {"count": used}

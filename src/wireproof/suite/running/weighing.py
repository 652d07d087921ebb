"""What requests cost against their documented weights, as findings; the rate limiter reserves the larger from then on.

The rule: nobody is accused on a guess.

1. While the run sends what it has to send, the limiter collects the count of each answer (`wire.weight_meter`). In the
   order of their counts, neighbours differ by what a request cost. Requests whose differences mostly are not what is
   documented are suspected. That costs nothing, and decides nothing: others may use the same IP.
2. When all else of the product is over, a suspect that only reads is sent alone: control, suspect, control, and so on,
   three times. The control is the cheapest other request of the same surface that was answered. Each must report a
   count, all within one minute, with nothing of this run under way; each control must raise it by what is documented,
   and each suspect by the same number. Somebody else who uses the IP shows in a control, or makes the numbers differ:
   then nothing is said. A count that is missing, no number, or lower than the one before says nothing either.
3. What changes something, costs too much to be sent again, or is counted by account (orders) is not sent again. It is
   reported where all of its differences in the run agree, at least five, while nine of ten of all others are as
   documented.

A weight above the documented one endangers whoever paces requests by the documentation (429, then a ban): risky. A
lower one is additive (docs/exchange.md#weights).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import structs

from wireproof.drift.finding import Kind
from wireproof.errors import BlockedError
from wireproof.results.model import Misfits
from wireproof.suite.judging.aside import aside_case
from wireproof.suite.judging.message_batches import observation_of_messages
from wireproof.suite.planning.requests import reads
from wireproof.wire.failures import WireError
from wireproof.wire.limits import MINUTE_MS
from wireproof.wire.weight_meter import Priced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from wireproof.contract.model import Contract
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.run_context import RunContext
    from wireproof.wire.limits import Cost, RateLimiter
    from wireproof.wire.reply import Reply

#: How often a suspect is sent, and how often the whole is tried where the minute ended or something else was under way.
MEASUREMENTS, ATTEMPTS = 3, 2
#: How many suspects of a product are weighed, and which share of a minute's weight all of that may cost.
MOST_SUSPECTS, SHARE_OF_MINUTE = 20, 0.25
#: With less than this left of a minute, the next one is waited for, in milliseconds.
LEAST_MS = 2_000

#: What stands in a finding for each count, and in words.
PLACES = {
    "ip": ("weight", "weight"),
    "uid": ("weight.uid", "weight of the account"),
    "orders_10s": ("orders.10s", "orders in 10 s"),
    "orders_1m": ("orders.1m", "orders in a minute"),
}


@dataclass(frozen=True, slots=True)
class Probe:
    """A request that was answered with a success and can be sent again: what it costs, and how it is sent."""

    case: PlannedCase
    cost: Cost
    send: Callable[[], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What requests of a contract cost that are documented to cost something else, and how that is known."""

    count: str  # a key of `PLACES`
    priced: Priced
    cost: int
    how: str


class Weighing:
    """The weights of one product's requests in a run."""

    def __init__(self, context: RunContext, product: str, limiter: RateLimiter) -> None:
        self._context, self._product, self._limiter = context, product, limiter
        self._contracts = {
            one.id: one for one in context.store.contracts.values() if one.product == product and not one.retired
        }
        self._probes: dict[tuple[str, str, int], Probe] = {}

    def offer(self, case: PlannedCase, cost: Cost, send: Callable[[], Awaitable[Reply]]) -> None:
        """Take note of a request that was answered with a success; of each price the first that only reads is kept."""
        if not reads(case) or case.expect is not None:
            return
        for count, weight in (("ip", 0 if cost.is_free else cost.weight), ("uid", cost.uid_weight)):
            if weight or (count == "ip" and cost.is_free):
                self._probes.setdefault((count, case.contract.id, weight), Probe(case, cost, send))

    async def report(self) -> None:
        """Measure what is suspected, let the limiter know, and list what is found beside the cases, once a contract."""
        found = [one async for one in self._measured()] + list(self._agreed())
        for one in found:
            if one.count == "ip":
                self._limiter.learn(one.priced, one.cost)
        by_contract: dict[str, list[Misfits]] = {}
        for count in PLACES:
            of_count = [one for one in found if one.count == count]
            for name in dict.fromkeys(one.priced.contract for one in of_count):
                rows = [one for one in of_count if one.priced.contract == name]
                by_contract.setdefault(name, []).append(misfit_of(rows))
        for name, misfits in by_contract.items():
            self._list(self._contracts[name], misfits)

    def _list(self, contract: Contract, misfits: list[Misfits]) -> None:
        case = aside_case(contract, "weight", "what it costs")
        target, state = self._context.target, self._context.state
        observation = observation_of_messages(
            case, f"{contract.name}, counted", [], target, violations=(), began=self._context.clock.local_ms()
        )
        state.report_aside(case, structs.replace(observation, misfits=tuple(misfits)), self._context.judge, [])

    def _suspects(self, count: str) -> dict[Priced, int]:
        """Return the suspected requests of this product with what they seem to cost, cheapest first."""
        meter = self._limiter.meters.get(count)
        suspects = meter.suspects() if meter is not None else {}
        own = (one for one in suspects if one.contract in self._contracts)
        return {one: suspects[one] for one in sorted(own, key=lambda one: (one.documented, one.contract))}

    async def _measured(self) -> AsyncIterator[Measured]:
        """Yield what was weighed alone and is not as documented."""
        budget = int(self._limiter.weight_limit * SHARE_OF_MINUTE)
        left = MOST_SUSPECTS
        for count in ("ip", "uid"):
            suspects = self._suspects(count)
            for suspect, usual in suspects.items():
                probe = self._probes.get((count, suspect.contract, suspect.documented))
                control = self._control(count, suspect, suspects)
                if probe is None or control is None:
                    continue
                price = max(suspect.documented, usual)
                needed = MEASUREMENTS * price + (MEASUREMENTS + 1) * control[0].documented
                if left == 0 or needed > budget:
                    continue
                left, budget = left - 1, budget - needed
                cost = await self._weigh(count, (suspect, probe), control)
                if cost is not None and cost != suspect.documented:
                    yield Measured(count, suspect, cost, f"measured alone, {MEASUREMENTS} of {MEASUREMENTS} times")

    def _control(self, count: str, suspect: Priced, suspects: Iterable[Priced]) -> tuple[Priced, Probe] | None:
        """Return the cheapest request of the same surface, a suspect only where there is no other."""
        suspected = {one.contract for one in suspects}
        surface = self._contracts[suspect.contract].surface
        usable = [
            (Priced(name, weight), probe)
            for (of, name, weight), probe in self._probes.items()
            if of == count and weight and name != suspect.contract and self._contracts[name].surface is surface
        ]
        return min(usable, key=lambda one: (one[0].contract in suspected, one[0].documented), default=None)

    async def _weigh(self, count: str, suspect: tuple[Priced, Probe], control: tuple[Priced, Probe]) -> int | None:
        """Return what a request costs, sent alone between controls; None where that cannot be known."""
        for _ in range(ATTEMPTS):
            now = self._context.clock.now_ms()
            left = MINUTE_MS - now % MINUTE_MS
            if left < LEAST_MS + self._limiter.guard_ms:
                await asyncio.sleep((left + 2 * self._limiter.guard_ms) / 1000)
            row = [control, *(one for _ in range(MEASUREMENTS) for one in (suspect, control))]
            counts = await self._counts(count, row)
            if counts is None:
                continue
            raised = [after - before for before, after in pairwise(counts)]
            of_suspect, of_control = raised[::2], raised[1::2]
            if set(of_control) == {control[0].documented} and len(set(of_suspect)) == 1 and of_suspect[0] >= 0:
                return of_suspect[0]
            return None
        return None

    async def _counts(self, count: str, row: list[tuple[Priced, Probe]]) -> list[int] | None:
        """Send requests one after the other, and return the count of each; None unless they were alone in a minute."""
        limiter, meter = self._limiter, self._limiter.meters[count]
        minute = self._context.clock.now_ms() // MINUTE_MS
        found: list[int] = []
        for priced, probe in row:
            granted, notes, under_way = limiter.granted, meter.notes, limiter.under_way
            try:
                reply = await probe.send()
            except (BlockedError, WireError):
                return None
            alone = under_way == limiter.under_way == 0 and limiter.granted == granted + 1
            last = meter.last
            if not alone or reply.status != 200 or meter.notes != notes + 1 or last is None:
                return None
            if (last.contract, last.documented) != (priced.contract, priced.documented):
                return None
            found.append(last.count)
        return found if self._context.clock.now_ms() // MINUTE_MS == minute else None

    def _agreed(self) -> Iterator[Measured]:
        """Yield what cannot be sent again and is known from the run's own answers."""
        for count, meter in self._limiter.meters.items():
            for priced, cost in meter.agreed().items():
                if (
                    priced.contract not in self._contracts
                    or (count, priced.contract, priced.documented) in self._probes
                ):
                    continue
                if meter.is_alone(priced):
                    times = len(meter.differences()[priced])
                    yield Measured(count, priced, cost, f"counted {times} of {times} times")


def misfit_of(rows: list[Measured]) -> Misfits:
    """Return what is said of a contract's cost: of all its prices that are not as documented."""
    path, words = PLACES[rows[0].count]
    worst = max(rows, key=lambda one: one.cost - one.priced.documented)
    documented = ", ".join(str(one.priced.documented) for one in rows)
    costs = ", ".join(str(one.cost) for one in rows)
    return Misfits(
        kind=Kind.WEIGHT_CHANGED.value,
        path=path,
        expected=f"{words} {documented}",
        sentence=f"{costs} ({worst.how})",
        value=str(worst.cost),
        harmless=worst.cost < worst.priced.documented,
    )

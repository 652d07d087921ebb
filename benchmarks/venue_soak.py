"""Whether the venue stays flat in memory: an hour of simulated trading, memory every quarter of it.

python benchmarks/venue_soak.py [--minutes 60]

Every simulated second the markets move and three accounts trade: a resting order placed, modified and cancelled, a
market order there and back, a conditional order placed and cancelled, quotes and downloads now and then, funding when
it is due. What is kept per account is bounded (2,000 closed orders, 5,000 trades and amendments, 4,000 rows of income):
the first three quarters fill those bounds, the last must not grow. Exit status 1 when it does by over a twentieth.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.products.registry import ROUTES, product_at
from wireproof.venue.serving.server import Venue

ALLOWED_GROWTH = 1.05
PAGE = 4096


def memory() -> int:
    """Return the resident memory in bytes, of Linux."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE


class Traders:
    """Three accounts that trade."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.requests = 0

    def ask(self, account: Any, name: str, **params: Any) -> Any:
        """Send a request past signature and limits; None when it is refused."""
        self.requests += 1
        texts = {key: str(value) for key, value in params.items()}
        with suppress(Refusal):
            return ROUTES[name].run(
                Call(self.venue.services, product_at(name.split()[1]), Params(texts), "127.0.0.1", account)
            )
        return None

    def second(self, number: int) -> None:
        """Let every account trade once."""
        market = self.venue.engine.markets["BTCUSDT"]
        low = market.mid * 9 // 10
        for account in self.venue.accounts:
            order = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01"}
            placed = self.ask(account, "POST /fapi/v1/order", **order, type="LIMIT", timeInForce="GTC", price=low)
            if placed:
                identity = {"symbol": "BTCUSDT", "orderId": placed["orderId"]}
                self.ask(account, "PUT /fapi/v1/order", **identity, side="BUY", quantity="0.02", price=low)
                self.ask(account, "DELETE /fapi/v1/order", **identity)
            for side in ("BUY", "SELL"):
                self.ask(account, "POST /fapi/v1/order", **order | {"side": side}, type="MARKET")
            stop = order | {"side": "SELL", "algoType": "CONDITIONAL", "type": "STOP_MARKET", "triggerPrice": low}
            algo = self.ask(account, "POST /fapi/v1/algoOrder", **stop)
            if algo:
                self.ask(account, "DELETE /fapi/v1/algoOrder", algoId=algo["algoId"])
            if number % 60 == 0:
                asked = {"fromAsset": "USDT", "toAsset": "USDC", "fromAmount": "1"}
                self.ask(account, "POST /fapi/v1/convert/getQuote", **asked)
                now = self.venue.clock.now_ms()
                self.ask(account, "GET /fapi/v1/income/asyn", startTime=now - 60_000, endTime=now)


def main() -> int:
    """Trade, print memory four times, judge the last quarter."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=int, default=60)
    seconds = parser.parse_args().minutes * 60
    clock = ManualClock()
    venue = Venue(seed=1, clock=clock, tick_seconds=None)
    traders = Traders(venue)
    begin, seen = time.perf_counter(), []
    print(f"start: {memory() / 1e6:.1f} MB")
    for number in range(1, seconds + 1):
        clock.advance(1_000)
        venue.tick()
        traders.second(number)
        if number % max(seconds // 4, 1) == 0:
            seen.append(memory())
            spent = time.perf_counter() - begin
            print(f"minute {number / 60:g}: {seen[-1] / 1e6:.1f} MB, {traders.requests} requests, {spent:.0f} s")
    growth = seen[-1] / seen[-2]
    print(f"last quarter: {growth:.3f} times the memory; at most {ALLOWED_GROWTH} is allowed")
    return int(growth > ALLOWED_GROWTH)


if __name__ == "__main__":
    sys.exit(main())

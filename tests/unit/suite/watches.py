"""Watching streams as a run does, with the messages of a server of the test's own."""

from __future__ import annotations

import asyncio
from datetime import date

from wireproof.drift.waivers import Waivers
from wireproof.suite.judging.judge import Judge
from wireproof.suite.judging.run_state import RunState
from wireproof.suite.streams.watch import StreamWatch
from wireproof.suite.target import Target
from wireproof.wire.clock import ServerClock
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor


async def watch(store, cases, *, root, market, snapshot, target="local"):
    """Watch streams of one product; return the results by case. `snapshot` is that of any symbol's order book."""
    product = cases[0].contract.product
    scores = RunState(cases)

    async def ask_depth(_symbol):
        await asyncio.sleep(0)
        return snapshot

    await StreamWatch(
        scores,
        cases,
        root=root,
        target=Target(target, Endpoints(), [], Redactor(), allow_trading=False, hide_values=False),
        judge=Judge(store, {product: Waivers()}, target="local", today=date(2026, 11, 22)),
        clock=ServerClock(),
        state={"market": market},
        ask_depth=ask_depth,
    ).run()
    return scores.results

"""Each need is prepared by a function that the table names."""

from __future__ import annotations

from types import SimpleNamespace

from wireproof.suite.state.preparing import PREPARING, prepare
from wireproof.suite.vocabulary.needs import NEEDS

DAY_MS = 24 * 3600 * 1000


def test_every_need_can_be_prepared():
    assert set(PREPARING) == set(NEEDS)


async def test_the_clock_is_read_again_when_all_is_prepared():
    """Preparing may have waited for a limit."""
    times = iter([1_000 * DAY_MS, 1_000 * DAY_MS + 60_000])
    scene = SimpleNamespace(
        account=SimpleNamespace(now_ms=lambda: next(times)), case=SimpleNamespace(needs=("alone",)), state={}
    )
    await prepare(scene)
    assert scene.state["clock"]["now"] == 1_000 * DAY_MS + 60_000
    assert scene.state["clock"]["a_day_ago"] == 999 * DAY_MS + 60_000
    assert set(scene.state["clock"]) == NEEDS["clock"].offers
    assert scene.state["alone"] == {}

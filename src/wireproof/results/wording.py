"""The words that reports share: titles of surfaces, numbers and dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.results.model import LimitPool

SURFACE_TITLES = {
    "ws-api": "WebSocket API",
    "rest": "REST",
    "stream": "Market streams",
    "event": "User-data events",
}


def surface_title(surface: str) -> str:
    """Return how people call a surface; an unknown one keeps its name."""
    return SURFACE_TITLES.get(surface, surface)


def on_day(target: str, day: str) -> str:
    """Return how a target is called in a run as of a day: `local@2026-05-01`; the target itself where none is named.

    The name keeps such runs apart from those of today wherever targets are told apart: in histories and ledgers.
    """
    return f"{target}@{day}" if day else target


def parted(target: str) -> tuple[str, str]:
    """Return the target and the day that a name such as `local@2026-05-01` stands for; an empty day without one."""
    name, _, day = target.partition("@")
    return name, day


def target_options(target: str) -> str:
    """Return the options of a run of a target: `--target local --as-of 2026-05-01`."""
    name, day = parted(target)
    return f"--target {name} --as-of {day}" if day else f"--target {name}"


def moment(milliseconds: float) -> str:
    """Return epoch milliseconds as `2026-11-22T04:17:00Z`; the epoch itself for what is beyond all calendars."""
    try:
        date = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        date = datetime.fromtimestamp(0, UTC)
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(milliseconds: float) -> str:
    """Return a span as people say it: `0.4 s`, `12 s`, `3 min 5 s`."""
    seconds = max(milliseconds, 0.0) / 1000
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def peaks(pools: Sequence[LimitPool]) -> str:
    """Return the weight that a run used of each pool at its peak: `2,280 of 2,400`, with their names where several."""
    texts = [f"{pool.peak_per_minute:,} of {pool.limit_per_minute:,}" for pool in pools]
    if len(pools) > 1:
        texts = [f"{text} ({pool.name})" for text, pool in zip(texts, pools, strict=True)]
    return ", ".join(texts) or "none"


def how_often(seen: int, tried: int, repetition: str = "") -> str:
    """Return `seen 3 of 3 times`, or why something was seen once only; empty when nothing was tried again."""
    if tried < 2 and not repetition:
        return ""
    times = f"seen {seen} of {tried} times" if tried > 1 else "seen once"
    return f"{times}; {repetition}" if repetition else times

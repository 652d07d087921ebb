"""Dates and spans read like speech."""

from __future__ import annotations

from wireproof.results.wording import duration, moment


def test_dates_and_spans_read_like_speech() -> None:
    assert moment(1_795_320_000_000) == "2026-11-22T04:00:00Z"
    assert [duration(-5), duration(420), duration(9_960), duration(185_000)] == [
        "0.0 s",
        "0.4 s",
        "10 s",
        "3 min 5 s",
    ]

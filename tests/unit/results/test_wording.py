"""Dates and spans read like speech."""

from __future__ import annotations

from wireproof.results.wording import duration, moment, on_day, parted, target_options


def test_dates_and_spans_read_like_speech() -> None:
    assert moment(1_795_320_000_000) == "2026-11-22T04:00:00Z"
    assert [duration(-5), duration(420), duration(9_960), duration(185_000)] == [
        "0.0 s",
        "0.4 s",
        "10 s",
        "3 min 5 s",
    ]


def test_a_target_of_another_day_has_a_name_of_its_own() -> None:
    assert [on_day("local", ""), on_day("testnet", "2026-05-01")] == ["local", "testnet@2026-05-01"]
    assert [parted("live"), parted("local@2026-05-01")] == [("live", ""), ("local", "2026-05-01")]
    assert target_options("live") == "--target live"
    assert target_options("local@2026-05-01") == "--target local --as-of 2026-05-01"

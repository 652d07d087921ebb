"""The one place that knows the day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from checkout import SRC

from wireproof.day import now, today
from wireproof.errors import ConfigurationError


def test_it_is_the_day_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREPROOF_TODAY", "2026-02-28")
    assert today() == date(2026, 2, 28)


@pytest.mark.parametrize("nothing", [None, ""])
def test_it_is_today_in_utc_when_none_is_named(monkeypatch: pytest.MonkeyPatch, nothing: str | None) -> None:
    monkeypatch.delenv("WIREPROOF_TODAY", raising=False)
    if nothing is not None:
        monkeypatch.setenv("WIREPROOF_TODAY", nothing)
    before = datetime.now(UTC).date()
    assert before <= today() <= datetime.now(UTC).date()


@pytest.mark.parametrize("given", ["yesterday", "2026-13-01", "22.11.2026"])
def test_what_is_no_day_is_said_with_what_to_write_instead(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("WIREPROOF_TODAY", given)
    with pytest.raises(ConfigurationError, match=f"WIREPROOF_TODAY is '{given}', which is no day. Set it to one such"):
        today()


def test_of_a_named_day_nothing_is_yet_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old night is judged again as on its day, whatever the clock says: by the end of that day, in UTC."""
    monkeypatch.setenv("WIREPROOF_TODAY", "2026-02-28")
    assert now() == datetime(2026, 3, 1, tzinfo=UTC)
    monkeypatch.delenv("WIREPROOF_TODAY")
    before = datetime.now(UTC)
    assert before <= now() <= datetime.now(UTC)


def test_no_command_asks_the_clock_for_the_day_itself() -> None:
    """What one command writes by another day than a run judges by would be expired, or hold too long."""
    layers = ("cli", "pages", "drift", "contract", "ledger", "manifest")
    files = [SRC / "day.py", *(file for layer in layers for file in SRC.glob(f"{layer}/**/*.py"))]
    asking = [file.name for file in files if re.search(r"\bdate(time)?\.(now|today)\(", file.read_text("utf-8"))]
    assert asking == ["day.py"]

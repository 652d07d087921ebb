"""Which day it is, for all that judges or writes by it: waivers, imports of contracts, the age of a night."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta

from wireproof.errors import ConfigurationError

#: An ISO date: judge and write as of that day, so that an old run can be repeated.
TODAY = "WIREPROOF_TODAY"


def today() -> date:
    """Return today in UTC, or the day that WIREPROOF_TODAY names; ConfigurationError when it names none."""
    given = os.environ.get(TODAY)
    if not given:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ConfigurationError(f"{TODAY} is {given!r}, which is no day. Set it to one such as 2026-11-22.") from None


def now() -> datetime:
    """Return the time in UTC, or the end of the day that WIREPROOF_TODAY names: nothing of that day is yet to come.

    ConfigurationError when it names none.
    """
    if os.environ.get(TODAY):
        return datetime.combine(today(), time(), UTC) + timedelta(days=1)
    return datetime.now(UTC)

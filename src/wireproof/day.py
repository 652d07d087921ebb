"""Which day it is: the day that waivers are written and judged by, and that imports date contracts with."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

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

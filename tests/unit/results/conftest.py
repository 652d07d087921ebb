"""Fixtures for the tests of results."""

from __future__ import annotations

import pytest
from made_results import Results


@pytest.fixture
def results() -> Results:
    """Return the maker of findings, cases and runs."""
    return Results()

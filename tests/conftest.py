"""What holds for all tests: in which order they begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

#: Files that take longest begin first: side by side, one that begins last would leave the other workers idle.
FIRST = [
    "faults/test_faults.py",
    "unit/test_run.py",
    "unit/torture/test_sample.py",
    "unit/test_rough_run.py",
    "unit/test_confirm_run.py",
    "unit/suite/test_altered_events.py",
    "unit/suite/streams/test_silence.py",
    "unit/report/test_unforeseen.py",
    "unit/test_echoed_secrets.py",
    "unit/suite/state/test_drops.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of these files in front, in this order; the others stay as they are."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))

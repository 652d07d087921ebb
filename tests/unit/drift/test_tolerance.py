"""What is known of a deviation is bound to what came of it; the rest of its rules stand with waivers and baseline."""

from __future__ import annotations

import pytest

from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind
from wireproof.drift.tolerance import what_came


@pytest.mark.parametrize(
    ("kind", "actual", "came"),
    [
        (Kind.UNDOCUMENTED_FIELD, "undocumented field, string", {"string"}),
        (Kind.TYPE_CHANGED, "integer or string", {"integer", "string"}),
        (Kind.MISSING_FIELD, "nothing", {"nothing"}),
        (Kind.PROTOCOL_VIOLATION, "Came 3 times. Came late.", {"Came # times.", "Came late."}),
    ],
)
def test_what_came_is_told_apart_without_numbers(kind, actual, came):
    assert what_came(new_finding("c", "p", kind, "documented", actual)) == came

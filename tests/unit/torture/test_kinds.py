"""Kinds of alteration."""

from __future__ import annotations

from altered_messages import possible

from wireproof.torture.kinds import KINDS


def test_every_kind_is_possible_somewhere():
    """No kind stands in the table for nothing."""
    assert {one.kind for one in possible()} == set(KINDS)

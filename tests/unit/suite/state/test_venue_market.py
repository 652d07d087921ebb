"""Only the local venue's market can be moved."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wireproof.errors import BlockedError
from wireproof.suite.state.venue_market import control_of


def test_an_exchange_has_no_control():
    with pytest.raises(BlockedError, match="Only the local venue"):
        control_of(SimpleNamespace(control=None))


def test_the_venue_is_controlled():
    control = object()
    assert control_of(SimpleNamespace(control=control)) is control

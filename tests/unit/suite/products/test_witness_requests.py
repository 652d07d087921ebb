"""A witness says in words what happened between two readings."""

from __future__ import annotations

import pytest

from wireproof.suite.products.witness_requests import BOOK, grew, last_id, trades


def test_what_is_counted_is_said_with_its_ids():
    assert trades().moved("GET trades", 4, 6) == "2 trades happened (GET trades, ids 5..6)"
    assert trades().moved("GET trades", 4, 4) == ""
    assert trades().still("GET trades") == "no trade happened (GET trades)"


def test_what_changes_is_said_to_have_changed():
    assert BOOK.moved("GET depth", [1], [2]) == "the book changed (GET depth)"
    assert BOOK.still("GET depth") == "the book did not change (GET depth)"


def test_an_empty_candle_that_began_is_nothing():
    assert not grew((1, 5), (2, 0))
    assert grew((1, 5), (1, 6))


def test_an_id_that_is_no_number_cannot_be_counted():
    with pytest.raises(TypeError, match="no number"):
        last_id([{"id": "7"}])

"""Refusals and how they are written."""

from __future__ import annotations

from wireproof.venue.base.refusals import Refusal


def test_a_refusal_shows_data_only_when_it_has_some():
    """As the error object of an answer, and as text for people."""
    plain, full = Refusal(-1, "No."), Refusal(-2, "Later.", status=429, data={"serverTime": 1})
    assert plain.body() == {"code": -1, "msg": "No."}
    assert full.body() == {"code": -2, "msg": "Later.", "data": {"serverTime": 1}}
    assert (str(plain), str(full)) == ("400 -1 No.", "429 -2 Later.")

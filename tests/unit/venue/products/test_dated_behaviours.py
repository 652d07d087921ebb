"""The table of dated behaviours: every row is about something that the venue has."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from checkout import SRC

from wireproof.venue.base.eras import FIRST_DAY
from wireproof.venue.products.dated_behaviours import BEHAVIOURS
from wireproof.venue.products.registry import PRODUCTS, ROUTES

METHODS = {name for product in PRODUCTS for name in product.methods}
STREAMS = {name for product in PRODUCTS for name in product.streams.values()}
EVENTS = {name for product in PRODUCTS for name in product.events}
KNOWN = {*ROUTES, *METHODS, *(name.removeprefix("v1/") for name in METHODS), *STREAMS, "btcusdt@markPrice", *EVENTS}


def test_rows_stand_in_the_order_of_their_days():
    days = [one.day for one in BEHAVIOURS]
    assert days == sorted(days)
    assert days[0] > FIRST_DAY


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: f"{row.since} {row.what}"[:60])
def test_a_row_names_what_there_is(row):
    """Requests, streams, events; products; and each says something."""
    patterns = {*row.names, *row.fields, *row.weights, *row.mandatory, *row.optional}
    lost = {one for one in patterns if not any(fnmatchcase(name, one) for name in KNOWN)}
    assert {one for one in lost if "/dapi/v1/" not in one or "lgo" not in one} == set()
    assert set(row.products) <= {product.name for product in PRODUCTS} | {"um", "cm", "UM", "CM"}
    assert patterns or row.switch


def test_every_switch_is_asked_for():
    """One that no code asks for changes nothing; one that is asked for and stands nowhere always holds."""
    sources = "".join(file.read_text("utf-8") for file in (SRC / "venue").rglob("*.py"))
    asked = set(re.findall(r'(?:holds|\.has)\(\s*"([a-z-]+)"', sources))
    assert asked == {row.switch for row in BEHAVIOURS if row.switch}

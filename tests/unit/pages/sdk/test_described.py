"""Entries of an SDK are found by names that do not depend on how they are spelled."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Surface
from wireproof.pages.sdk.described import Described, wire_key


@pytest.mark.parametrize(
    ("surface", "one", "other"),
    [
        (Surface.EVENT, "riskLevelChange", "RISK_LEVEL_CHANGE"),
        (Surface.STREAM, "<symbol>@depth<levels>@<updateSpeed>", "/<symbol>@depth<level>"),
        (Surface.WS_API, "/order.place", "order.place"),
    ],
)
def test_the_same_is_found_under_other_spellings(surface, one, other):
    assert wire_key(surface, one) == wire_key(surface, other)


def test_what_differs_stays_apart():
    assert wire_key(Surface.REST, "GET", "/a") != wire_key(Surface.REST, "PUT", "/a")
    assert wire_key(Surface.STREAM, "!markPrice@arr") != wire_key(Surface.STREAM, "<symbol>@markPrice")


def test_ids_are_those_of_contracts():
    assert Described(surface=Surface.REST, name="GET", path="/fapi/v1/depth").id == "rest/GET.fapi.v1.depth"
    assert Described(surface=Surface.STREAM, name="!ticker@arr").id == "stream/allTicker"
    assert Described(surface=Surface.EVENT, name="TRADE_LITE").id == "event/TRADE_LITE"

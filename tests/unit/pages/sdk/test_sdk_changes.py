"""Two versions of an SDK: each difference is found, and no other."""

from __future__ import annotations

import pytest
import tiny_sdks

from wireproof.contract.model import Surface
from wireproof.pages.sdk.client_code import contents_of
from wireproof.pages.sdk.described import Described
from wireproof.pages.sdk.package_files import Package
from wireproof.pages.sdk.sdk_changes import between, same_kinds

ANSWER = "x: Optional[StrictInt] = None\nold: Optional[StrictStr] = None"


def entries(params=None, answer=ANSWER, **more):
    request = tiny_sdks.request("/fapi/v1/thing", "Answer", params, **more)
    return contents_of(Package("tiny", "1", tiny_sdks.sources(request, tiny_sdks.model("Answer", answer)))).entries


def told(old, new):
    return [(c.severity, c.what, c.where, c.detail) for c in between(old, new, "usdm")]


def test_the_same_version_differs_in_nothing():
    assert told(entries(), entries()) == []


@pytest.mark.parametrize(
    ("new", "change"),
    [
        ({"params": {"a": ("Optional[int] = None", "")}}, ("additive", "parameter added", "a", "LONG, optional")),
        ({"params": {"a": ("Union[int, None]", "")}}, ("breaking", "parameter added", "a", "LONG, mandatory")),
        ({"answer": f"{ANSWER}\nnew: Optional[StrictBool] = None"}, ("additive", "field added", "new", "boolean")),
        ({"answer": "x: Optional[StrictInt] = None"}, ("breaking", "field gone", "old", "string")),
        ({"answer": ANSWER.replace("StrictInt", "StrictStr")}, ("breaking", "type changed", "x", "integer → string")),
        ({"weight": "5"}, ("risky", "weight", "", "1 → 5")),
        ({"security": "MARKET_DATA"}, ("breaking", "security", "", "NONE → MARKET_DATA")),
        ({"words": "It answers. At last."}, ("", "words added", "", "At last.")),
    ],
)
def test_each_change_is_told_once(new, change):
    assert change in told(entries(), entries(**new))
    assert {one[1] for one in told(entries(), entries(**new))} <= {change[1], "parameter added"}


def test_requests_that_came_and_went_are_told():
    other = contents_of(Package("tiny", "1", tiny_sdks.sources(tiny_sdks.request("/fapi/v1/other", "Answer")))).entries
    assert told(entries(), other) == [
        ("breaking", "contract gone", "", "GET /fapi/v1/thing"),
        ("additive", "new contract", "", "GET /fapi/v1/other"),
    ]


def test_an_event_keeps_its_class_when_it_gets_a_name():
    def event(name):
        return Described(surface=Surface.EVENT, name=name, model="AlgoOrderUpdate", fields={"": ("object",)})

    old, new = event("AlgoOrderUpdate"), event("ALGO_UPDATE")
    assert told({old.key: old}, {new.key: new}) == []


def test_where_a_version_says_nothing_nothing_went():
    assert told(entries(), entries(answer="")) == []
    assert told(entries(answer=""), entries()) == []


def test_whole_numbers_for_fractions_are_no_change():
    assert same_kinds(["number"], ["integer"])
    assert same_kinds(["any"], ["object"])
    assert not same_kinds(["integer"], ["number"])
    assert not same_kinds(["array"], ["object"])

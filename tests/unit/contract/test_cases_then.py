"""Cases of another day: what did not exist then is neither sent nor expected, and each case left out says why."""

from __future__ import annotations

import pytest
from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.cases_then import cases_then
from wireproof.contract.dated_changes import DatedChange
from wireproof.contract.model import Case, Event, Expectation, Param, Product, Request, Security, Surface, Watch, Weight

PRODUCT = Product(product="usdm", title="test", hosts={}, enums={"Side": ("BUY", "SELL")})


def request(*params):
    return Request(method="GET", path="/x", security=Security.NONE, weight=Weight(ip=1), params=params)


def change(kind, path="", **more):
    return DatedChange(
        contracts=("usdm/rest/test",), kind=kind, path=path, basis="sdk", announced="2026-10-01", links=("l",), **more
    )


def left(case, before, since, *undone, **then):
    now = made_contract({"a": 1}, subject=request(*since), cases=(case,), retired=then.pop("retired", ""))
    made, reasons = cases_then(now, replace(now, subject=request(*before), retired="", **then), undone, PRODUCT)
    assert [one.id for one in made.cases] == ([] if reasons else [case.id])
    assert bool(made.no_case) is bool(reasons)
    return reasons.get(case.id, "")


SIDE = Param(name="side", type="ENUM", enum="Side")
LIMIT = Param(name="limit", type="INT", maximum=1000)
ROWS = Param(name="rows", type="ARRAY", items=(SIDE,))


def case(expect=None, **params):
    return Case(id="c", title="t", params=params, expect=expect)


@pytest.mark.parametrize(
    ("sent", "before", "since", "said"),
    [
        (case(side="BUY"), (), (SIDE,), "it sends side, which came later"),
        (case(rows=[{"side": "BUY"}]), (replace(ROWS, items=()),), (ROWS,), "it sends rows[].side, which came later"),
        (case(side="SELL"), (replace(SIDE, enum=("BUY",)),), (SIDE,), "it sends side SELL, which came later"),
        (case(limit=900), (replace(LIMIT, maximum=500),), (LIMIT,), "it sends limit 900, and at most 500 were allowed"),
        (case(), (replace(SIDE, required=True),), (SIDE,), "it does not send side, which was mandatory"),
        (case(side="BUY"), (replace(SIDE, enum=("BUY",)),), (SIDE,), ""),
        (case(side="{symbol.side}"), (replace(SIDE, enum=("BUY",)),), (SIDE,), ""),
        (case(limit=400, extra=1), (replace(LIMIT, maximum=500),), (LIMIT,), ""),
    ],
)
def test_a_case_sends_what_was_documented_then(sent, before, since, said):
    assert left(sent, before, since) == said


def test_a_refusal_that_came_later_is_not_expected():
    refused = case(Expectation(status=400, codes=(-4120,)))
    later = change("behaviour", "type", after="refused with -4120")
    assert left(refused, (), (), later) == "it expects what is answered since 2026-10-01"
    assert left(refused, (), (), change("behaviour", "type", after="refused with -5047")) == ""


def test_a_request_that_was_not_retired_is_not_asked_whether_it_is_gone():
    gone = case(Expectation(status=404, codes=()))
    said = left(gone, (), (), change("request-retired"), retired="2026-10-01")
    assert said == "it sees that the request is gone, since 2026-10-01"


def test_an_event_is_not_told_by_a_field_that_it_did_not_have():
    waits = Case(id="c", title="t", watch=Watch(sequence=({"o.x": "NEW"},)))
    now = made_contract({"o": {"x": "NEW"}}, surface=Surface.EVENT, subject=Event(name="E"), cases=(waits,))
    then = made_contract({"o": {}}, surface=Surface.EVENT, subject=Event(name="E"), cases=(waits,))
    assert cases_then(now, then, (), PRODUCT)[1] == {"c": "it waits for o.x, which came later"}


def test_a_case_whose_example_was_not_there_is_left_out():
    shown = Case(id="c", title="t", example="e1")
    now = made_contract({"a": 1}, {"a": 2}, cases=(shown,))
    then = replace(now, examples=now.examples[:1])
    assert cases_then(now, then, (), PRODUCT)[1] == {"c": "its example 'e1' was not there"}

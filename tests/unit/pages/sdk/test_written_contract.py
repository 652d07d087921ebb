"""A contract with changes of an SDK: what it decides is in, the rest is named with the reason."""

from __future__ import annotations

from made_contracts import made_contract

from wireproof.contract.model import Param, Refinement, Request, Security, Surface, Weight
from wireproof.pages.sdk.client_code import SdkContents
from wireproof.pages.sdk.described import Described
from wireproof.pages.sdk.store_comparison import compare_with_store
from wireproof.pages.sdk.written_contract import with_changes

REQUEST = Request(
    method="GET",
    path="/fapi/v1/x",
    security=Security.NONE,
    weight=Weight(ip=1),
    params=(Param(name="old", type="INT"), Param(name="side", type="ENUM", enum=("BUY",))),
)


def written(**entry):
    old = made_contract(
        [{"a": 1, "b": {"c": 2}}],
        subject=REQUEST,
        refinements=(Refinement(path="[].b.c", optional=True, source="test"),),
    )
    new = Described(surface=Surface.REST, name="GET", path="/fapi/v1/x", **entry)
    (compared,) = compare_with_store(SdkContents("sdk", "2", {new.key: new}, []), [old], {}).both
    return with_changes(compared, compared.changes, "sdk 2")


def test_parameters_weight_and_security_are_decided():
    contract, by_hand = written(
        open_paths=frozenset({""}),
        params=(Param(name="side", type="ENUM", enum=("BUY", "SELL")), Param(name="new", type="LONG", required=True)),
        weight=Weight(ip=5),
        security=Security.MARKET_DATA,
    )
    assert by_hand == {}
    subject = contract.of(Request)
    assert (subject.weight.ip, subject.security) == (5, Security.MARKET_DATA)
    assert [(one.name, one.enum) for one in subject.params] == [("side", ("BUY", "SELL")), ("new", ())]


def test_a_field_that_went_leaves_example_and_refinements():
    contract, by_hand = written(fields={"": ("array",), "[]": ("object",), "[].a": ("integer",)}, params=REQUEST.params)
    assert by_hand == {}
    assert contract.examples[0].response == [{"a": 1}]
    assert contract.examples[0].source == "sdk 2"
    assert contract.refinements == ()


def test_a_field_that_came_needs_a_value():
    fields = {
        "": ("array",),
        "[]": ("object",),
        "[].a": ("integer",),
        "[].b": ("object",),
        "[].b.c": ("integer",),
        "[].b.new": ("string",),
    }
    contract, by_hand = written(fields=fields, params=REQUEST.params)
    assert [(change.what, change.where) for change in by_hand] == [("field added", "[].b.new")]
    assert contract.examples[0].response == [{"a": 1, "b": {"c": 2}}]
    contract, by_hand = written(fields=fields, params=REQUEST.params, shown={"[].b.new": "1.5"})
    assert by_hand == {}
    assert contract.examples[0].response == [{"a": 1, "b": {"c": 2, "new": "1.5"}}]


def test_a_kind_that_changed_is_left_to_people():
    _, by_hand = written(
        fields={"": ("array",), "[]": ("object",), "[].a": ("string",), "[].b": ("object",), "[].b.c": ("integer",)},
        params=REQUEST.params,
    )
    assert [change.what for change in by_hand] == ["type changed"]

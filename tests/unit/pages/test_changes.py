"""Changes between store and page, in the kinds and severities of findings."""

from __future__ import annotations

import pytest
from made_contracts import default, made_contract
from msgspec.structs import replace

from wireproof.contract.model import Case, Example, Param, Refinement, Request, Security, Stream, Weight, WeightRule
from wireproof.drift.finding import Kind, Severity
from wireproof.pages.changes import changes_of

PARAM = Param(name="a", type="INT", enum=("1",))


def contract(**changes):
    request = Request(method="GET", path="/fapi/v1/a", security=Security.NONE, weight=Weight(ip=1), params=(PARAM,))
    shown = default({"a": {"b": "1.0", "c": [1]}, "d": 1})
    base = made_contract(shown, name="GET.fapi.v1.a", title="A", docs_url="u", revised="2026-01-01", subject=request)
    return replace(base, **changes)


def told(old, new):
    return [(c.what, c.where, c.kind, c.severity) for c in changes_of(old, new)]


def request(**changes):
    base = contract().subject
    assert base is not None
    return contract(subject=replace(base, **changes))


def example(response, **changes):
    return contract(examples=(Example(name="default", response=response, **changes),))


def test_the_same_is_no_change():
    assert told(contract(), contract()) == []


def test_a_contract_that_the_store_does_not_have_is_new():
    assert told(None, contract()) == [("new contract", "", "undocumented-field", "additive")]


@pytest.mark.parametrize(
    ("response", "change"),
    [
        ({"a": {"b": "1.0", "c": [1]}}, ("field gone", "d", "missing-field", "breaking")),
        ({"d": 1}, ("field gone", "a", "missing-field", "breaking")),
        ({"a": {"b": "1.0", "c": [1]}, "d": 1, "e": {"f": 1}}, ("field added", "e", "undocumented-field", "additive")),
        ({"a": {"b": "1.0", "c": [1]}, "d": "x"}, ("type changed", "d", "type-changed", "breaking")),
        ({"a": {"b": "abc", "c": [1]}, "d": 1}, ("type changed", "a.b", "format-changed", "breaking")),
        ({"a": {"b": None, "c": [1]}, "d": 1}, ("type changed", "a.b", "null-value", "breaking")),
        ({"a": {"b": "1.0", "c": []}, "d": 1}, ("element gone", "a.c[]", "length-changed", "risky")),
        ({"a": {"b": "2.0", "c": [1]}, "d": 1}, ("changed example", "default", "", "")),
    ],
)
def test_changes_of_examples(response, change):
    assert told(contract(), example(response)) == [change]


def test_an_element_where_there_was_none_is_additive():
    old = example({"a": []})
    assert told(old, example({"a": [{"b": 1}]})) == [("element added", "a[]", "undocumented-element", "additive")]


def test_examples_come_and_go():
    both = contract(examples=(*contract().examples, Example(name="two", when="2", response={"z": 1})))
    assert told(contract(), both) == [("new example", "two", "undocumented-field", "additive")]
    assert told(both, contract()) == [("example gone", "two", "missing-field", "risky")]


@pytest.mark.parametrize(
    ("changes", "change"),
    [
        ({"params": ()}, ("parameter gone", "a", "missing-field", "breaking")),
        ({"params": (PARAM, Param(name="b", type="INT"))}, ("parameter added", "b", "undocumented-field", "additive")),
        (
            {"params": (PARAM, Param(name="b", type="INT", required=True))},
            ("parameter added", "b", "missing-field", "breaking"),
        ),
        ({"params": (replace(PARAM, required=True),)}, ("parameter now mandatory", "a", "type-changed", "breaking")),
        ({"params": (replace(PARAM, type="LONG"),)}, ("parameter's type", "a", "type-changed", "breaking")),
        ({"params": (replace(PARAM, enum=("1", "2")),)}, ("parameter's values", "a", "undocumented-value", "risky")),
        ({"params": (replace(PARAM, default=1),)}, ("parameter's default", "a", "undocumented-value", "risky")),
        ({"params": (replace(PARAM, maximum=1),)}, ("parameter's range", "a", "undocumented-value", "risky")),
        ({"security": Security.TRADE}, ("security", "", "type-changed", "breaking")),
        ({"weight": Weight(ip=2)}, ("weight", "", "undocumented-value", "risky")),
    ],
)
def test_changes_of_requests(changes, change):
    assert told(contract(), request(**changes)) == [change]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"enum": ("1", "2")}, {"enum": ("2", "1")}),
        ({"default": "gtc"}, {"default": "GTC"}),
        ({"default": "5000"}, {"default": 5000}),
        ({"maximum": 1000}, {"maximum": 1000.0}),
    ],
)
def test_other_words_for_the_same_are_no_change(before, after):
    old, new = request(params=(replace(PARAM, **before),)), request(params=(replace(PARAM, **after),))
    assert [c for c in changes_of(old, new) if c.severity] == []


def test_true_in_place_of_1_is_a_change():
    """Python takes them for equal; a reader of JSON does not."""
    assert told(example({"a": 1}), example({"a": True})) == [("type changed", "a", "type-changed", "breaking")]
    assert told(example({"a": 1}), example({"a": 1})) == []


def test_fields_of_elements_of_a_list_are_compared():
    old, new = Param(name="l", type="ARRAY", items=(PARAM,)), Param(name="l", type="ARRAY")
    assert told(request(params=(old,)), request(params=(new,))) == [
        ("parameter gone", "l[].a", "missing-field", "breaking")
    ]


def test_changes_of_streams():
    old = contract(subject=Stream(name="a", update_speed="1s", route="market"))
    new = contract(subject=Stream(name="b", update_speed="2s", route="public"))
    assert told(old, new) == [
        ("name", "", "type-changed", "breaking"),
        ("route", "", "type-changed", "breaking"),
        ("update speed", "", "undocumented-value", "risky"),
    ]


def test_titles_and_addresses_are_told_and_not_judged():
    assert told(contract(), contract(title="B", docs_url="v")) == [("title", "", "", ""), ("address", "", "", "")]


def test_deprecation_is_risky():
    assert told(contract(), contract(deprecated=True)) == [("deprecated", "", "undocumented-value", "risky")]
    assert told(contract(deprecated=True), contract()) == [
        ("no longer deprecated", "", "undocumented-value", "additive")
    ]


def test_the_words_of_a_field_that_came_or_went_are_told():
    old = contract(refinements=(Refinement(path="a", enum=("A", "B"), source="s"),))
    new = contract(refinements=(Refinement(path="a", enum=("B", "C"), source="s"),))
    assert ("field's values", "a", "undocumented-value", "risky") in told(old, new)
    details = [one.detail for one in changes_of(old, new) if one.what == "field's values"]
    assert details == ["C came; A went"]
    again = contract(refinements=(Refinement(path="a", enum=("B", "A"), source="s"),))
    assert [one.detail for one in changes_of(old, again) if one.what == "field's values"] == []


def test_a_refinement_whose_path_vanished_is_told():
    refined = (Refinement(path="d", optional=True, source="me"),)
    new = replace(example({"a": {"b": "1.0", "c": [1]}}), refinements=refined)
    assert ("refinement without path", "d", "", "") in told(contract(refinements=refined), new)


def test_a_case_whose_example_vanished_is_told():
    case = (Case(id="x", title="X", example="gone"),)
    assert ("case without example", "x", "", "") in told(contract(), contract(cases=case))


def test_other_changes_are_told_as_such():
    assert told(contract(), contract(note="n")) == [("other", "", "", "")]


def test_the_words_are_those_of_findings():
    everything = example({"a": {"b": None}, "e": 1})
    for change in changes_of(contract(), everything):
        assert Kind(change.kind)
        assert Severity(change.severity)


def test_a_field_that_is_newly_called_conditional_is_told():
    old, new = example({"a": 1}), example({"a": 1}, conditional=("a",))
    assert told(old, new) == [("called conditional", "a", "", "")]


def test_a_weight_is_told_with_all_that_it_charges():
    rules = (WeightRule(param="symbol", given=True, ip=1), WeightRule(param="limit", at_most=100, ip=2))
    new = request(weight=Weight(ip=40, orders_1m=1, rules=rules))
    detail = "1 → 40, orders 1 in 1 m, symbol given 1, limit at most 100 2"
    assert [c.detail for c in changes_of(contract(), new)] == [detail]


def test_values_are_told_as_those_that_came_and_went():
    old, new = request(params=(replace(PARAM, enum="Known"),)), request(params=(replace(PARAM, enum=("1", "3")),))
    assert [c.detail for c in changes_of(old, new, {"Known": ("1", "2")})] == ["3 came; 2 went"]

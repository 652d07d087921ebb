"""A page brought together with the store: the page decides facts, people's additions stay."""

from __future__ import annotations

import pytest
from made_contracts import default, made_contract
from msgspec.structs import replace

from wireproof.contract.model import (
    Case,
    Example,
    Observed,
    Param,
    Refinement,
    RejectionRule,
    Request,
    Security,
    Stream,
    Weight,
    When,
)
from wireproof.pages.merge import merged, with_names

TODAY = "2026-11-22"
PARAM = Param(name="a", type="INT")


def contract(**changes):
    request = Request(method="GET", path="/fapi/v1/a", security=Security.NONE, weight=Weight(ip=1))
    base = made_contract(
        default({"a": 1}, source="docs 2026-01-01"),
        name="GET.fapi.v1.a",
        title="A",
        docs_url="https://e.org/a",
        revised="2026-01-01",
        subject=request,
        no_case="not exercised yet",
    )
    return replace(base, **changes)


def with_params(*params, **changes):
    request = contract().of(Request)
    return contract(subject=replace(request, params=params), **changes)


def test_a_new_contract_is_dated():
    new = contract(revised="", examples=(Example(name="default", response={}, source="docs"),))
    result = merged(None, new, today=TODAY)
    assert (result.revised, result.examples[0].source) == (TODAY, f"docs {TODAY}")


def test_what_says_the_same_changes_nothing():
    assert merged(contract(), contract(revised=""), today=TODAY) == contract()


def test_what_people_added_survives():
    people = {
        "refinements": (Refinement(path="a", optional=True, source="me"),),
        "base": {"symbol": "{symbol.name}"},
        "base_needs": ("symbol",),
        "cases": (Case(id="x", title="X", example="default"),),
        "rejections": (RejectionRule(fault="missing", codes=(-1,)),),
        "no_case": "",
        "note": "a note",
    }
    result = merged(
        contract(**people), contract(title="A2", examples=(Example(name="n", response={"a": 2}),)), today=TODAY
    )
    assert {name: getattr(result, name) for name in people} == people
    assert (result.title, result.revised) == ("A2", TODAY)


def test_a_changed_example_keeps_the_name_that_cases_refer_to():
    old = contract(examples=(Example(name="mine", when="symbol sent", response={"a": 1}, source="old"),))
    result = merged(old, contract(examples=(Example(name="default", response={"a": "x"}),)), today=TODAY)
    assert result.examples == (Example(name="mine", when="symbol sent", response={"a": "x"}, source=f"docs {TODAY}"),)


def test_what_was_only_observed_is_documented_once_a_page_shows_it():
    seen = (Observed(path="a", target="live", date="2026-11-01"),)
    held = Example(name="mine", response={"a": 1}, source="docs 2026-05-28", observed=seen)
    result = merged(
        contract(examples=(held,)), contract(examples=(Example(name="default", response={"a": 2}),)), today=TODAY
    )
    assert [(one.observed, one.source) for one in result.examples] == [((), f"docs {TODAY}")]


def test_examples_are_matched_by_condition_before_structure():
    one, two = Example(name="one", when="1", response={"a": 1}), Example(name="two", when="2", response={"b": 1})
    new = (Example(name="x", when="2", response={"a": 1}), Example(name="y", when="1", response={"b": 1}))
    result = merged(contract(examples=(one, two)), contract(examples=new), today=TODAY)
    assert [(e.name, e.when, e.response) for e in result.examples] == [("one", "1", {"b": 1}), ("two", "2", {"a": 1})]


def test_names_of_new_examples_do_not_repeat_old_ones():
    old = contract(examples=(Example(name="default", when="1", response={"a": 1}),))
    new = (Example(name="default", when="1", response={"a": 2}), Example(name="default", when="2", response={"b": 1}))
    assert [e.name for e in merged(old, contract(examples=new), today=TODAY).examples] == ["default", "default-2"]


def test_a_page_that_says_nothing_about_values_takes_nothing_away():
    old = with_params(Param(name="side", type="ENUM", enum="Side"), Param(name="n", type="INT", default=5, maximum=9))
    new = with_params(Param(name="n", type="INT", required=True), Param(name="side", type="ENUM"))
    result = merged(old, new, today=TODAY)
    assert result.of(Request).params == (
        Param(name="side", type="ENUM", enum="Side"),
        Param(name="n", type="INT", required=True, default=5, maximum=9),
    )


def test_parameters_keep_their_order_and_new_ones_follow():
    old = with_params(Param(name="a", type="INT"), Param(name="b", type="INT"))
    new = with_params(Param(name="c", type="INT"), Param(name="b", type="INT"), Param(name="a", type="INT"))
    result = merged(old, new, today=TODAY)
    assert [p.name for p in result.of(Request).params] == ["a", "b", "c"]


def test_a_page_without_a_weight_leaves_the_weight():
    request = contract().of(Request)
    old = contract(subject=replace(request, weight=Weight(ip=7)))
    result = merged(old, contract(), today=TODAY, has_weight=False)
    assert result.of(Request).weight == Weight(ip=7)


def test_a_translated_page_leaves_the_title():
    assert merged(contract(), contract(title="B"), today=TODAY, translated=True) == contract()


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (
            Refinement(path="a", optional=True, source="me"),
            Refinement(path="a", when=When(field="b", one_of=(1,)), source="page"),
            1,
        ),
        (Refinement(path="a", enum="Side", source="me"), Refinement(path="a", enum=("BUY",), source="page"), 1),
        (Refinement(path="a", enum="Side", source="me"), Refinement(path="a", optional=True, source="page"), 2),
        (Refinement(path="a", enum="Side", source="me"), Refinement(path="b", enum=("BUY",), source="page"), 2),
    ],
)
def test_a_page_adds_refinements_where_nobody_has_spoken(old, new, kept):
    result = merged(contract(refinements=(old,)), contract(refinements=(new,)), today=TODAY)
    assert result.refinements == (old, new)[:kept]


def test_lists_of_values_get_the_name_of_the_products_enumeration():
    contract_ = with_params(
        Param(name="side", type="ENUM", enum=("SELL", "BUY")),
        Param(name="protect", type="STRING", enum=("TRUE", "FALSE")),
        Param(name="list", type="ARRAY", items=(Param(name="side", type="ENUM", enum=("BUY", "SELL")),)),
        Param(name="other", type="ENUM", enum=("X",)),
        refinements=(Refinement(path="a", enum=("BUY", "SELL"), source="page"),),
    )
    result = with_names(contract_, {"Side": ("BUY", "SELL"), "Flag": ("true", "false")})
    params = result.of(Request).params
    assert [p.enum for p in params] == ["Side", "Flag", (), ("X",)]
    assert params[2].items[0].enum == "Side"
    assert result.refinements[0].enum == "Side"


ENUMS = {"TimeInForce": ("GTC", "IOC"), "Other": ("IOC", "GTC")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Param(name="a", type="ENUM", enum=("A", "B")), Param(name="a", type="ENUM", enum=("B", "A"))),
        (Param(name="a", type="ENUM", enum="TimeInForce"), Param(name="a", type="ENUM", enum="Other")),
        (Param(name="a", type="STRING", default="false"), Param(name="a", type="STRING", default="FALSE")),
        (Param(name="a", type="INT", default="5000"), Param(name="a", type="INT", default=5000)),
    ],
)
def test_other_words_for_the_same_leave_a_parameter_as_it_is(old, new):
    assert merged(with_params(old), with_params(new), today=TODAY, enums=ENUMS) == with_params(old)


def test_a_placeholder_of_a_stream_says_nothing_about_its_values():
    old = Param(name="interval", type="ENUM", required=True, enum=("1m", "3m"))
    stream = Stream(name="<symbol>@kline_<interval>", update_speed="3s or 1s", params=(old,))
    new = replace(
        stream, update_speed="3000ms or 1000ms", params=(Param(name="interval", type="STRING", required=True),)
    )
    before, after = (contract(subject=one) for one in (stream, new))
    assert merged(before, after, today=TODAY) == before
    longer = replace(new, params=(replace(old, enum=("1m", "3m", "5m")),))
    assert merged(before, contract(subject=longer), today=TODAY).params[0].enum == (
        "1m",
        "3m",
        "5m",
    )


def test_a_slash_at_the_end_of_an_address_and_the_case_of_a_title_are_no_news():
    new = contract(docs_url="https://e.org/a/", title="a")
    assert merged(contract(), new, today=TODAY) == contract()


def test_a_signed_request_keeps_its_timestamp_when_a_table_forgets_it():
    stamp = Param(name="timestamp", type="LONG", required=True)
    signed, bare = with_params(PARAM, stamp), with_params(PARAM)
    for security, names in ((Security.USER_DATA, ["a", "timestamp"]), (Security.NONE, ["a"])):
        old, new = (replace(one, subject=replace(one.subject, security=security)) for one in (signed, bare))
        params = merged(old, new, today=TODAY).params
        assert [param.name for param in params] == names


def test_what_a_page_newly_calls_conditional_is_added_to_the_example():
    old = contract()
    new = contract(examples=(replace(old.examples[0], conditional=("a",)),))
    assert merged(old, new, today=TODAY).examples[0].conditional == ("a",)
    assert merged(new, old, today=TODAY).examples[0].conditional == ("a",)


def test_a_number_that_a_page_writes_without_its_fraction_is_no_news():
    with_fraction = contract(examples=(Example(name="default", response={"a": 27103.0}, source="s"),))
    without = contract(examples=(Example(name="default", response={"a": 27103}, source="s"),))
    assert merged(with_fraction, without, today=TODAY) == with_fraction
    assert merged(without, with_fraction, today=TODAY).examples[0].response == {"a": 27103.0}
    assert type(merged(without, with_fraction, today=TODAY).examples[0].response["a"]) is float

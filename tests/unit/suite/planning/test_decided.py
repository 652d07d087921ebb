"""`contracts check` knows no undecided string, and no rule that decides nothing."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from made_contracts import default, made_contract

from wireproof.contract.decisions import Decision, decisions
from wireproof.contract.fields import path_pattern
from wireproof.contract.model import Contract, Envelope, FieldRule, Product, Refinement, Surface, Unshown
from wireproof.contract.paths import child, element
from wireproof.contract.store import load_store
from wireproof.drift.compare import Comparer
from wireproof.drift.finding import Kind
from wireproof.suite.planning.decided import Uses, outside, rule_problems, undecided, undecided_envelopes

if TYPE_CHECKING:
    from collections.abc import Iterator

ID = "usdm/rest/GET.x"
SIDE = {"Side": ("BUY", "SELL")}


def contract(response: Any, *refinements: Refinement) -> Contract:
    return made_contract(default(response), id=ID, refinements=refinements)


def product(*rules: FieldRule, enums: dict[str, tuple[str, ...]] = SIDE, **more: Any) -> Product:
    return Product(product="usdm", title="x", hosts={}, enums=enums, fields=rules, **more)


def uses(asked: Product, *contracts: Contract) -> Uses:
    found = Uses(asked)
    for one in contracts:
        found.add(one)
    return found


def test_a_string_that_nothing_decides_is_named_with_what_to_write_where() -> None:
    """File, id, path and value lead to the place; the sentence says what to write there."""
    (said,) = undecided(contract({"rows": [{"mood": "GOOD"}]}), product())
    assert said.startswith(f"{ID}, rows[].mood: example 'default' shows 'GOOD', and nothing says what may stand there.")
    assert f'{{"where": ["{ID} rows[].mood"], "text": "id"}}' in said
    assert "contracts/usdm/product.json" in said


@pytest.mark.parametrize(
    "rule",
    [
        FieldRule(where=("usdm/* **.mood",), enum="Side"),
        FieldRule(where=("usdm/* **.mood",), text="words", why="x"),
        FieldRule(where=("usdm/* **.mood",), constant=("BUY",)),
        FieldRule(where=("usdm/* **.mood",), kind="any"),
    ],
)
def test_a_rule_decides(rule: FieldRule) -> None:
    """An enumeration, a text, a constant and a kind each settle what may stand at a place."""
    assert list(undecided(contract({"mood": "BUY"}), product(rule))) == []


def test_a_refinement_decides() -> None:
    own = Refinement(path="mood", text="words", source="https://example.org/")
    assert list(undecided(contract({"mood": "GOOD"}, own), product())) == []


def test_numbers_and_names_that_leave_no_doubt_need_no_rule() -> None:
    assert list(undecided(contract({"price": "1.50", "n": 1, "ok": True, "no": None}), product())) == []


def test_a_field_that_only_a_refinement_adds_must_be_decided() -> None:
    own = Refinement(path="mood", optional=True, kind="string", source="https://example.org/")
    (said,) = undecided(contract({"price": "1.50"}, own), product())
    assert f"{ID}, mood: no example shows it, and nothing says what may stand there." in said


def test_a_string_of_an_envelope_must_be_decided() -> None:
    """An envelope belongs to no contract, so rules find it by an id of its own."""
    envelope = {Surface.REST: Envelope(success={}, error={"code": -1, "msg": "no"})}
    (said,) = undecided_envelopes(product(envelopes=envelope))
    assert "'msg' of the envelope 'error' of rest" in said
    rule = FieldRule(where=("usdm/rest/envelope msg",), text="words", why="x")
    assert list(undecided_envelopes(product(rule, envelopes=envelope))) == []


def test_an_example_outside_its_enumeration_is_named() -> None:
    """Either the example or the enumeration is wrong; neither is taken over silently."""
    rule = FieldRule(where=("usdm/* **.side",), enum="Side")
    (said,) = outside(contract([{"side": "BUY"}, {"side": "KEEP"}]), product(rule))
    assert said.startswith(f"{ID}, [].side: example 'default' shows 'KEEP', which enumeration Side does not have")


def test_a_contracts_own_words_come_before_those_of_its_product() -> None:
    rule = FieldRule(where=("usdm/* **.side",), enum="Side")
    own = Refinement(path="side", enum=("KEEP",), source="https://example.org/")
    assert list(outside(contract({"side": "KEEP"}, own), product(rule))) == []
    assert len(list(outside(contract({"side": "BUY"}, own), product(rule)))) == 1


def test_a_place_that_decides_nothing_is_named_with_the_nearest_one() -> None:
    """A rule that a renamed field left behind would go on promising what it no longer holds."""
    rule = FieldRule(where=("usdm/* **.side", f"{ID} rows[].sidee"), enum="Side")
    (said,) = uses(product(rule), contract({"rows": [{"side": "BUY"}]})).problems()
    assert said.startswith(f"the place '{ID} rows[].sidee' in 'fields' decides nothing")
    assert f"'{ID} rows[].side'" in said


def test_a_place_that_an_earlier_rule_decides_alone_is_named() -> None:
    rules = FieldRule(where=("usdm/* **.side",), enum="Side"), FieldRule(where=("usdm/* side",), text="id")
    (said,) = uses(product(*rules), contract({"side": "BUY"})).problems()
    assert "'usdm/* side' in 'fields' decides nothing" in said


def test_an_exception_that_excepts_nothing_is_named() -> None:
    rule = FieldRule(where=("usdm/* **.side",), except_=(f"{ID} rows[].side", f"{ID} gone"), enum="Side")
    asked = product(rule, FieldRule(where=("usdm/* rows[].side",), text="id"))
    (said,) = uses(asked, contract({"side": "BUY", "rows": [{"side": "1"}]})).problems()
    assert f"the exception '{ID} gone' in 'fields' excepts nothing" in said


def test_a_reason_for_a_field_that_nothing_documents_is_named() -> None:
    """A refinement documents a field as well as an example does."""
    never = Unshown(where=(f"{ID} rows[].number", f"{ID} extra", f"{ID} gone"), why="never sent")
    extra = Refinement(path="extra", optional=True, kind="integer", source="https://example.org/")
    (said,) = uses(product(unshown=(never,), enums={}), contract({"rows": [{"number": 1}]}, extra)).problems()
    assert said.startswith(f"the place '{ID} gone' in 'unshown' is about no documented field")


def test_an_enumeration_that_nobody_uses_is_named() -> None:
    rule = FieldRule(where=("usdm/* **.side",), enum="Side")
    (said,) = uses(product(rule, enums={**SIDE, "Mood": ("GOOD",)}), contract({"side": "BUY"})).problems()
    assert said.startswith("enumeration 'Mood' is used by no rule, refinement or parameter.")


def test_an_enumeration_that_only_a_refinement_uses_is_used() -> None:
    own = Refinement(path="side", enum="Side", source="https://example.org/")
    assert list(uses(product(), contract({"side": "BUY"}, own)).problems()) == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (FieldRule(where=("usdm/* a",), enum="Sidee"), "names an enumeration that is not in product.json: 'Sidee'"),
        (FieldRule(where=("usdm/* a",), text="simbol"), "Did you mean 'symbol'?"),
        (FieldRule(where=("usdm/* a",), kind="decimal|emty"), "names a kind that does not exist: 'emty'"),
        (FieldRule(where=("usdm/* a",)), "says nothing. Exactly one of"),
        (FieldRule(where=("usdm/* a",), text="id", enum="Side"), "says enum and text. Exactly one of"),
        (FieldRule(where=(), text="id"), "has no place"),
        (FieldRule(where=("**.side",), text="id"), "names a place without a path: '**.side'"),
        (FieldRule(where=("usdm/* a",), text="words"), "leaves a place free (words) without a reason"),
    ],
)
def test_a_rule_that_cannot_hold_is_named(rule: FieldRule, said: str) -> None:
    ((_, problem),) = rule_problems(product(rule))
    assert problem.startswith("rule 1 of 'fields' (")
    assert said in problem


def test_free_places_are_listed_with_their_reason() -> None:
    rule = FieldRule(where=("usdm/* **.info",), text="words", why="a remark for people")
    own = Refinement(path="note", text="words", source="https://example.org/why")
    listed = list(uses(product(rule), contract({"info": "x", "note": "y"}, own)).free())
    assert listed == [
        "usdm: words, 1 place (usdm/* **.info): a remark for people",
        f"{ID}: words (note): https://example.org/why",
    ]


def positions(value: Any, path: str = "", steps: tuple[Any, ...] = ()) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield the path of every string of a document, with the steps that lead there."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from positions(inner, child(path, key), (*steps, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from positions(inner, element(path), (*steps, index))
    elif isinstance(value, str):
        yield path, steps


def changed(document: Any, steps: tuple[Any, ...], word: str) -> bytes:
    document = copy.deepcopy(document)
    place = document
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = word
    return msgspec.json.encode(document)


STORE = load_store()
COMPARERS = {name: Comparer(found) for name, found in STORE.products.items()}


@pytest.mark.parametrize("contract_id", STORE.contracts)
def test_an_unknown_word_is_found_wherever_a_word_is_enumerated(contract_id: str) -> None:
    """At each enumerated place of each example of the store: one finding, of that kind, at that path."""
    asked = STORE.contracts[contract_id]
    for example in asked.examples:
        judge = COMPARERS[asked.product].response_judge(asked, example.name)
        enumerated = [
            path_pattern(path) for path, decision in decisions(judge.node) if decision is Decision.ENUMERATION
        ]
        for path, steps in positions(example.response):
            if any(pattern.fullmatch(path) for pattern in enumerated):
                found = judge(changed(example.response, steps, "SOMETHING_NEW"))
                assert [(one.kind, one.value) for one in found] == [(Kind.UNDOCUMENTED_VALUE, "SOMETHING_NEW")], path
                assert path_pattern(found[0].path).fullmatch(path)


@pytest.mark.parametrize(
    "place",
    [
        "usdm/rest/GET.fapi.v1.exchangeInfo symbols[].status",
        "usdm/rest/GET.fapi.v1.exchangeInfo symbols[].contractType",
        "usdm/rest/GET.fapi.v1.exchangeInfo symbols[].underlyingType",
        "usdm/rest/GET.fapi.v1.exchangeInfo symbols[].orderTypes[]",
        "usdm/rest/GET.fapi.v1.exchangeInfo symbols[].timeInForce[]",
        "usdm/rest/GET.fapi.v1.exchangeInfo rateLimits[].interval",
        "usdm/rest/GET.fapi.v1.exchangeInfo rateLimits[].rateLimitType",
        "usdm/rest/POST.fapi.v1.batchOrders [].timeInForce",
        "coinm/rest/DELETE.dapi.v1.batchOrders [].status",
        "options/rest/POST.eapi.v1.batchOrders [].side",
        "usdm/event/ALGO_UPDATE o.X",
        "usdm/event/ALGO_UPDATE o.V",
        "usdm/event/TRADE_LITE S",
        "usdm/event/ACCOUNT_UPDATE a.m",
        "usdm/event/ORDER_TRADE_UPDATE o.er",
        "usdm/rest/GET.fapi.v1.income [].incomeType",
        "usdm/rest/GET.fapi.v1.symbolConfig [].marginType",
        "usdm/stream/forceOrder o.X",
        "usdm/stream/allContractInfo cs",
        "coinm/stream/allForceOrder o.f",
        "options/rest/GET.eapi.v1.order optionSide",
        "portfolio-margin/rest/POST.papi.v1.margin.order type",
        "portfolio-margin/rest/GET.papi.v1.um.allOrders [].status",
        "portfolio-margin/event/executionReport x",
    ],
)
def test_a_place_that_used_to_go_unchecked_is_enumerated(place: str) -> None:
    """These words passed unseen when only order routes had refinements."""
    contract_id, path = place.split(" ")
    asked = STORE.contracts[contract_id]
    node = COMPARERS[asked.product].response_judge(asked, asked.examples[0].name).node
    assert (path, Decision.ENUMERATION) in set(decisions(node))

"""What each string of a shape is decided to be."""

from __future__ import annotations

from typing import Any

import pytest

from wireproof.contract.decisions import Decision, decisions
from wireproof.contract.leaves import text_of
from wireproof.contract.model import Refinement
from wireproof.contract.shape import ShapeBuilder
from wireproof.contract.texts import TEXTS
from wireproof.errors import UsageError


def decided(*shown: Any, refinements: tuple[Refinement, ...] = ()) -> list[tuple[str, str]]:
    node = ShapeBuilder(refinements).build(list(shown))
    return [(path, str(decision)) for path, decision in decisions(node)]


def test_every_string_leaf_has_a_decision_in_the_order_of_the_example() -> None:
    refinements = (
        Refinement(path="side", enum=("BUY",), source=""),
        Refinement(path="e", constant=("trade",), source=""),
        Refinement(path="note", text="words", source=""),
    )
    shown = {
        "e": "trade",
        "side": "BUY",
        "price": "1.0",
        "symbol": "BTCUSDT",
        "note": "x",
        "free": "x",
        "n": 1,
        "nothing": None,
    }
    assert decided(shown, refinements=refinements) == [
        ("e", "constant"),
        ("side", "enumeration"),
        ("price", "decimal"),
        ("symbol", "text"),
        ("note", "text"),
        ("free", "undecided"),
    ]


def test_strings_in_arrays_maps_variants_and_rows_are_leaves_as_well() -> None:
    shown = {
        "list": ["x"],
        "rows": [["1.0", "w", 1]],
        "map": {"BTCUSDT": {"a": "w"}, "ETHUSDT": {"a": "w"}},
        "filters": [{"filterType": "A", "x": "1"}, {"filterType": "B", "y": "w"}],
        "batch": [{"orderId": 1, "status": "w"}, {"code": 1, "msg": "w"}],
    }
    assert decided(shown) == [
        ("list[]", "undecided"),
        ("rows[][]", "decimal"),
        ("rows[][]", "undecided"),
        ("map.*.a", "undecided"),
        ("filters[].filterType", "variant"),
        ("filters[].x", "decimal"),
        ("filters[].y", "undecided"),
        ("batch[].status", "undecided"),
        ("batch[].msg", "undecided"),
    ]


def test_a_variant_told_by_a_constant_is_a_constant() -> None:
    refinement = Refinement(path="[].e", constant=("A", "B"), source="")
    assert decided([{"e": "A", "x": 1}, {"e": "B", "y": 1}], refinements=(refinement,)) == [("[].e", "constant")]


def test_an_empty_string_alone_is_undecided_unless_its_name_says_number() -> None:
    assert decided({"info": "", "callbackRate": ""}) == [("info", "undecided"), ("callbackRate", "decimal")]


def test_a_text_makes_a_string_of_what_looks_like_a_decimal() -> None:
    refinement = Refinement(path="a", text="id", source="")
    assert decided({"a": "123"}, refinements=(refinement,)) == [("a", "text")]


def test_a_text_that_does_not_exist_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'a' names a text that does not exist: 'simbol'\. Did you mean 'symbol'\?"):
        decided({"a": "x"}, refinements=(Refinement(path="a", text="simbol", source=""),))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("symbol", "symbol"),
        ("pair", "pair"),
        ("marginAsset", "asset"),
        ("clientOrderId", "id"),
        ("listenKey", "key"),
        ("underlying", ""),
        ("status", ""),
        ("paid", ""),
        ("s", ""),
    ],
)
def test_names_that_leave_no_doubt_say_what_a_string_holds(name: str, text: str) -> None:
    assert text_of(name) == text
    assert not text or text in TEXTS


def test_every_decision_but_one_settles_a_string() -> None:
    assert {decision for decision in Decision if decision is not Decision.UNDECIDED} == {
        "constant",
        "enumeration",
        "variant",
        "decimal",
        "text",
    }

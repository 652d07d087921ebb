"""What is read out of examples, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from wireproof.contract.model import FieldRule, Refinement, When
from wireproof.contract.paths import child
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Node, Positions, ShapeBuilder, Variants
from wireproof.errors import UsageError


def shape(*shown: Any, refinements: tuple[Refinement, ...] = ()) -> Node:
    return ShapeBuilder(refinements, {"side": ("BUY", "SELL")}).build(list(shown))


def field(node: Node, name: str) -> Node:
    assert isinstance(node.object, Fields)
    return node.object.fields[name].node


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("a", 1, "integer"),
        ("a", 1.5, "number"),
        ("a", True, "boolean"),
        ("a", "x", "string"),
        ("a", "", "string"),
        ("a", "0", "decimal string"),
        ("a", "-0.50", "decimal string"),
        ("a", "2024-01-01", "string"),
        ("orderId", "12", "string"),
        ("price", "12", "decimal string"),
        ("time", 1700000000000, "millisecond timestamp"),
        ("time", 0, "millisecond timestamp"),
        ("E", 123456789, "millisecond timestamp"),
        ("updateTime", 1, "millisecond timestamp"),
        ("countdownTime", 120000, "integer"),
        ("fundingIntervalHours", 8, "integer"),
        ("windowTimeInMilliseconds", 3000, "integer"),
        ("expirationTimestamp", -1, "millisecond timestamp"),
        ("n", 0, "integer"),
        ("activatePrice", "", "decimal string or empty string"),
        ("info", "", "string"),
        ("orderId", 2**64, "number"),
        ("orderId", 1700000000000, "integer"),
        ("a", None, "anything"),
        ("a", {}, "object"),
        ("a", [], "array"),
    ],
)
def test_kinds_of_values(name: str, value: Any, word: str) -> None:
    assert field(shape({name: value}), name).word == word


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (["1.0", "x"], "string"),
        (["1.0", ""], "decimal string or empty string"),
        (["", "x"], "string"),
        ([1, 0.5], "number"),
        ([1700000000000, 0], "millisecond timestamp"),
        ([1700000000000, 5], "integer"),
        ([None, "1.0"], "decimal string or null"),
        ([None, None], "anything"),
        ([1, "x"], "integer or string"),
        ([True, 1], "boolean or integer"),
    ],
)
def test_kinds_of_several_values_are_merged(values: list[Any], word: str) -> None:
    assert shape(*values).word == word
    assert shape(*reversed(values)).word == word


@pytest.mark.parametrize(
    ("rows", "positional"),
    [
        ([["1", "2"]], True),
        ([[1, "2", 3], [4, "5", 6]], True),
        ([[1, "2"], [1, "2", 3]], True),
        ([["1", "2"], ["1", "2", "3"]], False),
        ([["1"]], False),
        ([["1", "2"], []], False),
        ([[{"a": 1}, {"a": 2}]], False),
    ],
)
def test_rows_of_scalars_are_read_by_position(rows: list[Any], positional: bool) -> None:
    outer = shape(rows).array
    assert isinstance(outer, Elements)
    assert outer.node is not None
    assert isinstance(outer.node.array, Positions) is positional


def test_a_plain_array_of_scalars_is_read_element_by_element() -> None:
    assert isinstance(shape(["1", "2"]).array, Elements)
    refined = shape(["1", "2"], refinements=(Refinement(path="", positional=True, source=""),))
    assert isinstance(refined.array, Positions)


@pytest.mark.parametrize(
    ("document", "free"),
    [
        ({"BTCUSDT": {"a": 1}, "ETHUSDT": {"a": 2}}, True),
        ({"BTC": "1.0", "USDT": "2.0"}, True),
        ({"2024-01-01": 1, "2024-01-02": 2}, True),
        ({"BTCUSD_PERP": 1, "BTCUSD_251226": 2}, True),
        ({"BTCUSDT": {"a": 1}}, False),
        ({"BTCUSDT": {"a": 1}, "ETHUSDT": {"b": 1}}, False),
        ({"LONG": 1, "SHORT": 2, "BOTH": 3}, False),
        ({"E": 1, "T": 2}, False),
    ],
)
def test_symbols_assets_and_dates_are_free_keys(document: dict[str, Any], free: bool) -> None:
    assert isinstance(shape(document).object, Map) is free


def kind_of_elements(elements: list[Any]) -> type:
    array = shape(elements).array
    assert isinstance(array, Elements)
    assert array.node is not None
    return type(array.node.object)


@pytest.mark.parametrize(
    ("elements", "kind"),
    [
        ([{"filterType": "A", "x": 1}, {"filterType": "B", "y": 1}], Variants),
        ([{"filterType": "A", "x": 1}, {"filterType": "A", "y": 1}], Fields),
        ([{"filterType": "A", "x": 1}, {"filterType": "B", "x": 1}], Fields),
        ([{"symbol": "AB", "x": 1}, {"symbol": "CD", "y": 1}], Fields),
        ([{"orderId": 1}, {"code": 1}], Alternatives),
        ([{"orderId": 1}, {}], Fields),
    ],
)
def test_element_shapes_are_told_apart(elements: list[Any], kind: type) -> None:
    assert kind_of_elements(elements) is kind


def test_a_refinement_can_add_a_field_that_no_example_shows() -> None:
    node = shape({"a": 1}, refinements=(Refinement(path="b", kind="decimal", optional=True, source=""),))
    assert field(node, "b").word == "decimal string"
    assert isinstance(node.object, Fields)
    assert node.object.fields["b"].required is False


@pytest.mark.parametrize(
    "elements",
    [
        [{"orderId": 1, "price": "1.0"}, {"code": 1, "msg": "x"}],
        [{"type": "A", "price": "1.0"}, {"type": "B", "code": 1}],
    ],
)
def test_a_refined_field_of_one_variant_is_not_added_to_the_others(elements: list[Any]) -> None:
    array = shape(elements, refinements=(Refinement(path="[].price", optional=True, source=""),)).array
    assert isinstance(array, Elements)
    assert array.node is not None
    assert isinstance(array.node.object, (Variants, Alternatives))
    objects = array.node.object.objects
    parts = list(objects.values()) if isinstance(objects, dict) else objects
    assert ["price" in part.fields for part in parts] == [True, False]
    assert parts[0].fields["price"].required is False


def test_a_condition_makes_a_field_required_where_it_holds() -> None:
    condition = When(field="type", one_of=("STOP",))
    node = shape({"type": "X"}, refinements=(Refinement(path="stop", when=condition, source=""),))
    assert isinstance(node.object, Fields)
    assert node.object.fields["stop"].when == condition


def test_positions_can_be_refined_alone_or_together() -> None:
    rows = [[1, "x", "1.0"]]
    alone = shape(rows, refinements=(Refinement(path="[][1]", kind="any", source=""),)).array
    together = shape(rows, refinements=(Refinement(path="[][]", nullable=True, source=""),)).array
    for array, words in [
        (alone, ["integer", "anything", "decimal string"]),
        (together, ["integer or null", "string or null", "decimal string or null"]),
    ]:
        assert isinstance(array, Elements)
        assert array.node is not None
        assert isinstance(array.node.array, Positions)
        assert [node.word for node in array.node.array.nodes] == words


def test_an_unknown_kind_or_enumeration_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="Did you mean 'decimal'"):
        shape({"a": 1}, refinements=(Refinement(path="a", kind="decimel", source=""),))
    with pytest.raises(UsageError, match="Did you mean 'side'"):
        shape({"a": 1}, refinements=(Refinement(path="a", enum="sides", source=""),))


@pytest.mark.parametrize(
    ("path", "key", "joined"),
    [("", "a", "a"), ("a", "b", "a.b"), ("a[]", "b", "a[].b"), ("a", "x.y", 'a["x.y"]'), ("", "", '[""]')],
)
def test_paths_quote_what_they_use_themselves(path: str, key: str, joined: str) -> None:
    assert child(path, key) == joined


ORDERS = [{"type": "LIMIT", "price": "1"}, {"type": "STOP", "price": "1", "stopPrice": "2"}]


def test_a_type_field_that_has_further_documented_words_tells_no_variants_apart() -> None:
    """An order of a documented type that no example shows is no undocumented variant."""
    rule = FieldRule(where=("usdm/* [].type",), enum="OrderType")
    words = {"OrderType": ("LIMIT", "STOP", "MARKET")}
    node = ShapeBuilder((), words, lambda path: rule if path == "[].type" else None).build([ORDERS])
    element = node.array.node.object
    assert isinstance(element, Fields)
    assert element.fields["type"].node.enum == words["OrderType"]
    assert not element.fields["stopPrice"].required


def test_a_type_field_whose_documented_words_are_all_shown_tells_variants_apart() -> None:
    own = Refinement(path="[].type", enum=("LIMIT", "STOP"), source="docs")
    assert isinstance(ShapeBuilder([own]).build([ORDERS]).array.node.object, Variants)

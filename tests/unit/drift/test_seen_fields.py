"""What answers showed of what is documented: every place that never held a value is named, with its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_contracts import PRODUCT, made_contract

from wireproof.contract.model import Example, Refinement, Surface
from wireproof.drift.seen_fields import FieldTracker, UnseenField, documented_places, is_empty, payload_of

ORDER = {"orderId": 1, "price": "0.1"}


def look(documented: Any, *answers: Any, refinements: tuple[Refinement, ...] = ()) -> FieldTracker:
    """Look at answers; a tuple of documented values is one example for each condition."""
    shown = documented if isinstance(documented, tuple) else (documented,)
    examples = (Example(name=f"e{i}", when=f"w{i}", response=value) for i, value in enumerate(shown))
    contract = made_contract(*examples, refinements=refinements)
    found = FieldTracker(documented_places(contract, PRODUCT, contract.examples))
    for answer in answers:
        found.at(answer)
    return found


def unseen(documented: Any, *answers: Any) -> list[tuple[str, str, int]]:
    return [(one.path, one.why, one.fields) for one in look(documented, *answers).unseen()]


FILTERS = [{"filterType": "PRICE", "tick": "0.1"}, {"filterType": "LOT", "step": "1", "min": "1"}]


@pytest.mark.parametrize(
    ("documented", "answers", "expected"),
    [
        ({"a": 1, "b": [ORDER]}, [{"a": 2, "b": [ORDER]}], []),
        ([ORDER], [[]], [("[]", "empty", 2)]),
        ({"total": 1, "rows": [ORDER]}, [{"total": 0, "rows": []}], [("rows[]", "empty", 2)]),
        ({"total": 1, "rows": [ORDER]}, [{"total": 0, "rows": None}], [("rows", "null", 2)]),
        ({"a": 1, "b": 2}, [{"a": 1}], [("b", "absent", 1)]),
        ({"a": 1, "b": 2}, [{"a": 1}, {"b": 1}], []),
        ({"a": 1, "b": 2}, [{"a": 1}, {"a": 1, "b": None}], [("b", "absent or null", 1)]),
        ([ORDER], [[{"orderId": 1}, {"price": "1"}]], []),
        ({"a": None}, [{"a": None}], []),
        ({"a": []}, [{"a": []}], []),
        ({"BTCUSDT": ORDER, "ETHUSDT": ORDER}, [{}], [("*", "empty", 2)]),
        ({"BTCUSDT": ORDER, "ETHUSDT": ORDER}, [{"XRPUSDT": ORDER}], []),
        ({"bids": [["1", "2"], ["3", "4"]]}, [{"bids": []}], [("bids[]", "empty", 2)]),
        ({"filters": FILTERS}, [{"filters": FILTERS[:1]}], [("filters[]", "no filterType LOT", 3)]),
        ([[1, "2", "3"]], [[[1, "2"]]], [("[][2]", "absent", 1)]),
        (({"a": 1}, [{"a": 1}]), [{"a": 1}], [("[]", "empty", 1)]),
        (({"a": 1}, {"a": 1, "c": {"d": 1}}), [{"a": 1}], [("c", "absent", 1)]),
        ({"a": 1}, [], [("", "no documented answer", 1)]),
        ({"a": 1}, [None], [("", "no documented answer", 1)]),
        ({"a": {"b": 1}}, [{"a": "text"}], [("a.b", "absent", 1)]),
    ],
)
def test_what_was_not_seen_is_named_once_with_its_reason(documented: Any, answers: Any, expected: Any) -> None:
    assert unseen(documented, *answers) == expected


def test_null_is_all_there_is_to_see_where_nothing_else_is_documented() -> None:
    """As in the answer to SUBSCRIBE; where null stands beside a kind, a value is still to come."""
    source = "https://example.org/"
    alone = Refinement(path="result", constant=(None,), source=source)
    assert look({"result": None}, {"result": None}, refinements=(alone,)).unseen() == ()
    beside = Refinement(path="result", kind="integer", nullable=True, source=source)
    (one,) = look({"result": None}, {"result": None}, refinements=(beside,)).unseen()
    assert one.why == "null"


def test_what_another_case_saw_counts_as_seen() -> None:
    """A contract's cases are put together, also those of other examples."""
    documented = ({"a": 1, "b": 2}, [{"a": 1, "b": 2}])
    whole = look(documented)
    for answer in ({"a": 1}, [{"a": 1}], [{"b": 1}]):
        whole.take(look(documented, answer))
    assert [(one.path, one.why) for one in whole.unseen()] == [("b", "absent")]


def test_fields_are_counted_where_values_stand() -> None:
    """Objects and arrays are no fields of their own; what they hold is."""
    sight = look({"a": 1, "o": {"b": 1, "c": [1]}, "rows": [ORDER]}, {"a": 1, "o": {"b": 1, "c": []}}).sight("c")
    assert (sight.fields, sight.seen) == (5, 2)
    assert sight.unseen == (
        UnseenField(path="o.c[]", why="empty", fields=1),
        UnseenField(path="rows", why="absent", fields=2),
    )


def test_an_answer_without_documented_fields_has_nothing_to_show() -> None:
    assert look({}, {}).sight("c").fields == 0
    assert look({}).sight("c").unseen == ()


@pytest.mark.parametrize(
    ("fields", "why", "missed", "empty"),
    [
        (4, "empty", 3, True),
        (4, "empty", 2, False),
        (4, "empty or null", 4, True),
        (4, "absent", 4, False),
        (0, "empty", 0, False),
    ],
)
def test_shown_empty_is_what_misses_most_of_its_fields_in_empty_lists(
    fields: int, why: str, missed: int, empty: bool
) -> None:
    assert is_empty(fields, [UnseenField(path="[]", why=why, fields=missed)]) is empty


def test_a_look_that_has_seen_all_reads_no_further() -> None:
    """What is seen costs nothing: the second answer is not even walked."""
    seen = look([ORDER], [ORDER])
    assert seen.complete
    seen.at(object())
    assert seen.unseen() == ()


def test_every_element_is_looked_at_until_each_field_was_seen() -> None:
    rows = [{"orderId": 1}] * 500 + [ORDER]
    assert unseen([ORDER], rows) == []


@pytest.mark.parametrize(
    ("surface", "body", "status", "expected"),
    [
        (Surface.WS_API, {"id": "1", "status": 200, "result": {"a": 1}}, None, {"a": 1}),
        (Surface.WS_API, {"id": "1", "status": 400, "error": {"code": 1}}, None, None),
        (Surface.WS_API, [], None, None),
        (Surface.REST, {"code": -1, "msg": ""}, 400, None),
        (Surface.REST, {"a": 1}, 200, {"a": 1}),
        (Surface.STREAM, {"a": 1}, None, {"a": 1}),
    ],
)
def test_documented_places_are_looked_for_in_the_documented_part(
    surface: Surface, body: Any, status: int | None, expected: Any
) -> None:
    assert payload_of(surface, json.dumps(body).encode(), status) == expected


def test_what_is_no_json_shows_nothing() -> None:
    assert payload_of(Surface.REST, b"<html>", 200) is None

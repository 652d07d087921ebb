"""The formats of one document: what is said to hold does, and what cannot be said is left to the columns."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.compiling.single import single_judge
from wireproof.contract.compiling.types import type_of
from wireproof.contract.model import Refinement, When
from wireproof.contract.shape import ShapeBuilder

NOW = 1_700_000_000_000
EVENT = {"e": "trade", "E": NOW, "o": {"p": "0.10", "q": "1", "T": NOW, "m": True}, "i": 7}


def holds(documented: Any, document: Any) -> bool:
    """Ask the single judge of what is documented about a document of that structure."""
    node = ShapeBuilder().build([documented])
    judge = single_judge(node)
    assert judge is not None
    return judge(msgspec.json.decode(json.dumps(document), type=type_of(node)[0]))


def altered(**changes: Any) -> dict[str, Any]:
    return {**EVENT, **changes, "o": {**EVENT["o"], **changes.get("o", {})}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (EVENT, True),
        (altered(o={"p": "-12."}), True),
        (altered(o={"T": 0}), True),
        (altered(o={"p": ""}), False),
        (altered(o={"q": "abc"}), False),
        (altered(o={"q": "1\n2"}), False),
        (altered(o={"p": "1\n", "q": "2"}), False),
        (altered(o={"p": "٣"}), False),
        (altered(o={"T": 17}), False),
        (altered(E=NOW * 1000), False),
    ],
)
def test_decimals_and_timestamps_are_judged_wherever_they_stand(document: Any, expected: bool) -> None:
    assert holds(EVENT, document) is expected
    assert Schema(ShapeBuilder().build([EVENT])).conforms(json.dumps(document).encode()) is expected


def test_decimals_of_another_notation_conform_where_an_example_shows_one() -> None:
    """No single judge knows them; the columns do."""
    document = altered(o={"p": "+1e-8"})
    assert not holds(EVENT, document)
    assert not Schema(ShapeBuilder().build([EVENT])).conforms(json.dumps(document).encode())
    assert Schema(ShapeBuilder().build([EVENT, altered(o={"p": "2E-4"})])).conforms(json.dumps(document).encode())


def test_a_placeholder_of_the_example_conforms_in_place_of_a_time() -> None:
    """The single judge refuses it; the columns know it."""
    shown = {**EVENT, "E": 123456789}
    schema = Schema(ShapeBuilder().build([shown]))
    for time, expected in ((123456789, True), (NOW, True), (0, True), (NOW // 1000, False), (NOW * 1000, False)):
        assert schema.conforms(json.dumps({**shown, "E": time}).encode()) is expected


def test_one_decimal_alone_is_no_list_of_characters() -> None:
    assert holds({"p": "12"}, {"p": "34"})
    assert not holds({"p": "12"}, {"p": "1x"})
    assert not holds({"t": NOW}, {"t": 17})


def refined(**fields: Any) -> list[Refinement]:
    return [Refinement(path="p", source="", **fields)]


@pytest.mark.parametrize(
    ("documented", "refinements"),
    [
        (["0.1"], []),
        ("0.1", []),
        (NOW, []),
        ({"rows": [{"p": "1"}]}, []),
        ({"p": "1", "q": "2"}, refined(optional=True)),
        ({"p": "1", "q": "2"}, refined(nullable=True)),
        ({"p": "1", "q": "X"}, refined(when=When(field="q", one_of=("X",)))),
        ({"p": "1", "q": "2"}, refined(kind="decimal|integer")),
        ({"BTCUSDT": "1", "ETHUSDT": "2"}, []),
    ],
)
def test_what_is_not_always_in_one_place_is_left_to_the_columns(documented: Any, refinements: list[Refinement]) -> None:
    assert single_judge(ShapeBuilder(refinements).build([documented])) is None


def test_optional_fields_without_a_format_do_not_matter() -> None:
    node = ShapeBuilder([Refinement(path="note", optional=True, source="")]).build([{"p": "1", "note": "x"}])
    assert single_judge(node) is not None
    assert Schema(node).conforms(b'{"p": "1"}')
    assert not Schema(node).conforms(b'{"p": "x"}')


@pytest.mark.parametrize("last", ["", "-", ".5", "1-", " "])
def test_the_last_decimal_of_a_document_is_looked_at_like_the_others(last: str) -> None:
    """Python 3.11.2, which Debian 12 has, takes a possessive group that fails in its last round for a match."""
    documented = {"first": "0.1", "second": "2.0"}
    assert not holds(documented, {"first": "0.1", "second": last})
    assert not holds(documented, {"first": last, "second": "2.0"})
    assert not holds({"only": "0.1"}, {"only": last})

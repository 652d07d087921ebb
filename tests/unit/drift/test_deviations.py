"""What a finding says of a deviation: where it was seen, how often, of how many, and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.model import Refinement, When
from wireproof.contract.shape import ShapeBuilder
from wireproof.drift.compare import PayloadJudge
from wireproof.drift.deviations import kind_word, shorten, value_word

Said = tuple[str, str, str, int, int, tuple[str, ...]]


def explained(shown: Any, actual: Any, *refinements: Refinement) -> list[Said]:
    """Return of each finding its kind, path, what came, how often, of how many and where; text is taken as it is."""
    node = ShapeBuilder(refinements).build([shown])
    judge = PayloadJudge(contract="c", node=node, schema=Schema(node))
    body = actual.encode() if isinstance(actual, str) else json.dumps(actual).encode()
    findings = judge.explain(body)
    assert judge.conforms(body) == (not findings)
    return [(str(f.kind), f.path, f.actual, f.occurrences, f.of, f.samples) for f in findings]


@pytest.mark.parametrize(
    ("shown", "actual", "said"),
    [
        (
            {"a": [["1"]]},
            {"a": [[], ["1", "1"], ["1", 2, "1", 3]]},
            [("type-changed", "a[][]", "integer", 2, 6, ("a[2][1]", "a[2][3]"))],
        ),
        (
            [{"a": [{"b": 1}]}],
            [{"a": []}, {"a": [{"b": 1}, {"b": "x"}]}, {"a": [{"b": "x"}]}],
            [("type-changed", "[].a[].b", "string", 2, 3, ("[1].a[1].b", "[2].a[0].b"))],
        ),
        (
            [{"a": 1}, {}],
            [{}, {"a": 1}, {}, {"a": "x"}],
            [("type-changed", "[].a", "string", 1, 2, ("[3].a",))],
        ),
        (
            [{"a": {"b": 1}}, {}],
            [{}, {"a": {}}, {}, {"a": {"b": None}}],
            [
                ("missing-field", "[].a.b", "nothing", 1, 2, ("[1].a.b",)),
                ("null-value", "[].a.b", "null", 1, 1, ("[3].a.b",)),
            ],
        ),
        (
            [{"a": 1}],
            [5, {"a": "x"}, None, {"a": 1}, {"a": "x"}],
            [
                ("type-changed", "[]", "integer", 1, 5, ("[0]",)),
                ("null-value", "[]", "null", 1, 5, ("[2]",)),
                ("type-changed", "[].a", "string", 2, 3, ("[1].a", "[4].a")),
            ],
        ),
        (
            [1, {"a": 1}],
            [1, {"a": "x"}, "x"],
            [
                ("type-changed", "[]", "string", 1, 3, ("[2]",)),
                ("type-changed", "[].a", "string", 1, 1, ("[1].a",)),
            ],
        ),
        (
            {"BTCUSDT": {"x": 1}, "ETHUSDT": {"x": 1}},
            {"A1": {"x": 1}, "B1": {"x": "y"}, "C1": {}},
            [
                ("missing-field", "*.x", "nothing", 1, 3, ("C1.x",)),
                ("type-changed", "*.x", "string", 1, 2, ("B1.x",)),
            ],
        ),
        (
            [{"m": {"BTCUSDT": "1", "ETHUSDT": "1"}}],
            [{"m": {}}, {"m": {}}, {"m": {"A1": "1"}}, {"m": {"B1": 2}}],
            [("type-changed", "[].m.*", "integer", 1, 2, ("[3].m.B1",))],
        ),
        (
            {"m": {"BTCUSDT": "1", "ETHUSDT": "1"}, "n": {"BTCUSDT": "1", "ETHUSDT": "1"}, "z": 1},
            {"m": {"A1": 1}, "n": {"A1": "1"}, "z": 1},
            [("type-changed", "m.*", "integer", 1, 1, ("m.A1",))],
        ),
        (
            {"m": {"BTCUSDT": "1", "ETHUSDT": "1"}, "z": 1},
            {"m": {}, "z": "x"},
            [("type-changed", "z", "string", 1, 1, ("z",))],
        ),
        (
            [{"a": 1}, {"b": 1}],
            [{"a": 1, "z": 1}, {"b": 1, "z": 1}, {"b": 1}, {"b": 1, "z": "1"}],
            [
                (
                    "undocumented-field",
                    "[].z",
                    "undocumented field, integer or decimal string",
                    3,
                    4,
                    ("[0].z", "[1].z", "[3].z"),
                ),
            ],
        ),
        (
            [["1", 1], ["1", 1]],
            [["1", 1], [2, 1], ["1"], ["1", "x"], ["1", 1, 1], ["1", 1, 1, 1]],
            [
                ("length-changed", "[]", "1 element", 1, 6, ("[2]",)),
                ("type-changed", "[][]", "integer or string", 2, 11, ("[1][0]", "[3][1]")),
                (
                    "undocumented-element",
                    "[][]",
                    "undocumented element, 3 elements or 4 elements instead of 2",
                    2,
                    6,
                    ("[4][2]", "[5][2]"),
                ),
            ],
        ),
    ],
)
def test_a_finding_says_where_it_was_seen_and_how_often(shown: Any, actual: Any, said: list[Said]) -> None:
    assert sorted(explained(shown, actual)) == sorted(said)


@pytest.mark.parametrize(
    ("shown", "actual"),
    [
        ([{"filterType": "A", "x": 1, "a": 1}, {"filterType": "B", "x": 1, "b": 1}], {"x": "y"}),
        ([{"x": 1, "a": 1}, {"filterType": "B", "b": {"x": 1}}], {"x": "y"}),
    ],
)
def test_a_field_is_counted_over_all_elements_that_document_it(shown: list[Any], actual: Any) -> None:
    """Variants that share a path are counted together; an alternative without the field is not."""
    answers = [{**shown[0], **actual}, shown[0], shown[1], shown[0], {**shown[0], **actual}]
    variants = "filterType" in shown[0]
    if variants:
        answers.append({**shown[1], **actual})
    assert explained(shown, answers) == [
        (
            "type-changed",
            "[].x",
            "string",
            2 + variants,
            4 + 2 * variants,
            ("[0].x", "[4].x", "[5].x") if variants else ("[0].x", "[4].x"),
        )
    ]


def test_what_lies_below_variants_is_counted_over_all_of_them() -> None:
    """Free keys, rows and many unknown fields at one path, in elements of two kinds."""
    below = {"m": {"BTCUSDT": "1", "ETHUSDT": "1"}, "r": [["1", 1], ["1", 1]], "u": {"k": 1}}
    shown = [{"filterType": "A", "a": 1, **below}, {"filterType": "B", "b": 1, **below}]
    many = {"k": 1, **{f"f{number}": 1 for number in range(101)}}
    wrong = {"m": {"BTCUSDT": 1}, "r": [["1", 1, 1], ["1", 1]], "u": many}
    actual = [{**shown[0], **wrong}, {**shown[0], **wrong}, {**shown[1], **wrong}]
    assert [(s[0], s[1], *s[3:5]) for s in explained(shown, actual)] == [
        ("type-changed", "[].m.*", 3, 3),
        ("undocumented-element", "[].r[][]", 3, 6),
        ("undocumented-field", "[].u.*", 3, 3),
    ]


def test_each_kind_that_came_at_one_path_is_told_once() -> None:
    """Whichever variants it came in; what was documented is told for each."""
    shown = [{"filterType": "A", "x": "y"}, {"filterType": "B", "x": "y", "b": 1}]
    actual = [{"filterType": "A", "x": 1}, {"filterType": "B", "b": 1, "x": 1}, {"filterType": "B", "b": 1, "x": []}]
    assert [s[1:5] for s in explained(shown, actual)] == [("[].x", "integer or array", 3, 3)]


def test_an_unknown_variant_is_counted_beside_those_that_deviate_as_well() -> None:
    shown = [{"filterType": "A", "x": 1, "a": 1}, {"filterType": "B", "x": 1, "b": 1}]
    unknown = {"filterType": "C", "x": "y"}
    assert explained(shown, [shown[0], unknown, shown[1], {**shown[0], "x": "y"}]) == [
        ("undocumented-value", "[].filterType", "C", 1, 1, ("[1].filterType",)),
        ("type-changed", "[].x", "string", 2, 3, ("[1].x", "[3].x")),
    ]


def test_what_came_is_told_by_frequency() -> None:
    """The most frequent kind comes first; among equals the order of the alphabet holds."""
    assert [s[2] for s in explained(["a"], [{}, 1, 2, [], {}, 2])] == ["integer or object or array"]
    assert [s[2] for s in explained(["a"], [True, 1.5, 1])] == ["boolean or integer or number"]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "integer"),
        (1.0, "number"),
        ("1.0", "decimal string"),
        ("x", "string"),
        ("", "empty string"),
        ({}, "object"),
        ([], "array"),
    ],
)
def test_each_kind_of_value_has_its_word(value: Any, word: str) -> None:
    assert kind_word(value) == word


@pytest.mark.parametrize(
    ("time", "word"), [(-1, "1 digit"), (9, "1 digit"), (10, "2 digits"), (1_700_000_000_000_000, "16 digits")]
)
def test_a_wrong_time_is_told_by_its_digits(time: int, word: str) -> None:
    assert [s[2] for s in explained({"time": 1_700_000_000_000}, {"time": time})] == [f"integer of {word}"]


@pytest.mark.parametrize(
    ("text", "word"), [("2.8E-4", "an exponent"), ("1e9", "an exponent"), ("+1", "a sign or no digit first")]
)
def test_an_odd_notation_is_told(text: str, word: str) -> None:
    assert [s[:3] for s in explained({"a": "1.0"}, {"a": text})] == [
        ("undocumented-format", "a", f"decimal string with {word}")
    ]


def test_an_enumeration_of_decimals_lists_them_all() -> None:
    """That a value is a decimal does not make it a documented one."""
    listed = Refinement(path="a", enum=("0.1", "0.2"), source="")
    assert explained({"a": "0.1"}, {"a": "0.2"}, listed) == []
    assert [s[:3] for s in explained({"a": "0.1"}, {"a": "0.3"}, listed)] == [("undocumented-value", "a", "0.3")]


def test_what_is_documented_as_empty_is_empty() -> None:
    empty = Refinement(path="a", kind="empty", source="")
    assert explained({"a": ""}, {"a": ""}, empty) == []
    for text in ("1.5", "x"):
        assert [s[:2] for s in explained({"a": ""}, {"a": text}, empty)] == [("format-changed", "a")]


def test_integers_beyond_64_bits_are_counted_among_those_within() -> None:
    beyond = [2**64, 1, -(2**63) - 1, "x"]
    assert explained([1], beyond) == [
        ("type-changed", "[]", "string", 1, 4, ("[3]",)),
        ("format-changed", "[]", "integer beyond 64 bits", 2, 4, ("[0]", "[2]")),
    ]
    assert [s[0] for s in explained([1], [-(2**64), 1])] == ["format-changed"]
    assert explained([1, 0.5], [2**64, 1]) == []


def test_a_whole_number_is_a_constant_among_numbers_only() -> None:
    """1.0 is 1 where numbers are documented; true is never 1."""
    numbers = Refinement(path="a", constant=(1, 0.5), source="")
    for value in (1, 1.0, 0.5):
        assert explained({"a": 1, "b": 1}, {"a": value, "b": "x"}, numbers) == [
            ("type-changed", "b", "string", 1, 1, ("b",))
        ]
    assert [s[0] for s in explained({"a": 1}, {"a": True}, numbers)] == ["type-changed"]
    assert [s[0] for s in explained({"a": 1}, {"a": 2.0}, numbers)] == ["value-changed"]
    either = Refinement(path="a", constant=(1, False), source="")
    assert [s[0] for s in explained({"a": 1}, {"a": True}, either)] == ["value-changed"]
    assert [s[0] for s in explained({"a": 1}, {"a": 0}, either)] == ["value-changed"]


def test_null_is_no_absent_field_to_a_condition() -> None:
    """A field documented where another is null is not expected where that other one is absent."""
    refinements = (
        Refinement(path="[].type", optional=True, nullable=True, source=""),
        Refinement(path="[].stop", when=When(field="type", one_of=(None,)), kind="decimal", source=""),
    )
    assert explained([{"type": "X"}], [{}, {"type": "X"}, {"type": None, "stop": "1"}], *refinements) == []
    assert explained([{"type": "X"}], [{}, {"type": None}], *refinements) == [
        ("missing-field", "[].stop", "nothing", 1, 2, ("[1].stop",))
    ]


def test_beyond_a_hundred_unknown_fields_one_finding_counts_them() -> None:
    fields = {f"f{n:03}": "1" if n % 3 else n for n in range(101)}
    for path, wrap in (("", lambda inner: inner), ("r.", lambda inner: {"r": inner})):
        below = "undocumented-field", f"{path}*", "101 undocumented fields, decimal string or integer"
        assert [s[:5] for s in explained(wrap({"a": 1}), wrap({"a": 1, **fields}))] == [(*below, 1, 1)]
        del fields["f000"]
        found = explained(wrap({"a": 1}), wrap({"a": 1, **fields}))
        assert [s[1] for s in found] == [f"{path}{name}" for name in fields]
        fields["f000"] = 0
    rows = [{"a": 1}, {"a": 1, **fields}, {"a": 1, "f001": "1"}]
    assert [s[1:5] for s in explained([{"a": 1}], rows)] == [
        ("[].*", "101 undocumented fields, decimal string or integer", 2, 3)
    ]


@pytest.mark.parametrize(
    ("shown", "text", "said"),
    [
        (
            [{"a": 1}, {}],
            '[{},{"a":"x","a":1},{"a":1,"a":"x","a":"y"}]',
            [("type-changed", "[].a", "string", 3, 5, ("[1].a", "[2].a", "[2].a"))],
        ),
        (
            {"m": {"BTCUSDT": "1", "ETHUSDT": "1"}},
            '{"m":{"A1":1,"B1":"1","A1":"1"}}',
            [("type-changed", "m.*", "integer", 1, 3, ("m.A1",))],
        ),
        (
            [{"filterType": "A", "a": 1}, {"filterType": "B", "b": 1}],
            '[{"filterType":"A","a":1,"b":"x","filterType":"B","b":2}]',
            [
                ("undocumented-value", "[].filterType", "B", 1, 2, ("[0].filterType",)),
                ("undocumented-field", "[].b", "undocumented field, integer", 1, 1, ("[0].b",)),
            ],
        ),
    ],
)
def test_each_value_of_a_repeated_key_is_judged_and_counted(shown: Any, text: str, said: list[Said]) -> None:
    """Whatever value a reader takes; the kind of variant is what its key says first, as the fast path reads it."""
    assert [s for s in explained(shown, text) if s[0] != "repeated-key"] == said


def test_text_of_the_wire_is_cut_to_sixty_characters() -> None:
    assert shorten("x" * 60) == "x" * 60
    assert shorten("x" * 61) == "x" * 59 + "…"
    assert shorten("a\ud800") == "a\\ud800"


def test_values_are_named_as_they_are_and_all_else_as_json() -> None:
    assert [value_word(value) for value in ("NEW", "", 0, -1, True, None, 0.5)] == [
        "NEW",
        '""',
        "0",
        "-1",
        "true",
        "null",
        "0.5",
    ]

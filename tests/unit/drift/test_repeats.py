"""A key that an object names more than once is found wherever it is, with its path, its position and how often."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.shape import ShapeBuilder
from wireproof.drift.compare import PayloadJudge
from wireproof.drift.explain import one_line
from wireproof.drift.finding import Finding, Kind, fingerprint
from wireproof.drift.parse import may_repeat_keys, parse, parse_with_repeats
from wireproof.drift.repeats import repeats

if TYPE_CHECKING:
    from wireproof.contract.model import Refinement

CELLS = {"BTCUSDT": {"x": 1}, "ETHUSDT": {"x": 2}}
FILTERS = [{"filterType": "PRICE", "cells": CELLS}, {"filterType": "LOT", "step": 1}]


def judge(*shown: Any, refinements: tuple[Refinement, ...] = ()) -> PayloadJudge:
    node = ShapeBuilder(refinements).build(list(shown))
    return PayloadJudge(contract="c", node=node, schema=Schema(node))


def places(shown: Any, text: str) -> list[tuple[str, str, int]]:
    """Return each repeated key of a text: path, position, and how often it is named."""
    return [(one.path, one.sample, one.times) for one in repeats(judge(shown).node, parse_with_repeats(text.encode()))]


@pytest.mark.parametrize(
    ("shown", "text", "path", "sample"),
    [
        ({"a": 1}, '{"a":1,"a":2}', "a", "a"),
        ({"a": 1}, '{"a":1,"b":{"c":{"d":1,"d":2}}}', "b.c.d", "b.c.d"),
        ({"a": 1, "b": {"c": 1}}, '{"a":1,"b":{"c":1,"c":2}}', "b.c", "b.c"),
        ([{"a": 1}], '[{"a":1},{"a":1,"a":2}]', "[].a", "[1].a"),
        ({"l": [[{"a": 1}]]}, '{"l":[[],[{"a":1},{"a":1,"a":2}]]}', "l[][].a", "l[1][1].a"),
        ([["1", {"a": 1}], ["2", {"a": 1}]], '[["1",{"a":1,"a":1}]]', "[][].a", "[0][1].a"),
        (CELLS, '{"BTCUSDT":{"x":1},"SOLUSDT":{"x":1},"SOLUSDT":{"x":1}}', "*", "SOLUSDT"),
        ({"m": CELLS}, '{"m":{"SOLUSDT":{"x":1,"x":2}}}', "m.*.x", "m.SOLUSDT.x"),
        ({"m": [{"n": CELLS}]}, '{"m":[{"n":{"A1":{"x":1},"A1":{"x":1}}}]}', "m[].n.*", "m[0].n.A1"),
        (FILTERS, '[{"filterType":"PRICE","cells":{"A1":{"x":1},"A1":{"x":1}}}]', "[].cells.*", "[0].cells.A1"),
        (FILTERS, '[{"filterType":"LOT","cells":{"A1":{"x":1},"A1":{"x":1}}}]', "[].cells.A1", "[0].cells.A1"),
        (FILTERS, '[{"filterType":"NEW","cells":{"A1":{"x":1},"A1":{"x":1}}}]', "[].cells.A1", "[0].cells.A1"),
        (FILTERS, '[{"filterType":[],"cells":{"A1":{"x":1},"A1":{"x":1}}}]', "[].cells.A1", "[0].cells.A1"),
        ([{"a": CELLS}, {"b": 1}], '[{"a":{"A1":{"x":1},"A1":{"x":1}}}]', "[].a.*", "[0].a.A1"),
        ({"a": []}, '{"a":[{"b":1,"b":1}]}', "a[].b", "a[0].b"),
        ({"a": None}, '{"a":[{"b":1,"b":1}]}', "a[].b", "a[0].b"),
        ({"a": 1}, '{"a":1,"x.y":1,"x.y":1}', '["x.y"]', '["x.y"]'),
        (FILTERS, '[{"step":1,"step":1}]', "[].step", "[0].step"),
    ],
)
def test_a_repeated_key_is_found_at_its_path(shown: Any, text: str, path: str, sample: str) -> None:
    assert places(shown, text) == [(path, sample, 2)]
    findings = judge(shown)(text.encode())
    assert [(f.path, f.samples) for f in findings if f.kind is Kind.REPEATED_KEY] == [(path, (sample,))]


def test_repeated_keys_come_in_document_order_and_are_counted() -> None:
    text = '{"z":1,"z":1,"a":[{"b":1,"b":2,"b":3},{"b":1,"b":1}],"z":2,"c":{"d":1,"d":1}}'
    assert places({"a": [{"b": 1}], "z": 1}, text) == [
        ("z", "z", 3),
        ("a[].b", "a[0].b", 3),
        ("a[].b", "a[1].b", 2),
        ("c.d", "c.d", 2),
    ]


def test_a_repeat_inside_a_value_that_a_later_one_replaces_is_found() -> None:
    assert places({"a": {"b": 1}}, '{"a":{"b":1,"b":2},"a":{"b":3}}') == [("a", "a", 2), ("a.b", "a.b", 2)]


def test_all_repeats_at_one_path_are_one_finding() -> None:
    """It says how often a key was named at worst, how many objects do it, and where the first three are."""
    rows = ['{"a":1,"a":2}', '{"a":1,"a":2,"a":3}', '{"a":1}', '{"a":1,"a":2}', '{"a":1,"a":2}']
    assert judge([{"a": 1}])(f"[{','.join(rows)}]".encode()) == [
        Finding(
            contract="c",
            path="[].a",
            kind=Kind.REPEATED_KEY,
            severity="breaking",
            expected="a key that is named once",
            actual="a key that is named 3 times",
            occurrences=4,
            of=4,
            samples=("[0].a", "[1].a", "[3].a"),
            fingerprint=fingerprint("c", "[].a", Kind.REPEATED_KEY),
        )
    ]


def test_one_repeated_key_is_told_without_a_count() -> None:
    [finding] = judge({"a": 1})(b'{"a":1,"a":2}')
    assert one_line(finding) == "a  expected a key that is named once, got a key that is named 2 times  (breaking)"


@pytest.mark.parametrize(
    ("text", "repeats_keys"),
    [
        ('{"a":1,"b":"x"}', False),
        ('{"a":1,"a":1}', True),
        ('{"a":{"b":[]},"c":[{"b":2}]}', False),
        ('{"a":{"b":1,"b":1},"c":":"}', True),
        ('{"a":1,"\\u0061":1}', True),
        ('{"a":"x","a":"\\u003a"}', True),  # the text has as many colons as the document needs
        ('{"a:b":":"}', False),
    ],
)
def test_a_text_is_read_again_only_if_it_may_name_a_key_twice(text: str, repeats_keys: bool) -> None:
    """Colons are counted; where escapes could hide or add one, the text is read again."""
    body = text.encode()
    assert may_repeat_keys(parse(body), body) == (repeats_keys or "\\" in text)
    assert (parse_with_repeats(body) is not None) == repeats_keys
    assert [f.kind for f in judge(parse(body)).explain(body)] == [Kind.REPEATED_KEY] * repeats_keys


def test_each_repeated_value_is_kept_in_order() -> None:
    document = parse_with_repeats(b'{"a":1,"b":2,"a":3,"c":4,"a":5}')
    assert document == json.loads('{"a":5,"b":2,"c":4}')
    assert document.earlier == [("a", 1), ("a", 3)]

"""A key that an object names twice is found by counting, whatever the shape; sound texts are not looked at twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wireproof.contract.compiling import compiled_shape, keys
from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.model import Refinement, When
from wireproof.contract.shape import ShapeBuilder

SHAPES: dict[str, tuple[Any, tuple[Refinement, ...]]] = {
    "object": ({"a": 1, "b": "x"}, ()),
    "array of objects": ([{"a": 1}, {"a": 2}], ()),
    "optional field": ([{"a": 1, "b": 1}, {"a": 2}], ()),
    "condition": (
        {"a": "X", "b": 1},
        (Refinement(path="b", when=When(field="a", one_of=("X",)), source=""),),
    ),
    "map": ({"BTCUSDT": {"a": 1}, "ETHUSDT": {"a": 1}}, ()),
    "variants": ([{"type": "A", "x": 1}, {"type": "B", "y": {"z": 1}}], ()),
    "alternatives": ([{"orderId": 1, "p": "1"}, {"code": 1, "msg": "x"}], ()),
    "anything": ({"a": {"b": [{"c": 1}]}}, (Refinement(path="a", kind="any", source=""),)),
    "object or null": ([{"a": {"b": 1}}, {"a": None}], ()),
    "object or array": ({"a": {"b": 1}}, (Refinement(path="a", kind="object|array", source=""),)),
    "row with an object": (
        [[1, {"a": 1}], [2, {"a": 1}, 3]],
        (Refinement(path="[]", positional=True, source=""),),
    ),
    "nested": ({"a": [{"b": [{"c": {"d": 1}}]}], "e": {}}, ()),
}


def inner_objects(text: str) -> list[int]:
    return [i for i, character in enumerate(text) if character == "}" and text[i - 1] != "{"]


@pytest.mark.parametrize("name", SHAPES)
def test_a_key_named_twice_is_refused_in_each_object(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, refinements = SHAPES[name]
    judge = Schema(ShapeBuilder(refinements).build([shown]))
    text = json.dumps(shown)
    assert judge.compiled
    with monkeypatch.context() as patch:
        patch.setattr(compiled_shape, "no_key_repeated", lambda _: pytest.fail("a sound text was looked at key by key"))
        assert judge.conforms(text.encode())
        assert judge.conform_all([text.encode()] * 3)
    for end in inner_objects(text):
        start = text.rindex("{", 0, end)
        pair = text[start + 1 : end] if "{" not in text[start + 1 : end] else ""
        doubled = f"{text[:end]}, {pair}{text[end:]}".encode()
        if pair:
            assert not judge.conforms(doubled)
            assert not judge.conform_all([text.encode(), doubled])


@pytest.mark.parametrize("text", ['{"a":"x:y"}', '{"a" :"x"}', '{"a":"\\u003a"}', '{"a":"\\":\\""}', '{"\\u0061":"x"}'])
def test_colons_in_strings_are_no_repeated_keys(text: str) -> None:
    judge = Schema(ShapeBuilder().build([{"a": "x"}]))
    assert judge.conforms(text.encode())
    assert not judge.conforms(f'{text[:-1]},"a":"y"}}'.encode())


def test_a_large_answer_is_counted_over_its_windows() -> None:
    elements = [{"a": i, "b": {"c": "x:y" if i % 2 else "z"}} for i in range(3000)]
    for wrapped in (elements, {"list": elements, "time": 1}):
        text = json.dumps(wrapped).encode()
        judge = Schema(ShapeBuilder().build([json.loads(json.dumps(wrapped))]))
        assert len(text) > 32_768
        assert judge.conforms(text)
        assert not judge.conforms(text.replace(b'{"a": 1500,', b'{"a": 1, "a": 1500,'))
    assert not judge.conforms(text[:-1] + b', "time": 2}')
    assert not judge.conforms(text[:-1] + b', "list": []}')


def test_numbers_of_any_length_are_no_obstacle() -> None:
    assert keys.no_key_repeated(b'{"a":' + b"9" * 5000 + b',"b":1e400}')
    assert not keys.no_key_repeated(b'[{"a":[{"b":1,"b":2}]}]')

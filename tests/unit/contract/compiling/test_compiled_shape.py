"""The compiled form of a shape judges bytes in one pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wireproof.contract.compiling import compiled_shape
from wireproof.contract.compiling.compiled_shape import Schema, all_decimals, all_timestamps
from wireproof.contract.shape import ShapeBuilder


def compiled(*shown: Any, formats: bool = True) -> Schema:
    return Schema(ShapeBuilder().build(list(shown)), formats=formats)


@pytest.mark.parametrize(
    "texts",
    [[], ["0"], ["1.50", "-3", "5.", "123456789.123456789"]],
)
def test_numbers_in_strings_are_decimals(texts: list[str]) -> None:
    assert all_decimals(texts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1e-8",
        "1E+10",
        "+3",
        ".5",
        ".",
        "-",
        "1.2.3",
        "1-2",
        "--1",
        "1.0\n",
        "\n1.0",
        "1.0\n2.0",
        " 1",
        "1 ",
        "1_000",
        "NaN",
        "\u0661",
        "0x1",
    ],
)
def test_one_string_that_is_no_number_is_noticed(text: str) -> None:
    assert not all_decimals([text])
    assert not all_decimals(["1.0", text, "2.0"])


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([], True), ([10**12, 0], True), ([10**13 - 1], True), ([10**13], False), ([1700000000], False), ([-1], False)],
)
def test_times_are_thirteen_digits_or_zero(numbers: list[int], said: bool) -> None:
    assert all_timestamps(numbers) is said


def test_formats_can_be_left_out() -> None:
    body = b'{"price":"cheap","time":5}'
    documented = {"price": "1.0", "time": 1700000000000}
    assert not compiled(documented).conforms(body)
    assert compiled(documented, formats=False).conforms(body)


def test_formats_are_judged_wherever_they_stand() -> None:
    documented = {
        "list": [{"p": "1.0"}, {"p": None}],
        "rows": [[1700000000000, "1.0", "x"]],
        "map": {"BTCUSDT": {"p": "1"}, "ETHUSDT": {"p": "1"}},
        "mixed": [1, "1.0"],
        "variants": [{"type": "A", "p": "1"}, {"type": "B", "q": 1}],
        "some": [{"a": 1}, {"a": 1, "p": "1"}],
    }
    sound = json.dumps(documented)
    judge = compiled(documented)
    assert judge.conforms(sound.encode())
    for at in [i for i in range(len(sound)) if sound.startswith(('"1"', '"1.0"'), i)]:
        assert not judge.conforms((sound[:at] + '"?' + sound[at + 1 :]).encode()), sound[at - 20 : at + 5]


LARGE = {
    "depth": {"id": 7, "bids": [["1.0", "2.0"]] * 3000, "asks": [["1.0", "2.0"]] * 3000},
    "klines": [[1700000000000, "1.0", 5]] * 2000,
    "objects": [{"a": "1.0", "t": 1700000000000}] * 2000,
    "nested": {"symbols": [{"s": "A],[B", "f": [{"type": "X", "v": "1"}, {"type": "Y", "w": 1}]}] * 800},
    "nothing but text": {"list": ["x" * 50] * 2000},
}


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["dense", "with spaces"])
@pytest.mark.parametrize("documented", LARGE.values(), ids=LARGE)
def test_large_answers_are_judged_like_small_ones(documented: Any, separators: tuple[str, str]) -> None:
    body = json.dumps(documented, separators=separators).encode()
    assert len(body) > compiled_shape._LARGE
    judge = compiled(documented)
    assert judge.conforms(body)
    middle = len(body) // 2
    for old, new in [(b'"1.0"', b'"?.0"'), (b'"1"', b'"?"'), (b'"x', b"1"), (b"1700000000000", b"17000000000")]:
        at = body.find(old, middle)
        if at >= 0:
            assert not judge.conforms(body[:at] + new + body[at + len(old) :])
    assert not judge.conforms(body[:-1])
    assert not judge.conforms(body + b"]")


def test_several_small_documents_are_judged_together() -> None:
    judge = compiled({"p": "1.0"})
    assert judge.conform_all([b'{"p":"1"}', b'{"p":"2"}'])
    assert not judge.conform_all([b'{"p":"1"}', b'{"p":"x"}'])
    assert not judge.conform_all([b'{"p":"1"}', b""])
    assert not judge.conform_all([b'{"p":"1"}\n{"p":"2"}'])
    assert not judge.conform_all([b'{"p":"1"}\n{"p":"2"}', b""])

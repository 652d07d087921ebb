"""Answers to the suite's own requests are read by kind; what is wrong is named by request and path, never by value."""

from __future__ import annotations

import ast
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wireproof.suite
from wireproof.suite.state.own_answers import Answer, UnreadableError

READERS = ("text", "integer", "decimal", "flag", "rows", "sole")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(value=json_values, reader=st.sampled_from(READERS))
def test_any_value_is_read_or_refused(value, reader):
    """No reader raises anything else, whatever JSON it is given; no sentence holds the value."""
    answer = Answer("GET /x", {"field": value}).at("field")
    said = refusal(lambda: list(answer.rows()) if reader == "rows" else getattr(answer, reader)())
    assert said == "" or said.startswith("GET /x: `field")
    assert len(said) < 120


def refusal(read):
    """Return what a reader says of an answer that it cannot use."""
    try:
        read()
    except UnreadableError as error:
        return str(error)
    return ""


@given(raw=st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_decoded_or_refused(raw):
    """What is no JSON is said to be none."""
    said = refusal(lambda: Answer.decode("order.status", raw))
    assert said in {"", "order.status: the answer is no JSON that can be read"}


@pytest.mark.parametrize("raw", [b"[" * 100_000, b"1" * 5000, b"\xff"], ids=["deep", "long", "no-utf-8"])
def test_a_body_that_no_reader_can_follow_is_no_json(raw):
    """Nesting, numbers and bytes have bounds."""
    with pytest.raises(UnreadableError):
        Answer.decode("order.status", raw)


@pytest.mark.parametrize(
    ("value", "reader", "said"),
    [
        ({}, "text", "`rows[1].id` is missing"),
        ({"id": None}, "text", "`rows[1].id` is null, and a text that can be shown was needed"),
        ({"id": ""}, "decimal", "`rows[1].id` is an empty text, and a number was needed"),
        ({"id": "1e999999"}, "decimal", "`rows[1].id` is text, and a number was needed"),
        ({"id": "NaN"}, "decimal", "`rows[1].id` is text, and a number was needed"),
        ({"id": True}, "integer", "`rows[1].id` is true or false, and a whole number was needed"),
        ({"id": "x"}, "integer", "`rows[1].id` is text, and a whole number was needed"),
        ({"id": "secret\x1b[0m"}, "text", "`rows[1].id` is text, and a text that can be shown was needed"),
        ({"id": "yes"}, "flag", "`rows[1].id` is text, and true or false was needed"),
        ([], "text", "`rows[1]` is an empty list, and an object was needed"),
    ],
)
def test_what_is_wrong_is_said_with_request_and_path(value, reader, said):
    """A person finds the place in what the request was answered."""
    row = list(Answer("GET /x", {"rows": [{}, value]}).at("rows").rows())[1]
    with pytest.raises(UnreadableError) as raised:
        getattr(row, reader)("id")
    assert str(raised.value) == f"GET /x: {said}"


@pytest.mark.parametrize(
    ("value", "reader", "found"),
    [
        ("21", "integer", 21),
        (20, "integer", 20),
        ("0.10", "decimal", Decimal("0.10")),
        (5, "decimal", Decimal(5)),
        ("true", "flag", True),
        (False, "flag", False),
    ],
)
def test_numbers_may_be_written_as_text(value, reader, found):
    """As the exchange does here and there; which of both is documented is for the comparison to say."""
    assert getattr(Answer("GET /x", {"a": value}), reader)("a") == found


def test_no_module_reads_such_an_answer_itself():
    """JSON is decoded, a document taken out of an `Answer`, and a request sent, in a few places only."""
    decoding, taking, sending = set(), set(), set()
    for file in Path(wireproof.suite.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else ""
            decoding |= {file.stem} if name == "loads" else set()
            taking |= {file.stem} if name == "document" else set()
            called = node.func if isinstance(node, ast.Call) else None
            sending |= {file.stem} if isinstance(called, ast.Attribute) and called.attr == "request" else set()
    assert not hasattr(Answer, "__getitem__")
    # A case's own parameters and command, and a file of wireproof.
    assert decoding == {"own_answers", "commands", "fate", "journal"}
    # A witness says itself what it cannot use; the id of a conversion is sent back as it was written.
    # Frames of private streams have a document as well, which is no answer.
    assert taking - {"event_ledger", "event_reports"} == {"product_streams", "settings"}
    # A case's own requests are compared whole; `wireproof doctor` asks before there is a run.
    assert sending == {"account", "transport", "product_streams", "diagnosis"}

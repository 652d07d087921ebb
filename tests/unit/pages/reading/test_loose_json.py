"""Documentation JSON read as a person would, each repair noted, the rest refused with line and reason."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireproof.pages.reading.loose_json import UnreadableJson, read

BOUNDED = settings(max_examples=150, deadline=None, derandomize=True)


def only(text):
    """Return the value of the one document of a block."""
    reading = read(text)
    assert len(reading.documents) == 1
    return reading.documents[0].value


def repairs(text):
    return [(repair.line, repair.what) for repair in read(text).repairs]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": [true, null, "x"]}', {"a": 1, "b": [True, None, "x"]}),
        ('{"a": 1.50, "b": -2e3}', {"a": 1.5, "b": -2000.0}),
        ('{"a": "say \\"hi\\" \\u0041"}', {"a": 'say "hi" A'}),
        ('{"a": "a \u201cquoted\u201d word", "b": 1}', {"a": "a \u201cquoted\u201d word", "b": 1}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        ("[]", []),
    ],
)
def test_sound_json_is_read_without_a_repair(text, value):
    assert only(text) == value
    assert repairs(text) == []


@pytest.mark.parametrize(
    ("text", "value", "line", "what"),
    [
        ('{"a": 1,}', {"a": 1}, 1, "a comma before a closing bracket"),
        ("[1,\n2,\n]", [1, 2], 2, "a comma before a closing bracket"),
        ('{"a": 1\n"b": 2}', {"a": 1, "b": 2}, 1, "a missing comma"),
        ('[{"a": 1}\n{"a": 2}]', [{"a": 1}, {"a": 2}], 1, "a missing comma"),
        ("[1,, 2]", [1, 2], 1, "a comma with nothing before it"),
        ("[1, ...]", [1], 1, "an ellipsis: the page leaves more of the same out"),
        ('{"a": 1, \u2026}', {"a": 1}, 1, "an ellipsis: the page leaves more of the same out"),
        ('{\u00a0"a": 1}', {"a": 1}, 1, "a space that JSON does not know"),
        ('{"a": "x\u00a0y"}', {"a": "x y"}, 1, "a no-break space in a string, read as a space"),
        ('{"a": "0\t"}', {"a": "0"}, 1, "a tab in a string, left out"),
        ("{'a': 1}", {"a": 1}, 1, "quote ' read as a double quote"),
        ('{"a": \u201cx\u201d}', {"a": "x"}, 1, "quote \u201c read as a double quote"),
        ('{"a": "x\u201d}', {"a": "x"}, 1, "quote \u201d read as a double quote"),
        ("{a: 1}", {"a": 1}, 1, "field a without quotes"),
        ('{a": 1}', {"a": 1}, 1, "field a without its opening quote"),
        ('{"a": BTCUSDT}', {"a": "BTCUSDT"}, 1, "bare word BTCUSDT read as a string"),
        ('{"a": None}', {"a": None}, 1, "None read as null"),
        (
            '{"a": "BTC,\n"b": 1}',
            {"a": "BTC", "b": 1},
            1,
            "a string without its closing quote, closed before the comma",
        ),
        ('{"a": 1, "a": 2}', {"a": 2}, 1, "field a given twice, the later one kept"),
        ('{"a"\uff1a 1}', {"a": 1}, 1, "\uff1a read as :"),
        ('{"a": "\\q"}', {"a": "\\q"}, 1, "a backslash that escapes nothing, kept as it is"),
        ('{"a": 1}}', {"a": 1}, 1, "one closing bracket too many"),
    ],
)
def test_each_slip_is_read_and_noted_with_its_line(text, value, line, what):
    assert only(text) == value
    assert (line, what) in repairs(text)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('{"a": 1', 1, "the object opened on line 1 is not closed"),
        ('{\n"b": [1, 2\n}', 3, "the list opened on line 2 is not closed"),
        ('{"a": }', 1, "} stands where the value of a is due"),
        ('{"a" 1}', 1, "field a has no colon after its name, but 1"),
        ('{"a": 1: 2}', 1, "a second colon in one field"),
        ('{\n"a": "long text, that goes on; and', 2, 'a string opens with " and is not closed on its line'),
        ('{"a":', 1, "the block ends where the value of a is due"),
        ('{"a": foo(bar)}', 1, "foo(bar) is not JSON here"),
        ("}", 1, "} closes what was never opened"),
        ("[" * 100, 1, "brackets nested deeper than 64"),
        ('{"a": ' + "9" * 50 + "}", 1, "a number of 50 digits"),
        ('{"a": ' + "9" * 30 + "}", 1, f"the number {'9' * 30} is larger than JSON readers take"),
        ('{"a": 1e999}', 1, "the number 1e999 is larger than JSON readers take"),
        ('{"a": "\\ud83d"}', 1, "an escape stands for half a character"),
    ],
)
def test_what_would_need_a_guess_is_refused_with_line_and_reason(text, line, reason):
    with pytest.raises(UnreadableJson) as error:
        read(text)
    assert (error.value.line, error.value.reason) == (line, reason)
    assert str(error.value) == f"line {line}: {reason}"


def test_two_documents_of_a_block_are_kept_apart_with_the_words_between_them():
    reading = read('{"a": 1}\nOR (when symbol is sent)\n[{"a": 2}]\ntail')
    assert [(d.value, d.caption) for d in reading.documents] == [
        ({"a": 1}, ""),
        ([{"a": 2}], "OR (when symbol is sent)"),
    ]
    assert reading.trailer == "tail"


def test_a_comment_belongs_to_the_field_of_its_line():
    text = """{   // on the document
        "a": 1,        // on a
        "b": {         // on b
            "c": "x"   /* on c */
        },
        // on a line of its own
        "d": [
            1,         // on an element
            {"e": 2}   # on e
        ]
    }"""
    found = {(c.path, c.text, c.on_field) for c in read(text).documents[0].comments}
    assert found == {
        ("", "on the document", False),
        ("a", "on a", True),
        ("b", "on b", True),
        ("b.c", "on c", True),
        ("", "on a line of its own", False),
        ("d[]", "on an element", True),
        ("d[].e", "on e", True),
    }


def test_a_comment_that_holds_json_stays_a_comment():
    assert only('{"a": true, // "x": 1, "b": 2\n"c": 3}') == {"a": True, "c": 3}


def test_an_address_in_a_string_is_no_comment():
    assert only('{"url": "https://example.com/a#b"}') == {"url": "https://example.com/a#b"}


def test_words_without_json_are_no_document():
    reading = read("Name | Type")
    assert reading.documents == []
    assert reading.trailer == "Name | Type"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\u00a0\u200b\ufeff\t")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab.[]\u4e2d", max_size=6), inner, max_size=4),
    max_leaves=15,
)


@BOUNDED
@given(st.lists(json_values, max_size=4) | st.dictionaries(st.text("abcd", max_size=6), json_values, max_size=4))
def test_whatever_strict_json_holds_is_read_the_same(value):
    text = json.dumps(value)
    assert json.loads(json.dumps(only(text)), parse_float=Decimal) == json.loads(text, parse_float=Decimal)


@BOUNDED
@given(st.text(alphabet="{}[]:,\"'/*#.\\\n\t 01aex\u2026\u201c\u00a0-", max_size=60))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(UnreadableJson):
        read(text)

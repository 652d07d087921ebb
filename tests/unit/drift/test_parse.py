"""What is said of bytes that are no JSON document, and where."""

from __future__ import annotations

import codecs
import gzip

import pytest

from wireproof.drift.parse import Unparseable, parse


def problem(body: bytes) -> tuple[str, str]:
    with pytest.raises(Unparseable) as error:
        parse(body)
    return error.value.path, str(error.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b" \n", "an empty answer"),
        (b'{"a":1} x', "no JSON: trailing characters after it, 'x' (byte 8)"),
        (b"true\0", "no JSON: trailing characters after it, U+0000 (byte 4)"),
        (b'{"a":', "no JSON: it ends too early, after 5 bytes at a"),
        ("<html><title>Überlastet</title>".encode("latin-1"), "an HTML page titled '\ufffdberlastet'"),
        (b"<TITLE lang='en'>\n 502\n  Bad Gateway </TITLE>", "an HTML page titled '502 Bad Gateway'"),
        (b"<html>", "an HTML page"),
        (b"\n <html>", "an HTML page"),
        (b"\xef\xbb\xbf{}", "a byte order mark before the JSON"),
        (gzip.compress(b"{}", mtime=0), "compressed by gzip, without a Content-Encoding that says so"),
        (b"\x28\xb5\x2f\xfd\x00", "compressed by zstd, without a Content-Encoding that says so"),
        ("{}".encode("utf-16"), "UTF-16, where JSON is UTF-8"),
        ("{}".encode("utf-32"), "UTF-32, where JSON is UTF-8"),
        (codecs.BOM_UTF32_BE + "{}".encode("utf-32-be"), "UTF-32, where JSON is UTF-8"),
        (codecs.BOM_UTF16_BE + "{}".encode("utf-16-be"), "UTF-16, where JSON is UTF-8"),
        ("{}".encode("utf-16-be"), "UTF-16, where JSON is UTF-8"),
    ],
)
def test_what_is_no_json_is_said_in_one_line(body: bytes, said: str) -> None:
    assert problem(body) == ("", said)


@pytest.mark.parametrize(
    ("body", "path", "number"),
    [
        (b'{"x":[1,{"y":2}],"a":NaN}', "a", "NaN is no number of JSON"),
        (b'{"x":{"y":2},"a":{"b":-Infinity}}', "a.b", "-Infinity is no number of JSON"),
        (b"[[1],[2,1e400]]", "[][]", "the number 1e400 is larger than a double holds"),
        (b'{"b":1e999,"a":NaN}', "b", "the number 1e999 is larger than a double holds"),
        (b"[-1e999,NaN]", "[]", "the number -1e999 is larger than a double holds"),
        (b'{"a":["x","\\ud83dx"],"b":NaN}', "a[]", "the lone surrogate \\ud83d, which is no character"),
        (b'"\\udc00"', "", "the lone surrogate \\udc00, which is no character"),
        (b'{"a":{"\\ud800":1}}', "a", "in a key, the lone surrogate \\ud800, which is no character"),
    ],
)
def test_the_first_value_that_cannot_be_read_is_named(body: bytes, path: str, number: str) -> None:
    """In the order of the document, whatever stands before and after it."""
    assert problem(body) == (path, f"no JSON: {number}")


@pytest.mark.parametrize(
    "body",
    [
        b"1e308",
        b"-1e308",
        b"1e-400",
        b"123456789012345678901234567890",
        b'{"a":0.1}',
        b'"\\ud83d\\ude00"',
        '"ü"'.encode(),
    ],
)
def test_what_is_merely_long_or_small_or_foreign_is_read(body: bytes) -> None:
    parse(body)


def test_a_text_without_an_odd_value_is_told_by_its_first_fault() -> None:
    """Such as one that only this parser refuses."""
    assert problem(b'{"a":NaN')[1] == "no JSON: NaN is no value of JSON (byte 5)"

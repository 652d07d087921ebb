"""What no JSON reader understands is named: what the bytes are instead, or what is wrong with them and where."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zlib

import pytest

from wireproof.drift.offline import Offline
from wireproof.drift.parse import Unparseable, parse
from wireproof.drift.unreadable import path_at

TEXT = b'{"symbol":"BTCUSDT","price":"1.0"}'
UNSAID = "without a Content-Encoding that says so"


def said_of(body: bytes) -> tuple[str, str]:
    with pytest.raises(Unparseable) as caught:
        parse(body)
    return str(caught.value), caught.value.path


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(gzip.compress(TEXT), f"compressed by gzip, {UNSAID}", id="gzip"),
        pytest.param(zlib.compress(TEXT), f"compressed by deflate (zlib), {UNSAID}", id="zlib"),
        pytest.param(zlib.compress(TEXT, 1), f"compressed by deflate (zlib), {UNSAID}", id="zlib-fast"),
        pytest.param(zlib.compress(TEXT * 9, wbits=-15), f"compressed by deflate, {UNSAID}", id="deflate"),
        pytest.param(b"\x28\xb5\x2f\xfd\x04\x00", f"compressed by zstd, {UNSAID}", id="zstd"),
        pytest.param(bz2.compress(TEXT), f"compressed by bzip2, {UNSAID}", id="bzip2"),
        pytest.param(lzma.compress(TEXT), f"compressed by xz, {UNSAID}", id="xz"),
        pytest.param(b"\x0b\x10\x80" + TEXT + b"\x03", f"brotli, {UNSAID}, looks like this", id="brotli"),
        pytest.param(TEXT.decode().encode("utf-16"), "UTF-16, where JSON is UTF-8", id="utf-16"),
        pytest.param(TEXT.decode().encode("utf-16-le"), "UTF-16, where JSON is UTF-8", id="utf-16-le"),
        pytest.param(TEXT.decode().encode("utf-16-be"), "UTF-16, where JSON is UTF-8", id="utf-16-be"),
        pytest.param(b"\x37\x00", "UTF-16, where JSON is UTF-8", id="utf-16-le-short"),
        pytest.param(TEXT.decode().encode("utf-32"), "UTF-32, where JSON is UTF-8", id="utf-32"),
        pytest.param(TEXT.decode().encode("utf-32-be"), "UTF-32, where JSON is UTF-8", id="utf-32-be"),
        pytest.param(TEXT.decode().encode("utf-8-sig"), "a byte order mark before the JSON", id="bom"),
        pytest.param(b"\0\0\0\0", "4 NUL bytes", id="nul"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "a PNG image", id="png"),
        pytest.param(b"Service Unavailable", "no JSON: Service is no value of JSON (byte 0)", id="words"),
        pytest.param(TEXT + b"\0", "no JSON: trailing characters after it, U+0000 (byte 34)", id="trailing-nul"),
        pytest.param(TEXT + TEXT, 'no JSON: trailing characters after it, \'{"symbol"', id="two-documents"),
        pytest.param(TEXT[:20], "no JSON: it ends too early, after 20 bytes", id="cut"),
        pytest.param(b"[" * 5000 + b"]" * 5000, "JSON nested deeper than can be read", id="deep"),
    ],
)
def test_bytes_that_are_no_json_as_a_whole_are_named(body, said):
    """The finding stands at the top: there is no place in it that is wrong."""
    sentence, path = said_of(body)
    assert said in sentence
    assert path == ""


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        (rb'{"a":["\ud800"]}', "a[]", r"the lone surrogate \ud800"),
        (rb'{"a":{"b":"\udc00x"}}', "a.b", r"the lone surrogate \udc00"),
        (rb'{"a":{"\ud800":1}}', "a", "in a key, the lone surrogate"),
        (b'{"a":["\xed\xa0\x80"]}', "a[]", "invalid UTF-8"),
        (b'{"a":{"b":"\xe9"}}', "a.b", "invalid UTF-8"),
        (b'{"a":["x\0y"]}', "a[]", "invalid character U+0000 (byte 8)"),
        (b'{"a":{"b":\0}}', "a.b", "invalid character U+0000"),
        (b'{"a":{"b":"x\ny"}}', "a.b", "invalid character U+000A"),
        (b'{"a":[1,{"b":undefined}]}', "a[].b", "undefined is no value of JSON (byte 13)"),
        (b'{"a":nan}', "a", "nan is no value of JSON"),
        (b'{"x":"nan","a":[None]}', "a[]", "None is no value of JSON"),
        (b'{"a":[0,01]}', "a[]", "invalid number"),
        (b'{"a":+1}', "a", "invalid character '+'"),
        (b'{"a":[1,2,]}', "a[]", "trailing comma"),
        (rb'{"a":{"b":"\x41"}}', "a.b", "invalid escape"),
        (b'{"a":{"x y":"\xff"}}', 'a["x y"]', "invalid UTF-8"),
    ],
)
def test_what_is_wrong_inside_is_named_at_its_path(body, path, said):
    sentence, where = said_of(body)
    assert (where, said in sentence) == (path, True), sentence


@pytest.mark.parametrize("body", [b'{"a":"\\ud83d\\ude00"}', b'{"a":"\\u0000"}', b"[1e308]\r\n", b" [1] "])
def test_what_json_allows_is_read(body):
    """Surrogate pairs, escaped control characters, the largest doubles and white space are JSON."""
    assert parse(body) == json.loads(body)


def test_any_cut_of_a_document_has_a_path_and_no_traceback():
    body = b'{"a":[{"b":"\\"{[,","c d":[1,2,{"e":null}]},{"b":"","f":true}],"g":{}}'
    for end in range(len(body)):
        path_at(body, end)
        said_of(body[:end])
    assert path_at(body, body.index(b"null")) == 'a[]["c d"][].e'
    assert path_at(body, body.index(b"true")) == "a[].f"
    assert path_at(body, body.index(b"{}}")) == "g"


def test_the_comparison_reports_it():
    [finding] = Offline().payloads(b'{"a":{"b":1}}', b'{"a":{"b":Infinity}}')
    assert (finding.path, finding.kind, finding.actual) == (
        "a.b",
        "unparseable",
        "no JSON: Infinity is no number of JSON",
    )

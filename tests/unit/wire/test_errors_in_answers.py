"""Which documents are errors, what they are about, and what is kept of an answer to report it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wireproof.recognition import (
    LONGEST_ERROR,
    ApiError,
    Concern,
    Recognition,
    Sort,
    bare_error_in,
    concern_of,
    concern_of_code,
    error_in,
    may_hold_error,
    page_words,
    recognise,
    shortened,
)

Error = tuple[Any, str] | None


def told(error: ApiError | None) -> Error:
    return None if error is None else (error.code, error.text)


@pytest.mark.parametrize(
    ("document", "error"),
    [
        # below `error`
        ({"error": {"code": 1}}, (1, "")),
        ({"error": {"msg": "x"}}, (None, "x")),
        ({"error": {"code": 1, "msg": "x"}, "code": 2, "msg": "y"}, (1, "x")),
        ({"error": {}}, None),
        ({"error": {"rate": 1}}, None),
        ({"error": "x"}, (None, "x")),
        ({"error": "x", "code": 7}, (7, "x")),
        ({"error": "Bad Request", "message": "what is wrong"}, (None, "what is wrong")),
        ({"error": "x", "result": 1}, None),
        ({"error": ""}, None),
        ({"error": None, "result": {}}, None),
        ({"error": 5}, None),
        # a negative code
        ({"code": -1}, (-1, "")),
        ({"code": "-1"}, ("-1", "")),
        ({"code": -1, "data": None}, (-1, "")),
        ({"code": -1, "msg": "x", "orderId": 1}, (-1, "x")),
        ({"code": -1, "orderId": 1}, None),
        ({"code": 0, "msg": "x"}, None),
        ({"code": 1, "msg": "x"}, None),
        ({"code": "abc", "msg": "x"}, None),
        ({"code": True, "msg": "x"}, None),
        ({"code": -1.5, "msg": "x"}, None),
        ({"code": "", "errorCode": -5, "errorMsg": "x"}, (-5, "x")),
        ({"errCode": -5, "errorMessage": "x"}, (-5, "x")),
        ({"code": -5, "msg": "", "message": "x"}, (-5, "x")),
        ({"code": -5, "msg": 1, "error_description": "x"}, (-5, "x")),
        # `success` is false
        ({"success": False}, (None, "")),
        ({"success": False, "data": None}, (None, "")),
        ({"success": False, "x": 1}, None),
        ({"success": False, "x": 1, "code": 0}, (0, "")),
        ({"success": False, "x": 1, "msg": "x"}, (None, "x")),
        ({"success": True, "code": 5, "msg": "x"}, None),
        ({"success": 0, "code": 5, "msg": "x"}, None),
        # a word for a failure
        ({"status": "error", "code": 5}, (5, "")),
        ({"status": "FAIL", "msg": "x", "y": 1}, (None, "x")),
        ({"status": "ERROR"}, None),
        ({"status": "NEW", "msg": "x"}, None),
        # an error as the result of an envelope
        ({"status": 200, "result": {"code": -1, "msg": "x"}}, (-1, "x")),
        ({"status": 200, "result": {"status": 200, "result": {"code": -1}}}, (-1, "")),
        ({"result": {"code": -1, "msg": "x"}}, None),
        ({"status": 200, "result": [{"code": -1, "msg": "x"}]}, None),
        ({"status": 200, "result": None}, None),
        # no object
        ([{"code": -1, "msg": "x"}], None),
        ("error", None),
        (None, None),
    ],
)
def test_a_document_is_an_error_by_what_it_holds(document: Any, error: Error) -> None:
    assert told(error_in(document)) == error


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"code": 0, "msg": "Service unavailable"}, (0, "Service unavailable")),
        ({"code": 200, "msg": "no"}, (200, "no")),
        ({"code": 5, "msg": "success"}, (5, "success")),
        ({"code": 5, "msg": "x", "data": {}, "success": True}, (5, "x")),
        ({"code": 200, "msg": "success"}, None),
        ({"code": 0, "msg": "OK"}, None),
        ({"code": "0", "msg": ""}, None),
        ({"code": 5}, None),
        ({"code": None, "msg": "x"}, None),
        ({"msg": "x"}, None),
        ({"code": 5, "msg": "x", "price": "1"}, None),
        ([], None),
        (None, None),
    ],
)
def test_code_and_text_alone_are_an_error_unless_they_confirm(document: Any, error: Error) -> None:
    """Where no documented success has a code: a gateway's way to say no."""
    assert told(bare_error_in(document)) == error


@pytest.mark.parametrize(
    ("body", "worth"),
    [
        (b'{"code":1}', True),
        (b'{"error":{}}', True),
        (b'{"errorCode":1}', True),
        (b'{"errCode":1}', True),
        (b'{"success":false}', True),
        (b'{"price":"1"}', False),
        (b'{"code":1}'.ljust(LONGEST_ERROR), True),
        (b'{"code":1}'.ljust(LONGEST_ERROR + 1), False),
    ],
)
def test_an_answer_is_looked_at_again_only_if_it_may_hold_an_error(body: bytes, worth: bool) -> None:
    """Every form of error that is known begins with one of these keys."""
    assert may_hold_error(body) is worth


@pytest.mark.parametrize(
    ("code", "text", "concern", "whatever_its_text"),
    [
        (-1000, "", Concern.SERVICE, Concern.SERVICE),
        (-1003, "", Concern.LIMIT, Concern.LIMIT),
        (-2015, "", Concern.KEY, Concern.KEY),
        (-1021, "", Concern.CLOCK, Concern.CLOCK),
        (-1022, "", Concern.SIGNATURE, Concern.SIGNATURE),
        (-1004, "Server is BUSY", Concern.SERVICE, Concern.SERVICE),
        (-1004, "This IP is already on the white list", None, Concern.SERVICE),
        (-5028, "Timestamp is outside of the ME recvWindow", Concern.CLOCK, Concern.CLOCK),
        (-5028, "", None, Concern.CLOCK),
        (-4056, "Invalid API Key type", Concern.KEY, Concern.KEY),
        (-2013, "Order does not exist", None, None),
        (0, "", None, None),
    ],
)
def test_a_code_says_what_an_error_is_about(
    code: int, text: str, concern: Concern | None, whatever_its_text: Concern | None
) -> None:
    """As a number and as text; a code with two meanings is told by its text."""
    assert concern_of(ApiError(code, text)) is concern_of(ApiError(str(code), text)) is concern
    assert concern_of_code(code) is whatever_its_text
    assert concern_of(ApiError("busy", text)) is concern_of(None) is None


@pytest.mark.parametrize(
    ("status", "concern"),
    [
        (199, None),
        (200, None),
        (299, None),
        (300, Concern.ELSEWHERE),
        (399, Concern.ELSEWHERE),
        (400, None),
        (402, None),
        (403, Concern.FIREWALL),
        (404, None),
        (407, Concern.ELSEWHERE),
        (408, Concern.SERVICE),
        (418, Concern.LIMIT),
        (429, Concern.LIMIT),
        (451, Concern.REGION),
        (499, None),
        (500, Concern.SERVICE),
        (599, Concern.SERVICE),
        (None, None),
    ],
)
def test_a_status_says_what_an_answer_is_about_at_its_bounds(status: int | None, concern: Concern | None) -> None:
    assert recognise(status, b'{"a":1}').concern is concern
    success = status is None or 200 <= status <= 299
    assert recognise(status, b'{"a":1}').is_success is success


HTML = b"<html><title> Please\n wait </title>"
TITLED = 'an HTML page titled "Please wait"'


def error(code: int) -> bytes:
    return json.dumps({"code": code, "msg": "x"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "kept"),
    [
        (200, b"{}", Recognition(Sort.SUCCESS, 200)),
        (200, error(-1), Recognition(Sort.REFUSAL, 200, ApiError(-1, "x"))),
        (200, error(1), Recognition(Sort.SUCCESS, 200)),
        (200, HTML, Recognition(Sort.NO_ANSWER, 200, page=TITLED)),
        (200, b"Under maintenance", Recognition(Sort.NO_ANSWER, 200, page="no JSON")),
        (
            200,
            b"\n<p>Temporarily unavailable",
            Recognition(Sort.NO_ANSWER, 200, None, Concern.SERVICE, "an HTML page"),
        ),
        (300, error(1), Recognition(Sort.NO_ANSWER, 300, ApiError(1, "x"), Concern.ELSEWHERE)),
        (400, error(1), Recognition(Sort.REFUSAL, 400, ApiError(1, "x"))),
        (400, error(-1003), Recognition(Sort.TROUBLE, 400, ApiError(-1003, "x"), Concern.LIMIT)),
        (400, error(-1021), Recognition(Sort.REFUSAL, 400, ApiError(-1021, "x"), Concern.CLOCK)),
        (400, b'{"a":1}', Recognition(Sort.REFUSAL, 400)),
        (400, b"[]", Recognition(Sort.NO_ANSWER, 400)),
        (404, HTML, Recognition(Sort.NO_ANSWER, 404, page=TITLED)),
        (401, b"[]", Recognition(Sort.NO_ANSWER, 401, None, Concern.FIREWALL)),
        (401, HTML, Recognition(Sort.NO_ANSWER, 401, None, Concern.FIREWALL, TITLED)),
        (401, error(-1022), Recognition(Sort.REFUSAL, 401, ApiError(-1022, "x"), Concern.SIGNATURE)),
        (403, error(1), Recognition(Sort.NO_ANSWER, 403, ApiError(1, "x"), Concern.FIREWALL)),
        (403, HTML, Recognition(Sort.NO_ANSWER, 403, None, Concern.FIREWALL, TITLED)),
        (503, error(-1008), Recognition(Sort.TROUBLE, 503, ApiError(-1008, "x"), Concern.SERVICE)),
        (503, HTML, Recognition(Sort.TROUBLE, 503, None, Concern.SERVICE, TITLED)),
        (500, b"", Recognition(Sort.TROUBLE, 500, None, Concern.SERVICE, "an empty answer")),
    ],
)
def test_what_came_is_kept_to_tell_of_it(status: int, body: bytes, kept: Recognition) -> None:
    assert recognise(status, body) == kept


def test_a_long_success_is_not_looked_through_and_a_long_refusal_is() -> None:
    """An error is short; a page is a page however long it is."""
    long = json.dumps({"code": -1, "msg": "x" * LONGEST_ERROR}).encode()
    assert recognise(200, long).is_success
    assert recognise(200, b" \n" + long).is_success
    assert recognise(400, long).error == ApiError(-1, "x" * LONGEST_ERROR)
    assert recognise(200, b"<" + b" " * LONGEST_ERROR).sort is Sort.NO_ANSWER
    exact = json.dumps({"code": -1, "msg": ""})
    exact = exact.replace('""', '"' + "x" * (LONGEST_ERROR - len(exact)) + '"')
    assert len(exact) == LONGEST_ERROR
    assert not recognise(200, exact.encode()).is_success


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty answer"),
        (b" \r\n", "an empty answer"),
        (b"OK", "no JSON"),
        (b"1 < 2", "no JSON"),
        (b"  <html>", "an HTML page"),
        (b"<title></title>", "an HTML page"),
        (HTML, TITLED),
        (b"<TITLE lang='en'>Sorry</TITLE>", 'an HTML page titled "Sorry"'),
        (b"<title>" + b"x" * 101 + b"</title>", f'an HTML page titled "{"x" * 99}…"'),
        ("<title>Überlastet</title>".encode("latin-1"), 'an HTML page titled "\ufffdberlastet"'),
    ],
)
def test_a_page_is_told_by_its_title(body: bytes, words: str) -> None:
    assert page_words(body) == words


def test_text_is_cut_after_two_hundred_characters_on_one_line() -> None:
    assert shortened("a\n b\t c ") == "a b c"
    assert shortened("x" * 200) == "x" * 200
    assert shortened("x" * 201) == "x" * 199 + "…"
    assert shortened("x" * 198 + " yy") == "x" * 198 + "…"
    assert shortened("a\ud800b") == "a\\ud800b"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ApiError(-1, "x"), '-1 "x"'),
        (ApiError("-1", ""), "-1"),
        (ApiError(None, "x"), '"x"'),
        (ApiError(None, ""), "without code and text"),
    ],
)
def test_an_error_is_told_by_code_and_text(error: ApiError, words: str) -> None:
    assert error.words == words

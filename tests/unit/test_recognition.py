"""What an answer is, row by row: its sort, what it is about, and what is known of the request's fate."""

from __future__ import annotations

import json

import pytest

from wireproof.recognition import Concern, Fate, Sort, recognise

TEXT = "An unknown error occurred."
PAGE = b"<html><title>Please wait</title></html>"


def error(code, text=TEXT):
    return json.dumps({"code": code, "msg": text}).encode()


@pytest.mark.parametrize(
    ("status", "body", "sort", "concern", "fate"),
    [
        (200, b'{"symbol":"BTCUSDT"}', Sort.SUCCESS, None, Fate.DONE),
        (200, b'{"code":200,"msg":"success"}', Sort.SUCCESS, None, Fate.DONE),
        (200, b'{"code":"0","msg":"success"}', Sort.SUCCESS, None, Fate.DONE),
        (201, b"[]", Sort.SUCCESS, None, Fate.DONE),
        (None, b'{"result":null,"id":1}', Sort.SUCCESS, None, Fate.DONE),
        (200, b'{"id":"1","status":200,"result":{"code":200,"msg":"x"}}', Sort.SUCCESS, None, Fate.DONE),
        (200, error(-1000), Sort.REFUSAL, None, Fate.UNKNOWN),
        (200, error("-1000"), Sort.REFUSAL, None, Fate.UNKNOWN),
        (200, error(-2015), Sort.REFUSAL, None, Fate.UNKNOWN),
        (200, b'{"id":"1","status":200,"result":{"code":-1000,"msg":"x"}}', Sort.REFUSAL, None, Fate.UNKNOWN),
        (None, b'{"error":{"code":2,"msg":"Invalid request"},"id":1}', Sort.REFUSAL, None, Fate.UNKNOWN),
        (200, PAGE, Sort.NO_ANSWER, None, Fate.UNKNOWN),
        (200, b"", Sort.NO_ANSWER, None, Fate.UNKNOWN),
        (200, b"OK", Sort.NO_ANSWER, None, Fate.UNKNOWN),
        (200, b"<h1>System maintenance</h1>", Sort.NO_ANSWER, Concern.SERVICE, Fate.UNKNOWN),
        (302, PAGE, Sort.NO_ANSWER, Concern.ELSEWHERE, Fate.FAILED),
        (403, PAGE, Sort.NO_ANSWER, Concern.FIREWALL, Fate.FAILED),
        (451, error(0), Sort.NO_ANSWER, Concern.REGION, Fate.FAILED),
        (418, error(-1003), Sort.TROUBLE, Concern.LIMIT, Fate.FAILED),
        (429, error(-1015), Sort.TROUBLE, Concern.LIMIT, Fate.FAILED),
        (400, error(-1003), Sort.TROUBLE, Concern.LIMIT, Fate.FAILED),
        (503, error(-1000), Sort.TROUBLE, Concern.SERVICE, Fate.UNKNOWN),
        (503, error(-1008), Sort.TROUBLE, Concern.SERVICE, Fate.FAILED),
        (503, b'{"msg":"Service Unavailable."}', Sort.TROUBLE, Concern.SERVICE, Fate.FAILED),
        (503, b'{"msg":"Unknown error, please check."}', Sort.TROUBLE, Concern.SERVICE, Fate.UNKNOWN),
        (500, error(-1001), Sort.TROUBLE, Concern.SERVICE, Fate.UNKNOWN),
        (408, error(-1007), Sort.TROUBLE, Concern.SERVICE, Fate.UNKNOWN),
        (400, error(-1006), Sort.TROUBLE, Concern.SERVICE, Fate.UNKNOWN),
        (504, PAGE, Sort.TROUBLE, Concern.SERVICE, Fate.UNKNOWN),
        (400, error(-1004, "Server is busy, please wait"), Sort.TROUBLE, Concern.SERVICE, Fate.UNKNOWN),
        (400, error(-1004, "This IP is already on the white list"), Sort.REFUSAL, None, Fate.FAILED),
        (401, error(-2015), Sort.REFUSAL, Concern.KEY, Fate.FAILED),
        (401, b'{"msg":"who are you?"}', Sort.REFUSAL, Concern.KEY, Fate.FAILED),
        (401, PAGE, Sort.NO_ANSWER, Concern.FIREWALL, Fate.FAILED),
        (400, error(-1021), Sort.REFUSAL, Concern.CLOCK, Fate.FAILED),
        (400, error(-1022), Sort.REFUSAL, Concern.SIGNATURE, Fate.FAILED),
        (400, error(-2013), Sort.REFUSAL, None, Fate.FAILED),
        (404, error(-5000), Sort.REFUSAL, None, Fate.FAILED),
        (404, PAGE, Sort.NO_ANSWER, None, Fate.FAILED),
    ],
)
def test_an_answer_is_recognised_by_status_and_body(status, body, sort, concern, fate):
    told = recognise(status, body)
    assert (told.sort, told.concern, told.fate) == (sort, concern, fate)


def test_a_firewall_in_the_headers_is_no_answer_whatever_the_status():
    """Such as a challenge: 202 without a body."""
    told = recognise(202, b"", firewall=True)
    assert (told.sort, told.concern) == (Sort.NO_ANSWER, Concern.FIREWALL)


def test_text_from_the_wire_is_cut_and_half_surrogates_do_no_harm():
    """A line stays a line."""
    words = recognise(400, b'{"code":-1,"msg":"\\ud800\\n' + b"x" * 5000 + b'"}').words
    assert len(words) < 260
    assert "\n" not in words
    words.encode()

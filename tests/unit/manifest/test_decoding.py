"""A decoder and the documented variants: what raises, falls back, loses, hangs and crashes."""

from __future__ import annotations

import pytest
from checkout import CONTRACTS

from wireproof.contract.store import load_store
from wireproof.errors import UsageError
from wireproof.manifest.decoding import DecoderProcess, answers_of, decode_lines, through
from wireproof.results.model import Observation

PRICE = "usdm/rest/GET.fapi.v1.openInterest"
DECODERS = """
import os, sys, time
from typing import Literal
import msgspec

class Interest(msgspec.Struct, forbid_unknown_fields=True):
    symbol: str
    openInterest: str
    time: int

class Lossy(msgspec.Struct):
    symbol: str

def strict(raw: bytes):
    print("what a client prints is no answer")
    return msgspec.json.decode(raw, type=Interest)

def soft(raw: bytes):
    try:
        return strict(raw)
    except msgspec.ValidationError:
        return msgspec.json.decode(raw)

def lossy(data):
    return msgspec.convert(data, Lossy)

def raw(data):
    return data

def crashes(data):
    os._exit(7)

def hangs(data, contract):
    time.sleep(60)

def hangs_at_something_new(data):
    if len(data) > 3:
        time.sleep(60)
    return msgspec.convert(data, Lossy | None)
"""


@pytest.fixture(scope="module")
def store():
    return load_store(CONTRACTS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("decoders")
    (made / "made_decoders.py").write_text(DECODERS, "utf-8")
    return str(made)


def decoded(store, folder, name, *, bodies=(), seconds=20.0):
    contract = store.contract(PRICE)
    with DecoderProcess({"": f"made_decoders:{name}"}, seconds=seconds, path=[folder]) as process:
        return through(process, [(contract, store.products["usdm"], list(bodies))], decoder=name, most=2)


def said(report):
    return [(one.outcome, one.kind) for one in report.problems]


@pytest.mark.parametrize(
    ("name", "seconds", "expected"),
    [
        ("strict", 20, [("raises", "a new field")]),
        ("soft", 20, [("falls back", "a new field")]),
        ("lossy", 20, [("loses", "as it came")]),
        ("raw", 20, []),
        ("hangs_at_something_new", 0.5, [("loses", "as it came"), ("hangs", "a new field")]),
    ],
)
def test_what_a_decoder_does_is_said(store, folder, name, seconds, expected):
    report = decoded(store, folder, name, seconds=seconds)
    assert said(report) == expected
    assert report.raw == ([PRICE] if name == "raw" else [])
    lines = list(decode_lines(report))
    assert lines[0].startswith(expected[0][0] if expected else "raw")
    if name == "lossy":
        assert report.problems[0].where == ("openInterest", "time")
    if name == "strict":
        assert "unknown field" in report.problems[0].says


def test_a_crash_is_said_with_its_status_and_does_not_go_on_for_ever(store, folder):
    report = decoded(store, folder, "crashes")
    assert report.problems[0].says == "the process ended with status 7"
    assert sum(one.count for one in report.problems) == 3


def test_answers_of_a_night_are_decoded_where_there_are_any(store, folder):
    body = b'{"symbol": "BTCUSDT", "openInterest": 7, "time": 1700000000000}'
    report = decoded(store, folder, "strict", bodies=[body])
    assert ("raises", "as it came") in said(report)


def test_only_successes_and_messages_are_answers(store):
    contract = store.contract(PRICE)
    made = [
        Observation(case="a", contract=PRICE, example="default", response="short", status=200),
        Observation(case="b", contract=PRICE, example="default", response="longer one", status=200),
        Observation(case="c", contract=PRICE, response="refused", status=400, expect_codes=(-1,)),
        Observation(case="d", contract="other", example="default", response="x"),
        Observation(case="e", contract=PRICE, example="default", messages=("message",), response="message"),
    ]
    assert answers_of(contract, made, most=2) == [b"longer one", b"message"]


def test_a_decoder_that_cannot_be_imported_is_refused(store):
    with DecoderProcess({"": "nowhere_at_all:x"}) as process, pytest.raises(UsageError, match="--with: nowhere_at_all"):
        process.decode(1, PRICE, b"{}")

"""Which subscription a frame is of, however spoiled it comes."""

from __future__ import annotations

import json

import pytest
from scripted_streams import DEPTH, TRADE, case, contract

from wireproof.contract.model import Watch
from wireproof.suite.judging.whose import Claim, Whose

TRADES = contract("aggTrade", "<symbol>@aggTrade", TRADE, case(Watch()))
BOOK = contract("depth", "<symbol>@depth", DEPTH, case(Watch()))
CLAIMS = [
    Claim("btcusdt@aggTrade", TRADES, {"s": "BTCUSDT"}),
    Claim("ethusdt@aggTrade", TRADES, {"s": "ETHUSDT"}),
    Claim("btcusdt@depth", BOOK, {"s": "BTCUSDT"}),
    Claim("btcusdt@depth@100ms", BOOK, {"s": "BTCUSDT"}),
]


def owners(frame: bytes | dict, newest=lambda _name: None) -> list[str]:
    return Whose(CLAIMS).of(frame if isinstance(frame, bytes) else json.dumps(frame).encode(), newest)


@pytest.mark.parametrize(
    ("frame", "names"),
    [
        ({"stream": "btcusdt@aggTrade", "data": 7}, ["btcusdt@aggTrade"]),
        ({"stream": "BTCUSDT@aggTrade", "data": 7}, ["btcusdt@aggTrade"]),
        (b'{"stream":"btcusdt@agg', ["btcusdt@aggTrade"]),
        ({"data": {**TRADE, "s": "ETHUSDT"}}, ["ethusdt@aggTrade"]),
        (b'{"data":{"e":"aggTrade","s":"ETHUSDT","p":', ["ethusdt@aggTrade"]),
        (DEPTH, ["btcusdt@depth", "btcusdt@depth@100ms"]),
        ({"data": {**TRADE, "s": "XRPUSDT"}}, []),
        (b"<html>", []),
    ],
)
def test_a_frame_is_of_the_subscriptions_that_its_name_or_its_message_fits(frame, names):
    assert owners(frame) == names


def test_the_book_that_a_message_continues_is_the_one_that_it_is_of():
    newest = {"btcusdt@depth": {"u": 1}, "btcusdt@depth@100ms": {"u": DEPTH["pu"]}}.get
    assert owners(DEPTH, newest) == ["btcusdt@depth@100ms"]

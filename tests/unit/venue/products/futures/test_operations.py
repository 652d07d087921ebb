"""What both products answer alike over REST and over the WebSocket API."""

from __future__ import annotations

import pytest


def test_depth(exchange):
    """Bids fall, asks rise, prices at tick digits, as many as asked."""
    book = exchange.get("depth", symbol="BTCUSDT", limit=10)
    assert set(book) == {"lastUpdateId", "E", "T", "bids", "asks"}
    assert len(book["bids"]) == len(book["asks"]) == 10
    assert book["bids"] == sorted(book["bids"], key=lambda level: -float(level[0]))
    assert book["asks"][0][0] == "86250.10"


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({"symbol": "BTCUSDT", "limit": 7}, -4021, "7 is not valid depth limit"),
        ({"symbol": "BTCUSDT", "limit": 1500}, -1130, "Data sent for parameter 'limit' is not valid."),
        ({"symbol": "BTCUSDT", "limit": "x"}, -1130, "Data sent for parameter 'limit' is not valid."),
        ({"symbol": "NOPE"}, -1121, "Invalid symbol."),
        ({}, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
    ],
)
def test_depth_rejections(exchange, params, code, text):
    """Limits are -4021 between the offered ones and -1130 above them."""
    assert exchange.refuse("depth", **params) == (400, code, text)


@pytest.mark.parametrize("method", ["ticker.price", "ticker.book"])
def test_tickers_of_one_and_of_all(exchange, method):
    """An object with a symbol, a list without."""
    one = exchange.get(method, symbol="ETHUSDT")
    every = exchange.get(method)
    assert one in every
    assert len(every) >= 10
    assert exchange.refuse(method, symbol="NOPE")[1] == -1121

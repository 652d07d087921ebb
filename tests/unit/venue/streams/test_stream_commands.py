"""Control frames of market streams, answered as measured."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from wireproof.venue.streams.stream_commands import MOST_STREAMS, obey

UNKNOWN_VARIANT = (
    "Invalid request: unknown variant DANCE, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`,"
    " `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 28"
)


class Listener:
    """Subscribes whatever it is told."""

    def __init__(self) -> None:
        self.combined = False
        self.names: list[str] = []

    def listed(self) -> list[str]:
        """Return the names."""
        return self.names

    def subscribe(self, name: str) -> None:
        """Take a name."""
        if name not in self.names:
            self.names.append(name)

    def unsubscribe(self, name: str) -> None:
        """Drop a name."""
        if name in self.names:
            self.names.remove(name)


def ask(listener: Listener, method: str, *params: Any, identity: Any = 1) -> Any:
    return orjson.loads(obey(listener, json.dumps({"method": method, "params": params, "id": identity})).data)


def refused(document: Any) -> tuple[int, str]:
    text = document if isinstance(document, str) else json.dumps(document)
    error = orjson.loads(obey(Listener(), text).data)["error"]
    return error["code"], error["msg"]


def test_subscriptions_come_and_go():
    """All are acknowledged with null, also what means nothing and what never was."""
    listener = Listener()

    assert ask(listener, "SUBSCRIBE", "btcusdt@aggTrade", "nope@nothing") == {"result": None, "id": 1}
    assert ask(listener, "LIST_SUBSCRIPTIONS") == {"result": ["btcusdt@aggTrade", "nope@nothing"], "id": 1}
    assert ask(listener, "UNSUBSCRIBE", "btcusdt@aggTrade", "never@was") == {"result": None, "id": 1}
    assert ask(listener, "LIST_SUBSCRIPTIONS")["result"] == ["nope@nothing"]


def test_combined_can_be_read_and_set():
    """The one property there is."""
    listener = Listener()

    assert ask(listener, "GET_PROPERTY", "combined")["result"] is False
    assert ask(listener, "SET_PROPERTY", "combined", True) == {"result": None, "id": 1}
    assert ask(listener, "GET_PROPERTY", "combined")["result"] is True


@pytest.mark.parametrize("identity", [0, 7, 2**63, "0b3fc3a2-8b0e-4b7f-a30d-ee2b83a36c66", None])
def test_an_id_comes_back_as_it_was(identity):
    """Integers as documented, and strings, which the official SDKs send."""
    assert ask(Listener(), "LIST_SUBSCRIPTIONS", identity=identity)["id"] == identity


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        ({"method": "SET_PROPERTY", "params": ["colour", True], "id": 1}, 0, "Unknown property"),
        ({"method": "SET_PROPERTY", "params": ["combined", "yes"], "id": 1}, 1, "Invalid value type: expected Boolean"),
        ({"method": "GET_PROPERTY", "params": [1], "id": 1}, 2, "Invalid request: property name must be a string"),
        ({"method": "GET_PROPERTY", "params": ["combined", 1], "id": 1}, 2, "Invalid request: too many parameters"),
        ({"method": "LIST_SUBSCRIPTIONS", "id": -1}, 2, "Invalid request: request ID must be an unsigned integer"),
        ({"method": "LIST_SUBSCRIPTIONS", "id": 1.5}, 2, "Invalid request: request ID must be an unsigned integer"),
        ({"id": 1}, 2, "Invalid request: missing field `method` at line 1 column 9"),
        ([1], 2, "Invalid request: missing field `method` at line 1 column 3"),
        ({"method": "SUBSCRIBE", "params": [1], "id": 1}, 2, "Invalid request: invalid type, expected a string"),
        (
            {"method": "SUBSCRIBE", "params": "a", "id": 1},
            2,
            "Invalid request: invalid type, expected a sequence at line 1 column 47",
        ),
        (
            {"method": "DANCE", "id": 1},
            2,
            UNKNOWN_VARIANT,
        ),
        ("{", 3, "Invalid JSON: expected value at line 1 column 1"),
    ],
)
def test_what_makes_no_sense_is_named(document, code, message):
    """Code and text of each error."""
    assert refused(document) == (code, message)


def test_only_invalid_json_and_too_many_streams_end_the_connection():
    """Other errors leave it open."""
    assert obey(Listener(), "{").close == "Invalid request"
    assert obey(Listener(), "{}").close == ""


def test_the_stream_after_the_1024th_is_one_too_many():
    """It is answered with code 4, and the connection ends."""
    listener = Listener()
    most = obey(
        listener, json.dumps({"method": "SUBSCRIBE", "params": [f"s{n}" for n in range(MOST_STREAMS)], "id": 1})
    )
    more = obey(listener, json.dumps({"method": "SUBSCRIBE", "params": ["another"], "id": 2}))

    assert most.close == ""
    assert orjson.loads(more.data) == {"error": {"code": 4, "msg": "Too many subscriptions"}, "id": 2}
    assert more.close == "Invalid request"

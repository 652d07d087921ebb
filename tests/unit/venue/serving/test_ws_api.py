"""The WebSocket API's envelope and sessions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.products.usdm.usdm_operations import USDM_METHODS
from wireproof.venue.serving.ws_api import Session


@pytest.mark.parametrize(
    "identity",
    [
        "1",
        "1.50",
        "1e3",
        "-0",
        '"a"',
        '"1"',
        '""',
        "null",
        "true",
        "12345678901234567890123",
        '[1,{"a":2.0}]',
        '"\\u20ac"',
    ],
)
def test_id_is_echoed_as_it_was_written(exchange, identity):
    """The id comes back with its JSON type and its very text."""
    answer = exchange.send_raw(f'{{"id":{identity},"method":"ticker.price","params":{{"symbol":"BTCUSDT"}}}}')
    assert answer.startswith(f'{{"id":{identity},"status":200,'.encode())


@pytest.mark.parametrize(
    ("text", "identity", "code"),
    [
        ("", None, -1135),
        ("hello", None, -1135),
        ('{"id":1', None, -1135),
        ("[]", None, -1135),
        ("7", None, -1135),
        ('"order.place"', None, -1135),
        ('{"id":5}', 5, -1102),
        ('{"id":5,"method":7}', 5, -1102),
        ('{"id":"x","method":"ticker.price","params":[]}', "x", -1135),
        ('{"id":1,"method":"ticker.price","params":{"symbol":"\\ud800"}}', 1, -1135),
        ("[" * 5000, None, -1135),
    ],
)
def test_frames_that_are_no_request(exchange, text, identity, code):
    """They are answered with status 400 and, where it can be read, their id."""
    answer = exchange.send(text)
    assert (answer["id"], answer["status"], answer["error"]["code"]) == (identity, 400, code)


@pytest.mark.parametrize("text", ['{"method":"ticker.price"}', '{"id":null,"method":"ticker.price","params":null}'])
def test_id_and_params_may_be_left_out(exchange, text):
    """The id is null then."""
    answer = exchange.send(text)
    assert (answer["id"], answer["status"]) == (None, 200)


@pytest.mark.parametrize(
    ("method", "shown"),
    [("login", "v1/login"), ("v1/nope", "v1/nope"), ("v2/order.place", "v2/order.place"), ("Depth", "v1/Depth")],
)
def test_unknown_methods(exchange, method, shown):
    """-5000, with the version that the server adds."""
    assert exchange.refuse(method) == (404, -5000, f"Method {shown} is invalid")


def test_versions(exchange):
    """v1/ may be written; v2/ is another request."""
    assert exchange.get("v1/ticker.price", symbol="BTCUSDT") == exchange.get("ticker.price", symbol="BTCUSDT")
    assert set(exchange.get("account.status", exchange.alice)) > set(exchange.get("v2/account.status", exchange.alice))


def test_result_and_error_exclude_each_other(exchange):
    """An answer has id, status, rateLimits and one of the two."""
    assert set(exchange.ask("ticker.price")) == {"id", "status", "result", "rateLimits"}
    assert set(exchange.ask("nope")) == {"id", "status", "error", "rateLimits"}


def test_rate_limits_are_shown_unless_asked_not_to(exchange):
    """By parameter, by the connection's address; the parameter wins."""
    quiet = Session(exchange.venue.services, PRODUCTS[0], "127.0.0.1", return_rate_limits=False)
    ask = '{"id":1,"method":"ticker.price","params":{"symbol":"BTCUSDT"%s}}'
    assert "rateLimits" in exchange.send(ask % "")
    assert "rateLimits" not in exchange.send(ask % ',"returnRateLimits":false')
    assert "rateLimits" not in exchange.send(ask % ',"returnRateLimits":"false"')
    assert "rateLimits" not in exchange.send(ask % "", quiet)
    assert "rateLimits" in exchange.send(ask % ',"returnRateLimits":true', quiet)


def test_rate_limits_of_reads_and_orders(exchange):
    """Reads list the weight, orders their counts too; a rejected order lists -1 (measured)."""
    (weight,) = exchange.ask("ticker.price")["rateLimits"]
    ask = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.01"}
    ask |= {"timeInForce": "GTC", "price": "60000"}
    placed = exchange.ask("order.place", exchange.alice, **ask)["rateLimits"]
    rejected = exchange.ask("order.place", exchange.alice, **ask | {"price": "0"})["rateLimits"]

    assert weight == {
        "rateLimitType": "REQUEST_WEIGHT",
        "interval": "MINUTE",
        "intervalNum": 1,
        "limit": 6000,
        "count": 2,
    }
    assert [
        (one["rateLimitType"], one["interval"], one["intervalNum"], one["limit"], one["count"]) for one in placed
    ] == [
        ("ORDERS", "SECOND", 10, 300, 1),
        ("ORDERS", "MINUTE", 1, 1200, 1),
        ("REQUEST_WEIGHT", "MINUTE", 1, 6000, 2),
    ]
    assert [(one["limit"], one["count"]) for one in rejected] == [(-1, -1)]


def test_numbers_and_strings_mean_the_same(exchange):
    """43187.0 and "43187.0" are both prices; the documentation's own samples send both."""
    ask = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    for quantity, price in ((0.01, 60000.0), ("0.01", "60000.0"), (0.01, 60000)):
        assert exchange.get("order.place", exchange.alice, **ask, quantity=quantity, price=price)["price"] == "60000.00"


# sessions


def test_session_of_an_ed25519_key(exchange):
    """After logon a request needs a timestamp only; logout ends that, the connection stays."""
    logon = exchange.get("session.logon", exchange.carol)
    assert (logon["apiKey"], logon["authorizedSince"]) == (exchange.carol.key.api_key, exchange.clock.now_ms())
    assert set(logon) == {"apiKey", "authorizedSince", "connectedSince", "returnRateLimits", "serverTime"}
    assert exchange.ask("account.balance", timestamp=exchange.clock.now_ms())["status"] == 200
    assert exchange.refuse("account.balance")[1] == -1102
    assert exchange.get("userDataStream.start")["listenKey"]
    assert exchange.get("session.status")["apiKey"] == exchange.carol.key.api_key

    logout = exchange.get("session.logout")
    assert (logout["apiKey"], logout["authorizedSince"]) == (None, None)
    assert exchange.refuse("account.balance", timestamp=exchange.clock.now_ms())[1] == -1102
    assert exchange.get("session.logout")["apiKey"] is None


@pytest.mark.parametrize(("name", "kind"), [("alice", "HMAC_SHA256"), ("bob", "RSA")])
def test_other_keys_cannot_log_on(exchange, name, kind):
    """Refused with -4056."""
    refusal = exchange.refuse("session.logon", getattr(exchange, name))
    assert refusal == (400, -4056, f"{kind} API key is not supported.")


@pytest.mark.parametrize("missing", ["apiKey", "timestamp", "signature"])
def test_logon_needs_all_three(exchange, missing):
    """-1102, also while another key is logged on."""
    exchange.get("session.logon", exchange.carol)
    params = exchange.sign(exchange.carol, {})
    del params[missing]
    answer = exchange.send(json.dumps({"id": 1, "method": "session.logon", "params": params}))
    assert answer["error"]["code"] == -1102


def test_own_key_and_signature_override_the_session(exchange):
    """One request may act for another key; half of the pair is refused."""
    exchange.get("session.logon", exchange.carol)
    exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    assert len(exchange.alice.open_orders) == 1
    ask = {"apiKey": exchange.alice.key.api_key, "timestamp": exchange.clock.now_ms()}
    assert exchange.refuse("account.balance", **ask)[1] == -1102
    assert exchange.ask("account.balance", **ask | {"apiKey": exchange.carol.key.api_key})["status"] == 200


def test_key_revoked_under_a_session(exchange):
    """The next request gets id null and -2015, and the session is logged out."""
    exchange.get("session.logon", exchange.carol)
    exchange.venue.faults.add("revoke-key", account="ed25519")
    answer = exchange.ask("account.balance", timestamp=exchange.clock.now_ms())
    assert (answer["id"], answer["status"], answer["error"]["code"]) == (None, 401, -2015)
    assert exchange.get("session.status")["apiKey"] is None


def test_a_fault_of_the_venue_is_no_dropped_connection(exchange, monkeypatch, capsys):
    """It is answered with -1000, and told on standard error; the connection goes on."""

    def fail(_call):
        raise ZeroDivisionError

    monkeypatch.setitem(USDM_METHODS, "v1/depth", replace(USDM_METHODS["v1/depth"], run=fail))
    answer = exchange.ask("depth", symbol="BTCUSDT")
    assert (answer["status"], answer["error"]["code"]) == (500, -1000)
    assert "The venue failed at v1/depth:" in capsys.readouterr().err
    assert exchange.ask("ticker.price", symbol="BTCUSDT")["status"] == 200

"""Signatures, keys and times: what is accepted, and that nothing else is."""

from __future__ import annotations

import base64
import json

import pytest

NAMES = ("alice", "bob", "carol")  # HMAC, RSA, Ed25519


@pytest.mark.parametrize("name", NAMES)
def test_each_key_type_signs(exchange, name):
    """HMAC in hex, RSA and Ed25519 in base64."""
    assert exchange.ask("account.balance", getattr(exchange, name))["status"] == 200


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tampering", ["value", "extra", "missing", "signature", "other-key", "garbage", "empty-bytes"])
def test_tampering_is_noticed(exchange, name, tampering):
    """Any change after signing is -1022."""
    account = getattr(exchange, name)
    params = exchange.sign(account, {"symbol": "BTCUSDT", "orderId": 5})
    if tampering == "value":
        params["orderId"] = 6
    elif tampering == "extra":
        params["recvWindow"] = 5000
    elif tampering == "missing":
        del params["orderId"]
    elif tampering == "signature":
        params["signature"] = ("1" if params["signature"][0] != "1" else "2") + params["signature"][1:]
    elif tampering == "other-key":
        other = exchange.bob if account is not exchange.bob else exchange.carol
        text = "&".join(f"{key}={params[key]}" for key in sorted(params) if key != "signature")
        params["signature"] = other.key.sign(text)
    elif tampering == "garbage":
        params["signature"] = "ü not a signature"
    else:
        params["signature"] = base64.b64encode(b"\0").decode()
    answer = exchange.send(json.dumps({"id": 1, "method": "order.status", "params": params}))
    assert (answer["status"], answer["error"]) == (
        400,
        {"code": -1022, "msg": "Signature for this request is not valid."},
    )


def test_order_of_parameters_and_case_of_hex_do_not_matter(exchange):
    """Parameters are sorted before they are signed; hex digits may be upper case."""
    params = exchange.sign(exchange.alice, {"symbol": "BTCUSDT"})
    params["signature"] = params["signature"].upper()
    turned = dict(reversed(params.items()))
    assert exchange.send(json.dumps({"id": 1, "method": "account.position", "params": turned}))["status"] == 200


def test_numbers_are_signed_as_written(exchange):
    """0.10 unquoted stays 0.10: the text of the frame is what was signed."""
    signed = exchange.sign(exchange.alice, {"symbol": "BTCUSDT", "orderId": "1.50e1"})
    text = json.dumps({"id": 1, "method": "order.status", "params": signed}).replace('"1.50e1"', "1.50e1")
    assert exchange.send(text)["error"]["code"] == -1130  # read, thus verified


@pytest.mark.parametrize("form", ["raw", "urlencoded", "percent-encoded"])
def test_raw_and_encoded_texts_are_both_accepted(exchange, form):
    """Clients differ where characters need encoding; which form came is counted."""
    from urllib.parse import quote, quote_plus  # noqa: PLC0415

    params = {
        "apiKey": exchange.alice.key.api_key,
        "timestamp": exchange.clock.now_ms(),
        "symbol": "币安人生USDT",
        "origClientOrderId": "a:b/c d",
    }
    encode = {"raw": str, "urlencoded": quote_plus, "percent-encoded": lambda text: quote(text, safe="")}[form]
    text = "&".join(f"{encode(key)}={encode(str(params[key]))}" for key in sorted(params))
    params["signature"] = exchange.alice.key.sign(text)
    answer = exchange.send(json.dumps({"id": 1, "method": "order.status", "params": params}))
    assert answer["error"]["code"] == -2013
    assert exchange.venue.services.signatures.forms == {form: 1}


def test_json_booleans_may_be_signed_the_way_python_writes_them(exchange):
    """The official Python SDK signs returnRateLimits=False."""
    params = {"apiKey": exchange.alice.key.api_key, "timestamp": exchange.clock.now_ms(), "returnRateLimits": False}
    text = "&".join(f"{key}={params[key]}" for key in sorted(params))
    params["signature"] = exchange.alice.key.sign(text)
    answer = exchange.send(json.dumps({"id": 1, "method": "account.balance", "params": params}))
    assert answer["status"] == 200
    assert "rateLimits" not in answer


@pytest.mark.parametrize("name", ["apiKey", "timestamp", "signature"])
@pytest.mark.parametrize("value", [None, "", "absent"])
def test_security_parameters_are_mandatory(exchange, name, value):
    """Absent, null and empty are all -1102 with the parameter's name."""
    params = exchange.sign(exchange.alice, {})
    if value == "absent":
        del params[name]
    else:
        params[name] = value
    answer = exchange.send(json.dumps({"id": 1, "method": "account.balance", "params": params}))
    text = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    assert (answer["status"], answer["error"]) == (400, {"code": -1102, "msg": text})


@pytest.mark.parametrize("key", ["short", "x" * 64])
def test_unknown_key(exchange, key):
    """-2015 with status 401, without a final full stop."""
    params = exchange.sign(exchange.alice, {}) | {"apiKey": key}
    answer = exchange.send(json.dumps({"id": 1, "method": "account.balance", "params": params}))
    text = "Invalid API-key, IP, or permissions for action"
    assert (answer["status"], answer["error"]) == (401, {"code": -2015, "msg": text})


def test_signature_comes_before_what_the_request_asks(exchange):
    """Without the key nobody learns whether an order exists."""
    params = exchange.sign(exchange.alice, {"symbol": "NOPE", "orderId": 1}) | {"signature": "00"}
    answer = exchange.send(json.dumps({"id": 1, "method": "order.status", "params": params}))
    assert answer["error"]["code"] == -1022


@pytest.mark.parametrize(
    ("offset", "window", "code"),
    [
        (0, None, None),
        (-5000, None, None),
        (-5001, None, -1021),
        (999, None, None),
        (1000, None, -1021),
        (-100, 99, -1021),
        (-60000, 60000, None),
        (0, 60001, -1131),
        (0, "soon", -1130),
    ],
)
def test_time_window(exchange, offset, window, code):
    """Accepted while timestamp < now + 1000 and now - timestamp <= recvWindow."""
    params = {"timestamp": exchange.clock.now_ms() + offset} | ({} if window is None else {"recvWindow": window})
    answer = exchange.ask("account.balance", exchange.alice, **params)
    assert answer.get("error", {}).get("code") == code
    if code == -1021:
        ahead = "Timestamp for this request was 1000ms ahead of the server's time."
        late = "Timestamp for this request is outside of the recvWindow."
        assert answer["error"]["msg"] == (ahead if offset > 0 else late)


def test_keys_do_not_come_from_the_seed(keys):
    """Two venues of one seed have different keys, and a key never shows in its repr."""
    from wireproof.venue.base.auth import ApiKey  # noqa: PLC0415

    one, two = ApiKey.generate("HMAC"), ApiKey.generate("HMAC")
    assert one.api_key != two.api_key
    assert len(one.api_key) == 64
    assert one.api_key.isalnum()
    for key in (one, *keys):
        assert key.api_key not in repr(key)
        assert not key.secret or key.secret not in repr(key)

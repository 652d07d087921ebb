"""What is signed is what is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from wire_peers import unhurried

from wireproof.wire.secrets.credentials import Credentials, Ed25519Signer, HmacSigner, RsaSigner
from wireproof.wire.secrets.signing import frame_text, payload, query_text, sign_params, signed_query

# The vector of the documentation of signed requests.
# https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
DOCS_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
DOCS_QUERY = (
    "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943"
)
DOCS_SIGNATURE = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"

HMAC = Credentials("k" * 64, HmacSigner("s" * 64))


def test_hmac_signs_like_the_documented_example() -> None:
    """The documented query and secret give the documented signature."""
    assert HmacSigner(DOCS_SECRET).sign(DOCS_QUERY) == DOCS_SIGNATURE


def test_a_rest_query_is_signed_like_the_documented_example() -> None:
    """Built from parameters, query and signature are those of the documentation."""
    given_params = dict(parse_qsl(DOCS_QUERY))
    query = signed_query(given_params, Credentials("k", HmacSigner(DOCS_SECRET)), timestamp_ms=0)

    assert query == f"{DOCS_QUERY}&signature={DOCS_SIGNATURE}"


def test_the_payload_holds_every_parameter_but_the_signature_by_name() -> None:
    """The documented order.place: sorted, apiKey and timestamp included, values raw."""
    params = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01000000",
        "price": "52000.00",
        "recvWindow": 100,
        "timestamp": 1645423376532,
        "apiKey": "abc",
        "signature": "old",
    }

    assert payload(params) == (
        "apiKey=abc&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT"
        "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (7, "7"),
        (0.001, "0.001"),
        (1e-05, "1e-05"),
        (50000.0, "50000.0"),
        ("0.10", "0.10"),
        ("a/b:c&d=é", "a/b:c&d=é"),
        ([{"a": 1}], '[{"a":1}]'),
    ],
    ids=["true", "false", "null", "integer", "fraction", "exponent", "whole", "decimal", "raw", "list"],
)
def test_a_value_is_signed_as_the_text_it_has_in_the_frame(value: Any, text: str) -> None:
    """Strings are signed raw, everything else as its JSON text."""
    assert payload({"p": value}) == f"p={text}"
    sent = frame_text("i", "m", {"p": value})
    assert text in sent if not isinstance(value, str) else json.loads(sent)["params"]["p"] == text


scalars = st.one_of(
    st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
)
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)


@unhurried
@given(st.dictionaries(names, scalars, max_size=8))
def test_the_text_of_a_number_in_the_frame_is_the_one_that_was_signed(params: dict[str, Any]) -> None:
    """A server that signs over the text of each JSON scalar as received gets the payload."""
    params = {name: value for name, value in params.items() if not _has_surrogate(value)}
    texts: dict[str, str] = {}
    frame = frame_text("id", "m", params)
    received = json.loads(frame, parse_int=_Raw, parse_float=_Raw).get("params", {})
    for name, value in received.items():
        literal = {True: "true", False: "false", None: "null"}
        is_literal = value is None or isinstance(value, bool)
        texts[name] = literal[value] if is_literal else str(value)

    assert payload(params) == "&".join(f"{k}={texts[k]}" for k in sorted(texts) if k != "signature")


class _Raw(str):
    """A number as its text."""

    __slots__ = ()


def _has_surrogate(value: Any) -> bool:
    return isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value)


@unhurried
@given(st.dictionaries(names, scalars, max_size=8))
def test_a_signed_query_is_signed_over_what_stands_before_the_signature(params: dict[str, Any]) -> None:
    """The signature comes last and covers the percent-encoded text in front of it."""
    params = {n: v for n, v in params.items() if not _has_surrogate(v) and n != "signature"}
    query = signed_query(params, HMAC, timestamp_ms=1)
    before, mark, signature = query.rpartition("&signature=")

    assert mark
    assert signature == hmac.new(b"s" * 64, before.encode("ascii"), hashlib.sha256).hexdigest()


def test_signed_params_add_key_time_window_and_signature() -> None:
    """What is added is what is signed."""
    signed = sign_params({"symbol": "BTCUSDT"}, HMAC, timestamp_ms=5, recv_window=3000)

    assert {name: signed[name] for name in ("apiKey", "timestamp", "recvWindow")} == {
        "apiKey": "k" * 64,
        "timestamp": 5,
        "recvWindow": 3000,
    }
    assert signed["signature"] == HMAC.signer.sign(payload(signed))


@pytest.mark.parametrize("name", ["apiKey", "timestamp", "signature"])
def test_a_value_given_on_purpose_is_kept(name: str) -> None:
    """A wrong key, time or signature can be sent."""
    assert sign_params({name: "mine"}, HMAC, timestamp_ms=5)[name] == "mine"


@pytest.mark.parametrize("name", ["apiKey", "timestamp", "signature"])
def test_a_name_can_be_left_out(name: str) -> None:
    """What is left out is missing from the request, and the rest is signed without it."""
    signed = sign_params({"a": 1}, HMAC, timestamp_ms=5, omit=[name])

    assert name not in signed
    if name != "signature":
        assert signed["signature"] == HMAC.signer.sign(payload(signed))


def test_rest_leaves_out_and_keeps_on_purpose_as_well() -> None:
    """`omit` and given values work in the query string."""
    assert signed_query({"a": 1}, HMAC, timestamp_ms=5, omit=["timestamp", "signature"]) == "a=1"
    assert signed_query({"a": 1, "signature": "x"}, HMAC, timestamp_ms=5).endswith("&timestamp=5&signature=x")
    assert signed_query({}, HMAC, timestamp_ms=5, recv_window=7, omit=["signature"]) == "timestamp=5&recvWindow=7"


def test_rsa_signatures_verify_with_the_public_key() -> None:
    """PKCS #1 v1.5 with SHA-256, base64; percent-encoded in a URL."""
    key = generate_private_key(65537, 2048)
    credentials = Credentials("k", RsaSigner(key))
    query = signed_query({"symbol": "BTCUSDT"}, credentials, timestamp_ms=1)
    before, _, encoded = query.rpartition("&signature=")

    assert not set(encoded) & set("+/=")
    key.public_key().verify(
        base64.b64decode(unquote(encoded), validate=True), before.encode(), padding.PKCS1v15(), hashes.SHA256()
    )


def test_ed25519_signatures_verify_with_the_public_key() -> None:
    """In a frame the base64 stands unescaped; another payload does not verify."""
    key = Ed25519PrivateKey.generate()
    credentials = Credentials("k", Ed25519Signer(key))
    params = sign_params({"symbol": "币安人生USDT", "n": 0.5}, credentials, timestamp_ms=1)
    raw = base64.b64decode(params["signature"], validate=True)

    assert f'"signature":"{params["signature"]}"' in frame_text("i", "m", params)
    key.public_key().verify(raw, payload(params).encode())
    with pytest.raises(InvalidSignature):
        key.public_key().verify(raw, b"another")


def test_non_ascii_symbols_are_utf8_and_percent_encoded_before_signing() -> None:
    """A Chinese symbol travels as its UTF-8 bytes, percent-encoded."""
    assert query_text({"symbol": "币USDT"}) == "symbol=%E5%B8%81USDT"
    before, _, signature = signed_query({"symbol": "币USDT"}, HMAC, timestamp_ms=1).rpartition("&signature=")
    assert before == "symbol=%E5%B8%81USDT&timestamp=1"
    assert signature == HMAC.signer.sign(before)


def test_lists_and_booleans_are_json_text_in_a_query() -> None:
    """BatchOrders is one parameter: its JSON text, percent-encoded."""
    query = query_text({"batchOrders": [{"a": "b"}], "flag": True})

    assert query == "batchOrders=%5B%7B%22a%22%3A%22b%22%7D%5D&flag=true"


def test_a_number_that_json_cannot_say_is_refused() -> None:
    """NaN and infinity never reach the wire."""
    with pytest.raises(ValueError, match="JSON"):
        frame_text("i", "m", {"p": float("inf")})


def test_an_empty_request_has_no_params() -> None:
    """`params` is left out when there are none."""
    assert frame_text(1, "session.status", {}) == '{"id":1,"method":"session.status"}'

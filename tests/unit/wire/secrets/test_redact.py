"""No secret gets into anything that is shown."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import assume, given
from hypothesis import strategies as st
from wire_peers import unhurried

from wireproof.wire.secrets.credentials import Credentials, Ed25519Signer, HmacSigner
from wireproof.wire.secrets.redact import LABELS, RedactingFilter, Redactor
from wireproof.wire.secrets.signing import frame_text, sign_params, signed_query

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
LISTEN = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"

# Placeholders themselves hold words of more than eight letters.
secrets = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8, max_size=40).filter(
    lambda text: text not in "".join(f"<redacted {label}>" for label in {"secret", *LABELS.values()})
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def redactor(*values: str) -> Redactor:
    made = Redactor()
    for value in values:
        made.register(value, "secret")
    return made


@unhurried
@given(secrets, st.text(max_size=20), st.text(max_size=20))
def test_no_registered_value_survives_in_any_text(secret: str, before: str, after: str) -> None:
    """Whatever stands around it, and in every usual encoding."""
    made = redactor(secret)
    for form in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]):
        assert secret not in made.text(f"{before}{form}{after}")
        if len(form) >= 8:
            assert form not in made.text(f"{before} {form} {after}")
    coded = base64.b64encode(secret.encode()).decode().rstrip("=")
    assert coded not in made.text(f"{before} {coded} {after}")


@unhurried
@given(st.text(st.characters(codec="ascii"), min_size=12, max_size=30), st.binary(max_size=4), st.binary(max_size=4))
def test_base64_around_a_secret_does_not_show_it(secret: str, before: bytes, after: bytes) -> None:
    """Basic authorisation encodes "key:secret" as one: the secret begins at any of three offsets."""
    made = redactor(secret)
    whole = base64.b64encode(before + secret.encode() + after).decode()
    shown = made.text(whole)

    assert "<redacted secret>" in shown
    assert len(shown.replace("<redacted secret>", "")) <= 16, "what is left holds the neighbours and a character each"


@unhurried
@given(secrets, json_values)
def test_json_stays_of_one_shape_without_registered_values(secret: str, value: Any) -> None:
    """Strings stay strings, numbers numbers, lists as long as they were."""
    made = redactor(secret)
    document = {"a": value, "b": [secret, f"x{secret}y"], "listenKey": secret}
    assume(secret not in re.sub(r'"(?:[^"\\]|\\.)*"', "", json.dumps(document)))  # a number, or brackets, by chance
    redacted = made.json(document)

    assert shape(redacted) == shape(document)
    assert secret not in json.dumps(redacted, ensure_ascii=False)
    assert secret not in made.frame(json.dumps(document, ensure_ascii=False))
    escaped = made.frame(json.dumps(document))
    assert secret not in json.dumps(json.loads(escaped), ensure_ascii=False)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value)


@unhurried
@given(json_values)
def test_a_frame_without_secrets_is_not_touched(value: Any) -> None:
    """Byte for byte, numbers as they were written."""
    text = json.dumps(value)
    if not any(
        word in text.lower() for word in ("key", "signature", "secret", "pass", "authorization", "cookie", "://")
    ):
        assert redactor(KEY).frame(text) == text


def test_a_secret_in_json_that_is_nested_too_deep_does_not_stay() -> None:
    text = '{"listenKey":' * 5000 + '["opaque"]' + "}" * 5000
    assert "opaque" not in Redactor().frame(text)


def test_numbers_keep_their_text() -> None:
    """7.0E-4 and 1.10 stay as they were written, duplicates as well."""
    text = '{"a":7.0E-4,"b":1.10,"b":123456789012345678901234567890,"apiKey":"x","c":"\\u00e9"}'
    assert redactor().frame(text) == text.replace('"x"', '"<redacted api key>"')


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("apiKey", "api key"),
        ("X-MBX-APIKEY", "api key"),
        ("api_key", "api key"),
        ("signature", "signature"),
        ("listenKey", "listen key"),
        ("secret", "secret"),
        ("apiSecret", "secret"),
        ("privateKey", "private key"),
        ("private_key_pem", "private key"),
        ("Authorization", "authorization"),
        ("password", "password"),
    ],
)
def test_values_under_the_names_of_secrets_go_even_when_nobody_registered_them(name: str, label: str) -> None:
    """In frames, decoded JSON, queries, headers, Python's notation and JSON inside a string."""
    made = redactor()
    hidden = f"<redacted {label}>"
    value = "aB3/unregistered+9="

    assert made.json({name: value}) == {name: hidden}
    assert made.frame(json.dumps({name: value, "n": 1})) == json.dumps({name: hidden, "n": 1})
    assert made.text(f"GET /x?a=1&{name}=abc123&b=2") == f"GET /x?a=1&{name}={hidden}&b=2"
    assert made.text(f"{name}: {value}") == f"{name}: {hidden}"
    assert value not in made.text(str({name: value}))
    assert value not in made.text(repr([(name, value)]))
    assert value not in made.frame(json.dumps({"log": json.dumps({name: value})}))
    assert value not in made.frame(json.dumps({name: [value, {"x": value}]}))


def test_kinds_stay_under_the_names_of_secrets() -> None:
    """Null, booleans and "" stay; a number stays a number; a decimal string stays one."""
    assert redactor().json({"apiKey": None, "listenKey": "", "signature": True, "secret": 12}) == {
        "apiKey": None,
        "listenKey": "",
        "signature": True,
        "secret": 0,
    }
    assert redactor().frame('{"apiKey":null,"listenKey":"","secret":12,"signature":1.5}') == (
        '{"apiKey":null,"listenKey":"","secret":0,"signature":0.0}'
    )
    assert redactor().json({"listenKey": "123.45"}) == {"listenKey": "111.11"}


def test_what_stands_beside_a_piece_under_the_name_of_a_secret_goes_with_it() -> None:
    """A key that the server completed, or one of which a part is not registered."""
    made = redactor(KEY)
    assert made.json({"apiKey": f"{KEY[:30]}tail"}) == {"apiKey": "<redacted api key>"}
    assert made.frame(f'{{"apiKey":"{KEY[:30]}tail"}}') == '{"apiKey":"<redacted api key>"}'


@pytest.mark.parametrize(
    "text",
    [
        "Signature for this request is not valid.",
        "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.",
        "param apikey not found",
        "API-key format invalid.",
        "This listenKey does not exist.",
        "wss://fstream.example/ws/btcusdt@aggTrade",
        "wss://fstream.example/market/ws/btcusdt@kline_1m/ethusdt@depth",
        "https://example.org/docs?page=2",
    ],
)
def test_sentences_of_the_exchange_and_stream_names_stay(text: str) -> None:
    """Prose about keys is no key."""
    assert redactor(KEY).text(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            f"wss://h/private/ws?listenKey={LISTEN}&events=A/B",
            "wss://h/private/ws?listenKey=<redacted listen key>&events=A/B",
        ),
        (f"listenKey%3D{LISTEN}", "listenKey%3D<redacted listen key>"),
        (f"wss://h/private/ws/{LISTEN}", "wss://h/private/ws/<redacted listen key>"),
        ("http://user:pa55@proxy:3128/", "http://<redacted user>@proxy:3128/"),
        ("proxy-authorization: Basic dXNlcjpwYXNz", "proxy-authorization: <redacted authorization>"),
        ("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----", "<redacted private key>"),
        ("cut: -----BEGIN RSA PRIVATE KEY-----\nMC4C", "cut: <redacted private key>"),
    ],
)
def test_free_text_loses_urls_secrets(text: str, left: str) -> None:
    """Queries, path parts, user info, headers and PEM blocks."""
    assert redactor().text(text) == left


def test_short_values_are_not_registered() -> None:
    """Replacing a short value everywhere would destroy text."""
    assert redactor("BTC", "").text("BTCUSDT") == "BTCUSDT"


def test_the_longest_registered_value_goes_first() -> None:
    """A value that begins like another one leaves no rest."""
    assert redactor("abcdefgh", "abcdefghijkl").text("abcdefghijkl") == "<redacted secret>"


def test_escapes_do_not_hide_a_registered_value() -> None:
    r"""A peer may write a key with \u escapes."""
    escaped = "".join(f"\\u{ord(char):04x}" for char in KEY)
    shown = redactor(KEY).frame(f'{{"msg":"{escaped}"}}')

    assert json.loads(shown) == {"msg": "<redacted secret>"}


def test_watched_credentials_never_show() -> None:
    """Key, secret and each signature, as soon as it is made, plain and percent-encoded."""
    made = Redactor()
    credentials = Credentials(KEY, HmacSigner("s3cr3t" * 8))
    made.watch(credentials)
    made.watch(credentials)
    params = sign_params({"symbol": "BTCUSDT"}, credentials, timestamp_ms=1)
    query = signed_query({}, credentials, timestamp_ms=1)
    loose = f"{KEY} {'s3cr3t' * 8} {params['signature']} {params['signature'].upper()} {query.split('=')[-1]}"

    assert len(credentials.watchers) == 1
    assert made.text(loose) == (
        "<redacted api key> <redacted secret> <redacted signature> <redacted signature> <redacted signature>"
    )
    assert KEY not in made.frame(frame_text("i", "m", params))
    assert repr(made).startswith("Redactor(")


def test_a_private_key_shows_neither_whole_nor_in_lines() -> None:
    """The PEM's base64 goes also without its frame."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    made = Redactor()
    credentials = Credentials(KEY, Ed25519Signer(key, pem))
    made.watch(credentials)
    body = pem.splitlines()[1]
    signature = credentials.sign("x")

    assert body not in made.text(pem)
    assert body not in made.text(f"key={body}")
    assert body not in made.text(json.dumps(pem))
    assert made.text(quote(signature, safe="")) == "<redacted signature>"


def fail_with_secrets() -> None:
    try:
        int(f"inner {KEY}")
    except ValueError as exc:
        raise RuntimeError(f"wss://h/ws?listenKey={LISTEN}") from exc


def test_logs_and_their_exceptions_are_redacted() -> None:
    """Messages, arguments and chained exceptions."""
    made = redactor(KEY)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(made))
    logger = logging.Logger("test")  # noqa: LOG001  # of this test only
    logger.addHandler(handler)
    try:
        fail_with_secrets()
    except RuntimeError:
        logger.exception("failed with %s and %s", KEY, {"signature": "abcdef"}, stack_info=True)
    logger.info("%d %% done", 5)
    shown = stream.getvalue()

    assert "'inner <redacted secret>'" in shown
    assert "failed with <redacted secret>" in shown
    assert "5 % done" in shown
    assert not [secret for secret in (KEY, LISTEN, "abcdef") if secret in shown]

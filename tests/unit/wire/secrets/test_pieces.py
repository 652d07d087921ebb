"""Eight characters of a secret are a secret, in whatever code they stand; ordinary text is none."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from leaks import CODES, Leaks
from wire_peers import unhurried

from wireproof.wire.secrets import pieces
from wireproof.wire.secrets.pieces import is_random
from wireproof.wire.secrets.redact import Redactor

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
ORDINARY = {
    "symbol": "BTCUSDT",
    "clientOrderId": "web_x8Kq2mT90zLw",
    "orderId": 283_194_212_345,
    "updateTime": 1_700_000_000_123,
    "price": "43210.10000000",
    "msg": "Signature for this request is not valid.",
    "id": "8f6b0c2e-41d7-4a9e-b5f3-0c1d2e3f4a5b",
}


def redactor(label: str = "api key", *values: str) -> Redactor:
    made = Redactor()
    for value in values or (KEY,):
        made.register(value, label)
    return made


def signature(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def key_of(number: int) -> str:
    return "".join(random.Random(number).choices(string.ascii_letters + string.digits, k=64))  # noqa: S311  # keys of a test


# -- every code --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_no_piece_stays_in_any_code(code):
    """In text, in JSON, in JSON inside JSON, as the name of a field; what stands around it does."""
    written = CODES[code](KEY)
    search = Leaks({"api key": [KEY]})
    for text in (f"before {written} after", json.dumps({"before": written, "after": 1}), json.dumps({written: [1]})):
        shown = redactor().frame(text)
        assert search.in_text(text)
        assert not search.in_text(shown), shown
        assert "<redacted api key>" in shown
    nested = redactor().frame(json.dumps({"before": json.dumps({"x": written}), "after": 1}))
    assert not search.in_text(nested), nested
    assert set(json.loads(nested)) == {"before", "after"}


@pytest.mark.parametrize("code", [code for code in CODES if code != "backwards"])
def test_no_piece_of_a_fresh_signature_stays_in_any_code(code):
    """Hex and base64 ones; turned around they are looked for no more than other texts of a moment."""
    for made in (signature(1), base64.b64encode(hashlib.sha512(b"1").digest()).decode()):
        known = Redactor()
        known.register_signature(made)
        shown = known.frame(json.dumps({"a": CODES[code](made)}))
        assert "<redacted signature>" in shown
        assert not Leaks({"signature": [made]}).in_text(shown), shown


@unhurried
@given(st.integers(0, 56), st.integers(8, 64), st.sampled_from([*CODES]), st.text(max_size=12), st.text(max_size=12))
def test_no_cut_of_a_key_stays(at, length, code, before, after):
    """Wherever it was cut, and whatever stands at its ends."""
    piece = KEY[at : at + length]
    shown = redactor().text(before + CODES[code](piece) + after)

    assert not Leaks({"api key": [KEY]}).in_text(shown), shown


@unhurried
@given(st.binary(max_size=7), st.binary(max_size=7), st.integers(0, 3))
def test_no_piece_stays_in_base64_at_any_offset(before, after, cut):
    whole = base64.b64encode(before + KEY.encode() + after).decode()[cut:]

    assert not Leaks({"api key": [KEY]}).in_text(redactor().text(f'"{whole}"'))


def test_what_is_cut_before_and_after_keeps_seven_characters_at_most():
    """An excerpt that ends within a key, with the sign of the cut."""
    for end in range(1, 64):
        shown = redactor().text(f"the server said {KEY[:end]}…")
        assert ("<redacted api key>" in shown) == (end >= 8)
        assert not Leaks({"api key": [KEY]}).in_text(shown)


def test_two_secrets_side_by_side_are_two():
    other = key_of(7)
    made = redactor()
    made.register(other, "secret")

    assert made.text(f"{KEY}{other}") == "<redacted api key><redacted secret>"
    assert made.text(f"{KEY} and {other}") == "<redacted api key> and <redacted secret>"


def test_json_stays_json_where_a_piece_follows_an_escape():
    r"""`\n` and a key that begins with n: the backslash must not come to stand before the placeholder."""
    made = redactor("secret", "n7Qz41mXp0sV2k")

    assert "secret" in json.loads(made.frame('{"a":"x\\n7Qz41mXp0sV2k"}'))["a"]
    assert json.loads(made.frame(json.dumps({"a": "x\\n7Qz41mXp0sV2k"})))


# -- ordinary text -----------------------------------------------------------------------------------------------------


def test_ordinary_answers_stay_as_they_are_beside_thousands_of_secrets():
    """Field names, prices, ids, UUIDs and sentences."""
    made = redactor()
    for number in range(20_000):
        made.register_signature(signature(number))
    made.register(KEY, "api key")

    assert made.frame(json.dumps(ORDINARY)) == json.dumps(ORDINARY)
    assert made.text(ORDINARY["msg"]) == ORDINARY["msg"]


def test_digits_of_a_key_alone_are_none():
    """They could be any price; beside other characters of the key they go."""
    made = redactor("secret", "ab12345678cd90efGH")

    assert made.text("12345678") == "12345678"
    assert made.text("b12345678c") == "<redacted secret>"
    for long in ("12345678901234" + "abcdef" * 6 + "98765432101234", "abcdef12345678901234567890abcdef"):
        fresh = Redactor()
        fresh.register_signature(long)
        assert fresh.text(f"x {long} y") == "x <redacted signature> y"


@pytest.mark.parametrize("value", ["test-secret", "correct-horse-battery", "aaaaaaaaaaaaaaaa", "123456789012"])
def test_a_value_of_words_is_found_whole_only(value):
    """Its pieces are words: "secret" must stay in sentences."""
    made = redactor("secret", value)

    assert made.text(f"x {value} y") == "x <redacted secret> y"
    assert made.text(value[:8]) == value[:8]
    assert not is_random(value)


@pytest.mark.parametrize("number", range(50))
def test_what_exchanges_issue_is_no_value_of_words(number):
    assert is_random(key_of(number))
    assert is_random(signature(number))


# -- what a server calls a listen key ----------------------------------------------------------------------------------


def test_a_listen_key_is_a_secret_from_the_moment_it_comes():
    """In the answer to a start, an event, or a request that names it."""
    for number, made in enumerate((Redactor(), Redactor(), Redactor())):
        key = key_of(number)
        if number == 0:
            made.learn(json.dumps({"result": {"listenKey": key}}).encode())
        elif number == 1:
            made.learn(json.dumps({"e": "listenKeyExpired", "listenKey": key}, separators=(",", ":")).encode())
        else:
            made.learn_sent({"listenKey": key})
        assert made.text(f"… {key[20:30]} …") == "… <redacted listen key> …"


@pytest.mark.parametrize(
    "value", ["symbol", "priceChangePercent", "symbolsymbolsymbolsymbol", "symbol123priceChangePercent456", 7, None]
)
def test_a_server_cannot_hide_ordinary_text_by_calling_it_a_listen_key(value):
    made = Redactor()
    made.spare(lambda: ["symbol", "priceChangePercent", "symbolsymbolsymbolsymbol"])
    made.learn(json.dumps({"listenKey": value}).encode())
    made.learn_sent({"listenKey": value})

    assert made.text("symbol priceChangePercent") == "symbol priceChangePercent"


def test_listen_keys_do_not_fill_the_memory():
    made = Redactor()
    for number in range(pieces.MOST_LEARNED * 2):
        made.learn(json.dumps({"listenKey": key_of(number)}).encode())

    assert len(made._pieces) <= pieces.MOST_LEARNED
    assert len(made._pieces._index) <= pieces.MOST_LEARNED * 2 * 57
    assert "redacted" in made.text(key_of(pieces.MOST_LEARNED * 2 - 1))


# -- signatures, thousands of them -------------------------------------------------------------------------------------


def test_older_signatures_are_found_whole_and_in_halves(monkeypatch):
    """Only the latest are found by every piece: eight hex digits of them all would be those of many fingerprints."""
    monkeypatch.setattr(pieces, "RECENT", 64 * 100)
    made = Redactor()
    made.register(KEY, "api key")
    for number in range(1000):
        made.register_signature(signature(number))
    old, fresh = signature(0), signature(999)

    for half in (old, old[:32], old[32:], old[16:48], old.upper()):
        assert made.text(half) == "<redacted signature>"
    assert made.text(fresh[24:32]) == "<redacted signature>"
    assert made.text(KEY[3:12]) == "<redacted api key>", "what lasts is not forgotten with the signatures"


def test_signatures_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(pieces, "RECENT", 64 * 100)
    monkeypatch.setattr(pieces, "OLDER", 200)
    made = Redactor()
    for number in range(2000):
        made.register_signature(signature(number))

    assert len(made._pieces) <= 350
    assert len(made._pieces._index) <= 100 * 57 + 250 * 4


def test_a_signature_that_is_made_again_counts_once():
    made = Redactor()
    for _ in range(5000):
        made.register_signature(signature(1))

    assert len(made._pieces) == 1

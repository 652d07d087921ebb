"""Keys: where they come from, and that they stay hidden."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from wireproof.errors import ConfigurationError, ExitStatus
from wireproof.wire.secrets.credentials import Credentials, HmacSigner, from_accounts_file, from_environment

if TYPE_CHECKING:
    from pathlib import Path

KEY = "WIREPROOF_API_KEY"
SECRET = "WIREPROOF_API_SECRET"
FILE = "WIREPROOF_PRIVATE_KEY"
PASSWORD = "WIREPROOF_PRIVATE_KEY_PASSWORD"


def pem(key: Any, password: str = "") -> str:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def write(folder: Path, text: str) -> str:
    path = folder / "key.pem"
    path.write_text(text, "utf-8")
    return str(path)


def test_no_variable_means_no_key() -> None:
    """Without any variable there is no key, which is no error."""
    assert from_environment({}) is None
    assert from_environment({KEY: "", SECRET: " "}) is None


def test_key_and_secret_make_hmac_credentials() -> None:
    """WIREPROOF_API_KEY and WIREPROOF_API_SECRET."""
    credentials = from_environment({KEY: "key", SECRET: " secret\n"})

    assert credentials is not None
    assert (credentials.api_key, credentials.key_type) == ("key", "HMAC")
    assert credentials.sign("x") == HmacSigner("secret").sign("x")


def test_a_pem_file_says_itself_which_kind_it_is(tmp_path: Path) -> None:
    """RSA and Ed25519 keys are told apart."""
    ed25519 = from_environment({KEY: "key", FILE: write(tmp_path, pem(Ed25519PrivateKey.generate()))})
    rsa = from_environment({KEY: "key", FILE: write(tmp_path, pem(generate_private_key(65537, 2048)))})

    assert [ed25519 and ed25519.key_type, rsa and rsa.key_type] == ["ED25519", "RSA"]


def test_an_encrypted_file_opens_with_its_password(tmp_path: Path) -> None:
    """WIREPROOF_PRIVATE_KEY_PASSWORD opens the file."""
    path = write(tmp_path, pem(Ed25519PrivateKey.generate(), "open sesame"))

    assert from_environment({KEY: "key", FILE: path, PASSWORD: "open sesame"}) is not None


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({KEY: "k"}, "WIREPROOF_API_KEY is set, but neither WIREPROOF_API_SECRET .* nor WIREPROOF_PRIVATE_KEY"),
        ({SECRET: "s"}, "WIREPROOF_API_SECRET is set, but WIREPROOF_API_KEY is not"),
        ({FILE: "f"}, "WIREPROOF_PRIVATE_KEY is set, but WIREPROOF_API_KEY is not"),
        ({KEY: "k", SECRET: "s", FILE: "f"}, "Both WIREPROOF_API_SECRET and WIREPROOF_PRIVATE_KEY are set"),
        ({KEY: "k k", SECRET: "s"}, "WIREPROOF_API_KEY holds a character that no key has"),
        ({KEY: "k", SECRET: "s\u200b"}, "WIREPROOF_API_SECRET holds a character that no key has"),
        ({KEY: "k", FILE: "-----BEGIN PRIVATE KEY-----"}, "WIREPROOF_PRIVATE_KEY holds a key.*file's path"),
        ({KEY: "k", FILE: "/nowhere/key.pem"}, "'/nowhere/key.pem' that WIREPROOF_PRIVATE_KEY names does not exist"),
        ({KEY: "k", FILE: "/"}, "is a directory"),
        ({KEY: "k", FILE: "a\0b"}, "cannot be read"),
    ],
    ids=["no-secret", "no-key", "no-key-pem", "both", "space", "invisible", "inline", "absent", "directory", "nul"],
)
def test_half_a_key_is_a_sentence_that_names_the_variable(environ: dict[str, str], sentence: str) -> None:
    """Each way of setting the variables wrong has its own sentence and exit status 2."""
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        from_environment(environ)

    assert caught.value.exit_status is ExitStatus.USAGE


def test_a_bad_key_file_is_named_and_never_quoted(tmp_path: Path) -> None:
    """Malformed, encrypted, public, of another kind, no text: named by file, without a word of it."""
    good = pem(Ed25519PrivateKey.generate())
    body = good.splitlines()[1]
    public = Ed25519PrivateKey.generate().public_key()
    public_pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for text, password, sentence in [
        ("garbage " + body, "", "is no PEM private key that can be read"),
        (good.replace(body, body[:-4] + "!!!!"), "", "is no PEM private key that can be read"),
        (pem(Ed25519PrivateKey.generate(), "p"), "", "is encrypted. Set WIREPROOF_PRIVATE_KEY_PASSWORD"),
        (pem(Ed25519PrivateKey.generate(), "p"), "q", "or the password is wrong"),
        (good, "p", "is not encrypted, but WIREPROOF_PRIVATE_KEY_PASSWORD is set"),
        (public_pem, "", "holds a public key"),
        (pem(generate_ec(SECP256R1())), "", "of another kind .* RSA or Ed25519 is wanted"),
    ]:
        path = write(tmp_path, text)
        with pytest.raises(ConfigurationError, match=sentence) as caught:
            from_environment({KEY: "k", FILE: path, PASSWORD: password})
        assert path in str(caught.value)
        assert body not in str(caught.value)
        assert caught.value.__cause__ is None

    binary = tmp_path / "key.der"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="is no text"):
        from_environment({KEY: "k", FILE: str(binary)})


def test_repr_hides_everything(tmp_path: Path) -> None:
    """Neither credentials nor signers show what they hold."""
    secret = HmacSigner("very-secret")
    credentials = Credentials("api-key-value", secret, "main")
    shown = f"{credentials!r} {credentials} {secret!r} {[credentials]}"

    assert "very-secret" not in shown
    assert "api-key-value" not in shown
    assert repr(credentials) == "Credentials(main, HMAC, <hidden>)"


def test_watchers_hear_of_every_signature() -> None:
    """That is how a signature becomes known to the redactor before it is sent."""
    heard: list[str] = []
    credentials = Credentials("k", HmacSigner("s"), watchers=[heard.append])

    assert [credentials.sign("a"), credentials.sign("b")] == heard


def accounts(folder: Path, **changes: Any) -> Path:
    content: dict[str, Any] = {
        "ws_api_url": "ws://h/ws-fapi/v1",
        "rest_url": "http://h",
        "stream_url": "ws://h",
        "accounts": [
            {"name": "hmac", "key_type": "HMAC", "api_key": "a", "api_secret": "s"},
            {
                "name": "ed",
                "key_type": "ED25519",
                "api_key": "b",
                "private_key_pem": pem(Ed25519PrivateKey.generate()),
            },
        ],
    }
    path = folder / "credentials.json"
    path.write_text(json.dumps(content | changes), "utf-8")
    return path


def test_the_venues_credentials_file_is_read(tmp_path: Path) -> None:
    """Accounts in order, with their kinds, and the venue's URLs."""
    read = from_accounts_file(accounts(tmp_path))

    assert [(one.name, one.key_type, one.api_key) for one in read.accounts] == [
        ("hmac", "HMAC", "a"),
        ("ed", "ED25519", "b"),
    ]
    assert (read.ws_api_url, read.rest_url, read.stream_url) == ("ws://h/ws-fapi/v1", "http://h", "ws://h")
    assert "'s'" not in repr(read)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"extra": 1}, "unknown field `extra`"),
        ({"accounts": 1}, "Expected `array`"),
        ({"accounts": [{"name": "x", "key_type": "DSA", "api_key": "a"}]}, "not of the form"),
        ({"accounts": [{"name": "x", "key_type": "HMAC", "api_key": "a"}]}, "'x' .* needs api_secret"),
        ({"accounts": [{"name": "x", "key_type": "RSA", "api_key": "a"}]}, "'x' .* needs private_key_pem"),
        (
            {"accounts": [{"name": "x", "key_type": "RSA", "api_key": "a", "private_key_pem": "p"}]},
            "rivate_key_pem of account 'x' .* is no PEM",
        ),
    ],
    ids=["unknown-field", "wrong-type", "unknown-kind", "no-secret", "no-pem", "bad-pem"],
)
def test_the_credentials_file_is_closed(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    """What the format does not have is an error that names the file."""
    path = accounts(tmp_path, **changes)
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        from_accounts_file(path)

    assert str(path) in str(caught.value)


def test_an_account_whose_key_is_of_another_kind_is_an_error(tmp_path: Path) -> None:
    """key_type and PEM must agree."""
    wrong = {"name": "x", "key_type": "RSA", "api_key": "a", "private_key_pem": pem(Ed25519PrivateKey.generate())}
    with pytest.raises(ConfigurationError, match="says RSA, but its key is of type ED25519"):
        from_accounts_file(accounts(tmp_path, accounts=[wrong]))


def test_a_missing_or_malformed_credentials_file_is_named(tmp_path: Path) -> None:
    """Absent, or no JSON."""
    with pytest.raises(ConfigurationError, match=r"gone\.json cannot be read"):
        from_accounts_file(tmp_path / "gone.json")
    path = tmp_path / "broken.json"
    path.write_text("{secret", "utf-8")
    with pytest.raises(ConfigurationError, match=r"broken\.json is not of the form") as caught:
        from_accounts_file(path)
    assert "secret" not in str(caught.value)

"""Keys: where they come from, and how they sign.

Nothing here shows a key: `repr` hides it, and errors name the variable or file, never what is in it.

https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from wireproof.bounds import MIB, read_file
from wireproof.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KeyType = Literal["HMAC", "RSA", "ED25519"]

API_KEY = "WIREPROOF_API_KEY"
API_SECRET = "WIREPROOF_API_SECRET"  # noqa: S105  # the name of a variable
PRIVATE_KEY = "WIREPROOF_PRIVATE_KEY"
PRIVATE_KEY_PASSWORD = "WIREPROOF_PRIVATE_KEY_PASSWORD"  # noqa: S105  # the name of a variable

MOST_OF_A_KEY_FILE = MIB


class Signer(Protocol):
    """Signs text."""

    @property
    def key_type(self) -> KeyType:
        """The kind of key."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""

    def sign(self, payload: str) -> str:
        """Return the signature of the payload's UTF-8 bytes, as the exchange wants it."""


class _HiddenSecret:
    """What signers share: a secret text, the API secret or the PEM text that the key came from, that never shows."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret text, if any."""
        return (self._secret,) if self._secret else ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<hidden>)"


class HmacSigner(_HiddenSecret):
    """HMAC-SHA256 with the API secret, in lower-case hex digits."""

    key_type: KeyType = "HMAC"

    def sign(self, payload: str) -> str:
        """Return 64 hex digits."""
        return hmac.new(self._secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


class RsaSigner(_HiddenSecret):
    """RSASSA-PKCS1-v1_5 with SHA-256, in base64."""

    key_type: KeyType = "RSA"

    def __init__(self, key: RSAPrivateKey, pem: str = "") -> None:
        super().__init__(pem)
        self._key = key

    def sign(self, payload: str) -> str:
        """Return base64 text, padded, not percent-encoded."""
        return base64.b64encode(self._key.sign(payload.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


class Ed25519Signer(_HiddenSecret):
    """Ed25519, in base64."""

    key_type: KeyType = "ED25519"

    def __init__(self, key: Ed25519PrivateKey, pem: str = "") -> None:
        super().__init__(pem)
        self._key = key

    def sign(self, payload: str) -> str:
        """Return base64 text, padded, not percent-encoded."""
        return base64.b64encode(self._key.sign(payload.encode())).decode()


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """An API key and what signs for it. `watchers` are told every signature made, so that none is ever shown."""

    api_key: str
    signer: Signer
    name: str = ""
    watchers: list[Callable[[str], None]] = field(default_factory=list, compare=False)

    @property
    def key_type(self) -> KeyType:
        """The kind of key."""
        return self.signer.key_type

    def sign(self, payload: str) -> str:
        """Return the signature of the payload, after telling the watchers."""
        signature = self.signer.sign(payload)
        for watcher in self.watchers:
            watcher(signature)
        return signature

    def __repr__(self) -> str:
        return f"Credentials({self.name + ', ' if self.name else ''}{self.key_type}, <hidden>)"


def from_environment(environ: Mapping[str, str]) -> Credentials | None:
    """Return the key of the environment, or None when no variable of a key is set.

    `WIREPROOF_API_KEY` with `WIREPROOF_API_SECRET` (HMAC) or `WIREPROOF_PRIVATE_KEY` (path of a PEM file, RSA or
    Ed25519; `WIREPROOF_PRIVATE_KEY_PASSWORD` if it is encrypted). Raise ConfigurationError for anything else.
    """
    names = (API_KEY, API_SECRET, PRIVATE_KEY, PRIVATE_KEY_PASSWORD)
    api_key, secret, path, password = (environ.get(name, "").strip() for name in names)
    if not (api_key or secret or path):
        return None
    if secret and path:
        raise ConfigurationError(f"Both {API_SECRET} and {PRIVATE_KEY} are set. Keep the one that belongs to the key.")
    if not api_key:
        raise ConfigurationError(f"{API_SECRET if secret else PRIVATE_KEY} is set, but {API_KEY} is not. Set both.")
    if not (secret or path):
        raise ConfigurationError(
            f"{API_KEY} is set, but neither {API_SECRET} (HMAC) nor {PRIVATE_KEY} (path of a PEM file) is. Set one."
        )
    _require_token(API_KEY, api_key)
    if secret:
        _require_token(API_SECRET, secret)
        return Credentials(api_key, HmacSigner(secret))
    where = f"the file {path!r} that {PRIVATE_KEY} names"
    return Credentials(api_key, signer_from_pem(_read_pem(path), where, password))


def _require_token(variable: str, value: str) -> None:
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise ConfigurationError(
            f"{variable} holds a character that no key has (a space, a line break, a control or non-ASCII character)."
            " Copy the key again."
        )


def _read_pem(path: str) -> str:
    if path.startswith("-----BEGIN"):
        raise ConfigurationError(f"{PRIVATE_KEY} holds a key. Put the key into a file and set the file's path instead.")
    try:
        return read_file(Path(path).expanduser(), MOST_OF_A_KEY_FILE).decode()
    except FileNotFoundError:
        problem = "does not exist"
    except IsADirectoryError:
        problem = "is a directory"
    except UnicodeDecodeError:
        problem = "is no text: a PEM file is wanted"
    except (OSError, ValueError) as exc:
        problem = f"cannot be read ({getattr(exc, 'strerror', None) or 'not a valid path'})"
    raise ConfigurationError(f"The file {path!r} that {PRIVATE_KEY} names {problem}.") from None


def signer_from_pem(pem: str, where: str, password: str = "") -> Signer:
    """Return the signer of a PEM private key, RSA or Ed25519.

    `where` names the origin in errors (ConfigurationError), such as "the file 'a.pem'".
    """
    try:
        key = load_pem_private_key(pem.encode(), password.encode() if password else None)
    except TypeError:
        problem = (
            f"is not encrypted, but {PRIVATE_KEY_PASSWORD} is set. Unset it"
            if password
            else f"is encrypted. Set {PRIVATE_KEY_PASSWORD}"
        )
    except (ValueError, UnsupportedAlgorithm):
        problem = "is no PEM private key that can be read" + (", or the password is wrong" if password else "")
        if "PUBLIC KEY" in pem:
            problem = "holds a public key. The private key is wanted"
    else:
        if isinstance(key, RSAPrivateKey):
            return RsaSigner(key, pem)
        if isinstance(key, Ed25519PrivateKey):
            return Ed25519Signer(key, pem)
        problem = f"holds a key of another kind ({type(key).__name__}). RSA or Ed25519 is wanted"
    raise ConfigurationError(f"{where[0].upper()}{where[1:]} {problem}.") from None


class _Account(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    key_type: KeyType
    api_key: str
    api_secret: str = ""
    private_key_pem: str = ""


class _CredentialsFile(msgspec.Struct, forbid_unknown_fields=True):
    accounts: list[_Account]
    ws_api_url: str = ""
    rest_url: str = ""
    stream_url: str = ""
    urls: dict[str, dict[Literal["ws-api", "rest", "stream", "event"], str]] = {}
    roots: dict[str, dict[str, str]] = {}  # of streams by what they carry, for other clients
    ca_file: str = ""  # of a venue that speaks TLS, for other clients: wireproof trusts what the machine trusts


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of a credentials file, in its order, and the URLs of the venue that knows them."""

    accounts: tuple[Credentials, ...]
    ws_api_url: str = field(default="", repr=False)
    rest_url: str = field(default="", repr=False)
    stream_url: str = field(default="", repr=False)
    urls: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)  # by product and surface


def from_accounts_file(path: Path | str) -> Accounts:
    """Read the file that `wireproof venue --credentials` writes: its URLs, and one account for each kind of key.

    Raise ConfigurationError, which names the file and never its content.
    """
    file = Path(path)
    try:
        raw = read_file(file, MOST_OF_A_KEY_FILE)
    except (OSError, ValueError) as exc:
        problem = getattr(exc, "strerror", None) or "not a valid path"
        raise ConfigurationError(f"The credentials file {file} cannot be read ({problem}).") from None
    try:
        read = msgspec.json.decode(raw, type=_CredentialsFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        problem = str(exc) if isinstance(exc, msgspec.ValidationError) and "Invalid enum" not in str(exc) else ""
        detail = f" ({problem})" if problem else ""
        raise ConfigurationError(
            f"The credentials file {file} is not of the form that `wireproof venue --credentials` writes{detail}."
        ) from None
    if not read.accounts:
        raise ConfigurationError(f"The credentials file {file} holds no account.")
    return Accounts(
        tuple(_credentials(one, file) for one in read.accounts),
        ws_api_url=read.ws_api_url,
        rest_url=read.rest_url,
        stream_url=read.stream_url,
        urls={product: {str(surface): url for surface, url in at.items()} for product, at in read.urls.items()},
    )


def _credentials(account: _Account, file: Path) -> Credentials:
    where = f"account {account.name!r} of the credentials file {file}"
    if account.key_type == "HMAC":
        if not account.api_secret or account.private_key_pem:
            raise ConfigurationError(f"The {where} is of type HMAC: it needs api_secret and no private_key_pem.")
        return Credentials(account.api_key, HmacSigner(account.api_secret), account.name)
    if not account.private_key_pem or account.api_secret:
        raise ConfigurationError(
            f"The {where} is of type {account.key_type}: it needs private_key_pem and no api_secret."
        )
    signer = signer_from_pem(account.private_key_pem, f"private_key_pem of {where}")
    if signer.key_type != account.key_type:
        raise ConfigurationError(f"The {where} says {account.key_type}, but its key is of type {signer.key_type}.")
    return Credentials(account.api_key, signer, account.name)

"""API keys and signatures: HMAC-SHA256, RSA (PKCS#1 v1.5, SHA-256) and Ed25519.

Signed text and encodings: https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import string
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, quote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from wireproof.venue.base.refusals import Refusal, invalid_signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KeyType = Literal["HMAC", "RSA", "ED25519"]
KEY_LENGTH = 64
DEFAULT_RECV_WINDOW, LARGEST_RECV_WINDOW, AHEAD = 5_000, 60_000, 1_000
_ALPHANUMERIC = string.ascii_letters + string.digits


def random_token(length: int = KEY_LENGTH) -> str:
    """Return letters and digits from the operating system's random source."""
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


@dataclass(slots=True, eq=False)
class ApiKey:
    """One API key with what verifies its signatures. The secret parts are for the credentials file only."""

    type: KeyType
    api_key: str = field(repr=False)
    secret: str = field(default="", repr=False)
    private_key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | None = field(default=None, repr=False)
    revoked: bool = False

    @classmethod
    def generate(cls, kind: KeyType) -> ApiKey:
        """Make a key of `kind`; never from the venue's seed."""
        if kind == "HMAC":
            return cls(kind, random_token(), secret=random_token())
        if kind == "RSA":
            return cls(kind, random_token(), private_key=rsa.generate_private_key(65537, 2048))
        return cls(kind, random_token(), private_key=ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, kind: KeyType, api_key: str, secret: str, private_key_pem: str) -> ApiKey:
        """Return a key out of its parts, as the credentials file has them."""
        if not private_key_pem:
            return cls(kind, api_key, secret=secret)
        private_key = serialization.load_pem_private_key(private_key_pem.encode(), None)
        assert isinstance(private_key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey)  # no other kind is made
        return cls(kind, api_key, private_key=private_key)

    def private_key_pem(self) -> str:
        """Return the private key as unencrypted PKCS#8 PEM."""
        if self.private_key is None:
            return ""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def sign(self, payload: str) -> str:
        """Return the signature of `payload`, hex for HMAC and base64 for the others."""
        data = payload.encode()
        if isinstance(self.private_key, rsa.RSAPrivateKey):
            return base64.b64encode(self.private_key.sign(data, padding.PKCS1v15(), hashes.SHA256())).decode()
        if isinstance(self.private_key, ed25519.Ed25519PrivateKey):
            return base64.b64encode(self.private_key.sign(data)).decode()
        return hmac.new(self.secret.encode(), data, hashlib.sha256).hexdigest()

    def verify(self, payload: str, signature: str) -> bool:
        """Whether `signature` is this key's over `payload`."""
        data = payload.encode()
        if self.private_key is None:
            expected = hmac.new(self.secret.encode(), data, hashlib.sha256).hexdigest()
            return hmac.compare_digest(expected.encode(), signature.lower().encode())
        try:
            raw = base64.b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            return False
        try:
            if isinstance(self.private_key, rsa.RSAPrivateKey):
                self.private_key.public_key().verify(raw, data, padding.PKCS1v15(), hashes.SHA256())
            else:
                self.private_key.public_key().verify(raw, data)
        except InvalidSignature:
            return False
        return True


class SignatureCheck:
    """Verifies signatures and counts which form of the signed text was used: clients disagree about it."""

    def __init__(self) -> None:
        self.forms: Counter[str] = Counter()

    def verify(self, key: ApiKey, payloads: Iterable[tuple[str, str]], signature: str) -> None:
        """Accept the first (form, payload) that `signature` fits; -1022 when none does."""
        for form, payload in payloads:
            if key.verify(payload, signature):
                self.forms[form] += 1
                return
        raise invalid_signature()


def websocket_payloads(texts: dict[str, str], booleans: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the texts that a WebSocket API request may be signed over, without its signature.

    All parameters sorted by name, as name=value joined with &. The documentation signs raw values; the official Python
    SDK signs the urlencoded ones, and JSON booleans as True and False; percent-encoding with %20 is the third way.
    """
    pairs = sorted((name, text) for name, text in texts.items() if name != "signature")
    raw = "&".join(f"{name}={text}" for name, text in pairs)
    yield "raw", raw
    capital = {name: text.capitalize() for name, text in texts.items() if name in set(booleans)}
    encoded = "&".join(f"{quote_plus(name)}={quote_plus(capital.get(name, text))}" for name, text in pairs)
    if encoded != raw:
        yield "urlencoded", encoded
    percent = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in pairs)
    if percent not in {raw, encoded}:
        yield "percent-encoded", percent


def check_time(timestamp: int, recv_window: int | None, now: int) -> None:
    """Refuse a request from the future or one that was too long under way: -1021, both texts."""
    window = DEFAULT_RECV_WINDOW if recv_window is None else recv_window
    if window > LARGEST_RECV_WINDOW:
        # Spot's text; that futures answers alike is not proven, but clients carry it in their tables.
        raise Refusal(-1131, "recvWindow must be less than 60000")
    if timestamp >= now + AHEAD:
        raise Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now - timestamp > window:
        raise Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")

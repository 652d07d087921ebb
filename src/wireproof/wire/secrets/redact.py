"""Keeps keys, signatures and listen keys out of everything that is shown or written.

Two nets: values that were registered are replaced wherever they or eight characters of them stand, in any usual
encoding (see `pieces`); and values under the names of secrets (`apiKey`, `signature`, `listenKey`, ...) are replaced
even when nobody registered them. Kinds are kept: a string stays a string, so that redacted JSON is judged like the
original.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from typing import TYPE_CHECKING, Any

from wireproof.counts import counted
from wireproof.wire.secrets.mask import hide_values, hide_values_text, masked_decimal
from wireproof.wire.secrets.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wireproof.wire.secrets.credentials import Credentials

__all__ = ["RedactingFilter", "Redactor", "hide_values", "hide_values_text"]

LABELS = {
    "apikey": "api key",
    "xmbxapikey": "api key",
    "signature": "signature",
    "listenkey": "listen key",
    "secret": "secret",
    "apisecret": "secret",
    "secretkey": "secret",
    "privatekey": "private key",
    "privatekeypem": "private key",
    "password": "password",
    "passphrase": "password",
    "authorization": "authorization",
    "proxyauthorization": "authorization",
    "cookie": "cookie",
    "setcookie": "cookie",
}

_NAMES = (
    r"(?:x-mbx-apikey|api[_-]?key|signature|listen[_-]?key|(?:api[_-]?)?secret(?:[_-]?key)?|private[_-]?key(?:[_-]?pem)?"
    r"|password|passphrase|(?:proxy-)?authorization|(?:set-)?cookie)"
)
_JSON_STRING = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
# "apiKey": "...", also inside a string that holds JSON (\"apiKey\":\"...\") and in Python's notation
_MEMBER = re.compile(rf'("{_NAMES}"\s*:\s*)({_JSON_STRING}|{_NUMBER})', re.IGNORECASE)
_QUOTED = re.compile(rf"((?:\\+[\"']|')({_NAMES})(?:\\+[\"']|')\s*[:=,]\s*b?(\\+[\"']|'))(.*?)(\3)", re.IGNORECASE)
# listenKey=... in a query or form, also with the sign percent-encoded
_QUERY = re.compile(rf"(?<![A-Za-z0-9])({_NAMES})(=|%3D)([^&\s\"'<>;,)\]}}]+)", re.IGNORECASE)
# X-MBX-APIKEY: ... in a log line; a short word after a colon is prose
_HEADER = re.compile(rf"(?<![A-Za-z0-9])({_NAMES})(\s*:\s*)((?:basic|bearer)\s+\S+|[^\s\"'<>,;]{{8,}})", re.IGNORECASE)
_PATH = re.compile(r"((?:wss?|https?)://[^\s\"'<>?#]*?/ws/)([A-Za-z0-9]{32,})")
_LISTEN_KEY = re.compile(rb'"listenKey"\s*:\s*"([^"\\]{8,200})"')
_USER_INFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://)([^\s/@\"'<>]+)@", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"<redacted [a-z ]+>")
_CORES = ("key", "signature", "secret", "pass", "authorization", "cookie")
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL)


def label_of(name: str) -> str:
    """Return what a field of this name holds ("api key"), or an empty string when it is no secret."""
    return LABELS.get(name.replace("_", "").replace("-", "").lower(), "")


def _placeholder(label: str) -> str:
    return f"<redacted {label}>"


class Redactor:
    """Knows the secrets of a run and replaces them."""

    def __init__(self) -> None:
        self._pieces = Pieces()

    def __repr__(self) -> str:
        return f"Redactor({counted(len(self._pieces), 'value')})"

    def register(self, value: str, label: str = "secret") -> None:
        """Replace this secret from now on, and every eight characters of it.

        Values shorter than 8 characters are not registered.
        """
        self._pieces.register(value, label)

    def register_signature(self, value: str) -> None:
        """Replace this signature from now on, and every eight characters of it while it is among the latest."""
        self._pieces.register_signature(value)

    def watch(self, credentials: Credentials) -> None:
        """Register an API key, its secrets, and from now on every signature made with it."""
        self.register(credentials.api_key, "api key")
        for secret in credentials.signer.secrets:
            lines = [line.strip() for line in secret.splitlines()]
            if lines and lines[0].startswith("-----"):
                self.register("".join(line for line in lines if not line.startswith("-----")), "private key")
            else:
                self.register(secret, "secret")
        if self.register_signature not in credentials.watchers:
            credentials.watchers.append(self.register_signature)

    def learn(self, received: bytes) -> None:
        """Register the listen keys in a frame or body that came, before any of it is shown."""
        if b"istenKey" in received:
            for found in _LISTEN_KEY.finditer(received):
                self.learn_listen_key(found[1].decode("utf-8", "replace"))

    def learn_listen_key(self, value: object) -> None:
        """Register a listen key that a server made; one that could be ordinary text only goes under its name."""
        if isinstance(value, str):
            self._pieces.learn(value, "listen key")

    def learn_sent(self, params: Mapping[str, Any]) -> None:
        """Register the listen key among the parameters of a request."""
        self.learn_listen_key(params.get("listenKey"))

    def spare(self, words: Callable[[], Iterable[str]]) -> None:
        """Name ordinary words, asked for when needed: a server cannot hide them by calling them a listen key."""
        self._pieces.spare(words)

    def text(self, text: str) -> str:
        """Return free text (a log line, an error, a URL) without secrets."""
        text = self._pieces.redacted(text, _placeholder)
        if "-----BEGIN" in text:
            text = _PEM.sub(_placeholder("private key"), text)
        if "://" in text:
            text = _PATH.sub(lambda m: m[1] + _placeholder("listen key"), text)
            text = _USER_INFO.sub(lambda m: m[1] + _placeholder("user") + "@", text)
        lowered = text.lower()
        return self._named(text) if any(core in lowered for core in _CORES) else text

    def _named(self, text: str) -> str:
        text = _MEMBER.sub(_redacted_member, text)
        text = _QUOTED.sub(lambda m: m[1] + _placeholder(label_of(m[2])) + m[5], text)
        text = _QUERY.sub(lambda m: m[1] + m[2] + _kept(m[3], label_of(m[1])), text)
        return _HEADER.sub(lambda m: m[1] + m[2] + _kept(m[3], label_of(m[1])), text)

    def json(self, value: Any) -> Any:
        """Return decoded JSON of the same shape without secrets."""
        return self._json(value, "")

    def frame(self, text: str) -> str:
        """Return a frame or body as sent or received, without secrets and otherwise unchanged, JSON or not."""
        redacted = self.text(text)
        return redacted if not _holds_container(redacted) else self._reserialised(redacted)

    def _reserialised(self, text: str) -> str:
        try:
            return json.dumps(self.json(json.loads(text)), separators=(",", ":"))
        except ValueError:
            return text
        except RecursionError:
            return "(JSON nested deeper than can be redacted)"  # what stands under the name of a secret is not known

    def _json(self, value: Any, label: str) -> Any:
        if isinstance(value, dict):
            return {self.text(name): self._json(item, label_of(name) or label) for name, item in value.items()}
        if isinstance(value, list):
            return [self._json(item, label) for item in value]
        if isinstance(value, str):
            return _kept(value, label) if label else self.text(value)
        if label and isinstance(value, int | float) and not isinstance(value, bool):
            return type(value)(0)
        return value


def _kept(value: str, label: str) -> str:
    """Return the placeholder, or for a decimal string another one, so that the kind stays; "" stays."""
    if not value or _PLACEHOLDER.fullmatch(value):
        return value
    return masked_decimal(value) or _placeholder(label)


def _redacted_member(match: re.Match[str]) -> str:
    name = match[1].split('"')[1]
    value = match[2]
    if not value.startswith('"'):
        return match[1] + ("0" if re.fullmatch(r"-?\d+", value) else "0.0")
    return f'{match[1]}"{_kept(value[1:-1], label_of(name))}"'


_CONTAINER = re.compile(rf'"{_NAMES}"\s*:\s*[\[{{]', re.IGNORECASE)


def _holds_container(text: str) -> bool:
    return _CONTAINER.search(text) is not None


class RedactingFilter(logging.Filter):
    """A logging filter that redacts messages, arguments, exceptions and stack traces; never drops a record."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record in place."""
        record.msg, record.args = self._redactor.text(record.getMessage()), None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self._redactor.text(record.exc_text)
        if record.stack_info:
            record.stack_info = self._redactor.text(record.stack_info)
        return True

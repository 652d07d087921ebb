"""Keeps keys, signatures and listen keys out of everything that is shown or written.

Two nets: values that were registered are replaced wherever they stand, in any usual encoding; and values under the
names of secrets (`apiKey`, `signature`, `listenKey`, ...) are replaced even when nobody registered them. Kinds are
kept: a string stays a string, so that redacted JSON is judged like the original.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import traceback
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from wireproof.wire.mask import hide_values, hide_values_text, masked_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.wire.credentials import Credentials

__all__ = ["RedactingFilter", "Redactor", "hide_values", "hide_values_text"]

SHORTEST = 8  # shorter values are not registered: replacing them everywhere would destroy text

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
_STRING = re.compile(_JSON_STRING)
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
# "apiKey": "...", also inside a string that holds JSON (\"apiKey\":\"...\") and in Python's notation
_MEMBER = re.compile(rf'("{_NAMES}"\s*:\s*)({_JSON_STRING}|{_NUMBER})', re.IGNORECASE)
_QUOTED = re.compile(rf"((?:\\+[\"']|')({_NAMES})(?:\\+[\"']|')\s*[:=,]\s*b?(\\+[\"']|'))(.*?)(\3)", re.IGNORECASE)
# listenKey=... in a query or form, also with the sign percent-encoded
_QUERY = re.compile(rf"(?<![A-Za-z0-9])({_NAMES})(=|%3D)([^&\s\"'<>;,)\]}}]+)", re.IGNORECASE)
# X-MBX-APIKEY: ... in a log line; a short word after a colon is prose
_HEADER = re.compile(rf"(?<![A-Za-z0-9])({_NAMES})(\s*:\s*)((?:basic|bearer)\s+\S+|[^\s\"'<>,;]{{8,}})", re.IGNORECASE)
_PATH = re.compile(r"((?:wss?|https?)://[^\s\"'<>?#]*?/ws/)([A-Za-z0-9]{32,})")
_USER_INFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://)([^\s/@\"'<>]+)@", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9+/=%_\\-]{8,}")
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
        self._by_head: defaultdict[str, dict[str, str]] = defaultdict(dict)  # first characters -> form -> label
        self._odd_heads: set[str] = set()  # heads of forms with characters that no key has
        self._known: set[str] = set()

    def __repr__(self) -> str:
        return f"Redactor({len(self._known)} values)"

    def register(self, value: str, label: str = "secret", *, encodings: bool = True) -> None:
        """Replace this value from now on, plain, percent-encoded and JSON-escaped, and (`encodings`) in base64.

        Values shorter than 8 characters are not registered.
        """
        if len(value) < SHORTEST or value in self._known:
            return
        self._known.add(value)
        for form in _forms(value, encodings=encodings):
            if len(form) >= SHORTEST:
                head = form[:SHORTEST]
                self._by_head[head][form] = label
                if not _TOKEN.fullmatch(form):
                    self._odd_heads.add(head)

    def register_signature(self, value: str) -> None:
        """Replace this signature from now on."""
        self.register(value, "signature", encodings=False)

    def watch(self, credentials: Credentials) -> None:
        """Register an API key, its secrets, and from now on every signature made with it."""
        self.register(credentials.api_key, "api key")
        for secret in credentials.signer.secrets:
            self.register(secret, "secret")
            for line in secret.splitlines():
                if not line.startswith("-----"):
                    self.register(line.strip(), "private key", encodings=False)
        if self.register_signature not in credentials.watchers:
            credentials.watchers.append(self.register_signature)

    def text(self, text: str) -> str:
        """Return free text (a log line, an error, a URL) without secrets."""
        text = self._replaced(text)
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
        text = _STRING.sub(self._without_escapes, text) if "\\" in text else text
        redacted = self.text(text)
        return redacted if not _holds_container(redacted) else self._reserialised(redacted)

    def _reserialised(self, text: str) -> str:
        try:
            return json.dumps(self.json(json.loads(text)), separators=(",", ":"))
        except ValueError:
            return text
        except RecursionError:
            return "(JSON nested deeper than can be redacted)"  # what stands under the name of a secret is not known

    def _without_escapes(self, match: re.Match[str]) -> str:
        r"""Redact a JSON string whose escapes (\u0061) may hide a secret; leave it as it stands otherwise."""
        if "\\" not in match[0]:
            return match[0]
        try:
            plain = json.loads(match[0])
        except ValueError:
            return match[0]
        redacted = self._replaced(plain)
        return match[0] if redacted == plain else json.dumps(redacted)

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

    def _replaced(self, text: str) -> str:
        """Replace registered values, long ones first where several begin."""
        for head in self._odd_heads:
            if head in text:
                for form, label in sorted(self._by_head[head].items(), key=lambda item: -len(item[0])):
                    text = text.replace(form, _placeholder(label))
        return _TOKEN.sub(self._replaced_in_token, text) if self._by_head else text

    def _replaced_in_token(self, match: re.Match[str]) -> str:
        """Replace registered values in one run of key-like characters; most text has few of those."""
        token = match[0]
        parts: list[str] = []
        done = position = 0
        while position <= len(token) - SHORTEST:
            forms = self._by_head.get(token[position : position + SHORTEST])
            # A form may reach beyond the token when it holds other characters.
            found = _longest_at(match.string, match.start() + position, forms) if forms else ""
            if forms and found and len(found) <= len(token) - position:
                parts += [token[done:position], _placeholder(forms[found])]
                position = done = position + len(found)
            else:
                position += 1
        return "".join([*parts, token[done:]]) if parts else token


def _longest_at(text: str, position: int, forms: Iterable[str]) -> str:
    return max((form for form in forms if text.startswith(form, position)), key=len, default="")


def _forms(value: str, *, encodings: bool) -> set[str]:
    """Return the ways a value may stand in text."""
    percent = {quote(value, safe=""), quote(value), quote_plus(value)}
    forms = {value, *percent, *(_lower_escapes(form) for form in percent)}
    forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], value.replace("/", "\\/")}
    if re.fullmatch(r"[0-9a-f]+", value):
        forms.add(value.upper())
    if encodings:
        raw = value.encode("utf-8", "surrogatepass")
        for shift in range(3):  # base64 looks different at each of three offsets
            for coded in (base64.b64encode(b"\0" * shift + raw), base64.urlsafe_b64encode(b"\0" * shift + raw)):
                # The outer characters also hold bits of the neighbours.
                core = coded.decode().rstrip("=")[-(-shift * 8 // 6) if shift else 0 :]
                forms.add(core if (shift + len(raw)) % 3 == 0 else core[:-1])
    return forms


def _lower_escapes(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), text)


def _kept(value: str, label: str) -> str:
    """Return the placeholder, or for a decimal string another one, so that the kind stays; "" stays."""
    if not value or value.startswith("<redacted "):
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

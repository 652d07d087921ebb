"""Says in one sentence why a host cannot be judged, from an HTTP answer or from what failed on the way to it."""

from __future__ import annotations

import asyncio
import html
import re
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from wireproof.recognition import Concern, recognise
from wireproof.wire.failures import BlockKind, PassingTroubleError, TargetBlockedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.wire.secrets.redact import Redactor

EXCERPT_CHARS = 120

ADVICE = {
    BlockKind.REGION: "The exchange does not serve this location: run from a permitted region, or a proxy there.",
    BlockKind.FORBIDDEN: "A firewall or the key's IP list refuses this machine: check both; wait before trying again.",
    BlockKind.BANNED: "This IP is banned for going on after 429: wait until the ban ends; check what else uses it.",
    BlockKind.RATE_LIMITED: "Wait for the next minute; check what else uses the same IP or key.",
    BlockKind.MAINTENANCE: "The service is down or under maintenance: try again later.",
    BlockKind.REDIRECTED: "Check the override variable of this URL: the service lives elsewhere.",
    BlockKind.NOT_THIS_SERVICE: "Check the override variable of this URL: another service answers there.",
    BlockKind.DNS: "Check the host name in the override variable, and the network's name server.",
    BlockKind.REFUSED: "Check that the service runs and that host and port in the override variable are right.",
    BlockKind.TLS: "Check the scheme (ws or wss, http or https), the port, this machine's clock and certificates.",
    BlockKind.TIMEOUT: "Check the network and any firewall, or try again later.",
    BlockKind.PROXY: "Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY in the environment.",
    BlockKind.NETWORK: "Check the network, or try again later.",
    BlockKind.SETTING: "Set the override variable of this URL.",
}

_HIDDEN_ELEMENTS = re.compile(r"<(script|style|head)\b.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BAN = re.compile(r"banned until\s+(\d{12,14})", re.IGNORECASE)


def host_of(url: str) -> str:
    """Return host and port of a URL as shown to people, without user, path or query."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the given URL"
    if not parts.hostname:
        return "the given URL"
    return f"{parts.hostname}:{port}" if port else parts.hostname


def excerpt(body: bytes | str, redactor: Redactor | None = None) -> str:
    """Return the first words of a body: no markup, no control characters, redacted, at most 120 characters."""
    text = body[:20_000].decode("utf-8", "replace") if isinstance(body, bytes | bytearray) else body[:20_000]
    if "<" in text:
        title = _TITLE.search(text)
        text = f"{title[1] if title else ''} {_HIDDEN_ELEMENTS.sub(' ', text)}"
        text = html.unescape(_TAG.sub(" ", text))
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if redactor is not None:
        text = redactor.text(text)
    return text if len(text) <= EXCERPT_CHARS else text[: EXCERPT_CHARS - 1].rstrip() + "…"


def ended(words: str) -> str:
    """Return words as the end of a sentence."""
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


#: What a host is when it answers so, by what the answer is about; see `wireproof.recognition`.
_KINDS: dict[Concern | None, BlockKind] = {
    Concern.SERVICE: BlockKind.MAINTENANCE,
    Concern.LIMIT: BlockKind.RATE_LIMITED,
    Concern.KEY: BlockKind.FORBIDDEN,
    Concern.FIREWALL: BlockKind.FORBIDDEN,
    Concern.REGION: BlockKind.REGION,
    Concern.ELSEWHERE: BlockKind.REDIRECTED,
}


def kind_of_status(status: int) -> BlockKind:
    """Return what an HTTP status says of the host."""
    special = {407: BlockKind.PROXY, 418: BlockKind.BANNED}
    concern = recognise(status, b"").concern
    return special.get(status) or _KINDS.get(concern, BlockKind.NOT_THIS_SERVICE)


def until_of(now_ms: float, *, retry_after: object = None, text: str = "") -> float | None:
    """Return when a limit or ban ends, in epoch milliseconds, or None when nothing says so.

    `retry_after` is seconds from now or epoch milliseconds, as number or text; `text` may say "banned until <ms>".
    """
    if found := _BAN.search(text):
        return float(found[1])
    try:
        value = float(retry_after) if isinstance(retry_after, int | float | str) else -1.0
    except ValueError:
        return None
    if not 0 <= value < 1e14:
        return None
    return value if value >= 1e11 else now_ms + value * 1000


def blocked_by_http(
    host: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now_ms: float,
    asked: str,
    redactor: Redactor | None = None,
) -> TargetBlockedError:
    """Return the error for an HTTP answer that is none of the service's. `asked` names what was asked for.

    Trouble of the service is a PassingTroubleError.
    """
    kind = kind_of_status(status)
    words = excerpt(body, redactor)
    reason = f"{host} answered {asked} with HTTP {status}"
    if kind is BlockKind.REDIRECTED and (location := headers.get("Location")):
        reason += f" to {host_of(location)}"
    reason += f": {ended(words)}" if words else "."
    retry_after = headers.get("Retry-After") or _retry_after_of(body)
    until = until_of(now_ms, retry_after=retry_after, text=body[:20_000].decode("utf-8", "replace"))
    error = PassingTroubleError if kind is BlockKind.MAINTENANCE else TargetBlockedError
    return error(host, reason, ADVICE[kind], kind=kind, status=status, until_ms=until)


def _retry_after_of(body: bytes) -> object:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    for holder in (answer, answer.get("error") if isinstance(answer, dict) else None):
        data = holder.get("data") if isinstance(holder, dict) else None
        if isinstance(data, dict) and "retryAfter" in data:
            return data["retryAfter"]
    return None


def blocked_by_network(
    host: str, failure: BaseException, *, seconds: float, proxy: str = "", redactor: Redactor | None = None
) -> TargetBlockedError:
    """Return the error for a failure of name service, TCP or TLS. `proxy` is the proxy's host and port, if one is used.

    `seconds` is the time that was allowed.
    """
    kind, sentence = _network_sentence(f"the proxy {proxy} (on the way to {host})" if proxy else host, failure, seconds)
    if proxy and kind is not BlockKind.TIMEOUT:
        kind = BlockKind.PROXY
    if redactor is not None:
        sentence = redactor.text(sentence)
    return TargetBlockedError(host, sentence[0].upper() + sentence[1:] if proxy else sentence, ADVICE[kind], kind=kind)


def _network_sentence(peer: str, failure: BaseException, seconds: float) -> tuple[BlockKind, str]:
    causes = _chain(failure)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return BlockKind.DNS, f"{peer} has no address: the name could not be resolved ({_detail(cause)})."
        if isinstance(cause, ssl.SSLCertVerificationError):
            return BlockKind.TLS, f"{peer} shows a certificate that cannot be trusted ({cause.verify_message})."
        if isinstance(cause, ssl.SSLError):
            return BlockKind.TLS, f"{peer} failed the TLS handshake ({_detail(cause)})."
        if isinstance(cause, TimeoutError):
            return BlockKind.TIMEOUT, f"{peer} did not answer within {seconds:g} s."
        if isinstance(cause, ConnectionRefusedError) or "Connect call failed" in str(cause):
            return BlockKind.REFUSED, f"{peer} refused the connection."
        if isinstance(cause, ConnectionResetError | BrokenPipeError | EOFError | asyncio.IncompleteReadError):
            return BlockKind.NETWORK, f"{peer} closed the connection before it answered."
    return BlockKind.NETWORK, f"{peer} could not be reached ({_detail(causes[-1])})."


def _chain(failure: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = failure
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def _detail(failure: BaseException) -> str:
    text = getattr(failure, "strerror", None) or getattr(failure, "reason", None) or str(failure)
    return excerpt(str(text)) or type(failure).__name__

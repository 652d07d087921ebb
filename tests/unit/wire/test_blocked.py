"""Why a host cannot be judged, in one sentence."""

from __future__ import annotations

import socket
import ssl

import pytest

from wireproof.wire.blocked import (
    ADVICE,
    blocked_by_http,
    blocked_by_network,
    excerpt,
    host_of,
    kind_of_status,
    until_of,
)
from wireproof.wire.failures import BlockKind
from wireproof.wire.secrets.redact import Redactor

PAGE = """<!DOCTYPE html><html><head><title>403 Forbidden</title><style>p {color: red}</style></head>
<body><script>alert("x")</script><center><h1>403&nbsp;Forbidden</h1></center>\x07<hr>nginx</body></html>"""


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (451, BlockKind.REGION),
        (401, BlockKind.FORBIDDEN),
        (403, BlockKind.FORBIDDEN),
        (418, BlockKind.BANNED),
        (429, BlockKind.RATE_LIMITED),
        (407, BlockKind.PROXY),
        (302, BlockKind.REDIRECTED),
        (500, BlockKind.MAINTENANCE),
        (503, BlockKind.MAINTENANCE),
        (200, BlockKind.NOT_THIS_SERVICE),
        (404, BlockKind.NOT_THIS_SERVICE),
    ],
)
def test_each_status_has_its_kind(status: int, kind: BlockKind) -> None:
    """And each kind has advice."""
    assert kind_of_status(status) is kind


def test_every_kind_has_advice() -> None:
    """Nobody is left without a way out."""
    assert set(ADVICE) == set(BlockKind)


def test_an_excerpt_is_the_words_of_a_page() -> None:
    """No markup, scripts, styles or control characters."""
    assert excerpt(PAGE.encode()) == "403 Forbidden 403 Forbidden nginx"


@pytest.mark.parametrize("body", [b"x" * 1_000_000, b"<p>" + b"word " * 500, b"\xff" * 500, b"<script>" + b"x" * 900])
def test_an_excerpt_is_at_most_120_characters(body: bytes) -> None:
    """However long the body."""
    assert len(excerpt(body)) <= 120


def test_an_excerpt_is_redacted_before_it_is_cut() -> None:
    """Half a key is too much as well."""
    redactor = Redactor()
    redactor.register("k" * 64, "api key")
    assert excerpt("a " * 50 + "k" * 64, redactor) == "a " * 50 + "<redacted api key>"


def test_an_http_answer_becomes_a_sentence() -> None:
    """Host, what was asked, status, first words, advice; the end of a ban if it is known."""
    error = blocked_by_http("h:1", 418, {"Retry-After": "90"}, b'{"code":-1003}', now_ms=1e12, asked="GET /x")

    assert str(error) == f'h:1 answered GET /x with HTTP 418: {{"code":-1003}}. {ADVICE[BlockKind.BANNED]}'
    assert (error.kind, error.status, error.until_ms) == (BlockKind.BANNED, 418, 1e12 + 90_000)


def test_a_redirect_names_where_to_without_the_path() -> None:
    """The path may hold a key."""
    where = {"Location": "https://other.example/x?listenKey=abc"}
    assert "HTTP 302 to other.example." in str(blocked_by_http("h", 302, where, b"", now_ms=0, asked="GET /"))


@pytest.mark.parametrize(
    ("body", "until"),
    [
        (b'{"code":-1003,"msg":"Way too many requests; IP(1.1.1.1) banned until 1700000000000."}', 1.7e12),
        (b'{"code":-1003,"data":{"retryAfter":1700000000001}}', 1.7e12 + 1),
        (b'{"error":{"data":{"retryAfter":1700000000002}}}', 1.7e12 + 2),
        (b"<html>", None),
        (b"[]", None),
        (b'{"data":[]}', None),
    ],
)
def test_the_end_of_a_ban_is_found_in_the_body(body: bytes, until: float | None) -> None:
    """In its text or its data."""
    assert blocked_by_http("h", 418, {}, body, now_ms=0, asked="x").until_ms == until


@pytest.mark.parametrize(
    ("retry_after", "until"),
    [("30", 31_000.0), (30, 31_000.0), (1.7e12, 1.7e12), ("soon", None), (-5, None), (None, None), ("1e300", None)],
    ids=["text", "seconds", "epoch", "words", "negative", "nothing", "huge"],
)
def test_retry_after_is_seconds_or_epoch_milliseconds(retry_after: object, until: float | None) -> None:
    """Whatever is neither says nothing."""
    assert until_of(1000, retry_after=retry_after) == until


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), BlockKind.DNS, "could not be resolved"),
        (ConnectionRefusedError(111, "Connection refused"), BlockKind.REFUSED, "refused the connection"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed"), BlockKind.REFUSED, "refused"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version"), BlockKind.TLS, "failed the TLS handshake"),
        (TimeoutError(), BlockKind.TIMEOUT, "did not answer within 3 s"),
        (ConnectionResetError(104, "reset"), BlockKind.NETWORK, "closed the connection"),
        (EOFError(), BlockKind.NETWORK, "closed the connection"),
        (OSError(101, "Network is unreachable"), BlockKind.NETWORK, "could not be reached (Network is unreachable)"),
    ],
)
def test_each_network_failure_has_its_sentence(failure: Exception, kind: BlockKind, words: str) -> None:
    """Also when another exception wraps it; through a proxy the proxy is named."""
    outer = RuntimeError("wrapped")
    outer.__cause__ = failure
    for exc in (failure, outer):
        error = blocked_by_network("h:1", exc, seconds=3)
        assert (error.kind, error.host) == (kind, "h:1")
        assert words in error.reason
    proxied = blocked_by_network("h:1", failure, seconds=3, proxy="p:8")
    assert proxied.reason.startswith("The proxy p:8 (on the way to h:1)")
    assert proxied.kind is (BlockKind.TIMEOUT if kind is BlockKind.TIMEOUT else BlockKind.PROXY)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("wss://h.example/x?listenKey=abc", "h.example"),
        ("http://user:pw@h.example:8/x", "h.example:8"),
        ("nonsense?listenKey=abc", "the given URL"),
        ("ws://h:99999", "the given URL"),
    ],
)
def test_a_host_is_shown_without_user_path_and_query(url: str, shown: str) -> None:
    """Those may hold secrets."""
    assert host_of(url) == shown

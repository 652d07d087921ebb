"""Opening a WebSocket, and every way in which a host refuses to."""

from __future__ import annotations

import logging
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import serve
from wire_peers import RawServer, answers, http, peer, says

from wireproof.wire.failures import BlockKind, TargetBlockedError
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.websocket.handshake import open_connection

if TYPE_CHECKING:
    from pathlib import Path

    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request


async def refused(url: str, **options: Any) -> TargetBlockedError:
    """Open a connection that cannot be opened and return the error."""
    with pytest.raises(TargetBlockedError) as caught:
        await open_connection(url, now_ms=lambda: 1e12, **({"seconds": 5.0} | options))
    assert caught.value.__suppress_context__, "the cause may hold the URL or a proxy's password"
    assert caught.value.exit_status == 3
    assert caught.value.advice
    return caught.value


REGION = '{"code":0,"msg":"Service unavailable from a restricted location"}'
UPGRADE = {"Upgrade": "websocket", "Connection": "Upgrade"}
NO_HTTP = "does not speak HTTP or WebSocket"
NO_UPGRADE = "did not complete the WebSocket handshake"
ELSEWHERE = "wss://elsewhere.example/x"


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        pytest.param(http("451 Legal", REGION), BlockKind.REGION, f"HTTP 451: {REGION}", id="451"),
        pytest.param(http("403 No", "<h1>Blocked</h1>"), BlockKind.FORBIDDEN, "HTTP 403: Blocked", id="403"),
        pytest.param(http("418 Tea", "{}", Retry_After="60"), BlockKind.BANNED, "HTTP 418", id="418"),
        pytest.param(http("429 Slow", Retry_After="60"), BlockKind.RATE_LIMITED, "HTTP 429.", id="429"),
        pytest.param(http("503 Down", "<h1>Upkeep</h1>"), BlockKind.MAINTENANCE, "HTTP 503: Upkeep", id="503"),
        pytest.param(http("302 Found", Location=ELSEWHERE), BlockKind.REDIRECTED, "to elsewhere.example", id="302"),
        pytest.param(http("200 OK", "<title>Hi</title>"), BlockKind.NOT_THIS_SERVICE, "HTTP 200: Hi", id="200"),
        pytest.param(http("404 None", "gone"), BlockKind.NOT_THIS_SERVICE, "HTTP 404: gone", id="404"),
        pytest.param(http("101 Switching"), BlockKind.NOT_THIS_SERVICE, NO_UPGRADE, id="no-upgrade"),
        pytest.param(http("101 Switching", **UPGRADE), BlockKind.NOT_THIS_SERVICE, NO_UPGRADE, id="no-accept"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", BlockKind.NOT_THIS_SERVICE, NO_HTTP, id="ssh"),
        pytest.param(b"\x16\x03 bytes \r\n\r\n", BlockKind.NOT_THIS_SERVICE, NO_HTTP, id="bytes"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n", BlockKind.NOT_THIS_SERVICE, NO_HTTP, id="http-1.0"),
        pytest.param(b"", BlockKind.NETWORK, "closed the connection before it answered", id="eof"),
    ],
)
async def test_a_host_that_refuses_is_named_with_what_it_said(reply: bytes, kind: BlockKind, words: str) -> None:
    """Host, status, first words, advice."""
    async with RawServer(reply) as server:
        error = await refused(f"ws://127.0.0.1:{server.port}/ws-fapi/v1")

    assert error.kind is kind
    assert error.host == f"127.0.0.1:{server.port}"
    assert words in error.reason
    if kind in {BlockKind.BANNED, BlockKind.RATE_LIMITED}:
        assert error.until_ms == 1e12 + 60_000


async def test_a_redirect_is_not_followed() -> None:
    """A key must not reach a host that nobody named."""
    async with (
        peer(answers) as other,
        RawServer(http("307 Temporary Redirect", Location=other.url)) as server,
    ):
        await refused(f"ws://127.0.0.1:{server.port}/")
        assert other.connections == []


async def test_what_the_host_says_is_redacted() -> None:
    """A page that echoes the URL shows no key."""
    redactor = Redactor()
    redactor.register("the-listen-key-of-this-run", "listen key")
    async with RawServer(http("404 Not Found", "no /ws?listenKey=the-listen-key-of-this-run here")) as server:
        error = await refused(f"ws://127.0.0.1:{server.port}/ws", redactor=redactor)

    assert "the-listen-key" not in str(error)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_refused_connection_is_named() -> None:
    """Nothing listens there."""
    port = free_port()
    error = await refused(f"ws://127.0.0.1:{port}/")

    assert (error.kind, error.reason) == (BlockKind.REFUSED, f"127.0.0.1:{port} refused the connection.")


async def test_an_unknown_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name service knows no such host."""

    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = await refused("wss://no-such-host.example/x")

    assert error.kind is BlockKind.DNS
    assert "no-such-host.example has no address" in error.reason


@pytest.mark.usefixtures("silent_name_server")
async def test_a_slow_name_server_is_bounded() -> None:
    """The whole handshake has one deadline, name service included."""
    error = await refused("wss://slow.example/x", seconds=0.05)

    assert error.kind is BlockKind.TIMEOUT
    assert "slow.example did not answer within 0.05 s" in error.reason


@pytest.mark.parametrize("drip", [0.0, 0.01], ids=["silent", "dripping"])
async def test_a_host_that_never_finishes_is_bounded(drip: float) -> None:
    """Silence and single bytes end at the deadline alike."""
    body = b"HTTP/1.1 101 Switching Protocols\r\n" + b"X: y\r\n" * 500 if drip else b""
    async with RawServer(body, close=False, drip=drip) as server:
        error = await refused(f"ws://127.0.0.1:{server.port}/", seconds=0.1)

    assert error.kind is BlockKind.TIMEOUT


async def test_a_host_without_tls_is_named() -> None:
    """Wss where ws is spoken."""
    async with RawServer(b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        error = await refused(f"wss://127.0.0.1:{server.port}/")

    assert error.kind is BlockKind.TLS
    assert "failed the TLS handshake" in error.reason


async def test_a_certificate_that_nobody_vouches_for_is_named(tmp_path: Path) -> None:
    """Self-signed, made for this test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    async with serve(lambda _: None, "127.0.0.1", 0, ssl=context) as server:  # type: ignore[arg-type,return-value]
        error = await refused(f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}/")

    assert error.kind is BlockKind.TLS
    assert "certificate that cannot be trusted" in error.reason


def self_signed(folder: Path) -> Path:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, None)
    )
    path = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (http("407 Proxy Authentication Required"), "wants a user name and password (HTTP 407)"),
        (http("502 Bad Gateway"), "refused to connect (HTTP 502)"),
        (b"garbage\r\n\r\n", "gave no valid answer"),
    ],
    ids=["407", "502", "garbage"],
)
async def test_a_proxy_that_refuses_is_named_as_such(monkeypatch: pytest.MonkeyPatch, reply: bytes, words: str) -> None:
    """The proxy of the environment is used; its password is never shown."""
    async with RawServer(reply) as proxy:
        monkeypatch.setenv("https_proxy", f"http://me:pa55word@127.0.0.1:{proxy.port}")
        error = await refused("wss://exchange.example/x")

    assert error.kind is BlockKind.PROXY
    assert f"The proxy 127.0.0.1:{proxy.port} {words}" in error.reason
    assert "pa55word" not in str(error) + repr(error)
    assert b"CONNECT exchange.example:443" in proxy.received


async def test_a_proxy_that_is_not_there_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection to a proxy says nothing about the exchange."""
    monkeypatch.setenv("https_proxy", f"http://me:pa55word@127.0.0.1:{free_port()}")
    error = await refused("wss://exchange.example/x")

    assert error.kind is BlockKind.PROXY
    assert "(on the way to exchange.example) refused the connection" in error.reason
    assert "pa55word" not in str(error)


@pytest.mark.parametrize("proxy", ["nonsense://me:pa55word@h:1", "http://me@h:1/path", "socks5h://me:pa55word@h:1"])
async def test_a_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A malformed URL, or a kind of proxy that needs another library."""
    monkeypatch.setenv("https_proxy", proxy)
    error = await refused("wss://exchange.example/x")

    assert error.kind is BlockKind.PROXY
    assert "pa55word" not in str(error)


@pytest.mark.parametrize("url", ["http://h/x", "wss://", "ws://h:99999/"])
async def test_a_url_that_is_none_is_named(url: str) -> None:
    """A setting, not the network."""
    assert (await refused(url)).kind is BlockKind.SETTING


async def test_urls_and_frames_never_reach_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    """Even at DEBUG: the library would log the URL with its listen key, and frames cut in the middle of a key."""
    caplog.set_level(logging.DEBUG)
    async with peer(says("the-answer-of-the-peer")) as made:
        key = "the-listen-key-of-this-run"
        connection = await open_connection(f"{made.url}?listenKey={key}", now_ms=lambda: 0.0)
        await connection.send('{"apiKey":"the-api-key","method":"m"}')
        await connection.receive()
        await connection.close()
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name != "websockets.server")

    assert "the-listen-key" not in ours
    assert "the-api-key" not in ours
    assert "the-answer" not in ours


async def test_a_handshake_that_gets_lost_is_tried_again() -> None:
    """As often as is asked for, and no more."""
    met: list[int] = []

    def cut(connection: ServerConnection, _: Request) -> None:
        met.append(1)
        if len(met) < 3:
            connection.transport.abort()

    async def rest(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(rest, "127.0.0.1", 0, process_request=cut) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        error = await refused(url, attempts=2)
        assert (error.kind, len(met)) == (BlockKind.NETWORK, 2)
        met.clear()
        await (await open_connection(url, now_ms=lambda: 1e12, attempts=3)).close()
    assert len(met) == 3


async def test_a_handshake_that_is_refused_is_not_tried_again() -> None:
    """A closed region is one after a second as well."""
    async with RawServer(http("451 Legal", REGION)) as server:
        error = await refused(f"ws://127.0.0.1:{server.port}", attempts=3)
    assert error.kind is BlockKind.REGION
    assert server.received.count(b"GET ") == 1

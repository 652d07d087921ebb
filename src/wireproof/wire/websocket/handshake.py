"""Opens WebSocket connections, and says in one sentence why one cannot be opened."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidProxyStatus,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)
from websockets.frames import CloseCode, Frame, Opcode
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from wireproof.bounds import MIB, MOST_OF_A_FRAME, bounded
from wireproof.wire.blocked import ADVICE, blocked_by_http, blocked_by_network, ended, excerpt, host_of
from wireproof.wire.delay import patience
from wireproof.wire.dns import resolve_name
from wireproof.wire.failures import BlockKind, TargetBlockedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from wireproof.wire.secrets.redact import Redactor

#: What `websockets` says of a frame that is longer than it may be.
_LIMIT = re.compile(r"limit of (\d{1,15}) bytes")
OPCODES = (Opcode.TEXT, Opcode.BINARY)

#: How long a peer may take to answer a ping before nothing can be said of it.
PONG_SECONDS = 10.0

#: The longest pause in seconds before each further attempt to connect; the shortest is half of it.
PAUSES = (0.5, 1.0, 2.0, 4.0)

logger = logging.getLogger("wireproof.wire.websocket.frames")


def quiet_logger() -> logging.Logger:
    """Return a logger for the websockets library that never writes URLs, headers and frames (its DEBUG level).

    Those hold keys, signatures and listen keys, and the library shortens frames, so that half a key could pass a
    redacting filter.
    """
    quiet = logging.Logger("wireproof.wire.websockets", logging.INFO)  # noqa: LOG001  # its level is nobody's setting
    quiet.parent = logger
    return quiet


class WebSocketConnection(ClientConnection):
    """A connection that remembers whether each message came as text or as binary."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opcodes: deque[Opcode] = deque()
        self._drained = asyncio.Event()
        self._drained.set()

    def process_event(self, event: Any) -> None:
        """Note the kind of a message before it is queued."""
        if isinstance(event, Frame) and event.opcode in OPCODES:
            self.opcodes.append(event.opcode)
            self._drained.clear()
        super().process_event(event)

    async def receive(self) -> tuple[bytes, bool]:
        """Return the bytes of the next message and whether it came as binary."""
        raw = await self.recv(decode=False)
        is_binary = bool(self.opcodes) and self.opcodes.popleft() is Opcode.BINARY
        if not self.opcodes:
            self._drained.set()
        return bounded(raw), is_binary

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection; one that takes nothing any more is cut, for its peer would not read a close frame."""
        if self.paused:
            self.transport.abort()
        await super().close(code, reason)

    async def barrier(self) -> None:
        """Send a ping, wait for its pong, and until whoever reads has everything that came before it.

        After it, what has not come was not sent: not "not read yet", whatever this process did meanwhile. Raise
        ConnectionClosed when the connection ends first; the time is the caller's to bound.
        """
        pong = await self.ping()
        await pong
        await self._drained.wait()


class ReadConnection:
    """A connection that a task of its own reads; whoever opens it sets `_connection` and `_reading`."""

    def __init__(self) -> None:
        self.closed = ""  # why the connection ended, as a sentence; empty while it is open
        self.close_code: int | None = None
        self._connection: WebSocketConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connection.close()
        if self._reading is not None:
            await self._reading

    async def barrier(self, *, seconds: float = PONG_SECONDS) -> bool:
        """Whether the peer answered a ping in time; everything that it sent before was read then."""
        if self._connection is None or self.closed:
            return False
        try:
            async with patience(seconds):
                await self._connection.barrier()
        except (TimeoutError, ConnectionClosed):
            return False
        return True

    async def wait_closed(self, seconds: float | None = None) -> bool:
        """Wait until the connection ended, at most so many seconds; return whether it did."""
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=seconds)
        return bool(self.closed)


class _Connect(connect):
    """Does not follow redirects: keys must not go to a host that nobody named."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def proxy_of(url: str) -> str:
    """Return the environment's proxy for a WebSocket URL, or an empty string."""
    return get_proxy(parse_uri(url)) or ""


async def open_connection(
    url: str,
    *,
    seconds: float = 10.0,
    now_ms: Callable[[], float],
    redactor: Redactor | None = None,
    max_size: int = MOST_OF_A_FRAME,
    attempts: int = 1,
    **options: Any,
) -> WebSocketConnection:
    """Open a WebSocket within so many seconds, through the environment's proxy if there is one.

    It is tried again, `attempts` times in all, where that may help. Raise TargetBlockedError, which names the host,
    what happened and what to do, when it fails in any way.
    """
    known: dict[str, Any] = {"seconds": seconds, "now_ms": now_ms, "redactor": redactor, "max_size": max_size}
    for pause in PAUSES[: attempts - 1]:
        try:
            return await _open(url, **known, **options)
        except TargetBlockedError as error:
            if not error.kind.may_pass:
                raise
            logger.info("the handshake with %s is tried again", error.host)
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret
    return await _open(url, **known, **options)


async def _open(
    url: str,
    *,
    seconds: float,
    now_ms: Callable[[], float],
    redactor: Redactor | None,
    max_size: int,
    **options: Any,
) -> WebSocketConnection:
    host, proxy = host_of(url), ""
    try:
        async with patience(seconds):
            proxy = proxy_of(url)
            if not proxy:
                parts = urlsplit(url)
                await resolve_name(parts.hostname or "", parts.port or 443, seconds)
            opened = await _Connect(
                url,
                create_connection=WebSocketConnection,
                proxy=proxy or None,
                open_timeout=None,
                close_timeout=2.0,
                compression=None,
                max_size=max_size,
                logger=quiet_logger(),
                **options,
            )
    except (OSError, InvalidHandshake, InvalidURI, InvalidProxy, ImportError, ValueError, EOFError) as exc:
        failure = _explained(host, proxy, exc, seconds=seconds, now_ms=now_ms(), redactor=redactor)
        # The cause's text may hold the URL and, with a proxy, its password.
        raise failure from None
    if not isinstance(opened, WebSocketConnection):
        raise TypeError(f"websockets gave a {type(opened).__name__} instead of a WebSocketConnection")
    return opened


def _explained(
    host: str, proxy: str, failure: Exception, *, seconds: float, now_ms: float, redactor: Redactor | None
) -> TargetBlockedError:
    if isinstance(failure, InvalidStatus):
        response = failure.response
        return blocked_by_http(
            host,
            response.status_code,
            response.headers,
            bytes(response.body or b""),
            now_ms=now_ms,
            asked="the WebSocket handshake",
            redactor=redactor,
        )
    if isinstance(failure, ProxyError | InvalidProxy | ImportError):
        return _explained_proxy(host, proxy, failure)
    if isinstance(failure, InvalidURI) or (isinstance(failure, ValueError) and not isinstance(failure, OSError)):
        return _blocked(host, "The URL is no WebSocket URL (ws://host or wss://host).", BlockKind.SETTING)
    if isinstance(failure, InvalidMessage):
        cause = failure.__cause__
        if not isinstance(cause, ValueError | NotImplementedError | LookupError):
            return blocked_by_network(host, cause or failure, seconds=seconds, proxy=_shown(proxy), redactor=redactor)
        words = excerpt(str(cause), redactor)
        return _blocked(host, f"{host} does not speak HTTP or WebSocket: {ended(words)}", BlockKind.NOT_THIS_SERVICE)
    if isinstance(failure, InvalidHandshake):
        words = excerpt(str(failure), redactor)
        return _blocked(
            host, f"{host} did not complete the WebSocket handshake: {ended(words)}", BlockKind.NOT_THIS_SERVICE
        )
    return blocked_by_network(host, failure, seconds=seconds, proxy=_shown(proxy), redactor=redactor)


def _explained_proxy(host: str, proxy: str, failure: Exception) -> TargetBlockedError:
    shown = _shown(proxy)
    if isinstance(failure, InvalidProxyStatus):
        status = failure.response.status_code
        what = "wants a user name and password" if status == 407 else "refused to connect"
        return _blocked(host, f"The proxy {shown} {what} (HTTP {status}) to {host}.", BlockKind.PROXY, status)
    if isinstance(failure, ImportError):
        return _blocked(host, f"The proxy {shown} is a SOCKS proxy, which needs python-socks.", BlockKind.PROXY)
    if isinstance(failure, InvalidProxy):
        return _blocked(host, f"The proxy {shown} of the environment is no valid proxy URL.", BlockKind.PROXY)
    return _blocked(host, f"The proxy {shown} gave no valid answer on the way to {host}.", BlockKind.PROXY)


def _shown(proxy: str) -> str:
    return host_of(proxy) if proxy else ""


def _blocked(host: str, reason: str, kind: BlockKind, status: int | None = None) -> TargetBlockedError:
    return TargetBlockedError(host, reason, ADVICE[kind], kind=kind, status=status)


def closing_words(closed: ConnectionClosed) -> str:
    """Return why a connection ended: the code and reason of whoever closed it. Not redacted.

    A frame over the limit is closed from this side, whatever the server makes of that.
    """
    ours = closed.sent is not None and not closed.rcvd_then_sent
    if ours and closed.sent is not None and closed.sent.code == CloseCode.MESSAGE_TOO_BIG:
        limit = _LIMIT.search(closed.sent.reason)
        most = int(limit[1]) if limit else MOST_OF_A_FRAME
        size = f"{most // MIB:,} MiB" if most >= MIB else f"{most:,} bytes"
        return f"a frame of more than {size} came on it, so it was closed from this side"
    if closed.rcvd is not None:
        said = f", saying {excerpt(closed.rcvd.reason)!r}" if closed.rcvd.reason else ""
        return f"the server closed it with code {closed.rcvd.code}{said}"
    if closed.sent is not None:
        return (
            f"it was closed from this side with code {closed.sent.code} ({excerpt(closed.sent.reason) or 'no reason'})"
        )
    return "it ended without a close frame"

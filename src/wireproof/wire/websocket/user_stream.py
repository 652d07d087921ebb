"""The private stream of an account: events as they come.

https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import orjson
from websockets.exceptions import ConnectionClosed

from wireproof.counts import counted
from wireproof.wire.blocked import host_of
from wireproof.wire.clock import ServerClock
from wireproof.wire.delay import patience
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.websocket.handshake import ReadConnection, WebSocketConnection, closing_words, open_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True, eq=False)
class StreamEvent:
    """One frame of a stream: the bytes received, the decoded JSON (None when it is none), and when it came.

    `received_at` is in epoch milliseconds of this machine's clock. Two frames are never equal, whatever they hold.
    """

    raw: bytes = field(repr=False)
    data: Any = field(repr=False)
    received_at: float
    binary: bool = False

    @property
    def name(self) -> str:
        """The event's type, the value of its `e` field; empty when it has none."""
        name = self.data.get("e") if isinstance(self.data, dict) else None
        return name if isinstance(name, str) else ""


class UserStream(ReadConnection):
    """A user-data stream; use it with `async with`. The listen key never shows: not in `repr`, logs or errors.

    Events are collected in `received` until the end. That a connection opens proves nothing: a made-up listen key
    connects like a real one and stays silent.

    Args:
        root: The URL that `/ws?listenKey=...` follows, or with `in_path` `/ws/<listen key>`.
        listen_key: Names the account.
        clock: Stamps what arrives; None: one of its own.
        events: The event types wanted; empty for all.
        in_path: Whether the listen key stands in the path (COIN-M).
        connect_timeout: Bound of the handshake, in seconds.
        attempts: How often the connection is tried, where that may help.
        redactor: Takes the listen key out of messages; None: one of its own.
        options: Further options of the handshake.
    """

    def __init__(
        self,
        root: str,
        listen_key: str,
        *,
        clock: ServerClock | None = None,
        events: Sequence[str] = (),
        in_path: bool = False,
        connect_timeout: float = 10.0,
        attempts: int = 1,
        redactor: Redactor | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.host = host_of(root)
        self.received: list[StreamEvent] = []
        self._clock = clock if clock is not None else ServerClock()
        self._connect_timeout, self._attempts, self._options = connect_timeout, attempts, options
        self._redactor = redactor if redactor is not None else Redactor()
        self._redactor.learn_listen_key(listen_key)
        wanted = f"&events={'/'.join(quote(name, safe='') for name in events)}" if events else ""
        key = quote(listen_key, safe="")
        self._url = f"{root.rstrip('/')}/ws" + (f"/{key}" if in_path else f"?listenKey={key}{wanted}")
        self._news = asyncio.Event()

    def __repr__(self) -> str:
        return f"UserStream({self.host}, {counted(len(self.received), 'event')}{', closed' if self.closed else ''})"

    async def __aenter__(self) -> Self:
        self._connection = await open_connection(
            self._url,
            seconds=self._connect_timeout,
            now_ms=self._clock.now_ms,
            redactor=self._redactor,
            attempts=self._attempts,
            **self._options,
        )
        self._reading = asyncio.create_task(self._read(self._connection), name="wireproof-user-stream")
        return self

    async def wait_for(
        self, predicate: Callable[[StreamEvent], bool], seconds: float, *, since: int = 0
    ) -> StreamEvent | None:
        """Return the first event that the predicate accepts, among those received already as well.

        `since` skips that many events. Return None after so many seconds, or once the connection is closed.
        """
        index = since
        try:
            async with patience(seconds):
                while True:
                    news = self._news
                    while index < len(self.received):
                        if predicate(self.received[index]):
                            return self.received[index]
                        index += 1
                    if self.closed:
                        return None
                    await news.wait()
        except TimeoutError:
            return None

    async def _read(self, connection: WebSocketConnection) -> None:
        try:
            while True:
                raw, binary = await connection.receive()
                self._redactor.learn(raw)
                self.received.append(StreamEvent(raw, decoded(raw), self._clock.local_ms(), binary))
                self._tell()
        except ConnectionClosed as exc:
            self.close_code = exc.rcvd.code if exc.rcvd is not None else None
            self.closed = self._redactor.text(closing_words(exc))
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def decoded(raw: bytes) -> Any:
    """Return the JSON of a frame, None when it is none."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None

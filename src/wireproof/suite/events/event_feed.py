"""The private stream that the event cases of an account share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError
from wireproof.suite.state.account_listen_key import check_listen_key, start_listen_key
from wireproof.suite.state.drops import stop_listen_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.suite.state.account import Account
    from wireproof.wire.websocket.user_stream import UserStream


FOREIGN_KEY = (
    "The account has an active listen key that is not wireproof's; stopping it would cut off its owner."
    " Use an account of wireproof's own, or stop the other program."
)


class EventFeed:
    """The private stream that the event cases of one account share; opened by the first, anew when it ended.

    It holds the account's listen key from the first case to `close`.
    """

    def __init__(
        self,
        account: Account,
        new_stream: Callable[[str], UserStream],
        on_listen_key: Callable[[str], None],
    ) -> None:
        self._account, self._new_stream, self._on_listen_key = account, new_stream, on_listen_key
        self._lock = asyncio.Lock()
        self._held = False
        self._given_up: UserStream | None = None
        self.stream: UserStream | None = None
        self.listen_key = ""

    async def open(self) -> tuple[UserStream, str]:
        """Return the stream, connected to an active listen key, and the key."""
        if self._account.foreign_listen_key:
            raise BlockedError(FOREIGN_KEY)
        if "listen_key" in self._account.unknown:
            raise self._account.unknown["listen_key"]
        async with self._lock:
            if not self._held:
                await self._account.listen_key.acquire()
                self._held = True
            if self.stream is None or self._is_over(self.stream):
                await self._reopen()
        assert self.stream is not None
        return self.stream, self.listen_key

    def give_up(self, stream: UserStream) -> None:
        """Note that a stream delivers no more, whatever it looks like."""
        self._given_up = stream

    def _is_over(self, stream: UserStream) -> bool:
        return bool(stream.closed) or stream is self._given_up or expired(stream, self.listen_key)

    async def _reopen(self) -> None:
        await self._disconnect()
        self.listen_key = await start_listen_key(self._account)
        await check_listen_key(self._account, self.listen_key)
        self._on_listen_key(self.listen_key)
        self.stream = await self._new_stream(self.listen_key).__aenter__()

    async def _disconnect(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            await stream.__aexit__(None, None, None)

    async def close(self) -> None:
        """Disconnect, stop the listen key and let other cases have it."""
        if not self._held:
            return
        try:
            await self._disconnect()
            if self.listen_key:
                await stop_listen_key(self._account)
        finally:
            self._account.listen_key.release()
            self._held = False


def expired(stream: UserStream, listen_key: str) -> bool:
    """Whether the stream was told that its listen key ended; nothing comes after that."""
    return any(
        event.name == "listenKeyExpired" and event.data.get("listenKey", listen_key) == listen_key
        for event in stream.received
    )

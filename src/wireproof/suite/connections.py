"""The connections of one product's part of a run: WebSocket API sessions and private streams."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wireproof.wire.session import WsApiSession
from wireproof.wire.user_stream import UserStream

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from wireproof.suite.account import Account
    from wireproof.suite.target import Target
    from wireproof.wire.clock import ServerClock
    from wireproof.wire.endpoints import Endpoints
    from wireproof.wire.limits import RateLimiter


class Connections:
    """Makes connections to one product's endpoints. Those that it opens itself are closed with *resources*."""

    def __init__(
        self,
        endpoints: Endpoints,
        target: Target,
        limiter: RateLimiter,
        clock: ServerClock,
        resources: AsyncExitStack,
    ) -> None:
        self._endpoints, self._target, self._limiter, self._clock = endpoints, target, limiter, clock
        self._resources = resources
        self.user_streams: list[UserStream] = []  # all there were, with what came on them
        self._logged_on: dict[str, asyncio.Task[WsApiSession]] = {}

    def new_session(self) -> WsApiSession:
        """Return a session of the WebSocket API, not connected yet."""
        return WsApiSession(
            self._endpoints.ws_api,
            limiter=self._limiter,
            clock=self._clock,
            redactor=self._target.redactor,
            answer_timeout=self._target.answer_timeout,
        )

    def new_user_stream(self, listen_key: str) -> UserStream:
        """Return the private stream of a listen key, not connected yet."""
        stream = UserStream(
            self._endpoints.user_stream,
            listen_key,
            in_path=self._endpoints.user_stream == self._endpoints.stream,  # no root of their own: COIN-M
            clock=self._clock,
            redactor=self._target.redactor,
        )
        self.user_streams.append(stream)
        return stream

    async def logged_on(self, account: Account) -> WsApiSession:
        """Return the account's logged-on session; the first case that asks opens it."""
        if account.name not in self._logged_on:
            self._logged_on[account.name] = asyncio.ensure_future(self._log_on(account))
        return await asyncio.shield(self._logged_on[account.name])

    async def _log_on(self, account: Account) -> WsApiSession:
        session = await self._resources.enter_async_context(self.new_session())
        await account.ask("session.logon", {}, session=session)
        return session

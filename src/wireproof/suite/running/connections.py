"""The connections of one product's part of a run: WebSocket API sessions and private streams."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wireproof.suite.state.account import RefusedError
from wireproof.wire.trouble import MOST_SENDS
from wireproof.wire.websocket.session import WsApiSession
from wireproof.wire.websocket.user_stream import UserStream

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from wireproof.suite.state.account import Account
    from wireproof.suite.target import Target
    from wireproof.wire.clock import ServerClock
    from wireproof.wire.endpoints import Endpoints
    from wireproof.wire.limits import RateLimiter


#: How often a connection is tried before its host counts as out of reach: one handshake may get lost.
ATTEMPTS = 3


class Connections:
    """Makes connections to one product's endpoints.

    Args:
        endpoints: Where the product is reached.
        target: What is asked, and how long its answers may take.
        limiter: Paces what sessions send.
        clock: The target's time.
        resources: Closes what it opens itself.
        key_in_path: Whether addresses of private streams have the listen key in their path.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        target: Target,
        limiter: RateLimiter,
        clock: ServerClock,
        resources: AsyncExitStack,
        *,
        key_in_path: bool = False,
    ) -> None:
        self._key_in_path = key_in_path
        self._endpoints, self._target, self._limiter, self._clock = endpoints, target, limiter, clock
        self._resources = resources
        self.user_streams: list[UserStream] = []  # all there were, with what came on them
        self.sessions: list[WsApiSession] = []  # all there were
        self._logged_on: dict[str, asyncio.Task[WsApiSession]] = {}

    def new_session(self, log_on: Account | None = None) -> WsApiSession:
        """Return a session of the WebSocket API, not connected yet.

        It logs on with an account's key whenever it connects: a connection that replaces another is as good as that.
        """

        async def logon(session: WsApiSession) -> None:
            assert log_on is not None
            await log_on.ask("session.logon", {}, session=session)

        session = WsApiSession(
            self._endpoints.ws_api,
            limiter=self._limiter,
            clock=self._clock,
            redactor=self._target.redactor,
            answer_timeout=self._target.answer_timeout,
            max_sends=MOST_SENDS,
            on_connect=logon if log_on is not None else None,
        )
        self.sessions.append(session)
        return session

    def new_user_stream(self, listen_key: str) -> UserStream:
        """Return the private stream of a listen key, not connected yet."""
        stream = UserStream(
            self._endpoints.user_stream,
            listen_key,
            # COIN-M: no root of their own
            in_path=self._key_in_path or self._endpoints.user_stream == self._endpoints.stream,
            clock=self._clock,
            attempts=ATTEMPTS,
            redactor=self._target.redactor,
        )
        self.user_streams.append(stream)
        return stream

    async def logged_on(self, account: Account) -> WsApiSession:
        """Return the account's logged-on session; the first case that asks opens it, and the next when it is over."""
        opened = self._logged_on.get(account.name)
        if opened is None or _is_over(opened):
            session = self._resources.enter_async_context(self.new_session(account))
            opened = self._logged_on[account.name] = asyncio.ensure_future(session)
        return await asyncio.shield(opened)


def _is_over(opening: asyncio.Task[WsApiSession]) -> bool:
    """Whether a session could not be opened, or no longer has a connection and gets none."""
    if not opening.done():
        return False
    if opening.cancelled():
        return True
    error = opening.exception()
    if isinstance(error, RefusedError):
        return error.told.may_pass  # a refusal stays one
    return error is not None or opening.result().has_failed

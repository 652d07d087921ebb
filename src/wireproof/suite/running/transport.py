"""How the request of a case is sent: one transport per surface, each with the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from wireproof.contract.model import Request
from wireproof.suite.planning.requests import build, resend_of
from wireproof.suite.state.account import count_request, finished
from wireproof.wire.reply import Reply, Resend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.suite.state.scene import Scene
    from wireproof.wire.limits import Cost
    from wireproof.wire.rest import RestClient
    from wireproof.wire.trouble import Health
    from wireproof.wire.websocket.session import WsApiSession


class Transport(Protocol):
    """Sends a case's own request."""

    @property
    def health(self) -> Health:
        """How the host that it asks fares."""

    async def send(self, scene: Scene, params: Mapping[str, Any], cost: Cost) -> Reply:
        """Send it, wait for its answer, and return both; the answer's status may be any."""

    def violations_of(self, reply: Reply) -> tuple[str, ...]:
        """Return the rules of the protocol that were broken around an answer, as far as is known by now."""


@dataclass(frozen=True, slots=True)
class WsApiTransport:
    """Requests over a session of the WebSocket API."""

    session: WsApiSession

    @property
    def health(self) -> Health:
        """How the host fares over this session."""
        return self.session.health

    async def send(self, scene: Scene, params: Mapping[str, Any], cost: Cost) -> Reply:
        """Send the request and match its answer by id."""
        case = scene.case
        request = case.contract.of(Request)
        count_request()
        make = build(case, params, scene.account.credentials)
        resend, lookup = resend_of(case), None
        if resend is Resend.NEVER and (lookup := scene.account.lookup_of(request.method, params)) is not None:
            resend = Resend.LOOKUP
        return await finished(self.session.request(request.method, make, cost=cost, resend=resend, lookup=lookup))

    def violations_of(self, reply: Reply) -> tuple[str, ...]:
        """Return what broke the protocol: an answer that came twice, a foreign id."""
        return self.session.violations_of(reply)


@dataclass(frozen=True, slots=True)
class RestTransport:
    """Requests over HTTP."""

    client: RestClient

    @property
    def health(self) -> Health:
        """How the host fares for this client."""
        return self.client.health

    async def send(self, scene: Scene, params: Mapping[str, Any], cost: Cost) -> Reply:
        """Send the request; what is kept of it is verb, path and query, and the body below them when there is one."""
        case = scene.case
        request = case.contract.of(Request)
        count_request()
        reply = await finished(
            self.client.request(
                request.method,
                request.path,
                build(case, params, scene.account.credentials),
                credentials=scene.account.credentials if request.security.needs_key else None,
                signed=request.security.is_signed,
                cost=cost,
                omit=case.omit,
                in_body=case.in_body,
            )
        )
        shown = reply.request.replace(self.client.base_url, "", 1)
        times = (reply.sent_at, reply.received_at, reply.sends)
        return Reply("", shown, reply.raw, reply.status, *times, headers=reply.headers)

    def violations_of(self, reply: Reply) -> tuple[str, ...]:
        """Return nothing: HTTP matches answers to requests itself."""
        return reply.violations

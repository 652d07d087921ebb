"""Can the target be judged at all? One look before a run: a closed door is one sentence, not 300 failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from wireproof.recognition import Concern, recognise
from wireproof.wire.blocked import ADVICE, host_of
from wireproof.wire.delay import patience
from wireproof.wire.failures import BlockKind, TargetBlockedError, WireError
from wireproof.wire.limits import Cost
from wireproof.wire.rest import RestClient
from wireproof.wire.session import WsApiSession
from wireproof.wire.trouble import patiently

if TYPE_CHECKING:
    from wireproof.recognition import Recognition
    from wireproof.wire.clock import ServerClock
    from wireproof.wire.endpoints import Endpoints
    from wireproof.wire.limits import RateLimiter
    from wireproof.wire.redact import Redactor

SECONDS = 25.0  # with closing, less than the 30 s a blocked run may take
SAMPLES = 2  # the first one pays for the set-up of the connection
STATUS_COST, TIME_COST = Cost(weight=2), Cost(weight=1)


@dataclass(frozen=True, slots=True)
class Reachability:
    """What the look found: where the time came from, and how the target's clock differs from this machine's.

    `offset_ms` is to be added to this machine's time; `clock_source` is empty when no time could be had.
    """

    host: str
    round_trip_ms: float | None
    offset_ms: float
    clock_source: str


async def preflight(
    endpoints: Endpoints,
    *,
    clock: ServerClock,
    limiter: RateLimiter,
    redactor: Redactor | None = None,
    seconds: float = SECONDS,
    time_path: str = "/fapi/v1/time",
    **options: Any,
) -> Reachability:
    """Reach the WebSocket API, or REST where there is none, and set the clock.

    Time comes from `session.status`, else from REST's `time_path`. Raise TargetBlockedError within so many seconds,
    however the host misbehaves, and ConfigurationError when there is no URL at all.
    """
    url = endpoints.ws_api or endpoints.require("rest")
    host, part = host_of(url), seconds * 0.4
    shared: dict[str, Any] = {"limiter": limiter, "clock": clock, "redactor": redactor, "max_wait": 0.0}
    ws_api = {"connect_timeout": part, "answer_timeout": part / 2, "max_reconnects": 1}
    try:
        async with patience(seconds):
            source = ""
            if endpoints.ws_api:
                session = WsApiSession(endpoints.ws_api, **(shared | ws_api | options))
                source = await _ask_ws_api(session, clock, is_last=not endpoints.rest)
            if not source and endpoints.rest:
                client = RestClient(endpoints.rest, **shared, connect_timeout=part, answer_timeout=part)
                source = await _ask_rest(client, clock, time_path)
    except TimeoutError:
        raise _blocked(host, f"{host} could not be asked within {seconds:g} s.", BlockKind.TIMEOUT) from None
    return Reachability(host, clock.round_trip_ms, clock.offset_ms, source)


async def _ask_ws_api(session: WsApiSession, clock: ServerClock, *, is_last: bool) -> str:
    source, asked = "", "session.status"
    try:
        async with session:
            for _ in range(SAMPLES):
                reply = await patiently(
                    lambda: session.request(asked, cost=STATUS_COST), asked, health=session.health, repeatable=True
                )
                if _sample(clock, reply.raw, reply.sent_at, reply.received_at):
                    source = asked
                elif is_last and not source:
                    _check(session.host, asked, recognise(reply.status, reply.raw))
    except WireError as exc:
        sentence = f"{session.host} accepted the WebSocket, but session.status got no answer. {exc}"
        raise _blocked(session.host, sentence, BlockKind.TIMEOUT) from exc
    return source


async def _ask_rest(client: RestClient, clock: ServerClock, path: str) -> str:
    source, asked = "", f"GET {path}"
    try:
        async with client:
            for _ in range(SAMPLES):
                reply = await patiently(
                    lambda: client.request("GET", path, cost=TIME_COST), asked, health=client.health, repeatable=True
                )
                told = recognise(reply.status, reply.raw)
                if told.is_success and _sample(clock, reply.raw, reply.sent_at, reply.received_at):
                    source = asked
                elif not source:
                    _check(client.host, asked, told)
    except WireError as exc:
        raise _blocked(client.host, str(exc), BlockKind.TIMEOUT) from exc
    return source


def _check(host: str, asked: str, told: Recognition) -> None:
    """Raise TargetBlockedError when the service is in trouble after several tries: then every case would meet it."""
    if told.concern is Concern.SERVICE:
        sentence = f"{host} is in trouble: {asked} was answered with {told.words}."
        raise _blocked(host, sentence, BlockKind.MAINTENANCE)


def _sample(clock: ServerClock, raw: bytes, sent_at: float, received_at: float) -> bool:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    holder = answer.get("result", answer) if isinstance(answer, dict) else None
    server = holder.get("serverTime") if isinstance(holder, dict) else None
    if not isinstance(server, int) or isinstance(server, bool):
        return False
    clock.sample(sent_at, received_at, server)
    return True


def _blocked(host: str, sentence: str, kind: BlockKind) -> TargetBlockedError:
    return TargetBlockedError(host, sentence, ADVICE[kind], kind=kind)

"""Can the target be judged at all? One look before a run: a closed door is one sentence, not 300 failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from wireproof.recognition import Concern, recognise
from wireproof.wire.blocked import ADVICE, host_of
from wireproof.wire.clock import PLAUSIBLE_MS
from wireproof.wire.delay import patience
from wireproof.wire.failures import BlockKind, ConnectionLostError, NoAnswerError, TargetBlockedError, WireError
from wireproof.wire.limits import Cost
from wireproof.wire.rest import RestClient
from wireproof.wire.trouble import AnsweredT, patiently
from wireproof.wire.websocket.session import WsApiSession

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireproof.recognition import Recognition
    from wireproof.wire.clock import ServerClock
    from wireproof.wire.endpoints import Endpoints
    from wireproof.wire.limits import RateLimiter
    from wireproof.wire.rest import RestReply
    from wireproof.wire.secrets.redact import Redactor

SECONDS = 25.0  # with closing, less than the 30 s a blocked run may take
SAMPLES = 2  # the first one pays for the set-up of the connection
STATUS_COST, TIME_COST = Cost(weight=2), Cost(weight=1)
NOT_FOUND = 404

#: How far two surfaces' clocks may be apart, beside what their round trips leave open, in milliseconds.
AGREEMENT_MS = 1_000.0


@dataclass(frozen=True, slots=True)
class Reachability:
    """What the look found: where the time came from, and how the target's clock differs from this machine's.

    `offset_ms` is to be added to this machine's time; `clock_source` is empty when no time could be had.
    """

    host: str
    round_trip_ms: float | None
    offset_ms: float
    clock_source: str


@dataclass(frozen=True, slots=True)
class _Sample:
    """A time that a target told: asked at, answered at (local epoch milliseconds), its own."""

    source: str
    sent_at: float
    received_at: float
    server: int

    @property
    def offset_ms(self) -> float:
        """What is to be added to this machine's time."""
        return self.server - (self.sent_at + self.received_at) / 2


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

    Time comes from `session.status` and from REST's `time_path`: one that cannot be a time in milliseconds is not
    believed, and of two that differ the one that is nearer to this machine's. Whatever gets no answer is tried again.
    Raise TargetBlockedError within so many seconds, however the host misbehaves, or where REST is all there is and the
    host knows none of the product's requests; ConfigurationError when there is no URL at all.
    """
    url = endpoints.ws_api or endpoints.require("rest")
    host, part = host_of(url), seconds * 0.4
    shared: dict[str, Any] = {"limiter": limiter, "clock": clock, "redactor": redactor, "max_wait": 0.0}
    ws_api = {"connect_timeout": part, "answer_timeout": part / 2, "max_reconnects": 1}
    try:
        async with patience(seconds):
            samples: list[_Sample] = []
            if endpoints.ws_api:
                session = WsApiSession(endpoints.ws_api, **(shared | ws_api | options))
                samples += await _ask_ws_api(session, is_last=not endpoints.rest)
            if endpoints.rest:
                client = RestClient(endpoints.rest, **shared, connect_timeout=part, answer_timeout=part / 2)
                samples += await _ask_rest(client, time_path, is_last=not samples, is_only=not endpoints.ws_api)
    except TimeoutError:
        raise _blocked(host, f"{host} could not be asked within {seconds:g} s.", BlockKind.TIMEOUT) from None
    source = ""
    for sample in _believed(samples):
        clock.sample(sample.sent_at, sample.received_at, sample.server)
        source = source or sample.source
    return Reachability(host, clock.round_trip_ms, clock.offset_ms, source)


def _believed(samples: list[_Sample]) -> list[_Sample]:
    """Return the samples of the source that is nearest to this machine's clock, and of those that agree with it."""
    if not samples:
        return []
    nearest = min(samples, key=lambda sample: abs(sample.offset_ms))
    doubt = nearest.received_at - nearest.sent_at + AGREEMENT_MS
    return [one for one in samples if abs(one.offset_ms - nearest.offset_ms) <= doubt + one.received_at - one.sent_at]


async def _ask_ws_api(session: WsApiSession, *, is_last: bool) -> list[_Sample]:
    samples, asked = [], "session.status"
    try:
        async with session:
            for _ in range(SAMPLES):
                reply = await _again(
                    lambda: patiently(
                        lambda: session.request(asked, cost=STATUS_COST), asked, health=session.health, repeatable=True
                    )
                )
                if (sample := _sample(asked, reply.raw, reply.sent_at, reply.received_at)) is not None:
                    samples.append(sample)
                elif is_last and not samples:
                    _check(session.host, asked, recognise(reply.status, reply.raw))
    except WireError as exc:
        sentence = f"{session.host} accepted the WebSocket, but session.status got no answer. {exc}"
        raise _blocked(session.host, sentence, BlockKind.TIMEOUT) from exc
    return samples


async def _ask_rest(client: RestClient, path: str, *, is_last: bool, is_only: bool) -> list[_Sample]:
    samples, asked = [], f"GET {path}"

    async def ask(path: str) -> RestReply:
        return await _again(
            lambda: patiently(
                lambda: client.request("GET", path, cost=TIME_COST), asked, health=client.health, repeatable=True
            )
        )

    try:
        async with client:
            for _ in range(SAMPLES):
                reply = await ask(path)
                told = recognise(reply.status, reply.raw)
                sample = _sample(asked, reply.raw, reply.sent_at, reply.received_at) if told.is_success else None
                if sample is not None:
                    samples.append(sample)
                elif is_last and not samples:
                    _check(client.host, asked, told)
            ping = f"{path.rpartition('/')[0]}/ping"
            if is_only and not samples and {reply.status, (await ask(ping)).status} == {NOT_FOUND}:
                sentence = f"{client.host} does not serve this product: it knows neither {asked} nor GET {ping} (404)."
                raise _blocked(client.host, sentence, BlockKind.NOT_THIS_SERVICE)
    except (WireError, TargetBlockedError) as exc:
        if not is_last:  # the other surface told the time; what is wrong with this one concerns its own cases
            return samples
        if isinstance(exc, TargetBlockedError):
            raise
        raise _blocked(client.host, str(exc), BlockKind.TIMEOUT) from exc
    return samples


async def _again(ask: Callable[[], Awaitable[AnsweredT]]) -> AnsweredT:
    """Ask, and once more when no answer comes."""
    try:
        return await ask()
    except (NoAnswerError, ConnectionLostError):
        return await ask()


def _check(host: str, asked: str, told: Recognition) -> None:
    """Raise TargetBlockedError when the service is in trouble after several tries: then every case would meet it."""
    if told.concern is Concern.SERVICE:
        sentence = f"{host} is in trouble: {asked} was answered with {told.words}."
        raise _blocked(host, sentence, BlockKind.MAINTENANCE)


def _sample(source: str, raw: bytes, sent_at: float, received_at: float) -> _Sample | None:
    """Return the time that an answer tells, unless it cannot be one in milliseconds."""
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    holder = answer.get("result", answer) if isinstance(answer, dict) else None
    server = holder.get("serverTime") if isinstance(holder, dict) else None
    if not isinstance(server, int) or isinstance(server, bool) or server not in PLAUSIBLE_MS:
        return None
    return _Sample(source, sent_at, received_at, server)


def _blocked(host: str, sentence: str, kind: BlockKind) -> TargetBlockedError:
    return TargetBlockedError(host, sentence, ADVICE[kind], kind=kind)

"""One session: requests, answers, drops, limits."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from wire_peers import FakeTime, Peer, answers, drops, ok, peer, says, session, silent

from wireproof.bounds import excess
from wireproof.wire.clock import ServerClock
from wireproof.wire.failures import (
    AnswerLostError,
    BlockKind,
    ConnectionLostError,
    NoAnswerError,
    PassingTroubleError,
    SessionClosedError,
    TargetBlockedError,
)
from wireproof.wire.limits import Cost, RateLimiter
from wireproof.wire.reply import Reply, Resend
from wireproof.wire.secrets.redact import Redactor

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from wireproof.wire.websocket.session import WsApiSession


async def test_a_request_gets_the_bytes_of_its_answer() -> None:
    """The reply holds the text sent, the bytes received, the status and both times."""
    async with peer(answers) as made, session(made.url) as wire:
        reply = await wire.request("session.status", {"a": 1})

    assert json.loads(reply.frame) == {"id": reply.id, "method": "session.status", "params": {"a": 1}}
    assert made.frames == [reply.frame]
    assert json.loads(reply.raw)["result"] == {"method": "session.status"}
    assert (reply.status, reply.sends, reply.violations) == (200, 1, ())
    assert 0 < reply.sent_at <= reply.received_at


async def test_answers_are_matched_by_id_whatever_their_order() -> None:
    """Requests are pipelined on one connection; answers in reverse order find their requests."""
    waiting: list[dict[str, Any]] = []

    async def reversed_answers(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        waiting.append(request)
        if len(waiting) == 5:
            for late in reversed(waiting):
                await connection.send(ok(late))

    async with peer(reversed_answers) as made, session(made.url) as wire:
        replies = await asyncio.gather(*(wire.request(f"m{n}") for n in range(5)))

    assert [json.loads(reply.raw)["result"]["method"] for reply in replies] == [f"m{n}" for n in range(5)]
    assert len(made.connections) == 1


async def test_ids_are_unique_strings_unless_given() -> None:
    """Every request has another id; a caller may choose one, of type integer as well, and gets it echoed."""
    async with peer(answers) as made, session(made.url) as wire:
        replies = await asyncio.gather(*(wire.request("m") for _ in range(20)))
        chosen = await wire.request("m", request_id=7)

    assert len({reply.id for reply in replies}) == 20
    assert all(isinstance(reply.id, str) for reply in replies)
    assert (chosen.id, json.loads(chosen.raw)["id"]) == (7, 7)


async def test_parameters_are_prepared_again_for_each_send() -> None:
    """After a drop a request is prepared anew, with the time of that moment."""
    times: list[int] = []

    def prepare(now_ms: int) -> dict[str, Any]:
        times.append(now_ms)
        return {"timestamp": len(times)}

    async with peer(drops(1)) as made, session(made.url) as wire:
        reply = await wire.request("order.status", prepare)

    assert [request["params"]["timestamp"] for request in made.requests] == [1, 2]
    assert len(times) == 2
    assert reply.sends == 2
    assert json.loads(reply.frame)["params"] == {"timestamp": 2}


async def test_prepare_gets_the_servers_time() -> None:
    """The time handed to `prepare` is the server's, offset applied."""
    clock = ServerClock(lambda: 1000.0)
    clock.sample(900, 1000, 50_950)
    seen: list[int] = []
    async with peer(answers) as made, session(made.url, clock=clock) as wire:
        await wire.request("m", lambda now: seen.append(now) or {})

    assert seen == [51_000]


async def test_a_read_is_sent_again_after_a_drop() -> None:
    """A request that is safe to repeat is written again on the next connection, with the same id."""
    async with peer(drops(2)) as made, session(made.url) as wire:
        reply = await wire.request("order.status", resend=Resend.SAFE)

    assert len(made.connections) == 3
    assert {request["id"] for request in made.requests} == {reply.id}
    assert reply.sends == 3


async def test_a_request_that_kills_every_connection_is_given_up() -> None:
    """A safe request is written at most `max_sends` times; others go on."""
    async with peer(drops(99, methods=("poison",))) as made, session(made.url, max_sends=2) as wire:
        with pytest.raises(ConnectionLostError, match=r"poison .*It was sent 2 times"):
            await wire.request("poison")
        assert (await wire.request("depth")).status == 200

    assert len(made.sent("poison")) == 2


async def test_a_request_that_kills_every_connection_takes_no_other_with_it() -> None:
    """What met two drops is written alone: the one is found out, and the others are answered."""
    async with peer(drops(100, methods=("order.kill",))) as made, session(made.url, max_sends=4) as wire:
        killer, *others = await asyncio.gather(
            wire.request("order.kill"), *(wire.request("order.status") for _ in range(20)), return_exceptions=True
        )

    assert isinstance(killer, ConnectionLostError)
    assert killer.sends == 4
    assert [other.status for other in others if isinstance(other, Reply)] == [200] * 20


async def test_a_request_is_prepared_when_the_connection_takes_it() -> None:
    """A peer that does not read lets what is written lie here; a timestamp made before would grow old."""
    prepared: list[int] = []

    def prepare(now_ms: int) -> dict[str, Any]:
        prepared.append(now_ms)
        return {"timestamp": now_ms}

    async def slow(made: Peer, connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        made.reading = connection.transport  # type: ignore[attr-defined]

    async with peer(answers) as made:
        made.greeting = slow
        async with session(made.url, answer_timeout=60.0) as wire:
            await made.connected(1)
            await asyncio.sleep(0)
            connection = wire._connection
            assert connection is not None
            filling = [asyncio.create_task(wire.request("depth", {"x": "x" * 1_000_000})) for _ in range(20)]
            while not connection.paused:  # noqa: ASYNC110  # the kernel's buffers fill first
                await asyncio.sleep(0.01)
            late = asyncio.create_task(wire.request("order.status", prepare))
            await asyncio.sleep(0.05)
            assert prepared == []
            made.reading.resume_reading()  # type: ignore[attr-defined]
            await asyncio.gather(late, *filling)
    assert len(prepared) == 1


async def test_a_peer_that_never_reads_is_bounded() -> None:
    """Nothing waits longer than an answer may take; then it is silence."""

    async def deaf(_: Peer, connection: ServerConnection) -> None:
        connection.transport.pause_reading()

    async with peer(answers) as made:
        made.greeting = deaf
        wire = session(made.url, answer_timeout=0.3)
        async with wire:
            await made.connected(1)
            filling = [asyncio.create_task(wire.request("depth", {"x": "x" * 1_000_000})) for _ in range(20)]
            outcomes = await asyncio.gather(*filling, wire.request("order.status"), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {NoAnswerError}


async def test_a_session_says_whether_it_is_over() -> None:
    """One that was closed is."""
    async with peer(answers) as made, session(made.url) as wire:
        assert not wire.has_failed
    assert wire.has_failed


async def test_a_log_on_that_is_not_answered_after_a_drop_is_tried_again() -> None:
    """Silence in the set-up of a connection is trouble of that connection, and costs no request."""
    seen: list[str] = []

    async def behave(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        seen.append(request["method"])
        if request["method"] == "order.status" and seen.count("order.status") == 1:
            connection.transport.abort()
            await connection.wait_closed()
        elif seen != ["session.logon", "order.status", "session.logon"]:
            await answers(made, connection, request)

    async def log_on(wire: WsApiSession) -> None:
        await wire.request("session.logon")

    async with peer(behave) as made, session(made.url, on_connect=log_on, answer_timeout=0.5) as wire:
        await wire.request("order.status")
    assert seen == ["session.logon", "order.status", "session.logon", "session.logon", "order.status"]


async def test_an_order_of_unknown_fate_is_never_sent_again() -> None:
    """With Resend.NEVER a drop is an error that says that the fate is unknown."""
    async with peer(drops(1)) as made, session(made.url) as wire:
        with pytest.raises(ConnectionLostError, match=r"before order\.place .* Whether it took effect is unknown"):
            await wire.request("order.place", resend=Resend.NEVER)
        assert (await wire.request("order.status")).status == 200

    assert len(made.sent("order.place")) == 1


async def test_an_order_that_a_lookup_finds_is_not_sent_again() -> None:
    """Resend.LOOKUP: what the lookup finds is handed over, and the order is not repeated."""

    async def lookup(wire: WsApiSession) -> Reply | None:
        return await wire.request("order.status")

    async with peer(drops(1, methods=("order.place",))) as made, session(made.url) as wire:
        with pytest.raises(AnswerLostError, match="took effect; it was not sent again") as caught:
            await wire.request("order.place", resend=Resend.LOOKUP, lookup=lookup)

    assert json.loads(caught.value.evidence.raw)["result"] == {"method": "order.status"}
    assert len(made.sent("order.place")) == 1


async def test_an_order_is_sent_again_only_after_two_lookups_found_nothing() -> None:
    """Between the lookups lies the time after which the first copy is too old to be accepted."""
    asleep: list[float] = []
    events: list[str] = []

    async def sleep(seconds: float) -> None:
        asleep.append(seconds)
        if seconds > 1:  # shorter ones are pauses before connecting
            events.append("wait")

    async def lookup(wire: WsApiSession) -> Reply | None:
        events.append("lookup")
        await wire.request("order.status")
        return None

    async with peer(drops(1, methods=("order.place",))) as made, session(made.url, sleep=sleep) as wire:
        reply = await wire.request("order.place", resend=Resend.LOOKUP, lookup=lookup)

    assert events == ["lookup", "wait", "lookup"]
    assert 5 < max(asleep) <= 6
    assert reply.sends == 2
    assert [request["method"] for request in made.requests] == [
        "order.place",
        "order.status",
        "order.status",
        "order.place",
    ]


async def test_an_order_that_shows_up_at_the_second_lookup_is_not_sent_again() -> None:
    """Acceptance may lag: an order that appears while waiting is found."""
    looked: list[int] = []

    async def lookup(wire: WsApiSession) -> Reply | None:
        looked.append(1)
        reply = await wire.request("order.status")
        return reply if len(looked) == 2 else None

    async with peer(drops(1, methods=("order.place",))) as made, session(made.url, fate_wait=0.01) as wire:
        with pytest.raises(AnswerLostError):
            await wire.request("order.place", resend=Resend.LOOKUP, lookup=lookup)

    assert len(made.sent("order.place")) == 1


async def test_a_lookup_that_fails_leaves_the_fate_unknown() -> None:
    """When nobody answers the lookup the order is not sent again, and the error says that its fate is unknown."""

    async def lookup(wire: WsApiSession) -> Reply | None:
        return await wire.request("order.status", resend=Resend.NEVER)

    async with peer(drops(2)) as made, session(made.url) as wire:
        with pytest.raises(ConnectionLostError, match=r"before order\.place .* is unknown"):
            await wire.request("order.place", resend=Resend.LOOKUP, lookup=lookup)

    assert len(made.sent("order.place")) == 1


async def test_lookup_is_demanded_before_anything_is_sent() -> None:
    """Resend.LOOKUP without a lookup is a mistake of the caller."""
    async with peer(answers) as made, session(made.url) as wire:
        with pytest.raises(ValueError, match="needs a lookup"):
            await wire.request("order.place", resend=Resend.LOOKUP)

    assert made.requests == []


async def test_requests_not_yet_written_are_sent_after_the_reconnect() -> None:
    """A request that waited while the connection was down is written once, whatever its policy."""
    down, up = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        down.set()
        await up.wait()

    async with peer(drops(1, methods=("first",))) as made, session(made.url, sleep=sleep) as wire:
        first = asyncio.create_task(wire.request("first"))
        await down.wait()
        order = asyncio.create_task(wire.request("order.place", resend=Resend.NEVER))
        await asyncio.sleep(0)
        assert made.sent("order.place") == []
        up.set()
        assert [(await first).sends, (await order).sends] == [2, 1]


async def test_a_session_that_logs_on_logs_on_again_after_a_drop() -> None:
    """`on_connect` runs after each handshake and before any other request."""

    async def log_on(wire: WsApiSession) -> None:
        await wire.request("session.logon")

    async with peer(drops(1, methods=("order.status",))) as made, session(made.url, on_connect=log_on) as wire:
        await wire.request("order.status")

    methods = [request["method"] for request in made.requests]
    assert methods == ["session.logon", "order.status", "session.logon", "order.status"]


async def test_a_failing_log_on_at_the_start_is_raised() -> None:
    """What `on_connect` raises comes out of entering the session."""

    async def log_on(_: WsApiSession) -> None:
        raise RuntimeError("-4056")

    async with peer(answers) as made:
        with pytest.raises(RuntimeError, match="-4056"):
            await session(made.url, on_connect=log_on).__aenter__()


async def test_a_failing_log_on_after_a_drop_is_told_to_those_who_wait() -> None:
    """Nobody waits for ever when the session cannot be set up again."""
    calls: list[int] = []

    async def log_on(_: WsApiSession) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("no")

    async with peer(drops(1)) as made, session(made.url, on_connect=log_on) as wire:
        with pytest.raises(Exception, match="could not be set up again: RuntimeError"):
            await wire.request("order.status")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("<html>maintenance</html>", "no JSON object"),
        ('{"id":null,"status":400}', "id null"),
        ('{"status":400}', "no id"),
        (lambda request: ok(request).encode(), "binary frame"),
    ],
    ids=["html", "null-id", "no-id", "binary"],
)
async def test_a_bad_answer_comes_with_its_violation(frame: Any, words: str) -> None:
    """The bytes go to the only request under way, with a sentence about the broken rule."""
    async with peer(says(frame)) as made, session(made.url) as wire:
        reply = await wire.request("depth")

    assert words in reply.violations[0]
    assert reply.raw


async def test_a_request_that_is_never_answered_says_so() -> None:
    """The sentence names method, id and seconds."""
    async with peer(silent) as made, session(made.url, answer_timeout=0.05) as wire:
        with pytest.raises(NoAnswerError, match=r"depth \(id my-id\) was not answered within 0\.05 s"):
            await wire.request("depth", request_id="my-id")


async def test_silence_is_bounded_and_the_session_goes_on() -> None:
    """One request without answer does not disturb the next."""

    async def moody(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        await (silent if request["method"] == "quiet" else answers)(made, connection, request)

    async with peer(moody) as made, session(made.url, answer_timeout=0.05) as wire:
        with pytest.raises(NoAnswerError):
            await wire.request("quiet")
        assert (await wire.request("depth")).status == 200
    assert len(made.connections) == 1


async def test_an_answer_that_comes_twice_is_found_by_its_request() -> None:
    """The first one counts; the second is a violation that can be looked up later."""
    async with peer(says(ok, ok)) as made, session(made.url) as wire:
        first = await wire.request("depth")
        await wire.request("ticker.price")

    assert wire.violations_of(first)[-1] == "The request was answered 2 times."
    assert first.id in wire.duplicates


async def test_a_cancelled_request_leaves_no_trace() -> None:
    """Its late answer is no foreign one."""
    gate = asyncio.Event()

    async def slow(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        if request["method"] == "slow":
            gate.set()
        else:
            await connection.send(json.dumps({"id": made.requests[0]["id"], "status": 200}))
            await connection.send(ok(request))

    async with peer(slow) as made, session(made.url) as wire:
        task = asyncio.create_task(wire.request("slow"))
        await gate.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await wire.request("depth")

    assert wire.violations == []


@pytest.mark.parametrize("size", [2, 16])
async def test_a_huge_answer_reaches_its_request(size: int) -> None:
    """Above the default limit of the library whole; above what is read cut, with a sentence about it."""
    body = "x" * (size * 1024 * 1024)
    async with peer(says(lambda request: ok(request, blob=body))) as made, session(made.url) as wire:
        reply = await wire.request("depth")
    if size == 2:
        assert len(reply.raw) > len(body)
    else:
        assert reply.violations == ("The answer has more than 8 MiB.",)
        assert excess(reply.raw) == "more than 8 MiB"


async def test_an_answer_above_the_limit_is_named() -> None:
    """Beyond `max_size` the connection ends; the error says why."""
    async with (
        peer(says(lambda request: ok(request, blob="x" * 2000))) as made,
        session(made.url, max_size=1000, max_sends=1) as wire,
    ):
        with pytest.raises(ConnectionLostError, match=r"a frame of more than 1,000 bytes came on it"):
            await wire.request("depth")


async def test_the_reason_of_a_close_frame_is_told() -> None:
    """Code and reason of the server's close frame stand in the error, redacted."""
    redactor = Redactor()
    redactor.register("secret-in-reason", "api key")

    async def close(_: Peer, connection: ServerConnection, __: dict[str, Any]) -> None:
        await connection.close(1008, "go away, secret-in-reason")

    async with peer(close) as made, session(made.url, redactor=redactor) as wire:
        with pytest.raises(ConnectionLostError, match=r"server closed it with code 1008, saying .go away") as caught:
            await wire.request("order.place", resend=Resend.NEVER)

    assert "secret-in-reason" not in str(caught.value)


@pytest.mark.parametrize("frame", ['{"event":{"e":"serverShutdown","E":1}}', '{"e":"serverShutdown"}'])
async def test_an_announced_shutdown_replaces_the_connection_in_an_orderly_way(frame: str) -> None:
    """What is under way is answered first; what comes meanwhile goes over the next connection; nothing is repeated."""
    held: list[dict[str, Any]] = []

    async def behave(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        if request["method"] == "slow":
            held.append(request)
        elif request["method"] == "warn":
            await connection.send(ok(request))
            await connection.send(frame)
            await connection.send('{"id":"marker"}')
            await connection.send(ok(held[0]))
        else:
            await connection.send(ok(request))

    async with peer(behave) as made, session(made.url) as wire:
        slow = asyncio.create_task(wire.request("slow", resend=Resend.NEVER))
        await made.received(1)
        await wire.request("warn")
        assert (await slow).sends == 1
        await made.connected(2)
        assert (await wire.request("after")).sends == 1

    assert len(made.connections) == 2
    assert made.connections[0].close_code == 1000


async def test_a_peer_that_only_announces_shutdowns_is_given_up() -> None:
    """Orderly replacement without a single answer is no progress."""

    async def greet(_: Peer, connection: ServerConnection) -> None:
        await connection.send('{"e":"serverShutdown"}')
        await connection.wait_closed()

    async with peer(silent) as made:
        made.greeting = greet
        async with session(made.url, max_reconnects=2, answer_timeout=0.02) as wire:
            asked = [wire.request("depth") for _ in range(2)]
            await asyncio.gather(*asked, return_exceptions=True)
            await made.connected(3)
            with contextlib.suppress(NoAnswerError):
                await wire.request("depth")
            with pytest.raises(TargetBlockedError, match="without answering anything"):
                await wire.request("depth")


async def test_a_connection_is_replaced_before_it_is_a_day_old() -> None:
    """At the end of `lifetime` the session moves to a new connection by itself."""
    async with peer(answers) as made, session(made.url, lifetime=0.02) as wire:
        await wire.request("depth")
        await made.connected(2)
        assert (await wire.request("depth")).status == 200


async def test_a_peer_that_drops_every_connection_is_blocked() -> None:
    """After `max_reconnects` connections without any answer the session gives up, with a sentence."""
    async with (
        peer(drops(99)) as made,
        session(made.url, max_reconnects=3, max_sends=99) as wire,
    ):
        with pytest.raises(TargetBlockedError, match="dropped 3 connections in a row without answering anything"):
            await wire.request("depth")
        with pytest.raises(TargetBlockedError):
            await wire.request("later")

    assert len(made.connections) == 4


async def test_a_peer_that_answers_now_and_then_is_never_given_up() -> None:
    """Only connections in a row without any answer count."""

    async def answer_once(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        await answers(made, connection, request)
        await connection.close()

    async with peer(answer_once) as made, session(made.url, max_reconnects=2) as wire:
        for _ in range(6):
            assert (await wire.request("depth")).status == 200

    assert len(made.connections) >= 6


async def test_a_drop_during_the_log_on_is_tried_again() -> None:
    """Nothing is sent before the log-on was answered."""

    async def log_on(wire: WsApiSession) -> None:
        await wire.request("session.logon")

    behave = drops(1, methods=("depth",), then=drops(1, methods=("session.logon",)))
    logons = [0]

    async def second_log_on_drops(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        logons[0] += request["method"] == "session.logon"
        first = request["method"] == "session.logon" and logons[0] == 1
        await (answers if first else behave)(made, connection, request)

    async with peer(second_log_on_drops) as made, session(made.url, on_connect=log_on) as wire:
        assert (await wire.request("depth")).status == 200

    methods = [request["method"] for request in made.requests]
    assert methods == ["session.logon", "depth", "session.logon", "session.logon", "depth"]


async def test_a_connection_that_ends_while_it_is_set_up_is_no_session() -> None:
    """Neither at the start nor later does anybody wait on a connection that is gone."""
    gone = asyncio.Event()

    async def greet(_: Peer, connection: ServerConnection) -> None:
        connection.transport.abort()
        await connection.wait_closed()
        gone.set()

    async def idle(wire: WsApiSession) -> None:
        await gone.wait()
        with contextlib.suppress(ConnectionLostError):
            await wire.request("probe")

    async with peer(answers) as made:
        made.greeting = greet
        with pytest.raises(TargetBlockedError, match="ended it while the session was being set up"):
            await session(made.url, on_connect=idle).__aenter__()


async def test_everyone_who_waits_gets_an_error_of_his_own() -> None:
    """Two tasks that share one exception would write into one traceback."""
    async with peer(drops(99)) as made, session(made.url, max_reconnects=1, max_sends=99) as wire:
        failures = await asyncio.gather(*(wire.request("depth") for _ in range(2)), return_exceptions=True)

    assert all(isinstance(failure, TargetBlockedError) for failure in failures)
    assert failures[0] is not failures[1]


async def test_pauses_between_attempts_grow_and_are_bounded() -> None:
    """Exponential back-off with jitter of at most half."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with peer(drops(99)) as made:
        wire = session(made.url, max_reconnects=5, max_sends=99, back_off=(1.0, 4.0), sleep=sleep)
        async with wire:
            with pytest.raises(TargetBlockedError):
                await wire.request("depth")

    assert [low / 2 <= pause <= low for low, pause in zip([1, 2, 4, 4, 4], pauses, strict=True)] == [True] * 5


async def test_a_host_that_is_gone_after_a_drop_is_blocked() -> None:
    """When nothing listens any more, those who wait get the host's reason."""
    stop: asyncio.Event = asyncio.Event()

    async def die(_: Peer, connection: ServerConnection, __: dict[str, Any]) -> None:
        stop.set()
        await connection.wait_closed()

    async with contextlib.AsyncExitStack() as stack:
        server = contextlib.AsyncExitStack()
        made = await server.enter_async_context(peer(die))
        wire = await stack.enter_async_context(session(made.url, max_reconnects=2))
        task = asyncio.create_task(wire.request("depth"))
        await stop.wait()
        await server.aclose()
        with pytest.raises(TargetBlockedError, match="refused the connection"):
            await task


async def test_closing_tells_those_who_wait() -> None:
    """A request under way ends with SessionClosedError, and so does a later one."""
    async with peer(silent) as made:
        async with session(made.url) as wire:
            task = asyncio.create_task(wire.request("depth"))
            await made.received(1)
        with pytest.raises(SessionClosedError):
            await task
        with pytest.raises(SessionClosedError):
            await wire.request("depth")


def limited(status: int, **error: Any) -> Any:
    """Refuse the first request with this status, then answer."""
    left = [1]

    async def behave(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        if left:
            left.clear()
            await connection.send(json.dumps({"id": request["id"], "status": status, "error": {"code": -1003} | error}))
        else:
            await answers(made, connection, request)

    return behave


@pytest.mark.parametrize(
    "error",
    [
        {"msg": "Too many requests", "data": {"retryAfter": 1_700_000_005_000}},
        {"msg": "Too many requests", "data": {"retryAfter": 5}},
        {"msg": "Way too many requests; IP(1.2.3.4) banned until 1700000005000. Please"},
    ],
    ids=["epoch", "seconds", "text"],
)
async def test_a_429_stops_the_sending_and_is_sent_once_more(error: dict[str, Any]) -> None:
    """Nobody sends until `retryAfter`; then the refused request is repeated with fresh parameters."""
    time = FakeTime()
    clock = ServerClock(time)
    limiter = RateLimiter(clock.now_ms, guard_ms=0, sleep=time.sleep)
    stamps: list[int] = []
    async with peer(limited(429, **error)) as made, session(made.url, clock=clock, limiter=limiter) as wire:
        reply = await wire.request("depth", lambda now: stamps.append(now) or {})

    assert (reply.status, reply.sends) == (200, 2)
    assert stamps == [1_700_000_000_000, 1_700_000_005_000]
    assert time.slept == [5]


async def test_a_429_without_a_time_waits_for_the_next_minute() -> None:
    """The limits count in the UTC minute."""
    time = FakeTime(1_699_999_990_000.0)
    clock = ServerClock(time)
    limiter = RateLimiter(clock.now_ms, guard_ms=0, sleep=time.sleep)
    async with peer(limited(429, msg="")) as made, session(made.url, clock=clock, limiter=limiter) as wire:
        await wire.request("depth")

    assert time.now == 1_700_000_040_000


@pytest.mark.parametrize(
    ("status", "until", "resend", "kind"),
    [
        (418, 1_700_000_005_000, Resend.SAFE, BlockKind.BANNED),
        (429, 1_700_003_600_000, Resend.SAFE, BlockKind.RATE_LIMITED),
        (429, 1_700_000_005_000, Resend.NEVER, BlockKind.RATE_LIMITED),
    ],
    ids=["ban", "too-long", "never"],
)
async def test_a_ban_a_long_wait_or_an_order_is_blocked(
    status: int, until: int, resend: Resend, kind: BlockKind
) -> None:
    """The error has kind, end, host and the server's words; later requests wait or are blocked as well."""
    time = FakeTime()
    clock = ServerClock(time)
    limiter = RateLimiter(clock.now_ms, guard_ms=0, sleep=time.sleep)
    refuse = limited(status, msg="slow down", data={"retryAfter": until})
    async with peer(refuse) as made, session(made.url, clock=clock, limiter=limiter) as wire:
        with pytest.raises(TargetBlockedError, match=f"answered depth with status {status}: slow down") as caught:
            await wire.request("depth", resend=resend)

    assert (caught.value.kind, caught.value.until_ms, caught.value.host) == (kind, until, wire.host)
    assert caught.value.exit_status == 3
    assert len(made.requests) == 1


async def test_what_the_server_reports_reaches_the_limiter() -> None:
    """RateLimits of an answer counts."""
    clock = ServerClock()
    limiter = RateLimiter(clock.now_ms, guard_ms=0)
    limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 700}]
    async with (
        peer(says(lambda request: ok(request, rateLimits=limits))) as made,
        session(made.url, clock=clock, limiter=limiter) as wire,
    ):
        await wire.request("depth", cost=Cost(weight=2))

    assert limiter.weight_limit == 6000
    assert limiter.peak_per_minute >= 700


async def test_the_handshake_costs_weight() -> None:
    """Five by default, each time."""
    clock = ServerClock()
    limiter = RateLimiter(clock.now_ms, guard_ms=0)
    async with peer(drops(1)) as made, session(made.url, clock=clock, limiter=limiter) as wire:
        await wire.request("depth")

    assert limiter.total_weight == 10


async def test_a_fault_in_prepare_costs_nothing_and_is_raised() -> None:
    """The weight is given back."""
    clock = ServerClock()
    limiter = RateLimiter(clock.now_ms, guard_ms=0)

    def prepare(_: int) -> dict[str, Any]:
        raise KeyError("symbol")

    async with peer(answers) as made, session(made.url, clock=clock, limiter=limiter) as wire:
        with pytest.raises(KeyError):
            await wire.request("depth", prepare, cost=Cost(weight=50))

    assert limiter.total_weight == 5


async def test_repr_shows_the_host_only() -> None:
    """No path, no query."""
    assert repr(session("ws://user:pw@h.example:1/x?listenKey=k")) == "WsApiSession(h.example:1)"


async def test_a_ping_is_a_round_trip() -> None:
    """A ping returns once its pong came; without a connection there is nothing to measure."""
    async with peer(answers) as made, session(made.url) as wire:
        await wire.ping()
    await wire.ping()
    assert made.frames == []


async def test_a_gateway_that_stays_in_trouble_while_reconnecting_blocks_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One page is trouble of one request; a session that cannot be had again is none."""

    async def refused(*_: object, **__: object) -> None:
        raise PassingTroubleError("h", "h answered the handshake with HTTP 502.", kind=BlockKind.MAINTENANCE)

    async with peer(drops) as made, session(made.url, max_reconnects=1) as wire:
        monkeypatch.setattr("wireproof.wire.websocket.session.open_connection", refused)
        with pytest.raises(TargetBlockedError) as caught:
            await wire.request("depth")

    assert type(caught.value) is TargetBlockedError

"""One session: requests, answers, drops, limits."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from wire_peers import Peer, answers, drops, ok, peer, session

from wireproof.wire.clock import ServerClock
from wireproof.wire.failures import (
    AnswerLostError,
    ConnectionLostError,
)
from wireproof.wire.reply import Reply, Resend

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from wireproof.wire.session import WsApiSession


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

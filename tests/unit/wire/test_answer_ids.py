"""Answers with altered ids over real sockets, several requests under way: each is its own request's violation."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_peers import Peer, ok, peer, session, unhurried

from wireproof.wire.failures import UnmatchedAnswerError
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.websocket.answers import Dropped, Ledger, MatchedAnswer, Unmatched, envelope_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.asyncio.server import ServerConnection

    from wireproof.wire.reply import Reply
    from wireproof.wire.websocket.session import WsApiSession

    Alter = Callable[[dict[str, Any]], dict[str, Any]]

PENDING = 8
WAITS = {"answer_timeout": 5.0, "settle_wait": 0.05}


def without_id(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "id"}


ALTERED: dict[str, tuple[Alter, str]] = {
    "foreign": (lambda answer: answer | {"id": "torture12x"}, "an id that was never sent"),
    "another UUID": (
        lambda answer: answer | {"id": "5761b939-27b1-4948-ab87-4a372a3f6b72"},
        "an id that was never sent",
    ),
    "a number": (lambda answer: answer | {"id": 7}, "an id that was never sent"),
    "one": (lambda answer: answer | {"id": 1}, "an id that was never sent"),
    "a fraction": (lambda answer: answer | {"id": 0.5}, "an id that was never sent"),
    "true": (lambda answer: answer | {"id": True}, "an id that was never sent"),
    "empty": (lambda answer: answer | {"id": ""}, "an id that was never sent"),
    "an empty object": (lambda answer: answer | {"id": {}}, "an id that was never sent"),
    "null": (lambda answer: answer | {"id": None}, "id null instead"),
    "missing": (without_id, "no id instead"),
    "renamed": (lambda answer: without_id(answer) | {"Id": answer["id"]}, "no id instead"),
    "upper case": (lambda answer: answer | {"id": answer["id"].upper()}, "came back altered"),
    "cut": (lambda answer: answer | {"id": answer["id"][:20]}, "came back altered"),
    "longer": (lambda answer: answer | {"id": f" {answer['id']}"}, "came back altered"),
    "an object around it": (lambda answer: answer | {"id": {"id": answer["id"]}}, "came back as an object"),
    "a list around it": (lambda answer: answer | {"id": [answer["id"]]}, "came back as a list"),
}


def answering(alter: Alter, altered: set[str], *, then: Alter | None = None) -> Any:
    """Answer when `PENDING` requests are there, in their order, some methods with an altered envelope."""
    held: list[dict[str, Any]] = []

    async def behave(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        held.append(request)
        if len(held) < PENDING:
            return
        for one in held:
            answer = json.loads(ok(one))
            changed = alter(answer) if one["method"] in altered else answer
            await connection.send(json.dumps(changed))
            if then is not None and one["method"] in altered:
                await connection.send(json.dumps(then(answer)))
        held.clear()

    return behave


async def asked(wire: WsApiSession, names: list[str], **params: Any) -> list[Reply | BaseException]:
    return await asyncio.gather(*(wire.request(name, params) for name in names), return_exceptions=True)


NAMES = [f"m{number}" for number in range(PENDING)]


@pytest.mark.parametrize("how", ALTERED)
async def test_an_altered_id_is_one_violation_of_its_own_request(how: str) -> None:
    """With eight requests under way the other seven are answered; the frame is named, without what it carries."""
    alter, words = ALTERED[how]
    async with peer(answering(alter, {"m3"})) as made, session(made.url, **WAITS) as wire:
        async with asyncio.timeout(4):
            replies = await asked(wire, NAMES)

        for name, reply in zip(NAMES, replies, strict=True):
            assert not isinstance(reply, BaseException)
            assert json.loads(reply.raw)["result"] == {"method": name}
            violations = wire.violations_of(reply)
            assert len(violations) == (name == "m3")
            assert wire.unclaimed == (0, [])
            for sentence in violations:
                assert words in sentence
                assert '"status":200' in sentence
                assert "method" not in sentence


@pytest.mark.parametrize("how", ["foreign", "null", "missing", "a number"])
async def test_altered_ids_of_all_answers_are_one_violation_each(how: str) -> None:
    """Nobody can tell whose each frame is: no answer is compared, and nobody waits for the time-out."""
    alter, _ = ALTERED[how]
    async with peer(answering(alter, set(NAMES))) as made, session(made.url, **WAITS) as wire:
        async with asyncio.timeout(4):
            replies = await asked(wire, NAMES)

    for reply in replies:
        assert isinstance(reply, UnmatchedAnswerError)
        assert reply.sentence.startswith(
            "No answer with the request's id came; 8 frames came that answer no request, first: {"
        )
        assert reply.sent.raw == b""
        assert wire.unclaimed == (0, [])
        assert reply.sent.frame


@pytest.mark.parametrize("how", ALTERED)
async def test_of_two_altered_ids_none_accuses_the_other_six(how: str) -> None:
    """Two are left: each has its own answer or none, and one violation."""
    alter, _ = ALTERED[how]
    async with peer(answering(alter, {"m1", "m6"})) as made, session(made.url, **WAITS) as wire:
        async with asyncio.timeout(4):
            replies = await asked(wire, NAMES)

        for name, reply in zip(NAMES, replies, strict=True):
            if isinstance(reply, UnmatchedAnswerError):
                assert name in {"m1", "m6"}
                continue
            assert not isinstance(reply, BaseException)
            assert json.loads(reply.raw)["result"] == {"method": name}
            assert len(wire.violations_of(reply)) == (name in {"m1", "m6"})


async def test_refusals_that_say_the_same_go_to_those_that_wait() -> None:
    """A revoked key is answered with id null, whatever was asked: each request receives it."""

    async def behave(made: Peer, connection: ServerConnection, _: dict[str, Any]) -> None:
        if len(made.requests) == PENDING:
            for number in range(PENDING):
                answer = {"id": None, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}}
                await connection.send(json.dumps(answer | {"rateLimits": [{"count": number}]}))

    async with peer(behave) as made, session(made.url, **WAITS) as wire:
        replies = await asked(wire, NAMES)

    for reply in replies:
        assert not isinstance(reply, BaseException)
        assert reply.status == 401
        assert len(reply.violations) == 1


async def test_content_tells_whose_an_answer_is() -> None:
    """What a request named its order is repeated by its answer alone."""

    async def behave(made: Peer, connection: ServerConnection, _: dict[str, Any]) -> None:
        if len(made.requests) == PENDING:
            for one in reversed(made.requests):
                name = one["params"]["newClientOrderId"]
                await connection.send(json.dumps({"id": "x", "status": 200, "result": {"clientOrderId": name}}))

    async with peer(behave) as made, session(made.url, **WAITS) as wire:
        replies = await asyncio.gather(
            *(wire.request("order.place", {"newClientOrderId": f"our-order-{number}"}) for number in range(PENDING))
        )

    for number, reply in enumerate(replies):
        assert json.loads(reply.raw)["result"]["clientOrderId"] == f"our-order-{number}"
        assert len(reply.violations) == 1


@pytest.mark.parametrize("frame", ['{"id":"stranger","status":200,"result":{}}', '{"e":"ACCOUNT_UPDATE","E":1}'])
async def test_while_an_answer_may_come_neither_a_foreign_one_nor_an_event_is_taken_as_it(frame: str) -> None:
    """A frame with a foreign id, or with nothing of an answer, is not given to the only request that waits."""

    async def behave(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        await connection.send(frame)
        await asyncio.sleep(0.2)
        await connection.send(ok(request))

    async with peer(behave) as made, session(made.url, answer_timeout=5.0, settle_wait=0.8) as wire:
        reply = await wire.request("slow")

    assert json.loads(reply.raw)["result"] == {"method": "slow"}
    assert reply.violations == ()
    assert wire.unclaimed[0] == 1


async def test_an_own_answer_after_a_guess_is_no_second_one() -> None:
    """The guess was wrong: the request is not accused of two answers."""

    async def behave(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        if request["method"] == "next":
            await connection.send(ok(made.requests[0]))
            await connection.send(ok(request))
        else:
            await connection.send('{"id":"stranger","status":200,"result":{}}')

    async with peer(behave) as made, session(made.url, **WAITS) as wire:
        guessed = await wire.request("first")
        await wire.request("next")

        assert len(wire.violations_of(guessed)) == 1
        assert wire.duplicates == {}


async def test_a_foreign_frame_beside_the_right_answers_accuses_nobody() -> None:
    """It fits no request: it is kept, and every request has its own answer."""
    alter, _ = ALTERED["foreign"]
    behaviour = answering(lambda answer: answer, {"m2"}, then=alter)
    async with peer(behaviour) as made, session(made.url, **WAITS) as wire:
        replies = await asked(wire, NAMES)

        for reply in replies:
            assert not isinstance(reply, BaseException)
            assert wire.violations_of(reply) == ()
        assert [shown for shown, _, _ in wire.unclaimed[1]] == ['{"id":"torture12x","status":200,"result":…}']


async def test_the_id_of_an_earlier_request_is_a_violation_of_the_one_that_waits() -> None:
    """The earlier one was answered once; it is not said to have been answered again."""

    async def behave(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        await connection.send(json.dumps(json.loads(ok(request)) | {"id": made.requests[0]["id"]}))

    async with peer(behave) as made, session(made.url, **WAITS) as wire:
        earlier = await wire.request("first")
        waiting = await wire.request("second")

        assert json.loads(waiting.raw)["result"] == {"method": "second"}
        assert "the id of an earlier request" in waiting.violations[0]
        assert wire.violations_of(earlier) == ()
        assert wire.unclaimed == (0, [])


async def test_what_was_answered_twice_is_no_answer_to_another() -> None:
    """The second answer of one request comes while another is under way, which has its own a little later."""

    async def behave(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        if request["method"] == "other":
            for one in (made.requests[0], made.requests[0], request):
                await connection.send(ok(one))

    async with peer(behave) as made, session(made.url, **WAITS) as wire:
        twice, other = await asyncio.gather(wire.request("twice"), wire.request("other"))

        assert wire.violations_of(twice) == ("The request was answered 2 times.",)
        assert wire.violations_of(other) == ()


async def test_of_an_altered_and_a_missing_answer_both_requests_say_what_came() -> None:
    """One frame, two requests without answer: at the end of their time each names the frame."""

    async def behave(made: Peer, connection: ServerConnection, _: dict[str, Any]) -> None:
        if len(made.requests) == 2:
            await connection.send('{"id":"stranger","status":200,"result":{}}')

    async with peer(behave) as made, session(made.url, answer_timeout=0.3, settle_wait=0.05) as wire:
        replies = await asked(wire, ["a", "b"])

    for reply in replies:
        assert isinstance(reply, UnmatchedAnswerError)
        assert '1 frame came that answers no request: {"id":"stranger","status":200,"result":…}' in str(reply)


async def test_a_foreign_frame_is_redacted_where_it_is_named() -> None:
    """Neither sentences nor what is kept of the frame show a secret."""
    redactor = Redactor()
    redactor.register("the-secret-listen-key", "listen key")
    frame = '{"id":"the-secret-listen-key","status":400,"error":{"code":-1,"msg":"the-secret-listen-key"}}'

    async def behave(_: Peer, connection: ServerConnection, __: dict[str, Any]) -> None:
        await connection.send(frame)

    async with peer(behave) as made, session(made.url, **WAITS, redactor=redactor) as wire:
        reply = await wire.request("depth")

    assert "never sent" in reply.violations[0]
    assert "the-secret" not in "".join((*reply.violations, *wire.orphans, *wire.violations))


async def test_a_drop_ends_the_waiting_for_other_answers() -> None:
    """What came over one connection answers nothing that is sent over the next."""

    async def behave(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        if len(made.connections) == 1:
            await connection.send('{"id":"stranger","status":200,"result":{}}')
            connection.transport.abort()
        else:
            await connection.send(ok(request))

    async with peer(behave) as made, session(made.url, answer_timeout=5.0, settle_wait=0.3) as wire:
        reply = await wire.request("depth")

    assert reply.sends == 2
    assert reply.violations == ()


IDS = [f"request-{number}" for number in range(4)]
FRAMES = st.sampled_from([*IDS, "nobody", None, 7, {}, "missing", "not JSON", IDS[0].upper(), [IDS[1]]])
STEPS = st.lists(
    st.tuples(st.just("add"), st.sampled_from(IDS))
    | st.tuples(st.just("take"), FRAMES)
    | st.tuples(st.sampled_from(["forget", "expire"]), st.sampled_from(IDS))
    | st.tuples(st.sampled_from(["settle", "drop"]), st.none()),
    max_size=30,
)


@unhurried
@given(steps=STEPS)
def test_whatever_comes_every_frame_is_one_requests_or_kept(steps: list[tuple[str, Any]]) -> None:
    """In any order of requests, answers, time-outs and drops: nothing raises, and no request ends twice."""

    async def play() -> None:
        book, live = Ledger(str), {}
        for what, value in steps:
            if what == "add" and value not in live:
                live[value] = book.add(value, "m")
            elif what == "take":
                raw = b"<html>" if value == "not JSON" else json.dumps({"id": value, "status": 200}).encode()
                raw = b'{"status":200}' if value == "missing" else raw
                book.take(raw, envelope_of(raw), 1.0)
            elif what in {"forget", "expire"} and value in live:
                getattr(book, what)(live[value])
                book.forget(live.pop(value))
            elif what == "settle":
                book.settle(book.unsettled())
            elif what == "drop":
                book.drop_all("cut")
            live = {name: pending for name, pending in live.items() if not pending.outcome.done()}
            assert len(book) == len(live)
            assert book.idle.is_set() == (not live)
        book.settle(book.unsettled())
        for pending in live.values():
            if pending.outcome.done():
                assert isinstance(pending.outcome.result(), MatchedAnswer | Unmatched | Dropped)
        assert len(book.first_unclaimed()) == book.unclaimed <= len(book.orphans)

    asyncio.run(play())


async def test_a_flood_of_foreign_frames_is_counted_and_bounded() -> None:
    """What is kept of them does not grow, and a request under way has its own answer."""

    async def behave(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        for number in range(3000):
            await connection.send(json.dumps({"id": number, "status": 200, "result": {}}))
        await connection.send(ok(request))

    async with peer(behave) as made, session(made.url, **WAITS | {"settle_wait": 5.0}) as wire:
        reply = await wire.request("depth")

    assert reply.violations == ()
    number, first = wire.unclaimed
    assert number == 3000
    assert len(first) == 20
    assert len(wire.orphans) == len(wire.violations) == 1000

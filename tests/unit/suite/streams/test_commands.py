"""Control commands of market streams: what is sent, and which answers break which rule."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from made_contracts import default, made_contract
from websockets.asyncio.server import serve

from wireproof.contract.model import Case, Example, Stream, Surface, Watch
from wireproof.drift.compare import Comparer
from wireproof.drift.finding import Kind
from wireproof.errors import BlockedError
from wireproof.suite.planning.cases import cases_of
from wireproof.suite.streams.commands import ask
from wireproof.wire.clock import ServerClock

UNKNOWN_METHOD = (
    "Invalid request: unknown variant %s, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`,"
    " `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 28"
)

#: The page's table of error messages, and the one that was measured on the connection's limit.
DOCUMENTED = {
    (0, "Unknown property"),
    (1, "Invalid value type: expected Boolean"),
    (2, "Invalid request: property name must be a string"),
    (2, "Invalid request: request ID must be an unsigned integer"),
    (2, UNKNOWN_METHOD),
    (2, "Invalid request: too many parameters"),
    (2, "Invalid request: missing field `method` at line 1 column 73"),
    (3, "Invalid JSON: expected value at line %s column %s"),
    (4, "Too many subscriptions"),
}


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_every_documented_error_of_a_command_has_a_case(store, product):
    """By the sentence, not only by the code: five of them share code 2."""
    tried = set()
    for contract in store.contracts.values():
        if contract.product == product and contract.is_command:
            responses = {example.name: example.response for example in contract.examples}
            errors = [responses[case.example].get("error") for case in contract.cases]
            tried |= {(error["code"], error["msg"]) for error in errors if error}
    assert tried == DOCUMENTED


@pytest.fixture(autouse=True)
def _brief_doubt(monkeypatch):
    monkeypatch.setattr("wireproof.wire.websocket.market_stream.DOUBT_SECONDS", 0.1)


OK = {"result": None, "id": 1}
TOO_MANY = {"error": {"code": 4, "msg": "Too many subscriptions"}, "id": 1}
SUBSCRIBE = {"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 1}


def case(example="default", seconds=5.0, **params):
    contract = made_contract(
        default(OK),
        Example(name="too-many", when="more than 1024 streams", response=TOO_MANY),
        name="control.limits",
        surface=Surface.STREAM,
        subject=Stream(name="limits", command=True),
        cases=(Case(id="one", title="one", example=example, params=params, watch=Watch(seconds=seconds)),),
    )
    (planned,) = cases_of(contract, None)
    return planned


class Exchange:
    """Takes `most` streams and `messages` messages on a connection, then ends it with `code` (0: not at all)."""

    def __init__(self, *, most=10_000, messages=10_000, code=1008, mute=False):
        self.most, self.messages, self.code, self.mute = most, messages, code, mute
        self.names, self.frames, self.root = [], [], ""

    async def serve(self, connection):
        """Serve one connection."""
        async for text in connection:
            self.frames.append(text)
            if len(self.frames) > self.messages:
                await connection.close(self.code, "Too many requests")
                return
            if self.mute:
                continue
            frame = json.loads(text)
            self.names += frame["params"]
            full = len(self.names) > self.most
            await connection.send(json.dumps({**(TOO_MANY if full else OK), "id": frame.get("id")}))
            if full and self.code:
                await connection.close(self.code, "Invalid request")


@asynccontextmanager
async def exchange(**named):
    scripted = Exchange(**named)
    # With a limited queue the server would not read the answer to its own close frame behind the messages left over.
    async with serve(scripted.serve, "127.0.0.1", 0, max_queue=None) as server:
        scripted.root = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield scripted


async def asked(scripted, planned):
    return await ask(planned, scripted.root, planned.params, ServerClock())


async def test_a_connection_is_filled_with_streams_that_say_nothing_before_the_one_too_many():
    """1,024 different names, at most 200 in a frame, then the command."""
    async with exchange(most=1024) as scripted:
        answer, violations = await asked(scripted, case("too-many", streams=1024, frame=SUBSCRIBE, closes=1008))

    assert violations == []
    assert json.loads(answer.raw) == TOO_MANY
    assert answer.frame == f"1,024 streams, then {scripted.frames[-1]}"
    assert len(set(scripted.names)) == len(scripted.names) == 1025
    assert max(len(json.loads(frame)["params"]) for frame in scripted.frames) == 200


@pytest.mark.parametrize(
    ("behaviour", "seconds", "said"),
    [
        ({}, 1.0, ["still open 1 s after the answer"]),
        ({"most": 3, "code": 0}, 1.0, ["The connection was still open 1 s after the answer; it must be closed."]),
        ({"most": 3, "code": 1001}, 5.0, ["must be closed with code 1008; the server closed it with code 1001"]),
        ({"most": 2}, 5.0, ["Not all of 3 streams were taken; documented are 1,024 on a connection."]),
    ],
)
async def test_another_limit_of_streams_or_another_end_is_said(behaviour, seconds, said):
    async with exchange(**behaviour) as scripted:
        _, violations = await asked(scripted, case("too-many", seconds, streams=3, frame=SUBSCRIBE, closes=1008))

    assert len(violations) == len(said)
    assert all(part in sentence for part, sentence in zip(said, violations, strict=True))


async def test_messages_beyond_the_limit_end_the_connection_after_some_were_answered():
    async with exchange(messages=15) as scripted:
        answer, violations = await asked(scripted, case(times=40, frame=SUBSCRIBE, closes=1008))

    assert violations == []
    assert json.loads(answer.raw) == OK
    assert answer.frame == f"40 times {scripted.frames[0]}"


@pytest.mark.parametrize(
    ("behaviour", "seconds", "said"),
    [
        ({}, 1.0, ["The connection was still open 1 s after the answer; it must be closed."]),
        ({"messages": 15, "code": 1011}, 5.0, ["must be closed with code 1008; the server closed it with code 1011"]),
        ({"messages": 15, "mute": True}, 5.0, ["No answer came within 5 s."]),
    ],
)
async def test_messages_beyond_the_limit_that_go_unpunished_are_said(behaviour, seconds, said):
    async with exchange(**behaviour) as scripted:
        _, violations = await asked(scripted, case(seconds=seconds, times=40, frame=SUBSCRIBE, closes=1008))

    assert len(violations) == len(said)
    assert all(part in sentence for part, sentence in zip(said, violations, strict=True))


async def test_a_refusal_where_none_is_documented_is_one_finding(store):
    """The comparison says it, and nothing says it again."""
    async with exchange(most=0, code=0) as scripted:
        answer, violations = await asked(scripted, case(frame=SUBSCRIBE))

    contract = store.contracts["usdm/stream/control.SUBSCRIBE"]
    found = Comparer(store.products["usdm"]).payload(contract, contract.examples[0].name, answer.raw)
    assert violations == []
    assert [(one.kind, one.value) for one in found] == [(Kind.ERROR_ANSWER, "4")]


async def test_a_command_without_an_id_is_answered_without_one():
    """With null in its place: measured, though refused by the documentation."""
    frame = {name: value for name, value in SUBSCRIBE.items() if name != "id"}
    async with exchange() as scripted:
        answer, violations = await asked(scripted, case(frame=frame))

    assert violations == []
    assert json.loads(answer.raw) == {"result": None, "id": None}


async def test_any_close_will_do_where_no_code_is_documented():
    async with exchange(messages=15, code=1011) as scripted:
        _, violations = await asked(scripted, case(times=40, frame=SUBSCRIBE, closes=True))

    assert violations == []


@asynccontextmanager
async def saying(*turns):
    """Serve connections in turn, the last one for ever: what each answers, a number to close with, None to break."""
    left = list(turns)

    async def handle(connection):
        turn = left.pop(0) if len(left) > 1 else left[0]
        async for _ in connection:
            for said in turn if isinstance(turn, list) else [turn]:
                if said is None:
                    connection.transport.abort()
                elif isinstance(said, int):
                    await connection.close(said)
                else:
                    await connection.send(said if isinstance(said, str | bytes) else json.dumps(said))

    async with serve(handle, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("first", [None, 1001, 1012, [None]])
async def test_a_command_whose_connection_was_lost_is_sent_again(first):
    """Over another one, as it concerns its connection alone."""
    one = case(frame=SUBSCRIBE)
    async with saying(first, first, [OK]) as root:
        answer, violations = await ask(one, root, one.params, ServerClock())

    assert (json.loads(answer.raw), violations) == (OK, [])


async def test_a_command_whose_connection_is_lost_each_time_is_blocked():
    one = case(frame=SUBSCRIBE)
    async with saying(None) as root:
        with pytest.raises(BlockedError, match=r"The connection was lost before the answer: it ended without a close"):
            await ask(one, root, one.params, ServerClock())


@pytest.mark.parametrize(
    ("said", "violation"),
    [
        ([OK, OK], 'An answer came that nobody waited for, first: {"result": null, "id": 1}.'),
        ([{"result": None, "id": 99}, OK], 'An answer came that nobody waited for, first: {"result": null, "id": 99}.'),
        ([{"result": None, "id": 99}], "The answer has the id 99, the command had 1."),
        ([{"result": None, "id": "1"}], 'The answer has the id "1", the command had 1.'),
        ([{"result": None, "id": True}], "The answer has the id true, the command had 1."),
        ([{"result": None, "id": [1]}], "The answer has the id [1], the command had 1."),
        ([b'{"result": null, "id": 1}'], "The answer came in a binary frame; documented are text frames."),
        ([OK, "<html>"], "1 frame that fits nothing came, first: <html> (it is no JSON)."),
        ([OK, b"5"], "1 frame that fits nothing came, first: 5 (binary, it is neither a message nor an answer)."),
        (1008, "No answer came: the server closed it with code 1008."),
    ],
)
async def test_every_frame_beside_the_answer_is_accounted_for(said, violation):
    """An answer that nobody asked for is named, as is one with another id where no other came."""
    one = case(frame=SUBSCRIBE)
    async with saying(said) as root:
        _, violations = await ask(one, root, one.params, ServerClock())

    assert violations == [violation]


@pytest.mark.parametrize("said", ['{"result": nul', "", "null", '[{"result": null, "id": 1}]', '{"rezult": null}'])
async def test_a_spoiled_answer_is_the_answer(said):
    """Nothing came is said only when nothing came: the comparison tells what is wrong with this."""
    one = case(frame=SUBSCRIBE)
    async with saying(said) as root:
        answer, violations = await ask(one, root, one.params, ServerClock())

    assert (answer.raw, violations) == (said.encode(), [])


@pytest.mark.parametrize(
    ("listed", "violations"),
    [
        (["btcusdt@aggTrade"], []),
        (["btcusdt@trade"], ["The answer lists btcusdt@trade; subscribed was btcusdt@aggTrade."]),
        ([], ["The answer lists nothing; subscribed was btcusdt@aggTrade."]),
        (["btcusdt@aggTrade"] * 2, ["The answer lists btcusdt@aggTrade twice; subscribed was btcusdt@aggTrade."]),
        ("all", []),  # left to the comparison
    ],
)
async def test_the_list_of_subscriptions_is_what_was_subscribed(listed, violations):
    before = [{"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade"]}]
    one = case(frame={"method": "LIST_SUBSCRIPTIONS", "id": 3}, before=before)

    async def handle(connection):
        await connection.recv()
        await connection.send(json.dumps(OK))
        await connection.recv()
        await connection.send(json.dumps({"result": listed, "id": 3}))
        await connection.wait_closed()

    async with serve(handle, "127.0.0.1", 0) as server:
        root = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        _, found = await ask(one, root, one.params, ServerClock())

    assert found == violations

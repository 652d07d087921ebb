"""Control commands of market streams: SUBSCRIBE and its like, and the answers to those that are wrong.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Live-Subscribing-Unsubscribing-to-streams
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from websockets.exceptions import ConnectionClosed

from wireproof.counts import counted
from wireproof.errors import BlockedError
from wireproof.recognition import recognise, shortened
from wireproof.suite.streams.stream_reports import answer_violations, unasked_words
from wireproof.wire.delay import patience
from wireproof.wire.websocket.frames import NO_JSON, FrameSort, Unfits, may_be_answer, read_frame, unfit
from wireproof.wire.websocket.handshake import PONG_SECONDS, closing_words, open_connection
from wireproof.wire.websocket.market_stream import MOST_STREAMS, NAMES_AT_ONCE, CommandAnswer, StreamConnection
from wireproof.wire.websocket.user_stream import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wireproof.suite.planning.cases import WatchedCase
    from wireproof.wire.clock import ServerClock
    from wireproof.wire.websocket.handshake import WebSocketConnection
    from wireproof.wire.websocket.market_stream import Message

#: Connections for commands that are open at once.
COMMANDS_AT_ONCE = 8


#: Pauses before a command whose connection was lost is sent again, over another one.
AGAIN_AFTER = (0.2, 1.0)

#: Codes with which a server closes connections for its own reasons: going away, restart, try again later.
ITS_OWN_REASONS = frozenset({1001, 1006, 1012, 1013})


async def ask(
    case: WatchedCase, root: str, params: Mapping[str, Any], clock: ServerClock, redact: Callable[[str], str] = str
) -> tuple[CommandAnswer, list[str]]:
    """Send a case's command on a connection of its own; return the answer and which rules it breaks.

    Parameters of the case: `before`, commands that come first; `streams`, how many streams are subscribed first, of
    symbols that nobody lists; `frame`, the command, or `text`, what is sent instead; `id`, that of the answer where it
    is not the command's; `times`, how often the frame is sent without a pause, where that is too often; `closes`,
    whether the connection must end after the answer, or the code with which it must.

    A connection that is lost before the answer is opened again, as a command concerns its connection alone. Raise
    BlockedError when it is lost each time, or when the peer answers no ping.
    """
    for pause in (*AGAIN_AFTER, None):
        try:
            return await _ask(case, root, params, clock, redact, is_last=pause is None)
        except _LostError as lost:
            if pause is None:
                raise BlockedError(f"The connection was lost before the answer: {lost}.") from None
            await asyncio.sleep(pause)
    raise AssertionError


class _LostError(Exception):
    """The connection ended before the answer, for no reason that the command gave."""


async def _ask(
    case: WatchedCase,
    root: str,
    params: Mapping[str, Any],
    clock: ServerClock,
    redact: Callable[[str], str],
    *,
    is_last: bool,
) -> tuple[CommandAnswer, list[str]]:
    seconds = case.watch.seconds
    frame = params["text"] if "text" in params else orjson.dumps(params["frame"]).decode()
    if "times" in params:
        answer, closed, code = await _flood(f"{root}/ws", frame, params["times"], seconds, clock)
        # Whoever closes while the other side still sends may be cut off before the close frame is read.
        if closed and ((code is None and not is_last) or (answer.raw is None and code in {None, *ITS_OWN_REASONS})):
            raise _LostError(closed)
        return answer, [
            *_violations(case, answer),
            *_close_violations(params.get("closes", True), closed, code, seconds),
        ]
    unfits = Unfits()

    def take(message: Message) -> None:
        if reason := _why_unfit(message.raw):
            unfits.take(unfit(message.raw, message.received_at, reason, binary=message.binary))

    async with StreamConnection(f"{root}/ws", take, clock=clock) as connection:
        for command in params.get("before", ()):
            earlier = await connection.command(command["method"], command.get("params"), seconds=seconds)
            _check_lost(earlier, connection)
        if "streams" in params:
            refused = await _fill(connection, params["streams"], seconds)
            if refused is not None:
                return refused
        identity = params.get("id", params.get("frame", {}).get("id"))
        answer = await connection.send(frame, identity, seconds=seconds)
        _check_lost(answer, connection)
        if "streams" in params:
            answer = replace(answer, frame=f"{counted(params['streams'], 'stream')}, then {frame}")
        violations = _violations(case, answer)
        if params.get("closes"):
            await asyncio.wait([asyncio.ensure_future(connection.wait_closed())], timeout=seconds)
            if not connection.closed and not await connection.barrier():
                raise BlockedError("Whether the connection is closed is not known: nobody answers a ping over it.")
            violations += _close_violations(params["closes"], connection.closed, connection.close_code, seconds)
        else:
            await connection.barrier()  # a second answer would be behind it
        violations += [unasked_words(connection.unasked, redact)] if connection.unasked else []
        violations += [f"{unfits.words(redact)}."] if unfits else []
    return answer, [*violations, *_content_violations(params, answer)]


def _why_unfit(raw: bytes) -> str:
    """Return why a frame of a raw connection is no message; empty when it may be one."""
    sort = read_frame(raw).sort
    if sort is FrameSort.NO_JSON:
        return NO_JSON
    return "" if sort is FrameSort.BARE and not may_be_answer(raw) else "it is neither a message nor an answer"


def _check_lost(answer: CommandAnswer, connection: StreamConnection) -> None:
    """Raise _LostError when the connection ended before the answer without saying what is wrong with the command."""
    if answer.lost and connection.close_code in {None, *ITS_OWN_REASONS}:
        raise _LostError(answer.lost)


def _content_violations(params: Mapping[str, Any], answer: CommandAnswer) -> list[str]:
    """Return what an answer says otherwise than the connection itself knows: the streams that it subscribed."""
    if params.get("frame", {}).get("method") != "LIST_SUBSCRIPTIONS" or answer.raw is None:
        return []
    document = decoded(answer.raw)
    listed = document.get("result") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        return []  # left to the comparison
    subscribed = {
        name
        for command in params.get("before", ())
        if command["method"] == "SUBSCRIBE"
        for name in command.get("params", ())
    }
    if set(listed) == subscribed and len(listed) == len(subscribed):
        return []
    names = Counter(listed).most_common(10)
    shown = [f"{shortened(name, 60)} twice" if number > 1 else shortened(name, 60) for name, number in names]
    return [f"The answer lists {', '.join(shown) or 'nothing'}; subscribed was {', '.join(sorted(subscribed))}."]


async def _fill(connection: StreamConnection, streams: int, seconds: float) -> tuple[CommandAnswer, list[str]] | None:
    """Subscribe so many streams; return the answer that refuses some, and the rule that it breaks, if one does.

    Names are acknowledged unseen, so these are of symbols that nobody lists: none of them says anything.
    """
    names = [f"wp{number}@aggTrade" for number in range(streams)]
    for start in range(0, streams, NAMES_AT_ONCE):
        answer = await connection.command("SUBSCRIBE", names[start : start + NAMES_AT_ONCE], seconds=seconds)
        _check_lost(answer, connection)
        _check_alive(answer, seconds)
        if answer.raw is None or not recognise(None, answer.raw).is_success:
            problem = f"Not all of {streams:,} streams were taken; documented are {MOST_STREAMS:,} on a connection."
            return answer, [problem]
    return None


async def _flood(
    url: str, frame: str, times: int, seconds: float, clock: ServerClock
) -> tuple[CommandAnswer, str, int | None]:
    """Send a frame so many times without a pause; return the first answer, why the connection ended, and the code."""
    connection = await open_connection(url, now_ms=clock.now_ms)
    sent_at, received_at = clock.local_ms(), None
    raw, binary, closed, code = None, False, "", None
    try:
        async with patience(seconds):
            with suppress(ConnectionClosed):  # what came before the end is still to be read
                for _ in range(times):
                    await connection.send(frame)
            while True:
                message, is_binary = await connection.receive()
                if raw is None and read_frame(message).sort is not FrameSort.BARE:
                    raw, binary, received_at = message, is_binary, clock.local_ms()
    except TimeoutError:
        if not await _lives(connection):
            raise BlockedError("Whether the connection is closed is not known: nobody answers a ping.") from None
    except ConnectionClosed as end:
        closed, code = closing_words(end), end.rcvd.code if end.rcvd is not None else None
    finally:
        await connection.close()
    identity = orjson.loads(frame).get("id")
    return (
        CommandAnswer(f"{times} times {frame}", raw, sent_at, received_at, identity=identity, binary=binary),
        closed,
        code,
    )


async def _lives(connection: WebSocketConnection) -> bool:
    """Whether a ping is answered, or the connection ended after all; what comes meanwhile is passed over."""

    async def drain() -> None:
        with suppress(ConnectionClosed):
            while True:
                await connection.receive()

    draining = asyncio.create_task(drain())
    try:
        async with patience(PONG_SECONDS):
            await connection.barrier()
    except TimeoutError:
        return False
    except ConnectionClosed:
        return True
    finally:
        draining.cancel()
    return True


def _close_violations(wanted: bool | int, closed: str, code: int | None, seconds: float) -> list[str]:
    """Return how the end of a connection differs from the documented one: `wanted` is its code, or True for any."""
    if not closed:
        return [f"The connection was still open {seconds:g} s after the answer; it must be closed."]
    if wanted is not True and code != wanted:
        return [f"The connection must be closed with code {wanted}; {closed}."]
    return []


def _violations(case: WatchedCase, answer: CommandAnswer) -> list[str]:
    """Return that no answer came, or that it is not to this command; the comparison says what else is wrong."""
    _check_alive(answer, case.watch.seconds)
    if answer.raw is not None:
        return answer_violations(answer)
    if answer.lost:
        return [f"No answer came: {answer.lost}."]
    return [f"No answer came within {case.watch.seconds:g} s."]


def _check_alive(answer: CommandAnswer, seconds: float) -> None:
    if not answer.alive:
        raise BlockedError(f"No answer came within {seconds:g} s, nor a pong to the ping after it: nobody is there.")

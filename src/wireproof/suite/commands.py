"""Control commands of market streams: SUBSCRIBE and its like, and the answers to those that are wrong.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Live-Subscribing-Unsubscribing-to-streams
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from websockets.exceptions import ConnectionClosed

from wireproof.errors import BlockedError
from wireproof.recognition import recognise
from wireproof.wire.delay import patience
from wireproof.wire.handshake import closing_words, open_connection
from wireproof.wire.market_stream import MOST_STREAMS, NAMES_AT_ONCE, Answer, StreamConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.suite.cases import WatchedCase
    from wireproof.wire.clock import ServerClock

#: Connections for commands that are open at once.
COMMANDS_AT_ONCE = 8


async def ask(case: WatchedCase, root: str, params: Mapping[str, Any], clock: ServerClock) -> tuple[Answer, list[str]]:
    """Send a case's command on a connection of its own; return the answer and which rules it breaks.

    Parameters of the case: `before`, commands that come first; `streams`, how many streams are subscribed first, of
    symbols that nobody lists; `frame`, the command, or `text`, what is sent instead; `id`, that of the answer where it
    is not the command's; `times`, how often the frame is sent without a pause, where that is too often; `closes`,
    whether the connection must end after the answer, or the code with which it must.
    """
    seconds = case.watch.seconds
    frame = params["text"] if "text" in params else orjson.dumps(params["frame"]).decode()
    if "times" in params:
        answer, closed, code = await _flood(f"{root}/ws", frame, params["times"], seconds, clock)
        return answer, [
            *_violations(case, answer),
            *_close_violations(params.get("closes", True), closed, code, seconds),
        ]
    async with StreamConnection(f"{root}/ws", lambda _message: None, clock=clock) as connection:
        for command in params.get("before", ()):
            await connection.command(command["method"], command.get("params"), seconds=seconds)
        if "streams" in params:
            refused = await _fill(connection, params["streams"], seconds)
            if refused is not None:
                return refused
        identity = params.get("id", params.get("frame", {}).get("id"))
        answer = await connection.send(frame, identity, seconds=seconds)
        if "streams" in params:
            answer = replace(answer, frame=f"{params['streams']:,} streams, then {frame}")
        violations = _violations(case, answer)
        if params.get("closes"):
            await asyncio.wait([asyncio.ensure_future(connection.wait_closed())], timeout=seconds)
            violations += _close_violations(params["closes"], connection.closed, connection.close_code, seconds)
    return answer, violations


async def _fill(connection: StreamConnection, streams: int, seconds: float) -> tuple[Answer, list[str]] | None:
    """Subscribe so many streams; return the answer that refuses some, and the rule that it breaks, if one does.

    Names are acknowledged unseen, so these are of symbols that nobody lists: none of them says anything.
    """
    names = [f"wp{number}@aggTrade" for number in range(streams)]
    for start in range(0, streams, NAMES_AT_ONCE):
        answer = await connection.command("SUBSCRIBE", names[start : start + NAMES_AT_ONCE], seconds=seconds)
        _check_alive(answer, seconds)
        if answer.raw is None or not recognise(None, answer.raw).is_success:
            problem = f"Not all of {streams:,} streams were taken; documented are {MOST_STREAMS:,} on a connection."
            return answer, [problem]
    return None


async def _flood(
    url: str, frame: str, times: int, seconds: float, clock: ServerClock
) -> tuple[Answer, str, int | None]:
    """Send a frame so many times without a pause; return the first answer, why the connection ended, and the code."""
    connection = await open_connection(url, now_ms=clock.now_ms)
    sent_at, received_at = clock.local_ms(), None
    raw, closed, code = None, "", None
    try:
        async with patience(seconds):
            with suppress(ConnectionClosed):  # what came before the end is still to be read
                for _ in range(times):
                    await connection.send(frame)
            while True:
                message, _ = await connection.receive()
                if raw is None:
                    raw, received_at = message, clock.local_ms()
    except TimeoutError:
        pass
    except ConnectionClosed as end:
        closed, code = closing_words(end), end.rcvd.code if end.rcvd is not None else None
    finally:
        await connection.close()
    return Answer(f"{times} times {frame}", raw, sent_at, received_at), closed, code


def _close_violations(wanted: bool | int, closed: str, code: int | None, seconds: float) -> list[str]:
    """Return how the end of a connection differs from the documented one: `wanted` is its code, or True for any."""
    if not closed:
        return [f"The connection was still open {seconds:g} s after the answer; it must be closed."]
    if wanted is not True and code != wanted:
        return [f"The connection must be closed with code {wanted}; {closed}."]
    return []


def _violations(case: WatchedCase, answer: Answer) -> list[str]:
    """Return that no answer came; whether one that came is the documented success or error, the comparison says."""
    _check_alive(answer, case.watch.seconds)
    return [f"No answer came within {case.watch.seconds:g} s."] if answer.raw is None else []


def _check_alive(answer: Answer, seconds: float) -> None:
    if not answer.alive:
        raise BlockedError(f"No answer came within {seconds:g} s, nor a pong to the ping after it: nobody is there.")

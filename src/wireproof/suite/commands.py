"""Control commands of market streams: SUBSCRIBE and its like, and the answers to those that are wrong.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Live-Subscribing-Unsubscribing-to-streams
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from wireproof.wire.market_stream import Answer, StreamConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.suite.cases import WatchedCase
    from wireproof.wire.clock import ServerClock

#: Connections for commands that are open at once.
COMMANDS_AT_ONCE = 8


async def ask(case: WatchedCase, root: str, params: Mapping[str, Any], clock: ServerClock) -> tuple[Answer, list[str]]:
    """Send a case's command on a connection of its own; return the answer and which rules it breaks.

    Parameters of the case: `before`, commands that come first; `frame`, the command, or `text`, what is sent instead;
    `id`, that of the answer where it is not the command's; `closes`, whether the connection must end after the answer.
    """
    seconds = case.watch.seconds
    async with StreamConnection(f"{root}/ws", lambda _message: None, clock=clock) as connection:
        for command in params.get("before", ()):
            await connection.command(command["method"], command.get("params"), seconds=seconds)
        if "text" in params:
            answer = await connection.send(params["text"], params.get("id"), seconds=seconds)
        else:
            frame = params["frame"]
            answer = await connection.send(
                orjson.dumps(frame).decode(), params.get("id", frame.get("id")), seconds=seconds
            )
        violations = _violations(case, answer, seconds)
        if params.get("closes"):
            await asyncio.wait([asyncio.ensure_future(connection.wait_closed())], timeout=seconds)
            if not connection.closed:
                violations.append(f"The connection was still open {seconds:g} s after the answer; it must be closed.")
    return answer, violations


def _violations(case: WatchedCase, answer: Answer, seconds: float) -> list[str]:
    if answer.raw is None:
        return [f"No answer came within {seconds:g} s."]
    wanted = next(example.response for example in case.contract.examples if example.name == case.example)
    code, documented = _code(answer.raw), _code(orjson.dumps(wanted))
    if code != documented:
        return [f"The answer's error code is {code}, documented is {documented}."]
    return []


def _code(raw: bytes) -> Any:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    return error.get("code") if isinstance(error, dict) else None

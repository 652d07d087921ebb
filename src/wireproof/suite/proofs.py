"""Checks that follow an answer: what the request promised must have happened.

Each returns sentences about what did not; they become findings of the kind `protocol-violation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireproof.suite.needs import Scene

#: How long the exchange may take to tell the private stream that its listen key ended.
STOPPED_WITHIN_SECONDS = 10.0


async def listen_key_stopped(scene: Scene) -> list[str]:
    """After a stop, the private stream gets `listenKeyExpired` or is closed.

    https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-User-Data-Stream-Expired
    """
    stream = scene.user_stream
    assert stream is not None
    event = await stream.wait_for(_is_expiry, STOPPED_WITHIN_SECONDS)
    if event is not None or stream.closed:
        return []
    waited = f"{STOPPED_WITHIN_SECONDS:g} s after the stop"
    return [f"The private stream went on {waited}: neither did listenKeyExpired come, nor did it end."]


def _is_expiry(event: object) -> bool:
    return isinstance(event, dict) and event.get("e") == "listenKeyExpired"


PROOFS: dict[str, Callable[[Scene], Awaitable[list[str]]]] = {"listen_key_stopped": listen_key_stopped}

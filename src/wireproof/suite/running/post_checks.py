"""Checks that follow an answer: what the request promised must have happened.

Each returns sentences about what did not; they become findings of the kind `protocol-violation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.recognition import Sort
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.account_listen_key import active_listen_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireproof.suite.state.scene import Scene

#: How long the exchange may take to tell the private stream that its listen key ended.
STOPPED_WITHIN_SECONDS = 10.0

EXPIRED = "listenKeyExpired"


async def listen_key_stopped(scene: Scene) -> list[str]:
    """After a stop, the private stream gets `listenKeyExpired` or is closed, or at least the listen key is gone.

    Whether the event comes as documented is a matter of its own contract.

    https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-User-Data-Stream-Expired
    """
    stream = scene.user_stream
    assert stream is not None
    event = await stream.wait_for(
        lambda event: event.name == EXPIRED or scene.listen_key.encode() in event.raw, STOPPED_WITHIN_SECONDS
    )
    if event is not None or stream.closed:
        return []
    try:
        active = await active_listen_key(scene.account)
    except RefusedError as error:
        if error.told.sort is Sort.REFUSAL and error.told.concern is None:
            return []
        raise
    if active != scene.listen_key:
        return []
    waited = f"{STOPPED_WITHIN_SECONDS:g} s after the stop"
    went_on = f"The private stream went on {waited}: neither did {EXPIRED} come, nor did it end,"
    return [f"{went_on} and {scene.account.listen_key_requests.extend} tells that the listen key is active."]


POST_CHECKS: dict[str, Callable[[Scene], Awaitable[list[str]]]] = {"listen_key_stopped": listen_key_stopped}

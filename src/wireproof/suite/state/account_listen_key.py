"""The listen key of an account: started, looked up, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.errors import BlockedError
from wireproof.suite.state.own_answers import UnreadableError
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.own_answers import Answer


async def start_listen_key(account: Account) -> str:
    """Start the account's listen key, or lengthen the life of the active one, and return it."""
    account.has_changed = True
    return await account.ask_keyed(account.listen_key_requests.start, listen_key_in)


def listen_key_in(answer: Answer) -> str:
    """Return the listen key of an answer."""
    return answer.text("listenKey")


async def active_listen_key(account: Account) -> str:
    """Return the account's active listen key, and lengthen its life; RefusedError when there is none.

    Where extending does not show the key, starting another one does: it is the same while one is active
    (docs/exchange.md#portfolio-margin-listen-keys).
    """
    requests = account.listen_key_requests
    if requests.extend_shows_it:
        return await account.ask_keyed(requests.extend, listen_key_in)
    await account.ask_keyed(requests.extend)
    return await account.ask_keyed(requests.start, listen_key_in)


async def check_listen_key(account: Account, listen_key: str) -> None:
    """Raise UnreadableError when another request tells another listen key: a stream of this one would be silent."""
    try:
        active = await active_listen_key(account)
    except (BlockedError, WireError):
        return  # nothing tells
    if active != listen_key:
        requests = account.listen_key_requests
        raise UnreadableError(requests.start, "listenKey", f"is not the one that {requests.extend} tells")

"""Connections that drop: no case is lost to one, and nothing is sent twice that may have changed something.

| what was under way | after a drop |
|---|---|
| what changes nothing: reads, test orders, requests of a session, requests that are to be refused | sent again |
| what can be repeated: settings, a listen key that is started or kept alive | sent again |
| an order that has a client order id | looked up; sent again only when it does not exist |
| anything else | what became of it is looked up and undone; the case begins again with state of its own |

What cannot be undone, or is allowed a few times in a month, is never repeated: its case is blocked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.errors import BlockedError
from wireproof.suite.products.base import GONE
from wireproof.suite.state.account import RefusedError
from wireproof.suite.vocabulary.marks import why_sent_once
from wireproof.wire.failures import AnswerLostError, ConnectionLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.state.account import Account

#: How often a case is begun. A connection that closes three times in a row costs none.
BEGINNINGS = 4


class StreamEndedError(BlockedError):
    """A private stream, or its listen key, ended between a cause and its event: nothing can be said of the event."""


async def over_drops(case: PlannedCase, begin: Callable[[], Awaitable[None]]) -> None:
    """Exercise a case, and again from its beginning when a connection dropped under it; raise what came last.

    `begin` undoes whatever it prepared, however it ends. A request that was sent several times, and met a drop
    each time, is not tried any further.
    """
    once = bool(why_sent_once(case.own_marks))
    for left in reversed(range(BEGINNINGS)):
        try:
            await begin()
        except (ConnectionLostError, AnswerLostError, StreamEndedError) as error:
            if once or not left or (isinstance(error, ConnectionLostError) and error.sends > 1):
                raise
        else:
            return


async def stop_listen_key(account: Account) -> None:
    """Stop an account's listen key; that it is gone already is no error: the first stop may have met a drop."""
    try:
        await account.ask_keyed(account.listen_key_requests.close)
    except RefusedError as error:
        if error.code not in GONE:
            raise

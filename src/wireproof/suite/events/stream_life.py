"""Whether a private stream lives, when events that it must report do not come.

A stream may have ended, another listen key may be the active one, or the cause may not have come about. What is left
when all of this is excluded is a dead stream.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

from wireproof.errors import BlockedError, WireproofError
from wireproof.suite.events.actions import ACTIONS, quoted_anew
from wireproof.suite.events.cause import Cause
from wireproof.suite.events.event_feed import expired
from wireproof.suite.events.venue_actions import VENUE_ACTIONS
from wireproof.suite.planning.cases import WatchedCase
from wireproof.suite.products.base import NO_SUCH_ORDER
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.account_listen_key import active_listen_key, start_listen_key
from wireproof.suite.state.drops import StreamEndedError
from wireproof.suite.state.orders import client_order_id
from wireproof.suite.state.own_answers import UnreadableError
from wireproof.suite.state.sessions import symbol

if TYPE_CHECKING:
    from wireproof.suite.products.base import OrderRequests
    from wireproof.suite.state.scene import Scene
    from wireproof.wire.websocket.user_stream import UserStream

#: What carries out each cause.
PROVOCATIONS = {**ACTIONS, **VENUE_ACTIONS}


#: How long a private stream may take to report an order that is placed only to see it live, in seconds.
LIFE_SECONDS = 10.0


class DeadStreamError(WireproofError):
    """A private stream delivered nothing at all, although something happened that it must report."""


def check_alive(stream: UserStream, listen_key: str, cause: Cause, *, alive: bool) -> None:
    """Raise StreamEndedError when the stream ended, and BlockedError unless the peer answered a ping.

    When it did, all that it sent before has been received.
    """
    if stream.closed:
        ended = f"The private stream ended between cause and event ({stream.closed})"
        raise StreamEndedError(f"{ended} after {cause.words}.")
    if expired(stream, listen_key) and not cause.listen_key:
        raise StreamEndedError(f"The listen key ended between cause and event, after {cause.words}.")
    if not alive:
        raise BlockedError(f"The private stream answers no ping, so it cannot be told what came after {cause.words}.")


async def check_delivers(scene: Scene, stream: UserStream, listen_key: str, cause: Cause) -> None:
    """Find out why nothing at all came on a stream, which its cases cannot do without.

    Raise DeadStreamError when the cause came about and the listen key is active, BlockedError when it cannot be known.
    Every private stream reports orders; where the cause is none, an extra order shows whether it lives.
    """
    case = scene.case
    assert isinstance(case, WatchedCase)
    placed = cause.order_ids or (cause.client_ids and not cause.algo_ids and case.watch.sequence)
    if not placed:
        cause = await _sign_of_life(scene, stream)
        if stream.received:
            return
    await check_key(scene, listen_key, "Nothing came on the private stream")
    shown = await evidence_of(scene, cause)
    check_alive(stream, listen_key, cause, alive=await stream.barrier())
    if not stream.received:
        evidence = f"{cause.words} was acknowledged{f' ({shown})' if shown else ''}"
        raise DeadStreamError(f"connected, the listen key is active, and nothing at all came although {evidence}")


async def check_another(scene: Scene) -> None:
    """Find out whether the account's private streams deliver anything, when the listen key of this one is stopped.

    Raise DeadStreamError when another one is silent as well, so that it is not the missing event alone.
    """
    listen_key = scene.listen_key = await start_listen_key(scene.account)
    scene.on_listen_key(listen_key)
    async with scene.new_user_stream(listen_key) as stream:
        cause = await _sign_of_life(scene, stream)
        if not stream.received:
            await check_delivers(scene, stream, listen_key, cause)


async def _sign_of_life(scene: Scene, stream: UserStream) -> Cause:
    """Let an order rest, which every private stream reports; not as the case wants it, which is refused."""
    cause, side = Cause(), {name: value for name, value in scene.case.params.items() if name == "positionSide"}
    if "symbol" not in scene.state:
        scene.state["symbol"] = await symbol(scene)
    plain = replace(scene, case=structs.replace(scene.case, params=side), state=dict(scene.state))
    await quoted_anew(plain)  # the case may have moved the price
    plain.state["client_order_id"] = await client_order_id(plain)  # its events are none of the case's
    await PROVOCATIONS["resting_order"](plain, cause)
    await stream.wait_for(lambda _event: True, LIFE_SECONDS)
    await stream.barrier()
    return cause


async def check_key(scene: Scene, listen_key: str, nothing: str) -> None:
    """Raise StreamEndedError unless the listen key of the stream is the account's active one.

    `nothing` says what did not come. BlockedError says that it cannot be told.
    """
    try:
        active = await active_listen_key(scene.account)
    except UnreadableError as error:
        raise BlockedError(f"{nothing}, and whether its listen key is active cannot be read: {error}.") from None
    except RefusedError as error:
        raise StreamEndedError(f"{nothing}, and its listen key is not active: {error}.") from None
    if active != listen_key:
        raise StreamEndedError(f"{nothing}: the account has another listen key by now.")


async def evidence_of(scene: Scene, cause: Cause) -> str:
    """Return what shows that a cause came about: the order as REST shows it; empty where there is none to ask about.

    Raise BlockedError when there is no such order.
    """
    kind = kind_of_order(scene, cause)
    if cause.algo_ids:
        named = kind.numbered(scene.symbol, max(cause.algo_ids))
    elif cause.client_ids:
        named = kind.named(scene.symbol, max(cause.client_ids))
    else:
        return ""
    asked = scene.account.driver.rest(kind.look_up)
    try:
        status = await scene.account.ask(asked, named, lambda order: order.text(kind.status))
    except UnreadableError:
        return ""
    except RefusedError as error:
        if error.code == NO_SUCH_ORDER and not cause.algo_ids:
            raise BlockedError(f"No order happened, so nothing came: {error}.") from None
        return ""
    return f"{asked} shows it {status}"


def kind_of_order(scene: Scene, cause: Cause) -> OrderRequests:
    """Return the kind of order that a cause has placed."""
    return (scene.book.algo_orders if cause.algo_ids else None) or scene.book.orders

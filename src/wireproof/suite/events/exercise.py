"""User-data events: each is provoked, matched to its cause, and judged, and so is the order in which they come.

The event cases of an account share one private stream. What belongs to other causes, or to no case, is passed
over. Order is documented within one event type only.
https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import structs

from wireproof.drift.value_paths import values_at
from wireproof.errors import BlockedError, WireproofError
from wireproof.suite.events.actions import ACTIONS, quoted_anew
from wireproof.suite.events.cause import Cause
from wireproof.suite.events.event_ledger import other_than_done, repeats, shows
from wireproof.suite.events.venue_actions import VENUE_ACTIONS
from wireproof.suite.judging.message_batches import binary_violations
from wireproof.suite.planning.cases import WatchedCase
from wireproof.suite.products.base import NO_SUCH_ORDER
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.account_listen_key import active_listen_key, check_listen_key, start_listen_key
from wireproof.suite.state.drops import StreamEndedError, stop_listen_key
from wireproof.suite.state.orders import client_order_id
from wireproof.suite.state.own_answers import UnreadableError
from wireproof.suite.state.sessions import symbol
from wireproof.wire.delay import excuse_since
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wireproof.contract.model import Watch
    from wireproof.suite.events.event_ledger import EventLedger, Provoked
    from wireproof.suite.products.base import OrderRequests
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.scene import Scene
    from wireproof.wire.websocket.user_stream import StreamEvent, UserStream

#: What carries out each cause.
PROVOCATIONS = {**ACTIONS, **VENUE_ACTIONS}

FOREIGN_KEY = (
    "The account has an active listen key that is not wireproof's; stopping it would cut off its owner."
    " Use an account of wireproof's own, or stop the other program."
)

#: How long a private stream may take to report an order that is placed only to see it live, in seconds.
LIFE_SECONDS = 10.0

#: How long a documented event may take to come that another frame was mistaken for, in seconds.
BESIDE_SECONDS = 1.0

#: Where events tell the number of an order.
NUMBERS = frozenset({"o.i", "i", "o.aid"})

WAITS_ON_STREAM = "waits on: the private stream delivered nothing"


class DeadStreamError(WireproofError):
    """A private stream delivered nothing at all, although something happened of which it must tell."""


class EventFeed:
    """The private stream that the event cases of one account share; opened by the first, anew when it ended.

    It holds the account's listen key from the first case to `close`.
    """

    def __init__(
        self,
        account: Account,
        new_stream: Callable[[str], UserStream],
        on_listen_key: Callable[[str], None],
    ) -> None:
        self._account, self._new_stream, self._on_listen_key = account, new_stream, on_listen_key
        self._lock = asyncio.Lock()
        self._held = False
        self._given_up: UserStream | None = None
        self.stream: UserStream | None = None
        self.listen_key = ""

    async def open(self) -> tuple[UserStream, str]:
        """Return the stream, connected to an active listen key, and the key."""
        if self._account.foreign_listen_key:
            raise BlockedError(FOREIGN_KEY)
        if "listen_key" in self._account.unknown:
            raise self._account.unknown["listen_key"]
        async with self._lock:
            if not self._held:
                await self._account.listen_key.acquire()
                self._held = True
            if self.stream is None or self._is_over(self.stream):
                await self._reopen()
        assert self.stream is not None
        return self.stream, self.listen_key

    def give_up(self, stream: UserStream) -> None:
        """Note that a stream delivers no more, whatever it looks like."""
        self._given_up = stream

    def _is_over(self, stream: UserStream) -> bool:
        return bool(stream.closed) or stream is self._given_up or expired(stream, self.listen_key)

    async def _reopen(self) -> None:
        await self._disconnect()
        self.listen_key = await start_listen_key(self._account)
        await check_listen_key(self._account, self.listen_key)
        self._on_listen_key(self.listen_key)
        self.stream = await self._new_stream(self.listen_key).__aenter__()

    async def _disconnect(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            await stream.__aexit__(None, None, None)

    async def close(self) -> None:
        """Disconnect, stop the listen key and let other cases have it."""
        if not self._held:
            return
        try:
            await self._disconnect()
            if self.listen_key:
                await stop_listen_key(self._account)
        finally:
            self._account.listen_key.release()
            self._held = False


def expired(stream: UserStream, listen_key: str) -> bool:
    """Whether the stream was told that its listen key ended; nothing comes after that."""
    return any(
        event.name == "listenKeyExpired" and event.data.get("listenKey") == listen_key for event in stream.received
    )


async def provoke(
    scene: Scene, ledger: EventLedger, listen_key: str, *, delivered: bool, redact: Callable[[str], str]
) -> Provoked:
    """Bring the case's cause about; return its events, and what is wrong with their number, order and values.

    `delivered` says whether anything came on another private stream before: then one that is silent is not dead.
    Raise StreamEndedError when the stream ended in between: then nothing can be said of the events.
    """
    case, stream = scene.case, ledger.stream
    assert isinstance(case, WatchedCase)
    watch, cause = case.watch, Cause()
    ledger.symbols = scene.trading.rules
    provoked = ledger.begin(case, cause)
    await PROVOCATIONS[watch.cause](scene, cause)
    began = asyncio.get_running_loop().time()
    # By the pong, all that was sent before is here: an event that comes twice, and one that was only read late.
    alive = await _await_sequence(ledger, provoked)
    complete = ledger.is_complete(provoked)
    shown = ""
    if not complete or not watch.sequence:  # silence says something only of a stream that lives
        _check_alive(stream, listen_key, cause, alive=alive)
    if not stream.received and not cause.listen_key:
        await _check_delivers(scene, stream, listen_key, cause)
    elif not stream.received and not delivered:
        await _check_another(scene)
    elif not complete and watch.sequence and not cause.listen_key:
        await _check_key(scene, listen_key, f"No such {provoked.name} came on the private stream")
        shown = await _evidence(scene, cause)
    documents = ledger.documents(ledger.claim(provoked, stand_ins=not complete))
    told = f"After {cause.words}, "
    provoked.violations = [told + sentence for sentence in order_violations(watch, provoked.name, documents)]
    provoked.is_lacking = any("came within" in sentence for sentence in provoked.violations)
    if provoked.is_lacking:
        if excuse := excuse_since(began):
            raise BlockedError(excuse)
        provoked.violations += _instead(ledger, provoked, shown, redact)
    provoked.violations += binary_violations(provoked.events, provoked.name)
    provoked.misfits = other_than_done(provoked, documents)
    if {one.path for one in provoked.misfits} & NUMBERS and not await _confirms_number(scene, cause):
        provoked.misfits = tuple(one for one in provoked.misfits if one.path not in NUMBERS)
    provoked.repeats = repeats(documents)
    return provoked


async def _await_sequence(ledger: EventLedger, provoked: Provoked) -> bool:
    """Wait until every event of the sequence came, in whatever order; return whether the peer answered a ping then."""
    stream, seconds = ledger.stream, provoked.watch.seconds

    async def came(seconds: float, *, plain: bool) -> bool:
        mine: list[StreamEvent] = []

        def completes(event: StreamEvent) -> bool:
            if not ledger.is_of(provoked, event) or (plain and not ledger.is_plain(event)):
                return False
            mine.append(event)
            return not ledger.lacking(provoked, mine)  # where no event is documented, the first one is enough

        return await stream.wait_for(completes, seconds, since=provoked.since) is not None

    if await came(seconds, plain=False):
        # What stands in for an event may have come beside it: then the event itself is about to come.
        await came(min(seconds, BESIDE_SECONDS), plain=True)
    return await stream.barrier()


def _instead(ledger: EventLedger, provoked: Provoked, shown: str, redact: Callable[[str], str]) -> Iterator[str]:
    """Yield what shows that the cause came about, and what came in place of an event that did not come."""
    if shown:
        yield f"{shown[0].upper()}{shown[1:]}."
    yield f"What came instead: {_counted(ledger.stream.received[provoked.since :])}."
    if unfit := ledger.unfit(provoked):
        yield f"{unfit.words(redact)}."


def _check_alive(stream: UserStream, listen_key: str, cause: Cause, *, alive: bool) -> None:
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


async def _check_delivers(scene: Scene, stream: UserStream, listen_key: str, cause: Cause) -> None:
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
    await _check_key(scene, listen_key, "Nothing came on the private stream")
    shown = await _evidence(scene, cause)
    _check_alive(stream, listen_key, cause, alive=await stream.barrier())
    if not stream.received:
        evidence = f"{cause.words} was acknowledged{f' ({shown})' if shown else ''}"
        raise DeadStreamError(f"connected, the listen key is active, and nothing at all came although {evidence}")


async def _check_another(scene: Scene) -> None:
    """Find out whether the account's private streams deliver anything, when the listen key of this one is stopped.

    Raise DeadStreamError when another one is silent as well, so that it is not the missing event alone.
    """
    listen_key = scene.listen_key = await start_listen_key(scene.account)
    scene.on_listen_key(listen_key)
    async with scene.new_user_stream(listen_key) as stream:
        cause = await _sign_of_life(scene, stream)
        if not stream.received:
            await _check_delivers(scene, stream, listen_key, cause)


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


async def _check_key(scene: Scene, listen_key: str, nothing: str) -> None:
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


async def _evidence(scene: Scene, cause: Cause) -> str:
    """Return what shows that a cause came about: the order as REST shows it; empty where there is none to ask about.

    Raise BlockedError when there is no such order.
    """
    kind = _kind_of(scene, cause)
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


def _kind_of(scene: Scene, cause: Cause) -> OrderRequests:
    """Return the kind of order that a cause has placed."""
    return (scene.book.algo_orders if cause.algo_ids else None) or scene.book.orders


async def _confirms_number(scene: Scene, cause: Cause) -> bool:
    """Whether another request tells the number that the order's own answer told: then its events are to have it."""
    kind, known = _kind_of(scene, cause), cause.algo_ids or cause.order_ids
    named = kind.named(scene.symbol, max(cause.client_ids))
    asked = scene.account.driver.rest(kind.look_up)
    try:
        return await scene.account.ask(asked, named, lambda order: order.integer(kind.number)) in known
    except (BlockedError, WireError):
        return False


def order_violations(watch: Watch, name: str, mine: Sequence[Any]) -> list[str]:
    """Return which of the events that a cause must have are missing, came too early, or came twice."""
    left = list(range(len(mine)))
    places: list[int] = []
    violations = []
    if not watch.sequence and mine:
        violations.append(f"{len(mine)} {name} came where none is documented.")
    for fields in watch.sequence:
        place = next((index for index in left if shows(mine[index], fields)), None)
        if place is None:
            violations.append(f"no {_named(name, fields)} came within {watch.seconds:g} s.")
            continue
        left.remove(place)
        if places and place < places[-1]:
            violations.append(f"{_named(name, fields)} came before the event that it must follow.")
        places.append(place)
    if not watch.may_repeat and (twice := repeats(mine)):
        violations.append(f"{twice} of {len(mine)} {name} events came twice.")
    return violations


def _named(name: str, fields: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{path} {value}" for path, value in fields.items())
    return f"{name} with {shown}" if shown else name


def _counted(received: Sequence[StreamEvent]) -> str:
    """Return how many of which events came, those of other causes included."""
    counts = Counter(_word(event) for event in received)
    return ", ".join(f"{number} {word}" if number > 1 else word for word, number in counts.items()) or "nothing"


def _word(event: StreamEvent) -> str:
    for path in ("o.x", "o.X", "a.m"):
        value = next(iter(values_at(event.data, path)), None)
        if isinstance(value, str) and len(value) < 40:
            return f"{event.name} {value}"
    return event.name or "a frame that is no event"

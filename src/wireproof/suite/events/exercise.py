"""User-data events: each is provoked, matched to its cause, and judged, and so is the order in which they come.

The event cases of an account share one private stream. What belongs to other causes, or to no case, is passed
over. Order is documented within one event type only.
https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError
from wireproof.suite.events.cause import Cause
from wireproof.suite.events.event_ledger import other_than_done, repeats
from wireproof.suite.events.event_order import order_violations, words_of
from wireproof.suite.events.stream_life import (
    PROVOCATIONS,
    check_alive,
    check_another,
    check_delivers,
    check_key,
    evidence_of,
    kind_of_order,
)
from wireproof.suite.judging.message_batches import binary_violations
from wireproof.suite.planning.cases import WatchedCase
from wireproof.wire.delay import excuse_since
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.suite.events.event_ledger import EventLedger, Provoked
    from wireproof.suite.state.scene import Scene
    from wireproof.wire.websocket.user_stream import StreamEvent


#: How long a documented event may take to come that another frame was mistaken for, in seconds.
BESIDE_SECONDS = 1.0

#: Where events tell the number of an order.
NUMBERS = frozenset({"o.i", "i", "o.aid", "ao.aid", "so.si"})

WAITS_ON_STREAM = "waits on: the private stream delivered nothing"


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
        check_alive(stream, listen_key, cause, alive=alive)
    if not stream.received and not cause.listen_key:
        await check_delivers(scene, stream, listen_key, cause)
    elif not stream.received and not delivered:
        await check_another(scene)
    elif not complete and watch.sequence and not cause.listen_key:
        await check_key(scene, listen_key, f"No such {provoked.name} came on the private stream")
        shown = await evidence_of(scene, cause)
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
    yield f"What came instead: {words_of(ledger.stream.received[provoked.since :])}."
    if unfit := ledger.unfit(provoked):
        yield f"{unfit.words(redact)}."


async def _confirms_number(scene: Scene, cause: Cause) -> bool:
    """Whether another request tells the number that the order's own answer told: then its events are to have it."""
    kind, known = kind_of_order(scene, cause), cause.algo_ids or cause.order_ids
    named = kind.named(scene.symbol, max(cause.client_ids))
    asked = scene.account.driver.rest(kind.look_up)
    try:
        return await scene.account.ask(asked, named, lambda order: order.integer(kind.number)) in known
    except (BlockedError, WireError):
        return False

"""Which of the events that a cause must have are missing, too early, or there twice; and what came instead."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from wireproof.drift.value_paths import values_at
from wireproof.suite.events.event_ledger import repeats, shows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireproof.contract.model import Watch
    from wireproof.wire.websocket.user_stream import StreamEvent


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


def words_of(received: Sequence[StreamEvent]) -> str:
    """Return how many of which events came, those of other causes included."""
    counts = Counter(_word(event) for event in received)
    return ", ".join(f"{number} {word}" if number > 1 else word for word, number in counts.items()) or "nothing"


def _word(event: StreamEvent) -> str:
    for path in ("o.x", "o.X", "a.m"):
        value = next(iter(values_at(event.data, path)), None)
        if isinstance(value, str) and len(value) < 40:
            return f"{event.name} {value}"
    return event.name or "a frame that is no event"

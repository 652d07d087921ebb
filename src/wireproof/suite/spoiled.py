"""Events that came spoiled: what stands where an event was awaited is judged, instead of calling the event missing.

Whose a frame is that names no known type, or is not its cause's by what it names, is told by what is left of it: the
ids that it carries and the fields that it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from wireproof.contract.model import Contract
    from wireproof.suite.causes import Cause
    from wireproof.wire.user_stream import StreamEvent

#: How much of an event's fields a frame must have to be taken for it, of all fields that either of them has.
ALIKE = 0.5

#: Levels of a frame whose fields are compared: those of an event and those of the object in it.
LEVELS = 2


def spoiled(
    contract: Contract,
    cause: Cause,
    frames: Iterable[StreamEvent],
    *,
    events: Sequence[Contract],
    differs: Callable[[bytes], bool],
) -> list[StreamEvent]:
    """Return the frames that must be the awaited event, and differ from it.

    `events` are the contracts of all events of the product, `differs` says whether a frame differs from the awaited
    one. What conforms is another cause's and is none of these.
    """
    names = {one.subject for one in events}
    return [one for one in frames if _may_be(contract, cause, one, events, names) and differs(one.raw)]


def _may_be(
    contract: Contract, cause: Cause, frame: StreamEvent, events: Sequence[Contract], names: Collection[str]
) -> bool:
    if frame.name == contract.subject:
        return not cause.is_of(frame.data)
    if frame.name in names and not _carries(frame.raw, cause):
        return False
    owner = owner_of(frame, events)
    return owner is contract or (owner is None and frame.data is None and _carries(frame.raw, cause))


def owner_of(frame: StreamEvent, events: Sequence[Contract]) -> Contract | None:
    """Return the contract of which a spoiled frame must be an event: the only one that it names, or is like."""
    if frame.data is not None:
        return nearest(frame.data, events)
    named = [one for one in events if f'"{one.subject}"'.encode() in frame.raw]
    return named[0] if len(named) == 1 else None


def nearest(document: Any, events: Sequence[Contract]) -> Contract | None:
    """Return the contract whose documented event has most fields in common with a frame; None when none is alike."""
    best, found = ALIKE, None
    for fields in map(_fields, _insides(document)):
        for contract in events:
            for example in contract.examples:
                wanted = _fields(example.response)
                alike = len(fields & wanted) / max(len(fields | wanted), 1)
                if alike > best:
                    best, found = alike, contract
    return found


def _carries(raw: bytes, cause: Cause) -> bool:
    """Whether a frame holds one of the ids of a cause."""
    ids = {*cause.client_ids, *map(str, cause.order_ids), *map(str, cause.algo_ids), cause.listen_key}
    return any(one.encode() in raw for one in ids if one)


def _insides(document: Any) -> list[Any]:
    """Return a document and what it is wrapped around: the elements of an array, the values of an object."""
    if isinstance(document, list):
        return document[:10]
    if isinstance(document, dict):
        return [document, *(value for value in list(document.values())[:10] if isinstance(value, dict))]
    return []


def _fields(document: Any, level: int = 1, above: str = "") -> set[str]:
    if isinstance(document, list):
        document = next((one for one in document if isinstance(one, dict)), None)
    if not isinstance(document, dict):
        return set()
    found = {f"{above}{name}" for name in document}
    if level < LEVELS:
        for name, value in document.items():
            found |= _fields(value, level + 1, f"{above}{name}.")
    return found

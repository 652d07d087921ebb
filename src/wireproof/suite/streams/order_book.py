"""The order-book rule of diff. depth streams: the chain of update ids, and how a snapshot joins it.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/How-to-manage-a-local-order-book-correctly
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from wireproof.counts import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: First and last update id of an event, and last update id of the event before it.
IDS = ("U", "u", "pu")


def chain_violations(events: Sequence[Any]) -> list[str]:
    """Return what breaks the chain: an event must begin where the one before it ended (`pu` is the earlier `u`).

    It is judged between two events that follow each other and can be read; one that cannot (None, or without ids) is a
    finding of its own, and what is around it says nothing.
    """
    sound = [event for event in events if _has_ids(event)]
    broken = [f"U {event['U']} is above u {event['u']}." for event in sound if event["U"] > event["u"]]
    broken += [
        f"pu {after['pu']} does not continue u {before['u']} of the event before it."
        for before, after in pairwise(events)
        if _has_ids(before) and _has_ids(after) and after["pu"] != before["u"]
    ]
    return _counted(broken, len(sound))


def join_violations(events: Sequence[Any], snapshot: Mapping[str, Any]) -> list[str]:
    """Return what keeps a snapshot from joining the events around it.

    Of the events that do not end before the snapshot's `lastUpdateId`, the first must begin at or before it. Nothing is
    said when no event reaches the snapshot, when it is older than every event, or when one of them cannot be read.
    """
    last = snapshot.get("lastUpdateId")
    if type(last) is not int:
        return ["The snapshot has no lastUpdateId, so it joins nothing."]
    sound = [event for event in events if _has_ids(event)]
    reaching = next((event for event in sound if event["u"] >= last), None)
    if reaching is None or last < sound[0]["pu"] or len(sound) < len(events):
        return []
    # An event that begins right after the snapshot continues it as well.
    if reaching["U"] > last and reaching["pu"] > last:
        first = f"U {reaching['U']}, u {reaching['u']}, pu {reaching['pu']}"
        return [f"The snapshot's lastUpdateId {last} joins no event: the first that reaches it has {first}."]
    return []


def reaches(events: Sequence[Mapping[str, Any]], snapshot: Mapping[str, Any]) -> bool:
    """Whether the events reach the snapshot, so that `join_violations` can say something."""
    last = snapshot.get("lastUpdateId")
    return type(last) is not int or any(_has_ids(event) and event["u"] >= last for event in events)


def _has_ids(event: Any) -> bool:
    return isinstance(event, dict) and all(type(event.get(name)) is int for name in IDS)


def _counted(broken: list[str], events: int) -> list[str]:
    if not broken:
        return []
    times = counted(len(broken), "time")
    return [f"The chain of update ids breaks {times} in {counted(events, 'event')}; first: {broken[0]}"]

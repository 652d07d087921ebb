"""Update-speed promises: how far apart messages are, by the event times that the exchange gives them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.model import Watch

#: Fewer gaps than these say nothing: one message may come out of turn when a stream is subscribed, another late.
LEAST_GAPS = 3


def pace_violations(watch: Watch, documents: Sequence[Any]) -> list[str]:
    """Return how the pace of messages differs from the documented one: sooner, or of a steady stream later.

    It differs when the median gap and the mean gap both do: a single stall of either side moves the mean only, and
    messages that catch up after several stalls move the median only. All-market arrays may come in
    several frames with one event time; those count as one message. A stream with several types of event (`e`) has its
    pace in each.
    """
    if not watch.every_ms:
        return []
    found = []
    for times in _times_by_type(documents).values():
        gaps = [after - before for before, after in pairwise(times)]
        if len(gaps) < LEAST_GAPS:
            continue
        typical, average = median(gaps), mean(gaps)
        soon = max(typical, average) < watch.every_ms - watch.tolerance_ms
        if soon or (watch.steady and min(typical, average) > watch.every_ms + watch.tolerance_ms):
            found.append(
                f"Messages came every {typical:g} ms, the median of {len(gaps)} gaps; documented is every"
                f" {watch.every_ms} ms (tolerance {watch.tolerance_ms} ms)."
            )
    return found


def _times_by_type(documents: Sequence[Any]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for document in documents:
        event = document[0] if isinstance(document, list) and document else document
        if not isinstance(event, dict) or type(time := event.get("E")) is not int:
            continue
        times = found[str(event.get("e"))]
        if event is document or time not in times[-1:]:
            times.append(time)
    return found

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

#: Messages this much sooner than documented are never tolerated, so that a stream twice as fast is always seen. Of
#: LEAST_GAPS gaps between messages that come somewhere in their turn the mean is longer than this.
SOONEST = 2 / 3


def pace_violations(watch: Watch, documents: Sequence[Any]) -> list[str]:
    """Return how the pace of messages differs from the documented one: sooner, or of a steady stream later.

    It differs when the median gap and the mean gap both do: a single stall of either side moves the mean only, and
    messages that catch up after several stalls move the median only. All-market arrays may come in several frames with
    one event time; those count as one message. A stream with several types of event (`e`) has its pace in each; one
    with events of several symbols (`s`) has it in each symbol, and the gaps of all symbols are judged together.
    """
    if not watch.every_ms:
        return []
    found = []
    for symbols in _times(documents).values():
        gaps = _gaps(list(symbols.values()))
        if len(gaps) < LEAST_GAPS:
            continue
        typical, average = median(gaps), mean(gaps)
        soonest = max(watch.every_ms - watch.tolerance_ms, watch.every_ms * SOONEST)
        latest = watch.every_ms + watch.tolerance_ms
        soon = max(typical, average) < soonest
        if soon or (watch.steady and min(typical, average) > latest):
            whose = f" of each of {len(symbols)} symbols" if len(symbols) > 1 else ""
            found.append(
                f"Messages{whose} came every {typical:g} ms, the median of {len(gaps)} gaps; documented is every"
                f" {watch.every_ms} ms ({soonest if soon else latest:.0f} ms is tolerated)."
            )
    return found


def _gaps(series: Sequence[Sequence[int]]) -> list[int]:
    """Return the times between the messages of each series.

    Of several the first gap is left out: what comes out of turn when a stream is subscribed does so for all at once,
    and with few gaps in each that would outweigh the others.
    """
    first = 1 if len(series) > 1 else 0
    return [after - before for times in series for before, after in pairwise(times[first:])]


def _times(documents: Sequence[Any]) -> dict[str, dict[str, list[int]]]:
    """Return event times by type of event and symbol; an array of events has no symbol of its own."""
    found: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for document in documents:
        event = document[0] if isinstance(document, list) and document else document
        if not isinstance(event, dict) or type(time := event.get("E")) is not int:
            continue
        single = event is document
        times = found[str(event.get("e"))][str(event.get("s", "")) if single else ""]
        if single or time not in times[-1:]:
            times.append(time)
    return {kind: dict(symbols) for kind, symbols in found.items()}

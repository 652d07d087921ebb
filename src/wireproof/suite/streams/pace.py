"""Update-speed promises: how far apart messages are, by the event times that the exchange gives them.

The rule, which holds for every stream of every product:

- Judged is the exchange's time (`E`), never when this process got round to reading. A stall of this machine, of the
  link or of a proxy moves when a message is read, not its `E`.
- A *series* is what came of one event type (`e`) and one symbol (`s`) over one connection without a drop between. Gaps
  are taken within a series, and a series with fewer than three gaps says nothing: one message may come out of turn when
  a stream is subscribed, another late. Gaps of several symbols are never put together to make up three.
- Messages of a series with the same event time are one moment: an all-market array in several frames, a candle that
  closes as the next one opens, what was held back and is sent at once.
- A number that is no time in milliseconds (seconds, microseconds, a placeholder) is left out. Its format is a finding
  of the comparison; the pace gets no second one.
- Where the sender shares a machine with the suite, it may really send late because the machine is busy. Then its own
  delay is looked at first: where it explains the lateness, nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from wireproof.contract.shape import EARLIEST_MS, LATEST_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.model import Watch
    from wireproof.suite.stalls import Lateness

#: A series with fewer gaps says nothing.
LEAST_GAPS = 3

#: Messages this much sooner than documented are never tolerated, so that a stream twice as fast is always seen. Of
#: LEAST_GAPS gaps between messages that come somewhere in their turn the mean is longer than this.
SOONEST = 2 / 3


@dataclass(frozen=True, slots=True)
class PaceBreak:
    """How the pace of a stream differs from the documented one, between two of its event times."""

    sentence: str
    late: bool  # later than documented; otherwise sooner
    start_ms: int
    end_ms: int

    def excused_by(self, delay: Lateness, tolerance_ms: int) -> bool:
        """Whether the sender's machine stood still so long that it was late for that reason.

        Messages that come somewhere in their turn are never sooner than `SOONEST` for it, so that only lateness is.
        """
        return self.late and delay.worst_between(self.start_ms, self.end_ms) >= max(tolerance_ms, 1)


def pace_breaks(watch: Watch, documents: Sequence[Any]) -> list[PaceBreak]:
    """Return how the pace of messages differs from the documented one: sooner, or of a steady stream later.

    It differs when the median gap and the mean gap both do: a single stall of the sender moves the mean only, and
    messages that catch up after several stalls move the median only. The gaps of all symbols of one event type are
    judged together, of those series that have enough of them.
    """
    if not watch.every_ms:
        return []
    found = []
    for symbols in _moments(documents).values():
        series = [times for times in _settled(list(symbols.values())) if len(times) > LEAST_GAPS]
        gaps = [after - before for times in series for before, after in pairwise(times)]
        if not gaps:
            continue
        typical, average = median(gaps), mean(gaps)
        soonest = max(watch.every_ms - watch.tolerance_ms, watch.every_ms * SOONEST)
        latest = watch.every_ms + watch.tolerance_ms
        soon = max(typical, average) < soonest
        if soon or (watch.steady and min(typical, average) > latest):
            whose = f" of each of {len(series)} symbols" if len(series) > 1 else ""
            sentence = (
                f"Messages{whose} came every {typical:g} ms, the median of {len(gaps)} gaps; documented is every"
                f" {watch.every_ms} ms ({soonest if soon else latest:.0f} ms is tolerated)."
            )
            start, end = min(times[0] for times in series), max(times[-1] for times in series)
            found.append(PaceBreak(sentence, not soon, start, end))
    return found


def _settled(series: list[list[int]]) -> list[list[int]]:
    """Return the series without what came out of turn when the stream was subscribed.

    Of several symbols the first moment is left out: it is out of turn for all of them at once, and with few gaps in
    each that would outweigh the others.
    """
    return [times[1:] for times in series] if len(series) > 1 else series


def _moments(documents: Sequence[Any]) -> dict[str, dict[str, list[int]]]:
    """Return event times by type of event and symbol, in order; an array of events has no symbol of its own."""
    found: defaultdict[str, defaultdict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for document in documents:
        event = document[0] if isinstance(document, list) and document else document
        if not isinstance(event, dict) or type(time := event.get("E")) is not int:
            continue
        if not EARLIEST_MS <= time <= LATEST_MS:
            continue
        symbol = str(event.get("s", "")) if event is document else ""
        found[str(event.get("e"))][symbol].add(time)
    return {kind: {name: sorted(times) for name, times in symbols.items()} for kind, symbols in found.items()}

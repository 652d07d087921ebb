"""Update-speed promises: how far apart messages may be, by the event times that the exchange gives them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.model import Watch


def pace_violations(watch: Watch, documents: Sequence[Any]) -> list[str]:
    """Return where messages came sooner, or of a steady stream later, than the documented pace allows.

    All-market arrays may come in several frames with one event time; those count as one message.
    """
    if not watch.every_ms:
        return []
    times = [time for document in documents if (time := event_time(document)) is not None]
    arrays = any(isinstance(document, list) for document in documents)
    gaps = [after - before for before, after in pairwise(times) if not (arrays and after == before)]
    said = f"of {len(gaps)} gaps between messages {{}} than the documented {watch.every_ms} ms"
    said += f" (tolerance {watch.tolerance_ms} ms): {{}} ms."
    violations = []
    if soon := [gap for gap in gaps if gap < watch.every_ms - watch.tolerance_ms]:
        violations.append(f"{len(soon)} " + said.format("were shorter", min(soon)))
    if watch.steady and (late := [gap for gap in gaps if gap > watch.every_ms + watch.tolerance_ms]):
        violations.append(f"{len(late)} " + said.format("were longer", max(late)))
    return violations


def event_time(document: Any) -> int | None:
    """Return the event time `E` of a message in epoch milliseconds; of an array, that of its first element."""
    if isinstance(document, list):
        document = document[0] if document else None
    time = document.get("E") if isinstance(document, dict) else None
    return time if type(time) is int else None

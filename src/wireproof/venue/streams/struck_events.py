"""What becomes of the events of streams and user data that faults strike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from wireproof.venue.base.faults import NOT_JSON

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.faults import Faults


class StruckEvents:
    """Lets faults strike events by their names, and holds those that will be sent in another order."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._held: dict[str, list[bytes]] = {}

    def of(self, name: str, raw: bytes, cut: Callable[[], None]) -> list[bytes]:
        """Return what is sent in place of an event, as JSON; `cut` breaks the connections of whoever reads it."""
        fault = self._faults.strike_event(name) if self._faults.any else None
        if fault is None:
            return [raw]
        if fault.kind == "drop-before":
            cut()
        if fault.kind == "reorder":
            held = self._held.setdefault(name, [])
            held.append(raw)
            return self._held.pop(name)[::-1] if fault.spent else []
        if fault.kind == "drift":
            return [orjson.dumps(fault.drift(orjson.loads(raw)))]
        return {"twice": [raw, raw], "not-json": [NOT_JSON]}.get(fault.kind, [])

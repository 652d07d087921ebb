"""What the exchange did on a day: behaviours with the day since when they hold, and the day that the venue serves.

The clock stays today's: `--as-of` changes what the exchange does, not what time it is, because clients stamp and check
requests by their own. `products/dated_behaviours.py` has the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.drift_paths import alter, copied

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: Changes before July 2025 are not recorded, so that nobody can say how the exchange was.
FIRST_DAY = date(2025, 7, 2)
#: A symbol of options has dashes, and no other stream's name has: no row is about their streams.
OF_OPTIONS = "-"
#: Contracts of COIN-M, and pairs.
_COIN = re.compile(r"[A-Z0-9]+USD(_PERP|_\d{6})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def read_day(text: str) -> date:
    """Return a day such as 2026-05-01. Raise ValueError with a sentence for none, and for one too early to be known."""
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"A day such as 2026-05-01 was expected, not {text[:40]!r}.")
    if day < FIRST_DAY:
        raise ValueError(
            f"How the exchange behaved on {day} is not known: what it changed is known from {FIRST_DAY} on."
            f" Name {FIRST_DAY} or a later day."
        )
    return day


@dataclass(frozen=True, slots=True)
class DatedBehaviour:
    """What holds since a day.

    Args:
        since: The day, ISO 8601.
        what: What is so since then, in a phrase.
        products: Whose behaviour it is; `um` and `cm` are both futures within portfolio margin, `UM` and `CM` the units
            of the engine. None is everybody's.
        switch: What code calls it that behaves otherwise before.
        names: Requests, streams and events that are there since then, as patterns.
        fields: Paths in answers and events since then, by pattern of the request's, stream's or event's name.
        weights: What requests weighed until then.
        mandatory: Parameters of requests that were mandatory until then.
        optional: Parameters of requests that were optional until then.
    """

    since: str
    what: str
    products: tuple[str, ...] = ()
    switch: str = ""
    names: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    mandatory: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """Return `since` as a date."""
        return date.fromisoformat(self.since)

    def concerns(self, product: str) -> bool:
        """Whether it is about a product; a name that no product is asked for is about all."""
        return not self.products or not product or product in self.products


@dataclass(frozen=True)
class Era:
    """What holds on a day, of these behaviours; None is today, when all do. A later day is like the last known one."""

    day: date | None = None
    behaviours: tuple[DatedBehaviour, ...] = ()
    _later: tuple[DatedBehaviour, ...] = field(init=False)
    _hidden: dict[tuple[str, str], tuple[str, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        later = () if self.day is None else tuple(one for one in self.behaviours if one.day > self.day)
        object.__setattr__(self, "_later", later)

    @property
    def is_newest(self) -> bool:
        """Whether everything that is known holds."""
        return not self._later

    def has(self, switch: str, product: str = "") -> bool:
        """Whether a behaviour holds, for a product."""
        return not any(one.switch == switch and one.concerns(product) for one in self._later)

    def offers(self, name: str, product: str = "") -> bool:
        """Whether a request, stream or event of this name was there."""
        return not any(
            one.concerns(product) and any(fnmatchcase(name, each) for each in one.names) for one in self._later
        )

    def offers_stream(self, name: str) -> bool:
        """Whether a market stream of this name was there."""
        return OF_OPTIONS in name or self.offers(name)

    def weight(self, name: str, weight: int) -> int:
        """Return what a request weighed that weighs so much today."""
        earliest = min((one for one in self._later if name in one.weights), key=lambda one: one.day, default=None)
        return weight if earliest is None else earliest.weights[name]

    def needs(self, name: str, mandatory: Collection[str]) -> Collection[str]:
        """Return the parameters that a request needed, of which some may be optional today, or the other way round."""
        for one in self._later if name else ():
            optional, needed = one.optional.get(name, ()), one.mandatory.get(name, ())
            mandatory = [each for each in (*mandatory, *needed) if each not in optional]
        return mandatory

    def shown(self, name: str, document: Any, product: str = "") -> Any:
        """Return an answer or event without the fields that came later; the document itself stays as it is."""
        if self.is_newest or document is None:
            return document
        paths = self._hidden.get((product, name))
        if paths is None:
            paths = self._hidden[product, name] = tuple(
                path
                for one in self._later
                if one.concerns(product)
                for pattern, paths in one.fields.items()
                if fnmatchcase(name, pattern)
                for path in paths
            )
        if not paths:
            return document
        document = copied(document)
        for path in paths:
            alter(document, path, None, remove=True)
        return document

    def shown_on_stream(self, name: str, document: Any) -> Any:
        """Return what a market stream carried, without the fields that came later, by whose contract it is about."""
        if self.is_newest or OF_OPTIONS in name:
            return document
        if isinstance(document, list):
            return [self.shown(name, [row], _unit_of(row))[0] for row in document]
        return self.shown(name, document, _unit_of(document))


def _unit_of(event: Any) -> str:
    """Return the unit whose contract an event of a market stream is about."""
    inner = event.get("o")
    symbol = event.get("s") or (inner.get("s") if isinstance(inner, dict) else "") or ""
    return "CM" if _COIN.fullmatch(str(symbol)) else "UM"


TODAY = Era()

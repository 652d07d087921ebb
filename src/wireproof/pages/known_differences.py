"""Tells the differences that are known and meant from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.contract.audit.page_differences import FILE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wireproof.contract.audit.page_differences import PageDifference
    from wireproof.contract.dated_changes import DatedChange
    from wireproof.pages.changes import Change


class Explanations:
    """The known differences of a product, and which of them came up."""

    def __init__(self, differences: Iterable[PageDifference], file: str = FILE) -> None:
        self._file, self._source = file, "page" if file == FILE else "SDK"
        self._differences = tuple(differences)
        self._by_place = {
            (contract, one.what, where, one.detail): one
            for one in self._differences
            for contract in one.contracts
            for where in one.where
        }
        self._used: dict[tuple[str, str, str, str], PageDifference] = {}

    def explains(self, change: Change) -> bool:
        """Whether a difference is known; if so it counts as come up."""
        place = (change.contract, change.what, change.where, change.detail)
        found = self._by_place.get(place)
        if found is not None:
            self._used[place] = found
        return found is not None

    def lines(self) -> list[str]:
        """Return a line for each known difference that came up: what, where, and which change explains it."""
        out: list[str] = []
        for one in self._differences:
            places = [place for place, used in self._used.items() if used is one]
            if places:
                names = list(dict.fromkeys(contract for contract, *_ in places))
                where = ", ".join(dict.fromkeys(place[2] for place in places if place[2]))
                said = " ".join(filter(None, (one.what, where, f"({one.detail})" if one.detail else "")))
                who = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
                out.append(f"explained: {who}: {said}: the change of {one.date} ({one.link}): {one.reason}")
        return out

    def stale(self, compared: Collection[str]) -> list[str]:
        """Return a sentence for each known difference that the pages of `compared` contracts no longer show."""
        return [
            f"{contract}: {what} {where}{f' ({detail})' if detail else ''}: the {self._source} no longer differs; "
            f"delete it from {self._file}."
            for contract, what, where, detail in self._by_place
            if contract in compared and (contract, what, where, detail) not in self._used
        ]


#: What a page shows that does not follow a change yet, by the kind of the change.
_LAGS: dict[str, tuple[str, ...]] = {
    "param-removed": ("parameter added",),
    "param-added": ("parameter gone",),
    "param-mandatory": ("parameter now mandatory", "parameter now optional"),
    "field-removed": ("field added",),
    "field-added": ("field gone",),
    "field-type-changed": ("type changed",),
    "enum-value-added": ("parameter's values",),
    "enum-value-removed": ("parameter's values",),
    "limit-changed": ("parameter's range",),
    "weight-changed": ("weight",),
}


class LaggingPages:
    """Differences of pages that contradict a change which an SDK told: the page does not follow it yet.

    Without this, whoever reads pages and SDKs in turn would undo with the one what the other said.
    """

    def __init__(self, changes: Iterable[DatedChange]) -> None:
        self._by_place = {
            (contract, what, change.path): change
            for change in changes
            if change.basis == "sdk" and not change.kept
            for contract in change.contracts
            for what in _LAGS.get(change.kind, ())
        }
        self._used: dict[tuple[str, str, str], DatedChange] = {}

    def explains(self, change: Change) -> bool:
        """Whether a page contradicts a change that an SDK told; if so it counts as come up."""
        place = (change.contract, change.what, change.where)
        found = self._by_place.get(place)
        if found is not None:
            self._used[place] = found
        return found is not None

    def lines(self) -> list[str]:
        """Return a line for each difference that came up."""
        return [
            f"explained: {contract}: {' '.join(filter(None, (what, where)))}: the page does not follow the change of "
            f"{found.date} yet, which the SDK told ({found.links[0]})"
            for (contract, what, where), found in self._used.items()
        ]

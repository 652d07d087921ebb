"""Dated changes of what is documented of a product: when each part came, went or was changed.

They live beside the contracts, in `contracts/<product>/changes.json`: `{"without_contract": {…}, "changes": [...]}`. A
finding can be compared with them by contract id and path. `wireproof contracts changes` lists them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from wireproof.contract.edits import Edit, edit_problem
from wireproof.contract.model import JsonScalar  # noqa: TC001 - msgspec reads the annotations
from wireproof.contract.store import decode
from wireproof.errors import ContractFileError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

FILE = "changes.json"

ChangeKind = Literal[
    "request-added",
    "request-retired",
    "stream-added",
    "stream-retired",
    "event-added",
    "event-retired",
    "field-added",
    "field-removed",
    "field-type-changed",
    "param-added",
    "param-removed",
    "param-mandatory",
    "enum-value-added",
    "enum-value-removed",
    "limit-changed",
    "weight-changed",
    "host-moved",
    "behaviour",
]


class DatedChange(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """One change of one kind, at the same generalised path or parameter of each of `contracts`. Dates are ISO 8601.

    `path` is empty where the whole contract is meant. `basis` says what shows it: the change log, an official SDK
    (then `announced` is the day of its release), a comparison of two states, or the wire alone, where nothing
    documents it. `seen` is a day on which it was there already. `environment` is the only one that it holds for.

    `patch` says what the contracts said before, and of a pending change what they will say. What a contract tells by
    itself (a field that was added is shown: before, it was not) needs no patch.
    """

    contracts: tuple[str, ...]  # ids of the contracts that it concerns
    kind: ChangeKind  # what changed
    path: str = ""  # where, as a generalised path, or which parameter
    before: JsonScalar = None  # what was documented before
    after: JsonScalar = None  # what is documented since
    announced: str = ""  # the day of its announcement
    in_force: str = ""  # the day since when it holds
    seen: str = ""  # a day on which it was there
    basis: Literal["change-log", "sdk", "comparison", "wire"]  # what shows it
    environment: str = ""  # the only target that it holds for
    campaign: str = ""  # what several changes belong to
    kept: str = ""  # why the store nevertheless says what was said before
    pending: bool = False  # whether it is announced, and the store does not say it yet
    patch: tuple[Edit, ...] = ()  # what its contracts said before, where they do not tell it themselves
    note: str = ""  # what people should know
    links: tuple[str, ...]  # where that can be read

    @property
    def date(self) -> str:
        """The day since when it holds: in force, else announced, else seen."""
        return self.in_force or self.announced or self.seen

    @property
    def documented(self) -> str:
        """The day since when it is documented; empty where only the wire shows it."""
        return "" if self.basis == "wire" else self.announced or self.in_force or self.seen


class Changes(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """The changes of a product; `without_contract` says, by id, why a contract that they name is not in the store."""

    without_contract: dict[str, str] = field(default_factory=dict)  # id -> why the store has no such contract
    changes: tuple[DatedChange, ...] = ()  # the dated changes, in any order

    def until(self, day: str) -> Changes:
        """Return what had changed on a day (ISO 8601); of what was pending, that it has come."""
        then = [replace(change, pending=False) for change in self.changes if change.date <= day]
        return replace(self, changes=tuple(then))


def load_changes(folder: Path, contracts: Collection[str] | None = None) -> Changes:
    """Return the changes of the product whose contracts lie in `folder`; none when it has no such file.

    Raises ContractFileError for a file that is not sound: a wrong key, a date that is none, no date at all, no link,
    a link that is no https address, a contract that is neither one of `contracts` (if given) nor explained.
    """
    file = folder / FILE
    if not file.is_file():
        return Changes()
    changes = decode(file, Changes)
    for number, change in enumerate(changes.changes, 1):
        if problem := _problem(change, changes.without_contract, contracts):
            raise ContractFileError(file, f"change {number} ({change.kind} {change.path}): {problem}")
    if contracts is not None:
        named = {contract_id for change in changes.changes for contract_id in change.contracts}
        for contract_id in changes.without_contract:
            if contract_id in contracts:
                raise ContractFileError(file, f"{contract_id!r} is a contract; delete it from 'without_contract'.")
            if contract_id not in named:
                raise ContractFileError(file, f"no change names {contract_id!r}; delete it from 'without_contract'.")
    return changes


def in_order(changes: Iterable[DatedChange]) -> list[DatedChange]:
    """Return changes oldest first; those of one day in their own order."""
    return sorted(changes, key=lambda change: change.date)


def part(change: DatedChange) -> tuple[str, ...]:
    """Return what a change is about: of two changes of the same part, the later one holds."""
    subject, _, verb = change.kind.rpartition("-")
    if verb == "mandatory":
        subject = "mandatory"
    elif subject in {"request", "stream", "event"}:
        subject = "contract"
    value = str(change.after if verb == "added" else change.before) if subject == "enum-value" else ""
    return (subject, change.path, value)


def narrowed(
    changes: Iterable[DatedChange], *, since: str | None = None, contract_id: str | None = None
) -> list[DatedChange]:
    """Return changes oldest first, since a day (ISO 8601), and of one contract: then they name only that one."""
    chosen = [change for change in in_order(changes) if since is None or change.date >= since]
    if contract_id is None:
        return chosen
    return [replace(change, contracts=(contract_id,)) for change in chosen if contract_id in change.contracts]


def lines(changes: Iterable[DatedChange]) -> Iterator[str]:
    """Yield a line for each contract of each change."""
    for change in changes:
        before, after = (("" if value is None else str(value)) for value in (change.before, change.after))
        turned = f"{before} → {after}".strip() if before or after else ""
        what = [word for word in (change.path, turned, change.links[0]) if word]
        for name in change.contracts:
            yield "  ".join([change.date, f"{change.kind:18}", name, *what])


def _problem(change: DatedChange, explained: Collection[str], contracts: Collection[str] | None) -> str:
    days = [day for day in (change.announced, change.in_force, change.seen) if day]
    for day in days:
        try:
            date.fromisoformat(day)
        except ValueError:
            return f"date {day!r} is no day; expected one such as 2026-08-14."
    if not days:
        return "has no date; 'announced', 'in_force' or 'seen' is needed."
    if not change.contracts:
        return "names no contract."
    if not change.links:
        return "has no link that shows it."
    if plain := [link for link in change.links if not link.startswith("https://")]:
        return f"link {plain[0]!r} is no https address."
    for edit in change.patch:
        if problem := edit_problem(edit):
            return problem
        if strange := [name for name in edit.contracts if name not in change.contracts]:
            return f"a patch is about {strange[0]!r}. {did_you_mean(strange[0], change.contracts)}"
    if change.kept and change.pending:
        return "is 'kept' and 'pending' at once; the one says that it does not hold here, the other that it will."
    if contracts is None:
        return ""
    unknown = [name for name in change.contracts if name not in contracts and name not in explained]
    return f"there is no contract {unknown[0]!r}. Explain it in 'without_contract'." if unknown else ""

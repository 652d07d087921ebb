"""What the store documents, what cases exercise of it, and what nothing exercises and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.contract.model import Contract

UNSTATED = "no reason given"
SESSION = "ws-api session"
COMMANDS = "stream command"


class CoverageRow(Struct, kw_only=True):
    """Counts of contracts of one product and surface; `exercised` is None when no run is known."""

    product: str
    surface: str
    documented: int = 0
    with_example: int = 0
    with_case: int = 0
    exercised: int | None = None


class CoverageReport(Struct, kw_only=True):
    """Rows in the store's order, per reason the contracts without a case, and what was retired, which no row counts."""

    rows: list[CoverageRow] = field(default_factory=list)
    without_case: dict[str, list[str]] = field(default_factory=dict)  # reason -> contract ids
    without_example: list[str] = field(default_factory=list)  # contract ids
    retired: dict[str, str] = field(default_factory=dict)  # contract id -> since when

    def lines(self) -> list[str]:
        """Return the report as lines: a table, its totals, and what has no case and why."""
        header = ("product", "surface", "documented", "with example", "with case", "exercised")
        table = [header, *(_cells(row) for row in self.rows), *_totals(self.rows)]
        widths = [max(len(row[i]) for row in table) for i in range(len(header))]
        out = [_aligned(row, widths) for row in table]
        out += [f"no example: {name}" for name in self.without_example]
        for reason, names in sorted(self.without_case.items()):
            out += ["", f"no case, {reason} ({len(names)}):", *(f"  {name}" for name in names)]
        if self.retired:
            out += ["", f"retired ({len(self.retired)}):"]
            out += [f"  {name} since {since}" for name, since in self.retired.items()]
        return out


def coverage(contracts: Iterable[Contract], result: Mapping[str, Any] | None = None) -> CoverageReport:
    """Count what is documented, has an example, has a case and was exercised in the run `result` (its JSON, decoded).

    A contract counts as exercised when one of its cases was answered and judged: not skipped, blocked or broken.
    """
    judged = None if result is None else _judged(result)
    report = CoverageReport()
    rows: dict[tuple[str, str], CoverageRow] = {}
    for contract in contracts:
        if contract.retired:
            report.retired[contract.id] = contract.retired
            continue
        key = (contract.product, _surface(contract))
        if key not in rows:
            rows[key] = CoverageRow(product=key[0], surface=key[1], exercised=None if judged is None else 0)
        row = rows[key]
        row.documented += 1
        if contract.examples:
            row.with_example += 1
        else:
            report.without_example.append(contract.id)
        if contract.cases:
            row.with_case += 1
        else:
            report.without_case.setdefault(contract.no_case or UNSTATED, []).append(contract.id)
        if row.exercised is not None and judged is not None and contract.id in judged:
            row.exercised += 1
    report.rows = list(rows.values())
    return report


def _surface(contract: Contract) -> str:
    """Return a contract's surface; what is about the connection itself is counted apart from what it carries."""
    if contract.name.startswith("session."):
        return SESSION
    return COMMANDS if contract.is_command else contract.surface.value


def _judged(result: Mapping[str, Any]) -> set[str]:
    return {
        str(case.get("contract"))
        for case in result.get("cases", ())
        if case.get("verdict") not in {None, "blocked", "broken"}
    }


def _cells(row: CoverageRow) -> tuple[str, ...]:
    exercised = "-" if row.exercised is None else str(row.exercised)
    return (row.product, row.surface, str(row.documented), str(row.with_example), str(row.with_case), exercised)


def _totals(rows: list[CoverageRow]) -> list[tuple[str, ...]]:
    """Return a row per kind of contract (requests, streams, events) over all products."""
    kinds = {
        "requests": ("ws-api", "rest"),
        "session requests": (SESSION,),
        "streams": ("stream",),
        "stream commands": (COMMANDS,),
        "events": ("event",),
    }
    out = []
    for kind, surfaces in kinds.items():
        own = [row for row in rows if row.surface in surfaces]
        if not own:
            continue
        counted = [row.exercised for row in own if row.exercised is not None]
        total = CoverageRow(
            product="all",
            surface=kind,
            documented=sum(row.documented for row in own),
            with_example=sum(row.with_example for row in own),
            with_case=sum(row.with_case for row in own),
            exercised=sum(counted) if counted else None,
        )
        out.append(_cells(total))
    return out


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    names = [cell.ljust(width) for cell, width in zip(row[:2], widths, strict=False)]
    return "  ".join([*names, *(cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True))]).rstrip()

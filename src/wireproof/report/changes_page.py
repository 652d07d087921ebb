"""The page of changes that the exchange does not publish: by product and field, with both days and first sightings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.escape import one_line, web_address
from wireproof.ledger.first_sightings import first_sightings
from wireproof.report.first_screen import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.contract.dated_changes import Changes, DatedChange
    from wireproof.ledger.model import TargetLedger

PAGE_BYTES = 500_000
RECENT_DAYS = 60
ROWS = (1000, 700, 500, 300, 150, 50, 10)  # changes, newest first: the first number with which the page is small enough


class ChangeRow(Struct, frozen=True, kw_only=True):
    """One row of the page: a change of a path, in the first of its contracts and some more."""

    path: str
    contract: str
    beside: str
    kind: str
    turned: str
    announced: str
    in_force: str
    seen: str
    link: str
    date: str


def changes_page(
    documented: Mapping[str, Changes], ledgers: Mapping[str, TargetLedger], *, day: str, feed: str = "feed.xml"
) -> str:
    """Return the page as of a day (ISO 8601); where it would grow beyond `PAGE_BYTES`, the oldest changes are left out.

    The same changes, ledgers and day make the same page. It needs no script.
    """
    every = [(product, one) for product, changes in documented.items() for one in changes.changes]
    newest = sorted(every, key=lambda one: one[1].date, reverse=True)
    made = [(product, _row(change, ledgers)) for product, change in newest[: ROWS[0]]]
    template, page = environment("site.js").get_template("changes.html"), ""
    for shown in ROWS:
        rows: dict[str, list[ChangeRow]] = {}
        for product, row in made[:shown]:
            rows.setdefault(product, []).append(row)
        page = template.render(
            coming=[row for _, row in reversed(made[:shown]) if row.date > day],
            products=[(product, _by_field(rows[product])) for product in documented if product in rows],
            recent=[row for _, row in made[:shown] if _days_ago(day) <= row.date <= day],
            left_out=max(len(newest) - shown, 0),
            recent_days=RECENT_DAYS,
            day=day,
            feed=feed,
        )
        if len(page.encode()) <= PAGE_BYTES:
            break
    return page


def _days_ago(day: str) -> str:
    """Return the day that is `RECENT_DAYS` before another one; a word that no day comes after where that is none."""
    try:
        return (date.fromisoformat(day) - timedelta(days=RECENT_DAYS)).isoformat()
    except ValueError:
        return "~"


def _by_field(rows: Iterable[ChangeRow]) -> list[ChangeRow]:
    newest = sorted(rows, key=lambda row: row.date, reverse=True)
    return sorted(newest, key=lambda row: (row.contract, row.path))


def _row(change: DatedChange, ledgers: Mapping[str, TargetLedger]) -> ChangeRow:
    turned = [one_line(value, 120) if isinstance(value, str) else str(value) for value in (change.before, change.after)]
    own = [
        f"{name} {'before ' if one.was_there else ''}{one.day}"
        for name, one in first_sightings(ledgers, change).items()
    ]
    others = [f"by others {change.seen}"] if change.seen else []
    return ChangeRow(
        path=one_line(change.path, 120),
        contract=one_line(change.contracts[0], 120),
        beside=f" and {len(change.contracts) - 1:,} more" if len(change.contracts) > 1 else "",
        kind=change.kind,
        turned=" → ".join("nothing" if one == "None" else one for one in turned) if turned != ["None"] * 2 else "",
        announced=change.announced,
        in_force=change.in_force,
        seen=", ".join([*own, *others]),
        link=web_address(change.links[0]),
        date=change.date,
    )

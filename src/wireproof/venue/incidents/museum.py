"""The museum of incidents: reads the files beside this one, each a state of the venue and what happened.

A file is a JSON object; `Incident` has its fields. A new one is a new file: tests/unit/venue/incidents expects a report
of it, and docs/incidents.md a section, which `wireproof venue --incidents --markdown` prints.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.fault_kinds import meant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Incident:
    """One of them.

    Args:
        name: What `--incident` calls it.
        title: What happened, in a phrase.
        since: The day when it began, ISO 8601.
        until: The day when it was over; empty where it still is so.
        what: What happened, in sentences.
        sees: What a client sees, a sentence each.
        sources: Where that can be read.
        products: The products that it is about.
        cases: A `-k` expression of the cases of wireproof that meet it.
        as_of: The day whose behaviour is served; today's where empty.
        faults: The faults in force, as `--fault` takes them.
        orders: Conditional orders that are there at the start: parameters of `POST /fapi/v1/algoOrder`, and `account`.
        statuses: The status of contracts, by symbol.
    """

    name: str
    title: str
    since: str
    what: str
    sees: Sequence[str]
    sources: Sequence[str]
    products: Sequence[str]
    cases: str
    until: str = ""
    as_of: str = ""
    faults: Sequence[Json] = ()
    orders: Sequence[Mapping[str, str]] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def day(self) -> date | None:
        """Return the day whose behaviour is served, None for today's."""
        return date.fromisoformat(self.as_of) if self.as_of else None

    @property
    def command(self) -> str:
        """Return the command that serves it."""
        return f"wireproof venue --incident {self.name}"


@cache
def incidents() -> dict[str, Incident]:
    """Return all incidents by name, the earliest first."""
    found = [Incident(name=file.stem, **json.loads(file.read_text("utf-8"))) for file in FOLDER.glob("*.json")]
    return {one.name: one for one in sorted(found, key=lambda one: (one.since, one.name))}


def incident(name: str) -> Incident:
    """Return an incident. Raise ValueError with a sentence for a name that there is not."""
    found = incidents().get(name)
    if found is None:
        raise ValueError(f"There is no incident {name[:80]!r}. {meant(name, incidents())}".rstrip())
    return found


def listing() -> str:
    """Return the incidents as lines for people."""
    lines = []
    for one in incidents().values():
        lines += [f"{one.name}: {one.title} ({_span(one)})", *(f"    - {sentence}" for sentence in one.sees)]
        lines.append(f"    {one.command}")
    return "\n".join([*lines, ""])


def rows() -> list[Json]:
    """Return the incidents as `--json` lists them."""
    return [
        {
            "name": one.name,
            "title": one.title,
            "since": one.since,
            "until": one.until,
            "as_of": one.as_of,
            "products": list(one.products),
            "what": one.what,
            "sees": list(one.sees),
            "sources": list(one.sources),
            "cases": one.cases,
        }
        for one in incidents().values()
    ]


def markdown() -> str:
    """Return the incidents as docs/incidents.md has them: a table, and a section each."""
    found = incidents().values()
    lines = ["| incident | since | what happened |", "| :-- | :-- | :-- |"]
    lines += [f"| [`{one.name}`](#{one.name}) | {one.since} | {one.title} |" for one in found]
    for one in found:
        lines += ["", f"### {one.name}", "", f"{one.what} ({_span(one)}; {', '.join(one.products)})", ""]
        lines += ["What a client sees:", "", *(f"- {sentence}" for sentence in one.sees), ""]
        lines += ["```sh", one.command, "```", ""]
        lines += ["Sources: " + ", ".join(f"<{source}>" for source in one.sources)]
    return "\n".join([*lines, ""])


def _span(one: Incident) -> str:
    return f"{one.since} to {one.until}" if one.until else f"since {one.since}"

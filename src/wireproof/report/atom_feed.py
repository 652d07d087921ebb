"""An Atom feed of what changed: differences that are new or gone on a target, and what was documented anew.

It is made of the histories and of the contracts' dated changes, and of nothing that earlier feeds said: the same come
to the same feed. https://www.rfc-editor.org/rfc/rfc4287
"""

from __future__ import annotations

from datetime import date, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from msgspec import Struct

from wireproof.counts import counted
from wireproof.escape import one_line
from wireproof.ledger.first_sightings import first_sightings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wireproof.contract.dated_changes import Changes, DatedChange
    from wireproof.ledger.model import TargetLedger
    from wireproof.report.history import Entry, History

ENTRIES = 60
COMING_DAYS = 30
LINES = 40  # of one entry
FEED_BYTES = 400_000
_ATOM = "http://www.w3.org/2005/Atom"
_XHTML = "http://www.w3.org/1999/xhtml"
_BEGINNING = "2019-09-01T00:00:00Z"  # of a feed that holds nothing


class FeedEntry(Struct, frozen=True, kw_only=True):
    """One entry: `name` is unique and stays, `date` is a moment such as 2026-11-22T04:17:00Z, `page` its page."""

    name: str
    date: str
    title: str
    lines: tuple[str, ...]
    page: str = ""


def feed(
    histories: Mapping[str, History],
    documented: Mapping[str, Changes],
    *,
    ledgers: Mapping[str, TargetLedger] | None = None,
    day: str = "",
    url: str = "",
) -> bytes:
    """Return the feed of the histories below each folder of the site, and of products, newest entries first.

    With the `day` of the last run (ISO 8601) it announces what comes into force within `COMING_DAYS`, and with the
    `ledgers` of targets what each of them first showed of the documented changes.

    `url` is the address of the site, with a slash at its end; without one the feed links nowhere. It is bounded by
    `ENTRIES`, and by `FEED_BYTES`: the oldest entries give way.
    """
    news = [one for folder, history in histories.items() for one in of_runs(history.entries, url and f"{url}{folder}/")]
    news += [one for product, changes in documented.items() for one in of_documentation(product, changes.changes)]
    news += [one for product, changes in documented.items() for one in of_coming(product, changes.changes, day)]
    news += [one for product, changes in documented.items() for one in of_sightings(product, changes, ledgers or {})]
    kept = sorted(news, key=lambda one: (one.date, one.name), reverse=True)[:ENTRIES]
    while len(made := _feed(kept, url)) > FEED_BYTES:
        kept = kept[: len(kept) // 2]
    return made


def of_runs(entries: Iterable[Entry], page: str = "") -> list[FeedEntry]:
    """Return an entry for each run in which a difference was new, back or gone; `page` is the page of their target."""
    words: dict[str, str] = {}
    gone: set[tuple[str, str]] = set()
    changed: list[tuple[Entry, dict[str, list[str]]]] = []
    for entry in sorted(entries, key=attrgetter("date")):
        words |= entry.said
        new = [name for name, date in entry.fingerprints.items() if date == entry.date]
        back = [name for name in entry.fingerprints if (entry.target, name) in gone]
        gone = gone.difference((entry.target, name) for name in back).union((entry.target, name) for name in entry.gone)
        if new or back or entry.gone:
            changed.append((entry, {"new": new, "back": back, "gone": entry.gone}))
    return [
        FeedEntry(
            name=f"run:{entry.target}:{entry.run}",
            date=entry.date,
            title=f"{entry.target}: "
            + ", ".join(f"{counted(len(found), 'difference')} {word}" for word, found in parts.items() if found),
            lines=_bounded(
                [f"{word}: {words.get(one, 'a difference')} [{one}]" for word, found in parts.items() for one in found]
            ),
            page=page,
        )
        for entry, parts in changed[-ENTRIES:]
    ]


def of_documentation(product: str, changes: Iterable[DatedChange]) -> list[FeedEntry]:
    """Return an entry for each day on which the documentation of a product changed."""
    days: dict[str, list[DatedChange]] = {}
    for change in changes:
        if change.documented:
            days.setdefault(change.documented, []).append(change)
    return [
        _of_changes(f"documentation:{product}:{day}", day, f"Documentation of {product}: {_number(found)}", found)
        for day, found in days.items()
    ]


def of_coming(product: str, changes: Iterable[DatedChange], day: str) -> list[FeedEntry]:
    """Return an entry for each day on which changes come into force, from `COMING_DAYS` before it, as of `day`.

    Its date is the day on which that could first be said, so that it stays what it is until then and afterwards.
    """
    days: dict[str, list[DatedChange]] = {}
    for change in changes:
        if change.documented and change.in_force > change.documented:
            days.setdefault(change.in_force, []).append(change)
    entries = []
    for in_force, found in days.items():
        soon = (date.fromisoformat(in_force) - timedelta(days=COMING_DAYS)).isoformat()
        told = [one for one in found if max(soon, one.documented) <= day]
        if told:
            since = max(max(soon, one.documented) for one in told)
            title = f"{product}: {_number(told)} in force on {in_force}"
            entries.append(_of_changes(f"coming:{product}:{in_force}", since, title, told))
    return entries


def of_sightings(product: str, changes: Changes, ledgers: Mapping[str, TargetLedger]) -> list[FeedEntry]:
    """Return an entry for each day on which a target first showed documented changes; not what it always showed."""
    days: dict[tuple[str, str], list[DatedChange]] = {}
    for change in changes.changes:
        for target, seen in first_sightings(ledgers, change).items():
            if not seen.was_there:
                days.setdefault((target, seen.day), []).append(change)
    return [
        _of_changes(f"sighting:{target}:{product}:{day}", day, f"{target} shows {_number(found)} of {product}", found)
        for (target, day), found in days.items()
    ]


def _of_changes(name: str, day: str, title: str, found: Sequence[DatedChange]) -> FeedEntry:
    """Return the entry of a day (ISO 8601) with a line for each of some changes."""
    lines = _bounded([_documented(change) for change in found])
    return FeedEntry(name=name, date=f"{day}T00:00:00Z", title=title, lines=lines, page=found[0].links[0])


def _number(found: Sequence[DatedChange]) -> str:
    return counted(len(found), "change")


def _documented(change: DatedChange) -> str:
    turned = [str(value) for value in (change.before, change.after) if value is not None]
    others = f" and {len(change.contracts) - 1:,} more" if len(change.contracts) > 1 else ""
    parts = [f"{change.kind}: {change.contracts[0]}{others}", change.path, " → ".join(turned)]
    return " ".join(part for part in parts if part)


def _bounded(lines: list[str]) -> tuple[str, ...]:
    more = [f"and {len(lines) - LINES:,} more"] if len(lines) > LINES else []
    return tuple(one_line(line, 300) for line in [*lines[:LINES], *more])


def _feed(news: list[FeedEntry], url: str) -> bytes:
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, "id", url or "urn:wireproof:feed")
    _add(root, "title", "wireproof: what changed")
    _add(root, "updated", news[0].date if news else _BEGINNING)
    _add(_add(root, "author"), "name", "wireproof")
    if url:
        _add(root, "link", rel="self", type="application/atom+xml", href=f"{url}feed.xml")
        _add(root, "link", rel="alternate", type="text/html", href=url)
    for one in news:
        entry = _add(root, "entry")
        _add(entry, "id", f"urn:wireproof:{one.name}")
        _add(entry, "title", one_line(one.title, 300))
        _add(entry, "updated", one.date)
        if one.page:
            _add(entry, "link", rel="alternate", href=one.page)
        body = ET.SubElement(_add(entry, "content", type="xhtml"), f"{{{_XHTML}}}div")
        listed = ET.SubElement(body, f"{{{_XHTML}}}ul")
        for line in one.lines:
            ET.SubElement(listed, f"{{{_XHTML}}}li").text = line
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text or None
    return element

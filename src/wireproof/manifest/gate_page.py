"""What the gate says, for people: one sentence and one table, as lines of a terminal or as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.counts import counted, first_few
from wireproof.escape import cell, link, one_line, prose
from wireproof.manifest.affected import short
from wireproof.manifest.touching import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.manifest.affected import ClientTouch, GateReport
    from wireproof.manifest.touching import TouchedField

#: Rows of a table; what is more is counted.
_ROWS = 50
_FIELDS = 3  # of the client in one row


def gate_lines(report: GateReport) -> Iterator[str]:
    """Yield the sentence, a line for each difference, and what nobody can say."""
    yield report.sentence
    rows, mild = _rows(report)
    for touch in rows[:_ROWS]:
        when = f"in force {touch.in_force}" if touch.in_force else f"since {touch.since}" if touch.since else ""
        beside = ", ".join(word for word in (when, _known(touch)) if word)
        where = f"{touch.contract} {touch.path}".strip()
        yield f"{touch.effect:10} {where}: {one_line(touch.says, 300)}" + (f" [{beside}]" if beside else "")
        yield from (f"           {_field_words(one)}" for one in touch.fields[:_FIELDS])
        if len(touch.fields) > _FIELDS:
            yield f"           and {counted(len(touch.fields) - _FIELDS, 'more field')}"
    if len(rows) > _ROWS:
        yield f"and {counted(len(rows) - _ROWS, 'more difference')}"
    if mild:
        yield f"known      {_mild_words(mild)}"
    for one in report.unknown[:_ROWS]:
        fine = f" [accepted: {one_line(one.accepted, 120)}]" if one.accepted else ""
        yield f"unknown    {one.contract}: {one.reason}{fine}"
    if len(report.unknown) > _ROWS:
        yield f"and {counted(len(report.unknown) - _ROWS, 'more contract')} of which nothing is known"
    if report.quiet:
        yield f"quiet      {first_few(report.quiet, 5)}: nothing came, which is normal"
    yield from report.notes


def _rows(report: GateReport) -> tuple[list[ClientTouch], int]:
    """Return what is said one by one, and how much wireproof knows already and does not break the client."""
    said = [one for one in report.touches if not one.known_as or one.effect is Effect.BREAKING]
    return [*said, *report.upcoming], len(report.touches) - len(said)


def _mild_words(count: int) -> str:
    said = counted(count, "difference")
    return f"{said} that wireproof waives, knows or saw once; the client goes on with them (--json has them)"


def _known(touch: ClientTouch) -> str:
    return f"{touch.known_as}: {one_line(touch.reason, 120)}" if touch.known_as else ""


def _field_words(one: TouchedField) -> str:
    place = f"{one.by} " if one.by else ""
    return f"{place}{one.effect}: {one.why}"


def gate_markdown(report: GateReport) -> str:
    """Return the sentence and one table, for the summary of a job."""
    parts = [f"**{prose(report.sentence, 1000)}**", ""]
    rows, mild = _rows(report)
    if rows or report.unknown:
        parts += ["| | where | my fields | what differs | since |", "|---|---|---|---|---|"]
    for touch in rows[:_ROWS]:
        mine = dict.fromkeys(short(one.by) for one in touch.fields if one.by)
        shown = first_few(map(cell, mine), _FIELDS)
        place = link(touch.contract, touch.link)
        says = prose(touch.says + (f" ({_known(touch)})" if touch.known_as else ""))
        when = f"from {touch.in_force}" if touch.in_force else touch.since
        path = f" {cell(touch.path)}" if touch.path else ""
        parts.append(f"| {touch.effect} | {place}{path} | {shown or 'all'} | {says} | {when} |")
    for one in report.unknown[:_ROWS]:
        fine = f" (accepted: {one.accepted})" if one.accepted else ""
        parts.append(f"| unknown | {prose(one.contract)} | all | {prose(one.reason + fine)} | |")
    left = max(len(rows) - _ROWS, 0) + max(len(report.unknown) - _ROWS, 0)
    if left:
        parts.append(f"\nand {counted(left, 'more row')}.")
    if mild:
        parts += ["", f"{_mild_words(mild)}."]
    if report.notes:
        parts += ["", *(prose(note) for note in report.notes)]
    return "\n".join(parts) + "\n"

"""What hangs on a case in the Allure report: bodies as they were, readable, and findings as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from wireproof.counts import counted
from wireproof.drift.finding import Verdict, without_lead
from wireproof.escape import cell, html, json_bytes, json_text, link, one_line, prose, terminal
from wireproof.results.wording import how_often

if TYPE_CHECKING:
    from wireproof.drift.finding import Finding
    from wireproof.results.model import CaseResult, Observation

# The whole report is one HTML file. Exchange information of 650 symbols has 743 kB, per case that asks for it.
SHOWN_CHARACTERS = 200_000
SHOWN_FINDINGS = 100

_COLUMNS = (
    "severity",
    "kind",
    "path",
    "documented",
    "received",
    "how often",
    "when repeated",
    "for example at",
    "fingerprint",
    "known",
)
BASELINE = "baseline"  # how a difference of the baseline is marked, wherever it stands
_STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:8px;color-scheme:light dark}"
    "table{border-collapse:collapse}th,td{border:1px solid #8888;padding:4px 8px;text-align:left;vertical-align:top}"
    "td{font-family:ui-monospace,monospace}td:first-child{font-weight:bold}"
    ".breaking td:first-child{color:#d33}.risky td:first-child{color:#b70}.additive td:first-child{color:#27c}"
)


class Body(Struct, frozen=True):
    """Text of an attachment, and whether it is JSON."""

    text: str
    is_json: bool


def json_body(raw: str) -> Body:
    """Return `raw` indented when it is JSON, numbers and keys untouched; cut, and no longer JSON, when very long.

    What a viewer would obey or hide is escaped: in JSON it stays the same document.
    """
    raw = json_text(raw)
    try:
        text, is_json = json_bytes(msgspec.json.format(raw.encode(), indent=2)).decode(), True
    except (msgspec.DecodeError, RecursionError):
        text, is_json = terminal(raw), False
    if len(text) <= SHOWN_CHARACTERS:
        return Body(text, is_json)
    cut = text[:SHOWN_CHARACTERS]
    return Body(f"{cut}\n… {counted(len(text) - len(cut), 'character')} more in observations.jsonl", is_json=False)


def exchange_body(observation: Observation) -> str:
    """Return a REST request and its answer as Allure's HTTP exchange, version 1; empty for what is none.

    Bodies are cut like those of other attachments. Header names are those that the exchange documents.
    """
    if observation.status is None or observation.headers is None or not observation.request[:1].isupper():
        return ""
    line, _, sent = observation.request.partition("\n")
    method, _, url = line.partition(" ")
    request: dict[str, Any] = {"method": terminal(method), "url": one_line(url, SHOWN_CHARACTERS)}
    response: dict[str, Any] = {
        "status": observation.status,
        "headers": [{"name": terminal(k), "value": one_line(v, 1000)} for k, v in observation.headers.items()],
    }
    exchange: dict[str, Any] = {"schemaVersion": 1, "request": request, "response": response}
    for side, text in ((request, sent.strip()), (response, observation.response or "")):
        if text:
            side["body"] = _exchange_text(text)
    if observation.sent_at is not None and observation.received_at is not None:
        exchange |= {"start": round(observation.sent_at), "stop": round(observation.received_at)}
    return json_text(msgspec.json.encode(exchange).decode())


def _exchange_text(text: str) -> dict[str, Any]:
    body = json_body(text)
    shown = {
        "encoding": "utf8",
        "value": body.text,
        "contentType": "application/json" if body.is_json else "text/plain",
    }
    return shown | ({"truncated": True, "size": len(text)} if len(body.text) > SHOWN_CHARACTERS else {})


def documented_body(example: Any) -> Body:
    """Return a documented example as indented JSON."""
    return json_body(msgspec.json.encode(example).decode())


def _rows(case: CaseResult) -> list[tuple[str, Finding, str]]:
    """Return each difference of a case: how bad, what, and what its waiver or the baseline says."""
    excused = [
        (one.finding, f"until {one.expires}: {one.reason} {one.link}".strip())
        for one in sorted(case.waived, key=lambda one: one.finding.path)
    ]
    excused += [(one.finding, f"{BASELINE} of {one.since}, until {one.expires}") for one in case.baseline]
    counted = sorted(case.findings, key=lambda one: (-one.severity.rank, one.path))
    return [
        *((finding.severity.value, finding, "") for finding in counted),
        *((Verdict.UNSTEADY.value, finding, "") for finding in case.unsteady),
        *((finding.severity.value, finding, known) for finding, known in excused),
    ]


def _cells(word: str, finding: Finding, known: str) -> tuple[str, ...]:
    elsewhere = [sample for sample in finding.samples if sample != finding.path]
    return (
        word,
        finding.kind.value,
        finding.path or "(top level)",
        finding.expected,
        finding.actual,
        f"{finding.occurrences:,} of {finding.of:,}",
        how_often(finding.seen, finding.tried, finding.repetition),
        ", ".join(elsewhere),
        finding.fingerprint,
        known,
    )


def findings_html(case: CaseResult) -> str:
    """Return all that differs in a case as an HTML page with one table, everything escaped.

    A column in which no row says anything is left out.
    """
    rows = _rows(case)
    cells = [_cells(*row) for row in rows[:SHOWN_FINDINGS]]
    used = [number for number in range(len(_COLUMNS)) if any(row[number] for row in cells)]
    head = "".join(f"<th>{_COLUMNS[number]}</th>" for number in used)
    body = "".join(
        f'<tr class="{row[0]}">' + "".join(f"<td>{html(row[number], 300)}</td>" for number in used) + "</tr>"
        for row in cells
    )
    more = f"<p>… and {len(rows) - SHOWN_FINDINGS:,} more in result.json</p>" if len(rows) > SHOWN_FINDINGS else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>findings</title><style>{_STYLE}</style>'
        f"</head><body><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}</body></html>"
    )


def findings_markdown(case: CaseResult, *, shown: int = 20) -> str:
    """Return all that differs as a Markdown table of four columns; empty when there are none."""
    rows = _rows(case)
    if not rows:
        return ""
    lines = ["| difference | where | documented | received |", "| :-- | :-- | :-- | :-- |"]
    for word, finding, known in rows[:shown]:
        how = f" ({BASELINE})" if known.startswith(BASELINE) else " (waived)" if known else ""
        what = f"**{word}** {finding.kind}{how}"
        if often := how_often(finding.seen, finding.tried, finding.repetition):
            what += f", {prose(often, 300)}"
        where = cell(finding.path or "(top level)")
        if finding.of > 1:
            where += f" {finding.occurrences:,} of {finding.of:,}"
        received = without_lead(finding.actual)
        lines.append(f"| {what} | {where} | {cell(finding.expected or '-')} | {cell(received or '-')} |")
    if len(rows) > shown:
        lines.append(f"\n… and {len(rows) - shown:,} more in the attachment.")
    waivers = dict.fromkeys((one.expires, one.reason, one.link) for one in case.waived)
    lines += [f"\nWaived until {day}: {prose(why, 600)} ({link('source', url)})" for day, why, url in waivers]
    return "\n".join(lines)

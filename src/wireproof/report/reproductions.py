"""What is needed to do a finding again without wireproof: per finding a script, and a text for the exchange's desk.

They stand in `reproductions/` beside the other reports, named by the fingerprint, of the worst findings first and of no
more than `MOST`. Nothing in them is of an account: keys and values come from the environment of whoever runs a script.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.counts import counted
from wireproof.escape import one_line, web_address
from wireproof.report.reproduction_scripts import script_of, sent_by
from wireproof.report.storage import replace_file
from wireproof.results.wording import moment, parted

if TYPE_CHECKING:
    from pathlib import Path

    from wireproof.report.reproduction_scripts import Reproduction
    from wireproof.results.conclusion import RunDeviation
    from wireproof.results.model import CaseResult, Observation
    from wireproof.results.run_summary import Summary

FOLDER = "reproductions"

#: So many findings have a script.
MOST = 50

#: So many cases of a finding are looked at for one that can be sent by hand.
_TRIED = 20

_FINGERPRINT = re.compile(r"[0-9a-f]{12}")
_REQUEST_ID = re.compile(r".*(uuid|request-id|trace-id)", re.IGNORECASE)


class Reproduced(Struct, frozen=True, kw_only=True):
    """A finding with the case that shows it, its script, and what is said to the desk."""

    fingerprint: str
    script: Reproduction
    desk: str

    @property
    def name(self) -> str:
        """The name of the script's file."""
        return f"{self.fingerprint}{self.script.suffix}"


def reproductions(summary: Summary, *, most: int = MOST) -> list[Reproduced]:
    """Return what does the differences of a run again, worst first; those of which nothing can be sent have none."""
    run = summary.run
    cases = {case.id: case for case in run.cases}
    contracts = {case.contract for case in run.cases} | {name for one in run.idle for name in one.contracts}
    found: dict[str, Reproduced] = {}
    for one in summary.deviations:
        name = one.finding.fingerprint
        if name in found or not _FINGERPRINT.fullmatch(name):
            continue
        for case in sorted((cases[case] for case in one.cases[:_TRIED]), key=lambda case: case.kind == "rejection"):
            finding = next((each for each in case.findings if each.fingerprint == name), None)
            if finding is None:
                continue
            script = script_of(
                finding,
                case,
                run.endpoints,
                private_stream=run.private_streams.get(case.product, ""),
                tests=not contracts.isdisjoint(_twins(case.contract)),
                hidden=parted(run.target)[0] != "local",
            )
            if script is not None:
                desk = desk_text(summary, one, case, script)
                found[name] = Reproduced(fingerprint=name, script=script, desk=desk)
                break
        if len(found) == most:
            break
    return list(found.values())


def _twins(contract: str) -> set[str]:
    """Return what the contract may be called that only tests what another one does."""
    return {f"{contract}.test", f"{contract.rpartition('.')[0]}.test"}


def cut_words(summary: Summary, written: int) -> str:
    """Return how many differences have a script, where not all do."""
    total = len({one.finding.fingerprint for one in summary.deviations})
    return f"{written:,} of {counted(total, 'difference')} have a script in {FOLDER}/" if written < total else ""


def desk_text(summary: Summary, deviation: RunDeviation, case: CaseResult, script: Reproduction) -> str:
    """Return what to send to the exchange's desk: where it is documented, when, what was expected, what came."""
    run, finding, seen = summary.run, deviation.finding, case.observation
    assert seen is not None
    host = run.endpoints.get(f"{case.product} {'stream' if case.surface == 'event' else case.surface}", run.target)
    rows = {
        "Documentation": web_address(deviation.docs_url) or one_line(deviation.docs_url, 300),
        "Where": f"{one_line(host, 200)} ({run.target})",
        "Request": _asked(case, script),
        "Sent (UTC)": moment(seen.sent_at) if seen.sent_at is not None else "not known",
        "Answered (UTC)": moment(seen.received_at) if seen.received_at is not None else "not known",
        "Request id": _request_id(case, seen),
        "Place": one_line(finding.path, 300) or "the top level",
        "Expected": one_line(finding.expected, 300) or "nothing there",
        "Got": _got(finding.actual, finding.value, private=case.private),
        "How often": f"{deviation.occurrences:,} of {max(deviation.of, deviation.occurrences):,}"
        f" looked at, in {counted(len(deviation.cases), 'case')}" + (f"; {deviation.often}" if deviation.often else ""),
    }
    width = max(map(len, rows)) + 1
    head = f"{one_line(case.subject, 200)}: {finding.kind} at {rows['Place']}"
    lines = [f"Subject: {head}", "", *(f"{f'{name}:':<{width}} {said}" for name, said in rows.items() if said)]
    return "\n".join([*lines, "", f"{script.sends}; the script beside this text shows it again.", ""])


def _asked(case: CaseResult, script: Reproduction) -> str:
    """Return what was sent: the parameters of public requests, the names of those of private ones."""
    sent = sent_by(case.observation, private=case.private) if case.observation is not None else None
    if sent is None or case.surface in {"stream", "event"}:
        return script.sends
    given = {name: value for name, value in sent.params.items() if name not in {"apiKey", "signature", "timestamp"}}
    if case.private:
        return f"{script.sends} with {', '.join(one_line(name, 40) for name in given) or 'no parameters'}"
    return f"{script.sends} {one_line(' '.join(f'{name}={value}' for name, value in given.items()), 300)}".rstrip()


def _got(actual: str, value: str, *, private: bool) -> str:
    if private and value and value in actual and not re.fullmatch(r"[A-Z0-9_ -]{1,40}|-?\d{3,5}", value):
        return "another value than those documented"
    return one_line(actual, 300) or "nothing"


def _request_id(case: CaseResult, seen: Observation) -> str:
    sent = sent_by(seen, private=case.private)
    headers = [f"{name} {value}" for name, value in (seen.headers or {}).items() if _REQUEST_ID.fullmatch(name)]
    return one_line(", ".join(headers) or (sent.number if sent is not None else ""), 200) or "none came with it"


def write_reproductions(found: list[Reproduced], folder: Path) -> list[Path]:
    """Write scripts and texts into the folder of reports, in place of those of an earlier run. Raises OSError."""
    forget_reproductions(folder)
    written = []
    for one in found:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        written.append(replace_file(folder / FOLDER / one.name, one.script.text.encode()))
        written.append(replace_file(folder / FOLDER / f"{one.fingerprint}.txt", one.desk.encode()))
    return written


def forget_reproductions(folder: Path) -> None:
    """Remove what an earlier run left; raises OSError where it cannot."""
    if (folder / FOLDER).is_dir():
        shutil.rmtree(folder / FOLDER)


def reproduction_files(folder: Path) -> dict[str, list[str]]:
    """Return the files in a folder of reports that do a finding again, by its fingerprint, as links from there."""
    found: dict[str, list[str]] = {}
    for file in sorted((folder / FOLDER).glob("*.*")):
        if _FINGERPRINT.fullmatch(file.stem):
            found.setdefault(file.stem, []).append(f"{FOLDER}/{file.name}")
    return found

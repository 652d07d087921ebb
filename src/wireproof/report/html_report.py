"""The Allure 3 report as one HTML file that opens offline and calls nobody."""

from __future__ import annotations

import base64
import gzip
import io
import os
import re
import shutil
import tempfile
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from wireproof.bounds import read_file
from wireproof.errors import WireproofError
from wireproof.escape import one_line
from wireproof.report.allure import TARGET_LABEL, categories_for_allure_3, write_metadata
from wireproof.report.files import ALLURE, SUMMARY, read_history, write_first_screen
from wireproof.report.storage import replace_file
from wireproof.report.tools import ToolsMissingError, find_package, run_node
from wireproof.results.conclusion import place
from wireproof.results.run_summary import gather
from wireproof.results.wording import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wireproof.results.model import RunResult
    from wireproof.results.run_summary import Summary

#: Runs that the report shows of each case, of the same target.
KEPT_RUNS = 10
#: Of the unpacked history: ten runs of 10,000 cases have 35 MB.
HISTORY_BYTES = 200_000_000
#: What is kept of a case that passed in an earlier run; of another one also the rest.
KEPT_OF_PASSED = ("id", "historyId", "environment", "status", "start", "stop", "duration")
TARGETS = ("local", "testnet", "live")
GENERATE_SECONDS = 600
ALLURE_VARIABLE = "WIREPROOF_ALLURE"
# Epic, feature and story say the same, a case's id stands above its title, and categories show differences.
HIDDEN_LABELS = ("parentSuite", "suite", "subSuite", "framework", "language", "case", "difference")

#: Charts that say something of contracts; those by layer and by what a commit covers stay empty here.
CHARTS: list[dict[str, str]] = [
    {"type": "currentStatus", "title": "Cases by status"},
    {"type": "statusDynamics", "title": "Cases by status, run by run"},
    {"type": "statusTransitions", "title": "What changed, run by run"},
    {"type": "statusAgePyramid", "title": "How long cases have been as they are"},
    {"type": "stabilityDistribution", "title": "Stability by product", "groupBy": "epic"},
    {"type": "problemsDistribution", "title": "Problems by target", "by": "environment"},
]

# Allure 3.18 writes a call to Google Analytics into every report and has no switch for it.
_ANALYTICS = re.compile(
    r'<script async src="https://www\.googletagmanager\.com/[^"]*"></script>\s*<script>[^<]*gtag\([^<]*</script>'
)
# Allure opens at the first failing case, past the verdict. Until somebody acts, nothing but the reader scrolls.
_TOP = """<script>
      if (!location.hash) {
        const scrolling = Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop");
        const intoView = Element.prototype.scrollIntoView;
        Object.defineProperty(Element.prototype, "scrollTop", {...scrolling, set() {}});
        Element.prototype.scrollIntoView = () => {};
        const allow = () => {
          Object.defineProperty(Element.prototype, "scrollTop", scrolling);
          Element.prototype.scrollIntoView = intoView;
        };
        for (const act of ["pointerdown", "keydown", "wheel", "touchstart"])
          addEventListener(act, allow, {once: true, capture: true});
      }
    </script>"""
# A tab that stays empty here: wireproof has a bar of its own.
_NO_EMPTY_TAB = '<style>[data-testid="nav-tab-qualityGate"] { display: none }</style>'
# Allure writes each file of a report into the page in base64, ten times as large as it must be.
_FILES = re.compile(r'Promise\.allSettled\(\[((?:d\("[^"]*","[^"]*"\),?)*)\]\)')
_FILE = re.compile(r'd\("([^"]*)","([^"]*)"\)')
_UNPACK = """(async () => {
        const packed = Uint8Array.from(atob("%s"), (one) => one.charCodeAt(0));
        const files = await new Response(
          new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
        await Promise.allSettled(Object.entries(files).map(([name, text]) =>
          d(name, btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("")))));
      })()"""
# What the target sent is shown in the report; none of it may load anything.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src data: blob: '
    "'unsafe-inline' 'unsafe-eval'; connect-src data: blob:; form-action 'none'; base-uri 'self'\">"
)


class HtmlOutcome(Struct, frozen=True):
    """Where the report is, or a sentence that says why there is none."""

    file: Path | None
    sentence: str
    seconds: float = 0.0
    is_unwritten: bool = False  # there was no room, or no permission


def generate_html(
    allure_results: Path,
    html: Path,
    history: Path,
    *,
    run: RunResult,
    attachments: Sequence[Path] = (),
    environ: Mapping[str, str] = os.environ,
) -> HtmlOutcome:
    """Turn `allure_results` into `index.html` in the folder `html` and add the run to `history`.

    Environment, categories and executor are written into `allure_results` first. The report shows the files of
    `attachments` (the summary) beside the cases.

    Never raises for a missing tool: the results stay, and the outcome says in a sentence what is missing.
    """
    started, summary = time.monotonic(), gather(run)
    try:
        with tempfile.TemporaryDirectory(prefix="wireproof-html-", ignore_cleanup_errors=True) as scratch:
            write_metadata(summary, allure_results, environ)
            page = Path(scratch) / "html" / "index.html"
            copy = Path(scratch) / "history.jsonl"
            _copy_history(history, copy)
            config = allure_config(summary, page.parent, copy, attachments)
            _generate(allure_results, config, page, environ)
            file = replace_file(html / "index.html", calm(page.read_text("utf-8")).encode())
            if copy.is_file():
                kept = b"".join(map(_short, copy.read_bytes().splitlines()[-KEPT_RUNS:]))
                replace_file(history, gzip.compress(kept, mtime=0))
    except WireproofError as problem:
        sentence = f"No Allure report was made; the results are in {allure_results}. {problem}"
        return HtmlOutcome(None, sentence, time.monotonic() - started)
    except OSError as problem:
        why = problem.strerror or problem
        sentence = (
            f"The Allure report cannot be written to {html}: {why}. Make room; the results are in {allure_results}."
        )
        return HtmlOutcome(None, sentence, time.monotonic() - started, is_unwritten=True)
    seconds = time.monotonic() - started
    return HtmlOutcome(file, f"{file} was made in {duration(seconds * 1000)}.", seconds)


def html_of_run(run: RunResult, reports: Path) -> HtmlOutcome:
    """Make the Allure report of a run beside its other reports, and link it from their first page."""
    outcome = generate_html(
        reports / "allure-results",
        (reports / ALLURE).parent,
        reports / "allure-history.jsonl.gz",
        run=run,
        attachments=[reports / SUMMARY],
    )
    if outcome.file is not None:
        try:
            write_first_screen(gather(run), read_history(reports, look=True), reports)
        except OSError as problem:
            sentence = f"The first page cannot be written to {reports}: {problem.strerror or problem}. Make room."
            return HtmlOutcome(None, sentence, outcome.seconds, is_unwritten=True)
    return outcome


def _generate(allure_results: Path, config: dict[str, Any], page: Path, environ: Mapping[str, str]) -> None:
    """Run Allure on `allure_results` with `config`, which leaves `page`."""
    scratch = page.parent.parent
    config_file = scratch / "allurerc.mjs"
    config_file.write_text(_module(config), "utf-8")
    done = run_node(
        [allure_cli(environ), "generate", "--cwd", scratch, "--config", config_file, allure_results.resolve()],
        seconds=GENERATE_SECONDS,
        environ=environ,
    )
    if done.returncode != 0 or not page.is_file():
        said = one_line(f"{done.stderr} {done.stdout}", 300) or "nothing"
        raise ToolsMissingError(f"Allure ended with status {done.returncode} and said: {said}")


def _module(config: Mapping[str, Any]) -> str:
    """Return the configuration as a JavaScript module: only a function can say which target a result belongs to."""
    targets = ", ".join(
        f'"{name}": {{name: "{name}", matcher: ({{labels}}) =>'
        f' labels.some((label) => label.name === "{TARGET_LABEL}" && label.value === "{name}")}}'
        for name in TARGETS
    )
    return f"export default {{...{msgspec.json.encode(config).decode()}, environments: {{{targets}}}}};\n"


def _copy_history(history: Path, copy: Path) -> None:
    """Give Allure the lines of `history` that it can read: it gives up on a file with a bad one."""
    try:
        with gzip.open(io.BytesIO(read_file(history))) as packed:
            lines = packed.read(HISTORY_BYTES).splitlines()
    except (OSError, EOFError, zlib.error):
        return
    good = []
    for line in lines[-KEPT_RUNS:]:
        try:
            msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        good.append(line + b"\n")
    copy.write_bytes(b"".join(good))


def _short(line: bytes) -> bytes:
    """Return a run of the history without titles and labels of cases that passed; nobody reads them again."""
    run = msgspec.json.decode(line, type=dict[str, Any])
    for key, case in run.get("testResults", {}).items():
        kept = KEPT_OF_PASSED if case.get("status") == "passed" else (*KEPT_OF_PASSED, "name", "fullName", "message")
        run["testResults"][key] = {name: case[name] for name in kept if name in case} | {"labels": []}
    return msgspec.json.encode(run) + b"\n"


def allure_cli(environ: Mapping[str, str] = os.environ) -> Path:
    """Return Allure's command-line script: the one WIREPROOF_ALLURE names, else ours, installed when missing."""
    named = environ.get(ALLURE_VARIABLE, "")
    if not named:
        return find_package("allure", environ) / "cli.js"
    found = shutil.which(named, path=environ.get("PATH")) or named
    script = Path(found).resolve()  # npm's `allure` is a link to cli.js
    if not script.is_file():
        raise ToolsMissingError(f"{ALLURE_VARIABLE} names {named!r}, which is no file. Give the cli.js of Allure 3.")
    return script


def allure_config(summary: Summary, output: Path, history: Path, attachments: Sequence[Path] = ()) -> dict[str, Any]:
    """Return the configuration of Allure 3 for the run of a summary."""
    name = f"wireproof on {place(summary.run)}: {summary.headline.partition(':')[0].lower()}"
    return {
        "name": name,
        "output": str(output),
        "historyPath": str(history),
        "historyLimit": KEPT_RUNS,
        "appendHistory": True,
        "globalAttachments": [str(file.resolve()) for file in attachments],
        "hideLabels": list(HIDDEN_LABELS),
        "categories": {"rules": categories_for_allure_3()},
        "plugins": {
            "awesome": {
                "options": {
                    "reportName": name,
                    "singleFile": True,
                    "reportLanguage": "en",
                    "groupBy": ["epic", "feature", "story"],
                    "sections": ["charts", "timeline"],
                    "charts": CHARTS,
                    "defaultSortBy": "status,asc",
                }
            },
            # On by default, writes a second report for language models.
            "agent": {"enabled": False},
        },
    }


def calm(page: str) -> str:
    """Return the page as it is kept: without analytics, packed, opening at its top, loading nothing from anywhere."""
    head = f"<head>\n    {_POLICY}\n    {_TOP}\n    {_NO_EMPTY_TAB}"
    return _FILES.sub(_packed, _ANALYTICS.sub("", page), count=1).replace("<head>", head, 1)


def _packed(files: re.Match[str]) -> str:
    """Return what unpacks the files of a page; the files as they are when one of them is no text."""
    try:
        texts = {name: base64.b64decode(coded).decode() for name, coded in _FILE.findall(files[1])}
    except UnicodeDecodeError:
        return files[0]
    return _UNPACK % base64.b64encode(gzip.compress(msgspec.json.encode(texts), mtime=0)).decode()

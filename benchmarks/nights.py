"""How large history and pages are after a year, and how long the report of a night takes.

python benchmarks/nights.py REPORTS [--nights 365]

REPORTS is the folder of a whole run with its `allure-results`. It is repeated night by night, with differences that
come and go; the last nights pass through Allure, so that its history is as long as it gets.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.drift.finding import Finding, Kind, Severity, Verdict
from wireproof.report.files import HISTORY, read_history, read_result, write_first_screen
from wireproof.report.html_report import KEPT_RUNS, html_of_run
from wireproof.report.site import write_site
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from wireproof.results.model import CaseResult

DAY = 86_400_000


def finding_of(case: CaseResult, number: int) -> Finding:
    """Return a made difference of a case."""
    return Finding(
        contract=case.contract,
        path=f"result.field{number}",
        kind=Kind.MISSING_FIELD,
        severity=Severity.BREAKING,
        expected="decimal string",
        actual="nothing",
        occurrences=1,
        of=1,
        fingerprint=f"{number:04d}{zlib.crc32(case.contract.encode()):08x}",
    )


def size(path: Path) -> float:
    """Return the size of a file or a folder in megabytes."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def main() -> None:
    """Simulate the nights and print what they leave."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", type=Path)
    parser.add_argument("--nights", type=int, default=365)
    options = parser.parse_args()
    run = read_result(options.reports / "result.json")
    dice = random.Random(7)  # noqa: S311  # a repeatable year
    begun, name = run.started_at - options.nights * DAY, run.run
    with tempfile.TemporaryDirectory() as scratch:
        folder, history = Path(scratch) / "reports-of" / run.target, None
        folder.mkdir(parents=True)
        report_seconds = []
        for night in range(options.nights):
            run.run, run.started_at = f"{name}-{night}", begun + night * DAY
            for case in run.cases:
                case.findings = []
            for number in range(dice.randrange(30)):
                case = dice.choice(run.cases)
                case.findings, case.verdict = [finding_of(case, number)], Verdict.BREAKING
            history = (history or read_history(folder)).with_run(run)
            if night >= options.nights - KEPT_RUNS:
                history.save(folder / HISTORY)
                if not (folder / "allure-results").exists():
                    shutil.copytree(options.reports / "allure-results", folder / "allure-results")
                    for file in ("summary.md", "result.json"):
                        shutil.copy(options.reports / file, folder)
                begin = time.perf_counter()
                made = html_of_run(run, folder)
                report_seconds.append(time.perf_counter() - begin)
                assert made.file is not None, made.sentence
        begin = time.perf_counter()
        write_first_screen(gather(run), history, folder)
        page_seconds = time.perf_counter() - begin
        write_site(folder.parent, Path(scratch) / "site")
        cases = len(run.cases)
        per_thousand = report_seconds[-1] / cases * 1000
        print(f"{options.nights} nights of {cases:,} cases on {run.target}:")
        print(f"Pages of one target {size(Path(scratch) / 'site'):.1f} MB (bound: 15)")
        print(f"first page {size(folder / 'index.html') * 1000:.0f} kB (bound: 200), made in {page_seconds:.2f} s")
        print(f"Allure in one file {size(folder / 'allure'):.1f} MB (bound: 20)")
        histories = size(folder / HISTORY) + size(folder / "allure-history.jsonl.gz")
        print(f"history of one target {histories:.1f} MB (bound: 10 for all)")
        print(f"Allure's report: {per_thousand:.1f} s for each 1,000 cases (bound: 5)")


if __name__ == "__main__":
    main()

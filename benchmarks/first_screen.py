"""How large the first page of the reports is after a year, how long it takes to make, and to open in Chromium.

python benchmarks/first_screen.py [--differences 10000] [--nights 365] [--repeat 5]
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from timing import best

from wireproof.drift.finding import Finding, Kind, Severity, Verdict, fingerprint
from wireproof.report.first_screen import first_screen
from wireproof.report.history import History
from wireproof.results.model import CaseResult, RunResult
from wireproof.results.run_summary import gather

CONTRACT = "usdm/ws-api/order.place"
DAY = 24 * 60 * 60 * 1000
#: Appended to a copy of the page, which has to allow it: what Chromium dumps then holds the milliseconds.
CLOCK = "<script>addEventListener('load', () => { document.title = `opened in ${performance.now()} ms` })</script>"


def a_run(differences: int, night: int) -> RunResult:
    """Return a run in which each of so many cases shows a difference of its own."""
    cases = [
        CaseResult(
            id=f"{CONTRACT}/case-{number}",
            contract=CONTRACT,
            product="usdm",
            surface="ws-api",
            subject="order.place",
            title=f"case {number}",
            docs_url="https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/websocket-api",
            kind="documented",
            verdict=Verdict.BREAKING,
            findings=[
                Finding(
                    contract=CONTRACT,
                    path=(path := f"result.symbols[].filters[].field{number}"),
                    kind=Kind.TYPE_CHANGED,
                    severity=Severity.BREAKING,
                    expected="decimal string",
                    actual="integer",
                    fingerprint=fingerprint(CONTRACT, path, Kind.TYPE_CHANGED),
                )
            ],
        )
        for number in range(differences)
    ]
    common = {"version": "0", "target": "testnet", "endpoints": {}, "selected": differences, "exercised": differences}
    return RunResult(run=f"night-{night:03}", started_at=1.76e12 + night * DAY, cases=cases, **common)


def opened(page: str, program: str) -> float:
    """Return the milliseconds from the navigation to the end of loading in a browser that was just started."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "index.html"
        file.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page) + CLOCK, "utf-8")
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", file.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found = re.search(r"opened in ([\d.]+) ms", done.stdout)
    assert found is not None, done.stderr
    return float(found[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, number in (("--differences", 10_000), ("--nights", 365), ("--repeat", 5)):
        parser.add_argument(name, type=int, default=number)
    options = parser.parse_args()
    history = History()
    for night in range(options.nights):
        history = history.with_run(a_run(20, night))
    summary = gather(a_run(options.differences, options.nights))
    history = history.with_run(summary.run)
    page = first_screen(summary, history)
    made = best(lambda: first_screen(summary, history), options.repeat)
    print(f"{options.differences} differences after {options.nights} nights: {len(page.encode()):,} bytes")
    print(f"made in {made * 1000:.0f} ms")
    if program := shutil.which("chromium") or shutil.which("google-chrome"):
        quickest = min(opened(page, program) for _ in range(options.repeat))
        print(f"opened in {quickest:.0f} ms, the best of {options.repeat}")


if __name__ == "__main__":
    main()

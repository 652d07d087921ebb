"""`waive` and `baseline`: differences that are known and do not fail a run for a while."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_reports, printing_redactor, refuse_another_day, writing
from wireproof.counts import counted
from wireproof.errors import ExitStatus, UsageError, did_you_mean, only_one
from wireproof.escape import say
from wireproof.run_options import TARGETS, InRange, address, place, text

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands
    from wireproof.contract.store import Store
    from wireproof.drift.finding import Finding
    from wireproof.results.model import CaseResult, RunResult

    Findings = dict[str, tuple[CaseResult, Finding]]


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "waive",
        help="tolerate findings of the last run for some days, for a reason",
        description="Findings are named by fingerprint, of which a unique beginning suffices, or by patterns that all"
        " have to fit, in which * stands for anything.",
        examples=(
            "wireproof waive 6c1d0a --reason 'announced for 1 December' --link https://example.org/note --days 30",
            "wireproof waive --contract 'usdm/rest/*' --only testnet --reason 'testnet lags' --link https://example.org/",
        ),
    )
    command.add_argument(
        "fingerprints", nargs="*", metavar="FINGERPRINT", help="as the report shows it, or how it begins"
    )
    command.add_argument("--contract", metavar="PATTERN", help="every finding of these contracts: 'usdm/rest/*'")
    command.add_argument("--path", metavar="PATTERN", help="every finding at these paths: 'result.symbols[].*'")
    command.add_argument("--kind", metavar="KIND", help="every finding of this kind: undocumented-field")
    command.add_argument(
        "--reason-was", metavar="PATTERN", help="every finding that a waiver with such a reason names, expired or not"
    )
    command.add_argument("--reason", required=True, type=text, metavar="TEXT", help="why it is tolerated")
    command.add_argument("--link", required=True, type=address, metavar="URL", help="where the reason can be read")
    command.add_argument("--days", type=InRange(1, 90), default=90, metavar="N", help="1 to 90; default: 90")
    command.add_argument("--only", action="append", default=[], choices=TARGETS, help="hold on this target only")
    add_reports(command)
    command.set_defaults(command=waive)

    command = commands.add_parser(
        "baseline",
        help="take every difference of a run as known, so that only new ones fail",
        description="Takes each difference that counts in a run into the baseline of the run's target, known since"
        " today. From then on it is counted, and fails no run until the baseline expires; whatever else comes in its"
        " place is new. Unsteady differences are left out: they fail no run.",
        examples=(
            "wireproof baseline reports/testnet --days 90",
            "wireproof baseline reports/testnet --prune   # when some are gone",
        ),
    )
    command.add_argument(
        "source",
        nargs="?",
        type=place,
        default="reports",
        metavar="RUN",
        help="its reports folder or result.json; default: reports",
    )
    command.add_argument("--days", type=InRange(1, 90), default=90, metavar="N", help="1 to 90; default: 90")
    command.add_argument(
        "--prune", action="store_true", help="take nothing; remove the differences that are gone in the run"
    )
    command.set_defaults(command=baseline)


def waive(options: argparse.Namespace) -> int:
    """Write waivers for findings of the last run."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.day import today  # noqa: PLC0415
    from wireproof.drift.waivers import WAIVERS, add_waiver, load_waivers  # noqa: PLC0415
    from wireproof.suite.judging.clean import clean_finding  # noqa: PLC0415

    run = _run(Path(options.reports))
    findings = {finding.fingerprint: (case, finding) for case in run.cases for finding in case.every_finding}
    if not findings:
        raise UsageError(f"The last run, {run.run}, has no finding; there is nothing to waive.")
    none, store = "The last run has no finding with fingerprint", load_store()
    named = [only_one(name, findings, none) for name in options.fingerprints]
    chosen = dict.fromkeys([*named, *_by_pattern(options, findings, store)])
    redactor, day = printing_redactor(), today()
    for case, finding in (findings[name] for name in chosen):
        file = store.file_to_write(f"{store.product(case.product).product}/{WAIVERS}")
        shipped = load_waivers(store.folder / case.product / WAIVERS)
        with writing(file):
            waiver = add_waiver(
                file,
                clean_finding(finding, redactor),
                reason=options.reason,
                link=options.link,
                days=options.days,
                today=day,
                shipped=shipped,
                targets=tuple(options.only),
            )
        say(f"{file}: {waiver.name} is waived until {waiver.expires}.")
    return ExitStatus.OK


def _by_pattern(options: argparse.Namespace, findings: Findings, store: Store) -> list[str]:
    """Return the fingerprints of the findings that fit every pattern; UsageError where none does."""
    from wireproof.drift.finding import Kind, fingerprint  # noqa: PLC0415
    from wireproof.drift.waivers import waivers_of  # noqa: PLC0415

    kinds = [kind.value for kind in Kind]
    if options.kind is not None and options.kind not in kinds:
        raise UsageError(f"There is no kind {options.kind!r}. {did_you_mean(options.kind, kinds)}")
    given = {
        name: value
        for name in ("contract", "path", "kind", "reason_was")
        if (value := getattr(options, name)) is not None
    }
    if not given:
        if options.fingerprints:
            return []
        raise UsageError(
            "Name what to waive: fingerprints of the last run, or --contract, --path, --kind or --reason-was."
        )
    reasons: dict[str, list[str]] = {}
    if "reason_was" in given:
        for product in store.products:
            for waiver in waivers_of(store, product).waivers:
                reasons.setdefault(waiver.fingerprint, []).append(waiver.reason)
    chosen = []
    for name, (_, finding) in findings.items():
        place = fingerprint(finding.contract, finding.path, finding.kind)
        of_it: dict[str, list[str]] = {
            "contract": [finding.contract],
            "path": [finding.path],
            "kind": [finding.kind],
            "reason_was": reasons.get(place, []),
        }
        if all(any(_fits(value, text) for text in of_it[key]) for key, value in given.items()):
            chosen.append(name)
    if not chosen:
        words = ", ".join(f"--{name.replace('_', '-')} {value!r}" for name, value in given.items())
        raise UsageError(f"None of the last run's {counted(len(findings), 'finding')} fits {words}.")
    return chosen


def _fits(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern says, in which `*` stands for anything and all else for itself."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def baseline(options: argparse.Namespace) -> int:
    """Take the differences of a run into the baseline of its target, or remove those that are gone."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.day import today  # noqa: PLC0415
    from wireproof.drift.baseline import BASELINE, prune, take  # noqa: PLC0415
    from wireproof.suite.judging.clean import clean_findings  # noqa: PLC0415

    source = Path(options.source)
    run = _run(source)
    if not run.exercised:
        raise UsageError(f"{source}: nothing was exercised in that run, so that it says nothing about {run.target}.")
    file = load_store().file_to_write(BASELINE)
    if options.prune:
        with writing(file):
            changed = prune(file, run.baseline_gone, target=run.target)
        say(*(one.sentence for one in run.baseline_gone))
        say(f"{file}: {counted(changed, 'difference')} on {run.target} removed." if changed else "Nothing to remove.")
        return ExitStatus.OK
    found, day = [finding for case in run.cases for finding in case.findings], today()
    found = clean_findings(found, printing_redactor())
    with writing(file):
        taken = take(file, found, target=run.target, days=options.days, today=day)
    until = (day + timedelta(days=options.days)).isoformat()
    again = f", {taken.renewed:,} taken again" if taken.renewed else ""
    say(f"{file}: {counted(taken.added, 'new difference')} on {run.target}{again}, known until {until}.")
    unsteady = {finding.fingerprint for case in run.cases for finding in case.unsteady}
    if unsteady:
        say(f"{counted(len(unsteady), 'unsteady difference')} left out.")
    for finding in taken.refused:
        say(f"Not taken, for it counts values without naming them: {finding.contract} {finding.path}: {finding.kind}.")
    return ExitStatus.OK


def _run(source: Path) -> RunResult:
    """Return the run that a folder of reports, or its result.json, holds."""
    from wireproof.report.files import RESULT, read_result  # noqa: PLC0415

    run = read_result(source if source.suffix == ".json" else source / RESULT)
    refuse_another_day(run)
    return run

"""`replay`: the failed cases of a stored run sent again, and what became of each of its findings."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, add_run_options, folder, print_json
from wireproof.counts import counted
from wireproof.errors import ExitStatus, UsageError
from wireproof.escape import one_line, say
from wireproof.run_options import TARGETS, WRITTEN, place

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands
    from wireproof.results.model import RunResult
    from wireproof.results.replayed import ReplayReport

#: Where the reports of a replay go, below the folder of the stored run.
OWN = "replay"


def add_commands(commands: Commands) -> None:
    """Add this module's command."""
    command = commands.add_parser(
        "replay",
        help="send the failed cases of a stored run again: FIXED, STILL, CHANGED or UNKNOWN",
        description="Send exactly the failed cases of a stored run again, with the state that they need, and say of"
        " each of its findings whether it is FIXED, STILL there, CHANGED (and into what), or UNKNOWN: its case was"
        " blocked, or does not exist any more. The reports go to a folder of their own; the stored run stays as it is."
        " `judge` sends nothing: it judges what was recorded. Exit status: 0 all fixed, 1 anything still there or"
        " changed, 3 anything unknown, 4 wireproof itself broke.",
        examples=(
            "wireproof replay   # of reports/result.json, against the same target",
            "wireproof replay reports/testnet --target live --json",
        ),
    )
    command.add_argument(
        "stored",
        nargs="?",
        type=place,
        default="reports",
        metavar="RESULT",
        help="result.json of a run, or the folder that it is in; default: reports",
    )
    command.add_argument("--target", choices=TARGETS, default=None, help="what is asked; default: as the stored run")
    add_run_options(command, "fault", "allow_trading", "max_notional", "no_confirm", "answer_timeout", "show_values")
    reports = command.add_argument_group(WRITTEN)
    reports.add_argument(
        "--reports", type=place, default=None, metavar="DIR", help=f"default: {OWN}/ in the folder of the stored run"
    )
    add_json(command)
    command.set_defaults(command=replay)


def replay(options: argparse.Namespace) -> int:
    """Send the failed cases again, and say what became of the findings."""
    from wireproof.contract.as_of import load_as_of  # noqa: PLC0415
    from wireproof.report.files import RESULT, read_result  # noqa: PLC0415
    from wireproof.results.conclusion import conclude  # noqa: PLC0415
    from wireproof.results.replayed import failed_cases, replayed  # noqa: PLC0415
    from wireproof.suite.planning.cases import plan_cases  # noqa: PLC0415

    stored = Path(options.stored)
    file = stored / RESULT if stored.is_dir() else stored
    past = read_result(file)
    reports = folder("--reports", options.reports or str(file.parent / OWN))
    if reports.resolve() == file.parent.resolve():
        raise UsageError(f"--reports: {reports} holds the stored run, which would be overwritten. Name another folder.")
    _as_a_run(options, past, reports)
    store = load_as_of(options.as_of)
    failed = failed_cases(past)
    concerned = {case.contract for case in failed}
    known = {case.id for case in plan_cases(store, (one for one in store.contracts.values() if one.id in concerned))}
    wanted = [case for case in failed if case.id in known]
    status, now = _send(options, [case.id for case in wanted], reports) if wanted else (ExitStatus.OK, None)
    report = replayed(past, now, known)
    broken = wanted and (now is None or conclude(now).exit_status is ExitStatus.BROKEN)
    if options.json:
        print_json("replay", report)
    else:
        _say(report, past)
    if broken:
        return int(status if now is None and status else ExitStatus.BROKEN)
    return int(report.exit_status)


def _as_a_run(options: argparse.Namespace, past: RunResult, reports: Path) -> None:
    """Give the options that a run has beside those of this command, and refuse what a run would."""
    from wireproof.cli.run_command import refuse_early  # noqa: PLC0415
    from wireproof.results.wording import parted  # noqa: PLC0415

    options.target, options.as_of = options.target or parted(past.target)[0], past.as_of or None
    options.reports, options.fail_on = str(reports), past.fail_on.value
    options.product, options.surface, options.keyword, options.mark = None, None, None, None
    options.no_html, options.rest = True, []
    refuse_early(options)


def _send(options: argparse.Namespace, ids: list[str], reports: Path) -> tuple[int, RunResult | None]:
    """Run these cases and no other one; return the exit status of the run and its result, if it left one."""
    from wireproof.cli.run_command import run_suite  # noqa: PLC0415
    from wireproof.report.files import RESULT, forget_run, prepare_folder, read_result  # noqa: PLC0415

    options.product = ",".join(dict.fromkeys(name.partition("/")[0] for name in ids))
    prepare_folder(reports)
    forget_run(reports)
    cases = reports / ".cache" / "cases.json"
    cases.parent.mkdir(exist_ok=True)
    cases.write_text(json.dumps(ids), "utf-8")
    with contextlib.redirect_stdout(sys.stderr if options.json else sys.stdout):
        status = run_suite(options, f"--cases={cases}")
    file = reports / RESULT
    return status, read_result(file) if file.exists() else None


def _say(report: ReplayReport, past: RunResult) -> None:
    if not report.findings:
        say(f"No case of {past.run} failed: there is nothing to send again.")
        return
    for one in report.findings:
        where = f"{one.contract} {one.path or '(top level)'}: {one.kind}, {one.was} [{one.fingerprint}]"
        say(f"{one.fate:<8} {one_line(where, 400)}")
        if one.now or one.reason:
            say(f"{'':<9}{one_line(f'now: {one.now}' if one.now else one.reason, 600)}")
    fates = [one.fate for one in report.findings]
    numbers = ", ".join(f"{fates.count(fate):,} {fate}" for fate in dict.fromkeys(fates))
    say(f"{counted(len(fates), 'finding')} of {past.run} on {report.target}: {numbers}")

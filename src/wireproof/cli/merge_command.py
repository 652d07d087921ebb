"""`merge`: the reports of several runs, each of a part of the cases, made into those of one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_run_options, folder
from wireproof.errors import ExitStatus
from wireproof.escape import say
from wireproof.run_options import place

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "merge",
        help="make one report of the reports of several runs, such as one of each product",
        description="Merge results, observations, histories and Allure's results into one folder of reports. Name every"
        " folder that there should be: one without a result is missing, and keeps the whole from being good, as do"
        " cases that are in two of them and different versions. The exit status is that of a run.",
        examples=("wireproof merge shards/usdm shards/coinm --into reports",),
    )
    command.add_argument("results", nargs="+", type=place, metavar="DIR", help="folder of a run's reports")
    command.add_argument("--into", type=place, required=True, metavar="DIR", help="where the merged reports go")
    add_run_options(command, "ledgers")
    command.add_argument("--no-html", action="store_true", help="make no Allure report, only index.html")
    command.set_defaults(command=merge)


def merge(options: argparse.Namespace) -> int:
    """Merge, say what the whole comes to, and return the exit status that it deserves."""
    from wireproof.report.files import read_history  # noqa: PLC0415
    from wireproof.report.html_report import html_of_run  # noqa: PLC0415
    from wireproof.report.shards import merge_reports  # noqa: PLC0415
    from wireproof.report.standing_files import check_ledgers  # noqa: PLC0415
    from wireproof.report.summary import terminal_summary  # noqa: PLC0415
    from wireproof.results.run_summary import gather  # noqa: PLC0415

    into = folder("--into", options.into)
    ledgers = check_ledgers(options.ledgers or ())
    shards = [folder("DIR", one) for one in options.results]
    run = merge_reports(shards, into, ledgers=ledgers)
    say(*terminal_summary(gather(run), read_history(into), shutil.get_terminal_size((120, 0)).columns))
    if not options.no_html:
        outcome = html_of_run(run, into)
        say(outcome.sentence)
        if outcome.is_unwritten:
            return ExitStatus.BROKEN
    return run.exit_status

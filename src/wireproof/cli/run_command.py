"""`run`, `judge` and `plan`: the suite, a past run judged again, and what a run would send."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_fail_on, add_reports, add_selection, add_target
from wireproof.counts import counted
from wireproof.errors import ExitStatus, UsageError
from wireproof.escape import say

if TYPE_CHECKING:
    import argparse

    import pytest

    from wireproof.cli.arguments import Commands
    from wireproof.plugin import SuiteRun


#: Beside PYTEST_ADDOPTS and its like: allure-pytest leaves out the cases that this file does not name.
_FOREIGN = frozenset({"ALLURE_TESTPLAN_PATH"})


def add_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "run",
        help="send every request, compare every answer, write the reports",
        description="Everything that is not named here goes to pytest: -k, -m, -x, --lf, --allow-trading, ...",
    )
    add_target(command)
    _add_common(command)
    command.add_argument(
        "--no-confirm",
        action="store_true",
        help="report at once what would fail; without it such a case is exercised twice more before it is reported",
    )
    command.set_defaults(command=run, passes_rest_on=True)

    command = commands.add_parser(
        "judge",
        help="judge a past run again with today's contracts and waivers, without sending anything",
        description="Everything that is not named here goes to pytest, as with `run`.",
    )
    command.add_argument("observations", nargs="?", default="reports/observations.jsonl", metavar="OBSERVATIONS.jsonl")
    _add_common(command)
    command.set_defaults(command=judge, passes_rest_on=True)

    command = commands.add_parser(
        "plan",
        help="what a run would send, without sending anything",
        description="Shown as with the key that the environment names, or else as with one HMAC key.",
    )
    add_target(command)
    add_selection(command)
    command.add_argument("--allow-trading", action="store_true", help="as a run on live with --allow-trading")
    command.set_defaults(command=plan)


def _add_common(command: argparse.ArgumentParser) -> None:
    add_selection(command)
    add_fail_on(command)
    add_reports(command)
    command.add_argument("--no-html", action="store_true", help="write no HTML report")


def run(options: argparse.Namespace) -> int:
    """Run the suite with pytest and make the HTML report of what it leaves."""
    return _run_suite(options, *(["--no-confirm"] if options.no_confirm else []), target=options.target)


def judge(options: argparse.Namespace) -> int:
    """Judge recorded observations with the same suite and the same reports."""
    from wireproof.report.files import RESULT, read_observations, read_result  # noqa: PLC0415  # only this needs them

    file = Path(options.observations)
    read_observations(file)  # before pytest starts: it would say the same in more words
    if (past := file.with_name(RESULT)).exists():
        read_result(past)
    return _run_suite(options, judge=str(file))


def _run_suite(options: argparse.Namespace, *flags: str, **more: str) -> int:

    from wireproof.report.files import forget_run, prepare_folder  # noqa: PLC0415

    reports, suite_tests = Path(options.reports), suite_folder()
    given = {"fail-on": options.fail_on, "reports": str(reports), **more}
    given |= {name: value for name, value in (("product", options.product), ("surface", options.surface)) if value}
    prepare_folder(reports)
    collected = _Collected(None if "judge" in more else reports)
    status = _pytest(
        [
            *("-p", "wireproof.plugin", "-c", str(Path(__file__).parents[1] / "pytest.ini"), "--tb=short"),
            *(
                f"--rootdir={suite_folder()}",
                "--import-mode=importlib",
                "-o",
                f"cache_dir={(reports / '.cache').resolve()}",
            ),
            *(f"--alluredir={reports / 'allure-results'}", "--clean-alluredir", "--allure-no-capture"),
            f"--junitxml={reports / 'junit.xml'}",
            *(f"--{name}={value}" for name, value in given.items()),
            *flags,
            *options.rest,
            str(suite_tests),
        ],
        collected,
    )
    suite = collected.suite
    if suite is not None and suite.broke:  # the plugin has said it
        return int(ExitStatus.BROKEN)
    if suite is None or suite.result is None:
        if status and collected.would_send:
            forget_run(reports)
        return _status_without_result(int(status), suite)
    if not options.no_html and not _make_html(reports, suite):
        return int(ExitStatus.BROKEN)
    return int(suite.result.exit_status)


class _Collected:
    """Gets hold of the suite's run from within a pytest session.

    `reports` is the folder of which the last run is forgotten, in a session that sends something.
    """

    def __init__(self, reports: Path | None) -> None:
        self.suite: SuiteRun | None = None
        self.would_send = reports is not None
        self._reports = reports

    def pytest_configure(self, config: pytest.Config) -> None:
        """Take hold of the run, which its plugin has registered first of all."""
        from wireproof.report.files import forget_run  # noqa: PLC0415

        self.suite = config.pluginmanager.getplugin("wireproof-run")
        asked = ("collectonly", "help", "version", "showfixtures", "show_fixtures_per_test", "markers", "cacheshow")
        if any(getattr(config.option, name, False) for name in asked):
            self.would_send = False
        if self._reports is not None and self.would_send:
            forget_run(self._reports)


def _pytest(arguments: list[str], collected: _Collected) -> int:
    """Run pytest without what the environment tells other sessions of it; nothing but the command line counts here."""
    import pytest  # noqa: PLC0415

    foreign = [name for name in os.environ if name.startswith("PYTEST_") or name in _FOREIGN]
    put_aside = {name: os.environ.pop(name) for name in foreign}
    try:
        # wireproof loads the plugins that it needs; others that happen to be installed could alter the run.
        return int(pytest.main(["--disable-plugin-autoload", *arguments], plugins=[collected]))
    finally:
        os.environ.update(put_aside)


def _make_html(reports: Path, suite: SuiteRun) -> bool:
    """Make the HTML report and say where it is, or why there is none; return whether it could be written."""
    from wireproof.report.html_report import html_of_run  # noqa: PLC0415  # only this needs it

    assert suite.result is not None
    outcome = html_of_run(suite.result, reports)
    say(outcome.sentence)
    return not outcome.is_unwritten


def _status_without_result(status: int, suite: SuiteRun | None) -> int:
    """Translate pytest's exit status of a session in which nothing was sent."""
    if suite is not None and suite.error is not None:
        return int(suite.error.exit_status)
    if status == 5:
        left_out = suite.left_out if suite is not None else {}
        why = "; ".join(f"{counted(number, 'case')}: {reason}" for reason, number in left_out.items())
        nothing = "no case fits the selection; `wireproof plan` lists them"
        say(f"wireproof: {f'every selected case is left out ({why})' if why else nothing}.", stream=sys.stderr)
    return int({0: ExitStatus.OK, 4: ExitStatus.USAGE, 5: ExitStatus.USAGE}.get(status, ExitStatus.BROKEN))


def suite_folder() -> Path:
    """Return the folder of the suite: the installed wheel's own, or the checkout's."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_data" / "suite"
    folder = installed if installed.is_dir() else package.parents[1] / "tests" / "contract"
    if not folder.is_dir():
        raise UsageError(f"{folder}: the suite is not there. Install wireproof again, or run it from a checkout.")
    return folder


def plan(options: argparse.Namespace) -> int:
    """Print what a run would send, in order, with its weight and its shortest duration, and what it leaves out."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.suite.planning.cases import plan_cases  # noqa: PLC0415
    from wireproof.suite.planning.preview import left_out_lines, plan_lines  # noqa: PLC0415
    from wireproof.suite.planning.selection import split  # noqa: PLC0415
    from wireproof.suite.target import imagined_target  # noqa: PLC0415

    store = load_store()
    cases = plan_cases(store, store.select(product=options.product, surface=options.surface))
    excluded: dict[str, str] = {}
    if options.target != "local":  # where nothing is left out
        products = [store.products[name] for name in {case.contract.product for case in cases}]
        selection = split(cases, imagined_target(options.target, products, allow_trading=options.allow_trading))
        cases, excluded = selection.send, selection.excluded
    for line in (*plan_lines(store, cases, target=options.target), *left_out_lines(excluded)):
        say(line)
    return ExitStatus.OK

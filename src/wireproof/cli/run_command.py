"""`run`, `judge` and `plan`: the suite, a past run judged again, and what a run would send."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_expressions, add_json, add_run_options, group_of, print_json
from wireproof.counts import counted
from wireproof.errors import ExitStatus, UsageError, did_you_mean, nearest
from wireproof.escape import say
from wireproof.run_options import ONE_PROCESS, RUN_OPTIONS, WRITTEN, place, suite_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    import pytest

    from wireproof.cli.arguments import Commands
    from wireproof.plugin import SuiteRun


#: Beside PYTEST_ADDOPTS and its like: allure-pytest leaves out the cases that this file does not name.
_FOREIGN = frozenset({"ALLURE_TESTPLAN_PATH"})
#: Options of pytest-xdist.
_WORKERS = re.compile(r"-n(=?(\d+|auto|logical))?|--(numprocesses|maxprocesses|dist|tx)(=.*)?")


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "run",
        help="send every request, compare every answer, write the reports",
        description="Send every request, compare every answer, write the reports. "
        "What is not named here goes to pytest: -x stops at the first failure, --lf repeats what failed last,"
        " --collect-only lists, -v and -q say more or less, -p loads a plugin.",
        passes_rest_on=True,
        examples=(
            "wireproof run -k order.place   # the local venue, which the run starts and stops",
            "wireproof run -m 'public and not stream' --target live",
            "wireproof run --target testnet --product usdm --fail-on risky --reports reports/testnet",
            "wireproof run --target live --allow-trading --max-notional 20 -k order.place",
            "wireproof run -k order.place --as-of 2025-11-01   # contracts and venue of that day",
            (
                "wireproof run -k depth"
                """ --fault '{"kind": "drift", "method": "depth", "remove": ["result.E"], "times": null}'"""
            ),
        ),
    )
    add_run_options(command)
    _add_common(command)
    command.set_defaults(command=run)

    command = commands.add_parser(
        "judge",
        help="judge a past run again with today's contracts and waivers, without sending anything",
        description="Judge a past run again with today's contracts and waivers, without sending anything; `replay` is"
        " what sends its failed cases again. What is not named here goes to pytest, as with `run`.",
        passes_rest_on=True,
        examples=(
            "wireproof judge reports/observations.jsonl --reports again",
            "wireproof judge reports/observations.jsonl --reports again --fail-on additive -k ticker",
        ),
    )
    command.add_argument(
        "observations",
        nargs="?",
        type=place,
        default="reports/observations.jsonl",
        metavar="OBSERVATIONS.jsonl",
        help="what the run left, with result.json beside it; default: reports/observations.jsonl",
    )
    add_run_options(command, "product", "surface", "as_of", "ledgers", "fail_on", "no_confirm", "reports")
    _add_common(command)
    command.set_defaults(command=judge)

    command = commands.add_parser(
        "plan",
        help="what a run would send, without sending anything",
        description="List what a run would send, what it costs and how long it takes at least, without sending"
        " anything. Shown as with the key that the environment names, or else as with one HMAC key.",
        examples=(
            "wireproof plan --target testnet",
            "wireproof plan --product usdm -m 'not trading' --sort cost",
            "wireproof plan -k order.place --as-of 2025-11-01   # before there were algo orders",
            "wireproof plan -k order.place --json",
        ),
    )
    add_run_options(command, "target", "product", "surface", "as_of", "allow_trading")
    add_expressions(command)
    command.add_argument(
        "--sort", choices=("start", "cost"), default="start", help="as a run starts them, or the dearest first"
    )
    add_json(command)
    command.set_defaults(command=plan)


def _add_common(command: argparse.ArgumentParser) -> None:
    add_expressions(command)
    group_of(command, WRITTEN).add_argument(
        "--no-html", action="store_true", help="make no Allure report, only reports/index.html"
    )


def run(options: argparse.Namespace) -> int:
    """Run the suite with pytest and make the Allure report of what it leaves."""
    from wireproof.report.files import forget_run  # noqa: PLC0415

    try:
        refuse_early(options)
    except UsageError:
        forget_run(Path(options.reports))  # what an earlier run left would seem to be of this one
        raise
    return run_suite(options)


def judge(options: argparse.Namespace) -> int:
    """Judge recorded observations with the same suite and the same reports."""
    from wireproof.report.files import RESULT, read_observations, read_result  # noqa: PLC0415  # only this needs them

    refuse_early(options)
    file = Path(options.observations)
    read_observations(file)  # before pytest starts: it would say the same in more words
    if (past := file.with_name(RESULT)).exists():
        read_result(past)
    return run_suite(options, f"--judge={file}")


def run_suite(options: argparse.Namespace, *flags: str) -> int:
    """Run the suite with pytest, with more flags of its plugin; return the exit status that this comes to."""
    from wireproof.report.files import FIRST_SCREEN, forget_run, prepare_folder  # noqa: PLC0415

    reports, suite_tests = Path(options.reports), suite_folder()
    if not suite_tests.is_dir():
        raise UsageError(f"{suite_tests}: the suite is not there. Install wireproof again, or run it from a checkout.")
    prepare_folder(reports)
    collected = _Collected(None if flags else reports)
    status = _pytest(
        [
            *("-p", "wireproof.plugin", "-c", str(Path(__file__).parents[1] / "pytest.ini"), "--tb=short"),
            *(
                f"--rootdir={suite_tests}",
                "--import-mode=importlib",
                "-o",
                f"cache_dir={(reports / '.cache').resolve()}",
            ),
            *(f"--alluredir={reports / 'allure-results'}", "--clean-alluredir", "--allure-no-capture"),
            f"--junitxml={reports / 'junit.xml'}",
            *_given(options),
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
        if status == 4 and (near := _misspelt(options)):
            say(near, stream=sys.stderr)
        return _status_without_result(int(status), suite, options.keyword)
    is_written = options.no_html or _make_html(reports, suite)
    if (reports / FIRST_SCREEN).is_file():
        say(str(reports / FIRST_SCREEN))
    return int(suite.result.exit_status if is_written else ExitStatus.BROKEN)


def refuse_early(options: argparse.Namespace) -> None:
    """Raise UsageError for what pytest would refuse in more words, or not at all."""
    if getattr(options, "fault", None):
        from wireproof.venue.base.faults import Faults  # noqa: PLC0415  # only this needs them

        try:
            Faults().add_documents([json.loads(one) for one in options.fault])
        except (ValueError, RecursionError) as error:
            raise UsageError(f"--fault: {error}") from error
    from wireproof.contract.as_of import load_as_of  # noqa: PLC0415
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.report.standing_files import check_ledgers  # noqa: PLC0415
    from wireproof.suite.planning.choosing import refuse_unsound  # noqa: PLC0415

    check_ledgers(getattr(options, "ledgers", None) or ())

    if any(_WORKERS.fullmatch(argument) for argument in options.rest):
        raise UsageError(ONE_PROCESS)
    products = [file.parent.name for file in default_folder().glob("*/product.json")]
    for name in options.product.split(",") if products and options.product is not None else ():
        if name not in products:
            raise UsageError(f"There is no product {name!r}. {did_you_mean(name, products)}")
    refuse_unsound(options.keyword, options.mark)
    if options.as_of is not None:
        load_as_of(options.as_of)  # refuses a day before anything is known


def _given(options: argparse.Namespace) -> Iterator[str]:
    """Yield the options of a run as pytest takes them."""
    for option in RUN_OPTIONS:
        value = getattr(options, option.name, None)
        if value is True:
            yield option.flag
        elif value not in (None, False):
            yield from (f"{option.flag}={one}" for one in (value if isinstance(value, list) else [value]))
    for flag, value in (("-k", options.keyword), ("-m", options.mark)):
        if value is not None:
            yield f"{flag}={value}"


def _misspelt(options: argparse.Namespace) -> str:
    """Return what may have been meant by an option that pytest refused; empty when nothing is near."""
    flags = [*(option.flag for option in RUN_OPTIONS), "--no-html"]
    for argument in options.rest:
        if argument.startswith("--") and (near := nearest(argument.partition("=")[0], flags)):
            return f"wireproof: did you mean {near!r}? `wireproof run --help` lists the options."
    return ""


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
        if self.suite is not None:
            self.suite.ends_with_pytest = False
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
    """Make the Allure report and say where it is, or why there is none; return whether it could be written."""
    from wireproof.report.html_report import html_of_run  # noqa: PLC0415  # only this needs it

    assert suite.result is not None
    say(f"Making the Allure report of {counted(len(suite.result.cases), 'case')}.")
    outcome = html_of_run(suite.result, reports)
    say(outcome.sentence)
    return not outcome.is_unwritten


def _status_without_result(status: int, suite: SuiteRun | None, keyword: str | None) -> int:
    """Translate pytest's exit status of a session in which nothing was sent."""
    if suite is not None and suite.error is not None:
        return int(suite.error.exit_status)
    if status == 5:
        from wireproof.suite.planning.choosing import hint  # noqa: PLC0415

        left_out = suite.left_out if suite is not None else {}
        why = "; ".join(f"{counted(number, 'case')}: {reason}" for reason, number in left_out.items())
        near = hint(keyword, suite.cases()) if suite is not None and keyword else ""
        nothing = f"no case fits the selection. {near or '`wireproof plan` lists them.'}"
        say(f"wireproof: {f'every selected case is left out ({why}).' if why else nothing}", stream=sys.stderr)
    return int({0: ExitStatus.OK, 4: ExitStatus.USAGE, 5: ExitStatus.USAGE}.get(status, ExitStatus.BROKEN))


def plan(options: argparse.Namespace) -> int:
    """Print what a run would send, in order, with its weight and its shortest duration, and what it leaves out."""
    from msgspec.structs import replace  # noqa: PLC0415

    from wireproof.contract.as_of import load_as_of  # noqa: PLC0415
    from wireproof.results.wording import on_day  # noqa: PLC0415
    from wireproof.suite.planning.cases import plan_cases  # noqa: PLC0415
    from wireproof.suite.planning.choosing import chosen  # noqa: PLC0415
    from wireproof.suite.planning.preview import plan_lines, preview  # noqa: PLC0415
    from wireproof.suite.planning.selection import split  # noqa: PLC0415
    from wireproof.suite.target import imagined_target  # noqa: PLC0415

    store = load_as_of(options.as_of)
    cases = plan_cases(store, store.select(product=options.product, surface=options.surface))
    cases = chosen(cases, options.keyword, options.mark)
    excluded: dict[str, str] = {}
    if options.target != "local":  # where nothing is left out
        products = [store.products[name] for name in {case.contract.product for case in cases}]
        selection = split(cases, imagined_target(options.target, products, allow_trading=options.allow_trading))
        cases, excluded = selection.send, selection.excluded
    if options.keyword is None and options.mark is None:  # which of these an expression would choose, nobody can say
        excluded |= store.select_left_out(product=options.product, surface=options.surface)
    made = preview(store, cases, target=options.target, by_cost=options.sort == "cost", excluded=excluded)
    made = replace(made, target=on_day(made.target, store.day))
    if options.json:
        print_json("plan", made)
        return ExitStatus.OK
    for line in plan_lines(made):
        say(line)
    return ExitStatus.OK

"""The `wireproof` command.

Exit status: 0 nothing at or above `--fail-on`; 1 findings at or above it; 2 usage, configuration or contract-file
error; 3 blocked, or fewer cases exercised than the selection contains; 4 wireproof itself broke.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof import __version__
from wireproof.errors import ExitStatus, UsageError, WireproofError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from wireproof.plugin import SuiteRun

    Command = Callable[[argparse.Namespace], int]

PRODUCT_HELP = "only this product, such as usdm"
SURFACE_HELP = "only this surface: ws-api, rest, stream or event"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; every error that is expected is one sentence on stderr."""
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if rest and options.command is not run:
        parser.error(f"unrecognised arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        return int(options.command(options))
    except WireproofError as error:
        print(f"wireproof: {error}", file=sys.stderr)
        return int(error.exit_status)
    except KeyboardInterrupt:
        print("wireproof: stopped.", file=sys.stderr)
        return int(ExitStatus.BLOCKED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; say nothing more
        return int(ExitStatus.OK)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wireproof", description="Contract tests for Binance's derivatives APIs.")
    parser.add_argument("--version", action="version", version=f"wireproof {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    command = commands.add_parser(
        "run",
        help="send every request, compare every answer, write the reports",
        description="Everything that is not named here goes to pytest: -k, -m, -x, --lf, ...",
    )
    _add_selection(command)
    command.add_argument("--fail-on", choices=["additive", "risky", "breaking"], default="breaking")
    command.add_argument("--reports", default="reports", metavar="DIR", help="default: reports")
    command.add_argument("--no-html", action="store_true", help="write no HTML report")
    command.set_defaults(command=run)

    command = commands.add_parser("venue", help="serve the local stand-in for the exchange")
    command.add_argument("--port", type=int, default=0, help="default: a free one")
    command.add_argument("--latency", type=float, default=0, metavar="MS", help="delay of every answer")
    command.add_argument("--seed", type=int, default=1, help="of the market maker; default: 1")
    command.add_argument("--credentials", metavar="FILE", help="write the test accounts to this file, as JSON")
    command.set_defaults(command=venue)

    command = commands.add_parser("plan", help="what a run would send, without sending anything")
    _add_selection(command)
    command.set_defaults(command=plan)

    _add_contracts(commands)
    return parser


def _add_selection(command: argparse.ArgumentParser) -> None:
    command.add_argument("--target", choices=["local", "testnet", "live"], default="local")
    command.add_argument("--product", help=PRODUCT_HELP)
    command.add_argument("--surface", help=SURFACE_HELP)


def _add_contracts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("contracts", help="look at the stored contracts")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    command = actions.add_parser("list", help="one line per contract")
    command.add_argument("--product", help=PRODUCT_HELP)
    command.add_argument("--surface", help=SURFACE_HELP)
    command.set_defaults(command=contracts_list)
    command = actions.add_parser("check", help="every file valid, every case resolvable")
    command.set_defaults(command=contracts_check)


def run(options: argparse.Namespace) -> int:
    """Run the suite with pytest and make the HTML report of what it leaves."""
    import pytest  # noqa: PLC0415  # other commands start faster without it

    from wireproof.report.html import generate_html  # noqa: PLC0415

    suite, reports = suite_folder(), Path(options.reports)
    given = {"--target": options.target, "--fail-on": options.fail_on, "--reports": str(reports)}
    given |= {name: value for name, value in (("--product", options.product), ("--surface", options.surface)) if value}
    status = pytest.main(
        [
            *("-p", "wireproof.plugin", "-c", str(Path(__file__).parent / "pytest.ini"), f"--rootdir={suite}"),
            *("-o", f"cache_dir={(reports / '.cache').resolve()}", "--import-mode=importlib", "--tb=short"),
            *(f"{name}={value}" for name, value in given.items()),
            *(f"--alluredir={reports / 'allure-results'}", "--clean-alluredir", f"--junitxml={reports / 'junit.xml'}"),
            *options.rest,
            str(suite),
        ],
        plugins=(collected := _Collected()).as_list(),
    )
    suite_run = collected.suite_run
    if suite_run is not None and suite_run.result is None and suite_run.error is not None:
        return int(suite_run.error.exit_status)
    if suite_run is None or suite_run.result is None:
        return _status_without_result(int(status))
    if not options.no_html:
        outcome = generate_html(
            reports / "allure-results", reports / "html", reports / "allure-history.jsonl", run=suite_run.result
        )
        print(outcome.sentence)
    return int(suite_run.result.exit_status)


class _Collected:
    """Gets hold of the suite's run from within a pytest session."""

    def __init__(self) -> None:
        self.suite_run: SuiteRun | None = None

    def as_list(self) -> list[object]:
        return [self]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.suite_run = session.config.pluginmanager.getplugin("wireproof-run")


def _status_without_result(status: int) -> int:
    """Translate pytest's exit status of a session in which nothing was sent."""
    if status == 5:
        print("wireproof: no case fits the selection; `wireproof plan` lists them.", file=sys.stderr)
    return int({0: ExitStatus.OK, 4: ExitStatus.USAGE, 5: ExitStatus.USAGE}.get(status, ExitStatus.BROKEN))


def suite_folder() -> Path:
    """Return the folder of the suite: the installed wheel's own, or the checkout's."""
    package = Path(__file__).resolve().parent
    installed = package / "_data" / "suite"
    folder = installed if installed.is_dir() else package.parents[1] / "tests" / "contract"
    if not folder.is_dir():
        raise UsageError(f"{folder}: the suite is not there. Install wireproof again, or run it from a checkout.")
    return folder


def venue(options: argparse.Namespace) -> int:
    """Serve the local venue in the foreground."""
    from wireproof.venue.__main__ import main as serve  # noqa: PLC0415  # only this command needs it

    arguments = [f"--port={options.port}", f"--latency={options.latency:g}", f"--seed={options.seed}"]
    return serve([*arguments, *([f"--credentials={options.credentials}"] if options.credentials else [])])


def plan(options: argparse.Namespace) -> int:
    """Print what a run would send, in order, with its weight and its shortest possible duration."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.suite.cases import plan_cases  # noqa: PLC0415
    from wireproof.suite.plan import plan_lines  # noqa: PLC0415

    store = load_store()
    cases = plan_cases(store, store.select(product=options.product, surface=options.surface))
    for line in plan_lines(store, cases, target=options.target):
        print(line)
    return ExitStatus.OK


def contracts_list(options: argparse.Namespace) -> int:
    """Print one line per contract."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.suite.cases import cases_of  # noqa: PLC0415

    store = load_store()
    for contract in store.select(product=options.product, surface=options.surface):
        cases = len(cases_of(contract, store.products[contract.product]))
        print(f"{contract.id:60} {contract.subject:45} {len(contract.examples)} examples, {cases} cases")
    return ExitStatus.OK


def contracts_check(_options: argparse.Namespace) -> int:
    """Check every contract file; print each problem and return 2 when there is one."""
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.suite.check import check  # noqa: PLC0415

    report = check(default_folder())
    for line in report.problems:
        print(line, file=sys.stderr)
    print(report.summary)
    return ExitStatus.USAGE if report.problems else ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())

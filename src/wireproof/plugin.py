"""The pytest plugin: options, parametrisation, and the conductor behind every case.

Loaded by the checkout's `conftest.py` and by `wireproof run`. It does nothing in a session without cases.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from _pytest._code.code import ExceptionChainRepr

from wireproof.contract.as_of import load_as_of
from wireproof.contract.variables import refuse_unknown
from wireproof.day import today
from wireproof.drift.baseline import Baseline, baseline_of
from wireproof.drift.explain import readable
from wireproof.drift.finding import Severity
from wireproof.drift.waivers import Waivers, waivers_of
from wireproof.errors import ExitStatus, WireproofError
from wireproof.escape import SENTENCE, EscapingFilter, one_line, terminal
from wireproof.report.allure import AllureCases, AllureWriting, ResultFiles, end_test
from wireproof.report.files import (
    FIRST_SCREEN,
    RESULT,
    forget_run,
    prepare_folder,
    read_history,
    read_observations,
    read_result,
    write_reports,
)
from wireproof.report.progress import Progress
from wireproof.report.standing_files import add_standings, check_ledgers
from wireproof.report.summary import terminal_summary
from wireproof.report.unforeseen import explain
from wireproof.results.conclusion import is_failure
from wireproof.results.run_summary import gather
from wireproof.results.wording import how_often, moment, on_day
from wireproof.run_options import ONE_PROCESS, RUN_OPTIONS, suite_folder
from wireproof.suite.judging.clean import ordinary_words
from wireproof.suite.judging.judge import Judge
from wireproof.suite.judging.repetition import Confirming
from wireproof.suite.planning.cases import PlannedCase, plan_cases
from wireproof.suite.planning.expressions import chooser
from wireproof.suite.planning.selection import Selection, counted, split
from wireproof.suite.products.registry import sources_of
from wireproof.suite.run_context import RunContext
from wireproof.suite.running.compile_run import compile_run
from wireproof.suite.running.conductor import Conductor
from wireproof.suite.running.replay import Replay, select_again
from wireproof.suite.state.journal import Journal
from wireproof.suite.target import open_target, recorded_target
from wireproof.suite.vocabulary.marks import MARKS
from wireproof.wire.limits import tightest
from wireproof.wire.secrets.redact import RedactingFilter, Redactor
from wireproof.wire.venue_control import VenueControl

if TYPE_CHECKING:
    import warnings
    from collections.abc import AsyncIterator, Awaitable, Callable, Container, Generator

    from wireproof.contract.store import Store
    from wireproof.drift.waivers import Waivers
    from wireproof.results.model import CaseResult, Observation, RunResult
    from wireproof.suite.target import Target

ALLURE_CASES = pytest.StashKey[AllureCases]()
WRITING = pytest.StashKey[AllureWriting]()


#: Plugins that the suite cannot do without, by the names under which pytest loads them by itself.
NEEDED_PLUGINS = {"asyncio": "pytest_asyncio.plugin", "allure_pytest": "allure_pytest.plugin"}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add wireproof's options, and load what it needs where plugins do not load by themselves."""
    for name, module in NEEDED_PLUGINS.items():
        if not pluginmanager.has_plugin(name):
            pluginmanager.register(import_module(module), name)
    group = parser.getgroup("wireproof")
    for option in RUN_OPTIONS:
        group.addoption(option.flag, **option.more)
    group.addoption("--judge", metavar="FILE", help="judge the observations of a past run again; nothing is sent")
    group.addoption("--cases", metavar="FILE", help="only the cases whose ids this file lists, as JSON")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marks and the plugin's run. UsageError where workers of pytest-xdist would each run the suite."""
    if getattr(config.option, "tx", None) and any(map(_holds_the_suite, config.args)):
        raise pytest.UsageError(one_line(ONE_PROCESS, SENTENCE))
    for name, mark in MARKS.items():
        config.addinivalue_line("markers", f"{name}: {mark.meaning}")
    config.pluginmanager.register(SuiteRun(config), "wireproof-run")
    cases = AllureCases(on_day(config.getoption("--target"), config.getoption("--as-of") or ""))
    writing = AllureWriting()
    for helper in (cases, writing):
        helper.register()
        config.add_cleanup(helper.unregister)
    config.stash[WRITING] = writing
    config.stash[ALLURE_CASES] = cases


def pytest_sessionstart(session: pytest.Session) -> None:
    """Take over the files of Allure results, once allure-pytest has registered its writer."""
    if (files := ResultFiles.take_over()) is not None:
        session.config.add_cleanup(files.give_back)


def _holds_the_suite(argument: str) -> bool:
    """Whether what pytest was told to run contains the suite, or a part of it."""
    place, suite = Path(argument.partition("::")[0]).resolve(), suite_folder()
    return place == suite or suite in place.parents or place in suite.parents


class SuiteRun:
    """One run: selects, sends, judges and reports. `result` is there once the session is over."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.reports = Path(config.getoption("--reports"))
        self.fail_on = Severity(config.getoption("--fail-on"))
        self.result: RunResult | None = None
        self.error: WireproofError | None = None
        self.broke = ""  # of an error that nobody foresaw: what is said of it
        self.ends_with_pytest = True  # nothing is said after pytest's own summary
        self._failed: list[tuple[str, pytest.TestReport]] = []  # ids of cases, with what pytest would show of them
        self._store: Store | None = None
        self._cases: list[PlannedCase] | None = None
        self._waivers: dict[str, Waivers] = {}
        self._baseline = Baseline()
        self._target: Target | None = None
        self._selection: Selection | None = None
        self._run: RunContext | Replay | None = None
        self._conductor: Conductor | Replay | None = None
        self._observations: list[Observation] | None = None
        self._past: RunResult | None = None  # whose observations are judged again
        self._skipped: dict[str, CaseResult] = {}
        self._session: pytest.Session | None = None
        self._started_at = time.time() * 1000
        self._today = datetime.now(UTC).date()
        self._ledgers: list[Path] = []

    # -- collection ------------------------------------------------------------------------------------------------

    def cases(self) -> list[PlannedCase]:
        """Return every case of the product and surface asked for; read once."""
        if self._cases is None:
            option = self.config.getoption
            try:
                refuse_unknown()
                self._store = load_as_of(self._day())
                titles = {name: product.title for name, product in self._store.products.items()}
                self.config.stash[ALLURE_CASES].titles = titles
                contracts = self._store.select(product=option("--product"), surface=option("--surface"))
                self._waivers = {name: waivers_of(self._store, name) for name in self._store.products}
                self._baseline = baseline_of(self._store)
                self._cases = plan_cases(self._store, contracts)
            except WireproofError as error:
                # Raised here, it would be a traceback per test file; raised after collection, it is one sentence.
                self.error, self._cases = error, []
        return self._cases

    def _day(self) -> str | None:
        """Return the day as of which contracts are taken; without an option, that of the run which is judged again."""
        day: str | None = self.config.getoption("--as-of")
        if day is not None or not self.config.getoption("--judge"):
            return day
        past = Path(self.config.getoption("--judge")).with_name(RESULT)
        self._past = read_result(past) if past.exists() else None
        return (self._past.as_of if self._past is not None else "") or None

    def _listed(self) -> list[PlannedCase]:
        """Return the cases that may be run: those of a list, where one is given."""
        file = self.config.getoption("--cases")
        if file is None:
            return self.cases()
        try:
            listed = set(json.loads(Path(file).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise pytest.UsageError(one_line(f"--cases: {file} is no list of ids: {error}.", SENTENCE)) from None
        return [case for case in self.cases() if case.id in listed]

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each suite test the cases of its kind that `-k` and `-m` leave in."""
        wanted = getattr(metafunc.function, "case_kinds", None)
        if wanted is not None:
            option = self.config.option
            keep = chooser(metafunc.definition, option.keyword, option.markexpr)
            cases = [case for case in self._listed() if case.kind in wanted and keep(case)]
            metafunc.parametrize(
                "case", [pytest.param(c, id=c.id, marks=[getattr(pytest.mark, m) for m in c.marks]) for c in cases]
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, object, None]:
        """Open the target and leave out of the selection what policy forbids there."""
        if self.error is not None:
            raise pytest.UsageError(one_line(str(self.error), SENTENCE))
        # A test function for a kind of which there is no case stands in the list once, without a case.
        items[:] = [item for item in items if case_of(item) is not None or not _wants_cases(item)]
        yield
        self._open_target(config, items)

    def _open_target(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        selected = [case for item in items if (case := case_of(item)) is not None]
        if not selected or config.getoption("collectonly"):
            return
        try:
            prepare_folder(self.reports)
            self._ledgers = check_ledgers(self.config.getoption("--ledgers") or ())
            self._today = today()
            if config.getoption("--judge"):
                self._read_observations(selected, items)
                return
            forget_run(self.reports)
            wanted = {case.contract.product for case in selected}
            known = self._store_of_run().products
            self._target = open_target(
                config.getoption("--target"),
                [product for name, product in known.items() if name in wanted],
                sources=[known[name] for name in sorted(sources_of(wanted))],
                allow_trading=config.getoption("--allow-trading"),
                show_values=config.getoption("--show-values"),
                answer_timeout=config.getoption("--answer-timeout"),
                max_notional=config.getoption("--max-notional"),
                faults=config.getoption("--fault") or (),
                as_of=self._store_of_run().day or None,
            )
            self._target.hold_keys()
        except WireproofError as error:
            self.error = error
            raise pytest.UsageError(one_line(str(error), SENTENCE)) from None
        except OSError as error:
            self.error = WireproofError(f"The run cannot start: {error.strerror or error}.")
            raise pytest.UsageError(one_line(str(self.error), SENTENCE)) from None
        _redact_logs(config, self._target.redactor)
        config.stash[WRITING].redact = self._target.redactor.text
        self._selection = split(selected, self._target)
        self._leave_out(items, self._selection.excluded)

    @property
    def left_out(self) -> dict[str, int]:
        """Return how many of the selected cases are no part of the run, by reason."""
        return counted(self._selection.excluded) if self._selection is not None else {}

    def _leave_out(self, items: list[pytest.Item], excluded: Container[str]) -> None:
        """Deselect the tests of cases that are not part of the run."""
        out: list[pytest.Item] = []
        kept: list[pytest.Item] = []
        for item in items:
            case = case_of(item)
            (out if case is not None and case.id in excluded else kept).append(item)
        if out:
            self.config.hook.pytest_deselected(items=out)
            items[:] = kept

    def _read_observations(self, selected: list[PlannedCase], items: list[pytest.Item]) -> None:
        """Take the selected cases that a past run observed."""
        file = Path(self.config.getoption("--judge"))
        self._observations = read_observations(file)
        observed = {observation.case for observation in self._observations}
        if self._past is None and (past := file.with_name(RESULT)).exists():
            self._past = read_result(past)
        self._target = recorded_target(self._past)
        self.config.stash[ALLURE_CASES].target = on_day(self._target.name, self._store_of_run().day)
        self._selection = select_again(selected, observed, self._past)
        known = {case.id for case in self._selection.send} | {case.id for case in self._selection.skipped}
        self._leave_out(items, {case.id for case in selected} - known)

    # -- the run ---------------------------------------------------------------------------------------------------

    async def conduct(self) -> RunContext | Replay:
        """Start the conductor with the selected cases."""
        assert self._selection is not None
        assert self._target is not None
        store = self._store_of_run()
        redactor = self._target.redactor
        redactor.spare(lambda: ordinary_words(store))
        judge = Judge(
            store,
            self._waivers,
            target=self._target.name,
            today=self._today,
            redactor=redactor,
            baseline=self._baseline,
        )
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        cases = self._selection.send
        self._skipped = {result.id: result for result in self._selection.skipped}
        common: dict[str, Any] = {"store": store, "target": self._target, "judge": judge, "run": run}
        common["confirming"] = self._confirming(on_day(self._target.name, store.day))
        if self._observations is not None:
            self._run = self._conductor = Replay(cases, self._observations, past=self._past, **common)
        else:
            self._run = RunContext(cases, journal=Journal(self.reports / "journal.json", redactor.text), **common)
            if common["confirming"] is None:
                self._run.state.notes.append("nothing was exercised again to confirm what it showed (--no-confirm)")
            self._conductor = Conductor(self._run)
        self._run.state.notes += store.outdated
        self._conductor.start()
        return self._run

    def _confirming(self, target: str) -> Confirming | None:
        """Return what has to be exercised again before it is reported, and on which nights it was seen; or None."""
        if self.config.getoption("--no-confirm"):
            return None
        history, day = read_history(self.reports, look=True), moment(self._started_at)[:10]
        return Confirming(self.fail_on, lambda fingerprint: history.nights_in_a_row(target, fingerprint, before=day))

    async def result_of(self, case: PlannedCase) -> CaseResult:
        """Return a case's result, waiting for it; a skipped case has none but its reason."""
        assert self._run is not None
        if case.id in self._skipped:
            return self._skipped[case.id]
        return await self._run.state.result(case.id)

    def unforeseen(self, error: BaseException) -> str:
        """Take in an error that nobody foresaw: it makes the exit status 4. Returns what is said of the first one."""
        if not self.broke:
            redact = self._target.redactor.text if self._target is not None else Redactor().text
            self.broke = explain(error, self.reports, redact)
        return self.broke

    async def settle(self) -> None:
        """End the run and compile its result."""
        assert self._conductor is not None
        assert self._run is not None
        assert self._selection is not None
        try:
            await self._conductor.close()
            if self.config.getoption("--fault") and self._target is not None and self._target.venue is not None:
                reports = await VenueControl(self._target.venue.urls["rest"]).fault_reports()
                self._run.state.notes += [f"a fault was without effect: {sentence}" for sentence in reports]
        except Exception as error:  # noqa: BLE001  # what was seen until then is reported all the same
            self.unforeseen(error)
        self.result = compile_run(
            self._run,
            skipped=self._selection.skipped,
            excluded=counted(self._selection.excluded),
            fail_on=self.fail_on,
            started_at=self._started_at,
            scope=(self.config.getoption("--product"), self.config.getoption("--surface")),
            planned=self.cases(),
        )
        for case in self.result.cases:
            if case.aside:
                self.config.stash[ALLURE_CASES].report_aside(case, self.fail_on)

    def progress(self) -> Progress:
        """Return the progress display that suits the terminal."""
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        capture = self.config.pluginmanager.getplugin("capturemanager")
        quiet = reporter is None or self.config.getoption("verbose") < 0
        return Progress(quiet=quiet, uncaptured=capture.global_and_fixture_disabled if capture else nullcontext)

    def _store_of_run(self) -> Store:
        assert self._store is not None
        return self._store

    # -- the end ---------------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Write the reports and set the exit status, also where pytest's own files cannot be written."""
        self._session = session
        problem: OSError | None = None
        answer: object = None
        try:
            answer = yield
        except OSError as error:
            problem = error
            session._setupstate.teardown_exact(None)  # noqa: SLF001  # what pytest would have done after its files
        finally:
            if self._target is not None:
                self._target.close()
        if self.result is None:
            self._say_unwritten(problem)
            if problem is not None or self.broke:
                session.exitstatus = ExitStatus.BROKEN
            return answer
        if self.broke:
            self.result.exit_status = ExitStatus.BROKEN
        try:
            add_standings(self.result, self.reports, self._store_of_run(), self._ledgers)
            write_reports(self.result, self.reports, self._store)
        except OSError as error:
            problem = problem or error
        except Exception as error:  # noqa: BLE001  # pytest would end with a status of its own
            self.unforeseen(error)
            with contextlib.suppress(WireproofError):
                forget_run(self.reports)
            self.result.exit_status = ExitStatus.BROKEN
        problem = problem or self.config.stash[WRITING].problem
        if problem is not None:
            with contextlib.suppress(WireproofError):
                forget_run(self.reports)
            self._say_unwritten(problem)
            self.result.exit_status = ExitStatus.BROKEN
        session.exitstatus = self.result.exit_status
        return answer

    def _say_unwritten(self, problem: OSError | None) -> None:
        if problem is not None:
            why = problem.strerror or problem
            self.error = WireproofError(
                f"Reports cannot be written to {self.reports}: {why}. Nothing is said of this run. Make room, run it."
            )

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep secrets out of what pytest shows of a case, before any other plugin reads it, and make it plain."""
        report = yield
        if self._target is not None:
            redact = self._target.redactor.text
            if isinstance(report.longrepr, tuple):
                file, line, reason = report.longrepr
                report.longrepr = (file, line, redact(reason))
            elif report.longrepr is not None and redact(report.longreprtext) != report.longreprtext:
                report.longrepr = redact(report.longreprtext)
            report.sections = [(name, redact(text)) for name, text in report.sections]
        if (case := case_of(item)) is not None:
            _make_plain(report)
            if report.failed and report.when == "call":
                self._failed.append((case.id, report))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Keep secrets out of the warnings that pytest lists at the end: libraries name URLs in them."""
        said = str(warning_message.message)
        if self._target is not None and (shown := self._target.redactor.text(said)) != said:
            warning_message.message = shown

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None, object, object]:
        """Print what a person reads first, at the end: a block per difference, not one per case that shows it."""
        if self.result is not None:
            judged = {case.id for case in self.result.cases if is_failure(case, self.fail_on)}
            for case, report in self._failed:
                if case in judged:
                    vars(report)["_pdbshown"] = True  # pytest's own mark of what needs no place under FAILURES
        answer = yield
        self._say_summary(terminalreporter)
        return answer

    def _say_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.result is not None:
            try:
                width = terminalreporter._tw.fullwidth  # noqa: SLF001  # pytest has no public name for it
                for line in terminal_summary(gather(self.result), read_history(self.reports), width):
                    terminalreporter.write_line(terminal(line))
            except OSError:
                raise  # nobody reads what is written here
            except Exception as error:  # noqa: BLE001  # pytest would end with a traceback and a status of its own
                self.unforeseen(error)
                self.result.exit_status = ExitStatus.BROKEN
                if self._session is not None:
                    self._session.exitstatus = ExitStatus.BROKEN
            if self.error is not None:
                terminalreporter.write_line(one_line(str(self.error), SENTENCE))
        if self.broke:
            terminalreporter.write_line(one_line(self.broke, SENTENCE))
        if self.ends_with_pytest and (self.reports / FIRST_SCREEN).is_file():
            terminalreporter.write_line(one_line(f"Read on in {self.reports / FIRST_SCREEN}", SENTENCE))

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Say an error of pytest, its plugins or ours in one sentence; the traceback goes into a file."""
        if self._target is not None:
            self.unforeseen(excinfo.value)
            if isinstance(excrepr, ExceptionChainRepr):
                excrepr.chain = []


def _make_plain(report: pytest.TestReport) -> None:
    """Escape the texts of a report: messages, lines of tracebacks, captured output."""
    report.sections = [(name, terminal(content)) for name, content in report.sections]
    said: Any = report.longrepr
    if isinstance(said, str):
        report.longrepr = terminal(said)
    elif isinstance(said, tuple):
        report.longrepr = (said[0], said[1], terminal(said[2]))
    elif said is not None:
        chain = getattr(said, "chain", None) or [
            (getattr(said, "reprtraceback", None), getattr(said, "reprcrash", None), None)
        ]
        for trace, crash, _ in chain:
            for entry in trace.reprentries if trace is not None else ():
                entry.lines = [terminal(line) for line in entry.lines]
            if crash is not None:
                crash.message = terminal(crash.message)


def _wants_cases(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and hasattr(item.function, "case_kinds")


def _redact_logs(config: pytest.Config, redactor: Redactor) -> None:
    """Keep secrets out of the log lines that pytest keeps and shows."""
    capturing = config.pluginmanager.getplugin("logging-plugin")
    names = ("caplog_handler", "report_handler", "log_cli_handler", "log_file_handler")
    kept = [getattr(capturing, name, None) for name in names]
    for handler in [*kept, *logging.getLogger().handlers]:
        if isinstance(handler, logging.Handler):
            handler.addFilter(RedactingFilter(redactor))
            handler.addFilter(EscapingFilter())


def case_of(item: pytest.Item) -> PlannedCase | None:
    """Return the case that a test item is for, or None for any other test."""
    case = item.callspec.params.get("case") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    return case if isinstance(case, PlannedCase) else None


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def conductor(request: pytest.FixtureRequest) -> AsyncIterator[SuiteRun]:
    """Start the run with the first case, and end it after the last."""
    run: SuiteRun = request.config.pluginmanager.getplugin("wireproof-run")
    try:
        conducting = await run.conduct()
    except WireproofError as error:
        run.error = error
        pytest.exit(one_line(str(error), SENTENCE), returncode=int(error.exit_status))
    except Exception as error:  # noqa: BLE001  # one sentence instead of a traceback for each case
        run.unforeseen(error)
        pytest.exit("wireproof broke", returncode=int(ExitStatus.BROKEN))
    showing = asyncio.create_task(_show(run.progress(), conducting))
    try:
        yield run
    finally:
        showing.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await showing
        except Exception as error:  # noqa: BLE001  # the display is no reason to leave anything behind
            run.unforeseen(error)
        try:
            await run.settle()
        except Exception as error:  # noqa: BLE001  # in a fixture it would be an error of the last case
            run.unforeseen(error)


async def _show(progress: Progress, run: RunContext | Replay) -> None:
    """Keep the progress display up to date while cases are under way."""
    try:
        state = run.state
        while state.done < len(state.cases):
            limiter = tightest(run.limiters.values())
            progress.update(
                state.done,
                len(state.cases),
                waiting_until=limiter.waiting_until if limiter else None,
                weight=limiter.used_this_minute if limiter else None,
                limit=limiter.weight_limit if limiter else None,
            )
            await asyncio.sleep(0.2)
    finally:
        progress.close()


@pytest.fixture
def verdict(conductor: SuiteRun) -> Callable[[PlannedCase], Awaitable[None]]:
    """Return what turns a case into the outcome of the running test."""
    allure_cases = conductor.config.stash[ALLURE_CASES]

    async def judge(case: PlannedCase) -> None:
        __tracebackhide__ = True
        result = await conductor.result_of(case)
        try:
            allure_cases.describe(result)
            told = explanation(result)
        except Exception as error:  # noqa: BLE001  # a case that cannot be described is no failure of the target
            pytest.fail(conductor.unforeseen(error), pytrace=False)
        end_test(result, conductor.fail_on, told)

    return judge


def explanation(result: CaseResult) -> str:
    """Return what a person reads of a failed case: a line per finding, how often, documentation, how to repeat it."""
    often = dict.fromkeys(how_often(one.seen, one.tried, one.repetition) for one in result.findings)
    repeated = "".join(f"\n{words[0].upper()}{words[1:]}" for words in often if words)
    lines = f"{readable(result.findings)}{repeated}\nDocumented at {result.docs_url}"
    return terminal(f"{result.title}\n{lines}\nAgain: -k '{result.id}'")

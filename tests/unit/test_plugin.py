"""What pytest itself would show of an exception or a warning holds no secret either."""

from __future__ import annotations

import re
import warnings
from types import SimpleNamespace

import pytest
from allure_commons import model2
from checkout import ROOT
from made_results import Results

from wireproof.drift.finding import Severity, Verdict
from wireproof.plugin import ALLURE_CASES, SuiteRun, pytest_configure
from wireproof.report.allure import AllureCases, AllureWriting
from wireproof.wire.secrets.redact import Redactor

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
HIDDEN = "<redacted api key>"


@pytest.fixture
def redactor():
    made = Redactor()
    made.register(KEY, "api key")
    return made


@pytest.fixture
def run(redactor):
    """Return the plugin's run as it is once its target is open."""
    made = object.__new__(SuiteRun)
    made._target = SimpleNamespace(redactor=redactor)
    return made


def passed_on(run, **fields):
    """Return a report after it went through the plugin's hook."""
    report = pytest.TestReport("id", ("file", 1, "test"), {}, "failed", when="teardown", **{"longrepr": None, **fields})
    hook = run.pytest_runtest_makereport(SimpleNamespace())  # a test of somebody else's
    next(hook)
    with pytest.raises(StopIteration) as ended:
        hook.send(report)
    return ended.value.value


def test_a_case_whose_difference_has_a_block_has_none_under_failures(run, tmp_path):
    """One that wireproof broke keeps its own; what is said comes after all that pytest says."""
    results = Results()
    differs = results.case("differs", Verdict.BREAKING, findings=[results.finding()])
    broken = results.case("broken", Verdict.BROKEN, reason="It has no order to modify.")
    run.result, run.fail_on, run.reports = results.run(differs, broken), Severity.BREAKING, tmp_path
    run.error, run.broke, run.ends_with_pytest = None, "", True
    reports = [
        pytest.TestReport(case.id, ("file", 1, "test"), {}, "failed", longrepr="", when="call")
        for case in (differs, broken)
    ]
    run._failed = list(zip((differs.id, broken.id), reports, strict=True))
    (tmp_path / "index.html").write_text("")
    said = []
    terminal = SimpleNamespace(write_line=said.append, _tw=SimpleNamespace(fullwidth=100))
    hook = run.pytest_terminal_summary(terminal)
    next(hook)
    assert [hasattr(report, "_pdbshown") for report in reports] == [True, False]
    assert said == []
    with pytest.raises(StopIteration):
        hook.send(None)
    assert said[0].startswith("Breaking: 1 difference")
    assert said[-1] == f"Read on in {tmp_path}/index.html"
    run.ends_with_pytest = False
    said.clear()
    assert list(run.pytest_terminal_summary(terminal)) == [None]
    assert "Read on" not in said[-1]


@pytest.mark.parametrize("arguments", [["tests"], ["tests/unit", "tests/contract/test_streams.py::test_stream"]])
def test_workers_of_xdist_are_refused_for_the_suite(arguments, monkeypatch):
    """Each would send every case; other tests may be run side by side."""
    monkeypatch.chdir(ROOT)
    config = SimpleNamespace(option=SimpleNamespace(tx=["2*popen"]), args=arguments)
    with pytest.raises(pytest.UsageError, match="A run is one process"):
        pytest_configure(config)
    config.args = ["tests/unit"]
    with pytest.raises(AttributeError, match="addinivalue_line"):  # it went on
        pytest_configure(config)


def test_allure_calls_products_what_their_files_call_them(run):
    options = {"--product": "usdm", "--surface": "ws-api"}
    run.config, run._cases = SimpleNamespace(stash={ALLURE_CASES: AllureCases()}, getoption=options.get), None
    assert run.cases()
    assert run.config.stash[ALLURE_CASES].titles["coinm"] == "COIN-M futures"


def test_reports_of_pytest_hold_no_secret(run):
    """Tracebacks, reasons of skipping, and captured output."""
    assert passed_on(run, longrepr=f"KeyError: {KEY}").longreprtext == f"KeyError: {HIDDEN}"
    assert passed_on(run, longrepr=("file", 3, f"Skipped: {KEY}")).longrepr == ("file", 3, f"Skipped: {HIDDEN}")
    assert passed_on(run, longrepr="x", sections=[("Captured log", f"a {KEY}")]).sections == [
        ("Captured log", f"a {HIDDEN}")
    ]


def test_a_report_without_secrets_stays_the_object_that_it_is(run):
    """A traceback with its colours, not its text."""
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("harmless")
    trace = caught.getrepr()
    assert passed_on(run, longrepr=trace).longrepr is trace
    assert passed_on(run).longrepr is None


def test_warnings_hold_no_secret(run):
    """Libraries name URLs in them."""
    message = warnings.WarningMessage(ResourceWarning(f"unclosed wss://h/ws?listenKey={KEY}"), ResourceWarning, "f", 1)
    run.pytest_warning_recorded(message)

    assert KEY[:8] not in str(message.message)


def test_what_an_exception_says_gets_into_no_file_of_allure(redactor):
    """Of tests, their steps and their fixtures."""
    details = model2.StatusDetails(message=f"m {KEY}", trace=f"t {KEY}")
    result = model2.TestResult(
        statusDetails=details, steps=[model2.TestStepResult(statusDetails=model2.StatusDetails(message=KEY))]
    )
    container = model2.TestResultContainer(
        afters=[model2.TestAfterResult(statusDetails=model2.StatusDetails(message=KEY, trace=None))]
    )
    writing = AllureWriting()
    writing.redact = redactor.text
    next(writing.report_result(result))
    next(writing.report_container(container))

    assert KEY[:8] not in f"{result} {container}"
    assert details.message == f"m {HIDDEN}"


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("usdm/waivers.json", '{"waivers": [\n{"reson": "x"}]}', r"unknown key 'reson' at .*, line 2\. Did you mean"),
        ("baseline.json", '{"differences": [\n\n{}]}', "missing required field `fingerprint` at .*, line 3"),
        ("usdn/waivers.json", "{}", r"no product 'usdn'.*Did you mean 'usdm'\?"),
    ],
)
def test_a_broken_overlay_is_one_sentence_before_anything_is_sent(run, tmp_path, monkeypatch, file, content, said):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content, "utf-8")
    monkeypatch.setenv("WIREPROOF_OVERLAY", str(tmp_path))
    options = {"--product": "usdm", "--surface": "ws-api"}
    run.config, run._cases = SimpleNamespace(stash={ALLURE_CASES: AllureCases()}, getoption=options.get), None
    assert run.cases() == []
    assert re.search(said, str(run.error))
    assert str(tmp_path / file.partition("/")[0]) in str(run.error)
    assert run.error.exit_status == 2

"""How a case becomes an Allure result: names, links, attachments, and an identity that outlives its test.

allure-pytest derives `historyId` and `testCaseId` from the node id, so renaming a file would end every history. A case
has a permanent id of its own; `AllureCases` puts that in its place when a result is about to be written.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from typing import TYPE_CHECKING, Any

import allure
import allure_commons
import msgspec
import pytest
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import Label, Link, Parameter, Status, StatusDetails, TestResult
from allure_commons.types import LabelType, LinkType
from attr import attrib, attrs

from wireproof.counts import counted
from wireproof.drift.finding import Verdict
from wireproof.escape import code, json_bytes, one_line, prose, terminal
from wireproof.report.allure_links import result_uuid
from wireproof.report.attachments import (
    BASELINE,
    Body,
    documented_body,
    exchange_body,
    findings_html,
    findings_markdown,
    json_body,
)
from wireproof.report.storage import replace_file
from wireproof.report.unseen import EMPTY_TAG, case_sentence, is_shown_empty
from wireproof.results.conclusion import difference, is_failure, place, reasoned, verdict_word
from wireproof.results.wording import duration, how_often, moment, peaks, surface_title, target_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from allure_commons.model2 import ExecutableItem, TestResultContainer

    from wireproof.drift.finding import Finding, Severity
    from wireproof.results.model import CaseResult, Observation
    from wireproof.results.run_summary import Summary

CASE_LABEL = "case"
DIFFERENCE_LABEL = "difference"
TARGET_LABEL = "target"
VERDICT_LABEL = "verdict"
WAIVED_TAG = "waived"

#: What Allure 3 shows as a request and its answer: https://allurereport.org/docs/attachments/#http-exchanges
HTTP_EXCHANGE = "application/vnd.allure.http+json"

#: Differences whose documented and observed shapes stand side by side.
SHOWN_SHAPES = 100

# Allure's severity says how much a reader should care about this result today, so it follows the verdict: wireproof
# itself broke (nothing can be trusted) > a documented field broke > undocumented values > additions > nothing to see.
SEVERITIES = {
    Verdict.BROKEN: allure.severity_level.BLOCKER,
    Verdict.BREAKING: allure.severity_level.CRITICAL,
    Verdict.UNSTEADY: allure.severity_level.NORMAL,
    Verdict.RISKY: allure.severity_level.NORMAL,
    Verdict.ADDITIVE: allure.severity_level.MINOR,
    Verdict.BLOCKED: allure.severity_level.TRIVIAL,
    Verdict.CONFORMS: allure.severity_level.TRIVIAL,
    None: allure.severity_level.TRIVIAL,
}

# name -> verdict, statuses and start of the message (Allure 2 knows statuses and messages, Allure 3 labels)
CATEGORIES = {
    "breaking: the target does not answer as documented": (Verdict.BREAKING, [Status.FAILED]),
    "unsteady: it differed, and not when it was repeated": (Verdict.UNSTEADY, [Status.SKIPPED]),
    "broken: wireproof or its data is at fault": (Verdict.BROKEN, [Status.BROKEN]),
    "blocked: no statement about the contract": (Verdict.BLOCKED, [Status.SKIPPED]),
    "risky: values outside the documented enumerations": (Verdict.RISKY, [Status.PASSED, Status.FAILED]),
    "additive: undocumented additions": (Verdict.ADDITIVE, [Status.PASSED, Status.FAILED]),
}

# name -> tag, of cases that pass and still have something to tell; a case is in the first category that it fits
TAG_CATEGORIES = {
    "shown empty: the answer was hardly more than empty lists": EMPTY_TAG,
    "waived: differences that are tolerated for a while": WAIVED_TAG,
    "baseline: differences that are known since it was taken": BASELINE,
}


@attrs
class _Details(StatusDetails):
    """What Allure 3 shows side by side as well; its Python package has no fields for it."""

    expected: str | None = attrib(default=None)
    actual: str | None = attrib(default=None)


class AllureCases:
    """Describes cases in Allure results and gives them their permanent identity.

    Register one per pytest session (`pytest_configure`) and unregister it at its end. `target` is what the command that
    repeats a case names, `titles` what people call products; one without a title goes by its name.
    """

    def __init__(self, target: str = "") -> None:
        self.titles: dict[str, str] = {}
        self._cases: dict[str, CaseResult] = {}
        self.target = target
        self._uuids: dict[str, str] = {}  # of results as pytest's plugin names them -> those that cases keep

    def register(self) -> None:
        """Start to listen for results that are about to be written."""
        allure_commons.plugin_manager.register(self)

    def unregister(self) -> None:
        """Stop listening."""
        allure_commons.plugin_manager.unregister(self)

    def describe(self, case: CaseResult) -> None:
        """Make the test that runs now the test of `case`, with its bodies and findings attached."""
        self._cases[case.id] = case
        allure_commons.plugin_manager.hook.add_label(label_type=CASE_LABEL, labels=[case.id])
        _attach_all(case)

    def report_aside(self, case: CaseResult, fail_on: Severity) -> None:
        """Write the result of what is said once of a stream as a whole, which no test is about."""
        self._cases[case.id] = case
        status = Status.FAILED if is_failure(case, fail_on) else Status.PASSED
        result = TestResult(uuid=str(uuid.uuid4()), status=status, labels=[Label(CASE_LABEL, case.id)])
        result.statusDetails = StatusDetails(message=message_of(case))
        allure_commons.plugin_manager.hook.report_result(result=result)

    @allure_commons.hookimpl(tryfirst=True)
    def report_result(self, result: TestResult) -> None:
        """Replace what depends on files, hosts and scheduling by what belongs to the case."""
        result.labels = [label for label in result.labels if label.name not in {LabelType.HOST, LabelType.THREAD}]
        case = self._cases.get(next((label.value for label in result.labels if label.name == CASE_LABEL), ""))
        if case is None:
            return
        result.name = _name(case)
        result.fullName = case.id
        kept = result_uuid(self.target, case.id)
        self._uuids[result.uuid], result.uuid = kept, kept
        result.testCaseId = result.historyId = hashlib.md5(case.id.encode(), usedforsecurity=False).hexdigest()
        product = self.titles.get(case.product, case.product)
        result.titlePath = [product, surface_title(case.surface), case.subject]
        result.labels = [Label(name, one_line(value, 400)) for name, value in _labels(case, product, self.target)]
        result.links = [Link(LinkType.LINK, case.docs_url, f"Documentation: {case.subject}")] if case.docs_url else []
        # pytest's own parameter is the Python object of the case. All are excluded from Allure's history key.
        result.parameters = [
            Parameter(name, one_line(value, 1000), excluded=True) for name, value in _parameters(case).items()
        ]
        again = f"wireproof run {target_options(self.target)}" if self.target else "wireproof run"
        result.description, result.descriptionHtml = _description(case, again), None
        _replace_outcome(result, case)
        if case.started_at is not None and case.ended_at is not None:
            result.start, result.stop = round(case.started_at), round(case.ended_at)

    @allure_commons.hookimpl(tryfirst=True)
    def report_container(self, container: TestResultContainer) -> None:
        """Name the results of cases as they are kept."""
        container.children = [self._uuids.get(child, child) for child in container.children]


class ResultFiles(AllureFileLogger):
    """Writes the files of Allure results in place of allure-pytest's own writer, whose folder it takes over.

    Fixtures that went well say nothing about the target. A file for each test that says just this made two files of
    one (measured 2026-11-27: 4,241 cases, 4,652 containers without content).
    """

    def __init__(self, other: AllureFileLogger) -> None:
        self._other = other
        super().__init__(other._report_dir)  # type: ignore[no-untyped-call]  # noqa: SLF001  # it is told to nobody else

    @classmethod
    def take_over(cls) -> ResultFiles | None:
        """Stand in for allure-pytest's writer, if there is one."""
        manager = allure_commons.plugin_manager
        for plugin in manager.get_plugins():
            if type(plugin) is AllureFileLogger:
                made = cls(plugin)
                manager.unregister(plugin)
                manager.register(made)
                return made
        return None

    def give_back(self) -> None:
        """Let allure-pytest's writer stand there again, which it takes away itself."""
        allure_commons.plugin_manager.unregister(self)
        allure_commons.plugin_manager.register(self._other)

    @allure_commons.hookimpl
    def report_container(self, container: TestResultContainer) -> None:
        """Write fixtures that failed."""
        failed = {Status.FAILED, Status.BROKEN}
        container.befores = [step for step in container.befores if step.status in failed]
        container.afters = [step for step in container.afters if step.status in failed]
        if container.befores or container.afters:
            super().report_container(container)  # type: ignore[no-untyped-call]


class AllureWriting:
    """Stands between a run and the files of its Allure results: a full disk costs the report, not the run's end.

    `problem` is the first thing that could not be written; `redact` takes secrets out of what exceptions say.
    """

    def __init__(self) -> None:
        self.problem: OSError | None = None
        self.redact: Callable[[str], str] = str

    def register(self) -> None:
        """Start to stand there."""
        allure_commons.plugin_manager.register(self)

    def unregister(self) -> None:
        """Go away."""
        allure_commons.plugin_manager.unregister(self)

    @allure_commons.hookimpl(hookwrapper=True)
    def report_result(self, result: TestResult) -> Iterator[None]:
        """Let a result be written, without secrets in what a failing test said."""
        self._clean([result])
        yield from self._guarded()

    @allure_commons.hookimpl(hookwrapper=True)
    def report_container(self, container: TestResultContainer) -> Iterator[None]:
        """Let the fixtures of results be written, without secrets in what a failing one said."""
        self._clean([*container.befores, *container.afters])
        yield from self._guarded()

    @allure_commons.hookimpl(hookwrapper=True)
    def report_attached_data(self) -> Iterator[None]:
        """Let an attachment be written."""
        yield from self._guarded()

    def _clean(self, steps: Iterable[ExecutableItem]) -> None:
        for step in steps:
            if (details := step.statusDetails) is not None:
                details.message = self.redact(details.message) if details.message else details.message
                details.trace = self.redact(details.trace) if details.trace else details.trace
            self._clean(step.steps)

    def _guarded(self) -> Iterator[None]:
        outcome: Any = yield  # pluggy's Result
        if isinstance(outcome.exception, OSError):
            self.problem = self.problem or outcome.exception
            outcome.force_result([])


def end_test(case: CaseResult, fail_on: Severity, explanation: str = "") -> None:
    """End the test of `case` with the right status, after it was described.

    It fails when it is broken or has a finding at or above `fail_on`, is skipped when it was blocked, skipped or
    unsteady (nothing can be said for sure), and passes otherwise. `AllureCases` turns the failure of a broken case into
    Allure's *broken*. `explanation` is what a terminal shows of findings, instead of the report's words.
    """
    __tracebackhide__ = True
    message = message_of(case)
    if case.verdict is None or case.verdict is Verdict.BLOCKED:
        pytest.skip(message)
    if case.verdict is Verdict.BROKEN:
        pytest.fail(message, pytrace=False)
    if is_failure(case, fail_on):
        pytest.fail(explanation or message, pytrace=False)
    if case.verdict is Verdict.UNSTEADY:
        pytest.skip(message)


def _replace_outcome(result: TestResult, case: CaseResult) -> None:
    """Say the verdict in the words of all reports, and leave out the place in our code that ended the test.

    What went wrong besides (a test that crashed after its case was described) keeps its message and trace.
    """
    details = result.statusDetails
    if details is None:
        return
    said = details.message = terminal(details.message or "")
    details.trace = terminal(details.trace) if details.trace else details.trace
    expected = {
        Status.SKIPPED: case.verdict in {None, Verdict.BLOCKED, Verdict.UNSTEADY},
        Status.FAILED: said.startswith("Failed: ") and (bool(case.findings) or case.verdict is Verdict.BROKEN),
        Status.BROKEN: case.verdict is Verdict.BROKEN and said.endswith(case.reason),
    }
    if expected.get(result.status, False):
        result.statusDetails = _Details(message=message_of(case), **_shapes(case))
        if case.verdict is Verdict.BROKEN:
            result.status = Status.BROKEN


def _shapes(case: CaseResult) -> dict[str, str]:
    """Return what is documented and what was observed at each path that differs, for a side-by-side view."""
    found = sorted([*case.findings, *case.unsteady], key=lambda finding: finding.path)[:SHOWN_SHAPES]
    if not found or case.verdict is Verdict.BROKEN:
        return {}
    sides = {"expected": [one.expected for one in found], "actual": [one.actual for one in found]}
    return {
        side: "\n".join(
            f"{one_line(finding.path, 300) or '(top level)'}: {one_line(value, 300) or 'nothing'}"
            for finding, value in zip(found, values, strict=True)
        )
        for side, values in sides.items()
    }


def message_of(case: CaseResult) -> str:
    """Return the verdict and why, findings worst first, one line each."""
    found = sorted(case.findings, key=lambda finding: (-finding.severity.rank, finding.path))
    if case.verdict is None:
        return one_line(reasoned(case), 1000)
    doubtful = [f"{Verdict.UNSTEADY.value}: {_line(finding)}" for finding in case.unsteady[:20]]
    if not (found or doubtful) or case.verdict is Verdict.BROKEN:
        return f"{case.verdict.value}: {one_line(case.reason, 1000) or 'nothing differs'}"
    lines = [f"{finding.severity}: {_line(finding)}" for finding in found[:20]]
    lines = [*doubtful, *lines] if case.verdict is Verdict.UNSTEADY else [*lines, *doubtful]
    more = [f"… and {len(found) - 20:,} more"] if len(found) > 20 else []
    return "\n".join([*lines, *more])


def _line(finding: Finding) -> str:
    words = difference(finding, finding.occurrences, finding.of)
    often = how_often(finding.seen, finding.tried, finding.repetition)
    what = f"{finding.kind} at {one_line(finding.path, 300) or '(top level)'}: {words}"
    return " · ".join(part for part in (what, one_line(often, 300), finding.fingerprint) if part)


def _difference(finding: Finding) -> str:
    """Return a difference in words that are the same in each case that it occurs in."""
    words = difference(finding, 1, 1)
    return f"{finding.contract}: {finding.kind} at {finding.path or '(top level)'}: {words}"


def _name(case: CaseResult) -> str:
    """Return the title, with the verdict where Allure's status (passed, skipped) hides it."""
    title = case.title or case.id
    hidden = {Verdict.ADDITIVE, Verdict.RISKY, Verdict.UNSTEADY, Verdict.BLOCKED}
    told = [case.verdict.value] if case.verdict in hidden else [] if case.findings else _known_tags(case)
    told += [EMPTY_TAG] if is_shown_empty(case) else []
    return one_line(" · ".join([title, *told]), 400)


def _known_tags(case: CaseResult) -> list[str]:
    """Return how what is known of a case is marked."""
    return [tag for tag, known in ((WAIVED_TAG, case.waived), (BASELINE, case.baseline)) if known]


def _labels(case: CaseResult, product: str, target: str) -> list[tuple[str, str]]:
    """Return every label of a result: three groupings, which Allure's views use, and what to filter by."""
    worst = sorted(case.findings or case.unsteady, key=lambda finding: (-finding.severity.rank, finding.path))
    surface = surface_title(case.surface)
    verdict = verdict_word(case)
    kinds = sorted({finding.kind.value for finding in [*case.findings, *case.unsteady]})
    tags = [verdict, case.kind, "private" if case.private else "public", *kinds, *_known_tags(case)]
    tags += [EMPTY_TAG] if is_shown_empty(case) else []
    tags += [Verdict.UNSTEADY.value] if case.unsteady and case.verdict is not Verdict.UNSTEADY else []
    return [
        (LabelType.EPIC, product),
        (LabelType.FEATURE, surface),
        (LabelType.STORY, case.subject),
        (LabelType.SEVERITY, SEVERITIES[case.verdict].value),
        (VERDICT_LABEL, verdict),
        *([(TARGET_LABEL, target)] if target else []),
        # Cases that differ in the same way are one group.
        *((DIFFERENCE_LABEL, _difference(finding)) for finding in worst[:1]),
        *((LabelType.TAG, tag) for tag in tags if tag),
    ]


def _parameters(case: CaseResult) -> dict[str, str]:
    """Return what the report shows beside a case."""
    shown = {"case": case.id, "contract": case.contract}
    if case.documented_when:
        shown["documented when"] = case.documented_when
    if case.observation is not None and case.observation.status is not None:
        expected = case.observation.expect_status
        shown["status"] = f"{case.observation.status} (documented {expected})"
    if case.observation is not None and case.observation.expect_codes:
        shown["documented error codes"] = ", ".join(map(str, case.observation.expect_codes))
    shown["weight"] = str(case.weight)
    shown["requests"] = str(case.requests)
    if case.queued_at is not None and case.started_at is not None:
        shown["waited"] = duration(case.started_at - case.queued_at)
    return shown


def _description(case: CaseResult, again: str) -> str:
    reason = f": {prose(case.reason, 1000)}" if case.reason else ""
    parts = [f"**{verdict_word(case)}**{reason}", findings_markdown(case), case_sentence(case)]
    if case.observation is not None and case.observation.violations:
        parts.append("\n".join(f"- {prose(text)}" for text in case.observation.violations))
    if not _says_more(case) and case.observation is not None:
        parts.append("What was sent and received stands in observations.jsonl under the id of this case.")
    command = f"{again} -k '{case.id}'"
    parts.append(f"Again: {code(command, 300)}")
    return "\n\n".join(part for part in parts if part)


def _says_more(case: CaseResult) -> bool:
    """Whether a case has more to show than that it conforms; observations.jsonl has what every case observed."""
    return case.verdict is not Verdict.CONFORMS or bool(case.waived or case.unsteady) or is_shown_empty(case)


def _attach_all(case: CaseResult) -> None:
    if not _says_more(case):
        return
    if case.findings or case.waived or case.unsteady:
        allure.attach(findings_html(case), name="findings", attachment_type=allure.attachment_type.HTML)
    if case.observation is not None:
        _attach_observation(case.observation)
    for repeat in case.repeats:
        _attach_observation(repeat, f", attempt {repeat.attempt}")
    if case.documented is not None:
        _attach("documented example", documented_body(case.documented))


def _attach_observation(observation: Observation, which: str = "") -> None:
    if exchange := exchange_body(observation):
        allure.attach(exchange, name=f"HTTP exchange{which}", attachment_type=HTTP_EXCHANGE, extension="httpexchange")
        return
    if observation.request:
        _attach(f"request as sent{which}", json_body(observation.request))
    if observation.response is not None:
        _attach(f"response as received{which}", json_body(observation.response))


def _attach(name: str, body: Body) -> None:
    kind = allure.attachment_type.JSON if body.is_json else allure.attachment_type.TEXT
    allure.attach(body.text, name=name, attachment_type=kind)


def write_metadata(summary: Summary, allure_results: Path, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Write what is said of the run as a whole; return the files.

    environment.properties, categories.json, what went wrong outside of any case, and executor.json on GitHub's runners.
    """
    written = [
        replace_file(allure_results / "wireproof-globals.json", _indented({"errors": global_errors(summary)})),
        replace_file(allure_results / "environment.properties", _properties(environment_of(summary)).encode()),
        replace_file(allure_results / "categories.json", _indented(_categories_for_allure_2())),
    ]
    executor = executor_of(environ)
    if executor:
        written.append(replace_file(allure_results / "executor.json", _indented(executor)))
    return written


def global_errors(summary: Summary) -> list[dict[str, Any]]:
    """Return what a reader must know before any case: blocked hosts, what was left behind, waivers that lapsed."""
    run = summary.run
    said = [
        *(f"Blocked: {one.host}: {one.reason} {one.advice}" for one in run.blocked),
        *(f"Not undone: {text}" for text in run.not_cleaned),
        *(f"Left by an earlier run and removed: {text}" for text in run.leftovers),
        *run.waivers_expired,
        *run.baseline_expired,
    ]
    return [{"message": one_line(text, 600), "timestamp": round(run.ended_at)} for text in said]


def environment_of(summary: Summary) -> dict[str, str]:
    """Return what the report shows as its environment: short values, of which the first eight are seen at once."""
    run, fields, empty = summary.run, summary.fields, len(summary.shown_empty)
    verdict, _, differences = summary.headline.partition(": ")
    facts = {
        "Verdict": verdict,
        **({"Differences": re.split("[,;]", differences)[0]} if summary.deviations else {}),
        "Exercised": f"{run.exercised:,} of {counted(run.selected, 'case')}",
        **({"Fields seen": f"{summary.fields_seen:,} of {fields:,} documented"} if fields else {}),
        **({"Shown empty": counted(empty, "contract")} if empty else {}),
        **({"Unsteady": counted(doubtful, "difference")} if (doubtful := len(summary.unsteady)) else {}),
        **({"Waived": counted(excused, "difference")} if (excused := len(summary.waived)) else {}),
        **({"Baseline": counted(known, "difference")} if (known := len(summary.known)) else {}),
        "Target": place(run),
        "Run": run.run,
        "wireproof": run.version,
        "Started": moment(run.started_at),
        "On the wire": duration(run.wire_ms),
        "Fails on": run.fail_on.value,
        "Peak weight per minute": peaks(run.limit_pools),
    }
    return facts | {f"Endpoint {name}": url for name, url in sorted(run.endpoints.items())}


def executor_of(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return who ran this, from the variables of GitHub Actions; empty elsewhere."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return {}
    url = f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}"
    number = environ.get("GITHUB_RUN_NUMBER", "")
    return {
        "name": "GitHub Actions",
        "type": "github",
        "url": url,
        "buildName": f"{environ.get('GITHUB_WORKFLOW', '')} #{number}",
        "buildOrder": int(number) if number.isdigit() else 0,
        "buildUrl": f"{url}/actions/runs/{environ.get('GITHUB_RUN_ID', '')}",
    }


def categories_for_allure_3() -> list[dict[str, Any]]:
    """Return the categories by labels, which hold for passing cases, too: those of verdicts, then those of tags.

    Cases with the same difference are one group of a category, with its words.
    """
    by_verdict = [(name, VERDICT_LABEL, verdict.value) for name, (verdict, _) in CATEGORIES.items()]
    by_tag = [(name, LabelType.TAG, tag) for name, tag in TAG_CATEGORIES.items()]
    differing = {Verdict.BREAKING.value, Verdict.UNSTEADY.value, Verdict.RISKY.value, Verdict.ADDITIVE.value}
    return [
        {
            "id": value,
            "name": name,
            "matchers": {"labels": {label: f"^{value}$"}},
            "groupBy": [{"label": DIFFERENCE_LABEL if value in differing else LabelType.STORY}],
            "groupByMessage": False,
            "expand": value == Verdict.BREAKING.value,
        }
        for name, label, value in [*by_verdict, *by_tag]
    ]


def _categories_for_allure_2() -> list[dict[str, Any]]:
    return [
        {"name": name, "matchedStatuses": statuses, "messageRegex": f"(?s)^{verdict.value}: .*"}
        for name, (verdict, statuses) in CATEGORIES.items()
    ]


def _properties(values: Mapping[str, str]) -> str:
    """Return a Java properties file."""
    lines = []
    for key, value in values.items():
        safe = key.replace("\\", "\\\\").replace(" ", "\\ ").replace(":", "\\:").replace("=", "\\=")
        lines.append(f"{safe}={one_line(value, 1000).replace(chr(92), chr(92) * 2)}")
    return "\n".join(lines) + "\n"


def _indented(value: Any) -> bytes:
    return json_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2)) + b"\n"

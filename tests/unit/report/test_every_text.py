"""Whatever a finding, a reason or a note says, every report holds it as text; and no place writes on its own."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from checkout import SRC
from hypothesis import HealthCheck, given, settings
from msgspec import Struct
from msgspec.structs import replace
from readers import ATTACKS, TEXT, assert_plain_markdown, commands, hidden
from selectolax.lexbor import LexborHTMLParser

from wireproof.drift.baseline import Gone
from wireproof.drift.explain import readable
from wireproof.drift.finding import Finding
from wireproof.escape import terminal
from wireproof.report.allure import environment_of, message_of
from wireproof.report.attachments import findings_html, findings_markdown, json_body
from wireproof.report.files import observations_jsonl, result_json
from wireproof.report.github import annotation_lines, verdict_lines
from wireproof.report.history import History
from wireproof.report.issue import breaking_text
from wireproof.report.summary import summary_markdown, terminal_summary
from wireproof.results.model import Blockage, CaseResult, Observation, WaivedFinding
from wireproof.results.run_summary import gather

PLACES = ("https://docs.example.org/", "https://example.org/")

#: What a target has a say in.
SAID = {
    Finding: ("path", "expected", "actual", "value", "repetition"),
    CaseResult: ("reason",),
    Observation: ("request", "response"),
    WaivedFinding: ("reason",),
    Gone: ("path",),
    Blockage: ("host", "reason", "advice"),
}


def saying(value: Any, text: str) -> Any:
    """Return a result in which everything that a target has a say in says `text`."""
    if isinstance(value, list | tuple):
        return type(value)(saying(one, text) for one in value)
    if not isinstance(value, Struct):
        return value
    changed = {name: saying(getattr(value, name), text) for name in value.__struct_fields__}
    changed |= {name: text for name in SAID.get(type(value), ()) if getattr(value, name) is not None}
    if isinstance(value, Finding):
        changed["samples"] = (text, text)
    if isinstance(value, Observation):
        changed["violations"] = type(value.violations)([text])
    return replace(value, **changed)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT)
def test_every_report_holds_it_as_text(results, text):
    check(results, text)


@pytest.mark.parametrize("attack", [" ".join(ATTACKS), *ATTACKS[::8]])
def test_every_report_holds_an_attack_as_text(results, attack):
    check(results, attack)


def check(results, text):
    mixed = results.mixed()
    mixed.cases[0].baseline = [results.known(results.finding("result.note"))]
    blocks = [Blockage(host="h", reason="r", advice="a")]
    notes = {name: [text] for name in ("notes", "leftovers", "not_cleaned", "waivers_expired", "waivers_stale")}
    notes["baseline_expired"] = [text]
    gone = [Gone(fingerprint="f", contract="c", path="p", kind="k", values=("v",))]
    run = saying(replace(mixed, blocked=blocks, baseline_gone=gone, **notes), text)
    run.baseline_gone[0] = replace(run.baseline_gone[0], values=(text,))
    history = History().with_run(run)
    for line in terminal_summary(gather(run), history):
        shown = terminal(line)
        assert hidden(shown, "") == set()
        assert commands(shown) == []
    for markdown in (summary_markdown(gather(run), history), breaking_text(gather(run), history)):
        assert_plain_markdown(markdown, *PLACES)
    for line in [
        *annotation_lines(gather(run), history),
        *verdict_lines(gather(run)),
        *environment_of(gather(run)).values(),
    ]:
        assert len(terminal(line).splitlines()) <= 1
    for line in [*annotation_lines(gather(run), history), *verdict_lines(gather(run))]:
        assert hidden(line, "") == set()
    json.loads(result_json(run))
    assert hidden(result_json(run).decode()) == set()
    for line in observations_jsonl(run).splitlines():
        json.loads(line)
    for case in run.cases:
        assert hidden(message_of(case)) == set()
        assert commands(message_of(case)) == []
        assert commands(readable(case.findings)) == []
        assert len(readable(case.findings).splitlines()) <= len(case.findings)
        assert_plain_markdown(findings_markdown(case), *PLACES)
        page = LexborHTMLParser(findings_html(case))
        assert {node.tag for node in page.css("body *")} <= {"table", "thead", "tbody", "tr", "th", "td", "p"}
    assert hidden(json_body(text).text) == set()


# -- that every place uses it ------------------------------------------------------------------------------------------

#: Modules that write to a stream themselves, and what they write there.
WRITERS = {
    "escape.py": "the functions themselves",
    "cli/about.py": "scripts of shells, of the options that the code itself names",
    "manifest/decoding.py": "JSON to the process of a decoder, which nobody reads",
    "report/progress.py": "numbers, and the sequences that move a cursor",
    "report/github.py": "commands, Markdown and outputs, each made by its function",
}
MADE_SAFE = {"terminal", "one_line", "prose", "code", "cell", "html", "annotation", "json_bytes", "json_text"}


def modules():
    files = [file for file in SRC.rglob("*.py") if file.relative_to(SRC).parts[0] != "venue"]
    assert len(files) > 100
    return [(file.relative_to(SRC).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files]


def calls(tree):
    return [(node, _name(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(function):
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def test_only_one_module_prints():
    printing = {name for name, tree in modules() for node, called in calls(tree) if called == "print"}
    assert printing == set()


def test_only_a_few_modules_write_to_a_stream():
    """And what `compare --batch` writes is JSON."""
    writing = set()
    for name, tree in modules():
        for node, called in calls(tree):
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if called in {"write", "writelines"} and ("std" in owner or owner in {"stream", "output"}):
                safe = isinstance(node.args[0], ast.Call) and _name(node.args[0].func) in MADE_SAFE
                writing |= set() if safe else {name}
    assert writing - {"report/storage.py"} <= WRITERS.keys()


def test_what_pytest_is_given_was_made_safe():
    """Lines that the plugin writes, and its errors."""
    [tree] = [tree for name, tree in modules() if name == "plugin.py"]
    given_to_pytest = [node for node, called in calls(tree) if called in {"write_line", "UsageError"}]
    assert len(given_to_pytest) >= 4
    for node in given_to_pytest:
        [argument] = node.args
        assert isinstance(argument, ast.Call), ast.unparse(node)
        assert _name(argument.func) in MADE_SAFE, ast.unparse(node)


def test_only_one_module_escapes():
    """Another escape would be another rule."""
    for name, tree in modules():
        if name in {"escape.py", "wire/secrets/pieces.py"} or name.startswith(
            "pages/"
        ):  # which read HTML and write none
            continue
        imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not any(node.module in {"html", "xml.sax.saxutils"} for node in imported), name
        assert not any(ast.unparse(node.func).endswith("html.escape") for node, _ in calls(tree)), name


def test_html_of_our_own_is_made_of_escaped_parts():
    """In a text with a tag, whatever is put in is escaped, or a part that was made the same way."""
    parts = {"_STYLE", "head", "body", "more", "name", "rows"}
    seen = 0
    for _, tree in [one for one in modules() if one[0] in {"report/attachments.py", "report/github.py"}]:
        for node in ast.walk(tree):
            if not isinstance(node, ast.JoinedStr):
                continue
            literal = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
            if not any(tag in literal for tag in ("<t", "</", "<p>", "<a ", "<!doctype")):
                continue
            for part in node.values:
                if not isinstance(part, ast.FormattedValue):
                    continue
                seen += 1
                said = ast.unparse(part.value)
                assert (
                    said.startswith(("html(", "_COLUMNS[", "row[0]", "len(rows)", "''.join(rows)"))
                    or said in parts
                    or part.format_spec is not None
                ), said
    assert seen >= 8

"""Text that others wrote arrives as text wherever it is shown: each place is read back by a parser of its kind."""

from __future__ import annotations

import io
import json
import logging
import re
from xml.etree import ElementTree as ET

import msgspec
import pytest
from _pytest.junitxml import bin_xml_escape
from hypothesis import example, given, settings
from readers import JOINER, READER, REFERENCES, TEXT, attacked, commands, hidden
from selectolax.lexbor import LexborHTMLParser

from wireproof.escape import (
    EscapingFilter,
    annotation,
    cell,
    code,
    html,
    json_bytes,
    json_text,
    link,
    one_line,
    prose,
    say,
    terminal,
    visible,
)
from wireproof.plugin import _make_plain

# -- lines -------------------------------------------------------------------------------------------------------------

COMMANDS = {"error", "warning", "notice", "set-output", "add-mask", "group", "debug", "stop-commands"}


def runner_command(line):
    """Return what GitHub's runner makes of a line of a log: (command, properties, data), or None.

    After ActionCommand.cs: the new form begins the line, white space aside; the old one may stand anywhere in it.
    """
    trimmed = line.lstrip()
    if trimmed.startswith("::") and (end := trimmed.find("::", 2)) >= 0:
        name, _, given_properties = trimmed[2:end].partition(" ")
        if name in COMMANDS:
            pairs = (part.partition("=") for part in given_properties.split(",") if part)
            properties = {key.strip(): _plain(value, property_=True) for key, _, value in pairs}
            return name, properties, _plain(trimmed[end + 2 :])
    start = line.find("##[")
    end = line.find("]", start)
    if start >= 0 and end >= 0 and line[start + 3 : end].partition(" ")[0] in COMMANDS:
        return line[start + 3 : end].partition(" ")[0], {}, line[end + 1 :]
    return None


def _plain(text, *, property_=False):
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), *((("%3A", ":"), ("%2C", ",")) if property_ else ())):
        text = text.replace(escape, char)
    return text.replace("%25", "%")


@pytest.mark.parametrize("line", ["::error::x", "  \u00a0::error::x", "text ##[error]x", "::error title=a::b"])
def test_the_reader_of_commands_finds_commands(line):
    """A reader that finds nothing would pass everything."""
    assert runner_command(line)[0] == "error"


@attacked
def test_a_terminal_gets_no_control_character_and_a_log_no_command(text):
    """Wherever the lines are wrapped afterwards."""
    shown = terminal(text)
    assert hidden(shown) == set()
    assert shown.count("\n") == text.count("\n")
    for start in range(len(shown)):
        assert not shown.startswith(("::", "##["), start)


@attacked
def test_what_a_terminal_shows_is_shown_once(text):
    assert terminal(terminal(text)) == terminal(text)
    assert visible(visible(text)) == visible(text)


@attacked
def test_a_field_stays_on_its_line(text):
    shown = one_line(text, 500)
    assert len(shown.splitlines()) <= 1
    assert terminal(shown) == shown
    assert len(one_line(text, 10)) <= 10


@attacked
def test_say_prints_lines_that_any_terminal_takes(text):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    say(text, stream=out)
    out.flush()
    printed = out.buffer.getvalue().decode()
    assert hidden(printed) == set()
    assert not any(line.lstrip().startswith("::") for line in printed.splitlines())


def test_characters_that_nobody_sees_are_named():
    assert visible("a\x1b\x9b\u202e\u200b\U000e0041\ud800\u3164b") == (r"a\x1b\x9b\u202e\u200b\U000e0041\ud800\u3164b")
    assert visible("USDⓈ-M ≥ 1 … é") == "USDⓈ-M ≥ 1 … é"
    assert one_line(" a\r\n b ") == "a b"
    assert one_line("a\rb") == r"a\rb"


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT, TEXT)
@example("a:b,c\n::error::x", "50%\r\n::set-output name=x::y", "a,title=b")
def test_an_annotation_is_one_command_with_its_text(title, text, file):
    line = annotation("error", title, text, file=file)
    assert len(line.splitlines()) == 1
    name, properties, data = runner_command(line)
    assert name == "error"
    assert properties.keys() <= {"file", "title"}
    assert hidden(line, "") == set()
    assert len(data) <= 500
    assert data == annotation("x", "", text).partition("title=::")[2].replace("%25", "%")
    assert properties["title"] == annotation("x", title, "").partition("title=")[2].partition("::")[0].replace(
        "%3A", ":"
    ).replace("%2C", ",").replace("%25", "%")


def test_a_log_line_is_one_that_any_terminal_takes():
    """With its exception and its stack."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(EscapingFilter())
    logger = logging.getLogger("tests.escape")
    logger.addHandler(handler)
    wrong = ValueError("\x1b[2J\n::error::x ##[error]")
    logger.error("said %s", "\r::add-mask::a\u202e", stack_info=True, exc_info=wrong)
    logger.removeHandler(handler)
    assert "ValueError" in out.getvalue()
    assert "add-mask" in out.getvalue()
    assert hidden(out.getvalue()) == set()
    assert commands(out.getvalue()) == []


def test_pytest_is_given_plain_text_also_where_something_broke():
    """A failure's message, the reason of a skip, a traceback with its cause, what was captured."""
    with pytest.raises(ValueError, match="error") as caught:
        raise ValueError("\x1b\n::error::x\n##[error]") from KeyError("\x1b[2J")
    for longrepr in ("\x1b\n::error::x", ("f", 1, "Skipped: \r::error::x"), caught.getrepr(style="long")):
        report = pytest.TestReport("n", ("f", 1, "n"), {}, "failed", longrepr, "call", [("out", "\x9b\n::error::x")])
        _make_plain(report)
        shown = report.longreprtext if not isinstance(longrepr, tuple) else report.longrepr[2]
        for text in (shown, report.capstdout, *(content for _, content in report.sections)):
            assert hidden(text) == set()
            assert commands(text) == []
        assert "error" in shown


# -- Markdown ----------------------------------------------------------------------------------------------------------


def kinds_and_text(tokens):
    """Return the kinds of all tokens but text, and the text: what is code, and what GitHub looks at once more."""
    kinds, said, looked_at = [], "", ""
    for token in tokens:
        if token.children is not None:
            kinds += [token.type] if token.type != "inline" else []
            inner = kinds_and_text(token.children)
            kinds, said, looked_at = kinds + inner[0], said + inner[1], looked_at + inner[2]
        elif token.type == "text":
            said, looked_at = said + token.content, looked_at + token.content
        else:
            kinds.append(token.type)
            said += token.content
    return kinds, said, looked_at


def flat(text, limit=400):
    """Return what a text is in one line of Markdown: the same as in a log."""
    return one_line(text, limit)


PARAGRAPH = ["paragraph_open", "paragraph_close"]


def test_the_reader_of_markdown_finds_links_and_markup():
    kinds, _, looked_at = kinds_and_text(READER.parse("https://a.example <b> *c* ![d](e) [f](g) h@i.example @j #1"))
    assert {"link_open", "html_inline", "em_open", "image"} <= set(kinds)
    assert REFERENCES.search(looked_at)


@attacked
def test_prose_is_a_paragraph_of_text(text):
    shown = flat(text)
    kinds, said, looked_at = kinds_and_text(READER.parse(prose(text)))
    assert kinds == (PARAGRAPH if shown else [])
    assert said.replace(JOINER, "") == shown
    assert not REFERENCES.search(looked_at)


@attacked
def test_prose_in_a_list_a_heading_and_a_quotation_is_text(text):
    shown = flat(text)
    for before in ("- x ", "# x ", "> x ", "- **a** x "):
        _, said, looked_at = kinds_and_text(READER.parse(before + prose(text) + "\n\nafter"))
        assert shown in said.replace(JOINER, "")
        assert not REFERENCES.search(looked_at)
    kinds, said, _ = kinds_and_text(READER.parse("- " + prose(text) + "\n- b"))
    assert kinds.count("list_item_open") == 2
    assert set(kinds) <= {"bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", *PARAGRAPH}


@attacked
def test_code_is_one_code_span(text):
    shown = flat(text, 160) or "(empty)"
    kinds, said, looked_at = kinds_and_text(READER.parse(code(text)))
    assert kinds == ["paragraph_open", "code_inline", "paragraph_close"]
    assert said == shown
    assert looked_at == ""


@attacked
def test_a_cell_is_one_cell_of_its_table(text):
    shown = flat(text, 160) or "(empty)"
    table = f"| a | b |\n| - | - |\n| {cell(text)} | {prose(text) or '-'} |\n\nafter"
    tokens = READER.parse(table)
    assert [token.type for token in tokens].count("td_open") == 2
    assert [token.type for token in tokens].count("tr_open") == 2
    inline = [token for token in tokens if token.type == "inline"]
    assert [child.type for child in inline[2].children] == ["code_inline"]
    assert inline[2].children[0].content.replace("\\x5c", "\\") == shown.replace("\\x5c", "\\")
    assert inline[3].content
    assert inline[4].content == "after"
    # GitHub's own reader takes a backslash and what follows together, also before a pipe.
    row = table.splitlines()[2]
    assert len(re.findall(r"(?:\\.|[^|\\])+", row.strip("|"))) == 2


@attacked
def test_a_link_leads_where_it_says_or_is_none(url):
    kinds, _, _ = kinds_and_text(READER.parse(link("source", url)))
    assert kinds in (PARAGRAPH, ["paragraph_open", "link_open", "link_close", "paragraph_close"])
    tokens = READER.parse(link("source", "https://example.org/" + url))
    inner = tokens[1].children
    if inner[0].type == "link_open":
        assert inner[0].attrs["href"].startswith("https://example.org/")
        assert [token.type for token in inner] == ["link_open", "text", "link_close"]


def test_only_web_addresses_become_links():
    assert link("source", "https://example.org/a") == "[source](<https://example.org/a>)"
    for url in ("javascript:alert(1)", "https://example.org/a> b", "https://example.org/\x1b", "https://e.org/\u202e"):
        assert link("source", url) == "source"


def test_markdown_reads_like_the_text():
    assert code("a`b") == "``a`b``"
    assert code("") == "`(empty)`"
    assert code("x" * 200) == "`" + "x" * 159 + "…`"
    assert cell("a|b") == r"`a\|b`"
    assert prose("<b>*x*</b> @someone #1") == "\\<b\\>\\*x\\*\\</b\\> @\u2060someone \\#\u20601"
    assert prose("1.5 of 0.1.0, 3 - 2: done") == "1.5 of 0.1.0, 3 - 2: done"


# -- HTML, XML, JSON ---------------------------------------------------------------------------------------------------


@attacked
def test_html_holds_text_and_nothing_else(text):
    shown = one_line(text, 1000)
    page = LexborHTMLParser(f'<!doctype html><body><table><tr><td title="{html(text)}">{html(text)}</td></tr></table>')
    [row] = page.css("td")
    assert row.text(deep=True) == shown
    assert row.attributes == {"title": shown}
    assert [node.tag for node in page.css("body *")] == ["table", "tbody", "tr", "td"]


@attacked
def test_junit_takes_what_a_failure_says(text):
    """Pytest writes the file; what it is given is legal there as it is."""
    shown = terminal(text)
    assert bin_xml_escape(shown) == shown
    element = ET.Element("failure", message=shown)
    element.text = shown
    read = ET.fromstring(ET.tostring(element, "utf-8"))  # noqa: S314  # our own
    assert (read.text or "") == shown
    assert hidden(read.get("message")) == set()


@attacked
def test_json_says_the_same_and_no_terminal_obeys_it(text):
    document = {text: [text, {"a": text}]}
    for encoded in (
        json.dumps(document).encode(),
        json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"),
    ):
        written = json_bytes(encoded)
        assert json.loads(written) == json.loads(json.dumps(document))  # two halves are one character there
        assert hidden(written.decode()) == set()
        assert b"##[" not in written


@attacked
def test_a_string_of_json_can_be_written(text):
    assert msgspec.json.decode(msgspec.json.encode(json_text(text))) == json_text(text)
    if text.isprintable():
        assert json_text(text) == text

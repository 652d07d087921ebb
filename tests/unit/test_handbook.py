"""README.md and the handbook: links lead somewhere, commands are ones that the parser takes, no page is left out.

The site itself is built by `make docs`, which CI does; these tests need no generator.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from checkout import ROOT
from markdown_it import MarkdownIt

from wireproof.cli import main, parser
from wireproof.cli.reference import commands_of, reference
from wireproof.errors import ExitStatus, UsageError
from wireproof.manifest import uses_recording
from wireproof.run_options import RUN_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from markdown_it.token import Token

PARSER = parser(whole=True)
COMMANDS = ROOT / "docs/commands.md"  # made by `make docs`, not kept
PAGES = [*sorted(ROOT.glob("*.md")), *(page for page in sorted((ROOT / "docs").glob("*.md")) if page != COMMANDS)]
SHELL = ("sh", "bash", "shell", "console")
#: Words that stand for others in commands, and one that each can stand for.
PLACEHOLDERS = {
    "COMMAND": "run",
    "SHELL": "bash",
    "NAME": "result",
    "N": "7",
    "P": "usdm",
    "…": "https://example.org/",
    "JSON": "{}",
}
#: Commands that only read what is in the checkout, by their first words: they are run as they stand.
CHEAP = ("schema", "completion", "contracts check", "contracts changes", "venue --routes", "venue --faults")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


@cache
def tokens_of(page: Path) -> list[Token]:
    """Return a page's Markdown as a flat list, with what stands within lines."""
    text = reference(PARSER) if page == COMMANDS else page.read_text("utf-8")
    return [one for token in MarkdownIt().enable("table").parse(text) for one in (token, *(token.children or ()))]


@cache
def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings as GitHub makes them."""
    tokens, found = tokens_of(page), set[str]()
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            words = re.sub(r"[`*]", "", tokens[at + 1].content).strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


def links() -> Iterator[tuple[Path, str]]:
    """Yield each link of each page."""
    for page in PAGES:
        for token in tokens_of(page):
            if token.type in {"link_open", "image"}:
                yield page, str(token.attrs.get("href") or token.attrs.get("src"))


def lost(page: Path, link: str) -> str:
    """Return why a link leads nowhere, or nothing."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return "" if parts.scheme == "https" and re.fullmatch(r"[\w.-]+\.[a-z]+", parts.netloc) else "no https address"
    file = (page.parent / parts.path).resolve() if parts.path else page
    if not file.exists() and file != COMMANDS:
        return "no such file"
    if parts.fragment and (file.suffix != ".md" or parts.fragment not in anchors_of(file)):
        return "no such heading"
    return ""


def test_every_link_leads_to_a_file_a_heading_or_an_address():
    found = [*links()]
    assert [(page.name, link, why) for page, link in found if (why := lost(page, link))] == []
    assert (ROOT / "README.md", "docs/limits.md") in found


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("docs/nowhere.md", "no such file"),
        ("docs/waivers.md#nowhere", "no such heading"),
        ("#nowhere", "no such heading"),
        ("http://developers.binance.com/", "no https address"),
        ("https://", "no https address"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(link, why):
    assert lost(ROOT / "README.md", link) == why


# -- commands ----------------------------------------------------------------------------------------------------------


def lines_of(page: Path) -> Iterator[tuple[str, bool]]:
    """Yield each line of a page's shell blocks, joined, and code in prose, with whether it is prose."""
    for token in tokens_of(page):
        if token.type == "fence" and token.info.split(" ")[0] in SHELL:
            yield from ((line, False) for line in token.content.replace("\\\n", " ").splitlines())
        elif token.type == "code_inline":
            yield token.content, True


def commands() -> Iterator[tuple[str, list[str], bool]]:
    """Yield each command of wireproof, make and pytest that a page names: words before a pipe, whether in prose.

    The change log says what was done once, and names commands that are gone.
    """
    for page in [one for one in PAGES if one.name != "CHANGELOG.md"]:
        for line, in_prose in lines_of(page):
            begun = re.sub(r"^(?:\$ |\w+=\S+ |(?:\.venv|\$\(BIN\))/bin/)+", "", line.strip())
            if begun.split(" ")[0] in {"wireproof", "make", "pytest"} and " " in begun:
                words = shlex.split(re.sub(r"[\[\]]", "", begun), comments=True)
                end = next(
                    (at for at, word in enumerate(words) if word in {">", ">>", "<", "|", "&&", "&"}), len(words)
                )
                yield page.name, words[:end], in_prose


@pytest.fixture(scope="module")
def flags_of_pytest(pytestconfig: pytest.Config) -> set[str]:
    """Return what pytest itself takes, and the options of a run."""
    of_pytest = {flag for one in pytestconfig._parser.optparser._actions for flag in one.option_strings}
    recording = pytest.Parser(_ispytest=True)
    uses_recording.pytest_addoption(recording)
    of_recording = {flag for group in recording._groups for one in group.options for flag in one.names()}
    return of_pytest | of_recording | {"-p"} | {option.flag for option in RUN_OPTIONS}


def refused(words: list[str], flags_of_pytest: set[str], *, in_prose: bool = False) -> str:
    """Return what the parser says against a command, or nothing. Prose may leave out what a command needs."""
    asked = [PLACEHOLDERS.get(word, word) for word in words[1:]]
    begins = " ".join(asked)
    if any(f"{name} ".startswith(f"{begins} ") for name, _ in commands_of(PARSER)):
        return ""  # "`wireproof report` is …", "`wireproof waive`": named, without what it needs
    if asked[-1] == "--help":
        asked.pop()
        return "" if any(f"{name} ".startswith(f"{' '.join(asked)} ") for name, _ in commands_of(PARSER)) else begins
    try:
        _, rest = PARSER.parse_known_args(asked)
    except UsageError as error:
        said = str(error)
        return "" if in_prose and re.search("arguments are required|expected .*argument", said) else said
    return ", ".join(
        flag for word in rest if (flag := word.partition("=")[0])[:1] == "-" and flag not in flags_of_pytest
    )


def test_every_command_of_wireproof_is_one_that_its_parser_takes(flags_of_pytest):
    found = [one for one in commands() if one[1][0] == "wireproof"]
    assert [
        (page, shlex.join(words), why)
        for page, words, in_prose in found
        if (why := refused(words, flags_of_pytest, in_prose=in_prose))
    ] == []
    assert len(found) > 40


@pytest.mark.parametrize(
    "command",
    [
        "wireproof plann --json",
        "wireproof plan --sort price",
        "wireproof run --nonsens",
        "wireproof schema nothing",
        "wireproof plann --help",
    ],
)
def test_a_command_that_is_none_is_found(command, flags_of_pytest):
    assert refused(shlex.split(command), flags_of_pytest)


def test_every_make_target_and_variable_exists():
    rules = set(re.findall(r"^([a-z]+):(?!=)", MAKEFILE, re.MULTILINE))
    variables = set(re.findall(r"^([A-Z]+) [?:]?=", MAKEFILE, re.MULTILINE))
    found = [(page, word) for page, words, _ in commands() if words[0] == "make" for word in words[1:]]
    assert [(page, word) for page, word in found if word not in rules and word.partition("=")[0] not in variables] == []
    assert ("README.md", "docs") in found


def test_every_pytest_command_has_options_and_paths_that_exist(flags_of_pytest):
    found = [(page, words) for page, words, _ in commands() if words[0] == "pytest"]
    for page, words in found:
        flags = {word.partition("=")[0] for word in words[1:] if word.startswith("-")}
        assert flags <= flags_of_pytest, (page, words)
        paths = [word for word in words[1:] if word.startswith(("tests/", "src/"))]
        assert [path for path in paths if not (ROOT / path).exists()] == [], page
    assert found


def test_commands_that_only_read_do_what_they_say(monkeypatch, tmp_path, capsys, flags_of_pytest):
    """They are run in the checkout's contracts, each once; what prints JSON prints JSON."""
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(ROOT / "contracts"))
    monkeypatch.chdir(tmp_path)
    cheap = {tuple(words) for _, words, _ in commands() if " ".join(words[1:3]).startswith(CHEAP)}
    ran = 0
    for words in sorted(cheap):
        asked = [PLACEHOLDERS.get(word, word) for word in words[1:]]
        if "--help" in asked or refused(["wireproof", *asked], flags_of_pytest):
            continue
        assert main(asked) == ExitStatus.OK, words
        out = capsys.readouterr().out
        assert out, words
        if asked[0] == "schema" or "--json" in asked:
            json.loads(out)
        ran += 1
    assert ran > 3


# -- pages -------------------------------------------------------------------------------------------------------------


def configuration() -> Any:
    """Return the site's configuration as a module; it needs no generator to be read."""
    spec = importlib.util.spec_from_file_location("handbook_conf", ROOT / "docs/conf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_is_in_the_navigation_once():
    listed = [page for pages in configuration().navigation().values() for page in pages]
    assert sorted(listed) == sorted(
        [f"docs/{page.stem}" for page in (ROOT / "docs").glob("*.md") if page != COMMANDS]
        + ["docs/commands"]
        + [page.stem for page in ROOT.glob("*.md") if page.stem != "README"]
    )


def test_the_site_asks_no_other_host():
    text = "".join(file.read_text("utf-8") for file in [ROOT / "docs/conf.py", *(ROOT / "docs/_static").iterdir()])
    assert re.findall(r"https?://|@import", text) == []


def test_the_readme_stays_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 130


def test_every_exit_status_is_explained():
    """Shortly in the README, in a table on the page of running, and in the reference."""
    running = (ROOT / "docs/running.md").read_text("utf-8")
    assert set(re.findall(r"^\| (\d) \|", running, re.MULTILINE)) == {str(int(one)) for one in ExitStatus}
    [said] = re.findall(r"^Exit status: (.+)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [int(one) for one in re.findall(r"\b\d\b", said)] == [int(one) for one in ExitStatus]

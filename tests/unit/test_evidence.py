"""What is said about the exchange's behaviour stands in docs/exchange.md, with grade, date and source."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from checkout import ROOT, SRC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVIDENCE = ROOT / "docs/exchange.md"
CITATION = re.compile(r"docs/exchange\.md#([a-z0-9-]+)")
#: Words that say that somebody saw the exchange do something.
CLAIM = re.compile(r"\bmeasured\b|\b(seen|recorded) on (the wire|live|testnet)\b|\bfield notes\b", re.IGNORECASE)
#: A measurement of a machine, not of the exchange, says when it was made.
DATE = re.compile(r"\b20\d\d-\d\d")
GRADES = ("measured on live", "measured on testnet", "documented", "in client code", "assumed")
#: `**grade** date [source]`, further ones after commas and semicolons.
GRADED = re.compile(rf"\*\*({'|'.join(GRADES)})\*\*((,? 20\d\d(-\d\d){{0,2}}|,)( \[[a-z0-9 -]+\])+)+")


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def facts() -> dict[str, str]:
    """Return the text below each heading of the third level, by heading."""
    text = EVIDENCE.read_text("utf-8").partition("\n## Sources\n")[0]
    parts = re.split(r"^###? (.+)\n", text, flags=re.MULTILINE)
    return {heading: body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True) if body.strip()}


def citations(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each cited anchor with the file that cites it."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".py", ".json", ".md"} and "__pycache__" not in file.parts:
            for cited in CITATION.findall(file.read_text("utf-8")):
                yield cited, str(file.relative_to(ROOT))


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Yield each docstring and each block of comments of a module, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text is not None:
                yield node.body[0].lineno, text
    block: list[str] = []
    last = first = -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if line != last + 1 and block:
            yield first, " ".join(block)
            block = []
        first, last = (first if block else line), line
        block.append(token.string)
    if block:
        yield first, " ".join(block)


def unproven(source: str) -> list[int]:
    """Return the lines whose prose claims a measurement and names neither evidence nor a date."""
    return [
        line
        for line, text in prose(source)
        if CLAIM.search(text) and not CITATION.search(text) and not DATE.search(text)
    ]


def test_every_cited_anchor_exists():
    """Whoever follows a citation finds the fact."""
    anchors = {anchor(heading) for heading in facts()}
    cited = [one for folder in ("src", "tests", "contracts", "docs") for one in citations(ROOT / folder)]
    assert [f"{file}: {name}" for name, file in cited if name not in anchors] == []
    assert len(cited) > 50


@pytest.mark.parametrize("layer", ["venue", "suite", "recognition.py"])
def test_every_claim_cites_its_evidence(layer):
    """Nothing is "measured" without saying where that can be read."""
    files = [SRC / layer] if layer.endswith(".py") else sorted((SRC / layer).rglob("*.py"))
    claims = {str(file.relative_to(ROOT)): unproven(file.read_text("utf-8")) for file in files}
    assert {file: lines for file, lines in claims.items() if lines} == {}


def test_claims_are_found_in_docstrings_and_comments():
    """The check sees what it is for."""
    source = (
        '"""Weight (measured)."""\nA = 1  # measured: docs/exchange.md#weights\nB = 2\n# it was\n# measured on live\n'
    )
    assert unproven(source) == [1, 4]


def test_every_fact_has_grade_date_and_source():
    """How sure a fact is, since when, and who says so."""
    text = EVIDENCE.read_text("utf-8")
    known = set(re.findall(r"^\[([a-z0-9 -]+)\]: ", text, flags=re.MULTILINE))
    for heading, body in facts().items():
        grades = " ".join(body.split("\n\n")[-1].split())
        assert all(GRADED.fullmatch(one) for one in grades.split("; ")), f"{heading}: {grades}"
        assert set(re.findall(r"\[([a-z0-9 -]+)\]", grades)) <= known, heading


def test_facts_are_told_once():
    """Anchors are unique, and so are the definitions of sources, each of which is used."""
    text = EVIDENCE.read_text("utf-8")
    headings = re.findall(r"^##+ (.+)$", text, flags=re.MULTILINE)
    assert [name for name, count in Counter(map(anchor, headings)).items() if count > 1] == []
    used, _, definitions = text.partition("\n## Sources\n")
    sources = Counter(re.findall(r"^\[([a-z0-9 -]+)\]: ", definitions, flags=re.MULTILINE))
    assert [name for name, count in sources.items() if count > 1 or f"[{name}]" not in used] == []


def test_every_waiver_rests_on_a_known_source():
    """A waiver links the exchange's documentation or a source of docs/exchange.md."""
    text = EVIDENCE.read_text("utf-8")
    for file in sorted((ROOT / "contracts").glob("*/waivers.json")):
        for waiver in json.loads(file.read_text("utf-8"))["waivers"]:
            link = waiver["link"]
            assert link.startswith("https://developers.binance.com/docs/") or f"]: {link}\n" in text, waiver

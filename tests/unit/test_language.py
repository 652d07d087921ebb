"""Prose is plain: words that hide what happens stay out of docstrings, comments, messages and documents."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING

import pytest
from checkout import ROOT, SRC

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What to avoid, and what to write.
AVOIDED = {
    r"\b(tell|tells|told|telling) of\b": "report",
    r"\b(hear|hears|heard|hearing) of\b": "receive",
    r"\b(take|takes|took|taken|taking) \w+ for (a|an|the|one|what|another)\b": "mistake for",
    r"\btaken for (a|an|the|one|what|another)\b": "mistaken for",
    r"\b(do|does|did) as told\b": "is controlled",
    r"\bof ours\b": "wireproof's",
    r"\b(take|takes|took|taken|taking) back\b": "undo",
    r"\b(bring|brings|brought|bringing) (\w+ )?about\b": "trigger",
    r"\b(stir|stirs|stirred|stirring)\b": "trigger",
    r"\b(keep|keeps|kept|keeping) house\b": "housekeeping",
}
ANY_AVOIDED = re.compile("|".join(AVOIDED), re.IGNORECASE)
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted(SRC.rglob("*.py"))


def avoided_in(text: str) -> list[str]:
    """Return each avoided expression in *text* with what to write instead."""
    one_line = " ".join(text.split())
    if ANY_AVOIDED.search(one_line) is None:
        return []
    return [
        f"{match[0]!r}: write {better!r}"
        for pattern, better in AVOIDED.items()
        for match in re.finditer(pattern, one_line, re.IGNORECASE)
    ]


def prose(source: str) -> Iterator[str]:
    """Yield each string that has a space in it, docstrings included, and each comment of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    yield " ".join(one.string.lstrip("#: ") for one in tokens if one.type == tokenize.COMMENT)


def faults_of_docstrings(source: str) -> list[str]:
    """Return predicates that begin otherwise than with "Whether", and parameters in asterisks."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        text = ast.get_docstring(node) or ""
        if re.match(r"(Return|Tell|Say|Says|Tells|Returns) whether\b|True (if|when)\b", text):
            found.append(f"{node.name}: begins with {text.split()[0]!r}")
        if isinstance(node, ast.ClassDef):
            fields = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
            names = {one.id for one in fields if isinstance(one, ast.Name)}
        else:
            names = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
        found += [f"{node.name}: *{name}*" for name in re.findall(r"(?<!\*)\*(\w+)\*(?!\*)", text) if name in names]
    return found


#: Modules whose words are not plain yet. One that became plain leaves the list, and none joins it.
WORDS_LEFT: frozenset[str] = frozenset(
    {
        "report/summary.py",
        "suite/planning/preview.py",
        "suite/running/fate.py",
        "suite/state/account.py",
        "suite/state/journal.py",
        "suite/state/orders.py",
        "suite/state/settings.py",
        "suite/streams/silence.py",
        "suite/streams/witness.py",
        "suite/target.py",
    }
)
#: The same for docstrings of predicates and parameters.
DOCSTRINGS_LEFT: frozenset[str] = frozenset(
    {
        "suite/running/compile_run.py",
        "suite/running/fate.py",
    }
)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_documents_are_plain(file):
    assert avoided_in(file.read_text("utf-8")) == []


def test_docstrings_comments_and_messages_are_plain():
    found = {
        name: [fault for text in prose(source) for fault in avoided_in(text)]
        for name, source in ((str(file.relative_to(SRC)), file.read_text("utf-8")) for file in MODULES)
    }
    assert {name: faults for name, faults in found.items() if faults and name not in WORDS_LEFT} == {}
    assert {name for name in WORDS_LEFT if not found.get(name)} == set(), "plain by now: take them off WORDS_LEFT"


def test_predicates_begin_with_whether_and_parameters_are_in_backticks():
    found = {str(file.relative_to(SRC)): faults_of_docstrings(file.read_text("utf-8")) for file in MODULES}
    assert {name: faults for name, faults in found.items() if faults and name not in DOCSTRINGS_LEFT} == {}
    assert {name for name in DOCSTRINGS_LEFT if not found.get(name)} == set(), "take them off DOCSTRINGS_LEFT"


def test_each_avoided_expression_is_found():
    examples = [
        "what it tells of",
        "no night is heard of",
        "which takes text for a number",
        "the market does as told",
        "an order of ours",
        "what was taken back",
        "brings events about",
        "it stirs the market",
        "to keep house",
    ]
    assert [len(avoided_in(text)) for text in examples] == [1] * len(examples)
    assert avoided_in("is mistaken for a number, and reported") == []


def test_faults_of_docstrings_are_found():
    source = 'def f(one, two):\n    """Return whether *one* is `two`, *three* or **two**."""\n'
    assert faults_of_docstrings(source) == ["f: begins with 'Return'", "f: *one*"]

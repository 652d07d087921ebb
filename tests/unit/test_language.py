"""Prose is plain: words that hide what happens stay out of docstrings, comments, messages and documents."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path
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
#: Documents, and other files that people read: workflows, the Makefile, the project file.
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "tests").glob("*/README.md")),
    *sorted((ROOT / ".github").rglob("*.yml")),
    ROOT / "Makefile",
    ROOT / "pyproject.toml",
]
MODULES = [file for top in (SRC, ROOT / "tests") for file in sorted(top.rglob("*.py")) if file != Path(__file__)]
#: Words that leave a docstring that has no others as empty as the name that it repeats.
EMPTY_WORDS = {
    "a",
    "all",
    "an",
    "and",
    "be",
    "for",
    "in",
    "is",
    "it",
    "its",
    "of",
    "one",
    "return",
    "that",
    "the",
    "to",
    "what",
}


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


def stems(text: str) -> set[str]:
    """Return the words of a text or a name, in small letters and without the s of a plural."""
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}
    return {word.removesuffix("s") for word in words if word not in EMPTY_WORDS}


def wide_constructors(source: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each class whose constructor has six parameters or more, with those that its `Args:` leave out."""
    for node in ast.walk(ast.parse(source)):
        for method in node.body if isinstance(node, ast.ClassDef) else []:
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                own = method.args
                every = [*own.posonlyargs, *own.args, *own.kwonlyargs, *filter(None, (own.vararg, own.kwarg))]
                names = [one.arg for one in every if one.arg != "self"]
                _, _, listed = (ast.get_docstring(node) or "").partition("\nArgs:\n")
                if len(names) >= 6:
                    yield node.name, [name for name in names if not re.search(rf"^ +{name}: ", listed, re.MULTILINE)]


def faults_of_docstrings(source: str) -> list[str]:
    """Return predicates that do not begin with "Whether", parameters in asterisks, and docstrings that say nothing."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        text = ast.get_docstring(node) or ""
        if re.match(r"(Return|Tell|Say|Check)s?( \w+)? whether\b|True (if|when)\b", text) or (
            re.match(r"_?(is|has|can|may|must)_", node.name) and text and not text.startswith("Whether ")
        ):
            found.append(f"{node.name}: begins with {text.split()[0]!r}")
        if text and (stems(text) <= stems(node.name) or re.fullmatch(r"\w+ (it|them)\.", text)):
            found.append(f"{node.name}: {text!r} says nothing beyond the name")
        if isinstance(node, ast.ClassDef):
            fields = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
            names = {one.id for one in fields if isinstance(one, ast.Name)}
        else:
            names = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
        found += [f"{node.name}: *{name}*" for name in re.findall(r"(?<!\*)\*(\w+)\*(?!\*)", text) if name in names]
    return found


def named(found: Iterator[tuple[Path, list[str]]]) -> dict[str, list[str]]:
    """Return what was found by the file in which it stands."""
    return {file.relative_to(ROOT).as_posix(): faults for file, faults in found if faults}


def test_documents_are_plain():
    assert named((file, avoided_in(file.read_text("utf-8"))) for file in DOCUMENTS) == {}


def faults_of_module(source: str) -> list[str]:
    """Return what is wrong with the prose of a module."""
    return [fault for text in prose(source) for fault in avoided_in(text)] + faults_of_docstrings(source)


def test_modules_are_plain():
    """Docstrings, comments and messages; predicates begin with "Whether", parameters are in single backticks."""
    assert named((file, faults_of_module(file.read_text("utf-8"))) for file in MODULES) == {}


def test_wide_constructors_explain_each_parameter():
    lacking = ((file, wide_constructors(file.read_text("utf-8"))) for file in sorted(SRC.rglob("*.py")))
    assert (
        named((file, [f"{name}: {', '.join(left)}" for name, left in found if left]) for file, found in lacking) == {}
    )


def test_parameters_that_are_not_explained_are_found():
    source = '''
class Wide:
    """Is wide.

    Args:
        a: The first.
        b: In seconds.
    """

    def __init__(self, a, b, c, *, d, e=1, **options): ...
'''
    assert list(wide_constructors(source)) == [("Wide", ["c", "d", "e", "options"])]
    assert list(wide_constructors(source.replace("e=1, **options", ""))) == []


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
    assert faults_of_docstrings('def is_open(it):\n    """Open or not."""\n') == ["is_open: begins with 'Open'"]


@pytest.mark.parametrize("text", ["Change it.", "Read the sides.", "-1121."])
def test_docstrings_that_say_nothing_are_found(text):
    assert len(faults_of_docstrings(f'def read_side(it):\n    """{text}"""\n')) == 1

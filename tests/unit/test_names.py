"""One name, one thing: no two classes, and no two modules, of the package have the same name."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = ROOT / "src/wireproof"

#: Class names that occur twice, with the reason; this list only shrinks.
CLASSES_LEFT = {"Account": "the suite's and the exchange's side of the same thing; the two share no code"}

#: Module names that mean the same in every folder: how Python starts one, the types that its layer is about, and the
#: products that it knows.
OF_EVERY_FOLDER = {"__init__", "__main__", "model", "registry"}


def defined_classes() -> Iterator[tuple[str, str]]:
    """Yield the name of each class, nested and private ones included, and its file."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield node.name, str(file.relative_to(PACKAGE))


def modules() -> Iterator[tuple[str, str]]:
    """Yield the name of each module, and its file."""
    for file in PACKAGE.rglob("*.py"):
        if file.stem not in OF_EVERY_FOLDER:
            yield file.stem, str(file.relative_to(PACKAGE))


def shared(names: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the names that stand in more than one place, with their files."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, file in names:
        places[name].append(file)
    return {name: sorted(files) for name, files in places.items() if len(files) > 1}


def test_a_class_name_stands_for_one_class() -> None:
    twice = shared(defined_classes())
    assert {name: files for name, files in twice.items() if name not in CLASSES_LEFT} == {}
    assert sorted(CLASSES_LEFT.keys() - twice.keys()) == [], "These are unique by now: take them out of the list."


def test_a_module_name_stands_for_one_module() -> None:
    assert shared(modules()) == {}

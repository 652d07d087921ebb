"""A product is a plug: its name stands in its own modules and in the two registries, and nowhere else."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from checkout import ROOT, SRC

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {file.parent.name for file in (ROOT / "contracts").glob("*/product.json")}

#: Where a product's name may stand: its own modules, and the registries.
OWN = ("suite/products/", "venue/products/")

#: Words that are the name of a product elsewhere, and something else in one module.
OTHER_SENSE = {("report/html_report.py", "options")}  # Allure's word for the settings of one of its plugins


def names_in(source: str) -> Iterator[str]:
    """Yield each string in a module's code that is the name of a product."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in NAMES:
            yield node.value


def test_products_are_named_in_their_own_modules_and_the_registries_only():
    named = {
        (module, name)
        for file in SRC.rglob("*.py")
        if not (module := file.relative_to(SRC).as_posix()).startswith(OWN)
        for name in names_in(file.read_text("utf-8"))
    }
    assert named - OTHER_SENSE == set()
    assert OTHER_SENSE - named == set(), "the word is not there any more: take it off the list"


def test_a_name_is_found():
    assert list(names_in('ORDER = {"usdm": 1}\n"""Such as usdm."""')) == ["usdm"]

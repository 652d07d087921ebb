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

#: Modules that still name products. One that no longer does leaves the list, and none joins it.
LEFT: frozenset[str] = frozenset(
    {
        "pages/extracting/page_products.py",  # which addresses and paths belong to which product
        "report/html_report.py",  # "options" of a chart, no product
        "results/wording.py",  # titles
    }
)


def names_in(source: str) -> Iterator[str]:
    """Yield each string in a module's code that is the name of a product."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in NAMES:
            yield node.value


def test_products_are_named_in_their_own_modules_and_the_registries_only():
    named = {
        name
        for file in SRC.rglob("*.py")
        if not (name := str(file.relative_to(SRC))).startswith(OWN) and any(names_in(file.read_text("utf-8")))
    }
    assert named - LEFT == set()
    assert LEFT - named == set(), "they name no product any more: take them off LEFT"


def test_a_name_is_found():
    assert list(names_in('ORDER = {"usdm": 1}\n"""Such as usdm."""')) == ["usdm"]

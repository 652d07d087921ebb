"""Imports run one way: the table below is the design, and every module has its line in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "wireproof"

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "bounds": set(),
    "escape": set(),
    "recognition": {"bounds"},
    "contract": {"bounds", "errors"},
    "drift": {"bounds", "errors", "escape", "recognition", "contract"},
    "wire": {"bounds", "errors", "recognition"},
    "pages": {"errors", "contract"},
    "suite": {"bounds", "errors", "recognition", "contract", "drift", "wire"},
    "report": {"bounds", "errors", "escape", "contract", "drift", "suite"},
    "venue": set(),
    # Independent of the comparison and of the venue: it reads which contracts there are, and what they leave open.
    "torture": {"errors", "contract"},
    "plugin": {"errors", "escape", "contract", "drift", "wire", "suite", "report"},
    # The command serves the venue, which it runs like anybody else would: by its main function.
    "cli": {
        *("bounds", "errors", "escape", "contract", "drift", "wire", "pages", "suite", "report", "plugin", "venue"),
        "torture",
    },
}


def layers_imported_by(layer: str, src: Path = SRC) -> set[str]:
    """Return the layers named in any absolute import of a layer, nested imports included."""
    found: set[str] = set()
    for file in [*src.glob(f"{layer}.py"), *src.glob(f"{layer}/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}: imports are absolute"
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    layers = {name.split(".")[1] for name in found if name.startswith("wireproof.")}
    return layers - {layer, "__version__"}


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_layer_keeps_to_its_rule(layer):
    """A layer imports only what the table grants it."""
    assert layers_imported_by(layer) <= MAY_IMPORT[layer]


def test_every_module_has_a_line_in_the_table():
    """No module stands outside the rules."""
    modules = {file.stem for file in SRC.glob("*.py")} | {f.parent.name for f in SRC.glob("*/__init__.py")}
    assert modules - {"__init__"} == set(MAY_IMPORT)


def test_venue_never_reads_the_contracts():
    """If the venue built its answers from the contracts, a wrong contract would agree with itself."""
    sources = "".join(file.read_text("utf-8") for file in SRC.glob("venue/**/*.py"))
    assert "contracts/" not in sources
    assert "wireproof.contract" not in sources


def test_a_forbidden_import_is_seen(tmp_path):
    """An import in a function body counts like one at the top."""
    (tmp_path / "venue").mkdir()
    (tmp_path / "venue" / "bad.py").write_text("def f():\n    from wireproof.contract import store\n", "utf-8")
    assert layers_imported_by("venue", tmp_path) == {"contract"}

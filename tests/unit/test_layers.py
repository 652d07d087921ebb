"""Imports run one way: the table below is the design, and every module has its line in it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from checkout import SRC

if TYPE_CHECKING:
    from pathlib import Path

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "project_settings": {"errors"},
    "bounds": set(),
    "counts": set(),
    "day": {"errors"},
    "escape": set(),
    "run_options": set(),
    "recognition": {"bounds"},
    "contract": {"counts", "bounds", "errors", "project_settings"},
    "drift": {"counts", "bounds", "day", "errors", "escape", "run_options", "recognition", "contract"},
    "wire": {"counts", "bounds", "errors", "recognition"},
    "pages": {"bounds", "counts", "day", "errors", "contract"},
    "results": {"counts", "contract", "drift", "errors", "escape"},
    "ledger": {"bounds", "counts", "day", "errors", "escape", "recognition", "contract", "drift", "results"},
    "suite": {
        "counts",
        "bounds",
        "day",
        "errors",
        "run_options",
        "recognition",
        "contract",
        "drift",
        "wire",
        "results",
    },
    "manifest": {"counts", "bounds", "errors", "escape", "contract", "drift", "results"},
    "report": {"counts", "bounds", "day", "errors", "escape", "contract", "drift", "results", "ledger"},
    "venue": set(),
    # Independent of the comparison and of the venue: it reads which contracts there are, and what they leave open.
    "torture": {"counts", "errors", "contract"},
    "__main__": {"cli"},
    "plugin": {
        "day",
        "errors",
        "run_options",
        "results",
        "escape",
        "contract",
        "drift",
        "wire",
        "suite",
        "report",
        "ledger",
    },
    # The command serves the venue, which it runs like anybody else would: by its main function.
    "cli": {
        "project_settings",
        *(
            "bounds",
            "counts",
            "day",
            "errors",
            "escape",
            "run_options",
            "contract",
            "drift",
            "wire",
            "pages",
            "suite",
            "report",
            "plugin",
            "venue",
        ),
        *("torture", "results", "ledger", "manifest"),
    },
}


def imports_of_rooms(src: Path = SRC, *, each_module: bool = False) -> dict[str, set[str]]:
    """Return which rooms each room imports, for types alone included; with `each_module`, which modules each module.

    A room is a folder inside a layer, or a module that stands directly in one: `suite.running`, `suite.target`.
    """
    room_of = str if each_module else _room
    names = {".".join(file.relative_to(src).with_suffix("").parts): file for file in src.rglob("*.py")}
    imports: dict[str, set[str]] = {}
    for name, file in names.items():
        found = imports.setdefault(room_of(name), set())
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("wireproof."):
                base = node.module.removeprefix("wireproof.")
                whole = {f"{base}.{alias.name}" for alias in node.names}
                found |= {room_of(one) for one in (whole & names.keys()) | ({base} & names.keys())}
    return {room: {other for other in others if other != room} for room, others in imports.items()}


def _room(module: str) -> str:
    *folders, _ = parts = module.split(".")
    return ".".join(folders if len(parts) > 2 else parts)


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of rooms that reach each other."""
    reach = {room: set(others) for room, others in imports.items()}
    for between, beyond in reach.items():
        for others in reach.values():
            others.update(beyond if between in others else ())
    found = {frozenset(other for other in reach[room] if room in reach[other]) for room in reach if room in reach[room]}
    return sorted(map(set, found), key=sorted)


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


def test_rooms_import_one_way():
    """Whoever reads a room need not know those above it."""
    assert circles(imports_of_rooms()) == []


def test_modules_import_one_way():
    """No module needs another one that needs it."""
    assert circles(imports_of_rooms(each_module=True)) == []


#: Rooms of `suite`, each above all that it may import.
ROOMS_OF_SUITE = ["vocabulary", "products", "planning", "state", "judging", "events", "streams", "running"]


@pytest.mark.parametrize("room", ROOMS_OF_SUITE)
def test_rooms_of_suite_stand_in_one_order(room):
    above = {f"suite.{other}" for other in ROOMS_OF_SUITE[ROOMS_OF_SUITE.index(room) + 1 :]}
    assert imports_of_rooms()[f"suite.{room}"] & above == set()


def test_a_circle_of_rooms_is_seen(tmp_path):
    """An import for types alone counts: who reads the one room has to read the other."""
    for room, text in (
        (
            "running",
            "if TYPE_CHECKING:\n    from wireproof.suite.state.a import A\n",
        ),
        ("state", "def f():\n    from wireproof.suite.running import a\n"),
        ("planning", "from wireproof.suite.state.a import A\n"),
    ):
        (tmp_path / "suite" / room).mkdir(parents=True)
        (tmp_path / "suite" / room / "a.py").write_text(text, "utf-8")
    assert circles(imports_of_rooms(tmp_path)) == [{"suite.running", "suite.state"}]

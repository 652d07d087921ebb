"""The table of docs/clients.md, and what it is made of."""

from __future__ import annotations

import json
import re

import pytest
from checkout import ROOT
from clients_matrix import BEGIN, END, GROUPS, MODULES, UNCOUNTED, Matrix

PAGE = (ROOT / "docs/clients.md").read_text("utf-8")
MORE = ROOT / "tests/clients/more"


def test_passes_and_faults_stand_in_the_table():
    matrix = Matrix()
    for _ in range(2):
        matrix.note("zeta", "1.0", "usdm", "orders")
    matrix.note("alpha", "2.0", "usdm", "orders")
    for _ in range(2):
        matrix.note("alpha", "2.0", "usdm", "orders", "forgets the price")
    matrix.note("alpha", "2.0", "usdm", "account", "is slow")
    assert matrix.table().splitlines()[2:] == [
        "| alpha | 2.0 | usdm | - | [1] | 1 [2] | - | - | - |",
        "| zeta | 1.0 | usdm | - | - | 2 | - | - | - |",
        "",
        "1. alpha is slow.",
        "2. alpha forgets the price.",
    ]


def test_the_table_takes_its_place_in_a_page():
    matrix = Matrix()
    matrix.note("alpha", "2.0", "usdm", "orders")
    page = matrix.written_into(f"a\n{BEGIN}\nold\n{END}\nb\n")
    assert page.startswith(f"a\n{BEGIN}\n\n| client |")
    assert page.endswith(f"\n\n{END}\nb\n")
    assert "old" not in page
    with pytest.raises(ValueError, match="no place for the table"):
        matrix.written_into("a page")


def test_the_page_has_a_row_for_each_client():
    """`make clients` writes it anew; whoever adds a client runs that."""
    table = PAGE.partition(BEGIN)[2].partition(END)[0]
    assert f"| {' | '.join(GROUPS)} |" in table
    named = {client for client, _package, _product in MODULES.values()}
    for file in MORE.glob("test_*.py"):
        named |= set(re.findall(r'mark\.client\("([^"]+)"', file.read_text("utf-8")))
    assert {client for client in named if f"| {client} |" not in table} == set()
    assert "| binance (Node.js) |" in table


def test_every_module_of_a_client_is_known():
    modules = {file.stem for file in (ROOT / "tests/clients").glob("test_*.py")}
    assert modules == MODULES.keys() | UNCOUNTED
    assert not MODULES.keys() & UNCOUNTED


def test_packages_of_node_are_pinned():
    packages = json.loads((MORE / "package.json").read_text("utf-8"))["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in packages.values())

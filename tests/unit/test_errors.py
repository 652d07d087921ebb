"""Errors know their exit status, and name what was probably meant."""

import ast
import re

import pytest
from checkout import ROOT

from wireproof import errors
from wireproof.errors import (
    BlockedError,
    ConfigurationError,
    ContractFileError,
    ExitStatus,
    UsageError,
    WireproofError,
    did_you_mean,
)
from wireproof.wire import failures


def test_the_drawn_trees_show_every_error():
    """The docstrings name each class that descends from WireproofError, and nothing else."""
    base_of = {
        node.name: base.id
        for file in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    known = {"WireproofError"}
    while grown := {name for name, base in base_of.items() if base in known} - known:
        known |= grown
    drawn = set(re.findall(r"(\w+Error)\b", f"{errors.__doc__} {failures.__doc__}"))
    assert drawn == known


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (WireproofError("x"), ExitStatus.BROKEN),
        (UsageError("x"), ExitStatus.USAGE),
        (ConfigurationError("x"), ExitStatus.USAGE),
        (ContractFileError("a.json", "x"), ExitStatus.USAGE),
        (BlockedError("x"), ExitStatus.BLOCKED),
    ],
)
def test_each_error_has_its_exit_status(error, status):
    assert error.exit_status == status


def test_exit_statuses_are_those_of_the_readme():
    assert [(one.name, int(one)) for one in ExitStatus] == [
        ("OK", 0),
        ("FINDINGS", 1),
        ("USAGE", 2),
        ("BLOCKED", 3),
        ("BROKEN", 4),
    ]


def test_an_error_of_a_file_names_the_file_and_a_hint():
    assert str(ContractFileError("a.json", "It is empty.")) == "a.json: It is empty."
    assert str(ContractFileError("a.json", "It is empty.", hint="Delete it.")) == "a.json: It is empty. Delete it."


def test_the_nearest_name_is_proposed():
    assert did_you_mean("usdn", ["usdm", "coinm"]) == "Did you mean 'usdm'? Known: coinm, usdm."
    assert did_you_mean("xyz", ["usdm", "coinm"]) == "Known: coinm, usdm."
    assert did_you_mean("usdm", []) == ""


def test_a_common_prefix_makes_no_name_near():
    known = ["WIREPROOF_TODAY", "WIREPROOF_ALLURE"]
    assert did_you_mean("WIREPROOF_XYZ", known).startswith("Did you mean")
    assert did_you_mean("WIREPROOF_XYZ", known, prefix="WIREPROOF_") == "Known: WIREPROOF_ALLURE, WIREPROOF_TODAY."


def test_of_many_names_forty_are_shown():
    shown = did_you_mean("zzz", [f"n{number:02}" for number in range(50)])
    assert shown.endswith("n39, ….")

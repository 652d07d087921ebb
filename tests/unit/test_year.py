"""A fortnight of `benchmarks/year.py`: each change is reported on its night as what it is, and nothing else is."""

from __future__ import annotations

import importlib.util
import sys

import pytest
from checkout import ROOT

from wireproof.drift.finding import Kind


@pytest.fixture(scope="module")
def year():
    spec = importlib.util.spec_from_file_location("benchmark_of_a_year", ROOT / "benchmarks" / "year.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_a_fortnight_reports_each_change_on_its_night_and_nothing_else(year, tmp_path):
    figures = year.simulate(tmp_path, length=12, products={"options"}, changes=20, dead=2, blocked=3, slow=2)
    assert figures.wrong == []
    assert figures.reported >= 20
    assert {"testnet ahead, announced", "testnet ahead, early", "regression, unannounced"} <= figures.classes.keys()
    assert figures.sizes.keys() == {"ledger", "history", "site of one target", "largest page of fields"}


def test_what_is_missed_and_what_is_no_change_is_wrong(year, tmp_path, monkeypatch):
    monkeypatch.setitem(year.KINDS, "status", (Kind.UNPARSEABLE, ""))
    monkeypatch.setattr(year, "LEDGER_MB", 0.0)
    figures = year.simulate(
        tmp_path, length=6, products={"portfolio-margin-pro"}, changes=12, dead=0, blocked=0, slow=0
    )
    said = "\n".join(figures.wrong)
    assert "is missed" in said
    assert "status-changed at portfolio-margin-pro/rest/" in said
    assert "is no change" in said
    assert "of 0 MB" not in said
    assert "ledger: " in said

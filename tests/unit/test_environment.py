"""The environment of the person who runs wireproof: what it may say, and what it may not alter."""

from __future__ import annotations

import asyncio
import json
import os
import sys

import pytest
from checkout import ROOT

CASES = ("-k", "usdm/ws-api/ticker.price")

#: A plugin that would alter a run: it is installed for every pytest of the environment.
MEDDLER = """
def pytest_collection_modifyitems(items):
    del items[1:]
"""

FOREIGN = {
    "none": {},
    "options that pytest does not know": {"PYTEST_ADDOPTS": "--no-such-option"},
    "options that alter it": {"PYTEST_ADDOPTS": "-k no-such-case -p no:terminal --collect-only"},
    "a plugin that is not there": {"PYTEST_PLUGINS": "no_such_plugin"},
    "a plugin that alters it": {"PYTEST_PLUGINS": "meddler"},
    "no plugins": {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    "a plan of tests for allure": {"ALLURE_TESTPLAN_PATH": "plan.json"},
}


@pytest.fixture
def folder(tmp_path):
    """Return a folder to run in, with a plugin and a test plan that would alter a run."""
    (tmp_path / "meddler.py").write_text(MEDDLER, "utf-8")
    (tmp_path / "plan.json").write_text('{"tests": [{"selector": "nothing"}]}', "utf-8")
    installed = tmp_path / "meddler-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: meddler\nVersion: 1.0\n", "utf-8")
    (installed / "entry_points.txt").write_text("[pytest11]\nmeddler = meddler\n", "utf-8")
    return tmp_path


async def started(folder, environ, *arguments, cwd=None):
    """Run a module in a process of its own; return its exit status and everything it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        cwd=cwd or folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode, printed.decode()


def reports_of(folder):
    """Return what a run left, without what differs from run to run."""
    result = json.loads((folder / "reports" / "result.json").read_text("utf-8"))
    cases = [(case["id"], case["verdict"]) for case in result["cases"]]
    results = len(list((folder / "reports" / "allure-results").glob("*-result.json")))
    tests = (folder / "reports" / "junit.xml").read_text("utf-8").count("<testcase ")
    return result["exit_status"], cases, results, tests


@pytest.mark.parametrize("foreign", FOREIGN)
async def test_what_other_pytests_are_told_does_not_alter_a_run(suite, folder, foreign, monkeypatch):
    """The same exit status, cases and reports, whatever the environment says to pytest and installs for it."""
    monkeypatch.syspath_prepend(folder)
    suite.environ |= FOREIGN[foreign]
    status, printed = await suite.run(*CASES)
    assert status == 0, printed
    exit_status, cases, results, tests = reports_of(folder)
    assert (exit_status, len(cases), results, tests) == (0, 3, 3, 3)
    assert {verdict for _, verdict in cases} == {"conforms"}


@pytest.mark.parametrize(
    ("environ", "status", "said"),
    [
        ({"PYTEST_ADDOPTS": "--no-such-option"}, 4, "--no-such-option"),
        ({"PYTEST_ADDOPTS": "--collect-only"}, 0, "ticker.price/symbol-sent"),
        ({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, 0, "3 passed"),
    ],
)
async def test_plain_pytest_obeys_its_environment(tmp_path, environ, status, said):
    """`pytest tests/contract` is pytest's own; the plugins that the suite needs are there when none load themselves."""
    options = ("--reports", str(tmp_path / "reports"), "-p", "no:cacheprovider", *CASES)
    returned, printed = await started(tmp_path, environ, "pytest", "tests/contract", *options, cwd=ROOT)
    assert returned == status, printed
    assert said in printed

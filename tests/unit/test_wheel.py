"""Installed as a wheel, wireproof brings its contracts and its suite, and runs from any folder."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
from checkout import ROOT
from made_results import Results

from wireproof.drift.finding import Verdict
from wireproof.report.files import write_reports


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel and unpack it where nothing else of wireproof is."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    [wheel] = folder.glob("wireproof-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_contracts_and_suite_travel_with_it(installed):
    carried = {file.relative_to(installed / "wireproof" / "_data").as_posix() for file in installed.rglob("_data/**/*")}
    stored = {
        f"contracts/{file.relative_to(ROOT / 'contracts').as_posix()}" for file in ROOT.glob("contracts/**/*.json")
    }
    assert stored <= carried
    assert {"suite/test_requests.py", "suite/test_rejections.py"} <= carried


def test_it_has_the_version_and_classifiers_of_the_project(installed):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [metadata] = installed.glob("wireproof-*.dist-info/METADATA")
    described = email.message_from_string(metadata.read_text("utf-8"))
    assert described["Version"] == project["version"]
    assert described.get_all("Classifier") == project["classifiers"]
    assert described["License"] is None, "no licence is claimed"


def test_what_is_waived_or_accepted_goes_to_a_folder_of_the_users(installed, tmp_path):
    """The package is as it was, also where its folder could be written to."""
    made = Results()
    finding = made.finding("result.price", contract="usdm/ws-api/ticker.price")
    run = made.run(made.case("symbol-sent", Verdict.BREAKING, contract=finding.contract, findings=[finding]))
    write_reports(run, tmp_path / "reports")
    before = {file: file.stat().st_mtime_ns for file in installed.rglob("_data/**/*.json")}
    call = "import sys; from wireproof.cli import main; sys.exit(max(main(sys.argv[1:]), main(['baseline'])))"
    done = subprocess.run(
        [sys.executable, "-c", call, "waive", finding.fingerprint, "--reason", "r", "--link", "https://example.org/"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    own = sorted(file.relative_to(tmp_path).as_posix() for file in (tmp_path / "wireproof").rglob("*.json"))
    assert own == ["wireproof/baseline.json", "wireproof/usdm/waivers.json"]
    assert {file: file.stat().st_mtime_ns for file in installed.rglob("_data/**/*.json")} == before


CLIENT = """
from urllib.request import urlopen


def test_a_client(venue):
    venue.drift("GET /fapi/v1/time", set={"serverTime": 1})
    assert urlopen(venue.urls["usdm"].rest + "/fapi/v1/time").read() == b'{"serverTime":1}'


def test_another(venue):
    assert venue.requests == {}
"""


def test_a_project_of_a_client_gets_a_venue_by_one_line(installed, tmp_path):
    """And nothing without that line: no other plugin of wireproof is loaded."""
    (tmp_path / "test_client.py").write_text(CLIENT, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:allure_pytest", "-p", "no:asyncio"]
    for line, expected in (('pytest_plugins = ["wireproof.venue.testing"]\n', "2 passed"), ("", "2 errors")):
        (tmp_path / "conftest.py").write_text(line, "utf-8")
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)},
            check=False,
            capture_output=True,
            text=True,
        )
        assert expected in done.stdout, done.stdout + done.stderr
    assert "fixture 'venue' not found" in done.stdout
    [entry_points] = installed.glob("wireproof-*.dist-info/entry_points.txt")
    assert re.findall(r"^\[(.+)\]$", entry_points.read_text("utf-8"), re.MULTILINE) == ["console_scripts"]
    assert (installed / "wireproof" / "py.typed").exists()


def test_it_runs_from_an_empty_folder(installed, tmp_path):
    """Against a venue with two drifts: one is found, the other is said to have changed nothing."""
    drift = {"kind": "drift", "method": "ticker.price", "times": None, "set": {"result.added": 1}}
    lost = {"kind": "drift", "method": "GET /fapi/v2/ticker/price", "times": None, "remove": ["result.price"]}
    faults = [f"--fault={json.dumps(one)}" for one in (drift, lost)]
    done = subprocess.run(
        [sys.executable, "-m", "wireproof", "run", "--no-html", "-k", "ticker.price", *faults],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "WIREPROOF_TODAY": "2026-11-22"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "reports" / "result.json").read_text("utf-8"))
    assert result["exercised"] >= 3
    assert {one["path"] for case in result["cases"] for one in case["findings"]} == {"result.added"}
    [note] = [note for note in result["notes"] if note.startswith("a fault was without effect: ")]
    assert "drift of GET /fapi/v2/ticker/price changed nothing at result.price: no answer" in note
    assert str(ROOT) not in done.stdout
    assert done.stdout.splitlines()[-1] == "reports/index.html"
    assert "<h1>Conforms: " in (tmp_path / "reports" / "index.html").read_text("utf-8")

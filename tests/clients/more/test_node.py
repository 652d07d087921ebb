"""Clients of Node.js: `tour.mjs` calls them, each check is a test here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from functools import cache
from pathlib import Path

import pytest
from checkout import ROOT

#: Where `make clients` installs the packages; the tour is copied beside them, since Node looks there.
FOLDER = ROOT / ".tools" / "clients"
NODE_MODULES = FOLDER / "node_modules"
NODE = shutil.which("node")
#: By the name in `tour.mjs`: the client's, that of its package, and how many checks there are.
CLIENTS = {
    "binance": ("binance (Node.js)", "binance", 18),
    "js-sdk": ("official SDK (JavaScript)", "@binance/derivatives-trading-usds-futures", 15),
}
pytestmark = pytest.mark.skipif(
    NODE is None or not NODE_MODULES.is_dir(), reason="npm packages are missing: make clients"
)


def version(package):
    """Return the version that is installed."""
    return json.loads((NODE_MODULES / package / "package.json").read_text("utf-8"))["version"]


@cache
def tour(name, url):
    """Return the checks of a client, each with its failure; empty when it passed."""
    with urllib.request.urlopen(f"{url}/venue/credentials") as answer:  # noqa: S310  # the venue's own address
        credentials = answer.read()
    environ = {"PATH": os.environ["PATH"]}
    tour_file = shutil.copy(Path(__file__).with_name("tour.mjs"), FOLDER)
    done = subprocess.run(
        [NODE, tour_file, name], input=credentials, capture_output=True, timeout=120, check=True, env=environ
    )
    return [json.loads(line) for line in done.stdout.decode().splitlines() if line.startswith("{")]


@pytest.mark.parametrize("name", CLIENTS)
def test_every_check_passes(venue, name, note):
    checks = tour(name, venue.url)
    assert len(checks) == CLIENTS[name][2]
    for one in checks:
        note(CLIENTS[name][0], version(CLIENTS[name][1]), one["product"], one["group"])
    assert {one["name"]: one["failure"] for one in checks if one["failure"]} == {}

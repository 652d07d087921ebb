"""A venue in a process of its own, as a client's user would start it, and keys for it made at run time."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from clients_matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
MATRIX = pytest.StashKey[Matrix]()


def pytest_addoption(parser):
    """Add the option that `make clients` writes its page with."""
    parser.addoption("--clients-page", metavar="FILE", help="write what each client passed into this page")


def pytest_configure(config):
    """Register what a test says of its client."""
    config.addinivalue_line("markers", "client(name, package): which client the tests of a module are about")
    config.addinivalue_line("markers", "covers(product, group, fault=''): what a test shows, or a fault of the client")
    config.stash[MATRIX] = Matrix()


def pytest_ignore_collect(collection_path, config):
    """Leave clients that `make test` does without to `make clients`."""
    return True if collection_path.name == "more" and not config.getoption("--clients-page", None) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Take down what a client passed."""
    report = yield
    if call.when == "call" and report.passed:
        item.config.stash[MATRIX].take(item)
    return report


def pytest_sessionfinish(session, exitstatus):
    """Write the page, unless something failed."""
    page = session.config.getoption("--clients-page", None)
    if page and exitstatus == 0:
        file = Path(page)
        file.write_text(session.config.stash[MATRIX].written_into(file.read_text("utf-8")), "utf-8")


@pytest.fixture
def note(request):
    """Return what takes down a check that a client passed, where a test makes several."""
    return request.config.stash[MATRIX].note


class Served:
    """A venue that runs: its addresses, its accounts by name, and its control routes."""

    def __init__(self, ready_line: str, credentials: Json) -> None:
        self.rest_url: str = credentials["rest_url"]
        self.ws_api_url: str = credentials["ws_api_url"]
        self.stream_url: str = credentials["stream_url"]
        self.coinm_stream_url = dict(word.split("=", 1) for word in ready_line.split()[3:])["coinm-stream"]
        self.accounts: dict[str, Json] = {one["name"]: one for one in credentials["accounts"]}

    def sdk(self, name: str) -> Json:
        """Return what an official SDK's REST client is configured with to use an account's key."""
        account = self.accounts[name]
        key = {"api_secret": account.get("api_secret"), "private_key": account.get("private_key_pem")}
        return {"api_key": account["api_key"], **key, "base_path": self.rest_url, "timeout": 10_000}

    def market(self, **what: Any) -> Json:
        """POST /venue/market: move a price, let moments pass, settle funding."""
        return self._post("/venue/market", what)

    def product(self, name: str, **what: Any) -> Json:
        """POST /venue/products/<name>: cause in a product what only the market can."""
        return self._post(f"/venue/products/{name}", what)

    def listen_key(self, name: str) -> str:
        """Return the listen key of an account in USDⓈ-M."""
        key: str = self._post("/fapi/v1/listenKey", None, self.accounts[name]["api_key"])["listenKey"]
        return key

    def _post(self, path: str, what: Json | None, key: str = "") -> Json:
        body, headers = (None if what is None else json.dumps(what).encode()), {"X-MBX-APIKEY": key}
        request = urllib.request.Request(self.rest_url + path, body, headers, method="POST")  # noqa: S310  # the venue's own address
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # see above
            found: Json = json.load(answer)
            return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start a venue, and stop it with the module."""
    file: Path = tmp_path_factory.mktemp("venue") / "credentials.json"
    command = [sys.executable, "-m", "wireproof.venue", "--credentials", str(file), "--weight-limit", "1000000"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--exit-with-parent", "--seed", "3"], **pipes) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            ready_line = process.stdout.readline()  # the credentials are there by now
            yield Served(ready_line, json.loads(file.read_text("utf-8")))
        finally:
            process.stdin.close()
            process.wait(timeout=20)

"""Results as a run would leave them, small enough to compare whole reports with."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from made_results import Results
from websockets.asyncio.client import connect

from wireproof.report.files import write_reports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from websockets.asyncio.client import ClientConnection


@pytest.fixture
def results() -> Results:
    """Return the maker of findings, cases and runs."""
    return Results()


PLUGIN = """
from pathlib import Path

import pytest

from wireproof.report.allure import AllureCases, ResultFiles
from wireproof.report.files import read_observations, read_result

RUN = read_result(Path(__file__).parent / "result.json")
SEEN = {one.case: one for one in read_observations(Path(__file__).parent / "observations.jsonl")}
for case in RUN.cases:
    case.observation, case.documented = SEEN.get(case.id), {"result": {"price": "0.10000"}}


def pytest_configure(config):
    config.allure_cases = AllureCases(RUN.target)
    config.allure_cases.titles = RUN.titles
    config.allure_cases.register()
    config.add_cleanup(config.allure_cases.unregister)


def pytest_sessionstart(session):
    session.config.add_cleanup(ResultFiles.take_over().give_back)


def pytest_generate_tests(metafunc):
    metafunc.parametrize("case", RUN.cases, ids=lambda case: case.id)


@pytest.fixture
def something_around():
    yield
"""
TESTS = """
from wireproof.drift.finding import Severity
from wireproof.report.allure import end_test


def test_case(case, request, something_around):
    request.config.allure_cases.describe(case)
    end_test(case, Severity.BREAKING)
"""


@pytest.fixture(scope="session")
def case_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a pytest suite of its own in which every verdict occurs."""
    folder = tmp_path_factory.mktemp("project")
    write_reports(Results().mixed(), folder)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text(PLUGIN)
    (folder / "test_cases.py").write_text(TESTS)
    return folder


@pytest.fixture(scope="session")
def allure_run(case_project: Path) -> Path:
    """Return the allure-results of a real pytest run of that suite."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--alluredir=allure-results"]
    done = subprocess.run(command, cwd=case_project, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    return case_project / "allure-results"


class Page:
    """A page of a headless Chromium, driven over its DevTools protocol. Waits for what is to be seen, not for time."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self._session = ""
        self._number = 0
        self.complaints: list[str] = []
        self.loaded: list[str] = []

    async def listen(self) -> None:
        """Take what the browser says until it ends."""
        async for message in self._connection:
            said = json.loads(message)
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            else:
                self._note(said["method"], said["params"])

    def _note(self, event: str, params: dict[str, Any]) -> None:
        if event == "Page.loadEventFired":
            self._loaded.set()
        elif event == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(("data:", "blob:", "about:")):
                self.loaded.append(url)
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif (event == "Log.entryAdded" and params["entry"]["level"] == "error") or (
            event == "Runtime.consoleAPICalled" and params["type"] == "error"
        ):
            self.complaints.append(str(params))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a DevTools method and return its result."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        await self._connection.send(json.dumps(message))
        said = await asyncio.wait_for(answer, BROWSER_SECONDS)
        assert "result" in said, said
        result: dict[str, Any] = said["result"]
        return result

    async def attach(self) -> None:
        """Open an empty page of our own."""
        target = (await self.call("Target.createTarget", url="about:blank"))["targetId"]
        self._session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.call(f"{domain}.enable")

    async def open(self, url: str) -> None:
        """Go to `url` and wait until it is loaded."""
        self._loaded.clear()
        await self.call("Page.navigate", url=url)
        await asyncio.wait_for(self._loaded.wait(), BROWSER_SECONDS)

    async def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression; a promise is awaited."""
        done = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    async def _wait(self, wanted: str) -> Any:
        """Return what the JavaScript expression `wanted` is as soon as it is true."""
        look = f"() => {{ const found = {wanted}; if (found) resolve(found) }}"
        everything = "{subtree: true, childList: true, characterData: true}"
        try:
            return await self.value(
                f"new Promise(resolve => {{ const look = {look};"
                f" new MutationObserver(look).observe(document, {everything}); look() }})"
            )
        except TimeoutError:
            text = await self.value(TEXT)
            raise AssertionError(f"The page never came to {wanted}; it shows: {text}") from None

    async def text_with(self, words: str) -> str:
        """Return the page's visible text, white space as single spaces, once it holds `words`."""
        text: str = await self._wait(f"{TEXT}.includes({json.dumps(words)}) && {TEXT}")
        return text

    async def click(self, selector: str, words: str, inner: str = "") -> None:
        """Click the first element of `selector` whose text holds `words`, or `inner` below it, once it is there."""
        holds = f"e => e.innerText.replace(/\\s+/g, ' ').includes({json.dumps(words)})"
        element = f"[...document.querySelectorAll({json.dumps(selector)})].find({holds})"
        target = f"{element}?.querySelector({json.dumps(inner)})" if inner else element
        await self._wait(f"!!{target}")
        await self.value(f"{target}.click()")


TEXT = "document.body.innerText.replace(/\\s+/g, ' ')"
BROWSER_SECONDS = 120.0  # a slow machine may take its time; nothing here is measured
BROWSER_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1500,1100",
    "--remote-debugging-port=0",
)


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """Return an empty page of a headless Chromium; skip when there is none on PATH."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on PATH: the HTML report is not opened")
    browser = await asyncio.create_subprocess_exec(
        program,
        *BROWSER_OPTIONS,
        f"--user-data-dir={tmp_path / 'profile'}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert browser.stderr is not None
        address = await asyncio.wait_for(_devtools_address(browser.stderr), BROWSER_SECONDS)
        rest = asyncio.create_task(browser.stderr.read())  # a full pipe would stop the browser
        async with connect(address, max_size=None, proxy=None, ping_interval=None) as connection:
            opened = Page(connection)
            listening = asyncio.create_task(opened.listen())
            await opened.attach()
            yield opened
        await listening
    finally:
        with contextlib.suppress(ProcessLookupError):
            browser.terminate()
        await browser.wait()
    await rest


async def _devtools_address(stderr: asyncio.StreamReader) -> str:
    said = []
    async for line in stderr:
        said.append(line.decode(errors="replace"))
        if match := re.search(r"DevTools listening on (ws://\S+)", said[-1]):
            return match[1]
    raise AssertionError("Chromium ended: " + "".join(said[-20:]))

"""An error that nobody foresaw ends in 4 and one sentence, wherever it is raised; what was changed is undone."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest
import pytest_asyncio
from checkout import ROOT

from wireproof.cli import main, make_parser, run_command
from wireproof.report.unforeseen import LOG, explain
from wireproof.venue.serving.server import Venue

#: A pytest plugin that breaks one function of wireproof.
BREAKING = """
import importlib, os

def pytest_configure():
    place, how = os.environ["BREAK_AT"].split()
    module, _, path = place.partition(":")
    owner = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    real = getattr(owner, name)

    def broken(*_arguments, **_named):
        raise LookupError("nobody foresaw this")

    async def broken_later(*_arguments, **_named):
        raise LookupError("nobody foresaw this")

    async def broken_after(*arguments, **named):
        await real(*arguments, **named)
        raise LookupError("nobody foresaw this")

    setattr(owner, name, {"now": broken, "later": broken_later, "after": broken_after}[how])
"""

#: Where it breaks: as soon as it is called, when it is awaited, or after it has done its work.
PLACES = [
    "wireproof.suite.running.conductor:Conductor._run_product later",
    "wireproof.suite.running.account_run:AccountRun.run after",
    "wireproof.suite.running.product_accounts:ProductAccounts.check_remains later",
    "wireproof.plugin:SuiteRun.conduct later",
    "wireproof.plugin:explanation now",
    "wireproof.plugin:compile_run now",
    "wireproof.plugin:write_reports now",
    "wireproof.plugin:terminal_summary now",
    "wireproof.report.html_report:generate_html now",
]

CASES = "usdm/event/ORDER_TRADE_UPDATE/new or usdm/ws-api/order.place/hedge or ticker.price/symbol-sent"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def venue():
    async with Venue(seed=3, weight_limit=1_000_000) as running:
        yield running


@pytest.fixture
def broken(venue, tmp_path):
    """Return what starts a run in which something breaks."""
    venue.write_credentials(tmp_path / "credentials.json")
    (tmp_path / "breaking.py").write_text(BREAKING, "utf-8")

    async def run(place, *command, cwd=tmp_path):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *command, "-p", "breaking", "-k", CASES, "--reports", str(tmp_path / "reports")),
            cwd=cwd,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(tmp_path),
                "WIREPROOF_CREDENTIALS": str(tmp_path / "credentials.json"),
                "BREAK_AT": place,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await asyncio.wait_for(process.communicate(), 120)
        return process.returncode, " ".join(printed.decode().split())

    return run


def stands(venue):
    """Return what stands on the venue's accounts."""
    state = venue.control.state()["accounts"]
    return [
        name
        for name, account in state.items()
        if account["open_orders"] or account["positions"] or account["listen_key"]["active"]
    ] + [account.name for account in venue.accounts if account.hedge_mode]


@pytest.mark.parametrize("place", PLACES)
async def test_it_is_4_one_sentence_and_a_file_under_the_command(place, broken, venue, tmp_path):
    """The file holds the traceback; the terminal holds none."""
    html = [] if "html" in place else ["--no-html"]
    status, printed = await broken(place, "wireproof", "run", *html)
    assert status == 4, printed
    assert "wireproof broke, which says nothing of the target: LookupError in" in printed
    assert "(nobody foresaw this)" in printed
    assert "Traceback" not in printed
    assert "nobody foresaw this" in (tmp_path / "reports" / LOG).read_text("utf-8")
    assert stands(venue) == []


@pytest.mark.parametrize("place", [PLACES[0], PLACES[3], PLACES[4], PLACES[6]])
async def test_it_is_4_under_plain_pytest_too(place, broken, venue):
    """The plugin stands behind both."""
    status, printed = await broken(place, "pytest", "tests/contract", "-q", "-p", "no:cacheprovider", cwd=ROOT)
    assert status == 4, printed
    assert "wireproof broke, which says nothing of the target: LookupError in" in printed
    assert stands(venue) == []


def test_no_other_command_ends_with_the_status_of_python(monkeypatch, capsys, tmp_path):
    """Status 1 would say that a target differs from its documentation."""

    def broken(_options):
        raise LookupError("nobody foresaw\nthis")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_command, "plan", broken)
    monkeypatch.setattr("wireproof.cli.parser", make_parser)  # the known one has the command as it was
    assert main(["plan"]) == 4
    said = capsys.readouterr().err
    assert said.startswith("wireproof: wireproof broke, which says nothing of the target: LookupError in __init__.py, ")
    assert "nobody foresaw this" in said
    assert len(said.splitlines()) == 1


def test_the_file_and_the_sentence_hold_no_secret(tmp_path):
    """The text of an error may repeat what a target sent."""
    error = LookupError("secret-secret-secret")
    said = explain(error, tmp_path, lambda text: text.replace("secret-secret-secret", "<redacted>"))
    assert "<redacted>" in said
    assert "secret-secret-secret" not in said + (tmp_path / LOG).read_text("utf-8")


def test_where_nothing_can_be_written_there_is_a_sentence_all_the_same(tmp_path, monkeypatch):
    """It asks for the sentence to be reported."""
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "file"))
    said = explain(LookupError(), tmp_path / "file", str)
    assert said.endswith("(no more is known). Run it again; if it breaks again, report this sentence.")

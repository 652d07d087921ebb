"""What a run leaves to do its findings again: it shows a drift that is there, and none that is gone."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import subprocess
import sys
import urllib.request

import pytest_asyncio
from wireproof_command import Suite

from wireproof.drift.finding import Verdict
from wireproof.report.files import forget_run, write_reports
from wireproof.report.history import History
from wireproof.report.reproductions import FOLDER, MOST, cut_words, reproductions
from wireproof.report.summary import summary_markdown
from wireproof.results.model import Observation
from wireproof.results.run_summary import gather
from wireproof.venue.serving.server import Venue

#: By contract: what drifts, and in which way.
DRIFTS = {
    "usdm/rest/GET.fapi.v1.time": ("GET /fapi/v1/time", {"set": {"serverTime": "soon"}}),
    "usdm/rest/GET.fapi.v3.balance": ("GET /fapi/v3/balance", {"remove": ["[].asset"]}),
    "usdm/ws-api/account.balance": ("account.balance", {"set": {"result.[].balance": None}}),
    "usdm/ws-api/ticker.price": ("ticker.price", {"set": {"result.price": 1.5}}),
    "usdm/stream/aggTrade": ("btcusdt@aggTrade", {"set": {"p": 1.5}}),
    "usdm/event/ACCOUNT_CONFIG_UPDATE": ("ACCOUNT_CONFIG_UPDATE", {"set": {"ac.l": "ten"}}),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def drifted(tmp_path_factory):
    """Return what a run left of a venue that drifts in each surface, and the venue, which drifts still."""
    async with Venue(seed=3, weight_limit=1_000_000) as venue:
        suite = Suite(tmp_path_factory.mktemp("drifted"), venue)
        for method, drift in DRIFTS.values():
            venue.faults.add("drift", method=method, times=None, **drift)
        names = (
            "GET.fapi.v1.time/ or GET.fapi.v3.balance/ or account.balance/default or ticker.price/symbol-sent"
            " or stream/aggTrade/symbol or ACCOUNT_CONFIG_UPDATE/leverage"
        )
        status, printed = await suite.run("-k", names, "--no-confirm")
        assert status == 1, printed
        yield suite


def key_of(venue, kind):
    account = next(one for one in venue.accounts if one.key.type == kind)
    key = account.key
    return {"API_KEY": key.api_key, "API_SECRET": key.secret if kind == "HMAC" else key.private_key_pem()}


async def again(file, **environ):
    """Run a script as a person does, and return its exit status and what it prints."""
    command = ["sh" if file.suffix == ".sh" else sys.executable, file.name]
    path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"  # noqa: PTH120
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=file.parent,
        env={"PATH": path, "SECONDS": "20", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, printed.decode()


async def change_leverage(suite, account):
    """Trigger an event again and again, whenever the script begins to listen."""
    venue = suite.venue
    key = account.key
    for leverage in itertools.cycle(range(5, 15)):
        await asyncio.sleep(0.3)
        query = f"symbol=BTCUSDT&leverage={leverage}&timestamp={venue.clock.now_ms()}"
        query += f"&signature={key.sign(query)}"
        asked = urllib.request.Request(  # noqa: S310  # the venue's
            f"{venue.rest_url}/fapi/v1/leverage?{query}", method="POST", headers={"X-MBX-APIKEY": key.api_key}
        )
        await asyncio.to_thread(urllib.request.urlopen, asked, timeout=10)


async def test_scripts_show_a_drift_and_do_not_show_it_once_it_is_gone(drifted):
    """Public and signed REST, both with HMAC and Ed25519, the WebSocket API, a stream, an event."""
    suite = drifted
    scripts = {}
    for case in suite.result["cases"]:
        for finding in case["findings"]:
            found = list((suite.reports / FOLDER).glob(f"{finding['fingerprint']}.[ps]*"))
            if found:
                scripts[case["contract"]] = found[0]
    assert scripts.keys() == DRIFTS.keys()
    assert scripts["usdm/rest/GET.fapi.v1.time"].suffix == ".sh"
    hmac = next(one for one in suite.venue.accounts if one.key.type == "HMAC")
    for expected in (1, 0):
        runs = [
            (scripts["usdm/rest/GET.fapi.v1.time"], {}),
            (scripts["usdm/rest/GET.fapi.v3.balance"], key_of(suite.venue, "HMAC")),
            (scripts["usdm/ws-api/account.balance"], key_of(suite.venue, "HMAC")),
            (scripts["usdm/ws-api/ticker.price"], {}),
            (scripts["usdm/stream/aggTrade"], {}),
            (scripts["usdm/event/ACCOUNT_CONFIG_UPDATE"], key_of(suite.venue, "HMAC")),
        ]
        if expected:  # one kind of key is enough to see that a drift is gone
            runs.append((scripts["usdm/rest/GET.fapi.v3.balance"], key_of(suite.venue, "ED25519")))
        triggering = asyncio.create_task(change_leverage(suite, hmac))
        done = await asyncio.gather(*(again(file, **environ) for file, environ in runs))
        triggering.cancel()
        for (file, _), (status, printed) in zip(runs, done, strict=True):
            said = "THERE" if expected else "NOT THERE"
            assert (status, printed.splitlines()[-1:]) == (expected, [said]), (file.read_text("utf-8"), printed)
        suite.venue.faults.clear()
    for secret in (hmac.key.api_key, hmac.key.secret):
        assert not any(secret in file.read_text("utf-8") for file in (suite.reports / FOLDER).iterdir())


async def test_reports_name_the_scripts_and_the_desk_gets_what_it_needs(drifted):
    """The first page links them, the summary names them; no value of an account is in them."""
    suite = drifted
    page, summary = ((suite.reports / name).read_text("utf-8") for name in ("index.html", "summary.md"))
    case = next(one for one in suite.result["cases"] if one["contract"] == "usdm/ws-api/account.balance")
    name = case["findings"][0]["fingerprint"]
    assert f'href="{FOLDER}/{name}.py">by hand' in page
    assert f'href="{FOLDER}/{name}.txt">for the desk' in page
    assert f"{FOLDER}/{name}.py" in summary
    text = (suite.reports / FOLDER / f"{name}.txt").read_text("utf-8")
    assert text.startswith("Subject: account.balance: null-value at result[].balance\n")
    for row in ("Documentation: https://developers.", "Sent (UTC):", "Request id:", "Expected:", "Got:", "How often:"):
        assert row in re.sub(" +", " ", text)
    assert "none came with it" not in text
    assert "10000" not in text


async def test_without_an_answer_a_script_says_so(drifted):
    """Exit status 2: no host, no key."""
    suite = drifted
    (public,) = (suite.reports / FOLDER).glob("*.sh")
    private = next(file for file in (suite.reports / FOLDER).glob("*.py") if "API_SECRET" in file.read_text("utf-8"))
    nowhere = {"BASE": "http://127.0.0.1:9"}
    assert (await again(public, **nowhere))[0] == 2
    status, printed = await again(private)
    assert status == 2
    assert "API_KEY" in printed


def test_scripts_are_bounded_and_the_cut_is_said(results, tmp_path):
    """Those of an earlier run go, whatever this one leaves."""
    cases = []
    for number in range(MOST + 10):
        contract = f"usdm/rest/GET.fapi.v1.n{number}"
        observation = Observation(case=contract, contract=contract, request=f"GET /n{number}", response='{"price":7}')
        finding = results.finding("price", contract=contract)
        cases.append(
            results.case(
                contract=contract,
                surface="rest",
                private=False,
                findings=[finding],
                observation=observation,
                verdict=Verdict.BREAKING,
            )
        )
    run = results.run(*cases)
    found = reproductions(gather(run))
    assert len(found) == MOST
    assert cut_words(gather(run), MOST) == f"{MOST} of {MOST + 10} differences have a script in {FOLDER}/"
    assert cut_words(gather(run), MOST) in summary_markdown(gather(run), History(), scripts=found)
    write_reports(run, tmp_path)
    assert len(list((tmp_path / FOLDER).glob("*.sh"))) == MOST
    write_reports(results.run(*cases[:1]), tmp_path)
    assert len(list((tmp_path / FOLDER).glob("*"))) == 2
    forget_run(tmp_path)
    assert not (tmp_path / FOLDER).exists()

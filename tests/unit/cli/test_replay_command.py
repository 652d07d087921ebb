"""`wireproof replay`: exactly the failed cases of a stored run, and what became of their findings."""

from __future__ import annotations

import dataclasses
import json

import pytest
import pytest_asyncio
from wireproof_command import Suite

from wireproof.venue.base.auth import ApiKey
from wireproof.venue.serving.server import Venue

PRICE = "ticker.price/symbol-sent"
NAMES = f"{PRICE} or ws-api/depth/ or rest/GET.fapi.v1.time/"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stored(tmp_path_factory):
    """Return the suite with a stored run of three findings and more cases that conform; the drifts go on."""
    async with Venue(seed=3, weight_limit=1_000_000, keys=[dataclasses.replace(ApiKey.generate("HMAC"))]) as venue:
        suite = Suite(tmp_path_factory.mktemp("stored"), venue)
        venue.faults.add("drift", method="ticker.price", times=None, set={"result.price": 1.5})
        venue.faults.add("drift", method="GET /fapi/v1/time", times=None, set={"serverTime": "soon"})
        venue.faults.add("drift", method="depth", times=None, remove=["result.lastUpdateId"])
        status, printed = await suite.run("-k", f"({NAMES}) and not rejection", "--no-confirm")
        assert status == 1, printed
        yield suite


def fates(printed):
    document = json.loads(printed[printed.index("{\n") :])
    return {one["contract"].rpartition("/")[2]: one["fate"] for one in document["findings"]}, document


async def test_each_finding_is_still_there_changed_or_fixed_and_nothing_else_is_sent(stored):
    """The stored run stays as it is; a fixed target ends with 0."""
    suite = stored
    before = {file.name: file.read_bytes() for file in suite.reports.iterdir() if file.is_file()}
    failed = {case["id"] for case in suite.result["cases"] if case["verdict"] == "breaking"}
    assert len(failed) < len(suite.result["cases"])
    suite.venue.faults.clear()
    suite.venue.faults.add("drift", method="ticker.price", times=None, set={"result.price": 1.5})
    suite.venue.faults.add("drift", method="GET /fapi/v1/time", times=None, set={"serverTime": None})
    status, printed = await suite.command("replay", "--no-confirm", "--json")
    found, document = fates(printed)
    assert status == 1, printed
    assert found == {"ticker.price": "STILL", "GET.fapi.v1.time": "CHANGED", "depth": "FIXED"}
    assert "null-value at serverTime" in next(one["now"] for one in document["findings"] if one["fate"] == "CHANGED")
    again = json.loads((suite.reports / "replay" / "result.json").read_text("utf-8"))
    assert {case["id"] for case in again["cases"]} == failed
    assert again["run"] == document["again"] != document["run"]
    assert {file.name: file.read_bytes() for file in suite.reports.iterdir() if file.is_file()} == before

    suite.venue.faults.clear()
    status, printed = await suite.command("replay", "reports/result.json", "--reports", "elsewhere")
    assert status == 0, printed
    assert printed.count("\nFIXED    ") == 3
    assert printed.splitlines()[-1].endswith("on local: 3 FIXED")
    assert (suite.folder / "elsewhere" / "result.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("nowhere",), 2, "nowhere does not exist"),
        (("reports", "--reports", "reports"), 2, "holds the stored run"),
        (("reports", "--target", "mars"), 2, "there is no 'mars'"),
        (("gone.json",), 3, "its case does not exist any more"),
        (("sound.json",), 0, "No case of"),
    ],
)
async def test_what_cannot_be_sent_again_is_said(stored, arguments, status, words):
    suite = stored
    result = suite.result
    for case in result["cases"]:
        case["id"] += "-of-old"
    (suite.folder / "gone.json").write_text(json.dumps(result), "utf-8")
    for case in result["cases"]:
        case["findings"] = []
    (suite.folder / "sound.json").write_text(json.dumps(result), "utf-8")
    found, printed = await suite.command("replay", *arguments)
    assert (found, words in printed) == (status, True), printed

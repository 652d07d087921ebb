"""What wireproof reports of each incident of the museum, with today's contracts: what differs, and nothing else.

One venue serves them all, begun anew in each. An incident without an expected report fails.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from checkout import ROOT
from relays import OldRoots
from wireproof_command import Suite

from wireproof.venue.base.auth import ApiKey
from wireproof.venue.incidents.museum import incidents
from wireproof.venue.serving.server import KEY_TYPES, Venue


@dataclass(frozen=True)
class Report:
    """What a run says.

    `findings` are lines such as `breaking usdm/rest/… path kind`; `verdicts` are by case where it is not `conforms`;
    `says` are patterns of what is printed. With `old_roots` it is pointed at the stream roots without a name.
    """

    exit_status: int
    exercised: int
    findings: set[str] = field(default_factory=set)
    verdicts: dict[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    old_roots: bool = False


USDM, COINM, PM = "usdm/rest/", "coinm/rest/", "portfolio-margin/rest/"
PLACE = "usdm/ws-api/order.place"
EXPECTED = {
    # Refused as documented by now, and moved orders are where they belong; the acknowledgement still has its totals.
    "algo-migration": Report(
        exit_status=0,
        exercised=4,
        findings={
            f"additive {USDM}POST.fapi.v1.order avgPrice undocumented-field",
            f"additive {USDM}POST.fapi.v1.order cumQuote undocumented-field",
        },
        verdicts={f"{USDM}POST.fapi.v1.order/market-result": "additive"},
    ),
    # Over the roots without a name: trades happen, and none comes. Books go on, as yet without st and ps.
    "silent-stream-roots": Report(
        exit_status=1,
        exercised=2,
        findings={
            "breaking usdm/stream/aggTrade  silent-stream",
            "breaking usdm/stream/bookTicker ps missing-field",
            "breaking usdm/stream/bookTicker st missing-field",
        },
        verdicts={"usdm/stream/aggTrade/symbol": "breaking", "usdm/stream/bookTicker/raw": "breaking"},
        says=(r"subscribed, acknowledged, nothing came in 2 s while \d+ trades happened \(GET /fapi/v1/trades",),
        old_roots=True,
    ),
    # The word is documented by now.
    "trading-halt": Report(exit_status=0, exercised=1),
    # Totals are gone, as documented; what came in August is still missing.
    "cm-um-integration": Report(
        exit_status=1,
        exercised=4,
        findings={
            f"breaking {USDM}GET.fapi.v1.userTrades [].baseQty missing-field",
            f"breaking {USDM}GET.fapi.v1.userTrades [].marginAsset missing-field",
            f"breaking {USDM}GET.fapi.v1.userTrades [].pair missing-field",
            f"breaking {COINM}GET.dapi.v1.userTrades [].quoteQty missing-field",
        },
        verdicts={
            f"{USDM}GET.fapi.v1.userTrades/symbol-sent": "breaking",
            f"{COINM}GET.dapi.v1.userTrades/symbol-sent": "breaking",
        },
    ),
    # modifyId comes and goes with the request; the refusal of September is not there yet.
    "order-ack-2026-08": Report(
        exit_status=1,
        exercised=5,
        findings={f"breaking {USDM}PUT.fapi.v1.order status status-changed"},
        verdicts={f"{USDM}PUT.fapi.v1.order/rejects/not-reduce-only": "breaking"},
    ),
    "history-fields-2026-08": Report(exit_status=0, exercised=2),
    "um-conditional-retired": Report(exit_status=0, exercised=4),
    # Nothing is accused: the case is blocked, and what became of each order is said, and undone.
    "timeout-but-filled": Report(
        exit_status=3,
        exercised=1,
        verdicts={
            f"{PLACE}/limit-gtc": "blocked",
            f"{PLACE}/limit-gtc-numbers": "blocked",
            f"{PLACE}/market-result": "blocked",
        },
        says=(
            r"status 408, error -1007 .*: trouble of the service; try again later\. Order \S+ was looked up: it is F",
            r"was looked up: it stood \(NEW\) and was cancelled\.",
        ),
    ),
    # Waited for, and said: whoever trusts the weight of 0 is refused.
    "undocumented-weight": Report(
        exit_status=0,
        exercised=4,
        says=(r"GET /futures/data/basis is documented with a weight of 0, and 429 or 418 came \d+ times?: its docum",),
    ),
}


def contracts_of(one, folder):
    """Copy today's contracts that an incident's cases belong to, which load sooner; streams are waited for shortly."""
    for file in (ROOT / "contracts").glob("*/*.json"):
        (folder / file.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / file.parent.name)
    wanted = {f"{word}/" for word in re.findall(r"[\w.-]+(?=/)", one.cases)}
    for product in one.products:
        for file in (ROOT / "contracts" / product).glob("*/*.json"):
            if any(f"{file.stem}/".endswith(word) for word in wanted):
                copy = folder / product / file.parent.name
                copy.mkdir(exist_ok=True)
                document = json.loads(file.read_text("utf-8"))
                for case in document.get("cases", ()):
                    if "watch" in case:
                        case["watch"]["seconds"] = 2.0
                (copy / file.name).write_text(json.dumps(document), "utf-8")
    return str(folder)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def museum():
    """Serve a venue for all incidents."""
    async with Venue(seed=3, keys=[ApiKey.generate(kind) for kind in KEY_TYPES]) as venue:
        yield venue


@pytest.mark.parametrize("name", incidents())
async def test_wireproof_reports_it(museum, tmp_path, name):
    one, expected = incidents()[name], EXPECTED[name]
    await museum.reset(incident=one)
    suite = Suite(tmp_path, museum)
    suite.environ["WIREPROOF_CONTRACTS"] = contracts_of(one, tmp_path / "contracts")
    for product, urls in museum.urls.items():
        head = f"WIREPROOF_{product.upper().replace('-', '_')}_"
        suite.environ |= {f"{head}{surface.upper().replace('-', '_')}_URL": url for surface, url in urls.items()}
    arguments = ("run", "--no-html", "--no-confirm", "--product", ",".join(one.products), "-k", one.cases)
    if expected.old_roots:
        async with OldRoots(museum.stream_url) as relay:
            suite.environ["WIREPROOF_USDM_STREAM_URL"] = relay.url
            status, printed = await suite.command(*arguments)
    else:
        status, printed = await suite.command(*arguments)
    assert (suite.reports / "result.json").is_file(), printed
    cases = suite.result["cases"]
    found = {
        f"{one['severity']} {case['contract']} {one.get('path', '')} {one['kind']}"
        for case in cases
        for one in case.get("findings", ())
        if not one.get("waiver")
    }
    assert found == expected.findings, printed
    verdicts = {case["id"]: case["verdict"] for case in cases if case["verdict"] != "conforms"}
    assert verdicts == expected.verdicts, printed
    assert status == expected.exit_status
    text = " ".join([*printed.split(), *suite.result.get("notes", ())])
    assert [pattern for pattern in expected.says if not re.search(pattern, text)] == [], printed
    assert suite.result["exercised"] == expected.exercised

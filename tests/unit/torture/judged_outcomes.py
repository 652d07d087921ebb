"""What a run of the suite said of some alterations, made up."""

from __future__ import annotations

from wireproof.torture.alteration import Alteration
from wireproof.torture.suite_runs import SuiteOutcome
from wireproof.torture.verdicts import judged

TICKER = "usdm/ws-api/ticker.price"


DEPTH = "usdm/rest/GET.fapi.v1.depth"


ALTERATION = Alteration(
    index=7, contract=TICKER, bucket="ws-api success", kind="number-to-string", path=("time",), before="1589437530011"
)


def finding(path="result.time", kind="type-changed", severity="breaking", **more):
    return {
        "contract": TICKER,
        "path": path,
        "kind": kind,
        "severity": severity,
        "actual": "string",
        "fingerprint": path + kind,
        **more,
    }


def case(contract=TICKER, verdict="conforms", *findings, **more):
    _, surface, _ = contract.split("/", 2)
    common = {
        "id": f"{contract}/one",
        "contract": contract,
        "product": "usdm",
        "surface": surface,
        "kind": "documented",
    }
    return {**common, "verdict": verdict, "findings": list(findings), **more}


def outcome(*cases):
    return SuiteOutcome(1, {"cases": list(cases)}, "")


def fate(store, *cases, alterations=(ALTERATION,), applied=None, **more):
    counted = {one.index: 3 for one in alterations} if applied is None else applied
    return judged(alterations, counted, outcome(*cases), store, **more)

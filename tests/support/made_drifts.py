"""Nights with one drift each: a documented answer that was changed, compared as a run compares it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from made_results import BASE, Results

from wireproof.drift.documented_shape import answer_shape
from wireproof.drift.explain import explain, new_finding
from wireproof.drift.finding import Finding, Kind, Verdict
from wireproof.manifest.affected import GateReport, judge_night

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.contract.store import Store
    from wireproof.manifest.client_manifest import Manifest

Drift = tuple[str, "Callable[[Any], object] | Kind"]


def findings_of(store: Store, drift: Drift) -> list[Finding]:
    """Return what differs when a documented example is changed in place, or what a kind alone says."""
    contract_id, change = drift
    if isinstance(change, Kind):
        return [new_finding(contract_id, "", change, "an answer", "none")]
    contract = store.contract(contract_id)
    example = contract.examples[0]
    node, document = answer_shape(contract, example.name, store.products[contract.product]), example.response
    document = copy.deepcopy(document)
    change(document)
    found = explain(contract_id, node, document)
    assert found, f"{contract_id}: the change is no drift"
    return found


def judged(store: Store, manifest: Manifest, *drifts: Drift) -> GateReport:
    """Return what a night means to a client in which every contract of its was exercised, and some drifted."""
    made = Results()
    found = {drift[0]: findings_of(store, drift) for drift in drifts}
    cases = [
        made.case(
            "c",
            Verdict.BREAKING if name in found else Verdict.CONFORMS,
            contract=name,
            product=name.partition("/")[0],
            findings=found.get(name, []),
        )
        for name in {**dict.fromkeys(manifest.contracts), **found}
    ]
    now = datetime.fromtimestamp(BASE / 1000, UTC)
    return judge_night(made.run(*cases), manifest, now=now, most_hours=36)

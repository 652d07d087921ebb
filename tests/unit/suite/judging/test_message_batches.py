"""Findings of many messages of one contract are counted together."""

from __future__ import annotations

import json

from wireproof.drift.compare import Comparer
from wireproof.suite.judging.message_batches import judged

FORCED = "usdm/stream/forceOrder"


def test_unknown_words_of_many_messages_are_ten_findings_and_one_for_the_others(store):
    """As of one answer that shows them all."""
    contract = store.contracts[FORCED]
    shown = contract.examples[0].response
    words = [f"W{number:02}" for number in range(15)] + ["W14"]
    bodies = [json.dumps({**shown, "e": word}).encode() for word in words]
    findings = judged(Comparer(store.products["usdm"]), contract, "default", bodies)

    assert [finding.value for finding in findings] == ["W14", *(f"W{number:02}" for number in range(9)), ""]
    assert (findings[0].occurrences, findings[0].of) == (2, 16)
    assert (findings[-1].actual, findings[-1].occurrences, findings[-1].of) == ("more values", 5, 16)
    assert len({finding.fingerprint for finding in findings}) == 11

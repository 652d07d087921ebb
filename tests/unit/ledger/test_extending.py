"""A run is folded into the ledger once: judged again, or merged of parts that are known."""

from __future__ import annotations

from msgspec.structs import replace

from wireproof.ledger.extending import extend, observations_of
from wireproof.ledger.ledger_file import LedgerFile
from wireproof.results.merging import merge

INTEREST = "usdm/rest/GET.fapi.v1.openInterest"
FUNDING = "usdm/rest/GET.fapi.v1.fundingInfo"
SOUND = {"openInterest": "1.5", "symbol": "BTCUSDT", "time": 1_795_000_000_000}


def run_of(nights, night=0, name="run", contract=INTEREST, document=SOUND):
    observed = nights.observed(contract, document)
    case = nights.case(observed, "conforms")
    case.observation = observed
    return nights.run(night, name, cases=[case])


def answers(ledgers, contract=INTEREST):
    return ledgers.of("testnet").contracts[contract].answers


def test_each_run_counts_once_however_often_it_is_judged(nights):
    first = run_of(nights)
    ledgers = extend(LedgerFile(), first, nights.store).ledgers
    ledgers = extend(ledgers, run_of(nights, 1), nights.store).ledgers
    assert answers(ledgers) == 2
    again = replace(run_of(nights, 9, "judged"), observed_in=[first.run], observed_at=first.started_at)
    lost = replace(run_of(nights, 9, "lost"), observed_in=[f"observed-{first.started_at + 500:.0f}"])
    for one in (first, again, lost):
        assert extend(ledgers, one, nights.store).ledgers == ledgers


def test_what_was_observed_earlier_is_dated_then(nights):
    judged = replace(run_of(nights, 9, "judged"), observed_in=["run-0"], observed_at=nights.run(0).started_at)
    ledger = extend(LedgerFile(), judged, nights.store).ledgers.of("testnet")
    assert (list(ledger.runs), ledger.first_seen(INTEREST, "symbol")) == (["run-0"], "2026-11-18")


def test_shards_count_as_each_of_them_in_any_order(nights):
    parts = [run_of(nights, 0, "a"), run_of(nights, 0, "b", FUNDING, [{"symbol": "X"}])]
    known = extend(LedgerFile(), parts[0], nights.store).ledgers
    late = extend(known, merge(parts), nights.store, parts)
    assert late.ledgers == extend(LedgerFile(), merge(parts), nights.store, parts[::-1]).ledgers
    assert (answers(late.ledgers), answers(late.ledgers, FUNDING), late.notes) == (1, 1, [])
    again = extend(known, replace(merge(parts), run="again"), nights.store)
    assert again.ledgers == known
    assert "does not take in the others" in again.notes[0]


def test_what_was_wrong_with_the_file_and_what_is_left_out_are_notes(nights):
    flood = SOUND | {f"{n}": {f"{n}": n} for n in range(16)} | {}
    runs = [run_of(nights, n, document=flood | {f"k{n}{m}": 1 for m in range(0)}) for n in range(1)]
    runs += [run_of(nights, n, document=SOUND | {f"k{n}{m}": 1 for m in range(16)}) for n in range(1, 4)]
    ledgers = LedgerFile(note="The file is no ledger.")
    for run in runs:
        extension = extend(ledgers, run, nights.store)
        ledgers = extension.ledgers
    assert extension.notes[0] == "The file is no ledger."
    assert "keeps a part of what has undocumented names: of 1 contract, first usdm/rest/" in extension.notes[1]
    assert len(list(observations_of(runs[0]))) == 1

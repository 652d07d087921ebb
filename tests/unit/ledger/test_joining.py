"""Ledgers of different runs are joined in any order; the same run counts once."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireproof.errors import UsageError
from wireproof.ledger.folding import fold
from wireproof.ledger.joining import MOST_PLACES, MOST_RUNS, MOST_WORDS, join, join_all
from wireproof.ledger.model import ContractRecord, PlaceRecord, RunMark, Sighting, TargetLedger

INTEREST = "usdm/rest/GET.fapi.v1.openInterest"
SOUND = {"openInterest": "1.5", "symbol": "BTCUSDT", "time": 1_795_000_000_000}

_VALUES = st.sampled_from(["1.5", "x", "", None, 7, [], [1], {"a": 1}])
_KEYS = st.sampled_from(["openInterest", "symbol", "time", *(f"new{n}" for n in range(60))])
_NIGHTS = st.lists(st.tuples(st.integers(0, 5), st.dictionaries(_KEYS, _VALUES, max_size=14)), min_size=3, max_size=6)


def as_text(ledger):
    return msgspec.json.encode(msgspec.to_builtins(ledger), order="sorted")


@given(made=_NIGHTS, data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_order_of_runs_and_their_grouping_make_no_difference(nights, made, data):
    """Beyond the bounds as well: of sixty new names no more than forty are kept, and the same ones."""
    ledgers = [
        fold(nights.run(night, f"run{n}"), [nights.observed(INTEREST, document)], nights.store)
        for n, (night, document) in enumerate(made)
    ]
    straight = join_all("testnet", ledgers)
    mixed = data.draw(st.permutations(ledgers))
    cut = data.draw(st.integers(1, len(mixed) - 1))
    assert as_text(join(join_all("testnet", mixed[:cut]), join_all("testnet", mixed[cut:]))) == as_text(straight)


def test_the_same_run_twice_counts_once(nights):
    one = nights.ledger(nights.observed(INTEREST, SOUND))
    two = nights.ledger(nights.observed(INTEREST, SOUND), night=1)
    both = join(one, two)
    assert join(both, one) is both
    assert join(one, both) is both
    assert both.presence(INTEREST, "symbol").answers == 2


def test_ledgers_that_share_some_runs_are_refused(nights):
    a, b, c = (nights.ledger(nights.observed(INTEREST, SOUND), night=n) for n in range(3))
    with pytest.raises(UsageError, match="Both ledgers hold run run-1"):
        join(join(a, b), join(b, c))


def test_targets_are_not_mixed(nights):
    with pytest.raises(UsageError, match="testnet and live"):
        join(nights.ledger(), TargetLedger(target="live"))


def test_dates_and_nights_are_those_of_all_runs(nights):
    record = join_all(
        "testnet", (nights.ledger(nights.observed(INTEREST, SOUND), night=n) for n in (4, 0, 2))
    ).contracts[INTEREST]
    assert (record.first, record.last) == ("2026-11-18", "2026-11-22")
    assert record.days() == ["2026-11-18", "2026-11-20", "2026-11-22"]
    assert (record.night_count(), record.night_count(since="2026-11-20")) == (3, 2)


def _ledger(name, **places):
    record = ContractRecord(places=places)
    return TargetLedger(target="testnet", runs={name: RunMark(day="2026-11-18")}, contracts={"c": record})


def test_words_are_bounded_but_for_documented_ones():
    def words(letter, *, documented):
        return {f"{letter}{n}": Sighting(answers=1, documented=documented) for n in range(30)}

    one = _ledger("a", p=PlaceRecord(documented=True, words=words("d", documented=True)))
    two = _ledger("b", p=PlaceRecord(documented=True, words=words("u", documented=False)))
    joined = join(one, join(two, _ledger("c", p=PlaceRecord(documented=True, words=words("v", documented=False)))))
    found = joined.place("c", "p").words
    assert sum(seen.documented for seen in found.values()) == 30
    assert sum(not seen.documented for seen in found.values()) == MOST_WORDS


def test_places_and_runs_are_bounded():
    ledgers = [_ledger(f"r{n:04}", **{f"k{n}.{m}": PlaceRecord(answers=1) for m in range(30)}) for n in range(4)]
    record = join_all("testnet", ledgers).contracts["c"]
    assert (len(record.places), record.left_out) == (MOST_PLACES, True)
    many = TargetLedger(target="t", runs={f"r{n:05}": RunMark(day="2026-11-18") for n in range(MOST_RUNS)})
    assert "r00000" not in join(many, TargetLedger(target="t", runs={"z": RunMark(day="2026-11-19")})).runs

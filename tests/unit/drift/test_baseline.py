"""The baseline covers what was seen when it was taken, on its target, until it expires, and nothing else."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from wireproof.contract.store import Store
from wireproof.drift.baseline import BASELINE, Baseline, Gone, baseline_of, load_baseline, prune, take
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Finding, Kind, Severity
from wireproof.drift.tolerance import JudgedAnswer
from wireproof.errors import ContractFileError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 27)
CONTRACT = "usdm/rest/GET.fapi.v1.ticker.price"
FIELD = new_finding(CONTRACT, "note", Kind.UNDOCUMENTED_FIELD, "", "undocumented field, string")
TYPE = new_finding(CONTRACT, "price", Kind.TYPE_CHANGED, "decimal string", "number")


def word(value: str) -> Finding:
    return new_finding(CONTRACT, "status", Kind.UNDOCUMENTED_VALUE, "one of TRADING", value, value=value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / BASELINE


def taken(file: Path, *findings: Finding, target: str = "testnet", days: int = 90, today: date = TODAY) -> Baseline:
    take(file, findings, target=target, days=days, today=today)
    return load_baseline(file)


def still_open(baseline: Baseline, *findings: Finding, target: str = "testnet", today: date = TODAY) -> list[Finding]:
    return baseline.apply(findings, target=target, today=today)[0]


def test_what_was_taken_is_known_and_nothing_else_is(file: Path) -> None:
    baseline = taken(file, FIELD, TYPE, word("HALTED"))
    assert still_open(baseline, FIELD, TYPE, word("HALTED")) == []
    other = new_finding(CONTRACT, "price", Kind.NULL_VALUE, "decimal string", "null")
    assert still_open(baseline, other, word("GONE")) == [other, word("GONE")]


def test_something_else_that_comes_at_a_known_path_is_new(file: Path) -> None:
    wider = new_finding(CONTRACT, "price", Kind.TYPE_CHANGED, "decimal string", "boolean or number")
    assert still_open(taken(file, TYPE), wider) == [wider]


def test_a_higher_severity_is_new_and_a_milder_one_is_known(file: Path) -> None:
    risky = replace(FIELD, severity=Severity.RISKY)
    baseline = taken(file, risky)
    assert still_open(baseline, FIELD) == []
    worse = replace(FIELD, severity=Severity.BREAKING)
    assert still_open(baseline, worse) == [worse]


def test_it_holds_on_its_target_until_its_last_day(file: Path) -> None:
    baseline = taken(file, TYPE, days=3)
    assert still_open(baseline, TYPE, target="live") == [TYPE]
    assert still_open(baseline, TYPE, today=date(2026, 11, 30)) == []
    assert still_open(baseline, TYPE, today=date(2026, 12, 1)) == [TYPE]


def test_what_expired_says_so_in_one_sentence_for_the_contracts_that_were_judged(file: Path) -> None:
    elsewhere = new_finding("usdm/rest/GET.other", "a", Kind.NULL_VALUE, "string", "null")
    baseline = taken(file, TYPE, FIELD, elsewhere, days=3)
    after = {"target": "testnet", "today": date(2026, 12, 1), "contracts": {CONTRACT}}
    [sentence] = baseline.expired(**after)
    assert "The baseline of 2 differences on testnet expired on 2026-11-30" in sentence
    assert TYPE.fingerprint in sentence
    gone = [Gone(fingerprint=one.fingerprint, contract=CONTRACT, path="", kind="") for one in (TYPE, FIELD)]
    assert baseline.expired(**after, gone=gone) == []
    assert baseline.expired(**(after | {"today": TODAY})) == []
    assert baseline.expired(**(after | {"target": "live"})) == []


def test_taken_again_it_keeps_the_day_since_which_it_is_known(file: Path) -> None:
    taken(file, TYPE, days=3)
    again = take(file, [TYPE, FIELD], target="testnet", days=10, today=date(2026, 12, 5))
    assert (again.added, again.renewed) == (1, 1)
    by_path = {one.path: one for one in load_baseline(file).differences}
    assert (by_path["price"].since, by_path["price"].renewed) == ("2026-11-27", "2026-12-05")
    assert by_path["price"].expires == by_path["note"].expires == "2026-12-15"
    assert (by_path["note"].since, by_path["note"].renewed) == ("2026-12-05", "")


def test_each_target_has_differences_of_its_own(file: Path) -> None:
    taken(file, TYPE)
    baseline = taken(file, FIELD, target="live")
    assert still_open(baseline, TYPE, FIELD) == [FIELD]
    assert still_open(baseline, TYPE, FIELD, target="live") == [TYPE]


def test_values_that_are_only_counted_are_not_taken(file: Path) -> None:
    nameless = replace(word("HALTED"), value="")
    assert take(file, [nameless], target="testnet", days=1, today=TODAY).refused == (nameless,)
    assert load_baseline(file).differences == ()


@pytest.mark.parametrize("days", [0, 91])
def test_it_holds_for_at_most_ninety_days(file: Path, days: int) -> None:
    with pytest.raises(UsageError, match="1 to 90 days"):
        taken(file, TYPE, days=days)
    assert not file.exists()


def answer(document: Any, *findings: Finding) -> JudgedAnswer:
    return JudgedAnswer(contract=CONTRACT, response=json.dumps(document), findings=findings)


def test_what_was_looked_for_and_did_not_come_is_gone_and_pruned(file: Path) -> None:
    baseline = taken(file, FIELD, TYPE, word("HALTED"), word("PAUSED"))
    looked = answer({"price": "1.0", "status": "HALTED"}, word("HALTED"))
    gone = baseline.gone([looked], target="testnet")
    assert [(one.path, one.values, one.remains) for one in gone] == [
        ("note", (), False),
        ("price", (), False),
        ("status", ("PAUSED",), True),
    ]
    assert "PAUSED" in gone[2].sentence
    assert baseline.gone([looked], target="live") == []
    assert baseline.gone([answer({})], target="testnet")[0].path == "note"
    assert prune(file, gone, target="testnet") == 3
    [left] = load_baseline(file).differences
    assert left.values == ("HALTED",)
    assert prune(file, gone, target="testnet") == 0, "the same run once more changes nothing"


def test_pruning_leaves_other_targets_alone(file: Path) -> None:
    taken(file, TYPE)
    baseline = taken(file, TYPE, target="live")
    gone = baseline.gone([answer({"price": "1.0"})], target="live")
    assert prune(file, gone, target="live") == 1
    assert [one.target for one in load_baseline(file).differences] == ["testnet"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"testnet"', '"tesnet"', "Did you mean 'testnet'?"),
        ('"2027-02-25"', '"2027-02-26"', "at most 90 days after 2026-11-27"),
        ('"2027-02-25"', '"soon"', "must be dates"),
        ('"price"', '"prise"', "does not belong"),
        ('"actual": [', '"values": [', "'values' are of kinds"),
        ('"number"', "", "what came"),
        ('"since"', '"sence"', "unknown key 'sence'"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_refused_with_a_sentence(
    file: Path, before: str, after: str, said: str
) -> None:
    taken(file, TYPE)
    file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(ContractFileError, match=said.replace("?", r"\?")) as refused:
        load_baseline(file)
    assert str(file) in str(refused.value)


def test_a_difference_stands_once_for_each_target(file: Path) -> None:
    taken(file, TYPE)
    [entry] = json.loads(file.read_text("utf-8"))["differences"]
    file.write_text(json.dumps({"differences": [entry, entry]}), "utf-8")
    with pytest.raises(ContractFileError, match="twice for target testnet"):
        load_baseline(file)


def test_that_of_an_overlay_stands_before_that_of_the_contracts(tmp_path: Path) -> None:
    folder, overlay = tmp_path / "contracts", tmp_path / "own"
    taken(folder / BASELINE, TYPE, FIELD)
    taken(overlay / BASELINE, TYPE, today=date(2026, 12, 1))
    baseline = baseline_of(Store(folder, {}, {}, overlay))
    assert {one.path: one.since for one in baseline.differences} == {"price": "2026-12-01", "note": "2026-11-27"}

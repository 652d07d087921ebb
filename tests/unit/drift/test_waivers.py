"""Waivers tolerate a finding for a while, by name, and say when they no longer do."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind
from wireproof.drift.waivers import Judged, Waivers, add_waiver, load_waivers
from wireproof.errors import ContractFileError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 22)
LINK = "https://example.org/why"
FINDING = new_finding("usdm/ws-api/depth", "result.bids[]", Kind.LENGTH_CHANGED, "2 elements", "1 element")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "usdm" / "waivers.json"


def waive(file: Path, finding: Any = FINDING, **changes: Any) -> Waivers:
    add_waiver(file, finding, **{"reason": "known", "link": LINK, "days": 30, "today": TODAY, **changes})
    return load_waivers(file)


def test_a_missing_file_means_no_waivers(file: Path) -> None:
    assert load_waivers(file).waivers == ()


def test_a_waived_finding_is_no_longer_open(file: Path) -> None:
    other = new_finding("usdm/ws-api/depth", "result.E", Kind.NULL_VALUE, "timestamp", "null")
    still_open, waived = waive(file).apply([FINDING, other], target="local", today=TODAY)
    assert still_open == [other]
    assert [(finding, waiver.reason) for finding, waiver in waived] == [(FINDING, "known")]


def test_a_waiver_holds_on_its_targets_only(file: Path) -> None:
    waivers = waive(file, targets=("local",))
    assert waivers.apply([FINDING], target="local", today=TODAY)[0] == []
    assert waivers.apply([FINDING], target="live", today=TODAY)[0] == [FINDING]


def test_an_expired_waiver_fails_by_name(file: Path) -> None:
    waivers = waive(file)
    assert waivers.apply([FINDING], target="local", today=date(2026, 12, 22))[0] == []
    assert waivers.apply([FINDING], target="local", today=date(2026, 12, 23))[0] == [FINDING]
    [sentence] = waivers.expired(target="local", today=date(2026, 12, 23))
    assert FINDING.fingerprint in sentence
    assert "expired on 2026-12-22" in sentence
    assert waivers.expired(target="local", today=TODAY) == []


def answer(result: Any, *findings: Any) -> Judged:
    return Judged(contract=FINDING.contract, response=json.dumps({"result": result}), findings=findings)


def test_a_waiver_is_stale_when_its_path_was_exercised_without_the_deviation(file: Path) -> None:
    waivers = waive(file)
    [sentence] = waivers.stale([answer({"bids": [["1", "2"]]})], target="local", today=TODAY)
    assert "stale" in sentence
    assert FINDING.fingerprint in sentence


@pytest.mark.parametrize(
    "judged",
    [
        [],
        [answer({"bids": []})],
        [answer({"bids": [["1"]]}, FINDING)],
        [Judged(contract="usdm/ws-api/other", response='{"result": {"bids": [["1", "2"]]}}', findings=())],
        [Judged(contract=FINDING.contract, response=None, findings=())],
    ],
    ids=["nothing judged", "no such path", "deviation still there", "another contract", "no answer"],
)
def test_a_waiver_that_was_not_exercised_is_kept(file: Path, judged: list[Judged]) -> None:
    assert waive(file).stale(judged, target="local", today=TODAY) == []


def test_a_missing_field_is_gone_when_its_parent_is_there(file: Path) -> None:
    finding = new_finding(FINDING.contract, "result.E", Kind.MISSING_FIELD, "integer", "nothing")
    assert waive(file, finding).stale([answer({"E": 1})], target="local", today=TODAY)


def test_a_status_is_gone_only_when_every_case_was_judged(file: Path) -> None:
    finding = new_finding(FINDING.contract, "status", Kind.STATUS_CHANGED, "400", "200")
    waivers = waive(file, finding)
    assert waivers.stale([answer({})], target="local", today=TODAY) == []
    assert waivers.stale([answer({})], target="local", today=TODAY, complete={FINDING.contract})


def test_writing_again_replaces_and_keeps_a_stable_order(file: Path) -> None:
    first = new_finding("usdm/ws-api/account.status", "result", Kind.NULL_VALUE, "object", "null")
    waive(file)
    waive(file, first)
    waivers = waive(file, reason="looked at again").waivers
    assert [(w.contract, w.reason) for w in waivers] == [
        ("usdm/ws-api/account.status", "known"),
        ("usdm/ws-api/depth", "looked at again"),
    ]
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": 91}, "1 to 90 days"),
        ({"days": 0}, "1 to 90 days"),
        ({"reason": "  "}, "no reason"),
        ({"link": "http://example.org"}, "https"),
        ({"link": "soon"}, "https"),
        ({"targets": ("locl",)}, "Did you mean 'local'"),
    ],
)
def test_a_waiver_needs_reason_link_and_a_bounded_expiry(file: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        waive(file, **changes)
    assert not file.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expires": "2027-12-01"}, "at most 90 days"),
        ({"expires": "soon"}, "must be dates"),
        ({"reason": ""}, "no reason"),
        ({"link": "ftp://x"}, "https"),
        ({"path": "result.asks[]"}, "fingerprint does not belong"),
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"targets": ["moon"]}, "no target 'moon'"),
    ],
)
def test_a_file_that_is_not_what_the_format_allows_is_refused(file: Path, change: dict[str, Any], said: str) -> None:
    waive(file)
    data = json.loads(file.read_text())
    data["waivers"][0].update(change)
    file.write_text(json.dumps(data))
    with pytest.raises(ContractFileError, match=said):
        load_waivers(file)


def test_the_same_waiver_twice_is_refused(file: Path) -> None:
    waive(file)
    data = json.loads(file.read_text())
    file.write_text(json.dumps({"waivers": data["waivers"] * 2}))
    with pytest.raises(ContractFileError, match="stands twice"):
        load_waivers(file)

"""Waivers tolerate a finding for a while, by name, and say when they no longer do."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from checkout import CONTRACTS

from wireproof.contract.store import Store
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import VALUE_KINDS, Kind
from wireproof.drift.tolerance import JudgedAnswer
from wireproof.drift.waivers import Waivers, add_waiver, load_waivers, waivers_of
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


def answer(result: Any, *findings: Any) -> JudgedAnswer:
    return JudgedAnswer(contract=FINDING.contract, response=json.dumps({"result": result}), findings=findings)


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
        [JudgedAnswer(contract="usdm/ws-api/other", response='{"result": {"bids": [["1", "2"]]}}', findings=())],
        [JudgedAnswer(contract=FINDING.contract, response=None, findings=())],
    ],
    ids=["nothing judged", "no such path", "deviation still there", "another contract", "no answer"],
)
def test_a_waiver_that_was_not_exercised_is_kept(file: Path, judged: list[JudgedAnswer]) -> None:
    assert waive(file).stale(judged, target="local", today=TODAY) == []


def test_a_missing_field_is_gone_when_its_parent_is_there(file: Path) -> None:
    finding = new_finding(FINDING.contract, "result.E", Kind.MISSING_FIELD, "integer", "nothing")
    assert waive(file, finding).stale([answer({"E": 1})], target="local", today=TODAY)


def test_a_status_is_gone_only_when_every_case_was_judged(file: Path) -> None:
    finding = new_finding(FINDING.contract, "status", Kind.STATUS_CHANGED, "400", "200", value="200")
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


# -- what a waiver hides ---------------------------------------------------------------------------------------------


def unknown(value: str) -> Any:
    return new_finding("usdm/rest/x", "symbols[].status", Kind.UNDOCUMENTED_VALUE, "one of A, B", value, value=value)


@pytest.mark.parametrize("kind", sorted(VALUE_KINDS))
def test_a_waiver_of_one_value_does_not_hide_another(file: Path, kind: Kind) -> None:
    """Where the value is the deviation, each value is tolerated by name."""
    first, second = (new_finding("c", "p", kind, "documented", value, value=value) for value in ("1", "2"))
    waivers = waive(file, first)
    assert first.fingerprint != second.fingerprint
    still_open, waived = waivers.apply([first, second], target="local", today=TODAY)
    assert (still_open, [finding for finding, _ in waived]) == ([second], [first])


def test_a_waiver_may_carry_several_values(file: Path) -> None:
    """Waiving another value at the same path extends the waiver that stands there."""
    waive(file, unknown("C"), reason="first")
    waivers = waive(file, unknown("D"), reason="second")
    [waiver] = waivers.waivers
    assert (waiver.values, waiver.reason) == (("C", "D"), "second")
    assert waivers.apply([unknown("C"), unknown("D")], target="live", today=TODAY)[0] == []


def test_the_empty_string_is_a_value_as_well(file: Path) -> None:
    """It is written as findings write it."""
    finding = new_finding("c", "p", Kind.UNDOCUMENTED_VALUE, "one of A", "empty string", value='""')
    assert waive(file, finding).waivers[0].values == ('""',)


def test_what_counts_values_without_naming_them_cannot_be_waived(file: Path) -> None:
    """A waiver names what it tolerates."""
    many = new_finding("c", "p", Kind.UNDOCUMENTED_VALUE, "one of A", "more values")
    with pytest.raises(UsageError, match="without naming them"):
        waive(file, many)
    assert waive(file, unknown("C")).apply([many], target="local", today=TODAY)[0] == [many]


def test_a_waiver_without_values_that_hid_all_of_them_is_refused(file: Path) -> None:
    """A file of the old kind is no blanket: the error says what to write."""
    waive(file, unknown("C"))
    file.write_text(file.read_text("utf-8").replace('"values": [', '"targets": [').replace('"C"', '"live"'), "utf-8")
    with pytest.raises(ContractFileError, match="names no values"):
        load_waivers(file)


def test_a_value_that_no_longer_comes_is_stale_by_name(file: Path) -> None:
    """Of several values the one that is gone is named; without any of them the whole waiver is."""
    waive(file, unknown("C"))
    waivers = waive(file, unknown("D"))
    shown = {"contract": "usdm/rest/x", "response": '{"symbols": [{"status": "D"}]}'}
    [sentence] = waivers.stale([JudgedAnswer(**shown, findings=(unknown("D"),))], target="local", today=TODAY)
    assert "C did not come" in sentence
    [sentence] = waivers.stale([JudgedAnswer(**shown, findings=())], target="local", today=TODAY)
    assert "Remove the waiver" in sentence
    assert (
        waivers.stale([JudgedAnswer(**shown, findings=(unknown("C"), unknown("D")))], target="local", today=TODAY) == []
    )


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (Kind.FORMAT_CHANGED, "empty string", "string"),
        (Kind.TYPE_CHANGED, "integer", "integer or object"),
        (Kind.LENGTH_CHANGED, "1 element", "0 elements"),
        (Kind.UNDOCUMENTED_FIELD, "undocumented field, string", "undocumented field, null or string"),
        (Kind.PROTOCOL_VIOLATION, "The answer came twice.", "The answer came twice. The id came back as a number."),
        (Kind.UNPARSEABLE, "an empty answer", "an HTML page titled 'Sorry'"),
    ],
)
def test_a_waiver_of_what_came_does_not_hide_what_comes_beside_it(
    file: Path, kind: Kind, first: str, second: str
) -> None:
    """A number that became empty is tolerated; when text comes there, the finding is back."""
    known, new = (new_finding("c", "p", kind, "documented", actual) for actual in (first, second))
    waivers = waive(file, known)
    assert waivers.apply([known], target="local", today=TODAY)[0] == []
    assert waivers.apply([new], target="local", today=TODAY)[0] == [new]
    assert waive(file, new).apply([known, new], target="local", today=TODAY)[0] == []


def test_numbers_in_a_sentence_do_not_matter(file: Path) -> None:
    """The same broken rule with other numbers is the same deviation."""
    one, other = (
        new_finding("c", "", Kind.PROTOCOL_VIOLATION, "", f"Messages came every {ms} ms, the median of {n} gaps.")
        for ms, n in ((103.5, 9), (99, 12))
    )
    assert waive(file, one).apply([other], target="local", today=TODAY)[0] == []


def test_a_waiver_of_all_that_comes_is_possible_by_hand(file: Path) -> None:
    """Without `actual` a waiver tolerates whatever comes at its path; `wireproof waive` never writes such a one."""
    waivers = Waivers(msgspec.structs.replace(one, actual=()) for one in waive(file).waivers)
    other = new_finding(FINDING.contract, FINDING.path, FINDING.kind, "2 elements", "0 elements")
    assert waivers.apply([other], target="local", today=TODAY)[0] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('"actual": ["1 element"], "values": ["1"]', "say in 'actual'"),
        ('"actual": ["1 element"], "valeus": ["1"]', "valeus"),
    ],
)
def test_values_and_what_came_are_not_mixed(file: Path, change: str, said: str) -> None:
    """Each kind has its own list, and a slip of typing is named."""
    waive(file)
    text = " ".join(file.read_text("utf-8").split()).replace('"actual": [ "1 element" ]', change)
    file.write_text(text, "utf-8")
    with pytest.raises(ContractFileError, match=said):
        load_waivers(file)


# -- the stored waivers ----------------------------------------------------------------------------------------------

#: Kinds whose path does not say what came: an empty string is another deviation than a word.
OPEN_KINDS = {
    Kind.TYPE_CHANGED,
    Kind.FORMAT_CHANGED,
    Kind.UNDOCUMENTED_FORMAT,
    Kind.LENGTH_CHANGED,
    Kind.PROTOCOL_VIOLATION,
    Kind.UNPARSEABLE,
    Kind.SILENT_STREAM,
}


@pytest.mark.parametrize("stored", sorted(CONTRACTS.glob("*/waivers.json")))
def test_no_stored_waiver_hides_more_than_it_names(stored: Path) -> None:
    """Where the path does not say what came, the waiver does."""
    waivers = load_waivers(stored).waivers
    assert [waiver.name for waiver in waivers if waiver.kind in OPEN_KINDS and not waiver.actual] == []


def test_a_test_order_with_words_in_the_place_of_numbers_is_no_longer_waived() -> None:
    """Empty strings are what was measured; anything else there is breaking."""
    waivers = load_waivers(CONTRACTS / "usdm" / "waivers.json")
    empty, word = (
        new_finding("usdm/rest/POST.fapi.v1.order.test", "avgPrice", Kind.FORMAT_CHANGED, "decimal string", actual)
        for actual in ("empty string", "string")
    )
    assert waivers.apply([empty, word], target="live", today=TODAY)[0] == [word]


def test_a_waiver_of_an_overlay_takes_the_place_of_the_shipped_one_on_its_targets(tmp_path: Path) -> None:
    """Also of one that has expired, which then fails no more where the other holds."""
    shipped, own = tmp_path / "contracts", tmp_path / "own"
    waive(shipped / "usdm" / "waivers.json", days=1)
    store = Store(shipped, {}, {}, own)
    assert [one.reason for one in waivers_of(store, "usdm").waivers] == ["known"]
    waive(own / "usdm" / "waivers.json", reason="ours", targets=("testnet",))
    both = waivers_of(store, "usdm")
    assert {one.reason: one.targets for one in both.waivers} == {"ours": ("testnet",), "known": ("local", "live")}
    later = date(2026, 12, 1)
    assert both.expired(target="testnet", today=later) == []
    assert len(both.expired(target="live", today=later)) == 1
    waive(own / "usdm" / "waivers.json", reason="too", targets=("local", "live"))
    assert {one.reason for one in waivers_of(store, "usdm").waivers} == {"ours", "too"}

"""What `wireproof waive` writes, what a waiver file may say, and when a waiver is no longer needed."""

from __future__ import annotations

import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Finding, Kind
from wireproof.drift.tolerance import JudgedAnswer
from wireproof.drift.waivers import Waivers, add_waiver, load_waivers, write_json
from wireproof.errors import ContractFileError, UsageError

TODAY = date(2026, 11, 22)
LINK = "https://example.org/why"


def finding(kind: Kind, actual: str, path: str = "r.p", *, value: str = "") -> Finding:
    return new_finding("usdm/rest/x", path, kind, "documented", actual, value=value)


NULL = finding(Kind.NULL_VALUE, "null")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "usdm" / "waivers.json"


def waive(file: Path, what: Finding = NULL, **changes: Any) -> Waivers:
    add_waiver(file, what, **{"reason": "known", "link": LINK, "today": TODAY, **changes})
    return load_waivers(file)


def is_open(waivers: Waivers, what: Finding) -> bool:
    return waivers.apply([what], target="local", today=TODAY)[0] == [what]


def test_a_waiver_holds_for_thirty_days_unless_told_otherwise(file: Path) -> None:
    [waiver] = waive(file).waivers
    assert (waiver.created, waiver.expires) == ("2026-11-22", "2026-12-22")


@pytest.mark.parametrize("days", [1, 90])
def test_a_waiver_may_hold_for_a_day_or_for_ninety(file: Path, days: int) -> None:
    [waiver] = waive(file, days=days).waivers
    assert waiver.expires == (TODAY + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("expires", "allowed"),
    [("2026-11-21", False), ("2026-11-22", True), ("2027-02-20", True), ("2027-02-21", False)],
)
def test_a_file_may_name_dates_from_the_day_itself_to_ninety_days_later(
    file: Path, expires: str, allowed: bool
) -> None:
    waive(file)
    file.write_text(file.read_text("utf-8").replace("2026-12-22", expires), "utf-8")
    if allowed:
        assert load_waivers(file).waivers[0].expires == expires
    else:
        with pytest.raises(ContractFileError, match=rf"usdm/waivers\.json.*expires on {expires}"):
            load_waivers(file)


def test_a_waiver_that_stands_twice_is_named_with_its_file(file: Path) -> None:
    waive(file, targets=("local", "live"))
    data = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({"waivers": [*data["waivers"], {**data["waivers"][0], "targets": ["live"]}]}), "utf-8")
    with pytest.raises(ContractFileError, match=r"usdm/waivers\.json.*stands twice for target live"):
        load_waivers(file)


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ((), ("local",), "any"),
        (("local",), (), "local"),
        (("local", "live"), ("live", "testnet"), "local, live"),
        (("local",), ("live", "testnet"), ""),
        (("local",), ("local",), ""),
        (("local", "live"), ("live", "local"), ""),
    ],
)
def test_no_two_waivers_of_one_deviation_hold_on_one_target(
    file: Path, first: tuple[str, ...], second: tuple[str, ...], clash: str
) -> None:
    """The same targets replace the waiver, other ones stand beside it, and a part of them is refused by name."""
    before = waive(file, targets=first).waivers
    if not clash:
        same = set(first) == set(second)
        assert len(waive(file, targets=second).waivers) == (1 if same else 2)
        return
    with pytest.raises(UsageError, match=rf"waivers\.json.*{before[0].fingerprint}.*target {clash} already"):
        waive(file, targets=second)
    assert load_waivers(file).waivers == before


def test_a_waiver_of_all_that_comes_stays_one(file: Path) -> None:
    """Written by hand without `actual`, it is not narrowed to what came today."""
    [waiver] = waive(file).waivers
    limitless = msgspec.structs.replace(waiver, actual=())
    write_json(file, msgspec.json.encode({"waivers": [limitless]}))
    [again] = waive(file, reason="again").waivers
    assert (again.actual, again.reason) == ((), "again")


def test_a_finding_that_counts_values_is_named_by_its_place(file: Path) -> None:
    for path, said in (("", "the document"), ("r.p", "r.p")):
        with pytest.raises(UsageError, match=f"counts many values at {said} without naming them"):
            waive(file, finding(Kind.UNDOCUMENTED_VALUE, "more values", path))


@pytest.mark.parametrize(
    ("kind", "actual", "words"),
    [
        (Kind.TYPE_CHANGED, "integer or object", ("integer", "object")),
        (Kind.UNDOCUMENTED_FIELD, "undocumented field, null or string", ("null", "string")),
        (Kind.UNDOCUMENTED_FIELD, "105 undocumented fields, null or string", ("null", "string")),
        (Kind.UNDOCUMENTED_ELEMENT, "undocumented element, string", ("string",)),
        (
            Kind.UNDOCUMENTED_ELEMENT,
            "undocumented element, 3 elements or 4 elements instead of 2",
            ("3 elements", "4 elements"),
        ),
        (Kind.REPEATED_KEY, "a key that is named 3 times", ("a key that is named # times",)),
        (Kind.SILENT_STREAM, "Nothing came in 3.5 s. It took 41.", ("It took #.", "Nothing came in # s.")),
    ],
)
def test_what_came_is_written_word_by_word(file: Path, kind: Kind, actual: str, words: tuple[str, ...]) -> None:
    """Each word alone is tolerated as well; how many came is none of them."""
    waivers = waive(file, finding(kind, actual))
    assert waivers.waivers[0].actual == words
    assert not is_open(waivers, finding(kind, actual))


@pytest.mark.parametrize(
    ("kind", "first", "second", "together"),
    [
        (
            Kind.UNDOCUMENTED_ELEMENT,
            "undocumented element, 3 elements instead of 2",
            "undocumented element, 4 elements instead of 2",
            "undocumented element, 4 elements or 3 elements instead of 2",
        ),
        (
            Kind.UNDOCUMENTED_FIELD,
            "105 undocumented fields, null",
            "110 undocumented fields, string",
            "101 undocumented fields, string or null",
        ),
        (Kind.TYPE_CHANGED, "integer", "object", "object or integer"),
    ],
)
def test_what_is_tolerated_alone_is_tolerated_together(
    file: Path, kind: Kind, first: str, second: str, together: str
) -> None:
    """The finding of an answer that shows both has no other meaning than the two findings."""
    waive(file, finding(kind, first))
    waivers = waive(file, finding(kind, second))
    assert not is_open(waivers, finding(kind, together))


#: Kinds of which the value is the deviation.
BY_VALUE = {
    "status-changed",
    "error-code-changed",
    "value-changed",
    "error-answer",
    "weight-changed",
    "undocumented-value",
    "undocumented-event",
}
#: Kinds that no answer shows to be gone: that nothing was measured says nothing.
UNSEEN = {"weight-changed"}
#: Kinds that only a value at the path shows to be gone, and those that need no more than its object.
AT_THE_PATH = {
    "type-changed",
    "null-value",
    "format-changed",
    "length-changed",
    "value-changed",
    "undocumented-value",
    "undocumented-format",
}
IN_THE_OBJECT = {"missing-field", "repeated-key", "undocumented-field", "undocumented-element"}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_deviation_is_gone_when_it_would_have_been_seen(file: Path, kind: Kind) -> None:
    """A value at its path, the object that could have the field, or every case of the contract."""
    waivers = waive(file, finding(kind, "x", value="x" if kind in BY_VALUE else ""))
    expected = {"{}": False, '{"r":{}}': kind in IN_THE_OBJECT, '{"r":{"p":1}}': kind in IN_THE_OBJECT | AT_THE_PATH}
    for response, gone in expected.items():
        judged = [JudgedAnswer(contract="usdm/rest/x", response=response, findings=())]
        assert bool(waivers.stale(judged, target="local", today=TODAY)) == gone
        complete = waivers.stale(judged, target="local", today=TODAY, complete={"usdm/rest/x"})
        assert bool(complete) == (gone or kind not in IN_THE_OBJECT | AT_THE_PATH | UNSEEN)


@pytest.mark.parametrize("kind", Kind)
def test_a_waiver_names_values_where_the_value_is_the_deviation_and_words_elsewhere(file: Path, kind: Kind) -> None:
    [waiver] = waive(file, finding(kind, "x", value="x" if kind in BY_VALUE else "")).waivers
    assert (waiver.values, waiver.actual) == ((("x",), ()) if kind in BY_VALUE else ((), ("x",)))


def test_values_that_no_longer_come_are_named_together(file: Path) -> None:
    for value in ("C", "D", "E"):
        waivers = waive(file, finding(Kind.UNDOCUMENTED_VALUE, value, value=value))
    came = finding(Kind.UNDOCUMENTED_VALUE, "D", value="D")
    judged = [JudgedAnswer(contract="usdm/rest/x", response='{"r":{"p":"D"}}', findings=(came,))]
    [sentence] = waivers.stale(judged, target="local", today=TODAY)
    assert sentence.endswith("C, E did not come. Remove it from the values.")


def test_a_waiver_of_another_target_is_neither_stale_nor_expired_here(file: Path) -> None:
    waivers = waive(file, targets=("live",))
    judged = [JudgedAnswer(contract="usdm/rest/x", response='{"r":{"p":1}}', findings=())]
    late = TODAY + timedelta(days=31)
    assert waivers.stale(judged, target="local", today=TODAY) == []
    assert len(waivers.stale(judged, target="live", today=TODAY)) == 1
    assert waivers.expired(target="local", today=late) == []
    assert len(waivers.expired(target="live", today=late)) == len(waivers.expired(today=late)) == 1
    assert waivers.stale(judged, target="live", today=late) == []


def test_a_file_is_written_in_one_step_beside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders are made; the text is indented; the file keeps its permissions; a failure leaves the old file alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    file = tmp_path / "a" / "b" / "c.json"
    write_json(file, b'{"a":[1]}')
    assert file.read_bytes() == b'{\n  "a": [\n    1\n  ]\n}\n'
    assert file.stat().st_mode & 0o777 == 0o644
    file.chmod(0o600)
    write_json(file, b"1")
    assert (file.stat().st_mode & 0o777, file.read_bytes()) == (0o600, b"1\n")

    def full(_: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_json(file, b"2")
    assert [(one.name, one.read_bytes()) for one in file.parent.iterdir()] == [("c.json", b"1\n")]

"""How findings are made of deviations, counted, capped and written down."""

from __future__ import annotations

import json

import msgspec
import pytest

from wireproof.drift.deviations import Deviation, Picture
from wireproof.drift.explain import (
    NAMED_VALUES,
    ComparisonError,
    _findings,
    most_frequent_values,
    new_finding,
    one_line,
    readable,
)
from wireproof.drift.finding import Finding, Kind, Severity, fingerprint


def unknown(value: str, *, path: str = "p", occurrences: int = 1, of: int = 1) -> Finding:
    finding = new_finding("c", path, Kind.UNDOCUMENTED_VALUE, "one of A", value, value=value)
    return msgspec.structs.replace(finding, occurrences=occurrences, of=of)


def test_a_fingerprint_stands_for_contract_path_kind_and_value() -> None:
    """Stored in histories and waivers: these digits must never change."""
    assert fingerprint("usdm/rest/x", "a[].b", Kind.NULL_VALUE) == "13b95c9fbffd"
    plain = new_finding("c", "p", Kind.NULL_VALUE, "integer", "null")
    assert plain.fingerprint == fingerprint("c", "p", Kind.NULL_VALUE)
    assert unknown("X").fingerprint == fingerprint("c", "p", Kind.UNDOCUMENTED_VALUE, "X")
    others = [("d", "p", Kind.NULL_VALUE), ("c", "q", Kind.NULL_VALUE), ("c", "p", Kind.TYPE_CHANGED)]
    assert len({plain.fingerprint, *(fingerprint(*one) for one in others)}) == 4


def test_a_path_with_half_a_surrogate_has_a_fingerprint_of_its_own() -> None:
    """Keys come from the wire as they are."""
    first, second = (fingerprint("c", f"a{half}", Kind.NULL_VALUE) for half in ("\ud800", "\ud801"))
    assert first != second


@pytest.mark.parametrize(
    ("change", "kinds", "said"),
    [
        ("values_changed", [], "the walk nothing"),
        ("values_changed", [Kind.UNDOCUMENTED_FIELD], "the walk undocumented-field"),
        ("dictionary_item_removed", [Kind.MISSING_FIELD, Kind.TYPE_CHANGED], "type-changed"),
        ("dictionary_item_added", [Kind.TYPE_CHANGED], "DeepDiff calls it 'dictionary_item_added'"),
        ("set_item_added", [Kind.TYPE_CHANGED], "DeepDiff calls it 'set_item_added'"),
    ],
)
def test_a_difference_that_only_deepdiff_can_name_is_an_error_and_no_pass(
    change: str, kinds: list[Kind], said: str
) -> None:
    deviations = [Deviation(kind, "a", "", "", 1, 1, ("a",)) for kind in kinds]
    picture = Picture(deviations={"/.a": deviations} if kinds else {})
    with pytest.raises(ComparisonError, match=r"c: a difference at '/\.a' has no name.*please report it") as error:
        _findings("c", picture, {"/.a": change})
    assert said in str(error.value)


def test_a_difference_that_only_the_walk_noticed_is_an_error_and_no_pass() -> None:
    deviation = Deviation(Kind.TYPE_CHANGED, "a", "", "", 1, 1, ("a",))
    picture = Picture(deviations={"/.b": [deviation], "/.a": [deviation]})
    with pytest.raises(ComparisonError, match=r"difference at '/\.a' was noticed by the walk but not by DeepDiff"):
        _findings("c", picture, {})


BREAKING = {
    "missing-field",
    "type-changed",
    "null-value",
    "format-changed",
    "length-changed",
    "status-changed",
    "error-code-changed",
    "unparseable",
    "protocol-violation",
    "value-changed",
    "repeated-key",
    "error-answer",
    "silent-stream",
}
RISKY = {"undocumented-value", "undocumented-format", "header-changed", "weight-changed"}
ADDITIVE = {"undocumented-field", "undocumented-element", "undocumented-event", "retired-answer"}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_severity(kind: Kind) -> None:
    """What breaks a client that relies on the documentation, what may, and what none notices."""
    of = {Severity.BREAKING: BREAKING, Severity.RISKY: RISKY, Severity.ADDITIVE: ADDITIVE}
    assert [severity for severity, kinds in of.items() if kind in kinds] == [
        new_finding("c", "", kind, "", "").severity
    ]


@pytest.mark.parametrize("kind", Kind)
def test_a_line_says_what_was_expected_unless_nothing_was_or_the_sentence_says_it(kind: Kind) -> None:
    told = {*ADDITIVE, "protocol-violation", "silent-stream"}
    assert ("expected x, got y" in one_line(new_finding("c", "p", kind, "x", "y"))) == (kind not in told)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("change", ["dictionary_item_removed", "dictionary_item_added", "values_changed"])
def test_each_kind_is_one_change_of_shape_and_no_other(change: str, kind: Kind) -> None:
    """A place that went is a missing field, one that came is additional, and any other difference is at a place."""
    fits = {
        "dictionary_item_removed": {"missing-field"},
        "dictionary_item_added": {"undocumented-field", "undocumented-element"},
        "values_changed": set(Kind) - {"undocumented-field", "undocumented-element", "unparseable"},
    }
    picture = Picture(deviations={"/.a": [Deviation(kind, "a", "", "", 1, 1, ("a",))]})
    if kind in fits[change]:
        assert [f.kind for f in _findings("c", picture, {"/.a": change})] == [kind]
    else:
        with pytest.raises(ComparisonError, match="has no name"):
            _findings("c", picture, {"/.a": change})


def test_ten_values_at_one_path_are_all_named() -> None:
    ten = [unknown(f"W{number}") for number in range(NAMED_VALUES)]
    assert most_frequent_values(ten) == ten


def test_the_eleventh_value_is_counted_and_nothing_else_is_lost() -> None:
    """The most frequent are named, by value among equals; other paths and kinds are as they were."""
    beside = [unknown("X", path="q"), new_finding("c", "p", Kind.NULL_VALUE, "string", "null")]
    rare = unknown("A", occurrences=2, of=7)
    values = [unknown(f"W{number}", occurrences=3 + number % 2, of=9) for number in range(10)]
    found = most_frequent_values([beside[0], rare, *values, beside[1]])
    ordered = [values[number] for number in (1, 3, 5, 7, 9, 0, 2, 4, 6, 8)]
    assert found[:-1] == [*beside, *ordered]
    assert found[-1] == msgspec.structs.replace(
        rare, value="", actual="more values", fingerprint=fingerprint("c", "p", Kind.UNDOCUMENTED_VALUE)
    )


def test_what_is_counted_is_added_up_over_the_most_that_was_looked_at() -> None:
    """Findings of several messages were seen among different numbers of elements."""
    named = [unknown(f"W{number}", occurrences=9, of=9) for number in range(10)]
    rest = [unknown("A", of=2), unknown("B", occurrences=3, of=8), unknown("C", of=5), unknown("", of=4)]
    counted = most_frequent_values([*named, *rest])[-1]
    assert (counted.actual, counted.occurrences, counted.of) == ("more values", 6, 8)


def test_a_finding_is_one_line() -> None:
    finding = new_finding("c", "a.b", Kind.TYPE_CHANGED, "integer", "string")
    assert one_line(finding) == "a.b  expected integer, got string  (breaking)"
    counted = msgspec.structs.replace(finding, occurrences=1, of=2)
    assert one_line(counted) == "a.b  expected integer, got string  (breaking, 1 of 2)"
    assert one_line(new_finding("c", "", Kind.UNDOCUMENTED_FIELD, "nothing", "x")) == "(document)  x  (additive)"


def test_findings_are_listed_worst_first_and_the_rest_is_counted() -> None:
    """Among equals the order of the document holds."""
    kinds = {Severity.ADDITIVE: Kind.UNDOCUMENTED_FIELD, Severity.RISKY: Kind.UNDOCUMENTED_VALUE}
    findings = [
        new_finding("c", f"{severity}{number}", kinds.get(severity, Kind.TYPE_CHANGED), "integer", "x")
        for number in range(2)
        for severity in Severity
    ]
    paths = ["breaking0", "breaking1", "risky0", "risky1", "additive0", "additive1"]
    assert [line.split("  ")[0] for line in readable(findings).splitlines()] == paths
    assert [line.split("  ")[0] for line in readable(findings, limit=6).splitlines()] == paths
    assert readable(findings, limit=1).splitlines() == [
        "breaking0  expected integer, got x  (breaking)",
        "and 5 more (1 breaking, 2 risky, 2 additive)",
    ]
    assert readable(findings, limit=4).splitlines()[-1] == "and 2 more (2 additive)"
    assert len(readable(findings * 10).splitlines()) == 51
    assert readable([]) == ""


def test_a_finding_is_kept_as_json_without_what_it_does_not_say() -> None:
    """Result files are read by others."""
    said = json.loads(msgspec.json.encode(unknown("X")))
    assert list(said) == ["contract", "path", "kind", "severity", "expected", "actual", "fingerprint", "value"]

"""A missing field beside a new one: when the two are probably one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wireproof.drift.finding import Kind, Severity, Verdict
from wireproof.results.renames import likely_renames
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from conftest import Results
    from wireproof.drift.finding import Finding


def missing(results: Results, path: str, word: str = "decimal string", **fields: str) -> Finding:
    return results.finding(path, Kind.MISSING_FIELD, expected=word, actual="nothing", **fields)


def new(results: Results, path: str, word: str = "decimal string", **fields: str) -> Finding:
    said = f"undocumented field, {word}"
    return results.finding(
        path, Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE, expected="nothing", actual=said, **fields
    )


@pytest.mark.parametrize(
    ("old", "now"),
    [
        ("avgPrice", "averagePrice"),
        ("avgPrice", "avg_price"),
        ("time", "eventTime"),
        ("side", "direction"),  # not alike, but the only two
    ],
)
def test_one_missing_field_and_one_new_field_are_one(results: Results, old: str, now: str) -> None:
    gone, came = missing(results, f"result[].{old}"), new(results, f"result[].{now}")
    assert likely_renames([(gone, 3), (came, 3)]) == {
        gone.fingerprint: f"likely renamed to {now}",
        came.fingerprint: f"likely the new name of {old}",
    }


@pytest.mark.parametrize(
    ("path", "word", "contract"),
    [
        ("result.order.averagePrice", "decimal string", "usdm/ws-api/order.place"),  # in another object
        ("result.averagePrice", "integer", "usdm/ws-api/order.place"),  # of another kind
        ("result.averagePrice", "decimal string", "usdm/ws-api/order.cancel"),  # of another contract
        ("result.*", "decimal string", "usdm/ws-api/order.place"),  # which stands for many fields
    ],
)
def test_what_is_elsewhere_or_of_another_kind_is_no_new_name(
    results: Results, path: str, word: str, contract: str
) -> None:
    came = new(results, path, word, contract=contract)
    assert likely_renames([(missing(results, "result.avgPrice"), 1), (came, 1)]) == {}


def test_what_comes_more_often_than_the_other_is_missing_is_no_new_name(results: Results) -> None:
    assert likely_renames([(missing(results, "result.avgPrice"), 3), (new(results, "result.averagePrice"), 650)]) == {}


def test_among_several_each_has_the_name_that_is_most_alike_and_some_have_none(results: Results) -> None:
    gone = [missing(results, f"result.{name}") for name in ("avgPrice", "origQty", "side")]
    came = [new(results, f"result.{name}") for name in ("originalQty", "averagePrice", "mood")]
    said = likely_renames([(one, 1) for one in (*gone, *came)])
    assert said == {
        gone[0].fingerprint: "likely renamed to averagePrice",
        came[1].fingerprint: "likely the new name of avgPrice",
        gone[1].fingerprint: "likely renamed to originalQty",
        came[0].fingerprint: "likely the new name of origQty",
    }


@pytest.mark.parametrize(
    ("documented", "came", "same"),
    [
        ("one of BUY, SELL", "string", True),
        ("decimal string or null", "empty string", True),
        ("integer", "number", True),
        ("boolean", "string", False),
        ("null", "string", False),
    ],
)
def test_kinds_are_compared_as_json_has_them(results: Results, documented: str, came: str, *, same: bool) -> None:
    found = [(missing(results, "result.a", documented), 1), (new(results, "result.b", came), 1)]
    assert bool(likely_renames(found)) is same


def test_the_difference_says_it_in_its_words(results: Results) -> None:
    found = [missing(results, "result.avgPrice"), new(results, "result.averagePrice")]
    summary = gather(results.run(results.case("a", Verdict.BREAKING, findings=found)))
    assert [one.words for one in summary.deviations] == [
        "documented decimal string, got nothing; likely renamed to averagePrice",
        "decimal string; likely the new name of avgPrice",
    ]

"""What a finding says of the nights before: missing once is not gone for three nights."""

from __future__ import annotations

import pytest

from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind
from wireproof.ledger.joining import join_all
from wireproof.ledger.recorded import dates_of, recorded, words_of

INTEREST = "usdm/rest/GET.fapi.v1.openInterest"
INFO = "usdm/rest/GET.fapi.v1.exchangeInfo"
FUNDING = "usdm/rest/GET.fapi.v1.fundingInfo"
SOUND = {"openInterest": "1.5", "symbol": "BTCUSDT", "time": 1_795_000_000_000}
WITHOUT = {"symbol": "BTCUSDT", "time": 1_795_000_000_000}


def finding(kind=Kind.MISSING_FIELD, path="openInterest", contract=INTEREST, value=""):
    return new_finding(contract, path, kind, "decimal string", "nothing", value=value)


def words(nights, answers, kind=Kind.MISSING_FIELD, path="openInterest", contract=INTEREST, value=""):
    """Return what is said on the last of some nights, each of which saw these answers."""
    ledgers = [
        nights.ledger(*(nights.observed(contract, one, name=f"{n}") for n, one in enumerate(seen)), night=night)
        for night, seen in enumerate(answers)
    ]
    return words_of(finding(kind, path, contract, value), join_all("testnet", ledgers), ledgers[-1])


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            [[SOUND] * 19] * 29 + [[SOUND] * 10 + [WITHOUT]],
            "absent in 1 of 562 answers, present in the other 561 (30 nights)",
        ),
        ([[SOUND], [SOUND], [WITHOUT]], "absent in 1 of 3 answers, present in the other 2 (3 nights)"),
        ([[SOUND] * 3, [WITHOUT] * 19], "absent in all 19 answers; last seen 2026-11-18"),
        ([[SOUND], [WITHOUT], [WITHOUT]], "absent in the only answer; last seen 2026-11-18"),
        ([[WITHOUT], [WITHOUT]], "absent in the only answer; never seen here (2 nights)"),
    ],
)
def test_missing_once_and_gone_are_told_apart(nights, answers, said):
    assert words(nights, answers) == said


def test_a_field_that_some_elements_lack(nights):
    rows = [{"symbol": "A", "disclaimer": True}] * 649 + [{"symbol": "A"}]
    said = words(nights, [[rows]], path="[].disclaimer", contract=FUNDING)
    assert said == "absent in 1 of 650 objects, present in every answer (1 night)"


def test_kinds_say_how_often_each_came_and_when_last(nights):
    number = SOUND | {"openInterest": 7}
    assert words(nights, [[SOUND] * 2, [number]], Kind.TYPE_CHANGED) == (
        "integer in 1 of 3 answers, decimal in 2 (last 2026-11-18)"
    )
    assert words(nights, [[SOUND], [SOUND, SOUND | {"openInterest": None}]], Kind.NULL_VALUE) == (
        "decimal in 2 of 3 answers, null in 1"
    )


def test_of_the_only_answer_its_difference_says_all(nights):
    number = SOUND | {"openInterest": 7}
    assert words(nights, [[number]], Kind.TYPE_CHANGED) == ""
    assert words(nights, [[number], [number]], Kind.TYPE_CHANGED) == "integer in 2 of 2 answers"


def test_what_is_undocumented_says_since_when_it_came(nights):
    more, document = SOUND | {"new": 1}, {"rateLimits": [{"interval": "FORTNIGHT"}]}
    assert words(nights, [[SOUND], [more], [more]], Kind.UNDOCUMENTED_FIELD, "new") == (
        "in 2 of 3 answers, first seen 2026-11-19"
    )
    said = words(nights, [[document]], Kind.UNDOCUMENTED_VALUE, "rateLimits[].interval", INFO, "FORTNIGHT")
    assert said == "in 1 of 1 answer, first seen 2026-11-18"


@pytest.mark.parametrize("kind", [Kind.STATUS_CHANGED, Kind.SILENT_STREAM, Kind.UNDOCUMENTED_VALUE])
def test_of_other_differences_nothing_is_said(nights, kind):
    assert words(nights, [[SOUND]], kind) == ""
    assert words(nights, [[SOUND]], Kind.MISSING_FIELD, "nowhere") == ""


def test_a_run_says_it_of_each_of_its_differences(nights):
    observed = nights.observed(INTEREST, WITHOUT)
    case = nights.case(observed, "breaking")
    case.findings = [finding(), finding(path="nowhere")]
    run, ledger = nights.run(cases=[case]), nights.ledger(observed)
    assert recorded(run, ledger, ledger) == {
        finding().fingerprint: "absent in the only answer; never seen here (1 night)"
    }


def test_kinds_are_listed_by_how_often_they_came(nights):
    place = nights.ledger(*(nights.observed(INTEREST, one) for one in [SOUND, SOUND, SOUND | {"openInterest": 7}]))
    assert [name for name, _ in dates_of(place.place(INTEREST, "openInterest").kinds)] == ["decimal", "integer"]

"""Documentation, testnet, live and earlier nights beside each other: every row of the table, and what it rests on."""

from __future__ import annotations

from itertools import product

import pytest
from made_results import Results

from wireproof.contract.dated_changes import Changes, DatedChange
from wireproof.drift.finding import Kind, Severity, Verdict
from wireproof.ledger.change_matching import ChangeIndex, ChangeState
from wireproof.ledger.finding_standing import (
    FRESH_DAYS,
    EarlierNights,
    NightSeen,
    OtherTarget,
    TargetMemory,
    classify,
    standing_of,
    standings,
)
from wireproof.ledger.model import ContractRecord, PlaceRecord, Sighting, TargetLedger, night_bits
from wireproof.results.model import StandingClass

R = Results()
CONTRACT = "usdm/ws-api/order.place"
DAY, BEFORE = "2026-11-22", "2026-11-21"
AHEAD, BEHIND, STALE = StandingClass.TESTNET_AHEAD, StandingClass.TESTNET_BEHIND, StandingClass.DOCUMENTATION_STALE
DOC_AHEAD, REGRESSION, ROLLBACK = (
    StandingClass.DOCUMENTATION_AHEAD,
    StandingClass.REGRESSION,
    StandingClass.ROLLBACK,
)
UNTOLD, LOCAL = StandingClass.UNTOLD, StandingClass.LOCAL
NO, IN_FORCE, EARLY, KNOWN = (ChangeState.UNANNOUNCED, ChangeState.IN_FORCE, ChangeState.EARLY, ChangeState.KNOWN)
PENDING, OVERDUE = ChangeState.PENDING, ChangeState.OVERDUE
FORWARD = {IN_FORCE: True, EARLY: True, KNOWN: True, PENDING: False, OVERDUE: False, NO: None}


def by_the_table(target, state, past, there, *, loss):
    """Read the table of the module row by row."""
    forward = FORWARD[state]
    here = {"testnet": (AHEAD, BEHIND), "live": (BEHIND, AHEAD)}.get(target)
    if here is None:
        return {EarlierNights.BACK: ROLLBACK, EarlierNights.GOOD: REGRESSION}.get(past, LOCAL)
    newer, older = here
    if forward is not True and (past is EarlierNights.BACK or (forward is False and past is EarlierNights.GOOD)):
        return ROLLBACK
    if forward is False or (forward is None and past is EarlierNights.UNCHANGED):
        return older if there is OtherTarget.AS_DOCUMENTED else DOC_AHEAD
    if there is OtherTarget.ALIKE:
        return STALE
    if forward is True:
        if there is OtherTarget.AS_DOCUMENTED:
            return newer
        if state is IN_FORCE:
            return STALE
        return STALE if there is OtherTarget.NONE else UNTOLD
    if past is EarlierNights.FIRST:
        return UNTOLD
    if past is EarlierNights.GOOD and loss:
        return REGRESSION
    if there is OtherTarget.AS_DOCUMENTED:
        return older if loss else newer
    if there is OtherTarget.NONE:
        return STALE
    return UNTOLD


def test_every_row_of_the_table():
    every = list(product(("local", "testnet", "live"), ChangeState, EarlierNights, OtherTarget, (True, False)))
    for target, state, past, there, loss in every:
        given = {"state": state, "is_forward": FORWARD[state], "past": past, "there": there, "is_loss": loss}
        assert classify(target, **given) is by_the_table(target, state, past, there, loss=loss), (target, given)
    assert len(every) == 3 * 6 * 5 * 4 * 2


@pytest.mark.parametrize(
    ("target", "state", "past", "there", "loss", "said"),
    [
        ("testnet", NO, EarlierNights.GOOD, OtherTarget.ALIKE, True, STALE),
        ("testnet", NO, EarlierNights.GOOD, OtherTarget.AS_DOCUMENTED, False, AHEAD),
        ("testnet", NO, EarlierNights.GOOD, OtherTarget.AS_DOCUMENTED, True, REGRESSION),
        ("testnet", NO, EarlierNights.ALWAYS, OtherTarget.AS_DOCUMENTED, True, BEHIND),
        ("testnet", EARLY, EarlierNights.GOOD, OtherTarget.AS_DOCUMENTED, True, AHEAD),
        ("live", IN_FORCE, EarlierNights.GOOD, OtherTarget.AS_DOCUMENTED, True, BEHIND),
        ("live", OVERDUE, EarlierNights.FIRST, OtherTarget.AS_DOCUMENTED, True, AHEAD),
        ("live", OVERDUE, EarlierNights.FIRST, OtherTarget.ALIKE, True, DOC_AHEAD),
        ("live", OVERDUE, EarlierNights.GOOD, OtherTarget.UNKNOWN, True, ROLLBACK),
        ("live", NO, EarlierNights.BACK, OtherTarget.UNKNOWN, True, ROLLBACK),
        ("live", NO, EarlierNights.FIRST, OtherTarget.AS_DOCUMENTED, True, UNTOLD),
        ("live", NO, EarlierNights.GOOD, OtherTarget.UNKNOWN, False, UNTOLD),
        ("live", EARLY, EarlierNights.GOOD, OtherTarget.UNKNOWN, False, UNTOLD),
        ("live", NO, EarlierNights.GOOD, OtherTarget.NONE, False, STALE),
        ("local", IN_FORCE, EarlierNights.FIRST, OtherTarget.NONE, True, LOCAL),
    ],
)
def test_rows_that_people_ask_for(target, state, past, there, loss, said):
    given = {"state": state, "is_forward": FORWARD[state], "past": past, "there": there, "is_loss": loss}
    assert classify(target, **given) is said


def days(*numbers):
    return [f"2026-11-{number:02}" for number in numbers]


def record(seen, **places):
    """Return a contract that was answered on some days of November, and what was seen at its places."""
    nights = format(sum(int(night_bits(day), 16) for day in days(*seen)), "x")
    return ContractRecord(answers=len(seen), first=days(*seen)[0], last=days(*seen)[-1], nights=nights, places=places)


def place(first, last, *, absent=(), kinds=None, words=None):
    at, gone = days(first, last), days(*absent)
    sightings = [
        {
            name: Sighting(answers=1, times=1, first=days(a)[0], last=days(b)[0])
            for name, (a, b) in (group or {}).items()
        }
        for group in (kinds, words)
    ]
    return PlaceRecord(
        documented=True,
        first=at[0],
        last=at[1],
        absent_first=gone[0] if gone else "",
        absent_last=gone[-1] if gone else "",
        kinds=sightings[0],
        words=sightings[1],
    )


def witness(known=None, *, nights=(), target="testnet"):
    ledger = TargetLedger(target=target, contracts={CONTRACT: known} if known else {})
    return TargetMemory(
        ledger=ledger, nights=[NightSeen(day=day, fingerprints=frozenset(shown)) for day, shown in nights]
    )


def stands(finding, *, own=None, there=None, target="testnet", first=DAY, match=None, has_other=True):
    return standing_of(
        finding, match, target=target, day=DAY, first=first, own=own or witness(), there=there, has_other=has_other
    )


MISSING = R.finding("result.x", Kind.MISSING_FIELD, actual="nothing")
EXTRA = R.finding("result.x", Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE, actual="undocumented field, string")
TYPE = R.finding("result.x", expected="decimal string", actual="integer")
WORD = R.finding("result.x", Kind.UNDOCUMENTED_VALUE, severity=Severity.RISKY, value="HALT")
SILENT = R.finding("", Kind.SILENT_STREAM)

NOW, ALIKE = "as documented (2026-11-21)", "differs alike (2026-11-21)"
SEEN = {"result": place(1, 21), "result.x": place(1, 21, kinds={"decimal string": (1, 21)}, words={"OPEN": (1, 21)})}


@pytest.mark.parametrize(
    ("finding", "there", "said"),
    [
        (MISSING, record(range(1, 22), **SEEN), NOW),
        (
            MISSING,
            record(range(1, 22), **{**SEEN, "result.x": place(1, 20, absent=(21,))}),
            ALIKE,
        ),
        (
            MISSING,
            record(range(1, 22), **{**SEEN, "result.x": place(1, 21, absent=(21,))}),
            ALIKE,
        ),
        (MISSING, record(range(1, 22)), "unknown (never showed the place)"),
        (EXTRA, record(range(1, 22), result=place(1, 21)), NOW),
        (EXTRA, record(range(1, 22), **SEEN), ALIKE),
        (EXTRA, record(range(1, 22)), "unknown (never showed the place)"),
        (TYPE, record(range(1, 22), **SEEN), NOW),
        (
            TYPE,
            record(range(1, 22), **{"result.x": place(1, 21, kinds={"integer": (20, 21)})}),
            ALIKE,
        ),
        (WORD, record(range(1, 22), **SEEN), NOW),
        (
            WORD,
            record(range(1, 22), **{"result.x": place(1, 21, words={"HALT": (3, 21)})}),
            ALIKE,
        ),
        (
            WORD,
            record(range(1, 22), **{"result.x": place(1, 21, words={"HALT": (3, 9)})}),
            NOW,
        ),
        (SILENT, record(range(1, 22)), NOW),
        (
            MISSING,
            record(range(1, 22 - FRESH_DAYS - 1), result=place(1, 18)),
            "unknown (was last looked at on 2026-11-17, more than 3 days ago)",
        ),
        (MISSING, None, "unknown (was not looked at)"),
    ],
)
def test_what_the_other_target_shows(finding, there, said):
    other = witness(there, target="live") if there else None
    assert stands(finding, there=other).live == said


def test_a_difference_that_the_other_target_showed_last_night_is_alike_there():
    other = witness(record(range(1, 21), **SEEN), nights=[(BEFORE, {SILENT.fingerprint})], target="live")
    assert stands(SILENT, there=other).live == ALIKE
    old = witness(record(range(1, 4)), nights=[("2026-11-10", {SILENT.fingerprint})], target="live")
    assert stands(SILENT, there=old).live == "unknown (was last looked at on 2026-11-10, more than 3 days ago)"


def test_a_day_that_is_none_counts_for_nothing():
    broken = witness(nights=[("1", {SILENT.fingerprint})], target="live")
    assert stands(SILENT, there=broken).live.startswith("unknown (was last looked at on 1,")


def test_what_another_target_does_not_have_is_not_there():
    assert stands(MISSING, target="live", has_other=False).testnet == "not there"


NIGHTS = [(day, ()) for day in days(*range(1, 22))]


@pytest.mark.parametrize(
    ("finding", "known", "first", "said"),
    [
        (MISSING, record(range(1, 22), **SEEN), DAY, (REGRESSION, "2026-11-21")),
        (TYPE, record(range(1, 22), **SEEN), DAY, (UNTOLD, "2026-11-21")),
        (EXTRA, record(range(1, 22), result=place(1, 21)), DAY, (UNTOLD, "2026-11-21")),
        (MISSING, None, DAY, (UNTOLD, "first night")),
        (MISSING, record((22,)), DAY, (UNTOLD, "first night")),
        # The field came on the 10th, and now is gone again.
        (
            MISSING,
            record(range(1, 22), result=place(1, 21), **{"result.x": place(10, 21)}),
            DAY,
            (ROLLBACK, "2026-11-21"),
        ),
        # A number until the 9th, a string from the 10th, and a number again.
        (
            TYPE,
            record(range(1, 22), **{"result.x": place(1, 21, kinds={"integer": (1, 9), "decimal string": (10, 21)})}),
            DAY,
            (ROLLBACK, "2026-11-21"),
        ),
        # It was there all the time; the documentation dropped it.
        (EXTRA, record(range(1, 22), **SEEN), DAY, (DOC_AHEAD, "")),
        (MISSING, record(range(1, 22), result=place(1, 21)), DAY, (DOC_AHEAD, "")),
        (SILENT, record(range(1, 22)), DAY, (REGRESSION, "2026-11-21")),
        (MISSING, record(range(3, 22), result=place(3, 21)), "2026-11-03", (UNTOLD, "never")),
    ],
)
def test_what_earlier_nights_showed(finding, known, first, said):
    found = stands(finding, own=witness(known, nights=NIGHTS if known else ()), first=first)
    assert (found.standing, found.last_good) == said


def test_a_difference_that_went_for_some_nights_and_came_again_is_a_rollback():
    nights = [(day, {EXTRA.fingerprint} if day < "2026-11-05" else ()) for day in days(*range(1, 22))]
    known = record(range(1, 22), result=place(1, 21))
    found = stands(EXTRA, own=witness(known, nights=nights), first="2026-11-01")
    assert (found.standing, found.last_good) == (ROLLBACK, "2026-11-21")
    once = [(day, {EXTRA.fingerprint} if day != BEFORE else ()) for day in days(*range(1, 22))]
    assert stands(EXTRA, own=witness(known, nights=once), first="2026-11-01").standing is not ROLLBACK


def test_nights_that_did_not_look_at_a_contract_do_not_count_as_good():
    nights = [(day, {EXTRA.fingerprint} if day < "2026-11-05" else ()) for day in days(*range(1, 22))]
    known = record(range(1, 5), result=place(1, 4))
    assert stands(EXTRA, own=witness(known, nights=nights), first="2026-11-01").standing is UNTOLD


def changes(**fields):
    given = {"kind": "field-removed", "path": "x", "basis": "change-log", "links": ("https://e.org",)}
    return ChangeIndex({"usdm": Changes(changes=(DatedChange(contracts=(CONTRACT,), **(given | fields)),))})


def test_a_run_says_of_each_difference_how_it_stands():
    index = changes(announced="2026-11-01", in_force="2026-12-01")
    case = R.case("a", Verdict.BREAKING, findings=[MISSING, MISSING], waived=[R.waived(TYPE)], unsteady=[WORD])
    live = witness(record(range(1, 22), **SEEN), target="live")
    own = witness(record(range(1, 22), **SEEN), nights=NIGHTS)
    found = standings(R.run(case), index, own=own, since={}, there=live, targets={"usdm": {"testnet", "live"}})
    assert [(one.fingerprint, one.standing, one.announcement) for one in found] == [
        (MISSING.fingerprint, AHEAD, "early"),
        (TYPE.fingerprint, AHEAD, "unannounced"),
    ]
    assert (found[0].change, found[0].in_force, found[0].link) == ("field-removed", "2026-12-01", "https://e.org")
    assert (found[0].testnet, found[0].live, found[0].last_good) == (
        "nothing",
        NOW,
        "2026-11-21",
    )


def test_both_halves_of_a_renamed_field_are_the_change_of_either():
    index = changes(announced="2026-11-01", in_force="2026-11-10", path="avgPrice")
    old = R.finding("result.avgPrice", Kind.MISSING_FIELD, actual="nothing")
    new = R.finding(
        "result.averagePrice", Kind.UNDOCUMENTED_FIELD, expected="nothing", actual="undocumented field, decimal string"
    )
    case = R.case("a", Verdict.BREAKING, findings=[old, new])
    found = standings(R.run(case), index, own=witness(), since={}, there=None, targets={})
    assert [one.announcement for one in found] == ["announced", "announced"]
    other = R.finding(
        "result.quantity", Kind.UNDOCUMENTED_FIELD, expected="nothing", actual="undocumented field, boolean"
    )
    case = R.case("a", Verdict.BREAKING, findings=[old, other])
    found = standings(R.run(case), index, own=witness(), since={}, there=None, targets={})
    assert [one.announcement for one in found] == ["announced", "unannounced"]


def test_contracts_of_another_day_are_compared_with_the_target_of_today():
    index = changes(announced="2026-11-01", in_force="2026-11-10")
    case = R.case("a", Verdict.BREAKING, findings=[MISSING])
    live = witness(record(range(1, 22), **SEEN), target="live")
    run = R.run(case, target="testnet@2026-10-01")
    [found] = standings(run, index, own=witness(), since={}, there=live, targets={"usdm": {"testnet", "live"}})
    assert (found.standing, found.announcement, found.testnet) == (AHEAD, "announced", "nothing")


def test_a_local_run_has_no_other_target():
    case = R.case("a", Verdict.BREAKING, findings=[MISSING])
    run = R.run(case, target="local")
    [found] = standings(
        run, ChangeIndex({}), own=witness(), since={}, there=None, targets={"usdm": {"testnet", "live"}}
    )
    assert (found.standing, found.testnet, found.live) == (LOCAL, "", "")


@pytest.mark.parametrize("said", list(StandingClass))
def test_each_class_has_a_reason(said):
    every = product(("local", "testnet", "live"), ChangeState, EarlierNights, OtherTarget, (True, False))
    assert any(
        classify(target, state=state, is_forward=FORWARD[state], past=past, there=there, is_loss=loss) is said
        for target, state, past, there, loss in every
    )

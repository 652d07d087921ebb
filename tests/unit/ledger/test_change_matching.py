"""Findings and dated changes: each change of all products is found by the findings that it makes, and by no others."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from checkout import CONTRACTS

from wireproof.contract.dated_changes import Changes, DatedChange, load_changes
from wireproof.drift.finding import Finding, Kind, Severity, fingerprint
from wireproof.ledger.change_matching import OVERDUE_DAYS, ChangeIndex, ChangeState, match_change, state_on

ORDER = "usdm/ws-api/order.place"
EVERY = {folder.name: load_changes(folder) for folder in CONTRACTS.iterdir() if (folder / "changes.json").is_file()}
ALL = [(product, change) for product, found in EVERY.items() for change in found.changes]
ADDED = ("field-added", "enum-value-added")
REMOVED = ("field-removed", "enum-value-removed")


def change(kind, path="", *, contract=ORDER, **fields):
    given = {"announced": "2026-10-01", "in_force": "2026-11-10", "basis": "change-log", "links": ("https://e.org",)}
    return DatedChange(contracts=(contract,), kind=kind, path=path, **(given | fields))


def finding(kind, path="", value="", *, contract=ORDER, expected="", actual=""):
    return Finding(
        contract=contract,
        path=path,
        kind=kind,
        severity=Severity.BREAKING,
        expected=expected,
        actual=actual,
        value=value,
        fingerprint=fingerprint(contract, path, kind, value),
    )


def matched(found, *changes, day="2026-11-20", target="testnet", documented=None):
    match = match_change(found, changes, day=day, target=target, documented=documented)
    return (match.state.name, match.is_forward) if match else None


FORWARD, BACKWARD = ("IN_FORCE", True), ("OVERDUE", False)
MISSES = "error -1102 \"Mandatory parameter 'modifyId' was not sent\""


@pytest.mark.parametrize(
    ("made", "found", "said"),
    [
        (change("field-added", "result.x"), finding(Kind.UNDOCUMENTED_FIELD, "result.x"), FORWARD),
        (change("field-added", "x"), finding(Kind.UNDOCUMENTED_FIELD, "result.x"), FORWARD),
        (change("field-added", "x"), finding(Kind.UNDOCUMENTED_FIELD, "result[].x"), FORWARD),
        (change("field-added", "o.x"), finding(Kind.UNDOCUMENTED_FIELD, "result.o"), FORWARD),
        (change("field-added", "o"), finding(Kind.UNDOCUMENTED_FIELD, "result.o.x"), None),
        (change("field-added", "x"), finding(Kind.MISSING_FIELD, "result.x"), BACKWARD),
        (change("field-added", "x"), finding(Kind.MISSING_FIELD, "result.xy"), None),
        (change("field-added", "x"), finding(Kind.TYPE_CHANGED, "result.x"), None),
        (change("field-removed", "x"), finding(Kind.MISSING_FIELD, "result.x"), FORWARD),
        (change("field-removed", "o"), finding(Kind.MISSING_FIELD, "result.o.x"), FORWARD),
        (change("field-removed", "o.x"), finding(Kind.MISSING_FIELD, "result.o"), None),
        (change("field-removed", "x"), finding(Kind.UNDOCUMENTED_FIELD, "result.x"), BACKWARD),
        (change("field-removed", "x"), finding(Kind.NULL_VALUE, "result.x", actual="null"), None),
        (
            change("field-type-changed", "x", before="integer", after="string"),
            finding(Kind.TYPE_CHANGED, "result.x", actual="decimal string"),
            FORWARD,
        ),
        (
            change("field-type-changed", "x", before="integer", after="string"),
            finding(Kind.TYPE_CHANGED, "result.x", actual="integer"),
            BACKWARD,
        ),
        (
            change("field-type-changed", "x", before="integer", after="string"),
            finding(Kind.TYPE_CHANGED, "result.x", actual="boolean"),
            None,
        ),
        (
            change("field-type-changed", "x", before="integer", after="integer or null"),
            finding(Kind.NULL_VALUE, "result.x", actual="null"),
            FORWARD,
        ),
        (
            change("field-type-changed", "x", before="integer", after="integer or null"),
            finding(Kind.UNDOCUMENTED_FIELD, "result.x", actual="undocumented field, null"),
            FORWARD,
        ),
        (
            change("field-type-changed", "[]", before="object", after="array"),
            finding(Kind.TYPE_CHANGED, "result", actual="object"),
            None,
        ),
        (change("enum-value-added", "s", after="HALT"), finding(Kind.UNDOCUMENTED_VALUE, "result.s", "HALT"), FORWARD),
        (change("enum-value-added", "s", after="HALT"), finding(Kind.UNDOCUMENTED_VALUE, "result.s", "OPEN"), None),
        (change("enum-value-added", "s", after="HALT"), finding(Kind.UNDOCUMENTED_VALUE, "result.t", "HALT"), None),
        (
            change("enum-value-removed", "s", before="HALT"),
            finding(Kind.UNDOCUMENTED_VALUE, "result.s", "HALT"),
            BACKWARD,
        ),
        (
            change("enum-value-removed", "timeInForce", before="GTX"),
            finding(Kind.ERROR_ANSWER, "", "-1115", actual='error -1115 "Invalid timeInForce."'),
            FORWARD,
        ),
        (
            change("enum-value-removed", "timeInForce", before="GTX"),
            finding(Kind.ERROR_ANSWER, "", "-1117", actual='error -1117 "Invalid side."'),
            None,
        ),
        (change("param-added", "modifyId"), finding(Kind.ERROR_ANSWER, "", "-1102", actual=MISSES), FORWARD),
        (change("param-added", "modify"), finding(Kind.ERROR_ANSWER, "", "-1102", actual=MISSES), None),
        (
            change("param-mandatory", "modifyId", before="optional", after="mandatory"),
            finding(Kind.STATUS_CHANGED, "status", "400 -1102", actual=MISSES),
            FORWARD,
        ),
        (
            change("param-mandatory", "modifyId", before="mandatory", after="optional"),
            finding(Kind.ERROR_CODE_CHANGED, "", "no error", expected=MISSES),
            FORWARD,
        ),
        (
            change("param-mandatory", "modifyId", before="optional", after="mandatory"),
            finding(Kind.ERROR_CODE_CHANGED, "", "no error", expected=MISSES),
            BACKWARD,
        ),
        (change("param-removed", "modifyId"), finding(Kind.ERROR_ANSWER, "", "-1104", actual="not all read"), FORWARD),
        (change("param-removed", "modifyId"), finding(Kind.ERROR_ANSWER, "", "-1102", actual=MISSES), BACKWARD),
        (change("request-retired"), finding(Kind.ERROR_ANSWER, "", "-4120"), FORWARD),
        (change("request-retired"), finding(Kind.ERROR_ANSWER, "", "-5000"), FORWARD),
        (change("request-retired"), finding(Kind.STATUS_CHANGED, "status", "404"), FORWARD),
        (change("request-retired"), finding(Kind.ERROR_ANSWER, "", "-2019"), None),
        (change("request-retired"), finding(Kind.MISSING_FIELD, "result.x"), None),
        (change("request-retired"), finding(Kind.RETIRED_ANSWER), BACKWARD),
        (change("stream-retired"), finding(Kind.SILENT_STREAM), FORWARD),
        (change("stream-added"), finding(Kind.SILENT_STREAM), BACKWARD),
        (change("request-added"), finding(Kind.STATUS_CHANGED, "status", "404 -5000"), BACKWARD),
        (change("host-moved", "path", before="/ws", after="/market/ws"), finding(Kind.SILENT_STREAM), FORWARD),
        (change("host-moved", "path"), finding(Kind.MISSING_FIELD, "path"), None),
        (change("behaviour", "error.code", after="-4109"), finding(Kind.ERROR_ANSWER, "", "-4109"), FORWARD),
        (change("behaviour", "error.code", after="-4109"), finding(Kind.ERROR_ANSWER, "", "-4108"), None),
        (change("behaviour", "error.code", after="-4109"), finding(Kind.MISSING_FIELD, "error.code"), None),
        (
            change("behaviour", "type", before="STOP accepted", after="refused with -4120"),
            finding(Kind.ERROR_CODE_CHANGED, "code", "-4120"),
            FORWARD,
        ),
        (
            change("behaviour", "path", after="acknowledge and stay silent"),
            finding(Kind.SILENT_STREAM),
            FORWARD,
        ),
        (change("behaviour", after="largest of each second"), finding(Kind.SILENT_STREAM), None),
        (change("behaviour", "o.ps, o.st"), finding(Kind.UNDOCUMENTED_FIELD, "o.st"), FORWARD),
        (change("behaviour", "o.ps, o.st"), finding(Kind.UNDOCUMENTED_FIELD, "o.sx"), None),
        (
            change("behaviour", before="array", after="array without asset, object with asset"),
            finding(Kind.TYPE_CHANGED, "", actual="object"),
            FORWARD,
        ),
        (
            change("limit-changed", "history", after="3 months, -6073 otherwise"),
            finding(Kind.ERROR_ANSWER, "", "-6073"),
            FORWARD,
        ),
        (
            change("limit-changed", "callbackRate", before=10, after=20),
            finding(Kind.ERROR_ANSWER, "", "-1130", actual="error -1130 \"Parameter 'callbackRate' is invalid\""),
            FORWARD,
        ),
        (change("weight-changed", "weight"), finding(Kind.HEADER_CHANGED, "headers.x-mbx-used-weight-1m"), FORWARD),
        (change("weight-changed", "weight"), finding(Kind.MISSING_FIELD, "weight"), None),
    ],
)
def test_a_finding_matches_what_the_table_says(made, found, said):
    assert matched(found, made) == said


@pytest.mark.parametrize(
    ("day", "forward", "backward"),
    [
        ("2026-09-30", None, None),
        ("2026-10-01", "EARLY", "PENDING"),
        ("2026-11-09", "EARLY", "PENDING"),
        ("2026-11-10", "IN_FORCE", "OVERDUE"),
        ("2027-05-09", "IN_FORCE", "OVERDUE"),
        ("2027-05-10", "IN_FORCE", None),
    ],
)
def test_the_day_decides_on_the_state(day, forward, backward):
    made = change("field-added", "x")
    seen, missed = finding(Kind.UNDOCUMENTED_FIELD, "result.x"), finding(Kind.MISSING_FIELD, "result.x")
    assert matched(seen, made, day=day) == (forward and (forward, True))
    assert matched(missed, made, day=day) == (backward and (backward, False))


def test_what_is_retired_and_answers_all_the_same_stays_overdue():
    made = change("request-retired", announced="2025-01-01", in_force="2025-02-01")
    assert matched(finding(Kind.RETIRED_ANSWER), made) == BACKWARD


def test_what_others_saw_before_it_was_announced_is_known():
    made = change("field-added", "x", announced="2026-11-25", in_force="", seen="2026-11-13")
    found = finding(Kind.UNDOCUMENTED_FIELD, "result.x")
    assert matched(found, made) == ("KNOWN", True)
    assert matched(found, made, day="2026-11-12") is None
    wire = change("field-added", "x", announced="", in_force="", seen="2026-11-13", basis="wire")
    assert matched(found, wire) == ("KNOWN", True)
    assert matched(finding(Kind.MISSING_FIELD, "result.x"), wire) is None


def test_a_change_of_one_target_says_nothing_of_others():
    made = change("field-added", "x", environment="testnet")
    found = finding(Kind.UNDOCUMENTED_FIELD, "result.x")
    assert matched(found, made, target="testnet") == FORWARD
    assert matched(found, made, target="live") is None


def test_the_last_change_of_a_thing_holds_even_when_it_explains_nothing_any_more():
    came = change("enum-value-added", "s", after="HALT", announced="2025-10-01", in_force="")
    went = change("enum-value-removed", "s", before="HALT", announced="2026-01-01", in_force="")
    found = finding(Kind.UNDOCUMENTED_VALUE, "result.s", "HALT")
    assert matched(found, came, went, day="2026-02-01") == BACKWARD
    assert matched(found, came, went, day="2026-11-20") is None
    again = change("enum-value-added", "s", after="HALT")
    assert matched(found, came, went, again) == FORWARD


def test_a_change_says_itself_until_when_it_holds():
    made = change("behaviour", "availability", after="-1008 until 2026-11-19 10:00 UTC")
    found = finding(Kind.ERROR_ANSWER, "", "-1008")
    assert matched(found, made, day="2026-11-19") == FORWARD
    assert matched(found, made, day="2026-11-20") is None


def test_an_object_goes_when_all_its_documented_fields_go():
    gone = [change("field-removed", f"o.{name}") for name in "xy"]
    found = finding(Kind.MISSING_FIELD, "result.o")

    def documented(_):
        return ["result", "result.o", "result.o.x", "result.o.y", "result.p"]

    assert matched(found, *gone, documented=documented) == FORWARD
    assert matched(found, gone[0], documented=documented) is None


def test_an_undocumented_event_is_found_by_its_name():
    event = change("event-added", contract="usdm/event/POSITION_HISTORY_UPDATE")
    index = ChangeIndex({"usdm": Changes(changes=(event,))})
    found = finding(Kind.UNDOCUMENTED_EVENT, "", "POSITION_HISTORY_UPDATE", contract="usdm/event/ACCOUNT_UPDATE")
    match = index.match(found, day="2026-11-20", target="live")
    assert match is not None
    assert match.change is event
    other = finding(Kind.UNDOCUMENTED_EVENT, "", "OTHER", contract="usdm/event/ACCOUNT_UPDATE")
    assert index.match(other, day="2026-11-20", target="live") is None


def test_a_change_stands_as_its_days_say():
    assert state_on(change("behaviour"), "2026-09-01") is None
    assert state_on(change("behaviour"), "2026-10-20") is ChangeState.EARLY
    assert state_on(change("behaviour"), "2026-11-20") is ChangeState.IN_FORCE


def made_by(one: DatedChange) -> list[tuple[Finding, bool]]:
    """Return findings that a change makes on its first contract, and whether the target shows the new state."""
    contract, path = one.contracts[0], one.path
    word = str(one.after if one.kind == "enum-value-added" else one.before)
    gone = finding(Kind.ERROR_ANSWER, "", "-5000", contract=contract)
    silent = finding(Kind.SILENT_STREAM, contract=contract)
    table = {
        "field-added": [(finding(Kind.UNDOCUMENTED_FIELD, path, contract=contract), True)],
        "field-removed": [(finding(Kind.MISSING_FIELD, path, contract=contract), True)],
        "field-type-changed": [
            (
                finding(Kind.TYPE_CHANGED, path, contract=contract, actual=str(one.after).replace("integer or ", "")),
                True,
            )
        ],
        "enum-value-added": [(finding(Kind.UNDOCUMENTED_VALUE, path, word, contract=contract), True)],
        "enum-value-removed": [(finding(Kind.UNDOCUMENTED_VALUE, path, word, contract=contract), False)],
        "param-added": [
            (finding(Kind.ERROR_ANSWER, "", "-1102", contract=contract, actual=f"Parameter '{path}' missing"), True)
        ],
        "param-removed": [
            (finding(Kind.ERROR_ANSWER, "", "-1106", contract=contract, actual=f"'{path}' not required"), True)
        ],
        "request-retired": [(gone, True), (finding(Kind.RETIRED_ANSWER, contract=contract), False)],
        "stream-retired": [(silent, True)],
        "stream-added": [(silent, False)],
        "request-added": [(gone, False)],
        "event-added": [(finding(Kind.UNDOCUMENTED_EVENT, "", contract.rpartition("/")[2], contract=contract), True)],
        "host-moved": [(silent, True)],
        "weight-changed": [(finding(Kind.HEADER_CHANGED, "headers.x-mbx-used-weight-1m", contract=contract), True)],
    }
    return table.get(one.kind, [])


def flipped(found: Finding) -> Finding:
    kinds = {
        Kind.UNDOCUMENTED_FIELD: Kind.MISSING_FIELD,
        Kind.MISSING_FIELD: Kind.UNDOCUMENTED_FIELD,
    }
    return finding(kinds[found.kind], found.path, contract=found.contract)


INDEX = ChangeIndex(EVERY)


def test_each_change_of_all_products_is_found_by_what_it_makes():
    """On the day on which it comes into force, it or another one of that day that says the same."""
    lost, seen = [], 0
    for _, one in ALL:
        target = one.environment or "live"
        for found, forward in made_by(one):
            if one.kind == "weight-changed" and one.path != "weight":
                continue
            match = INDEX.match(found, day=one.date, target=target)
            if one.basis == "wire" and not forward:
                continue
            seen += 1
            if match is None or match.is_forward is not forward or match.change.date != one.date:
                lost.append((one.kind, one.contracts[0], one.path, one.date, match and match.change))
    assert lost == []
    assert seen > 400


def test_no_change_is_found_elsewhere_nor_before_anybody_knew():
    wrong = []
    for _, one in ALL:
        for found, _ in made_by(one):
            first = min(filter(None, (one.documented, one.seen or one.date)))
            before = (date.fromisoformat(first) - timedelta(days=1)).isoformat()
            target = one.environment or "live"
            own = match_change(found, [one], day=before, target=target)
            elsewhere = finding(
                found.kind, f"{found.path}Other", f"{found.value}0", contract=found.contract, expected="x", actual="x"
            )
            others = [match_change(elsewhere, [one], day=one.date, target=target)]
            if one.kind in {"stream-added", "stream-retired", "host-moved", "weight-changed"}:
                others = []  # a stream that is dead is nowhere else
            if found.kind is Kind.RETIRED_ANSWER:
                others = []
            moved = finding(found.kind, found.path, found.value, contract="usdm/rest/GET.none", actual=found.actual)
            others.append(INDEX.match(moved, day=one.date, target=target) if not found.value else None)
            wrong += [(one.kind, one.contracts[0], one.path, match) for match in (own, *others) if match]
    assert wrong == []


def test_what_is_opposite_to_a_change_is_never_the_change():
    """It is at most a change that did not happen, and for a while only."""
    late = []
    for _, one in ALL:
        for found, forward in made_by(one) if one.kind in {"field-added", "field-removed"} else ():
            for days, allowed in ((0, {ChangeState.OVERDUE}), (OVERDUE_DAYS + 1, set())):
                day = (date.fromisoformat(one.in_force or one.date) + timedelta(days=days)).isoformat()
                match = match_change(flipped(found), [one], day=day, target="live")
                if match is not None and (match.is_forward is forward or match.state not in allowed):
                    late.append((one.kind, one.path, day, match.state))
    assert late == []

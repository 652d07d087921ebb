"""What the suite said of an alteration decides: found, missed, explained or hidden; and who was accused for nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judged_outcomes import ALTERATION, DEPTH, TICKER, case, fate, finding, outcome
from msgspec.structs import replace as but

from wireproof.contract.store import load_store
from wireproof.torture.alteration import Alteration
from wireproof.torture.explained import EXCEPTIONS, explanation
from wireproof.torture.verdicts import Detection, is_plausible


@pytest.fixture(scope="module")
def store():
    return load_store()


def test_a_finding_at_its_place_finds_an_alteration(store):
    """The contract is named, with a path and a kind that fit."""
    found = fate(store, case(TICKER, "breaking", finding()))
    assert [one.fate for one in found.verdicts] == [Detection.FOUND]
    assert found.accusations == []


@pytest.mark.parametrize(
    "cases",
    [
        [case()],
        [case(TICKER, "breaking", finding("result.symbol"))],
        [case(TICKER, "breaking", finding("result.time", "missing-field"))],
        [case(TICKER, "additive", waived=[{"finding": finding(), "reason": "", "link": "", "expires": ""}])],
        [case(TICKER, "unsteady", unsteady=[finding()])],
    ],
    ids=["nothing", "elsewhere", "another-kind", "waived", "unsteady"],
)
def test_what_the_suite_does_not_report_is_missed(store, cases):
    """Nothing, something else, something that a waiver hides: none of it counts as found."""
    found = fate(store, *cases)
    assert [one.fate for one in found.verdicts] == [Detection.MISSED]


def test_a_field_that_nobody_documents_is_explained(store):
    """A waiver that tolerates the field itself leaves it open what stands in it; one of the same finding does not."""
    one = but(ALTERATION, path=("sub", "x"))
    fates = []
    for kind in ("undocumented-field", "type-changed"):
        waived = [{"finding": finding("result.sub", kind), "reason": "", "link": "", "expires": ""}]
        fates.append(fate(store, case(TICKER, "conforms", waived=waived), alterations=(one,)).verdicts[0].fate)
    assert fates == [Detection.EXPLAINED, Detection.MISSED]


def test_what_was_there_before_is_not_found(store):
    """A finding of the unaltered run says nothing of an alteration."""
    found = fate(store, case(TICKER, "breaking", finding()), known={finding()["fingerprint"]})
    assert [one.fate for one in found.verdicts] == [Detection.MISSED]


@pytest.mark.parametrize("verdict", ["breaking", "broken"])
def test_a_contract_that_was_not_altered_is_accused_without_cause(store, verdict):
    """Breaking or broken where nothing was altered counts, with what was altered in the run."""
    findings = [finding("bids", "missing-field")] if verdict == "breaking" else []
    found = fate(store, case(TICKER, "breaking", finding()), case(DEPTH, verdict, *findings, reason="why"))
    assert [(one.case, one.verdict, one.suspects) for one in found.accusations] == [(f"{DEPTH}/one", verdict, [7])]


def test_milder_findings_and_blocked_cases_accuse_nobody(store):
    """Risky elsewhere is no accusation; blocked is counted, and whether its reason names what was altered."""
    found = fate(
        store,
        case(TICKER, "breaking", finding()),
        case(DEPTH, "risky", finding("bids", "undocumented-value", "risky")),
        case("usdm/rest/GET.fapi.v1.time", "blocked", reason="ticker.price was answered without time"),
        case("usdm/rest/GET.fapi.v1.ping", "blocked", reason="waits on something"),
    )
    assert (found.accusations, found.blocked, found.unnamed) == ([], 2, 1)


def test_what_stops_the_suite_is_explained_by_name(store):
    """Blocked with a sentence that names the altered request is as good as a finding; without it it is not."""
    says = [
        case(TICKER, "blocked", reason=reason) for reason in ("ticker.price was answered 409", "waits on something")
    ]
    others = Alteration(index=8, contract=DEPTH, bucket="rest success", kind="null", path=("bids",))
    fates = [fate(store, one, alterations=(ALTERATION, others)).verdicts[0].fate for one in says]
    assert fates == [Detection.EXPLAINED, Detection.HIDDEN]
    assert (
        fate(store, says[1]).verdicts[0].fate is Detection.HIDDEN
    )  # alone as well: the machine may have been too slow


def test_a_marker_tells_whose_finding_it_is(store):
    """An event of a made-up name is reported wherever it fits; its name says which alteration it was."""
    renamed = Alteration(index=9, contract="usdm/stream/aggTrade", bucket="stream message", kind="other-event")
    aside = case(
        "usdm/stream/ticker", "risky", finding("e", "undocumented-event", "risky", value="torture9x"), aside=True
    )
    assert fate(store, aside, alterations=(renamed,)).verdicts[0].fate is Detection.FOUND


def test_what_is_said_of_a_stream_as_a_whole_counts_for_what_says_no_name(store):
    """A muted event shows in the private stream, which has no case of its own; other kinds are not excused by it."""
    silence = finding("", "silent-stream")
    aside = case("usdm/event/ORDER_TRADE_UPDATE", "breaking", silence, aside=True)
    one = Alteration(index=9, contract="usdm/event/ACCOUNT_UPDATE", bucket="event message", kind="muted")
    muted, typed = (fate(store, aside, alterations=(each,)) for each in (one, but(one, kind="null", path=("E",))))
    assert (muted.verdicts[0].fate, muted.accusations) == (Detection.FOUND, [])
    assert (typed.verdicts[0].fate, len(typed.accusations)) == (Detection.HIDDEN, 1)


def test_a_place_is_plausible_near_the_alteration():
    """At it, right above it or below it; a renamed key counts beside it."""
    deep = but(ALTERATION, path=("rows", "[]", "price"), kind="decimal-to-number")
    assert is_plausible(deep, finding("result.rows[].price"))
    assert is_plausible(deep, finding("result.rows[]"))
    assert not is_plausible(deep, finding("result"))
    assert not is_plausible(deep, finding("result.rows[].time"))
    renamed = but(deep, kind="renamed")
    assert is_plausible(renamed, finding("result.rows[].price_torture7x", "undocumented-field"))
    assert is_plausible(but(ALTERATION, kind="twice", path=()), finding("", "protocol-violation"))
    assert is_plausible(but(ALTERATION, kind="twice", path=()), finding("", "a-kind-of-tomorrow"))


@pytest.mark.parametrize(
    ("contract", "bucket", "kind", "path", "expected"),
    [
        (TICKER, "ws-api success", "removed", ("time",), ""),
        ("usdm/event/ORDER_TRADE_UPDATE", "event message", "removed", ("o", "AP"), "optional"),
        ("usdm/event/ORDER_TRADE_UPDATE", "event message", "null", ("o", "AP"), ""),
        (TICKER, "ws-api success", "word", ("symbol",), "free text"),
        ("usdm/event/ORDER_TRADE_UPDATE", "event message", "word", ("o", "f"), ""),
        ("usdm/stream/aggTrade", "stream message", "dropped", (), "leaves no gap"),
        ("usdm/stream/depth", "stream message", "dropped", (), ""),
        (TICKER, "ws-api success", "rate-limits-removed", (), ""),
        (TICKER, "ws-api error", "rate-limits-removed", (), ""),
        (DEPTH, "rest success", "sign", ("bids", "[]", "[]"), "negative"),
    ],
)
def test_contracts_and_the_list_explain(store, contract, bucket, kind, path, expected):
    """What a contract leaves open is explained in its words, and nothing else is."""
    one = Alteration(index=1, contract=contract, bucket=bucket, kind=kind, path=path)
    said = explanation(one, store.contracts[contract], store.products["usdm"])
    assert expected in said
    assert bool(said) is bool(expected)


def test_exceptions_give_reasons():
    """Each entry of the list says why."""
    assert all(len(one.why) > 20 for one in EXCEPTIONS)


def test_an_outcome_shows_its_cases():
    """Cases come from the result file."""
    assert replace(outcome(case()), status=0).cases[0]["contract"] == TICKER

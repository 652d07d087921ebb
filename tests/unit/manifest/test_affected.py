"""A night for one client: what touches it, what nobody can say, what is to come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from made_results import Results

from wireproof.contract.dated_changes import DatedChange
from wireproof.drift.finding import Kind, Verdict
from wireproof.manifest.affected import judge_night, short
from wireproof.manifest.client_manifest import AcceptedFinding, ClientName, ContractUse, Manifest, ReadPath
from wireproof.results.model import Idle

PLACE, DEPTH, TICKS = "usdm/ws-api/order.place", "usdm/rest/GET.fapi.v1.depth", "usdm/stream/<symbol>@aggTrade"
READS = (
    ReadPath(path="result.price", by="bot.models.Order.price", required=True, kinds=("string",)),
    ReadPath(path="result.status", by="bot.models.Order.status", kinds=("string",), enum=("NEW",), enums="closed"),
)
BOT = Manifest(client=ClientName(name="bot", version="1.2"), contracts={PLACE: ContractUse(reads=READS)})
made = Results()
NOW = datetime.fromtimestamp(made.base / 1000, UTC) + timedelta(hours=3)


def judged(*cases, client=BOT, **more):
    """Return the report of a night of these cases, three hours later."""
    fields = {key: more.pop(key) for key in ("idle", "ended_at", "doubts") if key in more}
    return judge_night(made.run(*cases, **fields), client, now=NOW, most_hours=more.pop("most_hours", 36), **more)


def breaking(path="result.price", **fields):
    return made.case(verdict=Verdict.BREAKING, findings=[made.finding(path, **fields)])


def test_a_night_without_differences_is_ok():
    report = judged(made.case())
    assert (report.verdict, report.age_hours) == ("ok", 3.0)
    assert report.sentence == (
        "ok: bot 1.2 reads 2 fields of 1 contract, and nothing differs there (testnet, 2026-11-22T04:01Z)."
    )


def test_a_difference_at_what_the_client_reads_is_breaking_with_its_field_and_since_when():
    report = judged(breaking(), since=lambda _: "2026-11-20T04:00:00Z")
    assert report.verdict == "breaking"
    assert report.sentence == (
        "breaking: Order.price (usdm/ws-api/order.place result.price): type-changed: documented decimal string,"
        " got integer, since 2026-11-20 (testnet, 2026-11-22T04:01Z)."
    )
    [touch] = report.touches
    assert [(one.by, one.why) for one in touch.fields] == [("bot.models.Order.price", "takes a string")]


def test_a_difference_elsewhere_is_none_of_the_client():
    report = judged(breaking("result.other"), breaking(contract=DEPTH))
    assert (report.verdict, report.touches) == ("ok", [])


@pytest.mark.parametrize(
    ("known_as", "verdict"), [("waived", "breaking"), ("baseline", "breaking"), ("unsteady", "ok"), ("accepted", "ok")]
)
def test_a_waiver_is_wireproofs_and_not_the_clients(known_as, verdict):
    found = made.finding()
    held = {"waived": {"waived": [made.waived(found)]}, "baseline": {"baseline": [made.known(found)]}}
    held |= {"unsteady": {"unsteady": [found]}, "accepted": {"findings": [found]}}
    accepted = (AcceptedFinding(fingerprint=found.fingerprint, reason="we parse both"),)
    client = Manifest(client=BOT.client, contracts=BOT.contracts, accepted=accepted if known_as == "accepted" else ())
    report = judged(made.case(**held[known_as]), client=client)
    assert (report.verdict, [one.known_as for one in report.touches]) == (verdict, [known_as])


def test_what_touches_it_without_breaking_it_is_counted():
    report = judged(breaking("result.status", kind=Kind.MISSING_FIELD, actual="nothing"))
    assert report.verdict == "ok"
    assert "nothing differs there but 1 difference that it goes on with" in report.sentence


def two(other):
    """Return the manifest of a client that reads another contract as well."""
    return Manifest(client=BOT.client, contracts={**BOT.contracts, other: ContractUse(reads=READS)})


@pytest.mark.parametrize(
    ("cases", "more", "reason"),
    [
        ([], {}, "never exercised: the night has no case of it"),
        ([], {"idle": [Idle(reason="not selected", contracts=[DEPTH])]}, "never exercised: not selected"),
        ([made.case("a", Verdict.BLOCKED, reason="451", contract=DEPTH)], {}, "blocked: 451"),
        ([made.case("a", None, reason="no key", contract=DEPTH)], {}, "skipped: no key"),
        ([made.case("a", contract=DEPTH, kind="rejection")], {}, "only its refusals were exercised"),
        ([made.case("a", contract=DEPTH)], {"most_hours": 2}, "the night is 3 h old, and more than 2 h say nothing of"),
    ],
)
def test_what_nobody_can_say_is_named(cases, more, reason):
    report = judged(made.case(), *cases, client=two(DEPTH), **more)
    assert report.verdict == "unknown"
    assert reason in next(one.reason for one in report.unknown if one.contract == DEPTH)
    assert report.sentence.startswith("unknown: nothing can be said of ")


def test_a_product_that_no_shard_exercised_is_said():
    report = judged(made.case(), client=two("coinm/rest/GET.dapi.v1.depth"))
    assert [one.reason for one in report.unknown] == ["nothing of coinm was exercised"]


def test_a_manifest_may_say_that_a_contract_stays_unjudged():
    fine = {**BOT.contracts, DEPTH: ContractUse(reads=READS, unjudged="no request starts one")}
    report = judged(made.case(), client=Manifest(client=BOT.client, contracts=fine))
    assert (report.verdict, report.unknown[0].accepted) == ("ok", "no request starts one")


def test_a_stream_that_may_be_silent_is_quiet():
    silent = made.case("a", None, contract=TICKS, kind="stream", may_be_silent=True, reason="not observed in 5 s")
    report = judged(made.case(), silent, client=two(TICKS))
    assert (report.verdict, report.quiet, report.unknown) == ("ok", [TICKS], [])


def test_a_difference_beside_an_unknown_contract_is_breaking():
    assert judged(breaking(), client=two(DEPTH)).verdict == "breaking"


def change(kind, path="result.price", **more):
    fields = {"contracts": (PLACE,), "in_force": "2026-12-05", "basis": "change-log", "links": ("https://example.org",)}
    return DatedChange(kind=kind, path=path, **(fields | more))


@pytest.mark.parametrize(
    ("one", "effect"),
    [
        (change("field-removed"), "breaking"),
        (change("field-removed", "result.other"), None),
        (change("field-type-changed", before="string", after="number"), "breaking"),
        (change("field-type-changed", before="number", after="string"), "tolerated"),
        (change("field-added", "result.new"), None),
        (change("enum-value-added", "result.status", after="HALTED"), "breaking"),
        (change("enum-value-added", "result.status", after="NEW"), "tolerated"),
        (change("enum-value-added", "status", after="HALTED"), "breaking"),  # as the change log names it
        (change("enum-value-added", "status", after="NEW"), "tolerated"),
        (change("enum-value-added", "other", after="HALTED"), None),
        (change("request-retired", ""), "breaking"),
        (change("host-moved", ""), "breaking"),
        (change("param-mandatory", "recvWindow"), "risky"),
        (change("request-added", ""), None),
        (change("field-removed", environment="live"), None),
        (change("field-removed", contracts=(DEPTH,)), None),
        (change("field-removed", in_force="2026-12-06"), None),
        (change("field-removed", in_force="2026-11-22"), None),
        (change("field-removed", in_force="", announced="2026-12-01"), None),
    ],
)
def test_what_is_announced_is_judged_like_a_night(one, effect):
    report = judged(made.case(), changes=[one], as_of=date(2026, 12, 5))
    assert [touch.effect for touch in report.upcoming] == ([effect] if effect else [])
    assert report.verdict == ("breaking" if effect == "breaking" else "ok")
    if effect == "breaking":
        assert report.sentence.startswith("breaks in 13 days: ")


def test_without_a_day_nothing_to_come_is_judged():
    assert judged(made.case(), changes=[change("field-removed")]).upcoming == []


def test_what_was_exercised_in_part_and_what_a_merged_night_doubts_is_noted():
    cases = made.case("a"), made.case("b", Verdict.BLOCKED, reason="451")
    assert judged(*cases, doubts=["A shard is missing."]).notes == [
        "Of 1 contract not every case was exercised: usdm/ws-api/order.place.",
        "A shard is missing.",
    ]


def test_names_are_as_people_say_them():
    assert [short(one) for one in ("bot.models.Order.price", "bot.order", "Order.price", "")] == [
        *("Order.price", "bot.order", "Order.price", "")
    ]

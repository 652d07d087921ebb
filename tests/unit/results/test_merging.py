"""Several results made into one: nothing is lost, nothing counts twice, and what does not fit together is said."""

from __future__ import annotations

import msgspec
import pytest
from made_results import Results

from wireproof.drift.finding import Severity, Verdict
from wireproof.drift.seen_fields import Sight, UnseenField
from wireproof.errors import ExitStatus, UsageError
from wireproof.results.conclusion import NOT_SELECTED, Outcome, conclude, deviations, verdict_counts
from wireproof.results.merging import merge
from wireproof.results.model import Blockage, Coverage, Idle, LimitPool, Machine, RunResult
from wireproof.results.run_summary import headline

MAKE = Results()


def shard(name, *cases, **fields):
    """Return a result whose id is made of `name`."""
    fields = {"run": f"20261122T0400{name}Z-{name}", **fields}
    run = MAKE.run(*cases, **fields)
    run.exit_status = fields.get("exit_status", conclude(run).exit_status)
    return run


def usdm(name="01", *cases, **fields):
    return shard(name, *(cases or [MAKE.case("a")]), **fields)


def coinm(name="02", *cases, **fields):
    cases = cases or [MAKE.case("b", contract="coinm/ws-api/order.place", product="coinm")]
    row = Coverage(
        product="coinm", surface="ws-api", documented=7, exercised=1, conforming=1, cases=1, cases_exercised=1
    )
    return shard(name, *cases, **{"coverage": [row], "titles": {"coinm": "COIN-M futures"}, **fields})


def test_two_good_shards_are_one_good_run():
    merged = merge([usdm(), coinm()])
    assert conclude(merged) == conclude(MAKE.run(MAKE.case("a"), MAKE.case("b")))
    assert headline(merged) == "Conforms: 2 of 2 cases exercised on testnet, no difference."
    assert [(row.product, row.exercised) for row in merged.coverage] == [("usdm", 1), ("coinm", 1)]
    assert merged.titles == {"usdm": "USDⓈ-M futures", "coinm": "COIN-M futures"}
    assert (merged.weight, merged.requests, merged.wire_ms) == (640, 680, 8_400.0)
    assert merged.limit_pools == [LimitPool(name="futures", peak_per_minute=300, limit_per_minute=6_000)]


def test_one_shard_alone_is_the_run_itself():
    run = MAKE.mixed()
    run.exit_status = conclude(run).exit_status
    assert msgspec.to_builtins(merge([run])) == msgspec.to_builtins(run)


def test_whatever_way_a_run_is_cut_it_is_judged_the_same():
    whole = MAKE.mixed()
    for cut in range(1, len(whole.cases)):
        kept = {"blocked": whole.blocked, "waivers_expired": whole.waivers_expired}
        parts = [shard("01", *whole.cases[:cut], **kept), shard("02", *whole.cases[cut:], **kept)]
        merged = merge(parts)
        assert conclude(merged) == conclude(whole)
        assert (deviations(merged), verdict_counts(merged)) == (deviations(whole), verdict_counts(whole))
        assert (merged.selected, merged.exercised, merged.skipped) == (whole.selected, whole.exercised, whole.skipped)
        [row] = merged.coverage
        assert (row.exercised, row.cases, row.documented) == (3, 8, 21)


def test_merging_again_gives_the_same_run():
    once = merge([usdm(), coinm()])
    assert once.run == merge([coinm(), usdm()]).run
    assert once.run.startswith("20261122T040001Z-")
    assert once.run not in {usdm().run, coinm().run}


@pytest.mark.parametrize(
    ("shards", "doubts", "words"),
    [
        ([usdm(), coinm()], ["A result is missing: shards/options."], "A result is missing: shards/options."),
        ([usdm(), usdm()], [], "Given more than once: the results of 20261122T040001Z-01. Each counts once."),
        ([usdm(), coinm(version="0.1.0")], [], "Judged by different versions of wireproof: 0.1.0, 0.2.0."),
        (
            [usdm(), coinm(fail_on=Severity.RISKY)],
            [],
            "Judged with different --fail-on: risky, breaking. The strictest counts.",
        ),
        (
            [usdm("01"), usdm("02")],
            [],
            "In more than one result: 1 case, first usdm/ws-api/order.place/a. The worse result counts.",
        ),
    ],
    ids=["missing", "twice", "versions", "bars", "cases twice"],
)
def test_what_does_not_fit_together_is_said_and_never_good(shards, doubts, words):
    merged = merge(shards, doubts)
    assert conclude(merged).caveats == (words,)
    assert (conclude(merged).outcome, merged.exit_status) == (Outcome.UNKNOWN, ExitStatus.BLOCKED)
    assert headline(merged).startswith("Unknown: ")
    assert headline(merged).endswith(words)


def test_a_difference_stands_whatever_is_missing():
    broken = MAKE.case("a", Verdict.BREAKING, findings=[MAKE.finding()])
    merged = merge([usdm("01", broken)], ["A result is missing: shards/options."])
    assert (conclude(merged).outcome, merged.exit_status) == (Outcome.BREAKING, ExitStatus.FINDINGS)
    assert headline(merged).endswith("A result is missing: shards/options.")


def test_of_a_case_in_two_shards_the_worse_result_counts():
    good, bad = MAKE.case("a"), MAKE.case("a", Verdict.BREAKING, findings=[MAKE.finding()])
    for order in ((good, bad), (bad, good)):
        merged = merge([usdm("01", order[0]), usdm("02", order[1])])
        assert (merged.cases, merged.selected, merged.exit_status) == ([bad], 1, ExitStatus.FINDINGS)


def test_a_strict_shard_makes_the_whole_strict():
    additive = MAKE.case("a", Verdict.ADDITIVE, findings=[MAKE.finding(severity=Severity.ADDITIVE)])
    merged = merge([usdm("01", additive), coinm(fail_on=Severity.ADDITIVE)])
    assert merged.fail_on is Severity.ADDITIVE
    assert conclude(merged).outcome is Outcome.BREAKING


def test_a_shard_that_broke_after_its_cases_breaks_the_whole():
    merged = merge([usdm(exit_status=ExitStatus.BROKEN), coinm()])
    assert merged.exit_status == ExitStatus.BROKEN


def test_results_of_two_targets_are_refused():
    with pytest.raises(UsageError, match="Results of testnet and live are no parts of one run"):
        merge([usdm(), coinm(target="live")])


def test_what_one_shard_exercised_is_not_idle():
    first = usdm(idle=[Idle(reason=NOT_SELECTED, contracts=["coinm/ws-api/order.place", "usdm/rest/x"])])
    second = coinm(idle=[Idle(reason="no key", contracts=["usdm/ws-api/order.place", "usdm/rest/x"])])
    assert merge([first, second]).idle == [Idle(reason="no key", contracts=["usdm/rest/x"])]


def test_hosts_pools_machines_and_sights_are_put_together():
    nothing = UnseenField(path="[]", why="empty", fields=3)
    first = usdm(
        blocked=[Blockage(host="h", reason="451.", cases=2)],
        limit_pools=[LimitPool(name="p", peak_per_minute=7, limit_per_minute=10)],
        machine=Machine(worst_stall_ms=5.0, round_trip_ms=1.0),
        sights=[Sight(contract="c", fields=3, seen=3)],
        excluded={"live is read-only": 2},
    )
    second = coinm(
        blocked=[Blockage(host="h", reason="451.", cases=3)],
        limit_pools=[LimitPool(name="p", peak_per_minute=9, limit_per_minute=10)],
        machine=Machine(worst_stall_ms=2.0, round_trip_ms=4.0),
        sights=[Sight(contract="c", fields=3, seen=0, unseen=(nothing,))],
        excluded={"live is read-only": 3},
    )
    merged = merge([first, second])
    assert merged.blocked == [Blockage(host="h", reason="451.", cases=5)]
    assert merged.limit_pools == [LimitPool(name="p", peak_per_minute=9, limit_per_minute=10)]
    assert merged.machine == Machine(worst_stall_ms=5.0, round_trip_ms=4.0)
    assert merged.sights == [Sight(contract="c", fields=3, seen=3)]
    assert merged.excluded == {"live is read-only": 5}


def test_no_list_of_a_run_is_forgotten():
    """A field that `RunResult` gets later is merged as well, or this fails."""
    plain = [
        name
        for name in RunResult.__struct_fields__
        if name.endswith(("stale", "expired", "leftovers", "cleaned", "notes", "elsewhere", "doubts"))
    ]
    assert len(plain) >= 7
    first, second = usdm(**{name: ["one", "both"] for name in plain}), coinm(**{name: ["both"] for name in plain})
    merged = merge([first, second])
    assert {name: getattr(merged, name) for name in plain} == {name: ["one", "both"] for name in plain}

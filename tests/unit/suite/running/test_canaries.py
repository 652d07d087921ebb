"""Altered answers are found by a judge that sees, and make a run red whose judge does not."""

from __future__ import annotations

import json
from datetime import date
from unittest import mock

import pytest

from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.model import Surface
from wireproof.drift.compare import PayloadJudge, explain
from wireproof.drift.documented_shape import is_enveloped
from wireproof.drift.finding import Kind, Severity, fingerprint
from wireproof.drift.tolerance import Tolerance
from wireproof.drift.waivers import Waiver, Waivers
from wireproof.report.first_screen import first_screen
from wireproof.report.history import History
from wireproof.report.summary import summary_markdown, terminal_summary
from wireproof.results.conclusion import Outcome, conclude
from wireproof.results.merging import merge
from wireproof.results.model import Observation
from wireproof.results.run_summary import gather
from wireproof.suite.judging.judge import Judge
from wireproof.suite.running.canaries import ALTERED, CanaryRelease
from wireproof.suite.running.compile_run import compile_run
from wireproof.suite.running.replay import Replay
from wireproof.suite.target import Target
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor

TODAY = date(2026, 11, 22)
ORDER = "usdm/event/ORDER_TRADE_UPDATE"


def answered(case):
    """Return what is observed of a case that is answered as documented."""
    example = next(one for one in case.contract.examples if one.name == case.example)
    shown = example.response
    if case.contract.surface is Surface.WS_API and not is_enveloped(example):
        shown = {"id": "1", "status": 200, "result": shown}
    text = json.dumps(shown)
    watched = case.contract.surface in {Surface.STREAM, Surface.EVENT}
    return Observation(
        case=case.id,
        contract=case.contract.id,
        example=case.example,
        response=text,
        status=None if watched else 200,
        sent_at=1.0,
        received_at=2.0,
        messages=(text, text) if watched else (),
    )


@pytest.fixture(scope="module")
def cases(planned, store):
    """Return cases of a few contracts of each surface of a product whose documented answers conform."""
    judge = Judge(store, {}, target="local", today=TODAY)
    chosen = {}
    for case in planned.values():
        if case.contract.product == "usdm" and case.example and not case.contract.retired:
            chosen.setdefault(case.contract.surface, {}).setdefault(case.contract.id, case)
    for found in chosen.values():
        for name, case in list(found.items()):
            seen = answered(case)
            if judge.findings(case.contract, seen, seen.response.encode()):
                del found[name]
    few = [case for found in chosen.values() for case in [*found.values()][:4]]
    return [*few, *(chosen[Surface.EVENT][one] for one in (ORDER,) if chosen[Surface.EVENT][one] not in few)]


def list_of_nothing(*_):
    return []


@pytest.fixture
def judged(store, cases, monkeypatch):
    """Return what judges the documented answers as a run does, with waivers, and compiles the result."""
    monkeypatch.setattr("wireproof.suite.running.compile_run.strength_of", list_of_nothing)

    def run(*waivers, name="20261122T000000Z-abc123", only=None):
        target = Target("local", Endpoints(), [], Redactor(), allow_trading=True, hide_values=False)
        judge = Judge(store, {"usdm": Waivers(waivers)}, target="local", today=TODAY)
        chosen = cases if only is None else only
        replay = Replay(chosen, map(answered, chosen), store=store, target=target, judge=judge, run=name)
        replay.start()
        return compile_run(
            replay,
            skipped=[],
            excluded={},
            fail_on=Severity.BREAKING,
            started_at=0.0,
            scope=("usdm", None),
            planned=chosen,
        )

    return run


def waiver(contract, path, kind):
    return Waiver(
        fingerprint=fingerprint(contract, path, kind),
        contract=contract,
        path=path,
        kind=kind,
        values=("NO_SUCH_VALUE",) if kind is Kind.UNDOCUMENTED_VALUE else (),
        reason="It is said elsewhere.",
        link="https://example.org/source",
        created="2026-11-20",
        expires="2026-12-20",
    )


def test_every_canary_of_every_surface_is_found_and_nothing_else_remains(judged, cases):
    """One quiet line; no finding, no case, no field that was seen is a canary's."""
    run = judged()
    rows = {(row.product, row.surface): (row.altered, row.found) for row in run.canaries}
    assert {surface for _, surface in rows} == {"ws-api", "rest", "stream", "event"}
    assert all(altered == found == len(ALTERED) for altered, found in rows.values())
    assert run.exit_status == 0
    with mock.patch.object(CanaryRelease, "release", return_value=[]):
        without = judged()
    assert [one.findings for one in run.cases] == [[] for _ in cases]
    assert run.sights == without.sights
    assert run.coverage == without.coverage
    for told in (summary_markdown(gather(run), History()), first_screen(gather(run), History())):
        assert "20 of 20 canaries were found" in told
        assert "canary/" not in told


def test_places_and_answers_change_from_run_to_run(store, cases, judged):
    """What is blind at one place is found out in some night."""
    target, judge = Redactor(), Judge(store, {}, target="local", today=TODAY)
    results = {case.id: case for case in judged().cases}
    places = set()
    for seed in range(12):
        release = CanaryRelease(judge, target, f"night {seed}")
        sound = [(case, results[case.id].observation) for case in cases if case.contract.surface is Surface.REST]
        altered = release._altered("a missing field", "usdm", "rest", sound)
        places.add((altered.case.contract.id, altered.path))
    assert len(places) > 6


def keep_all_but(*kinds):
    def explained(*arguments, **named):
        return [one for one in explain(*arguments, **named) if one.kind not in kinds]

    return explained


#: Ways to break a judge, each with what is patched.
BROKEN = {
    "a comparison that finds nothing": (PayloadJudge, "__call__", lambda *_: []),
    "a decoder that returns early": (Schema, "conforms", lambda *_: True),
    "a burst that is not looked at": (Schema, "conform_all", lambda *_: True),
    "waivers that reach too far": (Tolerance, "covers", lambda *_: True),
    "null is nothing": ("wireproof.drift.compare", "explain", keep_all_but(Kind.NULL_VALUE)),
    "further fields are nothing": ("wireproof.drift.compare", "explain", keep_all_but(Kind.UNDOCUMENTED_FIELD)),
    "words are not looked at": ("wireproof.drift.compare", "explain", keep_all_but(Kind.UNDOCUMENTED_VALUE)),
    "types are not looked at": ("wireproof.drift.compare", "explain", keep_all_but(Kind.TYPE_CHANGED)),
    "what is gone is nothing": ("wireproof.drift.compare", "explain", keep_all_but(Kind.MISSING_FIELD)),
    "answers say nothing": ("wireproof.suite.running.canaries", "no_statement", lambda *_, **__: mock.Mock()),
    "answers are not judged": (Judge, "findings", lambda *_: []),
    "messages are not judged": (Judge, "messages", lambda *_: []),
    "findings are lost when they are redacted": ("wireproof.suite.judging.judge", "clean_findings", lambda *_: []),
}


@pytest.mark.parametrize("way", BROKEN)
def test_a_judge_that_does_not_see_makes_the_run_red(judged, way):
    """Exit status 4, and every report says where wireproof is blind."""
    where, name, instead = BROKEN[way]
    held = (
        mock.patch.object(where, name, instead)
        if not isinstance(where, str)
        else mock.patch(f"{where}.{name}", instead)
    )
    known = waiver(ORDER, "o.nowhere", Kind.UNDOCUMENTED_FIELD)
    with held:
        run = judged(known)
    said = conclude(run)
    assert run.exit_status == said.exit_status == 4
    assert said.outcome is not Outcome.OK
    row = next(row for row in run.canaries if row.found < row.altered)
    summary = gather(run)
    where = f"Wireproof is blind here: usdm/{row.surface}"
    assert len(row.missed) == row.altered - row.found
    for told in (
        summary.headline,
        summary_markdown(summary, History()),
        " ".join(terminal_summary(summary, History())),
        first_screen(summary, History()),
    ):
        assert where in told


def test_a_canary_is_not_sent_where_a_waiver_tolerates_it(judged, store, cases):
    """Nor where the baseline knows the difference: it would be lost there rightly."""
    only = [case for case in cases if case.contract.id == ORDER]
    results = judged(only=only)
    release = CanaryRelease(Judge(store, {}, target="local", today=TODAY), Redactor(), results.run)
    sound = [(only[0], results.cases[0].observation)]
    waived = []
    for what in ALTERED:
        altered = release._altered(what, "usdm", "event", sound)
        waived.append(waiver(altered.case.contract.id, altered.path, altered.kind))
    [row] = judged(*waived, only=only).canaries
    assert (row.altered, row.found) == (len(ALTERED), len(ALTERED))


def test_a_surface_of_which_nothing_can_be_altered_is_said(judged, cases):
    """It is no reason to be red."""
    depth = next(case for case in cases if case.contract.surface is Surface.REST)
    with mock.patch("wireproof.suite.running.canaries._is_sound", return_value=False):
        run = judged(only=[depth])
    assert [(row.surface, row.altered) for row in run.canaries] == [("rest", 0)]
    assert run.exit_status == 0
    assert "no canaries of usdm/rest: no answer there could be altered" in summary_markdown(gather(run), History())


def test_the_canaries_of_shards_are_counted_together(judged, cases):
    """One that a shard did not find makes the whole red."""
    rest = [case for case in cases if case.contract.surface is Surface.REST]
    parts = [
        judged(name="20261122T000000Z-aaaaaa", only=rest[:2]),
        judged(name="20261122T000000Z-bbbbbb", only=rest[2:]),
    ]
    assert merge(parts).canaries[0].altered == sum(part.canaries[0].altered for part in parts)
    assert merge(parts).exit_status == 0
    with mock.patch.object(PayloadJudge, "__call__", return_value=[]):
        parts.append(judged(name="20261122T000000Z-cccccc", only=[case for case in cases if case not in rest]))
    assert merge(parts).exit_status == 4
    assert "Wireproof is blind here: usdm/" in gather(merge(parts)).headline

"""No text leaves the judge with a secret in it, whatever field it stands in."""

from __future__ import annotations

import json
from datetime import date
from enum import Enum
from typing import get_type_hints

import msgspec
import pytest

from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Finding, Kind, Severity, Verdict
from wireproof.results.model import Blockage, CaseResult, Idle, Observation, RunResult, WaivedFinding
from wireproof.suite.judging.clean import OWN, clean_findings, clean_result, clean_run, ordinary_words
from wireproof.suite.judging.judge import Judge
from wireproof.suite.planning.cases import blank_result

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
TICKER = "usdm/ws-api/ticker.price"
PLAIN = {str: KEY, int: 1, float: 1.0, bool: True}


def full(struct):
    """Return a struct with the key in each of its texts, at any depth."""
    return struct(**{name: filled(kind) for name, kind in get_type_hints(struct).items()})


def filled(kind):
    """Return a value of a type with the key in each of its texts."""
    origin, arguments = getattr(kind, "__origin__", None), [one for one in getattr(kind, "__args__", ()) if one]
    if origin in {list, tuple}:
        return origin([filled(arguments[0])])
    if origin is dict:
        return {KEY: filled(arguments[1])}
    if arguments:  # a union with None
        return filled(arguments[0])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return full(kind)
    return PLAIN.get(kind, KEY)


def without_own(record):
    """Return a record without the fields that hold nothing but what is in the contracts or made by wireproof."""
    if isinstance(record, dict):
        return {name: without_own(value) for name, value in record.items() if name not in OWN}
    return [without_own(one) for one in record] if isinstance(record, list | tuple) else record


@pytest.mark.parametrize("struct", [Finding, WaivedFinding, Observation, CaseResult, Blockage, RunResult])
def test_every_text_of_what_reports_read_is_redacted(redactor, struct):
    """Also of fields that are added one day: what stays as it is has to be named."""
    one, run = full(struct), full(RunResult)
    if struct is RunResult:
        run = one
    elif struct is CaseResult:
        run.cases = [one]
    elif struct is Blockage:
        run.blocked = [one]
    else:
        holder = {Finding: "findings", WaivedFinding: "waived", Observation: "repeats"}[struct]
        setattr(run.cases[0], holder, [one])
    before = json.dumps(without_own(msgspec.to_builtins(run)))
    assert KEY in before
    clean_run(run, redactor)
    after = json.dumps(without_own(msgspec.to_builtins(run)))

    assert KEY[:8] not in after
    assert "<redacted api key>" in after


def test_what_holds_no_secret_is_the_same_object(redactor):
    """Nothing is copied where nothing is to be hidden: most of a run."""
    result = full(CaseResult)
    clean_result(result, redactor)
    observation, findings = result.observation, list(result.findings)
    clean_result(result, redactor)

    assert result.observation is observation
    assert all(one is other for one, other in zip(result.findings, findings, strict=True))


def test_words_of_ours_stay(redactor):
    """Verdicts and kinds are words that a secret may hold: they are no text."""
    redactor.register("breaking0123456789risky", "secret")
    result = full(CaseResult)
    result.verdict = Verdict.BREAKING
    clean_result(result, redactor)

    assert result.verdict is Verdict.BREAKING
    assert result.findings[0].severity in Severity


def judged(store, planned, redactor, answer):
    judge = Judge(store, {}, target="local", today=date(2026, 11, 22), redactor=redactor)
    case = next(one for one in planned.values() if one.contract.id == TICKER and one.kind == "documented")
    observation = Observation(case=case.id, contract=case.contract.id, example=case.example, status=200)
    result = blank_result(case)
    judge.settle(result, judge.findings(case.contract, observation, answer.encode()))
    return result


@pytest.mark.parametrize("name", [KEY, KEY[:20], f"a.{KEY}", f"{KEY[5:30]}[0]", f"x {KEY}"])
def test_a_redacted_answer_is_judged_like_the_original(store, planned, redactor, name):
    """Names that repeat a key, and values: the same paths, kinds and fingerprints when it is judged again."""
    contract = store.contracts[TICKER]
    answer = {**contract.examples[0].response, name: 1, "status": 200}
    answer["result"] = {**contract.examples[0].response["result"], name: {KEY: "x"}, "price": f"no {KEY}", "time": KEY}
    text = json.dumps(answer)
    original, again = judged(store, planned, redactor, text), judged(store, planned, redactor, redactor.frame(text))

    assert KEY[5:13] not in str(original.findings)
    assert len(original.findings) > 3
    assert {one.fingerprint for one in original.findings} == {one.fingerprint for one in again.findings}
    assert {(one.path, one.kind) for one in original.findings} == {(one.path, one.kind) for one in again.findings}


def test_findings_that_only_differ_in_a_secret_are_one(redactor):
    """Two halves of a key as names: afterwards both are the same place."""
    found = [new_finding("c", f"result.{part}", Kind.UNDOCUMENTED_FIELD, "", "x") for part in (KEY[:30], KEY[30:])]
    [one] = clean_findings(found, redactor)

    assert (one.path, one.occurrences) == ('result["<redacted api key>"]', 2)


def test_the_words_of_contracts_are_ordinary(store):
    words = set(ordinary_words(store))

    assert {"symbol", "priceChangePercent", "ticker.price", "PARTIALLY_FILLED"} <= words


def test_idle_contracts_are_told_with_their_reason(redactor):
    run = RunResult(run="1", version="1", target="local", endpoints={})
    run.idle = [Idle(reason=f"blocked: {KEY}", contracts=[TICKER])]
    clean_run(run, redactor)

    assert run.idle == [Idle(reason="blocked: <redacted api key>", contracts=[TICKER])]

"""The files of a run: written whole, read back, refused in plain words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from wireproof.contract.store import load_store
from wireproof.drift.finding import Kind, Verdict
from wireproof.errors import UsageError
from wireproof.ledger.ledger_file import LEDGER
from wireproof.report.files import (
    FIRST_SCREEN,
    SUMMARY,
    read_history,
    read_observations,
    read_result,
    result_json,
    write_reports,
)
from wireproof.report.summary import terminal_summary
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Results

CASE = {
    "id": "usdm/ws-api/order.place/a",
    "contract": "usdm/ws-api/order.place",
    "product": "usdm",
    "surface": "ws-api",
    "subject": "order.place",
    "title": "a a order",
    "docs_url": "https://docs.example.org/usdm/ws-api/order.place",
    "kind": "documented",
    "verdict": "breaking",
    "reason": "",
    "may_be_silent": False,
    "findings": [
        {
            "contract": "usdm/ws-api/order.place",
            "path": "result.price",
            "kind": "type-changed",
            "severity": "breaking",
            "expected": "decimal string",
            "actual": "integer",
            "occurrences": 1,
            "of": 1,
            "samples": ["result.price"],
            "fingerprint": "ed25a99c1be3",
            "value": "",
            "seen": 1,
            "tried": 1,
            "repetition": "",
        }
    ],
    "waived": [],
    "baseline": [],
    "unsteady": [],
    "fields": 0,
    "unseen": [],
    "documented_when": "",
    "private": True,
    "aside": False,
    "weight": 1,
    "requests": 2,
    "queued_at": 1795320000000.0,
    "started_at": 1795320001000.0,
    "ended_at": 1795320001250.0,
}


def test_a_case_in_result_json_has_every_key_in_a_fixed_order(results: Results) -> None:
    run = results.run(results.case("a", Verdict.BREAKING, findings=[results.finding()]))
    record = json.loads(result_json(run))
    assert record["cases"] == [CASE]
    assert list(record["cases"][0]) == list(CASE)
    assert list(record)[:4] == ["run", "version", "target", "endpoints"]


def test_a_result_of_an_older_version_is_read(results: Results, tmp_path: Path) -> None:
    """What was not measured then is empty, not an error."""
    record = json.loads(result_json(results.run(results.case("a"))))
    for owner, names in ((record, ("sights", "idle")), (record["cases"][0], ("fields", "unseen"))):
        for name in names:
            del owner[name]
    del record["coverage"][0]["shown_empty"]
    (tmp_path / "result.json").write_text(json.dumps(record))
    run = read_result(tmp_path / "result.json")
    assert (run.sights, run.idle, run.coverage[0].shown_empty, run.cases[0].unseen) == ([], [], 0, [])


def test_maps_are_written_in_the_order_of_their_keys(results: Results) -> None:
    forth = results.run(results.case("a"), endpoints={"b": "wss://b", "a": "wss://a"})
    back = results.run(results.case("a"), endpoints={"a": "wss://a", "b": "wss://b"})
    assert result_json(forth) == result_json(back)


def test_what_was_written_is_read_back(results: Results, tmp_path: Path) -> None:
    run = results.mixed()
    written = write_reports(run, tmp_path / "reports")
    by_hand = [file for file in written if file.parent.name == "reproductions"]
    assert [file.name for file in written if file not in by_hand] == [
        *("observations.jsonl", "summary.md", "index.html"),
        *("result.json", "history.jsonl"),
    ]
    again = read_result(tmp_path / "reports" / "result.json")
    assert result_json(again) == result_json(run)
    observations = read_observations(tmp_path / "reports" / "observations.jsonl")
    assert observations == [case.observation for case in run.cases if case.observation]
    assert [entry.run for entry in read_history(tmp_path / "reports").entries] == [run.run]
    assert sorted(file.name for file in (tmp_path / "reports").iterdir()) == sorted(
        {file.name if file not in by_hand else file.parent.name for file in written}
    )


def test_an_observation_is_one_line(results: Results, tmp_path: Path) -> None:
    write_reports(results.run(results.case("a"), results.case("b", None)), tmp_path)
    lines = (tmp_path / "observations.jsonl").read_text().splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["case"] == "usdm/ws-api/order.place/a"


def test_a_history_that_cannot_be_written_costs_a_sentence_and_no_report(results: Results, tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").mkdir()
    written = write_reports(results.run(results.case("a")), tmp_path)
    assert [file.name for file in written] == ["observations.jsonl", "summary.md", "index.html", "result.json"]
    assert "history.jsonl cannot be written" in (tmp_path / "summary.md").read_text().replace("\\", "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "does not exist. Run `wireproof run` to make it."),
        (b"{", "is no result of wireproof"),
        (b'{"run": 1}', "is no result of wireproof: Expected `str`, got `int` - at `$.run`"),
        (b"\xff", "is not UTF-8 text"),
    ],
)
def test_a_broken_result_is_refused_in_plain_words(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    file = tmp_path / "result.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_result(file)
    assert str(file) in str(caught.value)
    assert sentence in str(caught.value)


def test_a_broken_observation_is_named_by_its_line(results: Results, tmp_path: Path) -> None:
    write_reports(results.run(results.case("a")), tmp_path)
    file = tmp_path / "observations.jsonl"
    file.write_text(file.read_text() + '\n{"case": 1}\n')
    with pytest.raises(UsageError, match="line 3 is no observation"):
        read_observations(file)


def test_the_ledger_is_extended_beside_the_history(results: Results, tmp_path: Path) -> None:
    """With it, each difference says what was seen before; what cannot be written costs a sentence and no report."""
    store, contract = load_store(), "usdm/rest/GET.fapi.v1.openInterest"
    finding = results.finding("openInterest", Kind.MISSING_FIELD, contract=contract)
    run = results.run(results.case("default", Verdict.BREAKING, contract=contract, findings=[finding]))
    observed = run.cases[0].observation
    assert observed is not None
    observed.example, observed.response = "default", '{"symbol":"BTCUSDT","time":1}'
    assert tmp_path / LEDGER in write_reports(run, tmp_path, store)
    said = "absent in the only answer; never seen here (1 night)"
    assert read_result(tmp_path / "result.json").recorded == {finding.fingerprint: said}
    for name in (SUMMARY, FIRST_SCREEN):
        assert said in (tmp_path / name).read_text("utf-8")
    assert any(said in line for line in terminal_summary(gather(run), read_history(tmp_path), 100))
    before = (tmp_path / LEDGER).read_bytes()
    write_reports(run, tmp_path, store)
    assert (tmp_path / LEDGER).read_bytes() == before  # the same run again
    (tmp_path / LEDGER).unlink()
    (tmp_path / LEDGER).mkdir()
    write_reports(run, tmp_path, store)
    assert "ledger.json.gz cannot be written" in (tmp_path / SUMMARY).read_text("utf-8").replace("\\", "")

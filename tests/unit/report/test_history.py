"""Since when something differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wireproof.drift.finding import Kind, Verdict, fingerprint
from wireproof.report import history as history_module
from wireproof.report.history import Entry, History, load_history

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Results
    from wireproof.drift.finding import Finding

DAY = 24 * 60 * 60 * 1000


def test_a_difference_keeps_the_date_it_was_first_seen(results: Results, tmp_path: Path) -> None:
    finding = results.finding()
    broken = results.case("a", Verdict.BREAKING, findings=[finding])
    file = tmp_path / "history.jsonl"
    for day, case in enumerate([broken, results.case("a"), broken]):
        run = results.run(case, run=f"run-{day}", started_at=results.base + day * DAY)
        load_history(file).with_run(run).save(file)
    history = load_history(file)
    assert history.first_seen("testnet", finding.fingerprint) == "2026-11-22T04:00:00Z"
    assert history.since(run, finding.fingerprint) == "since 2026-11-22"
    assert [entry.verdicts for entry in history.entries] == [{"breaking": 1}, {"conforms": 1}, {"breaking": 1}]


def test_targets_do_not_share_their_first_dates(results: Results) -> None:
    finding = results.finding()
    local = results.run(results.case("a", Verdict.BREAKING, findings=[finding]), target="local")
    assert History().with_run(local).first_seen("testnet", finding.fingerprint) == ""


def test_judging_a_run_again_replaces_its_line(results: Results) -> None:
    finding = results.finding()
    run = results.run(results.case("a", Verdict.BREAKING, findings=[finding]))
    history = History().with_run(run).with_run(run)
    assert len(history.entries) == 1
    assert history.since(run, finding.fingerprint) == "new"


def test_waived_differences_have_a_first_date_as_well(results: Results) -> None:
    finding = results.finding()
    run = results.run(results.case("a", waived=[results.waived(finding)]))
    assert History().with_run(run).first_seen("testnet", finding.fingerprint) == "2026-11-22T04:00:00Z"


def test_the_file_is_bounded_and_first_dates_outlive_the_lines_they_came_from(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "KEPT_RUNS", 3)
    finding = results.finding()
    history = History()
    for day in range(6):
        run = results.run(
            results.case("a", Verdict.BREAKING, findings=[finding]), run=f"{day}", started_at=results.base + day * DAY
        )
        history = history.with_run(run)
    assert [entry.run for entry in history.entries] == ["3", "4", "5"]
    assert history.first_seen("testnet", finding.fingerprint) == "2026-11-22T04:00:00Z"

    monkeypatch.setattr(history_module, "KEPT_BYTES", 400)
    file = tmp_path / "history.jsonl"
    history.save(file)
    assert file.stat().st_size <= 400
    assert load_history(file).entries[-1].run == "5"


def test_a_broken_line_is_set_aside_and_the_readable_ones_are_kept(results: Results, tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    History().with_run(results.run(results.case("a"))).save(file)
    with file.open("ab") as stream:
        stream.write(b'{"run": "half a li')
    history = load_history(file)
    assert [entry.run for entry in history.entries] == ["20261122T040000Z-abcd"]
    assert history.note == (
        f"{file}: line 2 is no history entry (1 such). The file was set aside as history.broken.jsonl; 1 run kept."
    )
    assert (tmp_path / "history.broken.jsonl").exists()
    assert not file.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"[]\n", b'{"run": 1}\n', b"null\n"])
def test_a_file_of_anything_else_is_never_fatal(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(content)
    history = load_history(file)
    assert history.entries == []
    assert "line 1 is no history entry" in history.note


def test_a_folder_in_its_place_is_said_and_survived(tmp_path: Path) -> None:
    assert "cannot be read" in load_history(tmp_path).note


def test_no_file_is_an_empty_history_without_a_word(tmp_path: Path) -> None:
    history = load_history(tmp_path / "history.jsonl")
    assert (history.entries, history.note) == ([], "")


def test_a_look_leaves_a_broken_file_to_whoever_extends_it(results: Results, tmp_path: Path) -> None:
    """The run looks before it starts; when it ends, the readable lines must still be there."""
    file = tmp_path / "history.jsonl"
    History().with_run(results.run(results.case("a"))).save(file)
    content = file.read_bytes() + b"{broken\n"
    file.write_bytes(content)
    assert len(load_history(file, look=True).entries) == 1
    assert file.read_bytes() == content


def _unknown(results: Results, value: str) -> Finding:
    return results.finding(
        "result.status",
        Kind.UNDOCUMENTED_VALUE,
        value=value,
        fingerprint=fingerprint("usdm/ws-api/order.place", "result.status", Kind.UNDOCUMENTED_VALUE, value),
    )


def test_the_date_of_a_fingerprint_without_value_is_carried_over(results: Results, tmp_path: Path) -> None:
    """Nights before fingerprints held values know the same difference by its path and kind alone."""
    old = fingerprint("usdm/ws-api/order.place", "result.status", Kind.UNDOCUMENTED_VALUE)
    file = tmp_path / "history.jsonl"
    file.write_text(
        '{"run": "r", "date": "2026-11-01T04:00:00Z", "target": "testnet", "outcome": "x", '
        f'"fingerprints": {{"{old}": "2026-10-30T04:00:00Z"}}}}\n'
    )
    finding = _unknown(results, "HALTED")
    run = results.run(results.case("a", Verdict.RISKY, findings=[finding]))
    assert load_history(file).with_run(run).since(run, finding.fingerprint) == "since 2026-10-30"


def test_another_value_at_a_known_path_is_new(results: Results) -> None:
    """Once a night knows values, the older fingerprint dates no further one."""
    old = fingerprint("usdm/ws-api/order.place", "result.status", Kind.UNDOCUMENTED_VALUE)
    earlier = Entry(
        run="r", date="2026-11-01T04:00:00Z", target="testnet", outcome="x", fingerprints={old: "2026-10-30"}
    )
    first, second = _unknown(results, "HALTED"), _unknown(results, "PAUSED")
    night = results.run(results.case("a", Verdict.RISKY, findings=[first]), run="night-1")
    following = results.run(
        results.case("a", Verdict.RISKY, findings=[first, second]), run="night-2", started_at=results.base + DAY
    )
    history = History([earlier]).with_run(night).with_run(following)
    assert history.since(following, first.fingerprint) == "since 2026-10-30"
    assert history.since(following, second.fingerprint) == "new"


def test_a_night_that_did_not_see_the_place_loses_no_date(results: Results) -> None:
    """Blocked, or about other cases: the older fingerprint still dates the first night that names values."""
    old = fingerprint("usdm/ws-api/order.place", "result.status", Kind.UNDOCUMENTED_VALUE)
    earlier = Entry(
        run="r", date="2026-11-01T04:00:00Z", target="testnet", outcome="x", fingerprints={old: "2026-10-30"}
    )
    other = results.finding("result.side", Kind.UNDOCUMENTED_VALUE, value="HOLD", fingerprint="0" * 12)
    quiet = results.run(results.case("a", Verdict.RISKY, findings=[other]), run="night-1")
    finding = _unknown(results, "HALTED")
    night = results.run(
        results.case("a", Verdict.RISKY, findings=[finding]), run="night-2", started_at=results.base + DAY
    )
    history = History([earlier]).with_run(quiet).with_run(night)
    assert history.since(night, finding.fingerprint) == "since 2026-10-30"


def test_what_is_new_still_there_and_gone_is_said_of_the_cases_that_were_looked_at(results: Results) -> None:
    """A night that was blocked, or that exercised something else, calls nothing gone and forgets nothing."""
    kept, lost, late = (results.finding(path) for path in ("a", "b", "c"))
    nights = [
        [
            results.case("one", Verdict.BREAKING, findings=[kept]),
            results.case("two", Verdict.BREAKING, findings=[lost]),
        ],
        [results.case("one", Verdict.BREAKING, findings=[kept]), results.case("two", Verdict.BLOCKED)],
        [results.case("one", Verdict.BREAKING, findings=[late, kept]), results.case("two")],
    ]
    history, said = History(), []
    for day, cases in enumerate(nights):
        run = results.run(*cases, run=f"run-{day}", started_at=results.base + day * DAY)
        history = history.with_run(run).with_run(run)  # judging again changes nothing
        said.append(history.changes(run))
    names = [(list(one.new), list(one.still), list(one.gone), list(one.unseen)) for one in said]
    a, b, c = (one.fingerprint for one in (kept, lost, late))
    assert names == [(sorted([a, b]), [], [], []), ([], [a], [], [b]), ([c], [a], [b], [])]
    assert said[2].gone[b].case == "usdm/ws-api/order.place/two"
    assert said[2].since == "2026-11-23T04:00:00Z"
    assert [bool(entry.standing) for entry in history.entries] == [False, True, True]


def test_another_target_changes_nothing_and_is_named(results: Results) -> None:
    finding = results.finding()
    case = results.case("a", Verdict.BREAKING, findings=[finding])
    live = results.run(results.case("a"), target="live", run="l", started_at=results.base + DAY)
    history = History().with_run(results.run(case)).with_run(live)
    assert history.changes(live).gone == {}
    assert history.seen_on(finding.fingerprint) == ["testnet"]
    assert History().changes(live).new == []


def test_what_is_new_is_kept_in_words_and_what_is_gone_by_name(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the lines that say what stands are gone themselves: the feed is made of these."""
    monkeypatch.setattr(history_module, "SAID", 2)
    found = [results.finding(path) for path in ("a", "b", "c")]
    history = History()
    for day, findings in enumerate([found, found[:1], found[:1], []]):
        case = results.case("a", Verdict.BREAKING if findings else Verdict.CONFORMS, findings=findings)
        history = history.with_run(results.run(case, run=f"run-{day}", started_at=results.base + day * DAY))
    first = min(history.entries, key=lambda entry: entry.date)
    assert len(first.said) == 2
    assert set(first.said.values()) <= {
        f"breaking type-changed at usdm/ws-api/order.place {path}: documented decimal string, got integer"
        for path in ("a", "b", "c")
    }
    assert [len(entry.said) for entry in history.entries] == [2, 0, 0, 0]
    assert [entry.gone for entry in history.entries] == [
        [],
        sorted(one.fingerprint for one in found[1:]),
        [],
        [found[0].fingerprint],
    ]

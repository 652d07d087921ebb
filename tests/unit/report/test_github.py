"""What the workflows print: annotations, job summary, outputs, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.drift.finding import Kind, Severity, Verdict
from wireproof.drift.seen_fields import Sight, UnseenField
from wireproof.report.github import annotation, annotation_lines, job_summary, verdict_lines
from wireproof.report.history import History
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from conftest import Results


def test_an_annotation_cannot_be_ended_or_extended_by_the_target() -> None:
    assert annotation("error", "a:b,c\n::error::x", "50%\r\n::set-output name=x::y") == (
        "::error title=a%3Ab%2Cc %3A%3Aerror%3A%3Ax::50%25 ::set-output name=x::y"
    )


def test_errors_come_before_warnings_and_name_the_contract_file(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts/usdm/ws-api").mkdir(parents=True)
    (tmp_path / "contracts/usdm/ws-api/order.place.json").touch()
    run = results.mixed()
    assert "\n".join(annotation_lines(gather(run), History().with_run(run))) == (
        "::error file=contracts/usdm/ws-api/order.place.json,title=breaking usdm/ws-api/order.place result.price::"
        "type-changed: documented decimal string, got integer (2 of 2) [new] ed25a99c1be3\n"
        "::warning file=contracts/usdm/ws-api/order.place.json,title=risky usdm/ws-api/order.place result.status::"
        "undocumented-value: documented NEW, got `HELD|` (2 of 2) [new] ab2a4e7bbf85\n"
        "::warning title=additive usdm/ws-api/exchangeInfo result.symbols[].note::"
        "undocumented-field: string (650 of 650) [new] 79f8e161723c"
    )


def test_there_are_at_most_ten(results: Results) -> None:
    case = results.case("a", Verdict.BREAKING, findings=[results.finding(f"p{number}") for number in range(30)])
    lines = annotation_lines(gather(results.run(case)), History())
    assert len(lines) == 10
    assert lines[-1] == "::notice title=more::In the summary: 21 more differences."


def test_empty_answers_are_noticed_and_cost_one_of_ten(results: Results) -> None:
    nothing = UnseenField(path="[]", why="empty", fields=3)
    sights = [Sight(contract="c", fields=3, seen=0, unseen=(nothing,))]
    case = results.case("a", Verdict.BREAKING, findings=[results.finding(f"p{number}") for number in range(10)])
    lines = annotation_lines(gather(results.run(case, sights=sights)), History())
    assert len(lines) == 10
    assert lines[-2] == "::notice title=more::In the summary: 2 more differences."
    assert lines[-1] == (
        "::notice title=shown empty::Documented fields seen: 0 of 3 in 1 contract that answered; "
        "1 contract answered with hardly more than empty lists."
    )
    assert annotation_lines(gather(results.run(results.case("a"), sights=sights)), History()) == lines[-1:]


def test_an_unknown_run_says_so_first(results: Results) -> None:
    note = results.finding("n", Kind.UNDOCUMENTED_FIELD, severity=Severity.ADDITIVE)
    run = results.run(results.case("a", Verdict.ADDITIVE, findings=[note]), results.case("b", None))
    lines = annotation_lines(gather(run), History())
    assert lines[0].startswith("::warning title=unknown::Unknown: 1 of 2 cases exercised on testnet.")
    assert len(lines) == 2


def test_a_job_summary_stays_within_its_limit(results: Results) -> None:
    many = [results.finding(f"result.field{number}") for number in range(1_000)]
    run = results.run(results.case("a", Verdict.BREAKING, findings=many))
    text = job_summary(gather(run), History(), limit=10_000)
    assert len(text.encode()) <= 10_000
    assert "… and 975 more in result.json" in text
    assert (
        job_summary(gather(run), History(), limit=100)
        == "# Breaking: 1,000 differences in 1 contract; 1 of 1 case exercised on testnet.\n"
    )


def test_the_outputs_are_one_line_each(results: Results) -> None:
    assert verdict_lines(gather(results.run(results.case("a")))) == [
        "verdict=ok",
        "headline=Conforms: 1 of 1 case exercised on testnet, no difference.",
    ]
    assert verdict_lines(gather(results.mixed()))[0] == "verdict=breaking"
    assert verdict_lines(gather(results.run(results.case("a", Verdict.BLOCKED))))[0] == "verdict=unknown"

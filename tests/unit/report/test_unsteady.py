"""What was not seen again when repeated: named in every report, red in none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from wireproof.drift.finding import Severity, Verdict
from wireproof.report.allure import end_test, environment_of, message_of
from wireproof.report.attachments import findings_html, findings_markdown
from wireproof.report.files import observations_jsonl, result_json
from wireproof.report.github import annotation_lines
from wireproof.report.github_api import Issue
from wireproof.report.history import Entry, History
from wireproof.report.issue import Step, breaking_title, plan_breaking
from wireproof.report.summary import summary_markdown, terminal_summary
from wireproof.results.conclusion import EXERCISED, Outcome, conclude, is_failure, unsteady
from wireproof.results.model import Observation
from wireproof.results.run_summary import gather, headline
from wireproof.results.wording import how_often

if TYPE_CHECKING:
    from conftest import Results
    from wireproof.results.model import CaseResult, RunResult


def doubtful(results: Results, name: str = "a") -> CaseResult:
    """Return a case that differed once of three times."""
    again = [Observation(case="c", contract="k", request="{}", response=f'{{"n":{n}}}', attempt=n) for n in (2, 3)]
    return results.case(name, Verdict.UNSTEADY, unsteady=[replace(results.finding(), tried=3)], repeats=again)


def run_of(results: Results) -> RunResult:
    """Return a run with one unsteady difference and nothing else."""
    return results.run(doubtful(results), results.case("b"))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ((1, 1, ""), ""),
        ((3, 3, ""), "seen 3 of 3 times"),
        ((1, 1, "cannot be repeated: it is scarce"), "seen once; cannot be repeated: it is scarce"),
        ((1, 3, "seen again in x"), "seen 1 of 3 times; seen again in x"),
    ],
)
def test_how_often_something_was_seen_is_said_in_words(how: tuple[int, int, str], words: str) -> None:
    assert how_often(*how) == words


def test_a_run_with_an_unsteady_difference_is_green_and_says_so(results: Results) -> None:
    run = run_of(results)
    assert Verdict.UNSTEADY in EXERCISED
    assert not is_failure(run.cases[0], Severity.ADDITIVE)
    assert (conclude(run).outcome, conclude(run).exit_status) == (Outcome.OK, 0)
    assert headline(run) == (
        "Conforms: 2 of 2 cases exercised on testnet, no breaking difference;"
        " 1 unsteady difference, not seen again when repeated."
    )


def test_beside_something_breaking_it_is_counted_apart(results: Results) -> None:
    broken = results.case("c", Verdict.BREAKING, findings=[results.finding("x")])
    run = results.run(broken, doubtful(results))
    assert headline(run).startswith("Breaking: 1 difference in 1 contract, 1 unsteady; ")


def test_an_unknown_run_names_it_as_well(results: Results) -> None:
    run = results.run(doubtful(results), results.case("b", Verdict.BLOCKED, reason="451"))
    assert headline(run).endswith("what was not exercised is unknown. 1 unsteady difference.")


def test_it_has_a_section_and_a_line_of_its_own(results: Results) -> None:
    run = run_of(results)
    section = summary_markdown(gather(run), History()).partition("## Unsteady: not seen again when repeated\n\n")[2]
    assert section.startswith("- **unsteady** type-changed at `result.price` of `usdm/ws-api/order.place`: ")
    assert " · new · seen 1 of 3 times · " in section.splitlines()[0]
    [line] = [line for line in terminal_summary(gather(run), History(), 200) if line.startswith("unsteady ")]
    assert line.endswith("documented decimal string, got integer [new, seen 1 of 3 times]")


def test_several_cases_of_one_difference_are_one_line(results: Results) -> None:
    run = results.run(doubtful(results), doubtful(results, "b"))
    [one] = unsteady(run)
    assert (one.seen, one.tried, len(one.cases), one.often) == (2, 6, 2, "seen 2 of 6 times")


def test_its_test_is_skipped_with_the_reason(results: Results) -> None:
    """Neither a failure nor a pass: a report of any kind shows why."""
    with pytest.raises(pytest.skip.Exception, match=r"^unsteady: type-changed at result\.price: .* seen 1 of 3 times"):
        end_test(doubtful(results), Severity.BREAKING)
    mixed = results.case("a", Verdict.BREAKING, findings=[results.finding("x")], unsteady=[results.finding("y")])
    assert [line.partition(":")[0] for line in message_of(mixed).splitlines()] == ["breaking", "unsteady"]


def test_allure_shows_it_and_how_often(results: Results) -> None:
    case = doubtful(results)
    assert '<tr class="unsteady"><td>unsteady</td>' in findings_html(case)
    assert "<th>when repeated</th>" in findings_html(case)
    assert "**unsteady** type-changed, seen 1 of 3 times" in findings_markdown(case)
    assert environment_of(gather(run_of(results)))["Unsteady"] == "1 difference"


def test_github_gets_a_notice(results: Results) -> None:
    [line] = annotation_lines(gather(run_of(results)), History())
    assert line == (
        "::notice title=unsteady usdm/ws-api/order.place result.price::"
        "type-changed: documented decimal string, got integer [new, seen 1 of 3 times] ed25a99c1be3"
    )


def test_it_neither_opens_nor_closes_an_issue(results: Results) -> None:
    """What is unsteady may come again the next night."""
    issue = Issue(7, breaking_title("testnet"), "")
    assert plan_breaking(gather(run_of(results)), History(), [issue]).step is Step.NOTHING
    assert plan_breaking(gather(run_of(results)), History(), []).step is Step.NOTHING


def test_result_and_observations_keep_every_attempt(results: Results) -> None:
    run = run_of(results)
    [finding] = json.loads(result_json(run))["cases"][0]["unsteady"]
    assert (finding["seen"], finding["tried"]) == (1, 3)
    lines = [json.loads(line) for line in observations_jsonl(run).splitlines()]
    assert [line.get("attempt", 1) for line in lines] == [1, 2, 3, 1]


def test_nights_in_a_row_are_days_on_which_something_was_seen() -> None:
    """Days without a statement neither count nor end the row; a day without the difference ends it."""

    def entry(day: int, *, seen: bool, said: str = "ok", hour: int = 4) -> Entry:
        date = f"2026-11-{day:02}T{hour:02}:00:00Z"
        return Entry(run=date, date=date, target="testnet", outcome=said, fingerprints={"f": date} if seen else {})

    def nights(*entries: Entry, target: str = "testnet") -> int:
        return History(list(entries)).nights_in_a_row(target, "f", before="2026-11-22")

    two = (entry(20, seen=True), entry(21, seen=True))
    assert nights() == 0
    assert nights(*two) == 2
    assert nights(*two, entry(22, seen=True)) == 2, "of this day nothing counts"
    assert nights(*two, entry(21, seen=True, hour=9)) == 2, "a day counts once"
    assert nights(entry(20, seen=True), entry(21, seen=False)) == 0
    assert nights(entry(19, seen=True), entry(20, seen=False), entry(21, seen=True)) == 1
    assert nights(entry(19, seen=True), entry(20, seen=False, said="unknown"), entry(21, seen=True)) == 2
    assert nights(*two, target="live") == 0


def test_the_history_knows_what_was_unsteady(results: Results) -> None:
    run = run_of(results)
    [entry] = History().with_run(run).entries
    assert entry.unsteady == [results.finding().fingerprint]
    assert list(entry.fingerprints) == entry.unsteady

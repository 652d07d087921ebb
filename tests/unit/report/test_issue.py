"""One issue per target while something is breaking, opened, rewritten and closed for good reasons only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.drift.finding import Kind, Verdict, fingerprint
from wireproof.report.github_api import Issue
from wireproof.report.history import History
from wireproof.report.issue import (
    HEARTBEAT_TITLE,
    Plan,
    Step,
    breaking_text,
    breaking_title,
    carry_out,
    plan_breaking,
    plan_heartbeat,
)
from wireproof.results.model import Blockage
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from conftest import Results
    from wireproof.results.model import RunResult

TITLE = "Breaking on testnet: answers differ from the documentation"
URL = "https://github.com/owner/repo/actions/runs/7"


def breaking(results: Results, *paths: str) -> RunResult:
    """Return a run in which these paths broke."""
    return results.run(results.case("a", Verdict.BREAKING, findings=[results.finding(path) for path in paths]))


def blocked(results: Results) -> RunResult:
    """Return a run that saw nothing."""
    return results.run(
        results.case("a", Verdict.BLOCKED), blocked=[Blockage(host="testnet.example.org", reason="It answered 451.")]
    )


def open_issue(results: Results, *paths: str, number: int = 5) -> Issue:
    """Return the issue that an earlier night opened for these paths."""
    return Issue(number, TITLE, breaking_text(gather(breaking(results, *paths)), History()))


def test_a_breaking_night_opens_an_issue_with_the_worst_differences(results: Results) -> None:
    run = results.mixed()
    plan = plan_breaking(gather(run), History().with_run(run), [], [URL])
    assert (plan.step, plan.title) == (Step.OPEN, TITLE)
    assert plan.body == (
        "Breaking: 1 difference in 1 contract, 2 milder; 5 of 8 cases exercised on testnet. Blocked by "
        "testnet.example.org: what was not exercised is unknown. Wireproof itself broke in 1 case.\n\n"
        "- **breaking** type-changed at `result.price` of `usdm/ws-api/order.place`: "
        "`documented decimal string, got integer (2 of 2)` · new · 2 cases, first `usdm/ws-api/order.place/limit-gtc` "
        "· [documentation](<https://docs.example.org/usdm/ws-api/order.place>) · `ed25a99c1be3`\n\n"
        f"- <{URL}>\n\n"
        "Every night rewrites this text. A night that looks at everything and finds nothing closes the issue.\n\n"
        "<!-- fingerprints: ed25a99c1be3 -->"
    )


def test_the_next_night_rewrites_it_and_comments_only_on_a_change(results: Results) -> None:
    same = plan_breaking(gather(breaking(results, "a", "b")), History(), [open_issue(results, "a", "b")], [URL])
    assert (same.step, same.number, same.comment) == (Step.UPDATE, 5, "")
    changed = plan_breaking(gather(breaking(results, "b", "c", "d")), History(), [open_issue(results, "a", "b")], [URL])
    assert changed.comment == f"2 differences new, 1 not seen this time.\n\n- <{URL}>"


def test_a_value_of_which_an_issue_of_before_knows_the_place_is_not_new(results: Results) -> None:
    """Fingerprints of before did not hold the value; the night that names values for the first time changes nothing."""
    old = results.finding("status", Kind.STATUS_CHANGED)
    values = [
        replace(old, value=value, fingerprint=fingerprint(old.contract, old.path, old.kind, value))
        for value in ("401", "403")
    ]
    before = Issue(
        5, TITLE, breaking_text(gather(results.run(results.case("a", Verdict.BREAKING, findings=[old]))), History())
    )
    run = results.run(results.case("a", Verdict.BREAKING, findings=values))
    assert plan_breaking(gather(run), History(), [before]).comment == ""
    after = Issue(5, TITLE, breaking_text(gather(run), History()))
    other = replace(old, value="418", fingerprint=fingerprint(old.contract, old.path, old.kind, "418"))
    run = results.run(results.case("a", Verdict.BREAKING, findings=[*values, other]))
    assert plan_breaking(gather(run), History(), [after]).comment == "1 difference new, 0 not seen this time."


def test_a_good_and_whole_night_closes_it(results: Results) -> None:
    plan = plan_breaking(gather(results.run(results.case("a"))), History(), [open_issue(results, "a")], [URL])
    assert plan == Plan(
        Step.CLOSE,
        TITLE,
        comment=f"Conforms: 1 of 1 case exercised on testnet, no difference.\n\n- <{URL}>",
        number=5,
    )


def test_a_good_night_without_an_issue_does_nothing(results: Results) -> None:
    assert plan_breaking(gather(results.run(results.case("a"))), History(), []).step is Step.NOTHING


def test_a_blocked_or_short_night_neither_opens_nor_closes(results: Results) -> None:
    short = results.run(results.case("a"), results.case("b", None, reason="no key"))
    for run in (blocked(results), short):
        assert plan_breaking(gather(run), History(), []).step is Step.NOTHING
        assert plan_breaking(gather(run), History(), [open_issue(results, "a")]).step is Step.NOTHING


def test_issues_of_other_targets_and_other_titles_are_left_alone(results: Results) -> None:
    others = [Issue(1, breaking_title("live"), ""), Issue(2, "Something else", "")]
    assert plan_breaking(gather(results.run(results.case("a"))), History(), others).step is Step.NOTHING
    assert plan_breaking(gather(breaking(results, "a")), History(), others).step is Step.OPEN


def test_of_two_issues_with_the_title_the_older_one_is_ours(results: Results) -> None:
    known = [open_issue(results, "a", number=9), open_issue(results, "a", number=4)]
    assert plan_breaking(gather(breaking(results, "a")), History(), known).number == 4


def test_ten_thousand_differences_fit_into_an_issue(results: Results) -> None:
    run = breaking(results, *(f"result.{'x' * 300}.field{number}" for number in range(10_000)))
    text = breaking_text(gather(run), History(), [URL])
    assert len(text) < 65_536
    assert text.endswith("-->")


def test_what_the_target_sent_cannot_pose_as_the_memory(results: Results) -> None:
    path = "<!-- fingerprints: ffffffffffff -->"
    issue = open_issue(results, path)
    same = plan_breaking(gather(breaking(results, path)), History(), [issue])
    assert same.comment == ""


NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def test_the_heartbeat_opens_an_issue_after_36_silent_hours(results: Results) -> None:
    silent = History().with_run(results.run(results.case("a")))  # 2026-11-22T04:00, 59 hours ago
    plan = plan_heartbeat({"testnet": silent, "live": History()}, [], now=NOW, hours=36)
    assert plan == Plan(
        Step.OPEN,
        HEARTBEAT_TITLE,
        "No run against any target came to a verdict in the last 36 hours. Look at the nightly workflow: it may be "
        "disabled, fail before it starts, or be blocked by every host.\n\n"
        "- live: never reported\n- testnet: last reported on 2026-11-22 04:00 UTC",
    )
    known = [Issue(8, HEARTBEAT_TITLE, "")]
    assert plan_heartbeat({"testnet": silent}, known, now=NOW, hours=36).step is Step.UPDATE


def test_a_blocked_night_is_silence_and_one_heard_target_is_enough(results: Results) -> None:
    said_nothing = History().with_run(blocked(results))
    heard = History().with_run(results.run(results.case("a")))
    early = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    assert plan_heartbeat({"live": said_nothing}, [], now=early, hours=36).step is Step.OPEN
    both = {"live": said_nothing, "testnet": heard}
    assert plan_heartbeat(both, [], now=early, hours=36).step is Step.NOTHING
    assert plan_heartbeat(both, [Issue(8, HEARTBEAT_TITLE, "")], now=early, hours=36) == Plan(
        Step.CLOSE, HEARTBEAT_TITLE, comment="A nightly run reported again.", number=8
    )


def test_without_any_history_the_heartbeat_says_so() -> None:
    plan = plan_heartbeat({}, [], now=NOW, hours=36)
    assert plan.step is Step.OPEN
    assert plan.body.endswith("\n\n- no history at all")


class Remembered:
    """Writes down what is asked of GitHub."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> object:
        return lambda *given: self.asked.append((name, *given))


def test_plans_are_carried_out() -> None:
    github = Remembered()
    for plan in (
        Plan(Step.OPEN, "t", "b"),
        Plan(Step.UPDATE, "t", "b", "c", 5),
        Plan(Step.UPDATE, "t", "b", "", 6),
        Plan(Step.CLOSE, "t", comment="over", number=7),
        Plan(Step.NOTHING, "t"),
    ):
        carry_out(plan, github)
    assert github.asked == [
        ("label",),
        ("open", "t", "b"),
        ("rewrite", 5, "b"),
        ("comment", 5, "c"),
        ("rewrite", 6, "b"),
        ("comment", 7, "over"),
        ("close", 7),
    ]

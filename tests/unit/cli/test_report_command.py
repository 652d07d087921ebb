"""`wireproof report`: what a workflow's steps print and do with the reports of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_results import Results

from wireproof.cli import main
from wireproof.report import github
from wireproof.report.files import write_reports

if TYPE_CHECKING:
    from pathlib import Path

    from wireproof.report.github_api import Issue


@pytest.fixture
def results() -> Results:
    """Return the maker of findings, cases and runs."""
    return Results()


def test_commands_read_the_reports_of_a_run(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_reports(results.mixed(), tmp_path)
    for command, beginning in (
        ("annotations", "::error title=breaking usdm/ws-api/order.place result.price::"),
        ("summary", "# Breaking: 1 difference in 1 contract, 2 milder;"),
        ("verdict", "verdict=breaking\nheadline=Breaking: 1 difference"),
    ):
        assert main(["report", command, "--reports", str(tmp_path)]) == 0
        assert capsys.readouterr().out.startswith(beginning)


@pytest.mark.parametrize(
    ("command", "beginning"),
    [
        ("annotations", "::error title=unknown::"),
        ("summary", "# Unknown: the run left no result"),
        ("verdict", "verdict=unknown\n"),
        ("issue", "::warning title=unknown::No issue was touched."),
    ],
)
def test_a_run_without_a_result_is_unknown_and_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, beginning: str
) -> None:
    assert main(["report", command, "--reports", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith(beginning)


class FakeGitHub:
    """Remembers what was opened instead of opening it."""

    opened: list[tuple[str, str]]

    def issues(self) -> list[Issue]:
        """Return that there are none."""
        return []

    def label(self) -> None:
        """Do nothing."""

    def open(self, title: str, body: str) -> None:
        """Put title and text where the test can read them."""
        FakeGitHub.opened.append((title, body))


def test_issue_and_heartbeat_carry_out_what_they_planned(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGitHub.opened = []
    monkeypatch.setattr(github, "GitHub", FakeGitHub)
    write_reports(results.mixed(), tmp_path / "testnet")
    (tmp_path / ".git").mkdir()
    assert main(["report", "issue", "--reports", str(tmp_path / "testnet"), "--url", "https://example.org"]) == 0
    assert main(["report", "heartbeat", "--reports", str(tmp_path), "--hours", "1e9"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "open: Breaking on testnet: answers differ from the documentation",
        "nothing: No nightly run has said anything",
    ]
    [(title, body)] = FakeGitHub.opened
    assert title == "Breaking on testnet: answers differ from the documentation"
    assert "<https://example.org>" in body


def test_without_a_token_the_step_fails_with_a_sentence(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    write_reports(results.mixed(), tmp_path)
    assert main(["report", "issue", "--reports", str(tmp_path)]) == 4
    assert capsys.readouterr() == (
        "",
        "wireproof: GH_TOKEN is not set: GitHub lets nobody touch issues without a token. Pass the workflow's.\n",
    )
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(["report", "issue", "--reports", str(tmp_path)]) == 4
    assert capsys.readouterr().out.startswith("::error title=wireproof::GH_TOKEN is not set")


def test_pages_without_any_result_say_so(tmp_path: Path) -> None:
    assert main(["report", "site", "--reports", str(tmp_path / "none"), "--out", str(tmp_path / "site")]) == 0
    assert "No run left a result." in (tmp_path / "site" / "index.html").read_text()


def test_a_site_of_one_run_is_refused(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be a page that says that no run left a result."""
    monkeypatch.chdir(tmp_path)
    write_reports(results.mixed(), tmp_path / "reports" / "testnet")
    assert main(["report", "site", "--reports", "reports/testnet", "--out", "site"]) == 2
    assert "reports/testnet holds the reports of one run" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()
    assert main(["report", "site", "--reports", "reports", "--out", "site"]) == 0
    assert (tmp_path / "site" / "index.html").is_file()


def test_the_site_has_a_feed_of_what_was_documented_and_its_address_is_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["report", "site", "--reports", str(tmp_path / "none"), "--out", str(tmp_path / "site"), "--url"]
    assert main([*given, "https://owner.github.io/wireproof"]) == 0
    made = (tmp_path / "site" / "feed.xml").read_text("utf-8")
    assert "https://owner.github.io/wireproof/feed.xml" in made
    assert "Documentation of usdm: " in made
    assert main([*given, "owner.github.io"]) == 2
    assert "takes a web address such as https://example.org/, not" in capsys.readouterr().err

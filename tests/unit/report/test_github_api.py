"""What is asked of GitHub, against a server on this machine; the token is never said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from github_tracker import TOKEN, Tracker
from loopback import (
    no_proxy_of_this_machine,  # noqa: F401  # for all tests here
    serving,
)

from wireproof.report.github_api import GitHub, GitHubError, Issue

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """Return a tracker that answers on loopback."""
    with serving(Tracker()) as server:
        yield server


def test_an_issue_is_opened_found_rewritten_and_closed(tracker: Tracker) -> None:
    github = GitHub(tracker.environ)
    assert github.issues() == []
    for _ in range(2):  # the label may be there already
        github.label()
    github.open("Breaking", "`$(touch x)`\n📉")
    assert github.issues() == [Issue(1, "Breaking", "`$(touch x)`\n📉")]
    github.rewrite(1, "again")
    github.comment(1, "2 new")
    assert (github.issues(), tracker.comments) == ([Issue(1, "Breaking", "again")], [("1", "2 new")])
    github.close(1)
    assert github.issues() == []
    assert (tracker.labels, tracker.issues[0]["state_reason"]) == (["wireproof"], "completed")


def test_all_pages_are_read_and_pull_requests_left_out(tracker: Tracker) -> None:
    for number in range(1, 251):
        tracker.issues.append({"number": number, "state": "open", "title": "t", "body": None, "labels": ["wireproof"]})
    tracker.issues[3]["pull_request"] = {}
    found = GitHub(tracker.environ).issues()
    assert (len(found), found[0], found[-1].number) == (249, Issue(1, "t", ""), 250)
    assert len(tracker.asked) == 3


@pytest.mark.parametrize(
    ("status", "raw", "words"),
    [
        (403, b'{"message": "Resource not accessible"}', "GET /repos/owner/repo/issues with 403: Resource not access"),
        (500, b"", "with 500: nothing"),
        (301, b'{"message": "Moved Permanently"}', "with 301: Moved Permanently"),
        (200, b"<html>", "with what is no JSON: b'<html>'"),
        (200, b'[{"title": "no number"}]', "GitHub listed no issues but"),
        (403, f'{{"message": "no {TOKEN}"}}'.encode(), "with 403: no <redacted token>"),
    ],
)
def test_what_is_no_list_of_issues_is_said_in_a_sentence(tracker: Tracker, status: int, raw: bytes, words: str) -> None:
    tracker.answer = (status, raw)
    with pytest.raises(GitHubError) as raised:
        GitHub(tracker.environ).issues()
    assert words in str(raised.value)
    assert TOKEN not in str(raised.value)
    assert len(tracker.asked) == 1  # nobody follows where a token does not belong


def test_a_bad_token_is_refused_without_being_said(tracker: Tracker) -> None:
    with pytest.raises(GitHubError, match="with 401: Bad credentials") as raised:
        GitHub({**tracker.environ, "GH_TOKEN": "ghs_other"}).label()
    assert "ghs_other" not in str(raised.value)


def test_nobody_there_is_said_in_a_sentence(tracker: Tracker) -> None:
    environ = tracker.environ
    tracker.server_close()
    with pytest.raises(GitHubError, match="GitHub could not be asked GET /repos/owner/repo/issues: Cannot connect"):
        GitHub(environ).issues()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"GH_TOKEN": " "}, "GH_TOKEN is not set"),
        ({"GH_REPO": "repo"}, "GH_REPO is 'repo', and a repository is named as owner/name"),
        ({"GH_REPO": "owner/repo/../../user"}, "named as owner/name"),
        ({"GITHUB_API_URL": "http://github.example.org"}, "a token is sent over https only"),
    ],
)
def test_what_is_missing_or_of_no_use_is_said_before_anything_is_sent(
    tracker: Tracker, change: dict[str, str], words: str
) -> None:
    with pytest.raises(GitHubError, match=words):
        GitHub(tracker.environ | change)
    assert tracker.asked == []


def test_the_names_that_github_gives_its_workflows_do_as_well(tracker: Tracker) -> None:
    url = tracker.environ["GITHUB_API_URL"]
    github = GitHub({"GITHUB_TOKEN": f"{TOKEN}\n", "GITHUB_REPOSITORY": "owner/repo", "GITHUB_API_URL": url})
    assert github.issues() == []

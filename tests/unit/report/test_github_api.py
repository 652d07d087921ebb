"""What is asked of GitHub, against a server on this machine; the token is never said."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from loopback import no_proxy_of_this_machine  # noqa: F401  # for all tests here

from wireproof.report.github_api import GitHub, GitHubError, Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "ghs_0123456789abcdef"


class Tracker(ThreadingHTTPServer):
    """Keeps the issues of one repository as GitHub does, as far as we ask for it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issues: list[dict[str, Any]] = []
        self.labels: list[str] = []
        self.comments: list[tuple[str, str]] = []
        self.asked: list[str] = []
        self.answer: tuple[int, bytes] | None = None  # in place of any other

    @property
    def environ(self) -> dict[str, str]:
        """Return what a workflow would have in its environment."""
        url = f"http://127.0.0.1:{self.server_address[1]}"
        return {"GH_TOKEN": TOKEN, "GH_REPO": "owner/repo", "GITHUB_API_URL": url}

    def handle_one(self, verb: str, target: str, said: Any) -> tuple[int, Any]:
        """Return status and answer to a request that has a token."""
        address = urlsplit(target)
        match address.path.removeprefix("/repos/owner/repo/").split("/"), verb:
            case ["issues"], "GET":
                asked = {name: values[0] for name, values in parse_qs(address.query).items()}
                found = [
                    one for one in self.issues if one["state"] == asked["state"] and asked["labels"] in one["labels"]
                ]
                number, size = int(asked["page"]), int(asked["per_page"])
                return 200, found[(number - 1) * size : number * size]
            case ["labels"], "POST" if said["name"] in self.labels:
                return 422, {"message": "Validation Failed", "errors": [{"code": "already_exists"}]}
            case ["labels"], "POST":
                self.labels.append(said["name"])
                return 201, said
            case ["issues"], "POST":
                self.issues.append({"number": len(self.issues) + 1, "state": "open", **said})
                return 201, self.issues[-1]
            case ["issues", number], "PATCH":
                self.issues[int(number) - 1].update(said)
                return 200, self.issues[int(number) - 1]
            case ["issues", number, "comments"], "POST":
                self.comments.append((number, said["body"]))
                return 201, said
        return 404, {"message": "Not Found"}


class _Handler(BaseHTTPRequestHandler):
    server: Tracker

    def _answer(self) -> None:
        said = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.command} {self.path}")
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status, raw = 401, b'{"message": "Bad credentials"}'
        elif self.server.answer is not None:
            status, raw = self.server.answer
        else:
            status, answer = self.server.handle_one(self.command, self.path, json.loads(said or "null"))
            raw = json.dumps(answer).encode()
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815  # the names that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """Return a tracker that answers on loopback."""
    with Tracker() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


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

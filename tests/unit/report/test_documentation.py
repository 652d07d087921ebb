"""One pull request with what documentation changed, kept on a stand-in of GitHub on this machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from github_tracker import TOKEN, Tracker
from loopback import (
    no_proxy_of_this_machine,  # noqa: F401  # for all tests here
    serving,
)

from wireproof.cli import main
from wireproof.errors import UsageError
from wireproof.report.documentation import BRANCH, changed_files, headline, read_reports, text_of


class Repository(Tracker):
    """Keeps branches, commits, trees and pull requests of one repository, as far as we ask for them."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__()
        self.trees: dict[str, dict[str, str]] = {}
        self.commits = {"c0": self.keep(files)}
        self.branches = {"main": "c0"}
        self.pulls: list[dict[str, Any]] = []

    def keep(self, files: dict[str, str]) -> str:
        """Keep a tree; the same files are the same tree."""
        name = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:12]
        self.trees[name] = files
        return name

    def files_of(self, branch: str) -> dict[str, str]:
        """Return the files of a branch."""
        return self.trees[self.commits[self.branches[branch]]]

    def handle_one(self, verb: str, target: str, said: Any) -> tuple[int, Any]:
        """Return status and answer."""
        path = target.partition("?")[0].removeprefix("/repos/owner/repo").strip("/")
        branch = path.partition("heads/")[2]
        match verb, path:
            case "GET", "":
                return 200, {"default_branch": "main"}
            case "GET", _ if path.startswith("git/ref/heads/"):
                sha = self.branches.get(branch)
                return (200, {"object": {"sha": sha}}) if sha else (404, {"message": "Not Found"})
            case "GET", _ if path.startswith("git/commits/"):
                return 200, {"tree": {"sha": self.commits[path.rpartition("/")[2]]}}
            case "POST", "git/trees":
                new = {one["path"]: one["content"] for one in said["tree"]}
                return 201, {"sha": self.keep({**self.trees[said["base_tree"]], **new})}
            case "POST", "git/commits":
                sha = f"c{len(self.commits)}"
                self.commits[sha] = said["tree"]
                return 201, {"sha": sha}
            case "POST", "git/refs":
                self.branches[said["ref"].removeprefix("refs/heads/")] = said["sha"]
                return 201, {}
            case "PATCH", _ if path.startswith("git/refs/heads/") and said["force"]:
                self.branches[branch] = said["sha"]
                return 200, {}
            case "GET", "pulls":
                return 200, [one for one in self.pulls if one["state"] == "open"]
            case "POST", "pulls":
                self.pulls.append({"number": len(self.pulls) + 1, "state": "open", **said})
                return 201, self.pulls[-1]
            case "PATCH", _ if path.startswith("pulls/"):
                self.pulls[int(path.rpartition("/")[2]) - 1].update(said)
                return 200, {}
        return 404, {"message": "Not Found"}


CHANGE = {"contract": "usdm/rest/x", "what": "parameter gone", "where": "page", "severity": "breaking"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a checkout with one contract and a folder for reports."""
    (tmp_path / "contracts/usdm/rest").mkdir(parents=True)
    (tmp_path / "contracts/usdm/rest/x.json").write_text("new")
    (tmp_path / "contracts/usdm/changes.json").write_text("listed")
    (tmp_path / "found").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(tmp_path / "contracts"))
    return tmp_path


def found(place, name="sdk-usdm", **said):
    (place / f"found/{name}.json").write_text(json.dumps(said))


@pytest.fixture
def repository(monkeypatch):
    """Serve a repository whose default branch has the contract as it was."""
    with serving(Repository({"contracts/usdm/rest/x.json": "old", "README.md": "kept"})) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        yield server


def run():
    return main(["report", "documentation-pull-request", "--reports", "found"])


def test_changes_become_one_pull_request_that_later_runs_rewrite(place, repository, capsys):
    found(place, package="sdk", version="2", changes=[CHANGE], written=["usdm/rest/x"], by_hand=["look @here"])
    assert run() == 0
    assert "Pull request 1 was opened." in capsys.readouterr().out
    assert repository.files_of(BRANCH) == {
        "contracts/usdm/rest/x.json": "new",
        "contracts/usdm/changes.json": "listed",
        "README.md": "kept",
    }
    [pull] = repository.pulls
    assert (pull["head"], pull["base"]) == (BRANCH, "main")
    assert pull["title"] == "Documentation changed: 1 change of the documentation: 1 breaking"
    assert "| breaking | `usdm/rest/x` | `parameter gone page` | `sdk 2` |" in pull["body"]
    assert "@here" not in pull["body"]  # nobody is mentioned
    commit = repository.branches[BRANCH]
    assert run() == 0
    assert repository.branches[BRANCH] == commit, "the same files are no new commit"
    (place / "contracts/usdm/rest/x.json").write_text("newer")
    assert run() == 0
    assert "Pull request 1 was rewritten." in capsys.readouterr().out
    assert len(repository.pulls) == 1
    assert repository.files_of(BRANCH)["contracts/usdm/rest/x.json"] == "newer"
    assert repository.files_of("main")["contracts/usdm/rest/x.json"] == "old"


def test_nothing_changed_is_no_pull_request(place, repository, capsys):
    found(place)
    assert run() == 0
    assert "there is no pull request" in capsys.readouterr().out
    assert (repository.pulls, list(repository.branches)) == ([], ["main"])


def test_what_the_default_branch_says_already_is_no_pull_request(place, repository, capsys):
    repository.commits["c0"] = repository.keep(
        {"contracts/usdm/rest/x.json": "new", "contracts/usdm/changes.json": "listed"}
    )
    found(place, changes=[CHANGE], written=["usdm/rest/x"])
    assert run() == 0
    assert "says all of it already" in capsys.readouterr().out
    assert repository.pulls == []


def test_a_fetch_that_failed_is_said_and_is_no_empty_pull_request(place, repository, capsys):
    found(place, "pages-usdm", failures=["https://x: answered HTTP 503."])
    (place / "found/sdk-coinm.json").write_text("")
    assert run() == 0
    said = capsys.readouterr().out
    assert "Not everything could be read" in said
    assert "answered HTTP 503" in said
    assert "left no report" in said
    assert repository.pulls == []


def test_what_github_refuses_is_one_sentence_without_the_token(place, repository, capsys):
    found(place, written=["usdm/rest/x"])
    repository.answer = (403, f'{{"message": "not for {TOKEN}"}}'.encode())
    assert run() == 4
    said = capsys.readouterr().err
    assert "403" in said
    assert TOKEN not in said


def test_only_files_of_contracts_are_sent(place):
    (place / "secret.json").write_text("x")
    found(place, written=["../secret", "/etc/hosts", "usdm/rest/none", "usdm/rest/x"])
    files = changed_files(read_reports(place / "found"), place / "contracts")
    assert sorted(files) == ["usdm/changes.json", "usdm/rest/x.json"]


def test_a_text_has_an_end(place):
    found(place, changes=[{**CHANGE, "where": "w" * 150, "contract": f"usdm/rest/{n}"} for n in range(2000)],
          by_hand=["left " + "x" * 900] * 500)  # fmt: skip
    reports = read_reports(place / "found")
    assert headline(reports) == "2,000 changes of the documentation: 2000 breaking."
    assert len(text_of(reports)) < 65_536
    assert "more" in text_of(reports)


def test_a_folder_without_reports_is_refused(place):
    with pytest.raises(UsageError, match="has no JSON"):
        read_reports(place / "found")

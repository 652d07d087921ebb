"""The few things we ask of GitHub: to list, open, rewrite, comment and close issues, and to keep one pull request.

https://docs.github.com/en/rest/issues, /git, /pulls. A handful of requests through aiohttp, which is here already:
githubkit would bring httpx and pydantic for them, and the command line `gh` is missing on most runners that are not
GitHub's.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from wireproof.errors import WireproofError
from wireproof.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "https://api.github.com"
LABEL = "wireproof"
SECONDS = 60.0
_PER_PAGE, _MOST_PAGES = 100, 10
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class GitHubError(WireproofError):
    """GitHub cannot be asked, did not answer, or refused."""


class Issue(Struct, frozen=True):
    """An open issue of wireproof."""

    number: int
    title: str
    body: str


class GitHub:
    """The issues of one repository.

    Everything is read from the environment: GH_TOKEN or GITHUB_TOKEN, GH_REPO or GITHUB_REPOSITORY (`owner/name`), and
    GITHUB_API_URL where GitHub is a company's own. Raises GitHubError when one is missing or of no use.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._token = (environ.get("GH_TOKEN") or environ.get("GITHUB_TOKEN", "")).strip()
        self._repository = environ.get("GH_REPO") or environ.get("GITHUB_REPOSITORY", "")
        self._api = (environ.get("GITHUB_API_URL") or API).rstrip("/")
        if not self._token:
            raise GitHubError(
                "GH_TOKEN is not set: GitHub lets nobody touch issues without a token. Pass the workflow's."
            )
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", self._repository):
            raise GitHubError(f"GH_REPO is {self._repository!r}, and a repository is named as owner/name.")
        address = urlsplit(self._api)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise GitHubError(f"GITHUB_API_URL is {self._api!r}: a token is sent over https only.")

    def issues(self) -> list[Issue]:
        """Return the open issues with our label, pull requests left out."""
        found: list[Issue] = []
        for page in range(1, _MOST_PAGES + 1):
            asked = {"labels": LABEL, "state": "open", "per_page": str(_PER_PAGE), "page": str(page)}
            answer = self._ask("GET", "issues", asked=asked)
            try:
                found += [
                    Issue(one["number"], one["title"], one["body"] or "") for one in answer if "pull_request" not in one
                ]
            except (KeyError, TypeError) as problem:
                raise GitHubError(f"GitHub listed no issues but {one_line(str(answer), 80)!r}.") from problem
            if len(answer) < _PER_PAGE:
                break
        return found

    def label(self) -> None:
        """Make our label where it is missing."""
        said = {"name": LABEL, "description": "Found by the nightly contract tests"}
        self._ask("POST", "labels", said=said, fine=422)  # there already

    def open(self, title: str, body: str) -> None:
        """Open an issue with our label."""
        self._ask("POST", "issues", said={"title": title, "body": body, "labels": [LABEL]})

    def rewrite(self, number: int, body: str) -> None:
        """Replace the text of an issue."""
        self._ask("PATCH", f"issues/{number}", said={"body": body})

    def comment(self, number: int, text: str) -> None:
        """Write below an issue."""
        self._ask("POST", f"issues/{number}/comments", said={"body": text})

    def close(self, number: int) -> None:
        """Close an issue as completed."""
        self._ask("PATCH", f"issues/{number}", said={"state": "closed", "state_reason": "completed"})

    def default_branch(self) -> str:
        """Return the name of the default branch."""
        return str(self._field(self._ask("GET", ""), "default_branch"))

    def head(self, branch: str) -> str:
        """Return the commit that a branch points to; empty when there is no such branch."""
        found = self._ask("GET", f"git/ref/heads/{branch}", fine=404)
        return str(self._field(found, "object", "sha")) if isinstance(found, dict) and "object" in found else ""

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit."""
        return str(self._field(self._ask("GET", f"git/commits/{commit}"), "tree", "sha"))

    def tree(self, base: str, files: Mapping[str, bytes]) -> str:
        """Make a tree of another with some files changed, and return it: the same one when they are the same."""
        entries = [
            {"path": path, "mode": "100644", "type": "blob", "content": data.decode()} for path, data in files.items()
        ]
        made = self._ask("POST", "git/trees", said={"base_tree": base, "tree": entries})
        return str(self._field(made, "sha"))

    def commit(self, message: str, tree: str, parent: str) -> str:
        """Make a commit of a tree, and return it."""
        said = {"message": message, "tree": tree, "parents": [parent]}
        return str(self._field(self._ask("POST", "git/commits", said=said), "sha"))

    def point(self, branch: str, commit: str, *, exists: bool) -> None:
        """Make a branch point to a commit, wherever it pointed to."""
        if exists:
            self._ask("PATCH", f"git/refs/heads/{branch}", said={"sha": commit, "force": True})
        else:
            self._ask("POST", "git/refs", said={"ref": f"refs/heads/{branch}", "sha": commit})

    def pull_request(self, branch: str, base: str) -> int:
        """Return the number of the open pull request of a branch; 0 for none."""
        asked = {"head": f"{self._repository.partition('/')[0]}:{branch}", "base": base, "state": "open"}
        found = self._ask("GET", "pulls", asked=asked)
        return int(self._field(found[0], "number")) if isinstance(found, list) and found else 0

    def open_pull_request(self, branch: str, base: str, title: str, text: str) -> int:
        """Open a pull request of a branch; return its number."""
        said = {"head": branch, "base": base, "title": title, "body": text}
        return int(self._field(self._ask("POST", "pulls", said=said), "number"))

    def rewrite_pull_request(self, number: int, title: str, text: str) -> None:
        """Replace title and text of a pull request."""
        self._ask("PATCH", f"pulls/{number}", said={"title": title, "body": text})

    def _field(self, answer: Any, *names: str) -> Any:
        """Return what stands at a path of an answer; GitHubError where it does not."""
        value = answer
        for name in names:
            if not isinstance(value, dict) or name not in value:
                shown = self._plain(repr(answer)[:120])
                raise GitHubError(f"GitHub answered without {'.'.join(names)}: {shown}.")
            value = value[name]
        return value

    def _ask(
        self, verb: str, place: str, *, asked: dict[str, str] | None = None, said: Any = None, fine: int = 0
    ) -> Any:
        """Send one request; return what it answered as JSON. An answer with status `fine` is none to complain about."""
        what = f"{verb} /repos/{self._repository}/{place}"
        try:
            status, raw = asyncio.run(self._send(verb, place, asked, said))
        except TimeoutError:
            raise GitHubError(f"GitHub did not answer {what} within {SECONDS:.0f} s.") from None
        except (OSError, ValueError) as problem:  # aiohttp's errors of connections are OSErrors
            raise GitHubError(f"GitHub could not be asked {what}: {self._plain(str(problem))}.") from None
        if not 200 <= status < 300 and status != fine:
            raise GitHubError(f"GitHub answered {what} with {status}: {self._plain(_message(raw))}")
        try:
            return msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise GitHubError(f"GitHub answered {what} with what is no JSON: {self._plain(repr(raw[:80]))}.") from None

    async def _send(self, verb: str, place: str, asked: dict[str, str] | None, said: Any) -> tuple[int, bytes]:
        import aiohttp  # noqa: PLC0415  # slow to import, and asked of rarely

        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._token}",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "wireproof",
        }
        url = f"{self._api}/repos/{self._repository}/{place}".rstrip("/")
        body = None if said is None else msgspec.json.encode(said)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(SECONDS), trust_env=True) as session,
                # A redirect would carry the token somewhere else.
                session.request(verb, url, params=asked, data=body, headers=headers, allow_redirects=False) as reply,
            ):
                return reply.status, await reply.read()
        except aiohttp.ClientError as problem:
            raise OSError(str(problem) or type(problem).__name__) from None

    def _plain(self, text: str) -> str:
        return one_line(text.replace(self._token, "<redacted token>"), 300)


def _message(raw: bytes) -> str:
    """Return what an error's answer says."""
    try:
        return str(msgspec.json.decode(raw)["message"])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        return raw[:300].decode("utf-8", "replace") or "nothing"

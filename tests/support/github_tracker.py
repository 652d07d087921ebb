"""A stand-in of GitHub on this machine: it keeps the issues of one repository, for those who send a token."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

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

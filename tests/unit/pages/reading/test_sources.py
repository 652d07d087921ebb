"""Files, folders and addresses of pages."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from wireproof.pages.reading import sources
from wireproof.pages.reading.page import PageError


class Site(BaseHTTPRequestHandler):
    """Serves one page, one redirection, one big page and nothing else."""

    seen: list[str]

    def do_GET(self):
        """Answer, and remember what was asked for."""
        self.seen.append(self.path)
        status = {"/page": 200, "/moved": 302, "/big": 200}.get(self.path, 404)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/page")
        self.end_headers()
        if status == 200:
            self.wfile.write(b"x" * (3000 if self.path == "/big" else 10))

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture
def site(monkeypatch):
    """Serve the site on a free loopback port; no proxy in between."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    Site.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def refusal(page):
    with pytest.raises(PageError) as error:
        sources.load(page)
    return error.value.problem


def test_a_folder_gives_its_pages_in_order_without_its_readme(tmp_path):
    for name in ("b.html", "a.md", "README.md", "c.txt", "sub/d.HTML"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert sources.expand([str(tmp_path)]) == [str(tmp_path / n) for n in ("a.md", "b.html", "sub/d.HTML")]


def test_a_page_given_twice_is_read_once(tmp_path):
    assert sources.expand(["a.html", "a.html"]) == ["a.html"]


def test_a_missing_file_says_what_was_expected(tmp_path):
    assert refusal(str(tmp_path / "a.html")).startswith("does not exist; expected a saved documentation page")


def test_a_folder_without_pages_says_so(tmp_path):
    assert sources.expand([str(tmp_path)]) == [str(tmp_path)]
    assert (
        refusal(str(tmp_path))
        == "is a folder without pages; expected files ending in .html, .htm, .xhtml, .md, .markdown, .mhtml, .mht."
    )


def test_a_huge_file_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 1048576)
    (tmp_path / "a.html").write_bytes(b"x" * 2 * 1048576)
    assert refusal(str(tmp_path / "a.html")) == "is 2 MB; a page has at most 1 MB."


def test_only_web_addresses_are_fetched():
    assert refusal("file:///etc/passwd") == "is no address that can be fetched (file); expected http or https."


def test_an_address_gives_its_page(site):
    assert sources.load(f"{site}/page") == b"x" * 10
    assert Site.seen == ["/page"]


def test_a_redirection_is_told_and_not_followed(site):
    said = refusal(f"{site}/moved")
    assert said == f"leads on to {site}/page (HTTP 302); give that address if it is the page you mean."
    assert Site.seen == ["/moved"]


def test_an_http_error_is_told(site):
    assert refusal(f"{site}/nothing") == "answered HTTP 404 instead of the page; look at it with a browser."


def test_a_huge_answer_is_refused(site, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 2000)
    assert refusal(f"{site}/big").startswith("has more than")


def test_an_address_that_nobody_answers_is_told(site):
    host = site.rpartition(":")[0]
    assert refusal(f"{host}:1/page").startswith("cannot be fetched: ")
    assert refusal("http://[bad/page").startswith(("is no address that can be fetched", "cannot be fetched"))

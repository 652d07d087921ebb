"""A night from a site: what is asked, what is followed, what is too much."""

from __future__ import annotations

import contextlib
import gzip
import http.server

import pytest
from loopback import serving
from made_results import Results

from wireproof.errors import BlockedError, UsageError
from wireproof.manifest import night_download
from wireproof.manifest.night_download import night_of_site, refuse_address
from wireproof.report.files import result_json

made = Results()
NIGHT = result_json(made.run(made.case()))


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "ftp://127.0.0.1/x", "file:///etc/passwd", "https://u:p@example.org", "http://10.0.0.1/"],
)
def test_only_https_or_this_machine_is_asked(url):
    with pytest.raises(UsageError):
        refuse_address(url)


ANSWERS = {
    "/site/testnet/result.json": (200, {}, NIGHT),
    "/packed.json": (200, {"Content-Encoding": "gzip"}, gzip.compress(NIGHT)),
    "/broken.json": (200, {"Content-Encoding": "gzip"}, b"no gzip"),
    "/bomb.json": (200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * 300_000)),
    "/elsewhere.json": (302, {"Location": "http://example.org/result.json"}, b""),
    "/here.json": (302, {"Location": "/packed.json"}, b""),
}


class Site(http.server.BaseHTTPRequestHandler):
    """Answers with what stands in ANSWERS."""

    def do_GET(self):
        """Answer what was asked for."""
        status, headers, content = ANSWERS.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def site():
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def test_a_site_has_a_night_for_each_target(site):
    assert night_of_site(f"{site}/site/", "testnet").run == "20261122T040000Z-abcd"
    assert night_of_site(f"{site}/here.json", "").target == "testnet"


@pytest.mark.parametrize(
    ("path", "target", "error", "said"),
    [
        ("site", "live", BlockedError, "answers 404: there is no night to judge"),
        ("packed.json", "live", UsageError, "is a night of testnet, not of live"),
        ("broken.json", "", BlockedError, "cannot be unpacked"),
        ("bomb.json", "", BlockedError, "has more than 0 MiB"),
        ("elsewhere.json", "", UsageError, "takes an https address"),
    ],
)
def test_what_a_site_cannot_give_is_a_sentence(site, monkeypatch, path, target, error, said):
    monkeypatch.setattr(night_download, "MOST_DOWNLOADED", 200_000)
    with pytest.raises(error, match=said):
        night_of_site(f"{site}/{path}", target)


def test_a_site_that_is_not_there_blocks():
    with pytest.raises(BlockedError, match="cannot be downloaded"):
        night_of_site("http://127.0.0.1:9/x.json", "")

"""Packages are downloaded through pip as it is configured; whatever goes wrong is one sentence."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tiny_sdks

from wireproof.errors import UsageError
from wireproof.pages.sdk.package_files import read_package
from wireproof.pages.sdk.pip_download import PackageDownloadError, downloaded


class Quiet(SimpleHTTPRequestHandler):
    """A file server that logs nothing."""

    def log_message(self, *_):
        """Stay quiet."""


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Serve an index with two versions of a package on loopback, and configure pip for it and nothing else."""
    place = tmp_path / "simple" / "binance-sdk-tiny"
    place.mkdir(parents=True)
    files = [tiny_sdks.wheel(place, tiny_sdks.sources(), version) for version in ("1.0.0", "1.1.0")]
    (place / "index.html").write_text("".join(f'<a href="{file.name}">{file.name}</a>' for file in files))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    configure(monkeypatch, server.server_port)
    yield server
    server.shutdown()
    server.server_close()


def configure(monkeypatch, port):
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple/")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")


def test_a_version_is_downloaded_and_deleted(index):
    with downloaded("binance-sdk-tiny==1.0.0") as file:
        assert read_package(file).version == "1.0.0"
    assert not file.exists()


def test_what_the_index_does_not_have_is_said(index):
    said = r"has no wheel of binance-sdk-tiny==9\. Newest versions there: 1\.0\.0, 1\.1\.0\."
    with pytest.raises(UsageError, match=said), downloaded("binance-sdk-tiny==9"):
        pass


def test_an_index_that_cannot_be_reached_is_said(monkeypatch):
    configure(monkeypatch, 1)
    with pytest.raises(PackageDownloadError, match="cannot reach") as raised, downloaded("binance-sdk-tiny"):
        pass
    assert raised.value.exit_status == 3


ELSEWHERE = "http://x"
FROM_ELSEWHERE = [f"{before}{ELSEWHERE}" for before in ("--index-url=", "a @ ")]


@pytest.mark.parametrize("name", ["", *FROM_ELSEWHERE, "a b", "a>=1", "-r x.txt", "a==1;x", "a\nb"])
def test_only_a_name_and_a_version_reach_pip(name):
    with pytest.raises(UsageError, match="no name of a package"), downloaded(name):
        pass

"""Peers and keys for the tests of the wire layer."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from loopback import no_proxy_of_this_machine  # noqa: F401  # a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator

# The suite runs with importlib import mode: folders of tests are not on the path by themselves.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def silent_name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Name service does not answer while the test runs."""
    release = threading.Event()

    def look_up(*_: Any, **__: Any) -> list[Any]:
        release.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield
    release.set()
    for thread in threading.enumerate():
        if thread.name == "wireproof-names":
            thread.join()

"""Name service with a deadline."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from wireproof.wire.dns import Resolver, resolve_name


async def test_a_name_is_resolved() -> None:
    """Loopback has an address."""
    found = await resolve_name("127.0.0.1", 80, 5)

    assert [address for _, _, address in found] == ["127.0.0.1"]


async def test_an_unknown_name_is_an_error() -> None:
    """RFC 2606 keeps .invalid free; no network is needed to know that a malformed name has no address."""
    with pytest.raises(OSError, match="valid host name"):
        await resolve_name("a" * 300, 80, 5)


@pytest.mark.usefixtures("silent_name_server")
async def test_a_silent_name_server_is_bounded() -> None:
    """The look-up is given up, and nobody waits for its thread."""
    with pytest.raises(TimeoutError):
        await resolve_name("slow.example", 80, 0.02)

    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "wireproof-names")


async def test_aiohttp_gets_addresses_in_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Host as asked for, numeric address, port."""
    row: Any = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [row])
    resolver = Resolver(5)
    (found,) = await resolver.resolve("h.example", 443)
    await resolver.close()

    assert (found["hostname"], found["host"], found["port"], found["proto"]) == ("h.example", "10.0.0.1", 443, 6)

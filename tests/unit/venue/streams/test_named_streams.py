"""What a root of streams carries, and which root an address is below."""

from __future__ import annotations

import pytest

from wireproof.venue.streams.named_streams import AT_ONCE, NamedStream, StreamRoot, root_path


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/ws", ""),
        ("/stream", ""),
        ("/dstream", "/dstream"),
        ("/public/ws/btcusdt@depth", "/public"),
        ("/pm/ws/K", "/pm"),
        ("/private/stream", "/private"),
    ],
)
def test_the_root_of_an_address(path, root):
    assert root_path(path) == root


@pytest.mark.parametrize("public", [True, False])
def test_a_root_carries_streams_of_its_kind(public):
    stream = NamedStream(AT_ONCE, public=public, produce=lambda _now: [])
    assert StreamRoot("/public", public=True).carries(stream) is public
    assert StreamRoot("/market", market=True).carries(stream) is not public

"""The private stream that event cases share is opened anew when it ended."""

import asyncio

import pytest

from wireproof.suite.events.event_feed import EventFeed
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.state.own_answers import Answer, itself
from wireproof.wire.websocket.user_stream import StreamEvent

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_feed_is_opened_anew_when_it_ended():
    """After a drop, and after its listen key ended; at last it gives the key back."""
    opened, asked = [], []

    class Stream:
        def __init__(self, key):
            self.key, self.closed, self.received = key, "", []

        async def __aenter__(self):
            opened.append(self)
            return self

        async def __aexit__(self, *_):
            self.closed = "closed"

    class Account:
        foreign_listen_key, has_changed = False, False
        listen_key, unknown = asyncio.Lock(), {}
        listen_key_requests = DRIVERS["usdm"].listen_key

        async def ask_keyed(self, method, read=itself):
            asked.append(method)
            return read(Answer(method, {"listenKey": f"key{len(opened)}"}))

    account = Account()
    feed = EventFeed(account, Stream, lambda _key: None)
    first, _ = await feed.open()
    assert (await feed.open())[0] is first
    first.closed = "it dropped"
    second, key = await feed.open()
    second.received.append(StreamEvent(b"", {"e": "listenKeyExpired", "listenKey": key}, 0.0))
    third, _ = await feed.open()
    assert [first, second, third] == opened
    assert account.listen_key.locked()
    await feed.close()
    assert not account.listen_key.locked()
    assert asked == ["userDataStream.start", "userDataStream.ping"] * 3 + ["userDataStream.stop"]

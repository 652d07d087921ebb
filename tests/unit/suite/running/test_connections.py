"""Sessions that cases share are opened once, and anew when they are over."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import SimpleNamespace

import pytest

from wireproof.recognition import recognise
from wireproof.suite.running.connections import Connections
from wireproof.suite.state.account import RefusedError
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.failures import NoAnswerError, TargetBlockedError
from wireproof.wire.secrets.redact import Redactor

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Opening:
    """A session that opens, or raises what it is given; `has_failed` when it is over."""

    def __init__(self, error=None):
        self.error, self.has_failed = error, False

    async def __aenter__(self):
        if self.error is not None:
            raise self.error
        return self

    async def __aexit__(self, *_):
        return None


def sharing(monkeypatch, stack, *sessions):
    """Return connections that open these sessions in turn."""
    left = list(sessions)
    connections = Connections(None, None, None, None, stack)
    monkeypatch.setattr(connections, "new_session", lambda _account: left.pop(0))
    return connections


def refusal(status, code):
    return RefusedError("session.logon", recognise(status, b'{"code":%d,"msg":"No."}' % code))


@pytest.mark.parametrize(
    "first",
    [
        Opening(TargetBlockedError("h", "h dropped the connection.")),
        Opening(NoAnswerError("session.logon", "1", 10.0)),
        Opening(refusal(503, -1008)),
    ],
    ids=["dropped", "silent", "trouble"],
)
async def test_a_shared_session_that_could_not_be_opened_is_opened_anew(monkeypatch, first):
    async with AsyncExitStack() as stack:
        second = Opening()
        connections = sharing(monkeypatch, stack, first, second)
        account = SimpleNamespace(name="ed25519")
        with pytest.raises(type(first.error)):
            await connections.logged_on(account)
        assert await connections.logged_on(account) is second
        assert await connections.logged_on(account) is second


async def test_a_shared_session_that_is_over_is_opened_anew(monkeypatch):
    async with AsyncExitStack() as stack:
        first, second = Opening(), Opening()
        connections = sharing(monkeypatch, stack, first, second)
        account = SimpleNamespace(name="ed25519")
        assert await connections.logged_on(account) is first
        first.has_failed = True
        assert await connections.logged_on(account) is second


async def test_a_log_on_that_is_refused_is_not_asked_for_again(monkeypatch):
    """The key is of the wrong kind, for every case alike."""
    async with AsyncExitStack() as stack:
        connections = sharing(monkeypatch, stack, Opening(refusal(400, -4056)), Opening())
        account = SimpleNamespace(name="hmac")
        for _ in range(2):
            with pytest.raises(RefusedError):
                await connections.logged_on(account)


@pytest.mark.parametrize(
    ("endpoints", "named", "in_path"),
    [
        (Endpoints(stream="ws://h/x", user_stream="ws://h/x/private"), False, False),
        (Endpoints(stream="ws://h/x", user_stream="ws://h/x"), False, True),
        (Endpoints(user_stream="ws://h/pm"), True, True),
    ],
    ids=["usdm", "coinm", "portfolio-margin"],
)
async def test_the_listen_key_is_in_the_path_where_user_streams_have_no_root_for_it(endpoints, named, in_path):
    target = SimpleNamespace(redactor=Redactor())
    connections = Connections(endpoints, target, None, None, None, key_in_path=named)
    assert ("/ws/key" in connections.new_user_stream("key")._url) is in_path

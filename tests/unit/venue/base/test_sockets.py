"""What servers do with connections: refusals over HTTP, breaks and closes."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

import orjson

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.sockets import abort, close_sockets, http_refusal


def test_a_refusal_keeps_status_and_code():
    answer = http_refusal(Refusal(-1121, "Invalid symbol."), {"X-Of-A-Test": "1"})
    assert (answer.status, answer.content_type) == (400, "application/json")
    assert orjson.loads(answer.body) == {"code": -1121, "msg": "Invalid symbol."}
    assert answer.headers["X-Of-A-Test"] == "1"
    assert "Retry-After" not in answer.headers


def test_a_time_to_wait_is_rounded_up_to_whole_seconds():
    waits = {0: "1", 1: "1", 1_000: "1", 1_001: "2"}
    refusals = {
        late: Refusal(-1003, "Later.", status=429, data={"serverTime": 5, "retryAfter": 5 + late}) for late in waits
    }
    assert {late: http_refusal(one).headers["Retry-After"] for late, one in refusals.items()} == waits


def test_a_connection_that_is_gone_cannot_be_broken():
    broken = []
    abort(SimpleNamespace(transport=None))
    abort(SimpleNamespace(transport=SimpleNamespace(abort=lambda: broken.append(True))))
    assert broken == [True]


async def test_closing_goes_on_when_one_socket_fails():
    closed = []

    async def close(**how):
        closed.append(how["code"])
        raise ConnectionError

    await close_sockets(set())
    await close_sockets({Mock(close=close), Mock(close=close)})
    assert closed == [1001, 1001]

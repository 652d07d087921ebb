"""Proxies before the venue that alter what it says, all made of the package's relay."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import replace

from wireproof.torture.relay import Hooks, Relay, WsFrame


class _Rest(Hooks):
    def __init__(self, answer):
        self.http = answer


class _Frames(Hooks):
    def __init__(self, answer):
        self._answer = answer
        self._requests = defaultdict(dict)

    async def to_target(self, line, frame):
        request = json.loads(frame.raw)
        self._requests[line.number][request.get("id")] = request
        return (frame,)

    async def to_client(self, line, frame):
        request = self._requests[line.number].get(json.loads(frame.raw).get("id"), {})
        return self._answer(request, frame.data, line.number)


@asynccontextmanager
async def rest_relay(upstream, answer):
    """Serve a base URL; `answer(request, forward)` returns what goes back (see `Hooks.http`)."""
    async with Relay(upstream, _Rest(answer)) as relay:
        yield relay.url


@asynccontextmanager
async def altered_rest(upstream, alter):
    """Serve a base URL; `alter(verb, path, status, body)` returns the body that goes back, or status and body."""

    async def answer(request, forward):
        got = await forward(request)
        body = alter(request.verb, request.path, got.status, got.content)
        status, body = body if isinstance(body, tuple) else (got.status, body)
        return replace(got.with_content(body), status=status)

    async with rest_relay(upstream, answer) as url:
        yield url


@asynccontextmanager
async def frame_relay(upstream, answer):
    """Serve a WebSocket URL; `answer(request, text, connection)` returns what goes back in place of a frame.

    `request` is the one that it answers, empty where it answers none.
    """
    async with Relay(upstream, _Frames(answer)) as relay:
        yield relay.url


@asynccontextmanager
async def altered_answers(upstream, alter):
    """Serve a WebSocket API; `alter(request, answer, connection)` may change each answer that passes, in place."""

    def answer(request, text, connection):
        document = json.loads(text)
        alter(request, document, connection)
        return (WsFrame(json.dumps(document)),)

    async with frame_relay(upstream, answer) as url:
        yield url


class OldRoots(Relay):
    """Stands before a venue's streams, and asks the roots without a name for whatever a client asks the named ones."""

    async def _serve_websocket(self, request, shake):
        target = re.sub(r"^/(public|market)/", "/", shake.target)
        return await super()._serve_websocket(request, replace(shake, target=target))

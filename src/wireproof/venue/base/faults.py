"""Misbehaviour on request, so that clients can be tested against it: the faults in force, and what became of them.

`fault_kinds` says which kinds there are. A fault that names nothing that the venue has is refused; a drift whose path
no answer has is reported, as is a fault that never struck (`Faults.reports`).
"""

from __future__ import annotations

import sys
import time
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import TYPE_CHECKING, Any

from aiohttp import web

from wireproof.venue.base.drift_paths import alter, copied, steps
from wireproof.venue.base.fault_kinds import (
    ACTIONS,
    APART,
    CONNECTIONS,
    KINDS,
    PRIVATE,
    REFUSALS,
    check,
    meant_name,
)
from wireproof.venue.base.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

Json = dict[str, Any]
MOST_REPORTED = 100  # faults that are over and still reported on
FOREIGN_ID = "an-id-that-nobody-sent"
NOT_JSON = b"<html><body>This is not the JSON you asked for.</body></html>"

_BLOCKED = (
    '{"code":0,"msg":"Service unavailable from a restricted location according to \'b. Eligibility\' in'
    " https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in"
    ' error."}'
)
_FORBIDDEN = (
    "<!DOCTYPE HTML>\n<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>"
    "<H1>403 ERROR</H1><H2>The request could not be satisfied.</H2>Request blocked.</BODY></HTML>\n"
)
_MAINTENANCE = (
    "<html><head><title>503 Service Temporarily Unavailable</title></head><body><center><h1>System maintenance</h1>"
    "</center><hr><center>nginx</center></body></html>\n"
)


@dataclass(slots=True)
class Fault:
    """One fault; see `fault_kinds`. `unmatched` has the paths of a drift that no answer had so far."""

    kind: str
    method: str = "*"
    nth: int = 1
    times: int | None = 1
    status: int = 503
    code: int = -1000
    msg: str = "An unknown error occured while processing the request."
    retry_after_ms: int | None = None
    delay_ms: int = 0
    most: int = 1
    window_ms: int = 60_000
    ban_after: int = 10
    weight: int = 0
    path: str = "/"
    account: str = "*"
    connections: str = "all"
    remove: list[str] = field(default_factory=list)
    set: Json = field(default_factory=dict)
    id: int = 0
    seen: int = 0
    used: int = 0
    altered: int = 0
    unmatched: list[str] = field(default_factory=list)
    window: tuple[int, int] = (0, 0)  # of a limit: which one is open, and how many requests came in it
    held: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def due(self) -> bool:
        """Count a request that the fault matches; return whether it strikes."""
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.used >= self.times):
            return False
        self.used += 1
        return True

    @property
    def spent(self) -> bool:
        """Whether the fault has struck as often as it should."""
        return self.times is not None and self.used >= self.times

    def matches(self, surface: str, *names: str) -> bool:
        """Whether the fault is about a request over `surface` with one of these names."""
        return surface in KINDS[self.kind].surfaces and (self.method == "*" or self.method in names)

    def silences(self, stream: str) -> bool:
        """Whether the fault's pattern fits the name of a stream; only `private` fits the private ones."""
        return self.method == stream if PRIVATE in {stream, self.method} else fnmatchcase(stream, self.method)

    def limited(self, now_ms: int) -> tuple[int, int] | None:
        """Count a request against a limit; return the status that it is refused with, and for how long, if it is."""
        number = now_ms // self.window_ms
        count = self.window[1] + 1 if self.window[0] == number else 1
        self.window = number, count
        self.seen += 1
        if count <= self.most:
            return None
        self.used += 1
        return 418 if count > self.most + self.ban_after else 429, (number + 1) * self.window_ms - now_ms

    def refusal(self, now: int) -> Refusal:
        """Return the error that an `answer` or `answer-after` fault answers with."""
        data = None if self.retry_after_ms is None else {"serverTime": now, "retryAfter": now + self.retry_after_ms}
        return Refusal(self.code, self.msg, status=self.status, data=data)

    def drift(self, document: Any) -> Any:
        """Return an altered copy of an answer or event; paths that the first one lacks are logged."""
        document = copied(document)
        changes = [(path, None, True) for path in self.remove] + [
            (path, value, False) for path, value in self.set.items()
        ]
        missed = [path for path, value, remove in changes if not alter(document, path, value, remove=remove)]
        self.unmatched = [path for path in self.unmatched if path in missed] if self.altered else missed
        self.altered += 1
        if self.altered == 1 and missed:
            sys.stderr.write(f"The venue's fault: {self.report()}.\n")
        return document

    def view(self) -> Json:
        """Return the fault as the control route shows it."""
        shown = ("id", "kind", "method", "nth", "times", "path", "status", "code", "seen", "used", "unmatched")
        return {name: getattr(self, name) for name in shown}

    def report(self) -> str:
        """Return what a person should know of the fault: that it never struck, or changed nothing; else nothing."""
        name = f"{self.kind} of {self.path if self.kind in {'refuse', 'limit'} else self.method}"
        if not self.used:
            seen = (
                f"only {self.seen} came, it waits for number {self.nth}"
                if self.seen
                else "nothing that it is about came"
            )
            return f"{name} never struck: {seen}"
        if self.unmatched:
            paths = ", ".join(self.unmatched)
            return f"{name} changed nothing at {paths}: no answer that it struck has such a path"
        return ""


class Faults:
    """The faults in force.

    Args:
        refused_path: Where a `refuse` fault strikes that names no path.
        surface_of: Says what a name stands for: a surface of `fault_kinds`, or None when the venue has no such thing.
        names: Names of requests, streams and events, of which one was meant when `surface_of` knows none.
    """

    def __init__(
        self,
        refused_path: str = "/",
        surface_of: Callable[[str], str | None] | None = None,
        names: Collection[str] = (),
    ) -> None:
        self._refused_path, self._surface_of, self._names = refused_path, surface_of, names
        self._faults: list[Fault] = []
        self._over: deque[Fault] = deque(maxlen=MOST_REPORTED)
        self._ids = count(1)
        self.act: Callable[[Fault], None] = lambda _fault: None

    def add(self, kind: str, **settings: Any) -> Fault:
        """Add a fault, or carry out an action. Raise ValueError with a sentence when it makes no sense."""
        return self._enter(self.read({"kind": kind, **settings}))

    def add_documents(self, documents: list[Any]) -> list[Fault]:
        """Add the faults that JSON documents describe, all or none. Raise ValueError when one makes no sense."""
        return [self._enter(fault) for fault in [self.read(document) for document in documents]]

    def _enter(self, fault: Fault) -> Fault:
        if fault.kind in ACTIONS:
            self.act(fault)
        else:
            self._faults.append(fault)
        return fault

    def read(self, document: Any) -> Fault:
        """Return the fault that a JSON document describes. Raise ValueError with a sentence when it makes no sense."""
        if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
            raise ValueError(f'A fault is an object with a kind, such as {{"kind": "silent"}}, not {document!r}.')  # noqa: TRY004  # one kind of error
        check(document)
        fault = Fault(**{"path": self._refused_path, **document}, id=next(self._ids))
        if fault.kind == "mute":
            fault.times = None
        _check_values(fault)
        self._check_method(fault)
        return fault

    def _check_method(self, fault: Fault) -> None:
        """Raise ValueError when the fault is about something that the venue does not have, or cannot strike it."""
        kind, method = KINDS[fault.kind], fault.method
        if self._surface_of is None or method in {"*", PRIVATE} or "method" not in kind.known_fields:
            return
        if fault.kind == "mute" and any(one in method for one in "*?["):
            return
        surface = self._surface_of(method)
        if surface is None:
            raise ValueError(
                f"There is no request, stream or event {method!r}. {meant_name(method, self._names)}".rstrip()
            )
        if surface not in kind.surfaces:
            where = ", ".join(kind.surfaces)
            raise ValueError(f"A fault of kind {kind.name!r} cannot strike {method} ({surface}), only: {where}.")

    def remove(self, fault: Fault) -> None:
        """End a fault."""
        if fault in self._faults:
            self._faults.remove(fault)
            self._over.append(fault)

    def clear(self) -> None:
        """End all faults, and forget what they did."""
        self._faults.clear()
        self._over.clear()

    def view(self) -> list[Json]:
        """Return the faults in force."""
        return [fault.view() for fault in self._faults]

    def reports(self) -> list[str]:
        """Return a sentence for each fault, in force or over, that never struck, or changed nothing at a path."""
        return [said for fault in (*self._over, *self._faults) if (said := fault.report())]

    @property
    def any(self) -> bool:
        """Whether there is a fault in force."""
        return bool(self._faults)

    def take(self, surface: str, *names: str) -> Fault | None:
        """Return the fault that strikes a request over `surface` with one of these names."""
        return self._strike(lambda fault: fault.matches(surface, *names))

    def strike_event(self, name: str) -> Fault | None:
        """Return the fault that strikes an event of a market stream, or of user data; only one that names it does."""
        return self._strike(lambda fault: fault.method == name)

    def _strike(self, fits: Callable[[Fault], bool]) -> Fault | None:
        for fault in self._faults:
            if fault.kind not in APART and fits(fault) and fault.due():
                if fault.spent:
                    self.remove(fault)
                return fault
        return None

    def muted(self, stream: str) -> bool:
        """Whether a stream is dead; `private` is what the private ones are called."""
        found = [fault for fault in self._faults if fault.kind == "mute" and fault.silences(stream)]
        for fault in found:
            fault.due()
        return bool(found)

    def refused(self, path: str) -> web.Response | None:
        """Return the answer to an HTTP request that a `refuse` or `limit` fault strikes."""
        for fault in self._faults:
            if fault.kind == "refuse" and path.startswith(fault.path) and fault.due():
                if fault.spent:
                    self.remove(fault)
                return refusal_page(fault.status, fault.retry_after_ms)
            if fault.kind == "limit" and path.startswith(fault.path):
                limited = fault.limited(time.monotonic_ns() // 1_000_000)
                if limited is not None:
                    return refusal_page(*limited)
        return None


def refusal_page(status: int, retry_after_ms: int | None = None) -> web.Response:
    """Return what the exchange, or the network in front of it, answers when it refuses as a whole."""
    if status == 451:
        return web.Response(status=451, text=_BLOCKED, content_type="application/json")
    if status == 403:
        return web.Response(status=403, text=_FORBIDDEN, content_type="text/html", headers={"Server": "CloudFront"})
    if status == 503:
        return web.Response(status=503, text=_MAINTENANCE, content_type="text/html", headers={"Server": "nginx"})
    seconds = 60 if retry_after_ms is None else -(-retry_after_ms // 1000)
    what = "Too many requests" if status == 429 else "Way too many requests; IP(127.0.0.1) banned"
    text = f'{{"code":-1003,"msg":"{what}. Please use the websocket for live updates to avoid bans."}}'
    headers = {"Retry-After": str(seconds)}
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)


def _check_values(fault: Fault) -> None:
    """Raise ValueError with a sentence when a fault of a known kind has a value that makes no sense."""
    if fault.kind == "refuse" and fault.status not in REFUSALS:
        raise ValueError(f"A refusal has one of the statuses {', '.join(map(str, REFUSALS))}, not {fault.status}.")
    if fault.nth < 1 or (fault.times is not None and fault.times < 1) or fault.delay_ms < 0:
        raise ValueError("nth and times of a fault start at 1, delay_ms at 0.")
    if fault.kind == "limit" and min(fault.most, fault.window_ms, fault.ban_after) < 1:
        raise ValueError("most, window_ms and ban_after of a limit start at 1.")
    if fault.weight < 0:
        raise ValueError(f"A request cannot weigh {fault.weight}: weight starts at 0.")
    if fault.kind == "reorder" and (fault.times is None or fault.times < 2):
        raise ValueError("A reorder fault needs times: how many answers to hold, at least 2.")
    if fault.kind == "disconnect" and fault.connections not in CONNECTIONS:
        raise ValueError(f"connections is one of {', '.join(CONNECTIONS)}, not {fault.connections!r}.")
    if fault.kind == "drift":
        paths = [*fault.remove, *fault.set]
        if not paths:
            raise ValueError("A drift needs set or remove: what it changes.")
        for path in paths:
            if not isinstance(path, str):
                raise ValueError(f"remove lists paths such as [].time, not {path!r}.")  # noqa: TRY004  # one kind of error
            steps(path)

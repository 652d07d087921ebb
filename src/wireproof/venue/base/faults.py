"""Misbehaviour on request, so that clients can be tested against it.

A fault is a JSON object. `kind` says what happens, `method` to which requests (`order.place`, `POST /fapi/v1/order`,
`*`), `nth` from which matching request on (1), `times` how often (1; null for ever).

| kind | effect | further fields |
|---|---|---|
| `drop-before` | the connection breaks, nothing was executed | |
| `drop-after` | executed, then the connection breaks without an answer | |
| `answer` | not executed; answered with an error | `status`, `code`, `msg`, `retry_after_ms` from now |
| `silent` | executed, never answered | |
| `twice` | answered twice (WebSocket only, as are `reorder` and a foreign id) | |
| `foreign-id` | answered with an id nobody sent | |
| `not-json` | answered with text that is no JSON | |
| `delay` | answered later | `delay_ms` |
| `reorder` | `times` answers are held, then sent in reverse order | |
| `drift` | the answer is altered | `remove`: list of paths, `set`: path to value; `result.0.price` |
| `refuse` | handshakes and HTTP requests below `path` are refused | `status`: 403, 418, 429, 451 or 503; `path` |

When `method` is the name of a market stream (`btcusdt@aggTrade`; `*` never means streams), the fault strikes its
events: `silent` leaves one out, `twice` sends it twice, `drift` alters it, `not-json` replaces it, `reorder` holds
`times` events and sends them in reverse order, `drop-before` breaks the connections that read it.

`mute` makes streams dead: they are acknowledged and then send nothing, while everything goes on. Its `method` is a
pattern of stream names (`btcusdt@*`, `*@aggTrade`, `*`; `?` and `[ab]` work, too), or `private` for the private
streams; it lasts until it is removed.

These act at once instead: `expire-listen-key`, `revoke-key`, `restore-key`, each with `account` (a name, or `*`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from itertools import count
from typing import TYPE_CHECKING, Any

from aiohttp import web

from wireproof.venue.base.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Json = dict[str, Any]
REQUEST_KINDS = (
    "drop-before",
    "drop-after",
    "answer",
    "silent",
    "twice",
    "foreign-id",
    "not-json",
    "delay",
    "reorder",
    "drift",
)
ACTIONS = ("expire-listen-key", "revoke-key", "restore-key")
KINDS = (*REQUEST_KINDS, "refuse", "mute", *ACTIONS)

#: Faults that strike no request.
APART = frozenset({"refuse", "mute"})

#: What a `mute` fault calls the private streams.
PRIVATE = "private"
REFUSALS = (403, 418, 429, 451, 503)
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
    """One fault; see the module's table."""

    kind: str
    method: str = "*"
    nth: int = 1
    times: int | None = 1
    status: int = 503
    code: int = -1000
    msg: str = "An unknown error occured while processing the request."
    retry_after_ms: int | None = None
    delay_ms: int = 0
    path: str = "/"
    account: str = "*"
    remove: list[str] = field(default_factory=list)
    set: Json = field(default_factory=dict)
    id: int = 0
    seen: int = 0
    used: int = 0
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

    def matches(self, *names: str) -> bool:
        """Whether the fault is about a request with one of these names."""
        return self.method == "*" or self.method in names

    def silences(self, stream: str) -> bool:
        """Whether the fault's pattern fits the name of a stream; only `private` fits the private ones."""
        return self.method == stream if PRIVATE in {stream, self.method} else fnmatchcase(stream, self.method)

    def refusal(self, now: int) -> Refusal:
        """Return the error that an `answer` fault answers with."""
        data = None if self.retry_after_ms is None else {"serverTime": now, "retryAfter": now + self.retry_after_ms}
        return Refusal(self.code, self.msg, status=self.status, data=data)

    def drift(self, document: Json) -> Json:
        """Return a copy of `document` with the fault's alterations; paths that it does not have are passed over."""
        document = _copied(document)  # answers that never change are one object for all requests
        for path in self.remove:
            _alter(document, path.split("."), None, remove=True)
        for path, value in self.set.items():
            _alter(document, path.split("."), value, remove=False)
        return document

    def view(self) -> Json:
        """Return the fault as the control route shows it."""
        shown = ("id", "kind", "method", "nth", "times", "path", "status", "code", "seen", "used")
        return {name: getattr(self, name) for name in shown}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(held) for name, held in value.items()}
    return [_copied(held) for held in value] if isinstance(value, list) else value


def _alter(at: Any, path: list[str], value: Any, *, remove: bool) -> None:
    head, *rest = path
    key: Any = int(head) if isinstance(at, list) and head.isdecimal() else head
    if isinstance(at, list):
        if not isinstance(key, int) or key >= len(at):
            return
    elif not isinstance(at, dict) or ((rest or remove) and key not in at):
        return
    if rest:
        _alter(at[key], rest, value, remove=remove)
    elif remove:
        del at[key]
    else:
        at[key] = value


class Faults:
    """The faults in force. `refused_path` is where a `refuse` fault strikes that names no path."""

    def __init__(self, refused_path: str = "/") -> None:
        self._refused_path = refused_path
        self._faults: list[Fault] = []
        self._ids = count(1)
        self.act: Callable[[Fault], None] = lambda _fault: None

    def add(self, kind: str, **settings: Any) -> Fault:
        """Add a fault, or carry out an action. Raise ValueError with a sentence when it makes no sense."""
        fault = _read({"kind": kind, "path": self._refused_path, **settings})
        fault.id = next(self._ids)
        if kind in ACTIONS:
            self.act(fault)
        else:
            self._faults.append(fault)
        return fault

    def add_document(self, document: Any) -> Fault:
        """Add the fault that a JSON document describes. Raise ValueError with a sentence when it is none."""
        if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
            raise ValueError(f'A fault is an object with a kind, such as {{"kind": "silent"}}, not {document!r}.')  # noqa: TRY004  # one kind of error
        return self.add(**document)

    def remove(self, fault: Fault) -> None:
        """Take a fault back."""
        if fault in self._faults:
            self._faults.remove(fault)

    def clear(self) -> None:
        """Take all faults back."""
        self._faults.clear()

    def view(self) -> list[Json]:
        """Return the faults in force."""
        return [fault.view() for fault in self._faults]

    @property
    def any(self) -> bool:
        """Whether there is a fault in force."""
        return bool(self._faults)

    def take(self, *names: str) -> Fault | None:
        """Return the fault that strikes a request with one of these names."""
        for fault in self._faults:
            if fault.kind not in APART and fault.matches(*names) and fault.due():
                if fault.spent:
                    self._faults.remove(fault)
                return fault
        return None

    def strike_event(self, stream: str) -> Fault | None:
        """Return the fault that strikes an event of a market stream; only one that names the stream does."""
        for fault in self._faults:
            if fault.method == stream and fault.kind not in APART and fault.due():
                if fault.spent:
                    self._faults.remove(fault)
                return fault
        return None

    def muted(self, stream: str) -> bool:
        """Whether a stream is dead; `private` is what the private ones are called."""
        found = [fault for fault in self._faults if fault.kind == "mute" and fault.silences(stream)]
        for fault in found:
            fault.due()
        return bool(found)

    def refused(self, path: str) -> web.Response | None:
        """Return the answer to an HTTP request that a `refuse` fault strikes."""
        for fault in self._faults:
            if fault.kind == "refuse" and path.startswith(fault.path) and fault.due():
                if fault.spent:
                    self._faults.remove(fault)
                return refusal_page(fault.status, fault.retry_after_ms)
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


def _read(settings: Json) -> Fault:
    allowed = {one.name for one in fields(Fault)} - {"id", "seen", "used", "held"}
    unknown = sorted(set(settings) - allowed)
    if unknown:
        raise ValueError(f"A fault has no field {unknown[0]!r}. Known: {', '.join(sorted(allowed))}.")
    if settings["kind"] not in KINDS:
        raise ValueError(f"There is no fault of kind {settings['kind']!r}. Known: {', '.join(KINDS)}.")
    types: dict[str, tuple[type, ...]] = {
        "nth": (int,),
        "times": (int, type(None)),
        "status": (int,),
        "code": (int,),
        "delay_ms": (int,),
        "retry_after_ms": (int, type(None)),
        "remove": (list,),
        "set": (dict,),
    }
    for name, value in settings.items():
        if not isinstance(value, types.get(name, (str,))) or isinstance(value, bool):
            raise ValueError(f"The field {name!r} of a fault cannot be {value!r}.")  # noqa: TRY004  # one kind of error
    if settings["kind"] == "mute":
        if not {"nth", "times"}.isdisjoint(settings):
            raise ValueError("A mute fault lasts until it is removed; it has neither nth nor times.")
        settings = {**settings, "times": None}
    fault = Fault(**settings)
    if fault.kind == "refuse" and fault.status not in REFUSALS:
        raise ValueError(f"A refusal has one of the statuses {', '.join(map(str, REFUSALS))}, not {fault.status}.")
    if fault.nth < 1 or (fault.times is not None and fault.times < 1) or fault.delay_ms < 0:
        raise ValueError("nth and times of a fault start at 1, delay_ms at 0.")
    if fault.kind == "reorder" and (fault.times is None or fault.times < 2):
        raise ValueError("A reorder fault needs times: how many answers to hold, at least 2.")
    return fault

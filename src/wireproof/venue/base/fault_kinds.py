"""Which kinds of faults there are: what each does, where, with which fields, and an example that works.

A fault is a JSON object. `kind` says what happens, `method` to what: a request (`order.place`, `POST /fapi/v1/order`),
a market stream (`btcusdt@aggTrade`), an event of user data (`ORDER_TRADE_UPDATE`), or `*`, which is every request.
`nth` says from which of these on (1), `times` how often (1; null for ever). The table below has the rest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Json = dict[str, Any]
REST, WS_API, STREAM, EVENT = "REST", "WebSocket API", "market streams", "user data"
REQUESTS, EVERYWHERE = (REST, WS_API), (REST, WS_API, STREAM, EVENT)
REFUSALS = (403, 418, 429, 451, 503)
CONNECTIONS = ("private", "market", "ws-api", "all")
#: What a `mute` fault calls the private streams.
PRIVATE = "private"

#: What may stand in each field, in words and as types of JSON values.
FIELDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "method": ("what is struck; * for every request", (str,)),
    "nth": ("from which one on: 1, 2, …", (int,)),
    "times": ("how often: 1, 2, …; null for ever", (int, type(None))),
    "status": ("the HTTP status", (int,)),
    "code": ("the error's code", (int,)),
    "msg": ("the error's text", (str,)),
    "retry_after_ms": ("milliseconds from now, for Retry-After", (int, type(None))),
    "delay_ms": ("milliseconds", (int,)),
    "remove": ("list of paths in the answer, such as [].time or result.bids[0]", (list,)),
    "set": ("object of such paths and the values that they get", (dict,)),
    "most": ("requests: 1, 2, …", (int,)),
    "window_ms": ("milliseconds", (int,)),
    "ban_after": ("refusals: 1, 2, …", (int,)),
    "path": ("what the path of the request begins with", (str,)),
    "weight": ("what the request weighs: 0, 1, 2, …", (int,)),
    "account": ("hmac, rsa, ed25519, or * for all", (str,)),
    "connections": (f"which ones: {', '.join(CONNECTIONS)}", (str,)),
}
_STRIKE = ("method", "nth", "times")


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind: what it does, in a phrase; where; its fields beside `kind`; an example as a JSON object."""

    name: str
    effect: str
    example: Mapping[str, Any]
    surfaces: tuple[str, ...] = REQUESTS
    fields: tuple[str, ...] = ()
    strikes: bool = True  # single requests or events; else it lasts, or acts at once

    @property
    def known_fields(self) -> tuple[str, ...]:
        """Return the fields that a fault of this kind may have beside `kind`."""
        return (*_STRIKE, *self.fields) if self.strikes else self.fields


_TABLE = (
    FaultKind(
        "drop-before",
        "the connection breaks, nothing was executed; of a stream, those of its readers break",
        {"method": "POST /fapi/v1/order"},
        (REST, WS_API, STREAM),
    ),
    FaultKind("drop-after", "executed, then the connection breaks without an answer", {"method": "order.place"}),
    FaultKind(
        "answer",
        "not executed; answered with an error",
        {"method": "POST /fapi/v1/order", "status": 400, "code": -2019, "msg": "Margin is insufficient."},
        fields=("status", "code", "msg", "retry_after_ms"),
    ),
    FaultKind(
        "answer-after",
        "executed, and answered with an error all the same",
        {
            "method": "order.place",
            "status": 408,
            "code": -1007,
            "msg": "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
        },
        fields=("status", "code", "msg", "retry_after_ms"),
    ),
    FaultKind(
        "silent", "executed, never answered; of a stream, one event is left out", {"method": "depth"}, EVERYWHERE
    ),
    FaultKind("twice", "answered or sent twice", {"method": "ORDER_TRADE_UPDATE"}, (WS_API, STREAM, EVENT)),
    FaultKind("foreign-id", "answered with an id that nobody sent", {"method": "ticker.price"}, (WS_API,)),
    FaultKind(
        "not-json",
        "answered, or sent, as text that is no JSON",
        {"method": "GET /fapi/v1/ticker/bookTicker"},
        EVERYWHERE,
    ),
    FaultKind("delay", "answered later", {"method": "GET /fapi/v1/time", "delay_ms": 1500}, fields=("delay_ms",)),
    FaultKind(
        "reorder",
        "`times` answers or events are held, then sent in reverse order",
        {"method": "ticker.price", "times": 2},
        (WS_API, STREAM, EVENT),
    ),
    FaultKind(
        "drift",
        "the answer or event is altered",
        {"method": "GET /fapi/v2/ticker/price", "set": {"[].price": 1.5}, "remove": ["[].time"], "times": None},
        EVERYWHERE,
        ("remove", "set"),
    ),
    FaultKind(
        "weight",
        "answered as ever, but another weight is charged and counted",
        {"method": "GET /fapi/v1/openInterest", "weight": 5, "times": None},
        fields=("weight",),
    ),
    FaultKind(
        "refuse",
        f"handshakes and HTTP requests below `path` are refused; `status` is one of {', '.join(map(str, REFUSALS))}",
        {"path": "/fapi/", "status": 429, "retry_after_ms": 5000, "times": 3},
        fields=("path", "status", "retry_after_ms", "nth", "times"),
        strikes=False,
    ),
    FaultKind(
        "limit",
        "below `path` only `most` requests are answered in `window_ms`; more are 429 with Retry-After, and 418 once"
        " `ban_after` of them came within one window",
        {"path": "/futures/data/basis", "most": 2, "window_ms": 2000, "ban_after": 10},
        (REST,),
        ("path", "most", "window_ms", "ban_after"),
        strikes=False,
    ),
    FaultKind(
        "mute",
        "streams are acknowledged and then send nothing, until the fault is removed; `method` is a pattern of their"
        " names (`btcusdt@*`, `*`), or `private`",
        {"method": "btcusdt@*"},
        (STREAM, EVENT),
        ("method",),
        strikes=False,
    ),
    FaultKind(
        "disconnect",
        "at once: connections break as a network breaks them; `private` ones carry user data",
        {"connections": "private"},
        (WS_API, STREAM, EVENT),
        ("connections",),
        strikes=False,
    ),
    FaultKind(
        "expire-listen-key",
        "at once: listen keys end, and listenKeyExpired is sent",
        {"account": "hmac"},
        (EVENT,),
        ("account",),
        strikes=False,
    ),
    FaultKind(
        "revoke-key",
        "at once: an API key is refused from now on",
        {"account": "rsa"},
        EVERYWHERE,
        ("account",),
        strikes=False,
    ),
    FaultKind(
        "restore-key", "at once: it is accepted again", {"account": "rsa"}, EVERYWHERE, ("account",), strikes=False
    ),
)
KINDS: dict[str, FaultKind] = {kind.name: kind for kind in _TABLE}
ACTIONS = frozenset({"disconnect", "expire-listen-key", "revoke-key", "restore-key"})
#: Faults that strike no single request or event.
APART = frozenset({"refuse", "limit", "mute"})


def example(kind: FaultKind) -> Json:
    """Return a fault of this kind as a document."""
    return {"kind": kind.name, **kind.example}


def check(document: Mapping[str, Any]) -> None:
    """Raise ValueError with a sentence unless `document` is a fault of a known kind, with fields and values of it."""
    kind = KINDS.get(document["kind"])
    if kind is None:
        raise ValueError(f"There is no fault of kind {document['kind']!r}. {meant(document['kind'], KINDS)}")
    unknown = sorted(set(document) - {"kind", *kind.known_fields})
    if unknown:
        raise ValueError(
            f"A fault of kind {kind.name!r} has no field {unknown[0]!r}. {meant(unknown[0], kind.known_fields)}"
        )
    for name, value in document.items():
        words, types = FIELDS.get(name, ("", (str,)))
        if not isinstance(value, types) or isinstance(value, bool):
            raise ValueError(f"The field {name!r} of a fault cannot be {value!r}: {words}.")  # noqa: TRY004  # one kind of error


def meant(word: str, known: Iterable[str]) -> str:
    """Return which of the known words was probably meant, or which ones there are where they are few."""
    words = list(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    listed = f" Known: {', '.join(words)}." if len(words) <= 20 else ""
    return (f"Did you mean {near[0]!r}?" if near else "") + (listed if near else listed.lstrip())


def meant_name(name: str, known: Collection[str]) -> str:
    """Return which request, stream or event was probably meant: one with a verb, in other letters, or spelt alike."""
    found = [one for one in known if one.partition(" ")[2] == name] or [
        one for one in known if one.lower() == name.lower()
    ]
    return f"Did you mean {found[0]!r}?" if found else meant(name, known)


def listing() -> str:
    """Return the kinds as lines for people: what each does, where, its fields, and an example to copy."""
    lines = []
    for kind in _TABLE:
        lines.append(f"{kind.name}: {kind.effect}")
        lines.append(f"    where: {', '.join(kind.surfaces)}")
        lines.append(f"    fields: {', '.join(kind.known_fields)}")
        lines.append(f"    --fault '{json.dumps(example(kind))}'")
    lines += ["", "Fields:", *(f"    {name}: {words}" for name, (words, _types) in FIELDS.items()), ""]
    lines.append(
        "The same JSON goes to POST /venue/faults. `wireproof venue --routes` lists what may stand in `method`;"
    )
    return "\n".join(
        [*lines, "streams and events go by their names as well (btcusdt@aggTrade, ORDER_TRADE_UPDATE).", ""]
    )

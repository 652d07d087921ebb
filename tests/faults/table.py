"""The table of faults: what goes wrong, and how a run must end."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.torture.relay import Drip, Drop, Hooks, HttpAnswer, Silence, WsFrame, bomb
from wireproof.venue.base.venue_clock import SystemClock

from . import stand as sample
from .tricks import (
    BANNED,
    FORBIDDEN,
    LIMITED,
    MAINTENANCE,
    MEGABYTE,
    REGION,
    EndsLater,
    OnRest,
    OnStream,
    OnWsApi,
    Shut,
    answer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .stand import Stand

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@dataclass(frozen=True)
class Fault:
    """One fault: how it is caused and how a run must end.

    `status` are the exit statuses that are right, `says` is a pattern that what is printed must hold, `accuses` the
    contracts that may differ and, where `status` holds 1, must. `spares` are cases (parts of ids) that must conform all
    the same. `within` bounds the run in seconds, `most_requests` what reaches the relay. With `banner` every case is
    blocked for the one reason that `says` is a pattern of, and what is printed is short. A run that `waits` spends more
    than ten seconds on waiting.
    """

    name: str
    hooks: Callable[[], Hooks] = Hooks
    status: tuple[int, ...] = (0,)
    says: str = ""
    accuses: tuple[str, ...] = ()
    spares: str = ""
    cases: str = sample.ALL
    arguments: tuple[str, ...] = ("--answer-timeout", "2")
    within: float = 100.0
    most_requests: int | None = None
    leaves: bool = False
    banner: bool = False
    waits: bool = False
    venue: dict[str, Any] = field(default_factory=dict)
    prepare: Callable[[Stand], None] = lambda _stand: None


class Skewed(SystemClock):
    """A clock that is so many milliseconds off, and that every request is checked by."""

    def __init__(self, off_ms: int) -> None:
        super().__init__()
        self.ahead_ms = off_ms

    def beside(self, _timestamp: int) -> int:
        """Return this clock's time."""
        return self.now_ms()


# -- what is done to an answer or a frame -----------------------------------------------------------------------------


def _dropped(_line: Any, _said: Any) -> Iterable[Drop]:
    return (Drop(),)


def _unsent(line: Any, _request: Any) -> bool:
    line.drop()
    return False


def _never(_line: Any, _said: Any) -> Iterable[WsFrame]:
    return ()


def _written(said: dict[str, Any]) -> WsFrame:
    return WsFrame(json.dumps(said))


def _twice(_line: Any, said: dict[str, Any]) -> Iterable[WsFrame]:
    return (_written(said), _written(said))


def _foreign(_line: Any, said: dict[str, Any]) -> Iterable[WsFrame]:
    return (_written({**said, "id": "an-id-that-nobody-sent"}),)


def _no_json(_line: Any, _said: Any) -> Iterable[WsFrame]:
    return (WsFrame("<html><body>This is not the JSON you asked for.</body></html>"),)


def _binary(_line: Any, said: dict[str, Any]) -> Iterable[WsFrame]:
    return (WsFrame(json.dumps(said).encode()),)


def _huge(_line: Any, _said: dict[str, Any]) -> Iterable[Drip]:
    # Written piece by piece: at once, a busy machine is so long copying it that the answer is late, not too large.
    return (Drip(WsFrame("x" * (100 * MEGABYTE)), size=MEGABYTE, seconds=0.01),)


@functools.cache
def _bomb() -> HttpAnswer:
    return bomb(1024)


def _half(_line: Any, said: dict[str, Any]) -> Iterable[Drip | Drop]:
    return (Drip(WsFrame(json.dumps(said)), size=20, seconds=0.01), Drop())


class _Shuffled(Hooks):
    """Holds pairs of answers of the WebSocket API and sends them in reverse order."""

    def __init__(self) -> None:
        self._held: dict[int, WsFrame] = {}

    async def to_client(self, line: Any, frame: WsFrame) -> Iterable[WsFrame]:
        if "/ws-" not in line.request.path:
            return (frame,)
        first = self._held.pop(line.number, None)
        if first is not None:
            return (frame, first)
        self._held[line.number] = frame
        _later(line, self._held)
        return ()


def _later(line: Any, held: dict[int, WsFrame]) -> None:
    """Send what is held after a while, in case that nothing follows."""
    import asyncio  # noqa: PLC0415

    async def flush() -> None:
        await asyncio.sleep(0.1)
        if (frame := held.pop(line.number, None)) is not None:
            await line.send(frame)

    task = asyncio.ensure_future(flush())
    _FLUSHING.add(task)
    task.add_done_callback(_FLUSHING.discard)


_FLUSHING: set[Any] = set()


class _Microseconds(Hooks):
    """Gives every server time in microseconds, on both surfaces."""

    async def http(self, request: Any, forward: Any) -> HttpAnswer:
        got: HttpAnswer = await forward(request)
        return got.with_content(re.sub(rb'("serverTime":\d{13})\b', rb"\g<1>000", got.content))

    async def to_client(self, _line: Any, frame: WsFrame) -> Iterable[WsFrame]:
        text = frame.raw.decode()
        return (WsFrame(re.sub(r'("serverTime":\s*\d{13})\b', r"\g<1>000", text)),)


class _SilentAt(Hooks):
    """Never answers what comes over one surface, once it is open."""

    def __init__(self, where: str) -> None:
        self.where = where

    async def http(self, request: Any, forward: Any) -> HttpAnswer | Silence:
        if self.where == "rest" and not request.path.endswith("/time"):
            return Silence(20)
        got: HttpAnswer = await forward(request)
        return got

    async def to_client(self, line: Any, frame: WsFrame) -> Iterable[WsFrame]:
        return () if self.where != "rest" and self.where in line.request.target else (frame,)


# -- what is done to the settings of a run ----------------------------------------------------------------------------


def _closed_port(stand: Stand) -> None:
    for name, url in stand.environ.items():
        if name.endswith("_URL"):
            stand.environ[name] = url.replace(str(stand.relay.port), "1")


def _no_such_host(stand: Stand) -> None:
    for name, url in stand.environ.items():
        if name.endswith("_URL"):
            stand.environ[name] = url.replace("127.0.0.1", "nobody.invalid")


def _tls_to_plain(stand: Stand) -> None:
    for name, url in stand.environ.items():
        if name.endswith("_URL"):
            stand.environ[name] = url.replace("http://", "https://").replace("ws://", "wss://")


def _not_a_websocket(stand: Stand) -> None:
    name = "WIREPROOF_USDM_WS_API_URL"
    stand.environ[name] = stand.environ[name].replace("/ws-fapi/v1", "/fapi/v1/ping")


def _key_expires(stand: Stand) -> None:
    """End the listen key of every account a moment after its first start."""
    started = type(stand.venue.listen_keys).start

    def start(self: Any, account: Any, *arguments: Any, **named: Any) -> Any:
        import asyncio  # noqa: PLC0415

        key = started(self, account, *arguments, **named)
        if account.name not in ended:
            ended.add(account.name)
            asyncio.get_running_loop().call_later(
                0.05, lambda: stand.venue.faults.add("expire-listen-key", account=account.name)
            )
        return key

    ended: set[str] = set()
    stand.venue.listen_keys.start = start.__get__(stand.venue.listen_keys)  # type: ignore[method-assign]


# -- the table --------------------------------------------------------------------------------------------------------

UNKNOWN = answer(503, '{"code":-1000,"msg":"Unknown error, please check your request or try again later."}')
FAILED = answer(503, '{"code":-1000,"msg":"Service Unavailable."}')
OVERLOAD = answer(503, '{"code":-1008,"msg":"Request throttled by system-level protection."}')
PAGE = answer(*MAINTENANCE)
ORDER = "/fapi/v1/order"
OF_ORDERS = "POST.fapi.v1.order/limit-gtc or ws-api/order.place/limit-gtc or GET.fapi.v1.depth/ or ws-api/depth/limit"
OF_SESSIONS = f"{sample.WS_API} or {sample.EVENTS}"

FAULTS = [
    # Nobody is there, or somebody else.
    Fault("nothing wrong"),
    Fault("connection refused", status=(3,), says="refused", prepare=_closed_port, banner=True),
    Fault("no such host", status=(3,), says="nobody.invalid", prepare=_no_such_host, banner=True),
    Fault("TLS to a server without", status=(3,), says="TLS", prepare=_tls_to_plain, banner=True),
    Fault("another HTTP path instead of the WebSocket API", status=(3,), says="blocked", prepare=_not_a_websocket),
    Fault("closed region", lambda: Shut(answer(*REGION)), (3,), "451", most_requests=5, banner=True),
    Fault("firewall page", lambda: Shut(answer(*FORBIDDEN)), (3,), "403", most_requests=5, banner=True),
    Fault("banned", lambda: Shut(answer(*BANNED, Retry_After="3600")), (3,), "418", most_requests=5, banner=True),
    Fault(
        "limited for an hour",
        lambda: Shut(answer(*LIMITED, Retry_After="3600")),
        (3,),
        "429",
        most_requests=5,
        banner=True,
    ),
    Fault("limited for a second in mid-run", lambda: Shut(answer(*LIMITED, Retry_After="1"), first=25, times=1)),
    Fault(
        "limited without a Retry-After in mid-run",
        lambda: Shut(answer(*LIMITED), first=25, times=1),
        (0, 3),
        waits=True,
    ),
    Fault(
        "banned in mid-run",
        lambda: Shut(answer(*BANNED, Retry_After="600"), first=40),
        (3, 4),
        "418",
        leaves=True,
        waits=True,
    ),
    Fault("maintenance page at the start", lambda: Shut(PAGE), (3,), "503", banner=True),
    Fault("maintenance page in mid-run", lambda: Shut(PAGE, first=40), (3, 4), "503", leaves=True, waits=True),
    Fault("maintenance page for a moment at the start", lambda: Shut(PAGE, times=1)),
    # Trouble of the service with an order.
    *(
        Fault(
            f"503 with an order: {name}",
            lambda trouble=trouble, executed=executed: OnRest(
                "POST", ORDER, lambda _got: trouble, instead=not executed, times=None
            ),
            (3,),
            "503",
            spares="GET.fapi.v1.depth/",
            cases=OF_ORDERS,
        )
        for name, trouble, executed in (
            ("unknown error, executed", UNKNOWN, True),
            ("unknown error, not executed", UNKNOWN, False),
            ("service unavailable", FAILED, False),
            ("overload", OVERLOAD, False),
            ("a page, executed", PAGE, True),
        )
    ),
    Fault("503 once with a read", lambda: OnRest("GET", "/fapi/v1/depth", lambda _got: PAGE), cases=sample.REST),
    # A connection that drops.
    Fault(
        "REST drops before an order",
        lambda: OnRest("POST", ORDER, lambda _got: Drop(), instead=True),
        (0, 3),
        cases=sample.REST,
    ),
    Fault(
        "REST drops during the answer",
        lambda: OnRest("POST", ORDER, lambda got: Drop(got, 40)),
        (0, 3),
        cases=sample.REST,
    ),
    Fault("REST drops after an order", lambda: OnRest("POST", ORDER, lambda _got: Drop()), (0, 3), cases=sample.REST),
    Fault(
        "REST drops in the body of a read",
        lambda: OnRest("GET", "/fapi/v1/depth", lambda got: Drop(got, 40)),
        cases=sample.REST,
    ),
    Fault(
        "WebSocket API drops before an order",
        lambda: OnWsApi("order.place", _unsent, before=True),
        (0, 3),
        cases=sample.WS_API,
    ),
    Fault("WebSocket API drops during the answer", lambda: OnWsApi("order.place", _half), (0, 3), cases=sample.WS_API),
    Fault("WebSocket API drops after an order", lambda: OnWsApi("order.place", _dropped), (0, 3), cases=sample.WS_API),
    Fault(
        "the private stream drops between cause and event",
        lambda: OnStream("/private", lambda _line, _frame: (Drop(),), only="ORDER_TRADE_UPDATE"),
        (0, 3),
        cases=sample.EVENTS,
    ),
    Fault(
        "a market stream drops",
        lambda: OnStream("/stream", lambda _line, _frame: (Drop(),), first=5),
        cases=sample.STREAMS,
    ),
    Fault("24 h close", lambda: EndsLater(after=8, times=1), (0,), cases=OF_SESSIONS),
    Fault("24 h close three times", lambda: EndsLater(after=8, times=3), (0,), cases=OF_SESSIONS),
    Fault("24 h close of streams", lambda: EndsLater(after=8, times=1, where="/stream"), (0,), cases=sample.STREAMS),
    Fault(
        "24 h close of private streams",
        lambda: EndsLater(after=2, times=1, where="/private"),
        (0, 3),
        cases=sample.EVENTS,
    ),
    Fault("the server announces its shutdown", lambda: EndsLater(after=8, times=1, announce=True), cases=OF_SESSIONS),
    Fault("a listen key expires in mid-run", status=(0, 3), cases=sample.EVENTS, prepare=_key_expires, waits=True),
    # Silence.
    Fault("REST is silent", lambda: _SilentAt("rest"), (3,), "answered within|answer", within=150, waits=True),
    Fault("the WebSocket API is silent", lambda: _SilentAt("/ws-"), (3,), "answer", within=150, waits=True),
    Fault(
        "market streams are silent",
        lambda: _SilentAt("/stream"),
        (1, 3),
        accuses=("usdm/stream/",),
        within=150,
        waits=True,
    ),
    Fault(
        "one market stream is silent",
        status=(1, 3),
        # A machine that stood still for seconds proves nothing, and says so.
        says=r"trades\s+happened\s+\(GET\s+/fapi/v1/trades,\s+BTCUSDT,\s+ids\s|this\s+machine\s+was\s+too\s+slow",
        accuses=("usdm/stream/aggTrade",),
        cases="stream/aggTrade/symbol or stream/markPrice/1s",
        arguments=(),
        prepare=lambda stand: stand.venue.faults.add("mute", method="btcusdt@aggTrade"),
        waits=True,
    ),
    Fault(
        "one request is never answered",
        lambda: OnRest("GET", "/fapi/v1/depth", lambda _got: Silence(20), times=None),
        (3,),
        "answered within",
        spares="openOrders",
        cases=sample.REST,
    ),
    Fault(
        "one method is never answered",
        lambda: OnWsApi("depth", _never, times=None),
        (3,),
        "answered within",
        spares="ticker.price",
        cases=sample.WS_API,
    ),
    Fault(
        "a slow drip",
        lambda: OnRest("GET", "/fapi/v1/depth", Drip, times=None),
        (3,),
        "answered within",
        spares="openOrders",
        cases=sample.REST,
    ),
    # Answers and frames that break the protocol.
    Fault(
        "answered twice",
        lambda: OnWsApi("ticker.price", _twice, times=None),
        (1,),
        "answered 2 times",
        ("usdm/ws-api/ticker.price",),
        cases=sample.WS_API,
    ),
    Fault(
        "a foreign id",
        lambda: OnWsApi("ticker.price", _foreign, times=None),
        (1,),
        "an-id-that-nobody-sent",
        ("usdm/ws-api/ticker.price",),
        cases=sample.WS_API,
        waits=True,
    ),
    Fault("a foreign id once", lambda: OnWsApi("ticker.price", _foreign), (0, 3), cases=sample.WS_API),
    Fault("answers out of order", _Shuffled, cases=sample.WS_API),
    Fault(
        "an answer that is no JSON",
        lambda: OnWsApi("ticker.price", _no_json, times=None),
        (1,),
        "unparseable",
        ("usdm/ws-api/ticker.price",),
        cases=sample.WS_API,
    ),
    Fault("an answer that is no JSON once", lambda: OnWsApi("ticker.price", _no_json), cases=sample.WS_API),
    Fault(
        "an answer in a binary frame",
        lambda: OnWsApi("ticker.price", _binary, times=None),
        (1,),
        "binary",
        ("usdm/ws-api/ticker.price",),
        cases=sample.WS_API,
    ),
    Fault(
        "stream frames that are no JSON",
        lambda: OnStream("/stream", lambda _line, _frame: (WsFrame('{"stream":'),), only="@aggTrade", times=None),
        (1,),
        "unparseable",
        ("usdm/stream/aggTrade",),
        cases=sample.STREAMS,
    ),
    Fault(
        "binary stream frames",
        lambda: OnStream("/stream", lambda _line, frame: (WsFrame(frame.raw),), only="@aggTrade", times=None),
        (1,),
        "binary",
        ("usdm/stream/aggTrade",),
        cases=sample.STREAMS,
    ),
    Fault(
        "an event in a binary frame",
        lambda: OnStream("/private", lambda _line, frame: (WsFrame(frame.raw),), only="ORDER_TRADE_UPDATE", times=None),
        (1,),
        "binary",
        ("usdm/event/ORDER_TRADE_UPDATE",),
        cases=sample.EVENTS,
    ),
    Fault(
        "a frame of 100 MB",
        lambda: OnWsApi("ticker.price", _huge, times=None),
        (1, 3),
        "MiB",
        ("usdm/ws-api/ticker.price",),
        cases="ws-api/ticker.price/symbol-sent or ws-api/account.balance/default",
        within=150,
    ),
    Fault(
        "a bomb",
        lambda: OnRest("GET", "/fapi/v1/depth", lambda _got: _bomb(), instead=True, times=None),
        (1, 3),
        "MiB",
        ("usdm/rest/GET.fapi.v1.depth",),
        spares="openOrders",
        cases=sample.REST,
        within=150,
    ),
    # Clocks.
    *(
        Fault(
            f"this machine's clock is {words} off", status=status, venue={"clock": Skewed(off)}, cases=sample.REQUESTS
        )
        for words, off, status in (
            ("ten minutes", 10 * MINUTE, (0,)),
            ("minus ten minutes", -10 * MINUTE, (0,)),
            ("two days", 2 * DAY, (0, 3)),
            ("minus two days", -2 * DAY, (0, 3)),
        )
    ),
    Fault(
        "the server's time is in microseconds",
        _Microseconds,
        (1,),
        "serverTime",
        ("usdm/rest/GET.fapi.v1.time", "usdm/ws-api/session."),
        spares="GET.fapi.v1.openOrders",
        cases=sample.REQUESTS,
    ),
]

#: A run is killed when so many requests have reached the venue; what it leaves is gone after the next run.
KILLED_AFTER = (5, 15, 25, 35, 50, 70, 90, 110, 130, 150)

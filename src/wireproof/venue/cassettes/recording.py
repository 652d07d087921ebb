"""Reads what a run observed, a line of JSON each, as far as it can be served again; the rest of it does not matter."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Parameters that say who asks and when, and not what.
_WHO = frozenset({"timestamp", "signature", "apiKey", "recvWindow", "listenKey"})
_OWN_ID = re.compile(r".*(client\w*id)", re.IGNORECASE)
_SYMBOLS = ("symbol", "pair", "underlying")
_STREAM = re.compile(r"(?:SUBSCRIBE (?P<name>\S+) at|connected to) (?P<url>wss?://[^\s;]+)")
_MOST_BYTES = 1024 * 1024 * 1024

Key = tuple[tuple[str, str], ...]


class RecordingError(Exception):
    """A file is no recording that can be served."""


class Recorded(msgspec.Struct, kw_only=True):
    """What is read of an observation. Times in epoch milliseconds."""

    contract: str
    request: str = ""
    response: str | None = None
    status: int | None = None
    expect_codes: tuple[int, ...] = ()
    headers: dict[str, str] | None = None
    sent_at: float | None = None
    received_at: float | None = None
    aside: bool = False
    messages: tuple[str, ...] = ()
    attempt: int = 1

    @property
    def product(self) -> str:
        """The first part of its contract's id."""
        return self.contract.partition("/")[0]

    @property
    def surface(self) -> str:
        """The second part of its contract's id; empty where it has none."""
        return self.contract.split("/")[1] if self.contract.count("/") > 1 else ""

    @property
    def at(self) -> float:
        """When it came."""
        return self.received_at or self.sent_at or 0.0


class Asked(NamedTuple):
    """A request: what it is named (`GET /fapi/v1/time`, `ticker.price`), and its parameters as text."""

    name: str
    params: Mapping[str, str]

    @property
    def key(self) -> Key:
        """What must be equal for the same request: what is asked, and which parts of a signature it has."""
        signed = [(name, "") for name in ("timestamp", "signature") if name in self.params]
        odd = [(name, value) for name, value in self.params.items() if name in _WHO and _is_odd(name, value)]
        what = [
            (name, value) for name, value in self.params.items() if name not in _WHO and not _OWN_ID.fullmatch(name)
        ]
        return tuple(sorted([*what, *signed, *odd]))

    @property
    def symbol(self) -> str:
        """The symbol or pair that is asked about; empty without one."""
        return next((self.params[name] for name in _SYMBOLS if name in self.params), "")


def _is_odd(name: str, value: str) -> bool:
    """Whether a time is none, or a window too wide: such a request is refused, and is not the sound one."""
    if name not in {"timestamp", "recvWindow"}:
        return False
    return not value.isdigit() or (name == "recvWindow" and int(value) > 60_000)


class RecordedAnswer(NamedTuple):
    """A request that was recorded, and what was answered."""

    asked: Asked
    seen: Recorded

    @property
    def is_success(self) -> bool:
        """Whether it may stand for another request of the same name."""
        return not self.seen.expect_codes and self.seen.status in {None, 200} and self.seen.attempt == 1


class Recording:
    """A recorded run: answers by surface, product and name; messages by product and stream; events by product."""

    def __init__(self, seen: list[Recorded]) -> None:
        self.answers: dict[tuple[str, str], list[RecordedAnswer]] = defaultdict(list)
        self.streams: dict[tuple[str, str], Recorded] = {}
        self.events: dict[str, list[Recorded]] = defaultdict(list)
        for one in seen:
            if one.aside:
                continue
            if one.surface == "stream":
                self._take_stream(one)
            elif one.surface == "event" and one.messages:
                self.events[one.product].append(one)
            elif one.response is not None and (asked := read_request(one.request)) is not None:
                # Paths are parted by product already, the names of WebSocket APIs are not.
                of = one.product if one.surface == "ws-api" else ""
                self.answers[of, asked.name].append(RecordedAnswer(asked, one))
        for events in self.events.values():
            events.sort(key=lambda one: one.at)
        self.recorded_at = max((one.at for one in seen), default=0.0)

    def _take_stream(self, one: Recorded) -> None:
        match = _STREAM.search(one.request)
        if match is not None and one.messages:
            name = match["name"] or match["url"].rpartition("/ws/")[2]
            self.streams.setdefault((one.product, name), one)


def read_request(text: str) -> Asked | None:
    """Return a request as a run writes it down: a frame, or a request line with its body; None for anything else."""
    if text.startswith("{"):
        try:
            frame = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            method = msgspec.json.decode(frame["method"], type=str)
            params = msgspec.json.decode(frame.get("params", msgspec.Raw(b"{}")), type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, KeyError):
            return None
        return Asked(method, {name: plain(bytes(value)) for name, value in params.items()})
    line, _, body = text.partition("\n")
    verb, _, address = line.partition(" ")
    path, _, query = address.partition("?")
    if not path.startswith("/"):
        return None
    given = dict(parse_qsl(body, keep_blank_values=True)) | dict(parse_qsl(query, keep_blank_values=True))
    return Asked(f"{verb} {path}", given)


def plain(raw: bytes) -> str:
    """Return the JSON text of a value, a string without its quotes."""
    return str(msgspec.json.decode(raw, type=str)) if raw[:1] == b'"' else raw.decode()


def load_recording(file: Path) -> Recording:
    """Read the observations of a run; RecordingError, a sentence, where there are none."""
    seen = []
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise RecordingError(f"{file} is larger than a recording can be.")
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        seen.append(msgspec.json.decode(line, type=Recorded))
                    except (msgspec.DecodeError, RecursionError) as error:
                        raise RecordingError(f"{file}, line {number} is no observation: {error}.") from None
    except (OSError, ValueError) as error:
        raise RecordingError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if not seen:
        raise RecordingError(f"{file} holds no observation. A run leaves them in reports/observations.jsonl.")
    return Recording(seen)

"""Recorded answers and messages as they would be now: their times shifted, what was redacted or the client's put in."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Times so far from when something was recorded are times of that moment; others, such as deliveries, stay.
NEAR_MS = 3 * 86_400_000

_TIME = re.compile(r"(?<![\w.\"-])(1\d{12})(?![\w.\"])")
_REDACTED = re.compile(r"<redacted ([a-z -]+)>")
_OWN_ID = re.compile(r".*id", re.IGNORECASE)
_SHORTEST_ID = 3


def shifted(text: str, recorded_at: float, now: float) -> str:
    """Return a text with all times near to when it was recorded as far from now."""
    delta = round(now - recorded_at)

    def moved(match: re.Match[str]) -> str:
        time = int(match[1])
        return str(time + delta) if abs(time - recorded_at) < NEAR_MS else match[0]

    return _TIME.sub(moved, text)


def filled(text: str, recorded: Mapping[str, str], given: Mapping[str, str], *, listen_key: str) -> str:
    """Return an answer with the client's own ids in place of the recorded ones, and something for what was redacted.

    `recorded` and `given` are the parameters of the recorded request and of the client's.
    """
    for name, before in recorded.items():
        after = given.get(name, before)
        if after == before or len(before) < _SHORTEST_ID or not _OWN_ID.fullmatch(name):
            continue
        text = text.replace(json.dumps(before), json.dumps(after))
        if before.isdigit() and after.isdigit():
            text = re.sub(rf"(?<![\w.\"-]){before}(?![\w.\"])", after, text)
    by_word = {match[1]: given[name] for name in given if (match := _REDACTED.fullmatch(recorded.get(name, "")))}

    def put(match: re.Match[str]) -> str:
        word = match[1]
        if word == "listen key":
            return given.get("listenKey", listen_key)
        value = by_word.get(word, made_up(word))
        return json.dumps(value)[1:-1]

    return _REDACTED.sub(put, text)


def made_up(word: str) -> str:
    """Return 64 letters and digits that stand for something redacted: the same ones each time."""
    return hashlib.sha256(word.encode()).hexdigest()


class Loop:
    """The messages of a stream, again and again: at the recorded pace, with numbers that go on growing.

    Args:
        messages: As recorded.
        began: When listening began, and `ended` when the last message came, in epoch milliseconds.
        shift: Whether times are shifted to now.
    """

    def __init__(self, messages: Sequence[str], began: float, ended: float, *, shift: bool) -> None:
        self._messages, self._shift = messages, shift
        times = [_time_of(text) for text in messages]
        even = min(max((ended - began) / len(messages), 50.0), 5_000.0)
        known = [time for time in times if time]
        gaps = [max(0, after - before) for before, after in itertools.pairwise(known)]
        gaps = gaps if len(known) == len(messages) and any(gaps) else [round(even)] * (len(messages) - 1)
        self._times = [time or ended for time in times]
        self._pause = max(50, round(sum(gaps) / len(gaps)) if gaps else round(even))
        self._gaps = [*gaps, self._pause]
        self._growth = _growth(messages)
        self._next, self._due, self._round = 0, 0.0, 0

    def due(self, now: int) -> list[bytes]:
        """Return the messages that are due, oldest first; after a pause only one, so that nothing is caught up with."""
        if not self._due or now - self._due > 2 * max(self._gaps):
            self._due = now
        found: list[bytes] = []
        while self._due <= now and len(found) < len(self._messages):
            found.append(self._message(self._next, now))
            self._due += self._gaps[self._next]
            self._next += 1
            if self._next == len(self._messages):
                self._next, self._round = 0, self._round + 1
        return found

    def _message(self, number: int, now: int) -> bytes:
        text = self._messages[number]
        if self._round and self._growth:
            fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            for name, growth in self._growth.items():
                if name in fields:
                    fields[name] = msgspec.Raw(str(int(bytes(fields[name])) + growth * self._round).encode())
            text = msgspec.json.encode(fields).decode()
        return (shifted(text, self._times[number], now) if self._shift else text).encode()


def _time_of(text: str) -> int:
    """Return the time that a message says of itself; 0 for none."""
    match = re.search(r'"E":\s*(1\d{12})(?!\d)', text)
    return int(match[1]) if match is not None else 0


def _growth(messages: Sequence[str]) -> dict[str, int]:
    """Return by how much each number at the top of a message must grow from one round to the next.

    Those are the whole numbers that never go back from message to message and are no times: ids of trades and updates.
    All grow alike, so that what joins one message to the one before still does: `pu` is the `u` before it.
    """
    rows = []
    for text in messages:
        try:
            fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        except msgspec.DecodeError:
            return {}
        rows.append({name: int(raw) for name, value in fields.items() if (raw := bytes(value)).isdigit()})
    names = [name for name in rows[0] if all(name in row for row in rows)]
    growing = [name for name in names if _TIME.fullmatch(str(rows[0][name])) is None and _grows(rows, name)]
    if not growing:
        return {}
    first, last = rows[0], rows[-1]
    if "pu" in growing and "u" in growing:
        step = last["u"] - first["pu"]
    else:
        step = max(last[name] - first[name] for name in growing) + 1
    return dict.fromkeys(growing, step)


def _grows(rows: Sequence[Mapping[str, int]], name: str) -> bool:
    values = [row[name] for row in rows]
    rises = all(before <= after for before, after in itertools.pairwise(values))
    return rises and (values[-1] > values[0] or (len(values) == 1 and values[0] > 10_000))

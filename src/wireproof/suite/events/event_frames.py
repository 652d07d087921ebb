"""Frames of private streams: which documented event a frame is, however spoiled it came.

A frame is told by its `e`; where that is none of the documented types, or belongs to an event of quite another shape,
by its fields. An event is looked for in arrays and envelopes around it as well, and in what is left of spoiled JSON.
What is wrong with such a frame is no matter of this module: it is compared, as it came, with the event that it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from wireproof.contract.model import Event
from wireproof.recognition import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wireproof.contract.model import Contract
    from wireproof.wire.websocket.user_stream import StreamEvent

#: Fields that most events have, which tell none from another.
COMMON = frozenset({"e", "E", "T"})

#: How much of the fields of a frame must be an event's to make it that event, and how much more than of the event that
#: its `e` names.
ENOUGH, MORE = 0.6, 0.2

#: Levels and neighbours that are looked through for an event, and characters of a spoiled frame.
DEEPEST, MOST_INNER, LONGEST = 3, 8, 65_536

#: Places at which a spoiled document is tried to be cut, from its end.
MOST_CUTS = 6


@dataclass(frozen=True, slots=True)
class EventFrame:
    """What a frame of a private stream is.

    `name` is the documented event that it is, empty where that cannot be told; `document` the event in it, None where
    there is none. `problem` says, as a clause, why it is no documented event as it came; empty when it is one.
    `event_type` is its `e` where no contract knows it.
    """

    name: str
    document: dict[str, Any] | None
    problem: str = ""
    event_type: str = ""


class EventShapes:
    """The events that contracts document, by `e` and by their fields."""

    def __init__(self, contracts: Iterable[Contract], known: Iterable[str] = ()) -> None:
        self.contracts = {one.name: one for one in contracts if isinstance(one.subject, Event)}
        self.known = {*self.contracts, *known}
        self._paths = {
            name: frozenset(path for example in one.examples for path in paths_of(example.response))
            for name, one in self.contracts.items()
        }
        self._read: dict[StreamEvent, EventFrame] = {}

    def read(self, event: StreamEvent) -> EventFrame:
        """Return what a frame is."""
        found = self._read.get(event)
        if found is None:
            found = self._read[event] = self._of(event)
        return found

    def _of(self, event: StreamEvent) -> EventFrame:
        data = event.data
        name = data.get("e") if isinstance(data, dict) else None
        if isinstance(name, str) and name in self.contracts:
            other = self._rather(name, data)
            if not other:
                return EventFrame(name, data)
            return EventFrame(other, data, f"its `e` is {name}, and its fields are those of {other}")
        if isinstance(name, str) and name in self.known:
            return EventFrame("", data)  # of a type that a rule of fields names, with no contract of its own
        if is_json(event):
            found, document = self._within(data)
            unknown = name if isinstance(name, str) and name else ""
            return EventFrame(found, document, problem_of(data, self.known), unknown)
        found, document = self._within(repaired(event.raw))
        return EventFrame(found, document, "it is no JSON")

    def _within(self, data: Any) -> tuple[str, dict[str, Any] | None]:
        """Return the event in a document, and its name; that of the likest fields where none names a known type."""
        best: tuple[tuple[float, float], str, dict[str, Any] | None] = ((0.0, 0.0), "", None)
        outermost = None
        for document in objects_in(data):
            outermost = outermost if outermost is not None else document
            name = document.get("e")
            if isinstance(name, str) and name in self.contracts:
                return self._rather(name, document) or name, document
            score, likest = self._likest(document)
            if score > best[0]:
                best = (score, likest, document)
        return (best[1], best[2]) if best[1] else ("", outermost)

    def _rather(self, name: str, document: Mapping[str, Any]) -> str:
        """Return the event whose fields a document has, when far fewer of them are of the event that it names."""
        fields = paths_of(document) - COMMON
        own = _shared(fields, self._paths[name])[0] if fields else 1.0
        if own > 1 - MORE:
            return ""
        score, likest = self._likest(document)
        return likest if score[0] >= max(ENOUGH, own + MORE) else ""

    def _likest(self, document: Mapping[str, Any]) -> tuple[tuple[float, float], str]:
        """Return the event whose fields a document has, and how sure that is; no name where it is not sure enough."""
        fields = paths_of(document) - COMMON
        if not fields:
            return (0.0, 0.0), ""
        scores = sorted(((_shared(fields, paths), name) for name, paths in self._paths.items()), reverse=True)
        if not scores or scores[0][0][0] < ENOUGH or (len(scores) > 1 and scores[1][0] == scores[0][0]):
            return (0.0, 0.0), ""
        return scores[0]


def _shared(fields: frozenset[str], paths: frozenset[str]) -> tuple[float, float]:
    """Return how much of these fields an event has, and how much of both together they share."""
    both = len(fields & paths)
    return both / len(fields), both / len(fields | (paths - COMMON))


def paths_of(document: Any) -> frozenset[str]:
    """Return the generalised paths of all fields of a document."""
    return frozenset(_paths(document, "", DEEPEST + 1))


def _paths(document: Any, before: str, left: int) -> Iterator[str]:
    if left == 0:
        return
    if isinstance(document, dict):
        for name, value in document.items():
            path = f"{before}.{name}" if before else name
            yield path
            yield from _paths(value, path, left - 1)
    elif isinstance(document, list):
        for element in islice(document, MOST_INNER):
            yield from _paths(element, f"{before}[]", left)


def objects_in(data: Any, left: int = DEEPEST) -> Iterator[dict[str, Any]]:
    """Yield the objects in a document, the outer ones first: in arrays, in fields, and in texts that are JSON."""
    if isinstance(data, str) and data[:1] in {"{", "["}:
        data = repaired(data.encode("utf-8", "replace"))
    if isinstance(data, dict):
        yield data
    inner: Iterable[Any] = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    if left:
        for one in islice(inner, MOST_INNER):
            yield from objects_in(one, left - 1)


def is_json(event: StreamEvent) -> bool:
    """Whether a frame is JSON; `null` is."""
    return event.data is not None or event.raw.strip() == b"null"


def problem_of(data: Any, known: Iterable[str] = ()) -> str:
    """Return why a JSON document is no documented event, as a clause."""
    if isinstance(data, list):
        return "it is an array"
    if not isinstance(data, dict):
        return f"it is {'null' if data is None else 'a text' if isinstance(data, str) else 'a bare value'}"
    if "e" not in data:
        if "id" in data and ("result" in data or "error" in data):
            return "it is an answer to a command, and none was sent"
        return "it has no `e`"
    name = data["e"]
    if not isinstance(name, str):
        return f"its `e` is {shortened(json.dumps(name), 40)}"
    return "" if name in known else f"its `e` is {shortened(json.dumps(name), 60)}, which no contract knows"


def repaired(raw: bytes) -> Any:
    """Return what can be read of spoiled JSON: what follows the first bracket, cut where it goes wrong, and closed."""
    text = raw[:LONGEST].decode("utf-8", "replace").lstrip("\ufeff")
    starts = [place for place in map(text.find, "{[") if place >= 0]
    if not starts:
        return None
    text = text[min(starts) :]
    decoder = json.JSONDecoder(strict=False)
    try:
        return decoder.raw_decode(text)[0]
    except json.JSONDecodeError as error:
        text = text[: error.pos]
    except RecursionError:
        return None
    for end, closing in islice(_cuts(text), MOST_CUTS):
        try:
            return decoder.raw_decode(text[:end] + closing)[0]
        except (json.JSONDecodeError, RecursionError):
            continue
    return None


def _cuts(text: str) -> Iterator[tuple[int, str]]:
    """Yield where the beginning of a JSON document may end, the last place first, and the brackets to close there."""
    found: list[tuple[int, str]] = []
    open_brackets, quoted, escaped = "", False, False
    for place, character in enumerate(text):
        if quoted:
            quoted, escaped = character != '"' or escaped, character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "{[":
            open_brackets = ("}" if character == "{" else "]") + open_brackets
            found.append((place + 1, open_brackets))
        elif character in "}]":
            open_brackets = open_brackets[1:]
            found.append((place + 1, open_brackets))
        elif character == ",":
            found.append((place, open_brackets))
    if not quoted:
        found.append((len(text), open_brackets))
    yield from reversed(found)

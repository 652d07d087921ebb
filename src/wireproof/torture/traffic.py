"""What passes through the relays of a run: each message with the contract it belongs to.

`Observer` learns: which contracts are answered, with what documents. `Alterer` alters: the messages of the contracts
that it has an alteration for, and counts how often it did.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from wireproof.torture.altering import alter_answer, alter_frame
from wireproof.torture.documents import nodes, parse
from wireproof.torture.relay import Drop, Hooks, HttpAnswer, HttpRequest, Line, WsFrame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from wireproof.torture.alteration import Alteration
    from wireproof.torture.contract_catalogue import ContractIndex
    from wireproof.torture.relay import Close, Drip, Silence

#: Documents kept of one contract: those that show places which no earlier one showed.
MOST_DOCUMENTS = 12

#: Messages of one place that are read at all.
MOST_READ = 150

#: How long a message is kept back for the next one to overtake it, in seconds.
OVERTAKING_SECONDS = 2.0

#: Whose a message over a combined connection is.
_STREAM = re.compile(rb'\s*\{\s*"stream"\s*:\s*"([^"]*)"')

_Row = tuple[int, int, bytes]  # connection, alteration, stream


@dataclass(frozen=True, slots=True)
class Served:
    """What a relay serves: the product whose URL it is, by surface."""

    rest: str = ""
    ws_api: str = ""
    stream: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message belongs: a contract, and whether it is its success, its error, a message or a command."""

    contract: str
    bucket: str  # "rest success", "ws-api error", "stream message", "event message", "command success" …


@dataclass
class Learned:
    """What was seen of one place: how many messages, and documents that show different places."""

    messages: int = 0
    documents: list[Any] = field(default_factory=list)
    headers: set[str] = field(default_factory=set)
    _seen: set[Any] = field(default_factory=set)

    def take(self, content: bytes) -> None:
        """Count a message, and keep its document when it shows something new."""
        self.messages += 1
        if self.messages > MOST_READ or len(self.documents) >= MOST_DOCUMENTS:
            return
        try:
            document = parse(content)
        except (ValueError, RecursionError):
            return
        found = {path for path, _ in nodes(document)}
        if not found <= self._seen:
            self._seen |= found
            self.documents.append(document)


class Passing(Hooks):
    """Finds the place that each message belongs to; subclasses decide what is done with it."""

    def __init__(self, served: Served, catalogue: ContractIndex) -> None:
        self.served, self.catalogue = served, catalogue
        self._asked: dict[tuple[int, str], tuple[str, bool]] = {}  # by connection and id: contract

    # -- to be overridden --

    async def answer(self, place: Place, answer: HttpAnswer) -> HttpAnswer | Drop | Silence | Drip:
        """Return what is answered over HTTP."""
        del place
        return answer

    async def frame(self, place: Place, line: Line, frame: WsFrame) -> Iterable[WsFrame | Drip | Close | Drop]:
        """Return what is sent in place of a frame."""
        del place, line
        return (frame,)

    # -- telling --

    async def http(
        self, request: HttpRequest, forward: Callable[[HttpRequest], Awaitable[HttpAnswer]]
    ) -> HttpAnswer | Drop | Silence | Drip:
        """Pass a request on, and its answer with the place it belongs to."""
        answer = await forward(request)
        contract = self.catalogue.rest.get((self.served.rest, request.verb, request.path), "")
        if not contract:
            return answer
        bucket = "rest success" if 200 <= answer.status < 300 else "rest error"
        return await self.answer(Place(contract, bucket), answer)

    async def to_target(self, line: Line, frame: WsFrame) -> Iterable[WsFrame]:
        """Note what a frame asks for."""
        with contextlib.suppress(ValueError, RecursionError):
            document = json.loads(frame.raw)
            if isinstance(document, dict):
                self._note(line, document)
        return (frame,)

    def _note(self, line: Line, document: Mapping[str, Any]) -> None:
        key = (line.number, _identity(document.get("id")))
        if self.served.ws_api:
            contract = self.catalogue.methods.get((self.served.ws_api, str(document.get("method"))), "")
            self._asked[key] = (contract, False)
        elif self.served.stream and not self._is_private(line):
            self._asked[key] = (self.catalogue.command(self.served.stream, document), True)

    def _is_private(self, line: Line) -> bool:
        """Whether a connection is a private stream, which may share its root with market streams."""
        if not self.served.event:
            return False
        if not self.served.stream or "listenKey=" in line.request.query:
            return True
        name = line.request.path.partition("/ws/")[2]
        return bool(name) and "@" not in name and not name.startswith("!") and len(name) > 20

    async def to_client(self, line: Line, frame: WsFrame) -> Iterable[WsFrame | Drip | Close | Drop]:
        """Pass a frame on with the place it belongs to."""
        try:
            document = json.loads(frame.raw)
        except (ValueError, RecursionError):
            return (frame,)
        place = self.place_of(line, document)
        return (frame,) if place is None else await self.frame(place, line, frame)

    def place_of(self, line: Line, document: Any) -> Place | None:
        """Return the place of a frame from the target; None where no contract fits."""
        document = document if isinstance(document, dict) else {}
        if "id" in document and ("result" in document or "error" in document):
            contract, is_command = self._asked.get((line.number, _identity(document["id"])), ("", False))
            if not contract:
                return None
            if is_command and "error" in document:
                return Place(self.catalogue.refused(contract), "command error")
            if is_command:
                return Place(contract, "command success")
            return Place(contract, f"ws-api {'success' if document.get('status') == 200 else 'error'}")
        if self._is_private(line):
            contract = self.catalogue.events.get((self.served.event, str(document.get("e"))), "")
            return Place(contract, "event message") if contract else None
        if not self.served.stream:
            return None
        name = line.request.path.partition("/ws/")[2]
        if "stream" in document and "data" in document:
            name = str(document["stream"])
        contract = self.catalogue.stream(self.served.stream, unquote(name)) if name else ""
        return Place(contract, "stream message") if contract else None


def _identity(value: Any) -> str:
    return f"{type(value).__name__} {value}"


class Observer(Passing):
    """Learns what passes, and alters nothing."""

    def __init__(self, served: Served, catalogue: ContractIndex, learned: dict[Place, Learned]) -> None:
        super().__init__(served, catalogue)
        self._learned = learned

    async def answer(self, place: Place, answer: HttpAnswer) -> HttpAnswer:
        """Learn of an answer over HTTP."""
        known = self._learned.setdefault(place, Learned())
        known.headers |= {name.lower() for name in answer.headers}
        known.take(answer.content)
        return answer

    async def frame(self, place: Place, line: Line, frame: WsFrame) -> Iterable[WsFrame]:
        """Learn of a frame."""
        del line
        self._learned.setdefault(place, Learned()).take(frame.raw)
        return (frame,)


class Alterer(Passing):
    """Alters every message of the places that it has an alteration for, and counts those that it altered."""

    def __init__(
        self,
        served: Served,
        catalogue: ContractIndex,
        alterations: Mapping[Place, Alteration],
        applied: Counter[int],
        stand_ins: Mapping[str, str],
    ) -> None:
        super().__init__(served, catalogue)
        self._alterations, self._applied, self._stand_ins = alterations, applied, stand_ins
        self._held: dict[_Row, WsFrame] = {}
        self._counts: Counter[tuple[int, int]] = Counter()
        self._releasing: set[asyncio.Task[None]] = set()

    async def answer(self, place: Place, answer: HttpAnswer) -> HttpAnswer:
        """Alter an answer over HTTP."""
        alteration = self._alterations.get(place)
        altered = alter_answer(alteration, answer, self._stand_ins) if alteration is not None else None
        if alteration is None or altered is None:
            return answer
        self._applied[alteration.index] += 1
        return altered

    async def frame(self, place: Place, line: Line, frame: WsFrame) -> Iterable[WsFrame]:
        """Alter a frame, keep it back or send it twice."""
        alteration = self._alterations.get(place)
        if alteration is None:
            return (frame,)
        match alteration.kind:
            case "swapped":
                return self._swap(alteration, line, frame)
            case "dropped":
                key = (line.number, alteration.index)
                self._counts[key] += 1
                if self._counts[key] % 3:
                    return (frame,)
                altered: Iterable[WsFrame] | None = ()
            case _:
                altered = alter_frame(alteration, frame, parse(frame.raw), self._stand_ins)
        if altered is None:
            return (frame,)
        self._applied[alteration.index] += 1
        return altered

    def _swap(self, alteration: Alteration, line: Line, frame: WsFrame) -> Iterable[WsFrame]:
        """Keep every other message of a stream back until its next one has passed: streams have no order among them."""
        named = _STREAM.match(frame.raw)
        key = (line.number, alteration.index, named[1] if named else b"")
        held = self._held.pop(key, None)
        if held is not None:
            self._applied[alteration.index] += 1
            return (frame, held)
        self._held[key] = frame
        task = asyncio.get_running_loop().create_task(self._release(key, line, frame))
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)
        return ()

    async def _release(self, key: _Row, line: Line, frame: WsFrame) -> None:
        await asyncio.sleep(OVERTAKING_SECONDS)
        if self._held.get(key) is frame:
            del self._held[key]
            await line.send(frame)

    async def closed(self, line: Line) -> None:
        """Forget what was kept back for a connection."""
        for key in [key for key in self._held if key[0] == line.number]:
            del self._held[key]

"""Records what a client reads of decoded answers, while its own tests run against the venue.

Answers become dictionaries and lists that note which of their keys are read: by subscript (needed), by `get` and `in`
(not needed), or whole: by iterating, `**`, comparing, `json.dumps`. Which contract an answer belongs to says its
request: verb and path, the method of the WebSocket API, the stream, the event.

As a plugin of pytest: `pytest -p wireproof.manifest.uses_recording --record-uses uses.json`, then `wireproof uses
--recorded uses.json`. It watches what requests, httpx and aiohttp decode, and the messages that `json.loads` and
`orjson.loads` do. A client that has a decoder of its own gives its documents to a `Recorder`. What native code reads is
not seen, such as that of pydantic and msgspec: models are derived with `wireproof uses --models`.
"""

from __future__ import annotations

import contextlib
import sys
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from wireproof.contract.model import Stream
from wireproof.contract.paths import child, element
from wireproof.contract.store import load_store
from wireproof.drift.deviations import kind_word
from wireproof.manifest.client_manifest import ALL_BELOW, ClientName, Manifest, ReadPath, Strictness, manifest_json
from wireproof.manifest.contract_mapping import ContractMapping
from wireproof.manifest.touching import KINDS_OF_WORDS
from wireproof.manifest.used_paths import all_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wireproof.manifest.client_manifest import ValueKind

_MOST_SENT = 10_000  # requests over the WebSocket API whose answers are waited for


class _Note:
    """What was seen at one path: how it was asked for, and what stood there."""

    __slots__ = ("asked", "kinds", "needed", "nullable")

    def __init__(self) -> None:
        self.needed = self.asked = self.nullable = False
        self.kinds: set[ValueKind] = set()


class _Trace(NamedTuple):
    """Where a part of an answer stands: in which contracts, at which path."""

    notes: tuple[dict[str, _Note], ...]
    path: str

    def note(self, path: str, value: Any, *, needed: bool) -> None:
        """Note that a value was read, or looked for."""
        for notes in self.notes:
            one = notes.setdefault(path, _Note())
            one.needed, one.asked = one.needed or needed, one.asked or not needed
            if value is None:
                one.nullable = True
            elif value is not _NOTHING:
                one.kinds.add(KINDS_OF_WORDS[kind_word(value)])

    def whole(self) -> None:
        """Note that everything from here on was read."""
        for notes in self.notes:
            notes.setdefault(all_below(self.path), _Note()).asked = True


_NOTHING = object()


class WatchedDict(dict[str, Any]):
    """An object of an answer that notes which of its keys are read."""

    __slots__ = ("_trace",)
    __hash__ = None  # as of any dictionary

    def __init__(self, content: dict[str, Any], trace: _Trace) -> None:
        self._trace = trace
        super().__init__(
            {key: _watched(value, trace._replace(path=child(trace.path, str(key)))) for key, value in content.items()}
        )

    def _read(self, key: Any, *, needed: bool) -> None:
        if isinstance(key, str):
            self._trace.note(child(self._trace.path, key), dict.get(self, key, _NOTHING), needed=needed)

    def __getitem__(self, key: str) -> Any:
        self._read(key, needed=True)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value, as of a dictionary."""
        self._read(key, needed=False)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """Take a value out, as of a dictionary."""
        self._read(key, needed=not default)
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return a value that is there by then, as of a dictionary."""
        self._read(key, needed=False)
        return super().setdefault(key, default)

    def __contains__(self, key: object) -> bool:
        self._read(key, needed=False)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._trace.whole()
        return super().__iter__()

    def keys(self) -> Any:
        """Return the keys, as of a dictionary."""
        self._trace.whole()
        return super().keys()

    def values(self) -> Any:
        """Return the values, as of a dictionary."""
        self._trace.whole()
        return super().values()

    def items(self) -> Any:
        """Return the pairs, as of a dictionary."""
        self._trace.whole()
        return super().items()

    def __eq__(self, other: object) -> bool:
        self._trace.whole()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __or__(self, other: Any) -> Any:
        self._trace.whole()
        return super().__or__(other)

    def copy(self) -> WatchedDict:
        """Return another one with the same content, which is watched as well."""
        return self.__copy__()

    def __copy__(self) -> WatchedDict:
        return WatchedDict(dict(dict.items(self)), self._trace)

    def __deepcopy__(self, _: Any) -> WatchedDict:
        return self.__copy__()

    def __reduce__(self) -> Any:
        self._trace.whole()
        return dict, (dict(dict.items(self)),)


class WatchedList(list[Any]):
    """An array of an answer that notes when its elements are read; of a row within an array, which position."""

    __slots__ = ("_is_row", "_trace")
    __hash__ = None  # as of any list

    def __init__(self, content: list[Any], trace: _Trace) -> None:
        self._trace = trace
        self._is_row = trace.path.endswith("]") and not any(isinstance(one, dict | list) for one in content)
        inner = trace._replace(path=element(trace.path))
        super().__init__(_watched(one, inner) for one in content)

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        if isinstance(at, slice):
            self._each()
            return found
        exact = self._is_row and isinstance(at, int) and at >= 0
        path = f"{self._trace.path}[{at}]" if exact else element(self._trace.path)
        self._trace.note(path, found, needed=exact)
        return found

    def __iter__(self) -> Iterator[Any]:
        self._each()
        return super().__iter__()

    def _each(self) -> None:
        for one in list.__iter__(self):
            self._trace.note(element(self._trace.path), one, needed=False)

    def __eq__(self, other: object) -> bool:
        self._trace.whole()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __contains__(self, one: object) -> bool:
        self._each()
        return super().__contains__(one)

    def pop(self, at: Any = -1) -> Any:
        """Take an element out, as of a list."""
        self._each()
        return super().pop(at)

    def copy(self) -> WatchedList:
        """Return another one with the same content, which is watched as well."""
        return self.__copy__()

    def __copy__(self) -> WatchedList:
        return WatchedList(list(list.__iter__(self)), self._trace)

    def __deepcopy__(self, _: Any) -> WatchedList:
        return self.__copy__()

    def __reduce__(self) -> Any:
        self._trace.whole()
        return list, (list(list.__iter__(self)),)


def _watched(value: Any, trace: _Trace) -> Any:
    if isinstance(value, WatchedDict | WatchedList):
        return value
    if isinstance(value, dict):
        return WatchedDict(value, trace)
    return WatchedList(value, trace) if isinstance(value, list) else value


class Recorder:
    """Notes what is read of the answers that are given to it, by contract."""

    def __init__(self, mapping: ContractMapping | None = None) -> None:
        self.mapping = mapping or ContractMapping(load_store())
        self._notes: dict[str, dict[str, _Note]] = {}
        self._sent: dict[str, str] = {}

    def answer(self, method: str, path: str, document: Any, status: int = 200) -> Any:
        """Return the answer of a REST request, watched; a refusal and one of no contract as they are."""
        return self._watch(self.mapping.request(method, path), document) if status < 400 else document

    def method_answer(self, method: str, document: Any) -> Any:
        """Return an answer of the WebSocket API with its envelope, watched; a refusal as it is."""
        if not isinstance(document, dict) or document.get("status", 200) != 200:
            return document
        return self._watch(self.mapping.method(method), document)

    def message(self, document: Any, stream: str = "") -> Any:
        """Return a message of a stream or a user-data event, watched, in the envelope of a combined stream or without.

        `stream` is the name that it was subscribed by, where the message does not say it.
        """
        if isinstance(document, dict) and isinstance(document.get("stream"), str) and "data" in document:
            inner = self.message(document["data"], document["stream"])
            return {**document, "data": inner}
        found = self.mapping.stream(stream) if "@" in stream else []
        return self._watch(found or self._by_type(document), document)

    def sent(self, document: Any) -> None:
        """Note a request over the WebSocket API, by whose id its answer will be known."""
        if isinstance(document, dict) and isinstance(document.get("method"), str) and "id" in document:
            if len(self._sent) >= _MOST_SENT:
                self._sent.clear()
            self._sent[str(document["id"])] = document["method"]

    def decoded(self, document: Any) -> Any:
        """Return a document that came over a WebSocket, watched where it says what it is."""
        if isinstance(document, WatchedDict | WatchedList):
            return document
        if isinstance(document, dict) and "id" in document and "status" in document:
            method = self._sent.get(str(document["id"]))
            return self.method_answer(method, document) if method else document
        is_enveloped = isinstance(document, dict) and {"stream", "data"} <= document.keys()
        return self.message(document) if is_enveloped or _type_of(document) else document

    def _by_type(self, document: Any) -> list[str]:
        kind = _type_of(document)
        return [*self.mapping.event(kind), *self._streams_of.get((kind, isinstance(document, list)), [])]

    @cached_property
    def _streams_of(self) -> dict[tuple[str, bool], list[str]]:
        """Return the contracts of streams by the type of their messages, and whether these are arrays."""
        found: dict[tuple[str, bool], list[str]] = {}
        for contract in self.mapping.store.contracts.values():
            is_meant = not self.mapping.products or contract.product in self.mapping.products
            for example in contract.examples if is_meant and isinstance(contract.subject, Stream) else ():
                if kind := _type_of(example.response):
                    ids = found.setdefault((kind, isinstance(example.response, list)), [])
                    ids += [contract.id] if contract.id not in ids else []
        return found

    def _watch(self, contracts: Iterable[str], document: Any) -> Any:
        notes = tuple(self._notes.setdefault(name, {}) for name in contracts)
        return _watched(document, _Trace(notes, "")) if notes else document

    def manifest(self, name: str, version: str = "") -> Manifest:
        """Return what was read so far: open to new words and fields, with the kinds that came."""
        contracts = {}
        for contract_id, notes in self._notes.items():
            reads = [
                ReadPath(
                    path=path,
                    required=one.needed and not one.asked,
                    nullable=one.nullable or (path.endswith(ALL_BELOW) and not one.kinds),
                    kinds=tuple(sorted(one.kinds)),
                )
                for path, one in sorted(notes.items())
            ]
            contracts[contract_id] = self.mapping.use(contract_id, reads)
        return Manifest(
            client=ClientName(name=name, version=version),
            strictness=Strictness(enums="open", unknown_fields="ignored"),
            contracts=contracts,
        )


def _type_of(document: Any) -> str:
    """Return the type that a message, or the first of an array of them, says; empty where it says none."""
    first = document[0] if isinstance(document, list) and document else document
    kind = first.get("e") if isinstance(first, dict) else None
    return kind if isinstance(kind, str) else ""


@contextlib.contextmanager
def recording(recorder: Recorder) -> Iterator[Recorder]:
    """Let a recorder watch what requests, httpx and aiohttp decode meanwhile, and messages over WebSockets."""
    with contextlib.ExitStack() as stack:
        for name, place, wrap in (
            ("requests", "requests.models:Response", _of_response),
            ("httpx", "httpx:Response", _of_response),
            ("aiohttp", "aiohttp.client_reqrep:ClientResponse", _of_async_response),
        ):
            if find_spec(name) is not None:
                module, _, owner = place.partition(":")
                __import__(module)
                _replace(stack, getattr(sys.modules[module], owner), "json", wrap, recorder)
        for name in ("json", "orjson"):
            if find_spec(name) is not None:
                __import__(name)
                _replace(stack, sys.modules[name], "loads", _of_loads, recorder)
                _replace(stack, sys.modules[name], "dumps", _of_dumps, recorder)
        yield recorder


def _replace(stack: contextlib.ExitStack, owner: Any, name: str, wrap: Callable[..., Any], recorder: Recorder) -> None:
    before = getattr(owner, name)
    setattr(owner, name, wrap(before, recorder))
    stack.callback(setattr, owner, name, before)


def _of_response(before: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    def json(response: Any, *given: Any, **more: Any) -> Any:
        document = before(response, *given, **more)
        path = urlsplit(str(response.url)).path
        return recorder.answer(response.request.method, path, document, response.status_code)

    return json


def _of_async_response(before: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    async def json(response: Any, *given: Any, **more: Any) -> Any:
        document = await before(response, *given, **more)
        return recorder.answer(response.method, response.url.path, document, response.status)

    return json


def _of_loads(before: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    def loads(*given: Any, **more: Any) -> Any:
        return recorder.decoded(before(*given, **more))

    return loads


def _of_dumps(before: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    def dumps(document: Any, *given: Any, **more: Any) -> Any:
        recorder.sent(document)
        return before(document, *given, **more)

    return dumps


# -- the plugin of pytest ----------------------------------------------------------------------------------------------

_STACK = pytest.StashKey[contextlib.ExitStack]()
_RECORDER = pytest.StashKey[Recorder]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a recording."""
    group = parser.getgroup("wireproof", "what a client reads, for `wireproof uses --recorded`")
    group.addoption("--record-uses", metavar="FILE", help="write what the tests read of the exchange's answers there")
    group.addoption("--record-client", metavar="NAME", default="client", help="whose manifest that is")
    group.addoption("--record-product", metavar="PRODUCT", default="", help="only contracts of these: usdm,coinm")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record where a file is named."""
    if config.getoption("--record-uses"):
        products = list(filter(None, config.getoption("--record-product").split(",")))
        recorder = Recorder(ContractMapping(load_store(), products))
        stack = contextlib.ExitStack()
        stack.enter_context(recording(recorder))
        config.stash[_STACK], config.stash[_RECORDER] = stack, recorder


def pytest_unconfigure(config: pytest.Config) -> None:
    """Write what was recorded; a worker of pytest-xdist writes beside the file, with its name before the ending."""
    recorder = config.stash.get(_RECORDER, None)
    if recorder is None:
        return
    config.stash[_STACK].close()
    made = recorder.manifest(config.getoption("--record-client"))
    file = Path(config.getoption("--record-uses"))
    if worker := getattr(config, "workerinput", {}).get("workerid"):
        file = file.with_name(f"{file.stem}.{worker}{file.suffix}")
    if made.contracts:
        file.write_bytes(manifest_json(made))


@pytest.fixture
def uses_recorder(request: pytest.FixtureRequest) -> Iterator[Recorder]:
    """Return the recorder of the run, or one of the test's own that records while it runs."""
    held = request.config.stash.get(_RECORDER, None)
    if held is not None:
        yield held
        return
    with recording(Recorder()) as recorder:
        yield recorder

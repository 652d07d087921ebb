"""Which contracts a model belongs to, where in their answers, and what no contract documents of what it reads."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from wireproof.contract.model import Event, Request, Stream, Surface
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Elements, Fields, Map, Node, Positions, Scalar
from wireproof.drift.documented_shape import answer_shape, groups
from wireproof.errors import UsageError, only_one
from wireproof.manifest.client_manifest import ContractUse
from wireproof.manifest.touching import taken
from wireproof.manifest.used_paths import bare, lies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.contract.model import Contract
    from wireproof.contract.store import Store
    from wireproof.manifest.client_manifest import Manifest, ReadPath, Strictness

#: Where the documented object of an answer may stand: the whole, elements, the result of the WebSocket API.
_ROOTS = ("", "[]", "result", "result[]")
_PLACEHOLDER = re.compile(r"<[^>]*>")
_KINDS_OF = {
    Scalar.BOOLEAN: {"boolean"},
    Scalar.INTEGER: {"integer"},
    Scalar.TIMESTAMP: {"integer"},
    Scalar.NUMBER: {"integer", "number"},
    Scalar.STRING: {"string"},
    Scalar.DECIMAL: {"decimal"},
    Scalar.EMPTY: {"string"},
}


class DocumentedPlace(NamedTuple):
    """One documented path: the kinds that stand there, in words as well, and whether anything may stand below."""

    path: str
    kinds: frozenset[str]
    word: str
    is_open: bool


class ContractMapping:
    """Finds contracts in a store by what clients call, and what they document."""

    def __init__(self, store: Store, products: Iterable[str] = ()) -> None:
        self.store, self.products = store, frozenset(products)
        for name in self.products:
            store.product(name)
        self._places: dict[str, list[DocumentedPlace]] = {}

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[str]]:
        """Return contract ids by surface and name: `GET /path`, method, stream without the names of its parameters."""
        found: dict[tuple[str, str], list[str]] = {}
        for contract in self.store.contracts.values():
            if self.products and contract.product not in self.products:
                continue
            for name in _names(contract):
                found.setdefault((contract.surface.value, name), []).append(contract.id)
        return found

    def request(self, method: str, path: str) -> list[str]:
        """Return the ids of the REST contracts of a verb and path; products may share one."""
        return self._by_name.get(("rest", f"{method.upper()} {path}"), [])

    def method(self, name: str) -> list[str]:
        """Return the ids of the contracts of a method of the WebSocket API."""
        return self._by_name.get(("ws-api", name), [])

    def event(self, name: str) -> list[str]:
        """Return the ids of the contracts of a user-data event."""
        return self._by_name.get(("event", name), [])

    def stream(self, name: str) -> list[str]:
        """Return the ids of the contracts of a stream, by its pattern or by a name such as `btcusdt@aggTrade`."""
        found = self._by_name.get(("stream", _PLACEHOLDER.sub("<>", name)), [])
        if found or "<" in name:
            return found
        return [one for pattern, ids in self._patterns if pattern.fullmatch(name) for one in ids]

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], list[str]]]:
        """Return what the names of streams match, the patterns with most text of their own first, and their ids."""
        names = [(name, ids) for (surface, name), ids in self._by_name.items() if surface == "stream"]
        ordered = sorted(names, key=lambda pair: -len(pair[0].replace("<>", "")))
        return [
            (re.compile(r"[^@]+?".join(map(re.escape, name.split("<>"))), re.IGNORECASE), ids) for name, ids in ordered
        ]

    def named(self, text: str) -> list[str]:
        """Return the ids of what a person names: an id or how it begins, or `GET /fapi/v1/depth`.

        Raises UsageError for what no contract is called.
        """
        method, _, path = text.partition(" ")
        if path.startswith("/"):
            if found := self.request(method, path):
                return found
            raise UsageError(f"No contract is about {text!r}. `wireproof contracts list` has them all.")
        return [only_one(text, self.store.contracts, "There is no contract")]

    def places(self, contract_id: str) -> list[DocumentedPlace]:
        """Return every documented place of the answers of a contract, envelope included."""
        if contract_id not in self._places:
            contract = self.store.contract(contract_id)
            product = self.store.products[contract.product]
            found: dict[str, DocumentedPlace] = {}
            for group in groups(contract):
                for place in _walk(answer_shape(contract, group[0].name, product), ""):
                    before = found.get(place.path)
                    if before is not None:
                        words = place.word if place.word == before.word else f"{before.word} or {place.word}"
                        kinds, is_open = before.kinds | place.kinds, before.is_open or place.is_open
                        place = DocumentedPlace(place.path, kinds, words, is_open)  # noqa: PLW2901  # both
                    found[place.path] = place
            self._places[contract_id] = list(found.values())
        return self._places[contract_id]

    def rooted(self, contract_id: str, reads: Iterable[ReadPath], root: str | None = None) -> list[ReadPath]:
        """Return reads moved to where their model stands in the answers of a contract.

        Without `root`, that is wherever most of its fields are documented: several places where the answer is one
        object or a list of them.
        """
        reads = list(reads)
        if root is not None:
            return [moved(read, root) for read in reads]
        is_list = any(read.path == "" and "array" in read.kinds for read in reads)  # by itself
        roots = [root for root in _ROOTS if not (is_list and root.endswith("[]"))]
        documented = {root: self._documented_share(contract_id, reads, root) for root in roots}
        best = max(documented.values())
        if best < 0.5:
            is_enveloped = self.store.contract(contract_id).surface is Surface.WS_API
            return [moved(read, "result" if is_enveloped and best == documented["result"] else "") for read in reads]
        chosen = [root for root, share in documented.items() if share == best]
        return [moved(read, root) for root in chosen for read in reads]

    def _documented_share(self, contract_id: str, reads: list[ReadPath], root: str) -> float:
        """Return how much of what a model reads at its top is documented below a root, 0 to 1."""
        top = [read for read in reads if read.path.count(".") + read.path.count("[") <= 1 and read.path]
        places = self.places(contract_id)
        if not top:  # a scalar, or a whole document
            return float(any(place.path == root for place in places)) if root == "" else 0.0
        there = [moved(read, root) for read in top]
        known = sum(any(lies(place.path, one.path) == "at" for place in places) for one in there)
        return known / len(top)

    def undocumented(self, contract_id: str, reads: Iterable[ReadPath], manifest: Manifest) -> Iterator[str]:
        """Yield a sentence for each read that nothing documents, or that is documented as another kind."""
        places = self.places(contract_id)
        if retired := self.store.contract(contract_id).retired:
            yield f"{contract_id}: retired since {retired}; the client still reads it."
        if not places:
            return
        said: set[str] = set()
        for read in sorted(reads, key=lambda one: one.path):
            path = bare(read.path)
            if path in said or any(lies(one, read.path) == "above" for one in said):
                continue
            at = [place for place in places if lies(place.path, path) == "at"]
            if not at and not any(place.is_open and lies(place.path, path) == "above" for place in places):
                said.add(path)
                yield f"{contract_id}: {_reader(read)} reads {path!r}, and nothing documents it."
            elif at and read.kinds and (problem := _other_kind(at, read, manifest.rules_of(read))):
                said.add(path)
                yield f"{contract_id}: {_reader(read)} reads {path!r} as {problem}."

    def use(self, contract_id: str, reads: Iterable[ReadPath]) -> ContractUse:
        """Return what is read of a contract, with why nothing exercises it where its file says so."""
        contract = self.store.contract(contract_id)
        idle = contract.no_case if not contract.cases else ""
        idle = f"retired since {contract.retired}" if contract.retired else idle
        return ContractUse(reads=tuple(reads), unjudged=idle)


def moved(read: ReadPath, root: str) -> ReadPath:
    """Return a read whose path begins at a root: `price` at `result[]` is `result[].price`."""
    if not root:
        return read
    path = read.path
    glue = "" if not path or path.startswith("[") else "."
    return replace(read, path=f"{root}{glue}{path}", required=read.required and (bool(path) or "[" not in root))


def _reader(read: ReadPath) -> str:
    return read.by or "the client"


def _other_kind(places: list[DocumentedPlace], read: ReadPath, rules: Strictness) -> str:
    """Return what a place is read as and documented as, in words; empty where the two can be the same."""
    documented = frozenset(kind for place in places for kind in place.kinds)
    if not documented or any(place.is_open and not place.kinds for place in places):
        return ""
    if documented & taken(read, rules):
        return ""
    return (
        f"{' or '.join(sorted(taken(read, rules)))}; documented is {' or '.join(dict.fromkeys(p.word for p in places))}"
    )


def _names(contract: Contract) -> Iterator[str]:
    match contract.subject:
        case Request(method=method, path=path):
            yield f"{method} {path}".strip()
        case Stream(name=name):
            yield _PLACEHOLDER.sub("<>", name)
        case Event(name=name):
            yield name
        case _:
            return


def _walk(node: Node, path: str) -> Iterator[DocumentedPlace]:
    """Yield each place of a documented shape, the document first."""
    kinds = {kind for scalar in node.scalars for kind in _KINDS_OF[scalar]}
    kinds |= {"string"} if node.enum else set()
    kinds |= {"object"} if node.object is not None else set()
    kinds |= {"array"} if node.array is not None else set()
    empty = isinstance(node.array, Elements) and node.array.node is None
    hollow = isinstance(node.object, Fields) and not node.object.fields
    yield DocumentedPlace(
        path, frozenset() if node.anything else frozenset(kinds), node.word, node.anything or empty or hollow
    )
    for fields in node.parts:
        for name, entry in fields.fields.items():
            yield from _walk(entry.node, child(path, name))
    if isinstance(node.object, Map):
        yield from _walk(node.object.value, f"{path}.*" if path else "*")
    if isinstance(node.array, Positions):
        for number, inner in enumerate(node.array.nodes):
            yield from _walk(inner, f"{path}[{number}]")
    elif isinstance(node.array, Elements) and node.array.node is not None:
        yield from _walk(node.array.node, element(path))

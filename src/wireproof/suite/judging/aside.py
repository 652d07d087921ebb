"""Results that belong to no planned case: what is said once of a stream as a whole.

An event type that no contract knows, a private stream that delivers nothing. Such a result stands beside those of the
cases, with a contract that reports can show; it is no exercise of that contract, so coverage leaves it out.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from wireproof.contract.model import Contract, Event, Surface, WholeConnection
from wireproof.suite.planning.cases import WatchedCase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.contract.store import Store
    from wireproof.suite.planning.cases import CaseKind

PRIVATE_STREAM = "private-stream"

#: The last part of the id of what stands for a connection as a whole.
CONNECTION = "connection"

#: The event that an account has most often; it stands for the private stream, where a product has it.
USUAL_EVENT = "ORDER_TRADE_UPDATE"

#: What stands for the type of a message that names none, or none that can be shown.
NO_TYPE, UNSHOWN_TYPE = "without-a-type", "with-a-strange-type"

_SHOWABLE = re.compile(r"[\w.@!-]{1,60}", re.ASCII)


def private_stream_case(store: Store, product: str) -> WatchedCase:
    """Return the case that stands for a product's private stream."""
    contracts = _of(store, product, Surface.EVENT)
    contract = next((one for one in contracts if _name(one) == USUAL_EVENT), contracts[0])
    title = "the private stream as a whole"
    return WatchedCase(id=f"{contract.id}/{PRIVATE_STREAM}", contract=contract, title=title, kind="event")


def event_type_case(
    store: Store, product: str, surface: Surface, event_type: str, *, likest: Contract | None = None
) -> WatchedCase:
    """Return the case that stands for an event type that no contract knows: beside the contract that is named likest.

    `likest` is the contract whose fields its messages have, where there is one. Otherwise the choice depends on the
    names in the store alone, so that the finding keeps its fingerprint.
    """
    contracts = _of(store, product, surface)
    names = {name: contract for contract in reversed(contracts) for name in (_name(contract), *event_types([contract]))}
    near = get_close_matches(event_type, names, n=1, cutoff=0.5)
    usual = next((one for one in contracts if _name(one) == USUAL_EVENT), contracts[0])
    contract = likest or (names[near[0]] if near else usual)
    name = f"{contract.id}/undocumented/{event_type}"
    title = f"messages {event_type}, of which no contract knows"
    return WatchedCase(id=name, contract=contract, title=title, kind=kind_of(contract))


def connection_contract(store: Store, product: str, surface: Surface) -> Contract:
    """Return what stands for a connection as a whole where no contract can be told: it is none of the stored ones."""
    stored = _of(store, product, surface)
    like = next((one for one in stored if one.is_command), stored[0])
    return Contract(
        id=f"{product}/{surface.value}/{CONNECTION}",
        title="a connection as a whole",
        product=product,
        surface=surface,
        docs_url=like.docs_url,
        revised=like.revised,
        subject=WholeConnection(),
    )


def connection_named(name: str, store: Store) -> Contract | None:
    """Return the contract that stands for a connection, by its id; None for any other id."""
    for surface in (Surface.STREAM, Surface.EVENT, Surface.WS_API):
        product, _, rest = name.partition("/")
        if rest == f"{surface.value}/{CONNECTION}" and _of(store, product, surface):
            return connection_contract(store, product, surface)
    return None


def aside_case(contract: Contract, name: str, title: str, *, example: str = "") -> WatchedCase:
    """Return a case for what is said once beside the planned ones: `name` follows the contract's id."""
    return WatchedCase(
        id=f"{contract.id}/{name}", contract=contract, title=title, kind=kind_of(contract), example=example
    )


def kind_of(contract: Contract) -> CaseKind:
    """Return the kind of what is said of a stream, an event, a request, or a connection of the WebSocket API."""
    requested: CaseKind = "documented"
    kinds: dict[Surface, CaseKind] = {Surface.EVENT: "event", Surface.WS_API: requested, Surface.REST: requested}
    return kinds.get(contract.surface, "stream")


def known_event_types(store: Store, product: str, surface: Surface) -> set[str]:
    """Return the event types that the contracts of a product's surface know, and the product's rules of fields."""
    rules = [rule for rule in store.products[product].fields if any(_is_type(where, surface) for where in rule.where)]
    constants = {value for rule in rules for value in rule.constant if isinstance(value, str)}
    return event_types(_of(store, product, surface)) | constants


def event_types(contracts: Iterable[Contract]) -> set[str]:
    """Return the event types of contracts: the names of events, the `e` of streams' examples and refinements."""
    found: set[Any] = set()
    for contract in contracts:
        if isinstance(contract.subject, Event):
            found.add(contract.name)
        for example in contract.examples:
            found.add(event_type_of(example.response))
        for refinement in contract.refinements:
            if refinement.path.removeprefix("[].") == "e":
                found |= {*refinement.constant, *(refinement.enum if isinstance(refinement.enum, tuple) else ())}
    return {one for one in found if isinstance(one, str) and one}


def event_type_of(document: Any) -> str:
    """Return the event type that a message names in `e`, or the first element of an array does; empty when none."""
    event = document[0] if isinstance(document, list) and document else document
    name = event.get("e") if isinstance(event, dict) else None
    return name if isinstance(name, str) else ""


def showable(event_type: str) -> str:
    """Return an event type as it may stand in ids and reports."""
    if not event_type:
        return NO_TYPE
    return event_type if _SHOWABLE.fullmatch(event_type) else UNSHOWN_TYPE


def _of(store: Store, product: str, surface: Surface) -> list[Contract]:
    return [one for one in store.contracts.values() if one.product == product and one.surface is surface]


def _name(contract: Contract) -> str:
    return contract.id.rpartition("/")[2]


def _is_type(where: str, surface: Surface) -> bool:
    """Whether a place that a rule of fields names is the event type of a surface's messages."""
    contract, _, path = where.rpartition(" ")
    return f"/{surface.value}/" in contract and path in {"e", "[].e", "**.e"}

"""Which contract a message belongs to, by the names in the contract files: verb and path, method, stream, event."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.contract.model import Event, Request, Stream, Surface

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.contract.model import Contract

_HOLE = re.compile(r"(@?)<(\w+)>")


@dataclass
class ContractIndex:
    """Contract ids by what messages say of themselves."""

    rest: dict[tuple[str, str, str], str] = field(default_factory=dict)  # by product, verb and path
    methods: dict[tuple[str, str], str] = field(default_factory=dict)  # by product and method
    commands: dict[tuple[str, str], str] = field(default_factory=dict)  # by product and command
    events: dict[tuple[str, str], str] = field(default_factory=dict)  # by product and event type
    streams: list[tuple[str, re.Pattern[str], bool, str]] = field(default_factory=list)  # product, name, of a pair, id

    @classmethod
    def of(cls, contracts: Iterable[Contract]) -> ContractIndex:
        """Return the catalogue of these contracts."""
        made = cls()
        for contract in contracts:
            made._add(contract)
        return made

    def _add(self, contract: Contract) -> None:
        product = contract.product
        match contract.subject:
            case Request(method=verb, path=path) if contract.surface is Surface.REST:
                self.rest[product, verb, path] = contract.id
            case Request(method=method):
                self.methods[product, method] = contract.id
            case Event(name=name):
                self.events[product, name] = contract.id
            case Stream(name=name, command=True):
                self.commands[product, name] = contract.id
            case Stream(name=name):
                self.streams.append((product, stream_pattern(name), name.startswith("<pair>@"), contract.id))

    def command(self, product: str, document: Mapping[str, Any]) -> str:
        """Return the contract that says how a command to a stream is answered; empty when none does."""
        method, identity = document.get("method"), document.get("id")
        if "id" not in document:
            return self.commands.get((product, "missingId"), "")
        if isinstance(identity, str):
            return self.commands.get((product, "stringId"), "")
        return self.commands.get((product, str(method))) or self.commands.get((product, "malformed"), "")

    def refused(self, contract: str) -> str:
        """Return the contract that says how a command is refused: SUBSCRIBE is so for its limits only."""
        product, _, name = contract.partition("/")
        is_limited = name == "stream/control.SUBSCRIBE"
        return self.commands.get((product, "limits"), contract) if is_limited else contract

    def stream(self, product: str, name: str) -> str:
        """Return the contract of a stream by its name; empty when none fits.

        COIN-M has streams of a symbol and of its pair whose names differ in the underscore of the symbol alone.
        """
        found = [
            (of_pair, one) for of, pattern, of_pair, one in self.streams if of == product if pattern.fullmatch(name)
        ]
        if len(found) > 1:
            of_pair = "_" not in name.partition("@")[0]
            found = [pair for pair in found if pair[0] is of_pair] or found
        return found[0][1] if found else ""


def stream_pattern(name: str) -> re.Pattern[str]:
    """Return what matches the names that a documented pattern stands for; a hole behind an `@` may be left out."""
    parts, end = [], 0
    for hole in _HOLE.finditer(name):
        parts.append(re.escape(name[end : hole.start()]))
        parts.append("(?:@[^@]+)?" if hole[1] else "[^@]+?")
        end = hole.end()
    return re.compile("".join([*parts, re.escape(name[end:])]))

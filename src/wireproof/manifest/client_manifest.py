"""The manifest of a client: which paths of which contracts it reads, with which of its models, and how strictly.

A file of JSON for review: sorted, and the same whenever it is derived of the same client. `wireproof uses` writes it,
people may edit it, `wireproof gate` judges a night by it. The format is closed: an unknown key is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from wireproof.contract.store import decode
from wireproof.errors import ContractFileError

if TYPE_CHECKING:
    from pathlib import Path

#: Ends a path of which the client reads everything below as well.
ALL_BELOW = "**"

ValueKind = Literal["object", "array", "string", "boolean", "integer", "number", "decimal"]
EnumRule = Literal["", "closed", "open"]
UnknownRule = Literal["", "refused", "ignored"]
NumberRule = Literal["", "declared", "float", "integer", "decimal-string", "any"]


class Strictness(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """How strictly a client, or one of its models, reads. An empty rule is that of the client as a whole.

    Of the client itself, empty rules are: enumerations closed, unknown fields ignored, numbers as declared.
    """

    enums: EnumRule = ""  # whether a word beside those that it knows is an error (closed) or is handed on (open)
    unknown_fields: UnknownRule = ""  # whether a field that its model lacks is an error
    numbers: NumberRule = ""  # which notations it takes where it reads a number; declared: that of each field


class ReadPath(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """One place that one model reads.

    `path` is a generalised path as findings have it; a last `**` stands for everything below as well. `kinds` are the
    kinds of JSON that the model takes, `decimal` a string that holds a number; none: it takes anything.
    """

    path: str  # the generalised path
    by: str = ""  # what reads it: module.Class.field, or the class alone for the whole answer
    model: str = ""  # module.Class that an object there is made into
    required: bool = False  # whether it fails without: there is no default
    nullable: bool = False  # whether it takes null
    kinds: tuple[ValueKind, ...] = ()  # what it takes
    enum: tuple[str, ...] = ()  # the words that it knows, where it has a list of them
    enums: EnumRule = ""  # whether that list is closed
    unknown_fields: UnknownRule = ""  # of an object: what becomes of fields beside those that are read
    numbers: NumberRule = ""  # which notations of a number it takes


class ContractUse(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What a client reads of one contract."""

    reads: tuple[ReadPath, ...] = ()  # every place, by path and reader
    unjudged: str = ""  # why it is fine that no night exercises the contract; empty: then the gate says unknown


class ClientName(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """Whose manifest it is."""

    name: str  # of the package
    version: str = ""  # of the package


class AcceptedFinding(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A difference that the client copes with, whatever its models say."""

    fingerprint: str  # of the finding, as reports have it
    reason: str  # why that is fine


class Manifest(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What a client reads, and how strictly."""

    client: ClientName  # whose manifest it is
    strictness: Strictness = Strictness()  # of the client as a whole
    models: dict[str, Strictness] = field(default_factory=dict)  # of single models, by module.Class
    contracts: dict[str, ContractUse] = field(default_factory=dict)  # by id
    unmapped: tuple[str, ...] = ()  # models that no contract was found for: nothing of them is judged
    accepted: tuple[AcceptedFinding, ...] = ()  # differences that the client copes with

    def rules_of(self, read: ReadPath) -> Strictness:
        """Return the rules that hold where `read` is read: its own, else its model's, else the client's."""
        model = self.models.get(read.by) or self.models.get(read.by.rpartition(".")[0]) or Strictness()
        made, whole = self.models.get(read.model, Strictness()), self.strictness
        return Strictness(
            enums=read.enums or model.enums or whole.enums or "closed",
            unknown_fields=read.unknown_fields or made.unknown_fields or whole.unknown_fields or "ignored",
            numbers=read.numbers or model.numbers or whole.numbers or "declared",
        )


def in_order(manifest: Manifest) -> Manifest:
    """Return the manifest with everything sorted and nothing twice, so that the same client has the same file."""
    contracts = {
        name: replace(use, reads=tuple(sorted(set(map(_sorted_read, use.reads)), key=_place)))
        for name, use in sorted(manifest.contracts.items())
    }
    return replace(
        manifest,
        models=dict(sorted(manifest.models.items())),
        contracts=contracts,
        unmapped=tuple(sorted(set(manifest.unmapped))),
        accepted=tuple(sorted(manifest.accepted, key=lambda one: one.fingerprint)),
    )


def _sorted_read(read: ReadPath) -> ReadPath:
    return replace(read, kinds=tuple(sorted(set(read.kinds))), enum=tuple(sorted(set(read.enum))))


def _place(read: ReadPath) -> tuple[str, str, bytes]:
    return read.path, read.by, msgspec.json.encode(read)


def manifest_json(manifest: Manifest) -> bytes:
    """Return the content of a manifest's file."""
    return msgspec.json.format(msgspec.json.encode(in_order(manifest)), indent=2) + b"\n"


def read_manifest(file: Path) -> Manifest:
    """Read a manifest; ContractFileError says what is wrong with it, with the line and the nearest known key."""
    manifest = decode(file, Manifest)
    if problem := _problem(manifest):
        raise ContractFileError(file, problem)
    return manifest


def _problem(manifest: Manifest) -> str:
    if not manifest.client.name:
        return "client has no name."
    if not manifest.contracts:
        return "names no contract, so nothing could touch the client."
    for name, use in manifest.contracts.items():
        for read in use.reads:
            if ALL_BELOW in read.path.removesuffix(ALL_BELOW):
                return f"{name} reads {read.path!r}: ** may only end a path."
    return ""

"""A contract as its file holds it: the subject stands under the name of its kind.

The keys `request`, `stream` and `event` say what they hold better than a tag would. In the model they are one field, so
that no contract has none of them, or two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import NODEFAULT

from wireproof.contract.model import Contract, Event, Request, Stream, Surface

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The kinds of subjects that files hold, by key, and the key of each surface.
KINDS = {"request": Request, "stream": Stream, "event": Event}
KEYS = {Surface.WS_API: "request", Surface.REST: "request", Surface.STREAM: "stream", Surface.EVENT: "event"}


def _fields() -> Iterator[tuple[str, Any, Any]]:
    """Yield name, type and default of each key, in the order in which files have them."""
    yield "schema_", str, msgspec.field(default="", name="$schema")  # for editors; the model has no use for it
    for one in msgspec.structs.fields(Contract):
        if one.name == "subject":
            yield from ((key, kind | None, None) for key, kind in KINDS.items())
        elif one.default_factory is not NODEFAULT:
            yield one.name, one.type, msgspec.field(default_factory=one.default_factory)
        else:
            yield one.name, one.type, one.default


#: The format of contract files.
ContractFile = msgspec.defstruct(
    Contract.__name__,
    _fields(),
    namespace={"__doc__": Contract.__doc__},
    **{name: getattr(Contract.__struct_config__, name) for name in ("forbid_unknown_fields", "omit_defaults")},
    frozen=True,
    kw_only=True,
)


def contract_in(read: msgspec.Struct) -> Contract:
    """Return the contract that a ContractFile holds; ValueError, when its subject is not the one of its surface."""
    held = msgspec.structs.asdict(read)
    del held["schema_"]
    subjects = {key: subject for key in KINDS if (subject := held.pop(key)) is not None}
    wanted = KEYS[held["surface"]]
    if [*subjects] != [wanted]:
        raise ValueError(f"has {' and '.join(subjects) or 'no subject'}; its surface needs {wanted!r} alone.")
    return Contract(subject=subjects[wanted], **held)


def file_form(contract: Contract) -> msgspec.Struct:
    """Return the ContractFile that holds a contract."""
    held = msgspec.structs.asdict(contract)
    subject = held.pop("subject")
    return ContractFile(**held, **{key: subject for key, kind in KINDS.items() if isinstance(subject, kind)})

"""Contract files as they are written: stable keys, two spaces, replaced whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from wireproof.contract.model import Contract, Product


def to_bytes(thing: Contract | Product) -> bytes:
    """Return the bytes of a contract or product file: keys in the model's order, those of examples as documented."""
    return msgspec.json.format(msgspec.json.encode(thing), indent=2) + b"\n"


def write(file: Path, data: bytes) -> None:
    """Put *data* in *file* in one step; the old file stays until the new one is complete."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.stem[:40]}.", suffix=".new", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

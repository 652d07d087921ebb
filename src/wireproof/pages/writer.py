"""Contract files as they are written: stable keys, two spaces, replaced whole or not at all, all of them or none."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wireproof.contract.contract_file import file_form
from wireproof.contract.model import Contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.contract.model import Product


def to_bytes(thing: Contract | Product) -> bytes:
    """Return the bytes of a contract or product file: keys in the model's order, those of examples as documented."""
    held = file_form(thing) if isinstance(thing, Contract) else thing
    return msgspec.json.format(msgspec.json.encode(held), indent=2) + b"\n"


def write(file: Path, data: bytes) -> None:
    """Put `data` in `file` in one step; the old file stays until the new one is complete."""
    write_all({file: data})


def write_all(files: Mapping[Path, bytes]) -> None:
    """Put each content in its file. Raises OSError when one cannot be written; then every file is as it was."""
    ready: dict[Path, Path] = {}
    before: dict[Path, bytes | None] = {}
    try:
        for file, data in files.items():
            ready[file] = _beside(file, data)
        for file, new in ready.items():
            old = file.read_bytes() if file.is_file() else None
            new.replace(file)
            before[file] = old
    except BaseException:
        for new in ready.values():
            new.unlink(missing_ok=True)
        for file, old in before.items():
            if old is None:
                file.unlink(missing_ok=True)
            else:
                _beside(file, old).replace(file)
        raise


def _beside(file: Path, data: bytes) -> Path:
    """Write `data` to a new file in the folder of `file` and return it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.stem[:40]}.", suffix=".new", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(0o644)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)

"""The file of the ledgers of a folder of reports: one per target, JSON compressed with gzip, beside the history."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct, field

from wireproof.bounds import MIB, read_file
from wireproof.errors import UsageError
from wireproof.escape import json_bytes
from wireproof.ledger.joining import join
from wireproof.ledger.model import TargetLedger

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = "ledger.json.gz"
FORMAT: Literal[1] = 1
MOST_BYTES = 256 * MIB  # decompressed; a year of all products has some 5


class LedgerFile(Struct, kw_only=True):
    """What was ever seen, by target. `note` says what was wrong with the file, if anything, and is no part of it."""

    ledgers: dict[str, TargetLedger] = field(default_factory=dict)
    note: str = ""

    def of(self, target: str) -> TargetLedger:
        """Return the ledger of a target, which is empty where nothing was seen of it."""
        return self.ledgers.get(target) or TargetLedger(target=target)

    def joined_with(self, ledger: TargetLedger) -> LedgerFile:
        """Return these ledgers with what another one of a target has seen; runs that are known count once."""
        return LedgerFile(ledgers=self.ledgers | {ledger.target: join(self.of(ledger.target), ledger)}, note=self.note)

    def encoded(self) -> bytes:
        """Return the content of the file, which is the same for the same ledgers."""
        content = _Content(format=FORMAT, ledgers=dict(sorted(self.ledgers.items())))
        plain = json_bytes(msgspec.json.encode(content, order="deterministic"))
        return gzip.compress(plain, compresslevel=6, mtime=0)


class _Content(Struct, kw_only=True):
    """The file as it stands."""

    format: Literal[1]
    ledgers: dict[str, TargetLedger]


class _Head(Struct):
    """What every version of the file says of itself."""

    format: int


def load_ledger(file: Path, *, look: bool = False) -> LedgerFile:
    """Read `file`. What cannot be read is set aside beside it and said in `note`; it is never an error.

    A mere `look` leaves such a file where it is.
    """
    try:
        content = read_file(file)
    except FileNotFoundError:
        return LedgerFile()
    except OSError as problem:
        return LedgerFile(note=f"{file} cannot be read ({problem.strerror}): nothing is known of earlier runs.")
    try:
        return LedgerFile(ledgers=msgspec.json.decode(_plain(content), type=_Content).ledgers)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return _set_aside(file, content, look=look)


def _set_aside(file: Path, content: bytes, *, look: bool) -> LedgerFile:
    complaint = f"{file} is of a newer wireproof." if _is_newer(content) else f"{file} is no ledger."
    if look:
        return LedgerFile(note=f"{complaint} Nothing is known of earlier runs.")
    stem = file.name.removesuffix(".json.gz")
    names = [f"{stem}.broken{number}.json.gz" for number in ("", *(f"-{n}" for n in range(2, 10)))]
    aside = next(
        (file.with_name(name) for name in names if not file.with_name(name).exists()), file.with_name(names[-1])
    )
    try:
        file.replace(aside)
        where = f"It was set aside as {aside.name}"
    except OSError:
        where = "It will be replaced"
    return LedgerFile(note=f"{complaint} {where}; the ledger starts anew with this run.")


def _plain(content: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=31)
    plain = reader.decompress(content, MOST_BYTES)
    if not reader.eof:
        raise ValueError("cut off, or longer than a ledger gets")
    return plain


def _is_newer(content: bytes) -> bool:
    try:
        return msgspec.json.decode(_plain(content), type=_Head).format > FORMAT
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return False


def check_target(ledgers: LedgerFile, target: str) -> TargetLedger:
    """Return the ledger of a target; UsageError where nothing was ever folded for it."""
    if target not in ledgers.ledgers:
        known = ", ".join(sorted(ledgers.ledgers)) or "none"
        raise UsageError(f"There is no ledger of target {target!r} here. Known targets: {known}.")
    return ledgers.ledgers[target]

"""How much is read: of what a target sends, and of a file that somebody names. What is more is cut, and says so.

A megabyte of compressed zeros is a gigabyte, and a megabyte of `[[],[],` fifty megabytes of objects. With these bounds
no answer costs more than 200 MB, whatever is in it.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

MIB = 1024 * 1024

#: Bytes of an answer or message, decompressed. The longest that is documented has 743 kB, exchange information.
MOST_BYTES = 8 * MIB
#: Values of an answer or message: elements and members, all levels together. That of exchange information has 65,000.
MOST_VALUES = 250_000
#: Levels of a documented example or of another file of wireproof's. The deepest example has 7.
MOST_LEVELS = 64
#: Bytes of a frame that are received at all: a longer one costs the connection, one above MOST_BYTES itself only.
MOST_OF_A_FRAME = 32 * MIB
#: Bytes of a line of a batch: an answer, an example and their names.
MOST_OF_A_LINE = 20 * MIB
#: Bytes of a file that somebody names: a contract, a payload, keys, what a run left.
MOST_OF_A_FILE = 512 * MIB

_FEW_BYTES = MIB  # fewer cannot hold values enough
_HEAD, _TAIL = 48 * 1024, 16 * 1024  # kept of what is too much
_MARK = b"\nWireproof read no further: "


def bounded(raw: bytes) -> bytes:
    """Return what was received as it is; of what is too much beginning and end, and a last line that says so.

    That is no JSON, so the comparison refuses it; `excess` finds the line.
    """
    if len(raw) <= _FEW_BYTES:
        return raw
    if len(raw) > MOST_BYTES:
        return cut(raw, f"more than {MOST_BYTES // MIB} MiB")
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MOST_VALUES:
        return cut(raw, f"more than {MOST_VALUES:,} values")
    return raw


def cut(raw: bytes, said: str) -> bytes:
    """Return beginning and end of what is too much, and a last line that says how much is."""
    return b"%b\n\xe2\x80\xa6\n%b%b%b" % (raw[:_HEAD], raw[-_TAIL:], _MARK, said.encode())


def excess(raw: bytes) -> str:
    """Return how much too much an answer was (`more than 8 MiB`); empty for one that was taken whole."""
    end = raw[-100:]
    return end.partition(_MARK)[2].decode("utf-8", "replace") if _MARK in end else ""


def is_deeper(document: Any, levels: int) -> bool:
    """Whether a parsed document is nested more than so many levels deep."""
    level = [document]
    for _ in range(levels + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
        if not below:
            return False
        level = below
    return True


def read_file(file: Path | str, most: int = MOST_OF_A_FILE) -> bytes:
    """Return the content of a file. OSError, with a sentence in `strerror`, when it cannot be read or has too much."""
    try:
        with Path(file).open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size  # 0 for what is no plain file
            content = stream.read(most + 1) if size <= most else b""
    except ValueError:
        raise OSError(errno.EINVAL, "it is no name of a file", str(file)) from None
    except (MemoryError, OverflowError):
        raise OSError(errno.EFBIG, "it does not fit the memory", str(file)) from None
    if max(size, len(content)) > most:
        raise OSError(errno.EFBIG, f"it has more than {most // MIB} MiB", str(file))
    return content

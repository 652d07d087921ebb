"""One run per key: two at once would cancel each other's orders and use up limits that each believes to be its own."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError

if TYPE_CHECKING:
    from collections.abc import Iterable


class KeyInUseError(BlockedError):
    """Another process on this machine sends with the same key."""


def default_folder() -> Path:
    """Return the folder of the locks, one per user; a lock names its key by a digest alone."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"wireproof-{user}"


class KeyLocks:
    """Holds the keys of a run until `release`. A process that is killed holds none: the system lets go of them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder if folder is not None else default_folder()
        self._held = ExitStack()

    def hold(self, target: str, keys: Iterable[str]) -> None:
        """Hold each key on a target; KeyInUseError when another process does.

        Where no lock can be made (a full disk, a read-only folder), the run goes on without.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415  # runs against the own venue start without it

        for key in keys:
            digest = hashlib.sha256(f"{target} {key}".encode()).hexdigest()[:16]
            file = self._folder / f"{digest}.lock"
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._held.enter_context(FileLock(file, timeout=0, thread_local=False))
            except Timeout:
                self.release()
                raise KeyInUseError(
                    f"Another run of wireproof uses this key on {target}: each would cancel the other's orders and use"
                    " up its limits. Wait until it has ended, or give this one another key."
                ) from None
            except OSError:
                continue

    def release(self) -> None:
        """Let go of every key."""
        self._held.close()

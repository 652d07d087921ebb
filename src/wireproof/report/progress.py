"""What a terminal shows while a run waits."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, TextIO

from wireproof.counts import counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

PLAIN_SECONDS = 5.0  # between lines where nothing can be rewritten, a pipe or a CI log for instance
LIVE_SECONDS = 0.1

# Written on the line below the one on which pytest writes. Down and up again makes sure that there is one. Whatever is
# left to the right and below is erased before, among it an older progress that pytest has come down to. What is too
# long is cut at the margin, and the cursor is put back.
_ERASE = "\x1b[J"
_SAVE, _RESTORE = f"{_ERASE}\x1bD\x1bM\x1b7\x1b[?7l\x1b[B\r", "\x1b[?7h\x1b8"


class Progress:
    """A line below pytest's that is rewritten on a terminal, a line every few seconds elsewhere, nothing when `quiet`.

    Under pytest's capture, `uncaptured` is `capturemanager.global_and_fixture_disabled`: it surrounds every write.
    `stream` is looked up inside of it and defaults to standard output.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        stream: TextIO | None = None,
        uncaptured: Callable[[], AbstractContextManager[object]] = nullcontext,
        seconds: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], float] = lambda: time.time() * 1000,
    ) -> None:
        self._quiet = quiet
        self._stream = stream
        self._uncaptured = uncaptured
        self._seconds = seconds
        self._now_ms = now_ms
        self._live: bool | None = None
        self._written_at = seconds()
        self._shown = ""

    def update(
        self,
        done: int,
        total: int,
        *,
        waiting_until: float | None = None,
        weight: int | None = None,
        limit: int | None = None,
    ) -> None:
        """Show that `done` of `total` cases are done; `waiting_until` is in epoch milliseconds, weights per minute."""
        if self._quiet:
            return
        now = self._seconds()
        if self._live is not None and now - self._written_at < (LIVE_SECONDS if self._live else PLAIN_SECONDS):
            return
        text = self._text(done, total, waiting_until, weight=weight, limit=limit)
        if text == self._shown:
            return
        with self._uncaptured():
            stream = self._stream or sys.stdout
            if self._live is None:
                self._live = stream.isatty()
                if not self._live:
                    return
            stream.write(f"{_SAVE}{text}{_RESTORE}" if self._live else f"\n{text}\n")
            stream.flush()
        self._written_at, self._shown = now, text

    def close(self) -> None:
        """Take the line away."""
        if self._live and self._shown:
            with self._uncaptured():
                stream = self._stream or sys.stdout
                stream.write(_ERASE)
                stream.flush()
        self._quiet = True

    def _text(
        self, done: int, total: int, waiting_until: float | None, *, weight: int | None, limit: int | None
    ) -> str:
        parts = [f"{done} of {counted(total, 'case')} done"]
        if waiting_until is not None:
            wait = round((waiting_until - self._now_ms()) / 1000)
            if wait > 0:
                parts.append(f"waiting {wait} s for the rate limit")
        if weight is not None and limit:
            parts.append(f"weight {weight:,} of {limit:,} this minute")
        return ", ".join(parts)

"""Fetches many pages of one site without being a burden to it: one at a time, with a pause, and not for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wireproof.counts import counted
from wireproof.pages.reading import sources
from wireproof.pages.reading.page import PageError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Pages in a row that could not be had, after which no more are asked for.
MOST_FAILURES = 5


class PoliteLoader:
    """Returns the bytes of pages, with a pause before each address but the first.

    After `MOST_FAILURES` addresses in a row that could not be had, and after `most` in all, the others are failures
    that say so, without a request. Args: pause in seconds; the address of a mirror that serves the same paths; `load`
    returns the bytes of one page or raises PageError.
    """

    def __init__(
        self, pause: float, most: int, *, mirror: str = "", load: Callable[[str], bytes] = sources.load
    ) -> None:
        self._pause, self._most, self._mirror, self._load = pause, most, mirror.rstrip("/"), load
        self._asked = self._failures = 0

    def __call__(self, page: str) -> bytes:
        """Return the bytes of one page. Raises PageError when it cannot be had, or is not asked for any more."""
        if not sources.is_address(page):
            return self._load(page)
        if self._failures >= MOST_FAILURES:
            raise PageError(page, f"was not fetched: {MOST_FAILURES} pages in a row could not be had before it.")
        if self._asked >= self._most:
            raise PageError(page, f"was not fetched: the limit is {counted(self._most, 'page')}; raise it with --most.")
        if self._asked:
            time.sleep(self._pause)
        self._asked += 1
        try:
            data = self._load(f"{self._mirror}{urlsplit(page).path}" if self._mirror else page)
        except PageError:
            self._failures += 1
            raise
        self._failures = 0
        return data

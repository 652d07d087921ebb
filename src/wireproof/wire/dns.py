"""Name service with a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult

from wireproof.wire.delay import patience

if TYPE_CHECKING:
    from collections.abc import Sequence

    Address = tuple[int, int, str]  # family, protocol, numeric host


async def resolve_name(host: str, port: int, seconds: float, family: int = socket.AF_UNSPEC) -> Sequence[Address]:
    """Return the addresses of a host name; raise OSError when there is none, TimeoutError after so many seconds.

    The look-up runs in a thread of its own that nobody waits for: the event loop's threads are joined at the end, and
    a name server that stays silent would keep the process alive.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Sequence[Address]] = loop.create_future()

    def finish(found: Sequence[Address] | OSError) -> None:
        if done.done():
            return
        if isinstance(found, OSError):
            done.set_exception(found)
        else:
            done.set_result(found)

    def look_up() -> None:
        found: Sequence[Address] | OSError
        try:
            rows = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
            found = [(row[0], row[2], str(row[4][0])) for row in rows]
        except OSError as exc:
            found = exc
        except UnicodeError:
            found = socket.gaierror(socket.EAI_NONAME, "not a valid host name")
        with contextlib.suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(finish, found)

    threading.Thread(target=look_up, daemon=True, name="wireproof-names").start()
    async with patience(seconds):
        return await done


class Resolver(AbstractResolver):
    """The same for aiohttp."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host in aiohttp's form."""
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(hostname=host, host=numeric, port=port, family=found, proto=protocol, flags=flags)
            for found, protocol, numeric in await resolve_name(host, port, self._seconds, family)
        ]

    async def close(self) -> None:
        """Nothing is kept."""

"""The control routes of a local venue: its market does what it is told, which no exchange's does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec
import orjson
from msgspec import Struct

from wireproof.errors import BlockedError
from wireproof.wire.blocked import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

PATH, STREAMS_PATH, FAULTS_PATH = "/venue/market", "/venue/streams", "/venue/faults"
ANSWER_SECONDS = 10.0


class Late(Struct):
    """A moment at which the venue came late, and by how many milliseconds."""

    at: float
    ms: float


class StreamRecord(Struct, kw_only=True):
    """What a venue knows of its streams: events by name, of private streams by type, and when it was late."""

    published: dict[str, int]
    private: dict[str, int]
    late: list[Late]
    beats: int


class VenueControl:
    """Moves the market of the venue at *base_url*. Raise BlockedError when there is none, or it will not."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    async def move_price(self, symbol: str, price: Decimal) -> None:
        """Move a symbol's last, mark and index price to `price`, in its quote asset."""
        await self._tell({"symbol": symbol, "price": f"{price:f}"})

    async def settle_funding(self) -> None:
        """Settle the funding of all symbols now."""
        await self._tell({"funding": True})

    async def change_contract(self, symbol: str) -> None:
        """Say that a contract changed."""
        await self._tell({"contract": symbol})

    async def let_orders_expire(self, symbol: str) -> None:
        """Let the good-till dates of a symbol's orders pass."""
        await self._tell({"expire": symbol})

    async def of_product(self, product: str, document: Mapping[str, Any]) -> None:
        """Let a product's own engine do what it can be asked for."""
        await self._tell(document, f"/venue/products/{product}")

    async def streams(self) -> StreamRecord:
        """Return what the venue published by now on which stream, and when it was late."""
        status, said = await self._ask("GET", STREAMS_PATH)
        try:
            return msgspec.json.decode(said, type=StreamRecord)
        except msgspec.DecodeError as error:
            host = host_of(self._base_url)
            raise BlockedError(f"{host} keeps no record of its streams: it was answered with {status}.") from error

    async def fault_reports(self) -> list[str]:
        """Return a sentence for each fault that never struck, or changed nothing."""
        _status, said = await self._ask("GET", FAULTS_PATH)
        return list(orjson.loads(said)["reports"])

    async def _tell(self, what: Mapping[str, Any], path: str = PATH) -> None:
        status, said = await self._ask("POST", path, orjson.dumps(what))
        if status != 200:
            words = said.decode(errors="replace")[:200]
            raise BlockedError(
                f"{host_of(self._base_url)} does not let its market be moved: POST {path} was answered with {status}"
                f" {words}. Cases of the local venue need a `wireproof venue`."
            )

    async def _ask(self, verb: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        url = self._base_url + path
        try:
            timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(verb, url, data=body, allow_redirects=False) as answer,
            ):
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            what = "to move its market" if verb == "POST" else "what it published"
            raise BlockedError(f"{host_of(url)} could not be asked {what}: {error}.") from error

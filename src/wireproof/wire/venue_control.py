"""The control routes of a local venue: its market does what it is told, which no exchange's does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from wireproof.errors import BlockedError
from wireproof.wire.blocked import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

PATH = "/venue/market"
ANSWER_SECONDS = 10.0


class VenueControl:
    """Moves the market of the venue at *base_url*. Raise BlockedError when there is none, or it will not."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    async def move_price(self, symbol: str, price: Decimal) -> None:
        """Move a symbol's last, mark and index price to *price*, in its quote asset."""
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

    async def _tell(self, what: Mapping[str, Any]) -> None:
        url = self._base_url + PATH
        try:
            timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=orjson.dumps(what), allow_redirects=False) as answer,
            ):
                status, said = answer.status, (await answer.text(errors="replace"))[:200]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BlockedError(f"{host_of(url)} could not be asked to move its market: {error}.") from error
        if status != 200:
            raise BlockedError(
                f"{host_of(url)} does not let its market be moved: POST {PATH} was answered with {status} {said}."
                " Cases of the local venue need a `wireproof venue`."
            )

"""Portfolio margin over REST, at a venue that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Rest
    from wireproof.venue.exchange.records import Account

Json = dict[str, Any]
MARKET = {"type": "MARKET", "timeInForce": None, "price": None, "newOrderRespType": "RESULT"}


class Papi:
    """Asks for what stands below `/papi/v1/`, for the venue's first account unless another one is named."""

    def __init__(self, rest: Rest) -> None:
        self.rest, self.venue, self.engine = rest, rest.venue, rest.venue.engine

    async def get(self, path: str, account: Account | None = None, **params: Any) -> Any:
        """GET what must succeed."""
        return await self.rest.get(f"/papi/v1/{path}", account, **params)

    async def post(self, path: str, account: Account | None = None, **params: Any) -> Any:
        """POST what must succeed."""
        return await self.rest.post(f"/papi/v1/{path}", account, **params)

    async def put(self, path: str, **params: Any) -> Any:
        """PUT what must succeed."""
        return await self.rest.put(f"/papi/v1/{path}", **params)

    async def delete(self, path: str, **params: Any) -> Any:
        """DELETE what must succeed."""
        return await self.rest.delete(f"/papi/v1/{path}", **params)

    async def refused(self, verb: str, path: str, account: Account | None = None, **params: Any) -> int:
        """Send what must be refused; return the code."""
        return await self.rest.refused(verb, f"/papi/v1/{path}", account, **params)

    async def um_order(self, **changes: Any) -> Json:
        """Place an order for BTCUSDT, below the market unless changed; None leaves a parameter out."""
        sound = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
        return await self._order("um/order", sound | {"price": "80000"} | changes)

    async def cm_order(self, **changes: Any) -> Json:
        """Place an order for BTCUSD_PERP, below the market unless changed; None leaves a parameter out."""
        sound = {"symbol": "BTCUSD_PERP", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "10"}
        return await self._order("cm/order", sound | {"price": "82000"} | changes)

    async def margin_order(self, **changes: Any) -> Json:
        """Place a margin order for BTCUSDT, below the market unless changed; None leaves a parameter out."""
        sound = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
        return await self._order("margin/order", sound | {"price": "80000"} | changes)

    async def _order(self, path: str, params: Json) -> Json:
        answer: Json = await self.post(path, **{name: value for name, value in params.items() if value is not None})
        return answer


@pytest.fixture
def papi(rest: Rest) -> Papi:
    """Return what asks for portfolio margin."""
    return Papi(rest)

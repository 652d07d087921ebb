"""Portfolio margin pro over REST, at a venue that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wireproof.venue.products.portfolio_margin_pro.portfolio_margin_pro_product import PORTFOLIO_MARGIN_PRO
from wireproof.venue.products.portfolio_margin_pro.pro_engine import PortfolioMarginProEngine

if TYPE_CHECKING:
    from conftest import Rest

Json = dict[str, Any]


class Sapi:
    """Asks for what stands below `/sapi/v1/portfolio/`, for the venue's first account; notes its events."""

    def __init__(self, rest: Rest) -> None:
        self.rest, self.venue = rest, rest.venue
        engine = rest.venue.services.engines[PORTFOLIO_MARGIN_PRO.name]
        assert isinstance(engine, PortfolioMarginProEngine)
        self.engine, self.name = engine, rest.account.name
        self.account = engine.accounts[self.name]
        self.events: list[Json] = []
        rest.venue.engine.published.subscribe(
            lambda event: self.events.append(event.document) if event.account is rest.account else None
        )

    async def get(self, path: str, **params: Any) -> Any:
        """GET what must succeed; a whole path as it is."""
        return await self.rest.get(self._path(path), **params)

    async def post(self, path: str, **params: Any) -> Any:
        """POST what must succeed."""
        return await self.rest.post(self._path(path), **params)

    async def refused(self, verb: str, path: str, **params: Any) -> int:
        """Send what must be refused; return the code."""
        return await self.rest.refused(verb, self._path(path), **params)

    def control(self, **document: Any) -> None:
        """Control the account."""
        self.engine.control({"account": self.name} | document)

    def told(self, kind: str) -> list[Json]:
        """Return the events of a kind."""
        return [event for event in self.events if event["e"] == kind]

    def _path(self, path: str) -> str:
        return path if path.startswith("/") else f"/sapi/v1/portfolio/{path}"


@pytest.fixture
def sapi(rest: Rest) -> Sapi:
    """Return what asks for portfolio margin pro."""
    return Sapi(rest)

"""Control routes about the venue as a whole, below /venue: begin anew, let time pass, and how to reach it.

`POST /venue/reset`        begin anew: accounts, orders, prices, listen keys, faults, limits, the clock; connections
                           end, keys stay
`POST /venue/advance`      `{"seconds": n}`: let time pass, with everything that falls due in it
`GET /venue/credentials`   every URL, and the test accounts with their keys, as the credentials file has them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.web_app import Application

Json = dict[str, Any]
MOST_SECONDS = 400 * 86_400


class Resettable(Protocol):
    """A venue, as far as its life goes."""

    async def reset(self) -> None:
        """Begin anew."""

    def advance(self, milliseconds: int) -> int:
        """Let time pass; return what time it is then."""

    def credentials(self) -> Json:
        """Return URLs and keys."""


class LifeRoutes:
    """Serves the control routes about the venue as a whole."""

    def __init__(self, venue: Resettable) -> None:
        self._venue = venue

    def routes(self, app: Application) -> None:
        """Add the addresses."""
        app.router.add_post("/venue/reset", self.reset)
        app.router.add_post("/venue/advance", self.advance)
        app.router.add_get("/venue/credentials", self.credentials)

    async def reset(self, _http: web.Request) -> web.Response:
        """POST /venue/reset."""
        await self._venue.reset()
        return _json({})

    async def advance(self, http: web.Request) -> web.Response:
        """POST /venue/advance."""
        try:
            seconds = orjson.loads(await http.read())["seconds"]
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= MOST_SECONDS:
                raise ValueError  # noqa: TRY301
        except (ValueError, TypeError, KeyError):
            return _json({"error": f'Send {{"seconds": n}}, from 0 to {MOST_SECONDS} (400 days).'}, 400)
        return _json({"time": self._venue.advance(round(seconds * 1000))})

    async def credentials(self, _http: web.Request) -> web.Response:
        """GET /venue/credentials."""
        return _json(self._venue.credentials())


def _json(document: Json, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(document), content_type="application/json")

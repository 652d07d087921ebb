"""Control routes about the venue as a whole, below /venue: begin anew, let time pass, and how to reach it.

`POST /venue/reset`        begin anew: accounts, orders, prices, listen keys, faults, limits, the clock; connections
                           end, keys stay. `{"as_of": "2026-05-01"}` begins on that day, `{"incident": NAME}` in an
                           incident
`POST /venue/advance`      `{"seconds": n}`: let time pass, with everything that falls due in it
`GET /venue/credentials`   every URL, and the test accounts with their keys, as the credentials file has them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import orjson
from aiohttp import web

from wireproof.venue.base.eras import read_day
from wireproof.venue.incidents.museum import incident

if TYPE_CHECKING:
    from datetime import date

    from aiohttp.web_app import Application

    from wireproof.venue.incidents.museum import Incident

Json = dict[str, Any]
MOST_SECONDS = 400 * 86_400


class Resettable(Protocol):
    """A venue, as far as its life goes."""

    async def reset(self, as_of: date | None = None, incident: Incident | None = None) -> None:
        """Begin anew, on a day or in an incident if one is given."""

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

    async def reset(self, http: web.Request) -> web.Response:
        """POST /venue/reset."""
        try:
            document = orjson.loads(await http.read() or b"{}")
            day, name = _asked(document)
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        await self._venue.reset(day, name)
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


def _asked(document: Any) -> tuple[date | None, Incident | None]:
    """Return the day or the incident that a reset asks for. Raise ValueError with a sentence when it makes no sense."""
    fields = set(document) if isinstance(document, dict) else {"?"}
    if fields - {"as_of", "incident"} or len(fields) > 1 or not all(isinstance(document[one], str) for one in fields):
        raise ValueError('Send nothing, {"as_of": "2026-05-01"} or {"incident": NAME}.')
    return (
        read_day(document["as_of"]) if "as_of" in document else None,
        incident(document["incident"]) if "incident" in document else None,
    )


def _json(document: Json, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(document), content_type="application/json")

"""Control routes for tests of another process, below /venue. They are no part of what the exchange offers.

`GET /venue/state`       what each account has, mark prices, requests by method, weight by IP, and of which faults
                         nothing came (`fault_reports`), the day and the incident that are served; no secrets, no
                         listen keys
`GET /venue/faults`      the faults in force, and a sentence on each of which nothing came (`reports`)
`POST /venue/faults`     add one fault (an object) or several (a list); see `fault_kinds`
`DELETE /venue/faults`   take all faults back
`POST /venue/market`     `{"symbol", "price"}`: move a market, and back with its old price;
                         `{"ticks": n}`: let n moments pass; `{"funding": true}`: settle funding now;
                         `{"contract": symbol}`: say that it changed;
                         `{"expire": symbol}`: let its dated orders, conditional ones too, expire as if it were time;
                         `{"deliver": symbol}`: deliver a dated contract as if it were time;
                         `{"fund": asset, "amount"}`: let the insurance fund have so much of an asset
`POST /venue/products/`  and a product's name: what its engine can be asked for; see its `control`
`GET /venue/streams`     by name how many events each market stream had, read by somebody or struck by a fault on the
                         way; `late`: when the venue came late, and by how many milliseconds; `private`: events by type
`GET /venue/downloads/`  files that download links lead to
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from aiohttp import web

from wireproof.venue.base.formats import ZERO, fixed, read_decimal, trimmed
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.sockets import http_refusal
from wireproof.venue.products.futures import order_views
from wireproof.venue.products.futures.service_routes import download_file
from wireproof.venue.products.registry import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from decimal import Decimal

    from wireproof.venue.api.call import Services
    from wireproof.venue.base.faults import Faults
    from wireproof.venue.exchange.records import Account
    from wireproof.venue.incidents.museum import Incident
    from wireproof.venue.serving.ws_api import WebSocketApi
    from wireproof.venue.streams.hub import Hub
    from wireproof.venue.streams.private_streams import UserStreams

Json = dict[str, Any]
Handler: TypeAlias = "Callable[[web.Request], Awaitable[web.StreamResponse]]"
MOST_TICKS = 10_000
MOVES = frozenset({"symbol", "price", "ticks", "funding", "contract", "expire", "deliver", "fund", "amount"})


class Control:
    """Serves the control routes; `paths` has them by verb and path.

    Args:
        services: What operations work with.
        faults: The faults in force.
        streams: User data.
        ws_api: The WebSocket APIs.
        hub: Market streams.
        incident: The incident that is served, if one is.
    """

    def __init__(
        self,
        services: Services,
        faults: Faults,
        streams: UserStreams,
        ws_api: WebSocketApi,
        hub: Hub,
        *,
        incident: Incident | None = None,
    ) -> None:
        self.incident = incident
        self.services, self.faults, self.streams, self.ws_api, self.hub = services, faults, streams, ws_api, hub

    def state(self) -> Json:
        """Return everything that a test may want to see from outside."""
        day = self.services.engine.era.day
        return {
            "as_of": None if day is None else day.isoformat(),
            "incident": None if self.incident is None else self.incident.name,
            "accounts": {account.name: self._account(account) for account in self.services.engine.accounts},
            "products": {name: state for name, one in self.services.engines.items() if (state := one.state())},
            "requests": dict(sorted(self.services.requests.items())),
            "weight": self.services.pools.usage(),
            "signatures": dict(self.services.signatures.forms),
            "connections": {"ws-api": len(self.ws_api.connections), "private": self.streams.count},
            "marks": self._marks(),
            "faults": self.faults.view(),
            "fault_reports": self.faults.reports(),
        }

    def _marks(self) -> dict[str, str]:
        return {name: trimmed(market.mark_price) for name, market in self.services.engine.markets.items()}

    @property
    def paths(self) -> list[tuple[str, str]]:
        """Return verb and path of each route."""
        return [tuple(one.split()) for one in self._handlers]  # type: ignore[misc]  # two words each

    @property
    def _handlers(self) -> dict[str, Handler]:
        return {
            "GET /venue/state": self.get_state,
            "GET /venue/faults": self.get_faults,
            "POST /venue/faults": self.post_faults,
            "DELETE /venue/faults": self.delete_faults,
            "POST /venue/market": self.post_market,
            "POST /venue/products/{name}": self.post_product,
            "GET /venue/streams": self.get_streams,
            "GET /venue/downloads/{number}.csv": self.get_download,
        }

    async def handle(self, http: web.Request) -> web.StreamResponse:
        """Serve one request."""
        resource = http.match_info.route.resource
        return await self._handlers[f"{http.method} {resource.canonical if resource else ''}"](http)

    def _account(self, account: Account) -> Json:
        first = PRODUCTS[0].name
        expires = self.services.listen_keys.expires(account, first)
        return {
            "key_type": account.key.type,
            "hedge_mode": account.hedge_mode,
            "multi_assets": account.multi_assets,
            "isolated": sorted(account.isolated),
            "leverages": account.leverages,
            "balances": {asset: trimmed(value) for asset, value in account.wallets.items()},
            "coins": {asset: trimmed(value) for asset, value in account.coins.items()},
            "open_orders": [order_views.query_view(order) for order in account.open_orders.values()],
            "algo_orders": [order_views.algo_view(algo) for algo in account.algos.values()],
            "positions": [
                {
                    "symbol": position.symbol.name,
                    "positionSide": position.side,
                    "positionAmt": fixed(position.amount, position.symbol.qty_digits),
                    "entryPrice": trimmed(position.entry),
                }
                for position in account.open_positions()
            ],
            "listen_key": {"active": self.services.listen_keys.active(account, first) is not None, "expires": expires},
            "orders_counted": self.services.pool_of(PRODUCTS[0]).orders.counts(account.name),
        }

    async def get_state(self, _http: web.Request) -> web.Response:
        """GET /venue/state."""
        return _json(self.state())

    async def get_faults(self, _http: web.Request) -> web.Response:
        """GET /venue/faults."""
        return _json({"faults": self.faults.view(), "reports": self.faults.reports()})

    async def post_faults(self, http: web.Request) -> web.Response:
        """POST /venue/faults."""
        try:
            document = orjson.loads(await http.read())
            wanted = document if isinstance(document, list) else [document]
            added = [fault.view() for fault in self.faults.add_documents(wanted)]
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        return _json({"faults": added})

    async def delete_faults(self, _http: web.Request) -> web.Response:
        """DELETE /venue/faults."""
        self.faults.clear()
        return _json({"faults": []})

    async def get_streams(self, _http: web.Request) -> web.Response:
        """GET /venue/streams."""
        return _json({**self.hub.record.view(), "private": dict(sorted(self.streams.published.items()))})

    async def get_download(self, http: web.Request) -> web.Response:
        """GET /venue/downloads/<id>.csv: what a download link leads to."""
        downloads, now = self.services.downloads, self.services.engine.clock.now_ms()
        download = downloads.find(http.match_info["number"], now)
        if download is None:
            return web.Response(status=404, text="There is no such file, or not any more.\n")
        return web.Response(body=download_file(download), content_type="text/csv")

    async def post_market(self, http: web.Request) -> web.Response:
        """POST /venue/market."""
        try:
            document = orjson.loads(await http.read())
            if unknown := sorted(set(document) - MOVES):
                raise ValueError(f"there is no {unknown[0]!r}")  # noqa: TRY301
            ticks = document.get("ticks", 0)
            price, amount = (_number(document, name) for name in ("price", "amount"))
            if not isinstance(ticks, int) or not 0 <= ticks <= MOST_TICKS:
                raise ValueError(f"ticks is a whole number up to {MOST_TICKS}")  # noqa: TRY301
        except (ValueError, AttributeError, TypeError) as error:
            sentence = f'Not a move of the market: {error}. Send {{"symbol", "price"}}, {{"ticks"}},'
            sentence += ' {"funding"}, {"contract"}, {"expire"}, {"deliver"} or {"fund", "amount"}.'
            return _json({"error": sentence}, 400)
        engine = self.services.engine
        try:
            if price is not None:
                engine.set_price(str(document.get("symbol")), price)
            if "expire" in document:
                engine.expire_dated(str(document["expire"]))
            if "deliver" in document:
                engine.delivery.deliver(str(document["deliver"]))
            if "fund" in document:
                engine.liquidator.set_fund(str(document["fund"]), amount or ZERO)
            if "contract" in document:
                self.services.market_data.announce(str(document["contract"]))
        except Refusal as refusal:
            return http_refusal(refusal)
        for _ in range(ticks):
            engine.tick()
            for one in set(self.services.engines.values()):
                one.tick()
        if document.get("funding") is True:
            engine.funding.pay_funding()
        return _json({"marks": self._marks()})

    async def post_product(self, http: web.Request) -> web.Response:
        """POST /venue/products/<name>."""
        engine = self.services.engines.get(http.match_info["name"])
        if engine is None:
            return _json(
                {"error": f"There is no product of this name. Known: {', '.join(self.services.engines)}."}, 404
            )
        try:
            document = orjson.loads(await http.read())
            if not isinstance(document, dict):
                raise ValueError("it is no object")  # noqa: TRY301, TRY004
            engine.control(document)
        except Refusal as refusal:
            return http_refusal(refusal)
        except ValueError as error:
            return _json({"error": f"Nothing was done: {error}."}, 400)
        return _json({})


def _number(document: Json, name: str) -> Decimal | None:
    if name not in document:
        return None
    found = read_decimal(str(document[name]))
    if found is None:
        raise ValueError(f"{name} is a number")
    return found


def _json(document: Json, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(document), content_type="application/json")

"""REST: from an HTTP request to the pipeline of all requests, and back.

https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from wireproof.venue.api.call import CallCredentials, CallSecurity
from wireproof.venue.api.pipeline import Arrival, Handled, serve
from wireproof.venue.base.fault_kinds import REST
from wireproof.venue.base.faults import NOT_JSON
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal, unknown_path
from wireproof.venue.base.sockets import abort, http_refusal
from wireproof.venue.base.turns import in_turns
from wireproof.venue.exchange.profile import NOT_FOUND_PAGE
from wireproof.venue.products.registry import ROUTES, product_at

if TYPE_CHECKING:
    from wireproof.venue.api.call import Operation, Services
    from wireproof.venue.base.faults import Fault, Faults
    from wireproof.venue.exchange.records import Account

Json = dict[str, Any]


def signed_text(query: str, body: str) -> tuple[str, str | None]:
    """Return the text that a request is signed over, and its signature.

    Query string and body follow each other without a separator; the signature must be the last parameter of all.
    """
    parts = [query.split("&") if query else [], body.split("&") if body else []]
    last = parts[1] or parts[0]
    signature = None
    if last and last[-1].startswith("signature="):
        signature = dict(parse_qsl(last.pop())).get("signature")
    return "&".join(parts[0]) + "&".join(parts[1]), signature


class RestApi:
    """Serves the routes."""

    def __init__(self, services: Services, faults: Faults, *, latency_ms: int = 0) -> None:
        self.services, self.faults, self.latency_ms = services, faults, latency_ms

    async def handle(self, http: web.Request) -> web.StreamResponse:
        """Serve one request."""
        refused = self.faults.refused(http.path)
        if refused is not None:
            return refused
        name = f"{http.method} {http.path}"
        fault = self.faults.take(REST, name)
        kind = "" if fault is None else fault.kind
        body = "" if http.method == "GET" else (await http.read()).decode("utf-8", "replace")
        if kind == "drop-before":
            abort(http)
        response = web.Response() if kind == "drop-before" else await self.answer(http, name, body, fault)
        if kind == "drop-after":
            abort(http)
        if kind == "silent":
            await asyncio.Event().wait()  # until the client gives up
        delay = self.latency_ms + (fault.delay_ms if fault is not None and kind == "delay" else 0)
        if delay > 0:
            await asyncio.sleep(delay / 1000)
        return response

    async def answer(self, http: web.Request, name: str, body: str, fault: Fault | None = None) -> web.Response:
        """Carry a request out and return its answer."""
        services, ip = self.services, http.remote or "127.0.0.1"
        query = http.raw_path.partition("?")[2]
        product, era = product_at(http.path), services.engine.era
        operation = ROUTES.get(name) if era.offers(name, product.name) else None

        def credentials(_operation: Operation) -> CallCredentials:
            text, signature = signed_text(query, body)
            return CallCredentials(http.headers.get("X-MBX-APIKEY"), signature, lambda: [("rest", text)], header=True)

        arrival = Arrival(
            product=product,
            operation=operation,
            name=name,
            # If a parameter is in both, the one of the query string is used (documented).
            params=Params(
                dict(parse_qsl(body, keep_blank_values=True)) | dict(parse_qsl(query, keep_blank_values=True))
            ),
            ip=ip,
            credentials=credentials,
            unknown=lambda: unknown_path(http.path, http.method),
            limit=services.five_minutes.of_path(http.path),
            fault=fault,
        )
        if operation is not None and operation.security is not CallSecurity.SIGNED:
            asked = arrival.params.first_of("symbol", "pair")
            await in_turns(services.market_data.recalling(services.market_data.named(asked)))
        served = serve(services, arrival)
        if isinstance(served.result, Generator):
            try:
                served.result = await in_turns(served.result)
            except Refusal as late:
                served.refusal = arrival.product.refused(late)
        refusal, counted = served.refusal, None
        if refusal is None:
            result = era.shown(name, served.result, product.name)
            answer = web.Response(body=_shown(result, fault), content_type="application/json")
            counted = served.account if operation is not None and operation.orders else None
        elif operation is None and refusal.status == 404 and services.profile.html_not_found:
            return web.Response(status=404, body=NOT_FOUND_PAGE, content_type="text/html")
        else:
            answer = http_refusal(refusal)  # counts of orders are not promised on rejections
            if fault is not None:
                answer.body = _shown({"code": refusal.code, "msg": refusal.msg}, fault)
        if arrival.limit is None:  # otherwise none: docs/exchange.md#weight-headers
            answer.headers.update(self._headers(arrival, counted, served))
        return answer

    def _headers(self, arrival: Arrival, counted: Account | None, served: Handled) -> dict[str, str]:
        """Return the weight and order headers; -1 for single orders, as in docs/exchange.md#weight-headers.

        Weight of an account has a header of its own: docs/exchange.md#portfolio-margin-pro-limits.
        """
        pool, name = self.services.pool_of(arrival.product), arrival.product.limits.header
        used = pool.weights.used(arrival.ip)
        if arrival.operation is not None and arrival.operation.by_account:
            name = arrival.product.limits.account_header
            used = 0 if served.account is None else pool.account_weights.used(served.account.name)
        headers = {name: str(used) if served.weight else "-1"}
        return headers if counted is None else headers | pool.orders.headers(counted.name)


def _shown(result: Any, fault: Fault | None) -> bytes:
    if fault is not None and fault.kind == "not-json":
        return NOT_JSON
    if fault is not None and fault.kind == "drift":
        result = fault.drift(result)
    return orjson.dumps(result)

"""One account on a target: what the suite asks of it beside the cases themselves."""

from __future__ import annotations

import asyncio
import itertools
import json
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.errors import BlockedError
from wireproof.recognition import recognise
from wireproof.suite.leases import SymbolLeases
from wireproof.wire.failures import AnswerLostError
from wireproof.wire.limits import FREE, Cost
from wireproof.wire.reply import Resend
from wireproof.wire.signing import sign_params
from wireproof.wire.trouble import patiently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wireproof.contract.model import Contract, Product
    from wireproof.recognition import Recognition
    from wireproof.suite.terms import Terms
    from wireproof.wire.credentials import Credentials
    from wireproof.wire.reply import Reply
    from wireproof.wire.rest import RestClient
    from wireproof.wire.session import WsApiSession

T = TypeVar("T")

#: Every client order id of ours begins with this, so that leftovers of a crash can be told from others' orders.
OURS = "wp-"

#: How many requests the running case has sent, its state included.
requests_sent: ContextVar[list[int]] = ContextVar("requests_sent")

#: What a request is taken to cost whose contract is not in the store.
UNKNOWN_COST = Cost(weight=5)
#: Cost of a request that is documented as free.
LEAST_COST = Cost(weight=1)

NO_SUCH_ORDER = -2013

#: Codes that say that an order or key to be taken back is gone already.
GONE = frozenset({-2011, -2013, -1125})


class RefusedError(BlockedError):
    """A request that prepares or takes back state was not answered with a success; `told` is what came."""

    def __init__(self, method: str, told: Recognition, problem: str = "") -> None:
        super().__init__(method, told, problem)
        self.method, self.told, self.problem = method, told, problem

    @property
    def code(self) -> int | None:
        """The exchange's error code."""
        return self.told.error.number if self.told.error is not None else None

    def __str__(self) -> str:
        said = f"{self.method} was answered with {self.told.words}"
        return f"{said} ({self.problem})" if self.problem else said


def cost_of(contract: Contract, params: Mapping[str, Any]) -> Cost:
    """Return what a request of this contract costs with these parameters: as documented, but never nothing.

    What is documented with a weight of 0 has a limit of its own that no header tells of, and users were answered 429
    and 418 there (/futures/data/basis: https://github.com/JKorf/Binance.Net/issues/1591). Counted as 1, such requests
    are paced with all others.
    """
    request = contract.request
    assert request is not None
    weight = request.weight
    cost = Cost(weight=weight.of(dict(params)), orders_10s=weight.orders_10s, orders_1m=weight.orders_1m)
    return cost if cost != FREE else LEAST_COST


class Costs:
    """Documented costs of the requests that the suite sends on its own account."""

    def __init__(self, contracts: Mapping[str, Contract], product: Product) -> None:
        self._by_subject = {
            contract.subject: contract
            for contract in contracts.values()
            if contract.request is not None and contract.product == product.product
        }

    def ws(self, method: str, params: Mapping[str, Any]) -> Cost:
        """Return the cost of a WebSocket API request."""
        return self._of(method, params)

    def rest(self, verb: str, path: str, params: Mapping[str, Any] | None = None) -> Cost:
        """Return the cost of a REST request."""
        return self._of(f"{verb} {path}", params or {})

    def _of(self, subject: str, params: Mapping[str, Any]) -> Cost:
        contract = self._by_subject.get(subject)
        return cost_of(contract, params) if contract is not None else UNKNOWN_COST


@dataclass(eq=False)
class Account:
    """A key, the connections it is used on, and the state of its account that the suite needs to know."""

    name: str
    credentials: Credentials | None  # None: only public requests
    session: WsApiSession
    rest: RestClient
    costs: Costs
    now_ms: Callable[[], int]
    run: str
    listen_key: asyncio.Lock
    terms: Terms
    symbols: SymbolLeases = field(default_factory=lambda: SymbolLeases([]))
    hedge: bool = False  # the account's mode when the run began
    multi_assets: bool = False
    foreign_listen_key: bool = False  # one was active before the run and is not ours
    dear_answers: dict[str, bytes] = field(default_factory=dict)  # to requests that are sent once, by subject
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def new_id(self) -> str:
        """Return a fresh client order id of ours: prefix, run, account and a number, at most 36 characters."""
        return f"{OURS}{self.run}-{self.name[:8]}-{next(self._numbers)}"

    def signed(self, params: Mapping[str, Any]) -> Callable[[int], dict[str, Any]]:
        """Return what signs the parameters at the moment of sending."""
        credentials = self.credentials
        assert credentials is not None
        return lambda now_ms: sign_params(params, credentials, timestamp_ms=now_ms)

    def keyed(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters with the API key and nothing else, for requests on user data streams."""
        assert self.credentials is not None
        return {"apiKey": self.credentials.api_key, **params}

    async def ask(self, method: str, params: Mapping[str, Any], *, session: WsApiSession | None = None) -> Any:
        """Send a signed request that may be repeated and return its result; RefusedError when it is refused."""
        count_request()
        over, cost = session or self.session, self.costs.ws(method, params)
        reply = await patiently(
            lambda: over.request(method, self.signed(params), cost=cost, resend=Resend.SAFE),
            method,
            health=over.health,
            repeatable=True,
        )
        return result_of(method, reply.raw)

    async def ask_keyed(self, method: str) -> Any:
        """Send a request that carries the API key only, and return its result; RefusedError when it is refused."""
        count_request()
        cost = self.costs.ws(method, {})
        reply = await patiently(
            lambda: finished(self.session.request(method, self.keyed({}), cost=cost, resend=Resend.SAFE)),
            method,
            health=self.session.health,
            repeatable=True,
        )
        return result_of(method, reply.raw)

    async def place(self, method: str, params: Mapping[str, Any]) -> Any:
        """Send a request that opens an order; never twice. RefusedError when it is refused.

        When the connection drops before the answer, the order is looked up, and the result is what that shows.
        """
        count_request()
        cost, lookup = self.costs.ws(method, params), self.lookup_of(method, params)
        resend = Resend.NEVER if lookup is None else Resend.LOOKUP
        try:
            reply = await patiently(
                lambda: finished(
                    self.session.request(method, self.signed(params), cost=cost, resend=resend, lookup=lookup)
                ),
                method,
                health=self.session.health,
                repeatable=False,
            )
        except AnswerLostError as lost:
            return result_of(method, lost.evidence.raw)
        return result_of(method, reply.raw)

    def lookup_of(
        self, method: str, params: Mapping[str, Any]
    ) -> Callable[[WsApiSession], Awaitable[Reply | None]] | None:
        """Return what asks whether an order took effect, by its client order id; None where nothing can be asked.

        Conditional orders cannot be asked about over the WebSocket API: their fate stays unknown until the sweep.
        """
        symbol, client_id = params.get("symbol"), params.get("newClientOrderId")
        if method != "order.place" or not (isinstance(symbol, str) and isinstance(client_id, str)):
            return None
        named = {"symbol": symbol, "origClientOrderId": client_id}

        async def look(session: WsApiSession) -> Reply | None:
            cost = self.costs.ws("order.status", named)
            reply = await session.request("order.status", self.signed(named), cost=cost, resend=Resend.SAFE)
            try:
                result_of("order.status", reply.raw)
            except RefusedError as error:
                if error.code == NO_SUCH_ORDER:
                    return None
                raise
            return reply

        return look

    async def place_rest(self, verb: str, path: str, params: Mapping[str, Any], *, repeatable: bool = False) -> Any:
        """Send a REST request that changes something, and know its answer also when the run is stopped meanwhile.

        One that is `repeatable`, such as a setting, is sent again also when it is not known whether it took effect.
        """
        return await finished(self.ask_rest(verb, path, params, repeatable=repeatable))

    async def ask_rest(
        self,
        verb: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        signed: bool = True,
        repeatable: bool = False,
    ) -> Any:
        """Send a REST request and return its decoded body; RefusedError when it is not answered with a success."""
        count_request()
        reply = await patiently(
            lambda: self.rest.request(
                verb,
                path,
                params,
                credentials=self.credentials if signed else None,
                signed=signed,
                cost=self.costs.rest(verb, path, params),
            ),
            f"{verb} {path}",
            health=self.rest.health,
            repeatable=repeatable or verb == "GET",
            after_drop=repeatable or verb == "GET",
        )
        return body_of(f"{verb} {path}", reply.status, reply.raw)


async def finished(request: Awaitable[T]) -> T:
    """Wait for a request that changes something; when this is cancelled, wait for its answer all the same.

    What was under way when a run is stopped must be known before it can be taken back.
    """
    task = asyncio.ensure_future(request)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains that it was not
        raise


def count_request() -> None:
    """Count one request for the case that runs in this context, if one does."""
    counter = requests_sent.get(None)
    if counter is not None:
        counter[0] += 1


def result_of(method: str, raw: bytes) -> Any:
    """Return the `result` of a WebSocket API answer; RefusedError when it is no success or cannot be read."""
    body = decoded(raw)
    status = body.get("status") if isinstance(body, dict) else None
    told = recognise(status if isinstance(status, int) else None, raw)
    if not isinstance(body, dict):
        raise RefusedError(method, told, "the answer is no JSON object")
    if status == 200 and told.is_success and "result" in body:
        return body["result"]
    raise RefusedError(method, told, "" if told.error is not None else "no error text")


def body_of(asked: str, status: int, raw: bytes) -> Any:
    """Return the decoded body of a REST answer; RefusedError when it is no success."""
    told = recognise(status, raw)
    if not told.is_success:
        raise RefusedError(asked, told)
    return decoded(raw)


def decoded(raw: bytes) -> Any:
    """Return what an answer says, or None when nobody can read it."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None

"""One account on a target: what the suite asks of it beside the cases themselves."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable  # noqa: TC003  # a named tuple's fields
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from wireproof.contract.model import Surface
from wireproof.errors import BlockedError, ConfigurationError
from wireproof.recognition import Concern, Sort, recognise
from wireproof.suite.products.base import GONE, NO_SUCH_ORDER
from wireproof.suite.state.leases import SymbolLeases
from wireproof.suite.state.own_answers import Answer, UnreadableError, itself
from wireproof.wire.failures import AnswerLostError, ConnectionLostError, NoAnswerError, PassingTroubleError, WireError
from wireproof.wire.reply import Resend
from wireproof.wire.secrets.signing import sign_params
from wireproof.wire.trouble import patiently

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.recognition import Recognition
    from wireproof.suite.planning.costs import Costs
    from wireproof.suite.products.base import ListenKeyRequests, ProductDriver, TradingBook
    from wireproof.suite.state.own_answers import UnknownStateError
    from wireproof.wire.reply import Reply
    from wireproof.wire.rest import RestClient
    from wireproof.wire.secrets.credentials import Credentials
    from wireproof.wire.websocket.session import WsApiSession

T = TypeVar("T")

#: Every client order id that wireproof gives begins with this: leftovers of a crash can be told from others' orders.
OURS = "wp-"

#: How many requests the running case has sent, its state included.
requests_sent: ContextVar[list[int]] = ContextVar("requests_sent")

#: The pauses in seconds before a request whose answer is lost or cannot be read is sent again.
AGAIN_PAUSES = (0.1, 0.3)


class RefusedError(BlockedError):
    """A request that prepares or undoes state was not answered with a success; `told` is what came."""

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


class Way(NamedTuple):
    """One of the ways to ask the same: the request in words, where it goes, and what sends it."""

    name: str
    surface: Surface
    send: Callable[[], Awaitable[Answer]]


class PriceSource(NamedTuple):
    """Another product's host: what asks it, and what its requests cost."""

    rest: RestClient
    costs: Costs


@dataclass(eq=False)
class Account:
    """A key, the connections it is used on, and the state of its account that the suite needs to know."""

    name: str
    credentials: Credentials | None  # None: only public requests
    session: WsApiSession | None  # None where the product has no WebSocket API
    rest: RestClient
    costs: Costs
    now_ms: Callable[[], int]
    run: str
    listen_key: asyncio.Lock
    driver: ProductDriver
    leases: dict[str, SymbolLeases] = field(default_factory=dict)  # by root of the book
    sources: Mapping[str, PriceSource] = field(default_factory=dict)  # other products' hosts that it asks, by product
    hedge: bool = False  # the account's mode when the run began
    multi_assets: bool = False
    foreign_listen_key: bool = False  # one was active before the run and is not ours
    has_changed: bool = False  # whether anything may have changed on it since the run began
    unknown: dict[str, UnknownStateError] = field(default_factory=dict)  # why modes or `listen_key` are unknown
    dear_answers: dict[str, bytes] = field(default_factory=dict)  # to requests that are sent once, by subject
    silent: set[str] = field(default_factory=set)  # requests and surfaces that did not answer, however often asked
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def symbols_of(self, book: TradingBook) -> SymbolLeases:
        """Return the leases of a book's symbols; they have none before the account is prepared."""
        return self.leases.setdefault(book.root, SymbolLeases([]))

    def new_id(self) -> str:
        """Return a fresh client order id: prefix, run, account and a number, at most 36 characters."""
        return f"{OURS}{self.run}-{self.name[:8]}-{next(self._numbers)}"

    def signed(self, params: Mapping[str, Any]) -> Callable[[int], dict[str, Any]]:
        """Return what signs the parameters at the moment of sending."""
        credentials = self.credentials
        assert credentials is not None
        return lambda now_ms: sign_params(params, credentials, timestamp_ms=now_ms)

    def ws_api(self) -> WsApiSession:
        """Return the account's session of the WebSocket API; ConfigurationError where the product has no such API."""
        if self.session is None:
            raise ConfigurationError(
                f"{self.driver.product} has no WebSocket API, and a case asks for one of its methods."
                " Correct the contract's surface, or give the product's driver a WebSocket API."
            )
        return self.session

    @property
    def listen_key_requests(self) -> ListenKeyRequests:
        """The requests about the account's listen key; ConfigurationError where the product has none."""
        if self.driver.listen_key is None:
            raise ConfigurationError(f"{self.driver.product} has no private stream, and a case needs one.")
        return self.driver.listen_key

    def keyed(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters with the API key and nothing else, for requests on user data streams."""
        assert self.credentials is not None
        return {"apiKey": self.credentials.api_key, **params}

    async def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        read: Callable[[Answer], T] = itself,
        *,
        session: WsApiSession | None = None,
    ) -> T:
        """Send a signed request that may be repeated, and return what `read` makes of its result.

        One that is not answered, or whose answer cannot be read, is sent again, and over REST where REST tells the
        same. RefusedError when it is refused, UnreadableError, or what the wire raised. `method` may be a REST request
        (`GET /fapi/v1/order`), too.
        """
        verb, _, path = method.partition(" ")
        if path:
            return await self.ask_rest(verb, path, params, read, repeatable=True)
        send = partial(self._send_ws, method, params, self.signed(params), over=session)
        other = self._over_rest(method, params, signed=True) if session is None else None
        return await until_read(self._ways(Way(method, Surface.WS_API, send), other), read, self.silent)

    async def ask_keyed(self, method: str, read: Callable[[Answer], T] = itself) -> T:
        """Send a request that carries the API key only, as `ask` does."""
        verb, _, path = method.partition(" ")
        if path:
            way = Way(method, Surface.REST, partial(self._send_keyed, verb, path))
            return await until_read([way], read, self.silent)
        send = partial(self._send_ws, method, {}, self.keyed({}), to_the_end=True)
        ways = self._ways(Way(method, Surface.WS_API, send), self._over_rest(method, {}, signed=False))
        return await until_read(ways, read, self.silent)

    def _ways(self, *ways: Way | None) -> list[Way]:
        """Return those of the ways that the product has: one without a WebSocket API is asked over REST alone."""
        surfaces = {Surface.REST, Surface.WS_API} if self.driver.ws_api else {Surface.REST}
        return [way for way in ways if way is not None and way.surface in surfaces]

    async def _send_ws(
        self,
        method: str,
        params: Mapping[str, Any],
        made: Callable[[int], dict[str, Any]] | dict[str, Any],
        *,
        over: WsApiSession | None = None,
        to_the_end: bool = False,
    ) -> Answer:
        """Send a request that may be repeated; `made` of its parameters is sent, `to_the_end` also when cancelled."""
        count_request()
        session, cost = over or self.ws_api(), self.costs.ws(method, params)

        def send() -> Awaitable[Reply]:
            asking = session.request(method, made, cost=cost, resend=Resend.SAFE)
            return finished(asking) if to_the_end else asking

        reply = await patiently(send, method, health=session.health, repeatable=True)
        return result_of(method, reply.raw)

    async def place(self, method: str, params: Mapping[str, Any], read: Callable[[Answer], T] = itself) -> T:
        """Send a request that opens or changes an order, never twice, and return what `read` makes of its result.

        Where the answer is lost or cannot be read, the order is looked up, and what that shows is read. RefusedError
        when the request is refused, UnreadableError, or what the wire raised.
        """
        self.has_changed = True
        try:
            verb, _, path = (method if self.driver.ws_api else self.driver.rest(method)).partition(" ")
            if path:
                return read(await self.place_rest(verb, path, params))
            cost, lookup = self.costs.ws(method, params), self.lookup_of(method, params)
            resend = Resend.NEVER if lookup is None else Resend.LOOKUP
            count_request()
            session = self.ws_api()
            reply = await patiently(
                lambda: finished(session.request(method, self.signed(params), cost=cost, resend=resend, lookup=lookup)),
                method,
                health=session.health,
                repeatable=False,
            )
            return read(result_of(method, reply.raw))
        except AnswerLostError as lost:
            return read(result_of(method, lost.evidence.raw))
        except (BlockedError, WireError) as error:
            if not is_doubtful(error):
                raise
            try:
                return await self._placed(method, params, read)
            except (BlockedError, WireError):
                raise error from None

    async def _placed(self, method: str, params: Mapping[str, Any], read: Callable[[Answer], T]) -> T:
        """Look up an order that was placed or changed, by the name that the request gave it."""
        kind = self.driver.kind_of(method)
        named = kind.named_in(params) if kind is not None else None
        if kind is None or named is None:
            raise UnreadableError(method, "", "is lost, and names nothing that can be looked up")
        return await self.ask(kind.look_up, named, read)

    def lookup_of(
        self, method: str, params: Mapping[str, Any]
    ) -> Callable[[WsApiSession], Awaitable[Reply | None]] | None:
        """Return what asks whether an order took effect, by its client order id; None where nothing can be asked.

        Conditional orders cannot be asked about over the WebSocket API: their fate stays unknown until the sweep.
        """
        kind = self.driver.kind_of(method)
        named = kind.named_in(params) if kind is not None and method == kind.place else None
        if kind is None or named is None or " " in kind.look_up:
            return None
        look_up = kind.look_up

        async def look(session: WsApiSession) -> Reply | None:
            cost = self.costs.ws(look_up, named)
            reply = await session.request(look_up, self.signed(named), cost=cost, resend=Resend.SAFE)
            try:
                result_of(look_up, reply.raw)
            except RefusedError as error:
                if error.code == NO_SUCH_ORDER:
                    return None
                raise
            return reply

        return look

    async def place_rest(self, verb: str, path: str, params: Mapping[str, Any], *, repeatable: bool = False) -> Answer:
        """Send a REST request that changes something, and know its answer also when the run is stopped meanwhile.

        One that is `repeatable`, such as a setting, is sent again also when it is not known whether it took effect.
        """
        self.has_changed = True
        return await finished(self.ask_rest(verb, path, params, repeatable=repeatable))

    async def ask_rest(
        self,
        verb: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        read: Callable[[Answer], T] = itself,
        *,
        signed: bool = True,
        repeatable: bool = False,
    ) -> T:
        """Send a REST request and return what `read` makes of its decoded body; the errors are those of `ask`.

        A GET, and what is `repeatable`, is sent again when it is not answered or its answer cannot be read, and over
        the WebSocket API where that tells the same.
        """
        repeatable = repeatable or verb == "GET"
        send = partial(self._send_rest, verb, path, params, signed=signed, repeatable=repeatable)
        if not repeatable:
            return read(await send())
        other = self._over_ws(f"{verb} {path}", params or {}, signed=signed)
        return await until_read(self._ways(Way(f"{verb} {path}", Surface.REST, send), other), read, self.silent)

    async def ask_public(self, book: TradingBook, request: str, read: Callable[[Answer], T], **params: str) -> T:
        """Send a public REST request about a book, such as `GET /fapi/v1/exchangeInfo`; the errors are those of `ask`.

        It goes to the host of the book's source.
        """
        verb, _, path = request.partition(" ")
        if book.source:
            send = partial(
                self._send_rest, verb, path, params or None, signed=False, repeatable=True, to=self.sources[book.source]
            )
            return await until_read([Way(request, Surface.REST, send)], read, self.silent)
        return await self.ask_rest(verb, path, params or None, read, signed=False)

    async def _send_rest(
        self,
        verb: str,
        path: str,
        params: Mapping[str, Any] | None,
        *,
        signed: bool,
        repeatable: bool,
        keyed: bool = False,
        to: PriceSource | None = None,
    ) -> Answer:
        count_request()
        rest, costs = to or PriceSource(self.rest, self.costs)
        reply = await patiently(
            lambda: rest.request(
                verb,
                path,
                params,
                credentials=self.credentials if signed or keyed else None,
                signed=signed,
                cost=costs.rest(verb, path, params),
            ),
            f"{verb} {path}",
            health=rest.health,
            repeatable=repeatable,
            after_drop=repeatable,
        )
        return body_of(f"{verb} {path}", reply.status, reply.raw)

    def _send_keyed(self, verb: str, path: str) -> Awaitable[Answer]:
        """Send a REST request about the listen key, with the API key only, to the end also when it is cancelled."""
        keys = self.driver.listen_key
        host = self.sources[keys.source] if keys is not None and keys.source else None
        return finished(self._send_rest(verb, path, None, signed=False, keyed=True, repeatable=True, to=host))

    def _over_rest(self, method: str, params: Mapping[str, Any], *, signed: bool) -> Way | None:
        """Return what asks over REST what a method of the WebSocket API asks; None where nothing does."""
        request = self.driver.over_rest.get(method)
        if request is None:
            return None
        verb, _, path = request.partition(" ")
        send = partial(self._send_rest, verb, path, params, signed=signed, keyed=True, repeatable=True)
        return Way(request, Surface.REST, send)

    def _over_ws(self, asked: str, params: Mapping[str, Any], *, signed: bool) -> Way | None:
        """Return what asks over the WebSocket API what a REST request asks; None where nothing does."""
        method = self.driver.over_ws.get(asked)
        if method is None:
            return None
        made = self.signed(params) if signed else dict(params)
        return Way(method, Surface.WS_API, partial(self._send_ws, method, params, made))


async def until_read(ways: Iterable[Way], read: Callable[[Answer], T], silent: set[str]) -> T:
    """Ask until an answer can be read, three times each way; raise what the first time came to.

    `silent` keeps the requests and surfaces that did not answer to the end: they are asked once only, until they answer
    again.
    """
    failure: BlockedError | WireError | None = None
    for way in ways:
        names = {way.name, way.surface.value}
        for pause in (*AGAIN_PAUSES, None) if not names & silent else (None,):
            try:
                found = read(await way.send())
            except (BlockedError, WireError) as error:
                if failure is not None and is_ending(way.name) and is_gone(error):
                    return read(Answer(way.name, {}))  # an earlier one, whose answer was lost, has done it
                if failure is None and not is_doubtful(error):
                    raise
                failure = failure or error
                if isinstance(error, NoAnswerError) and pause is None:
                    silent |= names
                if not is_doubtful(error) or is_trouble(error):
                    break
            else:
                silent -= names
                return found
            if pause is not None:
                await asyncio.sleep(pause)
    assert failure is not None
    raise failure


async def finished(request: Awaitable[T]) -> T:
    """Wait for a request that changes something; when this is cancelled, wait for its answer all the same.

    What was under way when a run is stopped must be known before it can be undone.
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


def is_gone(error: Exception) -> bool:
    """Whether a request was refused because what it undoes is not there."""
    return isinstance(error, RefusedError) and error.code in GONE


def is_ending(asked: str) -> bool:
    """Whether a request cancels or stops something, so that it is refused when it is sent twice."""
    return asked.endswith((".cancel", ".stop")) or asked.startswith("DELETE ")


def is_trouble(error: Exception) -> bool:
    """Whether an error is trouble of the service, for which `patiently` has waited: only another way may help."""
    told = error.told if isinstance(error, RefusedError) else None
    return isinstance(error, PassingTroubleError) or (told is not None and told.concern is Concern.SERVICE)


def is_doubtful(error: Exception) -> bool:
    """Whether nothing is known after an error: no answer came, one that nobody can read, or trouble of the service.

    What the exchange says in its own words is an answer.
    """
    if isinstance(error, RefusedError):
        told = error.told
        if told.concern is not None:
            return told.concern is Concern.SERVICE
        in_success = told.status is None or 200 <= told.status < 300
        return told.sort is not Sort.REFUSAL or in_success or told.error is None
    return isinstance(error, UnreadableError | NoAnswerError | ConnectionLostError | PassingTroubleError)


def result_of(method: str, raw: bytes) -> Answer:
    """Return the `result` of a WebSocket API answer.

    RefusedError when it is no success, UnreadableError when it cannot be read.
    """
    answer = Answer.decode(method, raw)
    status = answer.integer("status")
    told = recognise(status, raw)
    if status == 200 and told.is_success:
        return answer.at("result")
    raise RefusedError(method, told, "" if told.error is not None else "no error text")


def body_of(asked: str, status: int, raw: bytes) -> Answer:
    """Return the decoded body of a REST answer; RefusedError when it is no success, UnreadableError when no JSON."""
    told = recognise(status, raw)
    if not told.is_success:
        raise RefusedError(asked, told)
    return Answer.decode(asked, raw)

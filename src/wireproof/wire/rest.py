"""Requests over HTTP.

https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
"""

from __future__ import annotations

import asyncio
import ssl
import urllib.request
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from wireproof.bounds import MOST_BYTES, bounded
from wireproof.errors import ConfigurationError
from wireproof.recognition import Concern, Sort, recognise
from wireproof.wire.blocked import ADVICE, blocked_by_http, blocked_by_network, host_of
from wireproof.wire.delay import note_round_trip, patience
from wireproof.wire.dns import Resolver
from wireproof.wire.failures import BlockKind, ConnectionLostError, NoAnswerError, TargetBlockedError
from wireproof.wire.limits import FREE, MINUTE_MS, Cost, Permit, RateLimiter
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.secrets.signing import query_text, signed_query
from wireproof.wire.trouble import Health

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import TracebackType

    from aiohttp.connector import Connection

    from wireproof.wire.clock import ServerClock
    from wireproof.wire.secrets.credentials import Credentials

    Prepare = Callable[[int], Mapping[str, Any]] | Mapping[str, Any] | None

KEY_HEADER = "X-MBX-APIKEY"
REFUSALS = frozenset({418, 429})
#: The header of a web application firewall's answer, such as a challenge (HTTP 202 with an empty body).
FIREWALL = "x-amzn-waf-action"


@dataclass(frozen=True, slots=True)
class RestReply:
    """An HTTP answer and the request it belongs to.

    `request` is verb and URL as sent, and the form below them (with signature: redact it before it goes anywhere),
    `raw` the answer's body, `headers` by lower-case name. Times are epoch milliseconds of this machine's clock.
    """

    request: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    raw: bytes = field(repr=False)
    sent_at: float
    received_at: float
    sends: int = 1


#: How many requests may be under way to a host at once; each has a connection of its own.
MOST_AT_ONCE = 100


@dataclass(slots=True)
class _Leaving:
    """What is made at the moment at which a request leaves: its text, and with it timestamp and signature; the key."""

    make: Callable[[], tuple[str, str]]
    url: str
    in_body: bool
    local_ms: Callable[[], float]
    sent_at: float = 0.0
    asked: str = ""  # the URL as sent, and the form


#: The request that the running task is about to send.
_leaving: ContextVar[_Leaving] = ContextVar("leaving")


class _Request(aiohttp.ClientRequest):
    """Gets its query or form once its connection is open: until then seconds may pass, and a timestamp grows old."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Make the text, and write the request."""
        leaving = _leaving.get()
        text, api_key = leaving.make()
        if api_key:
            self.headers[KEY_HEADER] = api_key
        leaving.asked = leaving.url if leaving.in_body or not text else f"{leaving.url}?{text}"
        self.url = URL(leaving.asked, encoded=True)
        if leaving.in_body and text:
            await self.update_body(text.encode())
            leaving.asked += f"\n\n{text}"
        leaving.sent_at = leaving.local_ms()
        return await super().send(conn)


class _Connector(aiohttp.TCPConnector):
    """Opens each connection within so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(resolver=Resolver(seconds), limit=0)  # `MOST_AT_ONCE` bounds them, before anything is signed
        self._seconds = seconds

    async def _create_connection(self, *arguments: Any, **options: Any) -> Any:
        async with patience(self._seconds):
            return await super()._create_connection(*arguments, **options)


class RestClient:
    """An HTTP client for one base URL; use it with `async with`. Redirects are not followed: keys stay with their host.

    Args:
        base_url: What paths follow.
        limiter: Says when to send.
        clock: The server's time, for signed requests.
        redactor: Takes secrets out of messages; None: one of its own.
        recv_window: How old a signed request may be, in milliseconds; None: the exchange's default.
        answer_timeout: Bound of a whole request, in seconds.
        connect_timeout: Bound of connecting, in seconds.
        max_wait: The longest wait after a 429, in seconds; None: as long as the limiter waits.
    """

    def __init__(
        self,
        base_url: str,
        *,
        limiter: RateLimiter,
        clock: ServerClock,
        redactor: Redactor | None = None,
        recv_window: int | None = None,
        answer_timeout: float = 10.0,
        connect_timeout: float = 10.0,
        max_wait: float | None = None,
    ) -> None:
        if not base_url:
            raise ConfigurationError("No REST URL is known for this product and target. Set its ..._REST_URL variable.")
        self.host = host_of(base_url)
        self.recv_window, self.answer_timeout, self.connect_timeout = recv_window, answer_timeout, connect_timeout
        self.max_wait = limiter.max_wait if max_wait is None else max_wait
        self.requests = 0  # requests sent so far
        self.base_url, self._limiter, self._clock = base_url.rstrip("/"), limiter, clock
        self._redactor = redactor if redactor is not None else Redactor()
        self.health = Health(self.host, self._redactor.text)
        self._session: aiohttp.ClientSession | None = None
        self._turn = asyncio.Semaphore(MOST_AT_ONCE)

    def __repr__(self) -> str:
        return f"RestClient({self.host})"

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=_Connector(self.connect_timeout),
            timeout=aiohttp.ClientTimeout(total=None),  # `patience` bounds both: it knows when this machine is slow
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=True,
            headers={"User-Agent": "wireproof"},
            request_class=_Request,
        )
        # aiohttp would repeat a dropped PUT or DELETE by itself, unsaid and unlimited; there is no public switch.
        self._session._retry_connection = False  # noqa: SLF001
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        verb: str,
        path: str,
        params: Prepare = None,
        *,
        credentials: Credentials | None = None,
        signed: bool = False,
        cost: Cost = FREE,
        omit: Collection[str] = (),
        in_body: bool = False,
    ) -> RestReply:
        """Send a request, its parameters in the query string or (`in_body`) as a form, and return its answer.

        `params` gives the parameters, or makes them right before each time the request is sent, from the server's time
        in epoch milliseconds: its connection is open then, and nothing stands between it and the wire. With
        `credentials` the key travels in its header, unless `apiKey` is among the names in `omit`; an `apiKey` among the
        parameters takes its place there. With `signed` the parameters also get timestamp and signature (see
        `signing.signed_query` for `omit` and for values that are kept). A GET whose connection drops is sent once more,
        and anything that was refused with 429 is, after the wait.

        Raise TargetBlockedError when something else than the service answers (HTTP 403, 451, a redirect), when this IP
        is limited or banned, or nothing can be reached; PassingTroubleError for a page with HTTP 408 or 5xx (see
        `trouble`); NoAnswerError; ConnectionLostError (fate unknown).
        """
        if signed and credentials is None:
            raise ValueError("a signed request needs credentials")
        signer = credentials if signed else None

        def make() -> tuple[str, str]:
            given = dict(params(self._clock.now_ms()) if callable(params) else params or {})
            self._redactor.learn_sent(given)
            key = given.pop("apiKey", credentials.api_key if credentials is not None else "")
            return self._text(given, signer, omit), "" if "apiKey" in omit else key

        refused = dropped = sends = 0
        while True:
            sends += 1
            permit = await self._leave_to_send(cost)
            permit.whose = credentials.api_key if credentials is not None else ""
            try:
                reply = await self._send(verb, path, make, in_body=in_body)
                permit.is_refused = reply.status != 200
                self._limiter.observe_headers(reply.headers, permit)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionError) as exc:
                dropped += 1
                if verb != "GET" or dropped > 1:
                    what = f"{self.host} closed it"
                    raise ConnectionLostError(f"{verb} {path}", "", what, sends=sends) from _safe(exc)
                continue
            except TimeoutError as exc:
                raise self._timed_out(exc, f"{verb} {path}") from None
            except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as exc:
                raise self._explained(exc) from None
            finally:
                permit.done()
                self._turn.release()
            if not _is_closed(reply):
                return replace(reply, sends=sends)
            blocked = self._blocked(reply, f"{verb} {path}")
            refused += 1
            if refused > 1 or blocked.kind is not BlockKind.RATE_LIMITED or not self._is_short(blocked):
                raise blocked

    def _text(self, params: Mapping[str, Any], signer: Credentials | None, omit: Collection[str]) -> str:
        """Return the parameters as they are sent; signed, when there is someone to sign."""
        if signer is None:
            return query_text(params)
        now, window = self._clock.now_ms(), self.recv_window
        return signed_query(params, signer, timestamp_ms=now, recv_window=window, omit=omit)

    async def _leave_to_send(self, cost: Cost) -> Permit:
        """Wait for a turn among the requests under way, which the caller gives back, and then for the rate limits.

        In this order: who has leave counts against the limits, and must not wait for those who wait for leave.
        """
        await self._turn.acquire()
        try:
            return await self._limiter.acquire(cost)
        except BaseException:
            self._turn.release()
            raise

    async def _send(self, verb: str, path: str, make: Callable[[], tuple[str, str]], *, in_body: bool) -> RestReply:
        if self._session is None:
            raise RuntimeError("RestClient is used outside `async with`")
        url = f"{self.base_url}{path}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if in_body else {}
        leaving = _Leaving(make, url, in_body, self._clock.local_ms)
        _leaving.set(leaving)
        self.requests += 1
        async with (
            patience(self.answer_timeout),
            self._session.request(
                verb, URL(url, encoded=True), headers=headers, data=b"" if in_body else None, allow_redirects=False
            ) as response,
        ):
            note_round_trip((self._clock.local_ms() - leaving.sent_at) / 1000)
            raw = await _body_of(response)
            self._redactor.learn(raw)
            received = {name.lower(): value for name, value in response.headers.items()}
            return RestReply(
                f"{verb} {leaving.asked}", response.status, received, raw, leaving.sent_at, self._clock.local_ms()
            )

    def _blocked(self, reply: RestReply, asked: str) -> TargetBlockedError:
        now = self._clock.now_ms()
        blocked = blocked_by_http(
            self.host,
            reply.status,
            {"Location": reply.headers.get("location", ""), "Retry-After": reply.headers.get("retry-after", "")},
            reply.raw or _firewall_words(reply),
            now_ms=now,
            asked=asked,
            redactor=self._redactor,
        )
        if reply.status in REFUSALS:
            if blocked.until_ms is None:
                blocked.until_ms = (now // MINUTE_MS + 1) * MINUTE_MS + self._limiter.guard_ms
            self._limiter.refused[asked] += 1
            self._limiter.penalise(blocked.until_ms, blocked.kind)
        return blocked

    def _is_short(self, blocked: TargetBlockedError) -> bool:
        until = blocked.until_ms or 0.0
        return until - self._clock.now_ms() <= self.max_wait * 1000

    def _timed_out(self, failure: TimeoutError, asked: str) -> Exception:
        if isinstance(failure, aiohttp.ConnectionTimeoutError):
            return self._explained(failure)
        return NoAnswerError(asked, "", self.answer_timeout)

    def _explained(self, failure: Exception) -> TargetBlockedError:
        proxy = http_proxy_of(self.base_url)
        if isinstance(failure, aiohttp.ClientHttpProxyError):
            what = "wants a user name and password" if failure.status == 407 else "refused to connect"
            sentence = f"The proxy {proxy} {what} (HTTP {failure.status}) to {self.host}."
            return self._setting(sentence, BlockKind.PROXY, failure.status)
        if isinstance(failure, aiohttp.InvalidURL | ValueError) and not isinstance(failure, ssl.SSLError):
            return self._setting(
                f"{self.host} cannot be asked: the URL or a proxy URL is malformed.", BlockKind.SETTING
            )
        if isinstance(failure, aiohttp.ClientResponseError):
            sentence = f"{self.host} does not speak HTTP as it must: {failure.message.splitlines()[0][:80]}."
            return self._setting(self._redactor.text(sentence), BlockKind.NOT_THIS_SERVICE)
        cause = failure.os_error if isinstance(failure, aiohttp.ClientConnectorError) else failure
        return blocked_by_network(self.host, cause, seconds=self.connect_timeout, proxy=proxy, redactor=self._redactor)

    def _setting(self, sentence: str, kind: BlockKind, status: int | None = None) -> TargetBlockedError:
        return TargetBlockedError(self.host, sentence, ADVICE[kind], kind=kind, status=status)


def http_proxy_of(url: str) -> str:
    """Return host and port of the environment's proxy for an HTTP URL, or an empty string."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    proxy = urllib.request.getproxies().get(parts.scheme, "")
    return host_of(proxy) if proxy else ""


def _firewall_words(reply: RestReply) -> bytes:
    """Return what a firewall wants, in words; nothing when no firewall answered."""
    action = reply.headers.get(FIREWALL, "")
    return f"a web application firewall answered instead ({action[:40]})".encode() if action else b""


async def _body_of(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, decompressed; of one that is too long or too dense what `bounded` keeps of it."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            response.close()  # the rest is not wanted, and its connection neither
            break
    return bounded(b"".join(parts))


def _is_closed(reply: RestReply) -> bool:
    """Whether the answer speaks of the way to the service, not of one request.

    That is a redirect, a firewall's answer, a closed region, a limit or a ban, and a page of a gateway that shows
    trouble. What the service itself says in JSON, trouble or not, is for the caller.
    """
    told = recognise(reply.status, reply.raw, firewall=FIREWALL in reply.headers)
    if reply.status in REFUSALS:
        return True
    if told.concern is Concern.SERVICE:
        return bool(told.page) and reply.status >= 400
    return told.sort is Sort.NO_ANSWER and told.concern is not None


def _safe(failure: Exception) -> Exception | None:
    """Return a cause whose text holds no URL."""
    return failure if isinstance(failure, ConnectionError | asyncio.IncompleteReadError) else None

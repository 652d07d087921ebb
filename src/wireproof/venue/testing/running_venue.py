"""A venue that runs, as tests see it: where everything is, its keys, and what it can be made to do.

Everything goes over HTTP, to a venue in this process as to one in a container; each call takes a millisecond or two and
blocks meanwhile, so that it can stand in plain and in async tests alike.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote, urlencode, urlsplit

from wireproof.venue.base.auth import ApiKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta
    from decimal import Decimal
    from types import TracebackType

    from wireproof.venue.base.auth import KeyType

Json = dict[str, Any]
KeyName = Literal["hmac", "rsa", "ed25519"]
ANSWER_SECONDS = 30.0


class VenueRefusalError(Exception):
    """The venue refused what it was asked: HTTP's `status`, and the `document` that it answered."""

    def __init__(self, request: str, status: int, document: Any) -> None:
        super().__init__(request, status, document)
        self.request, self.status, self.document = request, status, document

    def __str__(self) -> str:
        document = self.document
        said = document.get("error", document) if isinstance(document, dict) else document
        return f"{self.request} was refused with {self.status}: {said}"


@dataclass(frozen=True, slots=True)
class ProductUrls:
    """Where a product is; empty where it has no such surface.

    Args:
        rest: The root of REST, without path.
        ws_api: The WebSocket API.
        stream: The root of all streams, as clients are configured that know the roots below it.
        public: The root of books and book tickers; `/ws` or `/stream` follows.
        market: The root of all other market streams.
        private: The root of user data.
    """

    rest: str
    ws_api: str = ""
    stream: str = ""
    public: str = ""
    market: str = ""
    private: str = ""


@dataclass(frozen=True, slots=True)
class VenueAccount:
    """An account with one API key, made when the venue started: it opens nothing else.

    Args:
        name: `hmac`, `rsa` or `ed25519`, after the kind of its key.
        key_type: HMAC, RSA or ED25519.
        api_key: The API key.
        api_secret: Its secret; empty unless the key is HMAC.
        private_key_pem: Its private key, unencrypted PKCS #8 as PEM; empty when the key is HMAC.
    """

    name: str
    key_type: KeyType
    api_key: str
    api_secret: str = field(default="", repr=False)
    private_key_pem: str = field(default="", repr=False)

    def sign(self, text: str) -> str:
        """Return the signature of a text: hex of HMAC, else base64, not percent-encoded."""
        return ApiKey.read(self.key_type, self.api_key, self.api_secret, self.private_key_pem).sign(text)


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that was added: how many requests or events it was about (`seen`), and struck (`used`), when asked."""

    id: int
    kind: str
    method: str
    seen: int
    used: int


class RunningVenue:
    """A venue that serves. `start_venue` and `connect_venue` make one.

    Args:
        credentials: What `GET /venue/credentials` answers.
        trust: How to verify its certificate, if it speaks TLS.
        stop: Ends it.
    """

    def __init__(
        self, credentials: Json, trust: ssl.SSLContext | None = None, stop: Callable[[], None] = lambda: None
    ) -> None:
        self._stop = stop
        self.url: str = credentials["rest_url"]
        self._http = _Http(self.url, trust)
        self.ca_file: str = credentials.get("ca_file", "")
        roots = credentials["roots"]
        self.urls: Mapping[str, ProductUrls] = MappingProxyType(
            {
                name: ProductUrls(
                    **{surface.replace("-", "_"): url for surface, url in at.items()} | roots.get(name, {})
                )
                for name, at in credentials["urls"].items()
            }
        )
        self.accounts: Mapping[str, VenueAccount] = MappingProxyType(
            {one["name"]: VenueAccount(**one) for one in credentials["accounts"]}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop it, if it was started here."""
        self._stop()

    # accounts

    @property
    def hmac(self) -> VenueAccount:
        """Return the account whose key is HMAC."""
        return self.accounts["hmac"]

    @property
    def rsa(self) -> VenueAccount:
        """Return the account whose key is RSA, of 2048 bits."""
        return self.accounts["rsa"]

    @property
    def ed25519(self) -> VenueAccount:
        """Return the account whose key is Ed25519: the only kind that may log on over the WebSocket API."""
        return self.accounts["ed25519"]

    # what it can be made to do

    def reset(self, *, as_of: str = "", incident: str = "") -> None:
        """Begin anew: accounts, orders, prices, listen keys, faults, limits, clock. Connections end; keys stay.

        It begins on the day `as_of` (2026-05-01), in an `incident` (`algo-migration`), or else as it was started.

        Raises:
            VenueRefusalError: There is no such day or incident; the sentence says what was meant.
        """
        asked = {"as_of": as_of, "incident": incident}
        self._control("POST", "reset", {name: value for name, value in asked.items() if value})

    def __call__(self, *, as_of: str = "", incident: str = "") -> Self:
        """Begin anew on a day or in an incident, and return the venue: `venue(incident="algo-migration")`."""
        self.reset(as_of=as_of, incident=incident)
        return self

    def move_price(self, symbol: str, price: Decimal | float | str) -> None:
        """Move a contract's last, mark and index price: orders in the way fill, triggers fire, positions liquidate."""
        self._control("POST", "market", {"symbol": symbol, "price": str(price)})

    def advance(self, by: float | timedelta) -> None:
        """Let time pass, in seconds: funding, delivery, expiry, listen keys, limits. Old timestamps stay accepted."""
        seconds = by if isinstance(by, int | float) else by.total_seconds()
        self._control("POST", "advance", {"seconds": seconds})

    def settle_funding(self) -> None:
        """Pay the funding of all contracts now."""
        self._control("POST", "market", {"funding": True})

    def expire_listen_key(self, account: KeyName | Literal["*"] = "*") -> None:
        """End the listen keys of an account, or of all: `listenKeyExpired` is sent."""
        self.fault("expire-listen-key", account=account)

    def market(self, **what: Any) -> None:
        """Do what `POST /venue/market` offers: `expire`, `deliver`, `contract`, `ticks`, `fund` and `amount`."""
        self._control("POST", "market", what)

    def product(self, name: str, **what: Any) -> None:
        """Do what a product offers below `POST /venue/products/`: of options `exercise="BTC-261225-90000-C"`."""
        self._control("POST", f"products/{name}", what)

    # faults

    def fault(self, kind: str, method: str = "", **fields: Any) -> ActiveFault:
        """Let something go wrong; `wireproof venue --faults` lists kinds and fields, with an example each.

        Args:
            kind: What, such as `drop-after`.
            method: To what: `POST /fapi/v1/order`, `order.place`, `btcusdt@aggTrade`, `ORDER_TRADE_UPDATE`; every
                request by default.
            fields: What this kind takes beside them, such as `nth`, `times` (None for ever), `status`, `code`.

        Raises:
            VenueRefusalError: It makes no sense, or names nothing that the venue has; the sentence says what was meant.
        """
        document = {"kind": kind, **({"method": method} if method else {}), **fields}
        [added] = self._control("POST", "faults", document)["faults"]
        return _active(added)

    def drift(
        self,
        method: str,
        *,
        set: Mapping[str, Any] | None = None,  # noqa: A002  # as the fault's field is called
        remove: Sequence[str] = (),
        nth: int = 1,
        times: int | None = None,
    ) -> ActiveFault:
        """Alter an answer or event, by default from now on: new values by path, and paths that go.

        Paths are those of the answer as it comes: `[].price` over REST, `result[0].price` over the WebSocket API.
        """
        fields: Json = {"set": dict(set or {}), "remove": list(remove), "nth": nth, "times": times}
        return self.fault("drift", method, **fields)

    def drop(self, *, private: bool = False, market: bool = False, ws_api: bool = False) -> None:
        """Break connections as a network does: of user data, of market streams, of the WebSocket API; or all."""
        wanted = {"private": private, "market": market, "ws-api": ws_api}
        for connections in [name for name, is_wanted in wanted.items() if is_wanted] or ["all"]:
            self.fault("disconnect", connections=connections)

    @property
    def faults(self) -> list[ActiveFault]:
        """Return the faults in force."""
        return [_active(one) for one in self._control("GET", "faults")["faults"]]

    @property
    def fault_reports(self) -> list[str]:
        """Return a sentence for each fault that never struck, and each drift of a path that no answer has."""
        return list(self._control("GET", "faults")["reports"])

    def clear_faults(self) -> None:
        """End all faults."""
        self._control("DELETE", "faults")

    # what it knows

    @property
    def state(self) -> Json:
        """Return what each account has, mark prices, requests by name, connections, faults."""
        return self._control("GET", "state")

    @property
    def requests(self) -> dict[str, int]:
        """Return how often what was asked since it began: `POST /fapi/v1/order`, `order.place`."""
        return dict(self.state["requests"])

    @property
    def streams(self) -> Json:
        """Return how many events each stream had (`published`), and user data by type (`private`)."""
        return self._control("GET", "streams")

    def ask(self, request: str, account: KeyName | None = "hmac", **params: Any) -> Any:
        """Send a request over REST and return its answer, for a second opinion beside the client under test.

        Args:
            request: Verb and path, such as `GET /fapi/v3/positionRisk`.
            account: Whose key signs it; None sends it without a key.
            params: Its parameters; timestamp and signature are added.

        Raises:
            VenueRefusalError: With the exchange's status and error.
        """
        verb, _, path = request.partition(" ")
        headers = {}
        if account is not None:
            signer = self.accounts[account]
            query = urlencode({**params, "timestamp": time.time_ns() // 1_000_000})
            query += f"&signature={quote(signer.sign(query), safe='')}"
            headers = {"X-MBX-APIKEY": signer.api_key}
        else:
            query = urlencode(params)
        return self._send(verb, f"{path}?{query}", headers=headers)

    def _control(self, verb: str, path: str, document: Json | None = None) -> Json:
        found: Json = self._send(verb, f"/venue/{path}", None if document is None else json.dumps(document).encode())
        return found

    def _send(self, verb: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        status, document = self._http.exchange(verb, path, body, headers)
        if status != 200:
            raise VenueRefusalError(f"{verb} {path.partition('?')[0]}", status, document)
        return document


def connect_venue(url: str, *, ca_file: str = "", stop: Callable[[], None] = lambda: None) -> RunningVenue:
    """Return a venue that runs elsewhere, such as in a container, at the root of its REST.

    Its URLs are those that it knows itself by: start it with `--name` where that is another host than 127.0.0.1. `stop`
    is what closing it does.
    """
    trust = ssl.create_default_context(cafile=ca_file) if ca_file else None
    status, document = _Http(url, trust).exchange("GET", "/venue/credentials")
    if status != 200:
        raise VenueRefusalError("GET /venue/credentials", status, document)
    return RunningVenue(document, trust, stop)


class _Http:
    """Sends requests to a root, without proxies, each over a connection of its own."""

    def __init__(self, url: str, trust: ssl.SSLContext | None) -> None:
        self._at, self._trust = urlsplit(url), trust

    def exchange(
        self, verb: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Return status and document of the answer."""
        host, port = self._at.hostname or "", self._at.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=ANSWER_SECONDS, context=self._trust)
            if self._at.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
        )
        try:
            connection.request(verb, path, body, {**(headers or {}), "Connection": "close"})
            answer = connection.getresponse()
            return answer.status, _read(answer.read())
        finally:
            connection.close()


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode("utf-8", "replace")


def _active(document: Json) -> ActiveFault:
    return ActiveFault(**{name: document[name] for name in ("id", "kind", "method", "seen", "used")})

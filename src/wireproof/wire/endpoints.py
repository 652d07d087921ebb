"""Where a target is reached: known hosts, and the variables that override them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wireproof.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WEBSOCKET, HTTP = ("wss", "ws"), ("https", "http")
SCHEMES = {"ws-api": WEBSOCKET, "rest": HTTP, "stream": WEBSOCKET, "event": WEBSOCKET}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Base URLs of one product on one target, without a slash at the end; "" where there is none.

    `ws_api` is the whole URL of the WebSocket API, `rest` the root that paths such as `/fapi/v1/time` follow, `stream`
    the root that `/public/ws` and its like follow, `user_stream` the root that `/ws?listenKey=...` follows.
    """

    ws_api: str = ""
    rest: str = ""
    stream: str = ""
    user_stream: str = ""
    product: str = ""
    target: str = ""

    @property
    def any(self) -> bool:
        """Whether there is a URL at all."""
        return bool(self.ws_api or self.rest or self.stream or self.user_stream)

    def require(self, surface: str) -> str:
        """Return the URL of a surface; ConfigurationError, which names the variable to set, when there is none."""
        url = {"ws-api": self.ws_api, "rest": self.rest, "stream": self.stream, "event": self.user_stream}[surface]
        if url:
            return url
        variable = variable_of(self.product or "<product>", surface)
        raise ConfigurationError(
            f"No URL is known for the {surface} surface of {self.product or 'this product'}"
            f"{' on ' + self.target if self.target else ''}. Set {variable} to {_wanted(surface)}."
        )


def variable_of(product: str, surface: str) -> str:
    """Return the variable that overrides a URL, such as `WIREPROOF_USDM_WS_API_URL`."""
    return f"WIREPROOF_{product}_{surface}_URL".upper().replace("-", "_")


def resolve(
    product: str, target: str, hosts: Mapping[str, Mapping[str, Sequence[str]]], environ: Mapping[str, str]
) -> Endpoints:
    """Return the endpoints of a product on a target.

    `hosts` maps surface -> target -> base URLs, of which the first is used. `WIREPROOF_<PRODUCT>_<SURFACE>_URL` comes
    before it. A user stream without a URL of its own is found at `/private` below an overridden stream URL, or there
    itself where the product's hosts are the same for both, or none is known for streams. Raise
    ConfigurationError for an override that is no URL of the surface's kind.
    """
    overrides = {surface: _override(product, surface, environ) for surface in SCHEMES}
    known = {surface: next(iter(hosts.get(surface, {}).get(target, ())), "").rstrip("/") for surface in SCHEMES}
    if not overrides["event"] and (overrides["stream"] or not known["event"]):
        root = overrides["stream"] or known["stream"]
        # COIN-M has one root for all, portfolio margin nothing but user streams
        unsplit = bool(hosts.get("event")) and hosts.get("stream", hosts["event"]) == hosts["event"]
        known["event"] = root if unsplit or not root else f"{root}/private"
    urls = {surface: overrides[surface] or known[surface] for surface in SCHEMES}
    return Endpoints(urls["ws-api"], urls["rest"], urls["stream"], urls["event"], product, target)


def _override(product: str, surface: str, environ: Mapping[str, str]) -> str:
    variable = variable_of(product, surface)
    value = environ.get(variable, "").strip()
    if not value:
        return ""
    problem = _problem(value, SCHEMES[surface])
    if problem:
        shown = _without_user(value)
        raise ConfigurationError(f"{variable} is {shown!r}, which {problem}. Set it to {_wanted(surface)}.")
    return value.rstrip("/")


def _problem(value: str, schemes: tuple[str, str]) -> str:
    if any(char.isspace() or not char.isprintable() for char in value):
        return "holds a space or a control character"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "is no URL (host or port is malformed)"
    if parts.scheme not in schemes:
        return f"does not begin with {schemes[0]}:// or {schemes[1]}://"
    if not parts.hostname:
        return "names no host"
    if port == 0:
        return "names port 0"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password"
    return "holds a query or fragment" if parts.query or parts.fragment else ""


def _wanted(surface: str) -> str:
    paths = {"ws-api": "/path", "rest": "", "stream": "", "event": "/private"}
    schemes = SCHEMES[surface]
    return f"a URL such as {schemes[0]}://host{paths[surface]} or {schemes[1]}://127.0.0.1:8080{paths[surface]}"


def _without_user(value: str) -> str:
    scheme, mark, rest = value.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{'...@' if '@' in authority else ''}{authority.rpartition('@')[2]}{slash}{path}"

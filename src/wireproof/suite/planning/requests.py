"""The request of a case: parameters, key, timestamp and signature, sound or wrong on purpose."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from wireproof.contract.model import Request, Security, Surface
from wireproof.suite.planning.rejections import NOT_A_NUMBER
from wireproof.wire.reply import Resend
from wireproof.wire.secrets.signing import sign_params

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.wire.secrets.credentials import Credentials

STALE_MS = 65_000  # well beyond the default recvWindow of 5 s and the greatest one of 60 s
AHEAD_MS = 60_000  # well beyond the second that a timestamp may be ahead

#: Requests that change something and may be sent again after a drop all the same: the second one is answered like the
#: first and changes nothing more. Of HTTP, the verb and the end of the path.
REPEATABLE = frozenset({"userDataStream.start", "userDataStream.ping"})
REPEATABLE_OVER_HTTP = (("POST", "/listenKey"), ("PUT", "/listenKey"), ("POST", "/order/test"))


def build(
    case: PlannedCase, params: Mapping[str, Any], credentials: Credentials | None
) -> Callable[[int], dict[str, Any]]:
    """Return what makes the case's parameters at the moment of sending, from the target's time in milliseconds."""
    request = case.contract.of(Request)

    def make(now_ms: int) -> dict[str, Any]:
        if case.session == "logged-on":
            return {**params, "timestamp": now_ms}
        if not request.security.needs_key:
            return dict(params)
        assert credentials is not None
        given = dict(params)
        if case.tamper == "wrong-key":
            given["apiKey"] = _no_such_key()
        over_http = case.contract.surface is Surface.REST
        if not request.security.is_signed and over_http:
            return given  # the key travels in a header
        if not request.security.is_signed:
            keyed = {"apiKey": credentials.api_key, **given}
            return {name: value for name, value in keyed.items() if name not in case.omit}
        if case.tamper == "stale-timestamp":
            given["timestamp"] = now_ms - STALE_MS
        elif case.tamper == "future-timestamp":
            given["timestamp"] = now_ms + AHEAD_MS
        elif case.tamper == "mistyped-timestamp":
            given["timestamp"] = NOT_A_NUMBER
        elif case.tamper == "wrong-signature":
            given["signature"] = credentials.sign(f"another request at {now_ms}")
        if over_http:
            return given  # the client signs what it sends
        return sign_params(given, credentials, timestamp_ms=now_ms, omit=case.omit)

    return make


def resend_of(case: PlannedCase) -> Resend:
    """Return what may happen to the case's request when the connection drops before its answer.

    What changes nothing is sent again: what reads, what concerns its own session (one that must be logged on is, when
    it has connected again), and what is to be refused. So is what can be repeated.
    """
    return Resend.SAFE if case.expect is not None or is_repeatable(case) else Resend.NEVER


def reads(case: PlannedCase) -> bool:
    """Whether the case's request changes nothing on the exchange, whatever it is answered."""
    request = case.contract.of(Request)
    if case.contract.surface is Surface.REST:
        return request.method == "GET"
    return request.security in {Security.NONE, Security.MARKET_DATA, Security.USER_DATA, Security.SIGNED}


def is_repeatable(case: PlannedCase) -> bool:
    """Whether the case's request reads, or changes nothing more when it is sent a second time."""
    request = case.contract.of(Request)
    listed = any(request.method == verb and request.path.endswith(end) for verb, end in REPEATABLE_OVER_HTTP)
    return reads(case) or request.method in REPEATABLE or listed


def _no_such_key() -> str:
    """Return a key of the right form that belongs to nobody."""
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(64))

"""What can go wrong between wireproof and a target, as sentences.

A blocked target is no statement about a contract; an answer that never came is one. They are kept apart here because
the verdict differs.

    BlockedError
    └── TargetBlockedError              the host cannot be judged now
        └── PassingTroubleError         one answer reports trouble
    WireError
    ├── CostError                       never sent: it costs more than its limit
    ├── SessionClosedError              closed by its owner meanwhile
    ├── ConnectionLostError             its fate is unknown
    ├── AnswerLostError                 it took effect, its answer is lost
    └── NoAnswerError                   nothing came in time
        └── UnmatchedAnswerError        only answers with foreign ids came
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError, ExitStatus, WireproofError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.wire.reply import Reply


class BlockKind(StrEnum):
    """Why a target cannot be judged."""

    REGION = "region"  # HTTP 451
    FORBIDDEN = "forbidden"  # HTTP 401 or 403
    BANNED = "banned"  # 418
    RATE_LIMITED = "rate-limited"  # 429
    MAINTENANCE = "maintenance"  # HTTP 408 and 5xx
    REDIRECTED = "redirected"  # HTTP 3xx
    NOT_THIS_SERVICE = "not-this-service"  # another HTTP status, no upgrade, no HTTP at all
    DNS = "dns"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROXY = "proxy"
    NETWORK = "network"  # reset, unreachable, dropped too often
    SETTING = "setting"  # no usable URL

    @property
    def may_pass(self) -> bool:
        """Whether trying again within seconds can help."""
        return self in {
            BlockKind.MAINTENANCE,
            BlockKind.DNS,
            BlockKind.REFUSED,
            BlockKind.TIMEOUT,
            BlockKind.NETWORK,
        }


class TargetBlockedError(BlockedError):
    """A host cannot be judged now. Nothing here holds a key, a signature or a listen key.

    Args:
        host: Host and port.
        reason: One plain sentence: what answered, HTTP status, first words of the body.
        advice: What to do.
        kind: What keeps the host from being judged.
        status: The HTTP or frame status, if there was one.
        until_ms: When a limit or ban ends, in epoch milliseconds, if known.
    """

    def __init__(
        self,
        host: str,
        reason: str,
        advice: str = "",
        *,
        kind: BlockKind = BlockKind.NETWORK,
        status: int | None = None,
        until_ms: float | None = None,
    ) -> None:
        super().__init__(host, reason, advice)
        self.host, self.reason, self.advice = host, reason, advice
        self.kind, self.status, self.until_ms = kind, status, until_ms

    def __str__(self) -> str:
        return f"{self.reason} {self.advice}".strip()


class PassingTroubleError(TargetBlockedError):
    """One request met a page that reports trouble of the service; the host may well answer others."""

    def lasting(self) -> TargetBlockedError:
        """Return the error for a host that could not be reached otherwise, however often it was tried."""
        return TargetBlockedError(
            self.host, self.reason, self.advice, kind=self.kind, status=self.status, until_ms=self.until_ms
        )


class WireError(WireproofError):
    """A request could not be completed, though its target is not known to be blocked."""

    exit_status = ExitStatus.BROKEN


class CostError(WireError):
    """A request costs more than its whole rate limit: it could never be sent."""


class SessionClosedError(WireError):
    """The session was closed by its owner while a request was under way."""


def _named(method: str, request_id: str) -> str:
    return f"{method} (id {request_id})" if request_id else method  # REST has no ids


class ConnectionLostError(WireError):
    """The connection dropped after the request was written and before it was answered: its fate is unknown.

    `method` and `request_id` name the request, `sends` says how often it was written.
    """

    def __init__(self, method: str, request_id: str, reason: str, *, sends: int = 1) -> None:
        super().__init__(method, request_id, reason)
        self.method, self.request_id, self.reason, self.sends = method, request_id, reason, sends

    def __str__(self) -> str:
        times = "" if self.sends == 1 else f" It was sent {self.sends} times, and each time the connection dropped."
        return (
            f"The connection dropped before {_named(self.method, self.request_id)} was answered: {self.reason}."
            f" Whether it took effect is unknown.{times}"
        )


class AnswerLostError(WireError):
    """The connection dropped before the answer came, but a lookup shows that the request took effect.

    `evidence` is the lookup's answer. The request was not sent again.
    """

    def __init__(self, method: str, request_id: str, reason: str, evidence: Reply) -> None:
        super().__init__(method, request_id, reason)
        self.method, self.request_id, self.reason, self.evidence = method, request_id, reason, evidence

    def __str__(self) -> str:
        return (
            f"The connection dropped before {_named(self.method, self.request_id)} was answered: {self.reason}."
            " A lookup shows that the request took effect; it was not sent again, and its answer is lost."
        )


class NoAnswerError(WireError):
    """A request was written and never answered."""

    def __init__(self, method: str, request_id: str, seconds: float) -> None:
        super().__init__(method, request_id, seconds)
        self.method, self.request_id, self.seconds = method, request_id, seconds

    def __str__(self) -> str:
        return f"{_named(self.method, self.request_id)} was not answered within {self.seconds:g} s."


class UnmatchedAnswerError(NoAnswerError):
    """No answer with a request's id came, but frames with ids that nobody sent, and nothing tells whose each is.

    `sent` is what was sent and when, without an answer; `frames` are the others in brief, redacted.
    """

    def __init__(self, method: str, seconds: float, sent: Reply, frames: Sequence[str]) -> None:
        super().__init__(method, str(sent.id), seconds)
        self.sent, self.frames = sent, tuple(frames)

    @property
    def sentence(self) -> str:
        """What broke the protocol, without the id, which is another one in each run."""
        number = len(self.frames)
        came = "1 frame came that answers no request" if number == 1 else f"{number} frames came that answer no request"
        return f"No answer with the request's id came; {came}{': ' if number == 1 else ', first: '}{self.frames[0]}"

    def __str__(self) -> str:
        return f"{_named(self.method, self.request_id)}: {self.sentence}"

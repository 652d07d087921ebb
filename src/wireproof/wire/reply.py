"""What a request over a WebSocket API gets back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Resend(StrEnum):
    """What may happen to a request that was written when the connection drops before its answer."""

    SAFE = "safe"  # a read, or a request that can be repeated: written again
    NEVER = "never"  # its fate stays unknown: an error
    LOOKUP = "lookup"  # looked up first; written again only when the exchange says that it does not exist


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and the request it belongs to.

    `frame` is the text sent (with key and signature: redact it before it goes anywhere), `raw` the bytes received,
    `status` the envelope's status or None when there is no integer. Times are epoch milliseconds of this machine's
    clock. `sends` counts how often the request was written. `violations` are sentences about rules of the protocol
    that the answer broke; an answer that comes twice is noticed later, see `WsApiSession.violations_of`. `headers` are
    those of an HTTP answer by lower-case name.
    """

    id: str | int
    frame: str
    raw: bytes
    status: int | None
    sent_at: float
    received_at: float
    sends: int = 1
    violations: tuple[str, ...] = ()
    headers: Mapping[str, str] | None = field(default=None, repr=False)

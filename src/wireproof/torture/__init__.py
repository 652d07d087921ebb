"""A proxy that alters what a target sends, and the proof of what the suite makes of it.

`Relay` stands between a client and a target, with real sockets on both sides. It passes everything on as it came,
except what its hooks alter. It knows nothing of the comparison, of its mutations and of the venue's faults.
"""

from __future__ import annotations

from wireproof.torture.link import Link
from wireproof.torture.relay import (
    Close,
    Drip,
    Drop,
    Hooks,
    HttpAnswer,
    HttpRequest,
    Line,
    Relay,
    Silence,
    WsFrame,
    bomb,
)

__all__ = [
    "Close",
    "Drip",
    "Drop",
    "Hooks",
    "HttpAnswer",
    "HttpRequest",
    "Line",
    "Link",
    "Relay",
    "Silence",
    "WsFrame",
    "bomb",
]

"""A proxy that alters what a target sends, and the proof of what the suite makes of it.

`Relay` stands between a client and a target, with real sockets on both sides. It passes everything on as it came,
except what its hooks alter. It knows nothing of the comparison, of its mutations and of the venue's faults.
"""

from __future__ import annotations

from wireproof.torture.link import Link
from wireproof.torture.relay import Answer, Close, Drip, Drop, Frame, Hooks, Line, Relay, Request, Silence, bomb

__all__ = ["Answer", "Close", "Drip", "Drop", "Frame", "Hooks", "Line", "Link", "Relay", "Request", "Silence", "bomb"]

"""What a stream is: what its name stands for, which root carries it, and who knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.venue.base.turns import Turns

AT_ONCE = 0


@dataclass(slots=True)
class NamedStream:
    """What a name stands for. `period` in milliseconds, AT_ONCE for what is sent when it happens; `public` is its root.

    `produce` returns the payloads that are due at a time, none when there is nothing new. `subject` is what is hurried
    for (`Hub.hurry`) when something happens that is sent at once; `source` is who knows the name, noted by the hub.
    `before` is what there is to do before the first payload, in turns, so that a subscription holds nobody up.
    """

    period: int
    public: bool
    produce: Callable[[int], Iterable[Any]]
    subject: object = None
    source: StreamSource | None = None
    before: Turns[None] | None = None


class StreamSource(Protocol):
    """Makes streams from names."""

    def stream(self, name: str) -> NamedStream | None:
        """Return what a name stands for, None for a name that stays silent."""


@dataclass(frozen=True, slots=True)
class StreamRoot:
    """Where streams are served: at `/ws`, `/ws/<names>` and `/stream` below a path, which alone is like `/stream`.

    The official SDKs append `/stream` to an address, but not to one that ends in "stream" already.

    Args:
        path: Such as `/public`; empty for the addresses without a root.
        public: Whether it carries books and book tickers.
        market: Whether it carries all other market streams.
        private: Whether it carries user data, by listen key.
        event_filter: Whether events may be asked for by name (`events=`, `<listen key>@<event>`); else all come.
        keys_in_paths: Whether a listen key may be part of the path, where a root carries user data only.
    """

    path: str
    public: bool = False
    market: bool = False
    private: bool = False
    event_filter: bool = True
    keys_in_paths: bool = True

    @property
    def addresses(self) -> list[str]:
        """Return what the router serves."""
        return [self.path + below for below in ("/ws", "/stream", "/ws/{name:.+}", *([""] if self.path else []))]

    def carries(self, stream: NamedStream) -> bool:
        """Whether it carries a market stream (docs/exchange.md#roots-of-streams)."""
        return self.public if stream.public else self.market


def is_combined(path: str) -> bool:
    """Whether what is sent to an address comes in envelopes."""
    return "/ws" not in path


def root_path(path: str) -> str:
    """Return the root of an address of streams."""
    return path.partition("/ws")[0].removesuffix("/stream")

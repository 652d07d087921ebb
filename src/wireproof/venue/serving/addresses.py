"""Where the venue is reached: one port serves every surface of every product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.venue.base.eras import TODAY
from wireproof.venue.products.registry import PRODUCTS

if TYPE_CHECKING:
    from wireproof.venue.base.eras import Era
    from wireproof.venue.exchange.profile import Profile


@dataclass(slots=True)
class Addresses:
    """The venue's URLs: of `host` as its clients call it, on `port`, over TLS or not."""

    host: str
    port: int
    tls: bool
    profile: Profile
    era: Era = TODAY

    @property
    def http(self) -> str:
        """Return the root of REST, and of the control routes."""
        return f"http{'s' if self.tls else ''}://{self.host}:{self.port}"

    @property
    def websocket(self) -> str:
        """Return the root of everything that speaks WebSocket."""
        return f"ws{'s' if self.tls else ''}://{self.host}:{self.port}"

    @property
    def urls(self) -> dict[str, dict[str, str]]:
        """Return the address of each surface of each product."""
        found = {}
        for product in PRODUCTS:
            ws_api = {"ws-api": self.websocket + product.websocket_path} if product.websocket_path else {}
            found[product.name] = ws_api | {"rest": self.http, "stream": self.websocket + product.stream_root}
        return found

    @property
    def roots(self) -> dict[str, dict[str, str]]:
        """Return by product the roots of its public (books), market (all else) and private streams, without /ws."""
        found: dict[str, dict[str, str]] = {}
        for product in PRODUCTS:
            own = [
                root
                for root in product.stream_roots(self.profile, self.era)
                if root.path.startswith(product.stream_root)
            ]
            carried = {
                "public": [root for root in own if root.public],
                "market": [root for root in own if root.market],
                "private": [root for root in own if root.private],
            }
            found[product.name] = {kind: self.websocket + roots[0].path for kind, roots in carried.items() if roots}
        return found

    @property
    def ready_line(self) -> str:
        """Return all addresses in a line, the first product's without a name."""
        first, *others = PRODUCTS
        line = "wireproof venue ready:" + "".join(f" {kind}={url}" for kind, url in self.urls[first.name].items())
        for product in others:
            if not product.routes:
                continue
            own = {kind: url for kind, url in self.urls[product.name].items() if kind != "rest"}
            line += "".join(f" {product.name}-{kind}={url}" for kind, url in own.items())
        return line

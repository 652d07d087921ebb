"""Where each surface of each product is."""

from __future__ import annotations

from wireproof.venue.exchange.profile import TESTNET
from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.serving.addresses import Addresses


def test_every_product_has_its_urls():
    urls = Addresses("127.0.0.1", 80, tls=False, profile=TESTNET).urls
    assert list(urls) == [product.name for product in PRODUCTS]
    assert urls["coinm"] == {
        "ws-api": "ws://127.0.0.1:80/ws-dapi/v1",
        "rest": "http://127.0.0.1:80",
        "stream": "ws://127.0.0.1:80/dstream",
    }
    assert "ws-api" not in urls["options"]


def test_over_tls_the_schemes_say_so():
    addresses = Addresses("venue", 443, tls=True, profile=TESTNET)
    assert (addresses.http, addresses.websocket) == ("https://venue:443", "wss://venue:443")


def test_the_roots_say_what_is_carried_where():
    roots = Addresses("h", 1, tls=False, profile=TESTNET).roots
    assert roots["usdm"] == {kind: f"ws://h:1/{kind}" for kind in ("public", "market", "private")}
    assert set(roots["coinm"].values()) == {"ws://h:1/dstream"}
    assert roots["portfolio-margin"] == {"private": "ws://h:1/pm"}
    assert roots["portfolio-margin-pro"] == {"private": "ws://h:1/pm-classic"}

"""Contracts for tests: what a test does not speak of has a value already."""

from __future__ import annotations

from typing import Any

from wireproof.contract.model import (
    Contract,
    Envelope,
    Event,
    Example,
    Product,
    Request,
    Security,
    Stream,
    Surface,
    Weight,
)

#: A sound request for contracts whose request does not matter.
REQUEST = Request(method="GET", path="/x", security=Security.NONE, weight=Weight(ip=1))

#: A product whose WebSocket API wraps its answers in an envelope.
PRODUCT = Product(
    product="usdm",
    title="test",
    hosts={},
    envelopes={
        Surface.WS_API: Envelope(
            success={"id": "1", "status": 200, "result": {}},
            error={"id": "1", "status": 400, "error": {"code": -1102, "msg": "text"}},
        )
    },
)


def made_contract(*shown: Any, surface: Surface = Surface.REST, name: str = "test", **more: Any) -> Contract:
    """Return a contract of usdm. Its examples are `e0`, `e1`, … with what is `shown`; an Example stands for itself.

    Its subject is one of its surface. `more` are further fields of the contract, or others than the usual ones.
    """
    examples = (one if isinstance(one, Example) else Example(name=f"e{i}", response=one) for i, one in enumerate(shown))
    fields = {
        "id": f"usdm/{surface}/{name}",
        "subject": {Surface.STREAM: Stream(name=name), Surface.EVENT: Event(name=name)}.get(surface, REQUEST),
        "title": "test",
        "product": "usdm",
        "docs_url": "https://example.org",
        "revised": "2026-11-22",
        "examples": tuple(examples),
    }
    return Contract(surface=surface, **(fields | more))


def default(response: Any, **more: Any) -> Example:
    """Return the example `default`."""
    return Example(name="default", response=response, **more)

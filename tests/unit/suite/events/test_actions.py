"""How causes of events are triggered."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest

from wireproof.suite.events import actions
from wireproof.suite.events.cause import Cause
from wireproof.suite.state.symbols import Quote


class _OrderSentError(Exception):
    pass


async def test_a_trigger_is_chosen_by_prices_of_one_moment(monkeypatch):
    """Quote and last price are asked at once: over a slow link the market moves between an answer and the next."""
    both = asyncio.Barrier(2)

    async def answered(price):
        async with asyncio.timeout(1):
            await both.wait()
        return price

    async def order(_scene, _cause, _client_id, order):
        raise _OrderSentError(order["type"], order["triggerPrice"])

    monkeypatch.setattr(actions, "quoted_anew", lambda _scene: answered(Quote(Decimal(99), Decimal(101))))
    monkeypatch.setattr(actions, "ask_public", lambda *_: answered(Decimal(100)))
    monkeypatch.setattr(actions, "_algo_order", order)
    scene = SimpleNamespace(
        symbol="BTCUSDT",
        book=SimpleNamespace(price="GET /fapi/v1/ticker/price"),
        later=lambda *_: None,
        account=SimpleNamespace(new_id=lambda: "id"),
        state={"symbol": {"quantity": "0.1"}},
    )
    with pytest.raises(_OrderSentError) as sent:
        await actions.algo_triggered(scene, Cause.__new__(Cause))
    assert sent.value.args == ("STOP_MARKET", "101")

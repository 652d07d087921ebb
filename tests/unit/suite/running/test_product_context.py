"""What the parts of one product's run share."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

CASE = "usdm/ws-api/ticker.price/symbol-sent"


def test_each_private_stream_has_one_ledger(product_of):
    product, stream = product_of(), object()
    assert product.ledger_of(stream) is product.ledger_of(stream)
    assert list(product.ledgers) == [stream]


async def test_a_scene_waits_for_the_case_that_asks_what_it_needs(product_of, keyed, planned):
    """The answer to a dear request is asked for once in a run."""
    case = next(case for case in planned.values() if case.kind == "documented")
    product, account = product_of(case), keyed()
    scene = product.scene(case, account, AsyncExitStack())
    waiting = asyncio.ensure_future(scene.answer_to(case.contract.name))
    await asyncio.sleep(0)
    assert not waiting.done()
    account.dear_answers[case.contract.name] = b"{}"
    product.context.state.settle(case)
    assert await asyncio.wait_for(waiting, 1) == b"{}"
    assert await scene.answer_to("nobody asks this") is None


def test_what_a_scene_leaves_behind_is_reported(product_of, keyed, planned):
    product = product_of(planned[CASE])
    product.scene(planned[CASE], keyed(), AsyncExitStack()).report_leftover("an order")
    assert product.context.state.not_cleaned == ["an order"]

"""State of options that takes two accounts or a market maker: block trades, protection. See `preparing`."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from wireproof.errors import BlockedError
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.given import Given
from wireproof.suite.state.orders import close_positions, signed
from wireproof.suite.state.own_answers import Answer
from wireproof.suite.state.sessions import quote_now
from wireproof.suite.state.settings import set_again, set_back_later
from wireproof.suite.state.symbols import text

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from wireproof.suite.products.base import BlockRequests
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.scene import Scene

#: Codes of a block trade that cannot be touched: it was accepted or withdrawn already.
#: https://developers.binance.com/docs/derivatives/options-trading/error-code
BLOCK_IS_OVER = frozenset({-6028, -6048})

#: How protection is set: windows in milliseconds, limits in contracts; the documented example's.
PROTECTION = {
    "windowTimeInMilliseconds": 3_000,
    "frozenTimeInMilliseconds": 300_000,
    "qtyLimit": "2",
    "deltaLimit": "2.3",
}


async def block_offer(scene: Scene) -> dict[str, Any]:
    """A block trade on the leased symbol that the account offers."""
    return {"key": await _offer(scene, scene.account)}


async def block_offering(scene: Scene) -> dict[str, Any]:
    """Let the case offer a block trade; it is withdrawn."""
    await asyncio.sleep(0)
    blocks = blocks_of(scene)

    async def undo() -> None:
        if scene.succeeded and scene.reply is not None:
            await withdraw(scene.account, blocks, Answer.decode(blocks.offer, scene.reply.raw).text(blocks.key))

    scene.later(f"block trade on {scene.symbol} ({scene.account.name})", undo)
    return {}


async def received_block(scene: Scene) -> dict[str, Any]:
    """A block trade on the leased symbol that wireproof's other account offers; what it comes to is closed on both."""
    other = scene.counterparty
    if other is None:
        raise BlockedError("It takes a second account to offer a block trade, and there is only one.")
    await scene.stack.enter_async_context(other.symbols_of(scene.book).lease(alone=True, only=scene.symbol))
    for account in (scene.account, other):
        scene.later(
            f"position on {scene.symbol} ({account.name})", partial(close_positions, account, scene.book, scene.symbol)
        )
    return {"key": await _offer(scene, other)}


async def executed_block(scene: Scene) -> dict[str, Any]:
    """A block trade that wireproof's other account offered and this one accepted."""
    received, blocks = await received_block(scene), blocks_of(scene)
    await scene.account.place(blocks.accept, {blocks.name: received["key"]})
    return received


def blocks_of(scene: Scene) -> BlockRequests:
    """Return the requests about block trades; BlockedError where the product has none."""
    blocks = scene.book.blocks
    if blocks is None:
        raise BlockedError(f"{scene.account.driver.product} has no block trades.")
    return blocks


async def _offer(scene: Scene, account: Account) -> str:
    blocks = blocks_of(scene)
    quote = await quote_now(scene)
    leg = {"symbol": scene.symbol, "side": "BUY", "type": "LIMIT", "price": text(quote.bid)}
    legs = [leg | {"quantity": scene.state["symbol"]["quantity"]}]
    key = await account.place(
        blocks.offer, {"liquidity": "TAKER", "legs": legs}, lambda answer: answer.text(blocks.key)
    )
    scene.remember_block(key)
    scene.later(f"block trade on {scene.symbol} ({account.name})", partial(withdraw, account, blocks, key))
    scene.given.append(Given(blocks.offer, blocks.key, key))
    return key


async def withdraw(account: Account, blocks: BlockRequests, key: str) -> None:
    """Withdraw a block trade that the account offered; that it was accepted or withdrawn meanwhile is no error."""
    try:
        await account.ask(blocks.withdraw, {blocks.name: key})
    except RefusedError as error:
        if error.code not in BLOCK_IS_OVER:
            raise


async def standing_offers(account: Account, blocks: BlockRequests) -> list[tuple[str, str]]:
    """Return symbols and key of each block trade that the account offers (docs/exchange.md#options-block-trades)."""

    def read(answer: Answer) -> list[tuple[str, str]]:
        rows = [row for row in answer.rows() if row.text("status") == "RECEIVED"]
        return [(", ".join(leg.text("symbol") for leg in row.at("legs").rows()), row.text(blocks.key)) for row in rows]

    return await account.ask(blocks.offers, {}, read)


async def block_fills(
    account: Account, blocks: BlockRequests, is_own: Callable[[str], bool]
) -> list[tuple[str, Decimal]]:
    """Return symbol and signed quantity of what the account traded in block trades whose keys are wireproof's."""

    def read(answer: Answer) -> list[tuple[str, Decimal]]:
        legs = [leg for row in answer.rows() if is_own(row.text(blocks.key)) for leg in row.at("legs").rows()]
        return [(leg.text("symbol"), signed(leg.decimal("tradeQty"), leg.text("orderSide"))) for leg in legs]

    return await account.ask(blocks.fills, {}, read)


async def maker_protection(scene: Scene) -> dict[str, Any]:
    """Protection of a market maker on the underlying, set as the documentation shows it; nothing unsets it."""
    underlying = scene.state["market"]["pair"]
    asked = {"underlying": underlying, **PROTECTION}
    await scene.account.place_rest("POST", scene.book.path("mmpSet"), asked, repeatable=True)
    return {"underlying": underlying}


async def maker_countdown(scene: Scene) -> dict[str, Any]:
    """Let the case start the countdown that cancels all orders of the underlying; it is stopped again."""
    underlying, path = scene.state["market"]["pair"], scene.book.path("countdownCancelAll")
    stopped = {"underlying": underlying, "countdownTime": 0}
    set_back_later(scene, f"countdown on {underlying}", path, stopped)
    await set_again(scene.account, path, stopped | {"countdownTime": 60_000})
    return {"underlying": underlying}

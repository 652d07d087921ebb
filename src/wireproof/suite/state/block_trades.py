"""State of options that takes two accounts or a market maker: block trades, protection. See `preparing`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from wireproof.errors import BlockedError
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.given import Given
from wireproof.suite.state.orders import close_positions
from wireproof.suite.state.sessions import quote_now
from wireproof.suite.state.symbols import text

if TYPE_CHECKING:
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.scene import Scene

#: Codes of a block trade that cannot be touched: it was accepted or withdrawn already.
#: https://developers.binance.com/docs/derivatives/options-trading/error-code
BLOCK_IS_OVER = frozenset({-6028, -6048})

KEY = "blockOrderMatchingKey"

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
    received = await received_block(scene)
    await scene.account.place(f"POST {scene.book.path('block/order/execute')}", {KEY: received["key"]})
    return received


async def _offer(scene: Scene, account: Account) -> str:
    path = scene.book.path("block/order/create")
    quote = await quote_now(scene)
    leg = {"symbol": scene.symbol, "side": "BUY", "type": "LIMIT", "price": text(quote.bid)}
    legs = [leg | {"quantity": scene.state["symbol"]["quantity"]}]
    answer = await account.place_rest("POST", path, {"liquidity": "TAKER", "legs": legs})
    key = answer.text("blockTradeSettlementKey")

    async def undo() -> None:
        try:
            await account.ask(f"DELETE {path}", {KEY: key})
        except RefusedError as error:
            if error.code not in BLOCK_IS_OVER:
                raise

    scene.later(f"block trade on {scene.symbol} ({account.name})", undo)
    scene.given.append(Given(f"POST {path}", "blockTradeSettlementKey", key))
    return key


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

    async def undo() -> None:
        await scene.account.place_rest("POST", path, stopped, repeatable=True)

    scene.later(f"countdown on {underlying}", undo)
    await scene.account.place_rest("POST", path, stopped | {"countdownTime": 60_000}, repeatable=True)
    return {"underlying": underlying}

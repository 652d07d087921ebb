"""Refusals because of what stands on the account: orders, positions, modes. Whether that is so is looked up.

What stands there may be wireproof's own doing: an order that another case left, a mode that was not set back. Then the
case says nothing; what is wireproof's is undone, and the case is prepared again. Where nothing of the kind stands,
the refusal is the exchange's word, and is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.leftovers import mode_of
from wireproof.suite.state.settings import is_isolated

if TYPE_CHECKING:
    from wireproof.suite.products.base import TradingBook
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.own_answers import Answer
    from wireproof.suite.state.scene import Scene

#: Errors by what stands in the way.
ORDERS = frozenset(
    {
        *("THERE_EXISTS_OPEN_ORDERS", "POSITION_SIDE_CHANGE_EXISTS_OPEN_ORDERS", "JOINT_MARGIN_REJECT_WITH_OPEN_ORDER"),
        *("HAS_OPEN_ORDER", "MAX_OPEN_ORDER_EXCEEDED", "MAX_OPEN_ORDERS_ON_SYMBOL_EXCEEDED"),
    }
)
POSITIONS = frozenset(
    {
        *("THERE_EXISTS_QUANTITY", "POSITION_SIDE_CHANGE_EXISTS_QUANTITY", "ISOLATED_LEVERAGE_REJECT_WITH_POSITION"),
        "HAS_POSITION",
    }
)
MODES = {
    "POSITION_SIDE_NOT_MATCH": ("hedge", "hedge_mode"),
    "NO_NEED_TO_CHANGE_POSITION_SIDE": ("hedge", "hedge_mode"),
    "JOINT_MARGIN_REJECT_WITH_ISOLATED": ("multi_assets", "multi_assets"),
    "NO_NEED_TO_CHANGE_JOINT_MARGIN": ("multi_assets", "multi_assets"),
}


async def stands(scene: Scene, told: set[str]) -> str:
    """Return what stands in the way of a case, of what the errors `told` speak of; empty when nothing does."""
    account = scene.account
    if told & ORDERS and (symbols := await _symbols_of_orders(account, scene.book)):
        return f"an order stood on {symbols[0]}"
    if told & POSITIONS and (symbols := await _symbols_of_positions(account, scene.book)):
        return f"a position stood on {symbols[0]}"
    if "ISOLATED_REJECT_WITH_JOINT_MARGIN" in told and (symbols := await _isolated(account, scene.book)):
        return f"the margin of {symbols[0]} was isolated"
    for name in told & MODES.keys():
        mode, need = MODES[name]
        if mode in account.driver.modes and await mode_of(account, mode) != (need in scene.case.needs):
            return f"{mode} mode of {account.name} was not as the case needs it"
    if "NO_NEED_TO_CHANGE_MARGIN_TYPE" in told and "margin_type" in scene.state:
        isolated = await is_isolated(account, scene.book, scene.symbol)
        if isolated == (scene.state["margin_type"]["other"] == "ISOLATED"):
            return f"the margin type of {scene.symbol} was what the case sets it to"
    if "INVALID_LISTEN_KEY" in told and await _has_no_listen_key(account):
        return f"the listen key of {account.name} had ended"
    return ""


async def _symbols_of_orders(account: Account, book: TradingBook) -> list[str]:
    found: list[str] = []
    for kind in book.kinds:
        found += await account.ask(kind.listed, {}, _symbols)
    return found


async def _has_no_listen_key(account: Account) -> bool:
    try:
        await account.ask_keyed(account.listen_key_requests.extend)
    except RefusedError:
        return True
    return False


def _symbols(answer: Answer) -> list[str]:
    return [row.text("symbol") for row in answer.rows()]


async def _symbols_of_positions(account: Account, book: TradingBook) -> list[str]:
    positions = book.positions
    if positions is None:
        return []

    def held(answer: Answer) -> list[str]:
        return [row.text("symbol") for row in answer.rows() if row.decimal(positions.amount) != 0]

    return await account.ask(positions.held, {}, held)


async def _isolated(account: Account, book: TradingBook) -> list[str]:
    def isolated(answer: Answer) -> list[str]:
        return [row.text("symbol") for row in answer.rows() if row.text("marginType").lower() == "isolated"]

    return await account.ask(book.positions.settings, {}, isolated) if book.positions is not None else []

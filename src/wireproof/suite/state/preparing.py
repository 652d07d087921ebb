"""State that cases need: prepared before, offered to placeholders, undone after, also when a case fails half way.

Each function prepares one need on a `Scene`: it registers what undoes the state *before* anything is sent, and returns
what it offers to placeholders. What else the suite must know of a need is in its row, `suite.vocabulary.needs`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from wireproof.suite.state import block_trades, orders, portfolio, portfolio_pro, sessions, settings, venue_market

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireproof.suite.state.scene import Scene

FIFTEEN_MINUTES_MS = 15 * 60 * 1000
HOUR_MS = 60 * 60 * 1000


async def clock(scene: Scene) -> dict[str, int]:
    """Offer moments, in epoch milliseconds."""
    await asyncio.sleep(0)
    now = scene.account.now_ms()
    return {
        "now": now,
        "in_15_minutes": now + FIFTEEN_MINUTES_MS,
        "an_hour_ago": now - HOUR_MS,
        "a_day_ago": now - 24 * HOUR_MS,
    }


async def arranged(_scene: Scene) -> dict[str, Any]:
    """Prepare nothing: the run arranges the kind of key, and the account's mode, before the case begins."""
    await asyncio.sleep(0)
    return {}


#: What prepares each need.
PREPARING: dict[str, Callable[[Scene], Awaitable[dict[str, Any]]]] = {
    "clock": clock,
    "market": sessions.market,
    "symbol": sessions.symbol,
    "alone": arranged,
    "client_order_id": orders.client_order_id,
    "client_algo_id": orders.client_algo_id,
    "second_order_id": orders.second_order_id,
    "open_order": orders.open_order,
    "two_orders": orders.two_orders,
    "cancelled_order": orders.cancelled_order,
    "amended_order": orders.amended_order,
    "position": orders.position,
    "isolated_position": settings.isolated_position,
    "margin_change": settings.margin_change,
    "long_and_short": orders.long_and_short,
    "algo_order": orders.algo_order,
    "algo_order_found": orders.algo_order_found,
    "trailing_order": orders.trailing_order,
    "cancelled_algo_order": orders.cancelled_algo_order,
    "order_list_id": portfolio.order_list_id,
    "order_list": portfolio.order_list,
    "bought": portfolio.bought,
    "borrowing": portfolio.borrowing,
    "loan": portfolio.loan,
    "repaid_loan": portfolio.repaid_loan,
    "beyond_balance": portfolio.beyond_balance,
    "prevented_order": portfolio.prevented_order,
    "liquidated_portfolio": portfolio.liquidated_portfolio,
    "negative_balance": portfolio.negative_balance,
    "bnb_in_um": portfolio.bnb_in_um,
    "auto_repay": portfolio.auto_repay,
    "moved_wallets": arranged,
    "delta_mode": portfolio_pro.delta_mode,
    "joint_auto_repay": portfolio_pro.joint_auto_repay,
    "call_level": portfolio_pro.call_level,
    "call_level_set": portfolio_pro.call_level_set,
    "no_call_level": portfolio_pro.no_call_level,
    "bankruptcy_loan": portfolio_pro.bankruptcy_loan,
    "no_bankruptcy_loan": portfolio_pro.no_bankruptcy_loan,
    "money_in_futures": portfolio_pro.money_in_futures,
    "repaid_bankruptcy_loan": portfolio_pro.repaid_bankruptcy_loan,
    "coin_margined": arranged,
    "cross_margin": arranged,
    "liquidation": venue_market.liquidation,
    "heavy_position": venue_market.heavy_position,
    "leverage": settings.leverage,
    "margin_type": settings.margin_type,
    "countdown": settings.countdown,
    "position_mode": settings.position_mode,
    "asset_mode": settings.asset_mode,
    "fee_burn": settings.fee_burn,
    "hedge_mode": arranged,
    "multi_assets": arranged,
    "income_download": settings.income_download,
    "order_download": settings.order_download,
    "trade_download": settings.trade_download,
    "quote": settings.quote,
    "converted": settings.converted,
    "block_offer": block_trades.block_offer,
    "block_offering": block_trades.block_offering,
    "received_block": block_trades.received_block,
    "executed_block": block_trades.executed_block,
    "maker_protection": block_trades.maker_protection,
    "maker_countdown": block_trades.maker_countdown,
    "triggered_algo_order": venue_market.triggered_algo_order,
    "exercised": venue_market.exercised,
    "no_other_orders": arranged,
    "listen_key": sessions.listen_key,
    "no_listen_key": sessions.no_listen_key,
    "user_stream": sessions.user_stream,
    "own_session": sessions.own_session,
    "logged_on": sessions.logged_on,
    "ed25519_key": arranged,
    "hmac_key": arranged,
    "rsa_key": arranged,
}


async def prepare(scene: Scene) -> None:
    """Prepare everything that the scene's case needs, in the order it names it."""
    scene.state["clock"] = await clock(scene)
    for name in scene.case.needs:
        scene.state[name] = await PREPARING[name](scene)
    scene.state["clock"] = await clock(scene)  # again: preparing may have waited for a limit

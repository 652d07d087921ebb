"""State of a portfolio margin pro account: settings that are set back, and what only the local venue prepares.

Each reading and change of a setting costs 1,500 of a minute's 12,000. See `preparing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.suite.state.settings import set_again, set_back_later
from wireproof.suite.state.venue_market import control_of

if TYPE_CHECKING:
    from wireproof.suite.state.scene import Scene

ROOT = "/sapi/v1/portfolio"
CALL_LEVEL = f"{ROOT}/margin-call-level"
#: A level within its bounds, which no owner is likely to have chosen.
ANOTHER_LEVEL = "1.23"


async def delta_mode(scene: Scene) -> dict[str, Any]:
    """Let the case switch delta mode; it is set back. Offers the other choice."""
    return await _switch(scene, "delta-mode", "deltaEnabled")


async def joint_auto_repay(scene: Scene) -> dict[str, Any]:
    """Let the case change whether negative balances repay themselves; it is set back. Offers the other choice."""
    return await _switch(scene, "repay-futures-switch", "autoRepay")


async def _switch(scene: Scene, name: str, flag: str) -> dict[str, Any]:
    path = f"{ROOT}/{name}"
    now = await scene.account.ask_rest("GET", path, read=lambda answer: answer.flag(flag))
    set_back_later(scene, f"{name} of {scene.account.name}", path, {flag: str(now).lower()})
    return {"other": str(not now).lower()}


async def call_level(scene: Scene) -> dict[str, Any]:
    """Let the case change the margin call level; what was, or that none was, is set back. Offers another one."""
    now = await scene.account.ask_rest(
        "GET",
        CALL_LEVEL,
        read=lambda answer: answer.text("marginCallLevel") if answer.has("marginCallLevel") else "",
    )
    request, before = (CALL_LEVEL, {"marginCallLevel": now}) if now else (f"DELETE {CALL_LEVEL}", {})
    set_back_later(scene, f"margin call level of {scene.account.name}", request, before)
    return {"other": ANOTHER_LEVEL}


async def call_level_set(scene: Scene) -> dict[str, Any]:
    """Set a margin call level; what was before is set back."""
    offered = await call_level(scene)
    await set_again(scene.account, CALL_LEVEL, {"marginCallLevel": ANOTHER_LEVEL})
    return offered


async def no_call_level(scene: Scene) -> dict[str, Any]:
    """Remove the margin call level; what was before is set back."""
    await call_level(scene)
    await set_again(scene.account, f"DELETE {CALL_LEVEL}", {})
    return {}


async def bankruptcy_loan(scene: Scene) -> dict[str, Any]:
    """Let the account have a bankruptcy loan, and enough in its spot wallet; the case repays it."""
    return await _given(scene, loan="100", spot="1000")


async def no_bankruptcy_loan(scene: Scene) -> dict[str, Any]:
    """Let the account have no bankruptcy loan."""
    return await _given(scene, loan="0")


async def repaid_bankruptcy_loan(scene: Scene) -> dict[str, Any]:
    """Let the account have repaid a bankruptcy loan."""
    await bankruptcy_loan(scene)
    await scene.account.place_rest("POST", f"{ROOT}/repay", {})
    return {}


async def money_in_futures(scene: Scene) -> dict[str, Any]:
    """Let the account have USDT in USDⓈ-M."""
    return await _given(scene, futures="50")


async def _given(scene: Scene, **amounts: str) -> dict[str, Any]:
    """Let the venue give the account amounts of USDT, which no request does; BlockedError on any other target."""
    document = {"account": scene.account.name, **amounts}
    await control_of(scene).of_product(scene.account.driver.product, document)
    return {}

"""State that only REST can prepare: settings of a symbol or an account, downloads, quotes. See `preparing`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.errors import BlockedError
from wireproof.suite.products.base import UNCHANGED
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.given import Given
from wireproof.suite.state.orders import open_position, position_rows
from wireproof.suite.state.own_answers import Answer, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wireproof.suite.products.base import TradingBook
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.scene import Scene

T = TypeVar("T")

#: The leverage that the exchange gives to a symbol whose owner never chose one.
DEFAULT_LEVERAGE = 20

#: How often, and how many seconds apart, the exchange is asked whether a download is ready.
DOWNLOAD_POLLS, DOWNLOAD_PAUSE = 20, 0.5

#: The example of a download that is not ready: a case that names it asks at once. An exchange that is done by then is
#: no difference, for its answer has the same fields of the same types.
STILL_PREPARED = "the-download-is-still-being-prepared"

#: What is converted, when the account holds it: little of a stable coin into another asset.
CONVERTED = {"fromAsset": "USDT", "toAsset": "BTC", "fromAmount": "10"}


async def set_again(account: Account, request: str, params: Mapping[str, Any]) -> Any:
    """Send a request that changes a setting: a path, with its verb where that is not POST."""
    verb, _, path = request.rpartition(" ")
    return await account.place_rest(verb or "POST", path, params, repeatable=True)


async def _set(scene: Scene, name: str, params: Mapping[str, Any]) -> Any:
    """Send a request that changes a setting; that it is so already is no error."""
    try:
        return await set_again(scene.account, scene.path(name), params)
    except RefusedError as error:
        if error.code not in UNCHANGED:
            raise
    return None


def set_back_later(scene: Scene, what: str, name: str, before: Mapping[str, Any]) -> None:
    """Set something back when the case is over, or at the start of the next run when this one is killed.

    `name` is a path below the root of the case's book, or a whole one, with its verb where that is not POST.
    """
    name = scene.path(name)
    scene.remember_setting(name, before)

    async def undo() -> None:
        await _set(scene, name, before)
        scene.forget_setting(name, before)

    scene.later(what, undo)


async def leverage_of(account: Account, book: TradingBook, symbol: str) -> int:
    """Return the leverage of a symbol; the exchange's own where it has no row."""
    told = await _setting_of(account, book, symbol, "leverage", lambda row: row.integer("leverage"))
    return told or DEFAULT_LEVERAGE


async def is_isolated(account: Account, book: TradingBook, symbol: str) -> bool:
    """Whether a symbol's margin is isolated."""
    told = await _setting_of(account, book, symbol, "marginType", lambda row: row.text("marginType"))
    return told is not None and told.lower() == "isolated"


async def _setting_of(
    account: Account, book: TradingBook, symbol: str, name: str, read: Callable[[Answer], T]
) -> T | None:
    """Return a setting of a symbol; None where its position has no row. Two requests must agree: it is set back."""
    rows, others = await asyncio.gather(
        *(position_rows(account, book, symbol, read, settings=True, elsewhere=way) for way in (False, True))
    )
    if rows[:1] != others[:1]:
        asked = book.positions.settings if book.positions is not None else book.orders.listed
        raise UnreadableError(asked, name, "is not what the same request tells over REST")
    return rows[0] if rows else None


async def leverage(scene: Scene) -> dict[str, Any]:
    """Let the case change the leased symbol's leverage; it is set back. Offers another one."""
    now = await leverage_of(scene.account, scene.book, scene.symbol)
    set_back_later(scene, f"leverage of {scene.symbol}", "leverage", {"symbol": scene.symbol, "leverage": now})
    return {"other": 10 if now != 10 else 9}


async def margin_type(scene: Scene) -> dict[str, Any]:
    """Let the case change the leased symbol's margin type; it is set back. Offers the other one."""
    isolated = await is_isolated(scene.account, scene.book, scene.symbol)
    now, other = ("ISOLATED", "CROSSED") if isolated else ("CROSSED", "ISOLATED")
    before = {"symbol": scene.symbol, "marginType": now}
    set_back_later(scene, f"margin type of {scene.symbol}", "marginType", before)
    return {"other": other}


async def isolated_position(scene: Scene) -> dict[str, Any]:
    """Open a small long position with isolated margin on the leased symbol."""
    await margin_type(scene)
    await _set(scene, "marginType", {"symbol": scene.symbol, "marginType": "ISOLATED"})
    held = await open_position(scene)
    return held | {"margin": scene.book.positions.margin if scene.book.positions is not None else "0"}


async def margin_change(scene: Scene) -> dict[str, Any]:
    """Open an isolated position and add margin to it."""
    held = await isolated_position(scene)
    change = {"symbol": scene.symbol, "amount": held["margin"], "type": 1}
    await scene.account.place_rest("POST", scene.book.path("positionMargin"), change)  # twice would add twice
    return {"margin": held["margin"]}


async def countdown(scene: Scene) -> dict[str, Any]:
    """Let the case start the countdown that cancels all orders of the leased symbol; it is stopped again."""
    stopped = {"symbol": scene.symbol, "countdownTime": 0}
    set_back_later(scene, f"countdown on {scene.symbol}", "countdownCancelAll", stopped)
    await asyncio.sleep(0)
    return {}


async def position_mode(scene: Scene) -> dict[str, Any]:
    """Let the case change one-way mode; it is set back."""
    return await _mode(scene, "hedge")


async def asset_mode(scene: Scene) -> dict[str, Any]:
    """Let the case change single-asset mode; it is set back."""
    return await _mode(scene, "multi_assets")


async def _mode(scene: Scene, mode: str) -> dict[str, Any]:
    async def undo() -> None:
        await scene.set_back(mode)

    await asyncio.sleep(0)
    scene.remember_mode(mode)
    scene.later(f"{mode} mode of {scene.account.name}", undo)
    return {}


async def fee_burn(scene: Scene) -> dict[str, Any]:
    """Let the case change whether fees are paid in BNB; it is set back. Offers the other choice."""
    path = scene.book.path("feeBurn")
    now = await scene.account.ask_rest("GET", path, read=lambda answer: answer.flag("feeBurn"))
    set_back_later(scene, f"fee burn of {scene.account.name}", "feeBurn", {"feeBurn": str(now).lower()})
    return {"other": str(not now).lower()}


async def income_download(scene: Scene) -> dict[str, Any]:
    """Prepare a download of the account's income."""
    return await _download(scene, "income")


async def order_download(scene: Scene) -> dict[str, Any]:
    """Prepare a download of the account's orders."""
    return await _download(scene, "order")


async def trade_download(scene: Scene) -> dict[str, Any]:
    """Prepare a download of the account's trades."""
    return await _download(scene, "trade")


async def _download(scene: Scene, kind: str) -> dict[str, Any]:
    """Take the id that the run's own case was given, or ask for one; wait until the download is ready, if it must be.

    One request costs a large part of a minute's weight, and each account may ask only a few times a month.
    """
    account, path = scene.account, scene.book.path(f"{kind}/asyn")
    raw = await scene.answer_to(f"GET {path}")
    if raw is None:
        clock = scene.state["clock"]
        span = {"startTime": clock["a_day_ago"], "endTime": clock["now"]}
        number = (await account.place_rest("GET", path, span)).text("downloadId")
    else:
        number = Answer.decode(f"GET {path}", raw).text("downloadId")
    scene.given.append(Given(f"GET {path}", "downloadId", number))
    polls = 0 if scene.case.example == STILL_PREPARED else DOWNLOAD_POLLS
    for _ in range(polls):
        state = await account.ask_rest(
            "GET", f"{path}/id", {"downloadId": number}, lambda answer: answer.text("status")
        )
        if state != "processing":
            break
        await asyncio.sleep(DOWNLOAD_PAUSE)
    return {"id": number}


async def quote(scene: Scene) -> dict[str, Any]:
    """Ask for a quote for converting a little; it runs out by itself."""
    path = scene.book.path("convert/getQuote")
    asked = await scene.account.place_rest("POST", path, CONVERTED)
    if not asked.has("quoteId") and asked.has("toAmount"):
        raise BlockedError(
            f"POST {path} was answered without a `quoteId`: the account has too little USDT for a quote."
        )
    number = asked.text("quoteId")
    scene.given.append(Given(f"POST {path}", "quoteId", number))
    return {"id": number}


async def converted(scene: Scene) -> dict[str, Any]:
    """Take what the run's own case converted, or convert a little; that cannot be undone."""
    path = scene.book.path("convert/acceptQuote")
    raw = await scene.answer_to(f"POST {path}")
    if raw is not None:
        done = Answer.decode(f"POST {path}", raw)
    else:
        quoted = await quote(scene)
        done = await scene.account.place_rest("POST", path, {"quoteId": quoted["id"]})
    number = order_of(done)
    scene.given.append(Given(f"POST {path}", "orderId", number))
    return {"orderId": number}


def order_of(accepted: Answer) -> int | str:
    """Return the id of a conversion, as it was written."""
    number = accepted.integer("orderId")
    return accepted.text("orderId") if isinstance(accepted.at("orderId").document, str) else number

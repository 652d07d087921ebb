"""State about symbols, listen keys and connections. See `preparing`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.errors import BlockedError
from wireproof.recognition import Sort
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.account_listen_key import check_listen_key, start_listen_key
from wireproof.suite.state.conditions import OF_THE_FILTERS, ConditionNotMetError
from wireproof.suite.state.given import Given
from wireproof.suite.state.symbols import offers, quotes
from wireproof.suite.vocabulary.needs import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wireproof.suite.state.own_answers import Answer
    from wireproof.suite.state.scene import Scene
    from wireproof.suite.state.symbols import Quote, SymbolRules

T = TypeVar("T")


async def market(scene: Scene) -> dict[str, Any]:
    """A symbol to ask about; nothing is changed."""
    if scene.trading.no_rules is not None:
        raise scene.trading.no_rules
    offered = market_of(scene.trading.rules)
    scene.given.append(_given_symbol(scene, offered["symbol"]))
    return offered


def market_of(rules: Mapping[str, SymbolRules]) -> dict[str, Any]:
    """Return what the first symbol offers to placeholders."""
    if not rules:
        raise BlockedError("No contract trades, so there is no symbol to ask about.")
    first = next(iter(rules.values()))
    return {
        "symbol": first.name,
        "pair": first.pair,
        "base_asset": first.base_asset,
        "margin_asset": first.margin_asset,
        "expiration": datetime.fromtimestamp(first.expiry / 1000, UTC).strftime("%y%m%d") if first.expiry else "",
    }


async def symbol(scene: Scene) -> dict[str, Any]:
    """A leased symbol with prices and quantities that fit its filters."""
    alone = any(need.alone for need in rows(scene.case.needs))
    lease = scene.account.symbols_of(scene.book).lease(alone=alone, only=scene.only_symbol, avoid=scene.avoid)
    name = await scene.stack.enter_async_context(lease)
    scene.quote = await _quote_of(scene, name) if scene.fresh else scene.trading.quotes[name]
    scene.given += [
        _given_symbol(scene, name),
        Given(scene.book.symbols, "filters", name, names=OF_THE_FILTERS),
    ]
    return offers(scene.trading.rules[name], scene.quote)


def _given_symbol(scene: Scene, name: str) -> Given:
    """Return the name of a symbol, and what tells whether there is one of that name."""
    book = scene.book

    async def says() -> str:
        try:
            return await _ask_public(scene, book.price, name, lambda answer: answer.sole().text("symbol"))
        except RefusedError as error:
            if error.told.sort is Sort.REFUSAL and error.told.concern is None:
                return ""
            raise

    return Given(book.symbols, "symbol", name, book.price, says)


async def quote_now(scene: Scene) -> Quote:
    """Return the best prices of the leased symbol as they are now."""
    return await _quote_of(scene, scene.symbol)


async def _quote_of(scene: Scene, name: str) -> Quote:
    quote = await _ask_public(scene, scene.book.quotes, name, lambda answer: quotes([answer.sole()]).get(name))
    if quote is None:
        raise ConditionNotMetError(f"the book of {name} is empty")
    return quote


async def ask_public(scene: Scene, request: str, read: Callable[[Answer], T]) -> T:
    """Return what `read` makes of what a public request says of the leased symbol."""
    return await _ask_public(scene, request, scene.symbol, lambda answer: read(answer.sole()))


async def _ask_public(scene: Scene, request: str, symbol: str, read: Callable[[Answer], T]) -> T:
    return await scene.account.ask_public(scene.book, request, read, symbol=symbol)


async def listen_key(scene: Scene) -> dict[str, Any]:
    """An active listen key of the account, held by this case alone."""
    await _hold_listen_key(scene)
    scene.listen_key = await start_listen_key(scene.account)
    scene.on_listen_key(scene.listen_key)
    return {}


async def no_listen_key(scene: Scene) -> dict[str, Any]:
    """No listen key is active, and no other case starts one meanwhile."""
    await _hold_listen_key(scene)
    return {}


async def _hold_listen_key(scene: Scene) -> None:
    await scene.account.listen_key.acquire()
    scene.stack.callback(scene.account.listen_key.release)

    async def undo() -> None:
        driver, request = scene.account.driver, scene.case.contract.name
        stopped = scene.succeeded and driver.closes_listen_key(request)
        started = scene.listen_key or (driver.starts_listen_key(request) and not scene.refused)
        if started and not stopped:
            await scene.account.ask_keyed(scene.account.listen_key_requests.close)

    scene.later("the listen key", undo)


async def user_stream(scene: Scene) -> dict[str, Any]:
    """The private stream of the listen key, connected."""
    await check_listen_key(scene.account, scene.listen_key)
    scene.user_stream = await scene.stack.enter_async_context(scene.new_user_stream(scene.listen_key))
    return {}


async def own_session(scene: Scene) -> dict[str, Any]:
    """A connection of the case's own, not logged on."""
    scene.session = await scene.stack.enter_async_context(scene.new_session(None))
    return {}


async def logged_on(scene: Scene) -> dict[str, Any]:
    """A connection of the case's own, logged on with an Ed25519 key."""
    scene.session = await scene.stack.enter_async_context(scene.new_session(scene.account))
    return {}

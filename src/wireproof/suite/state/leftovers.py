"""Leftovers: what an earlier run left on an account is removed at the start, and the end of a run is checked.

Orders of wireproof are recognised by their client order id, block trades by their keys in the journal, a position as
far as wireproof's filled orders and block trades explain it.
Everything else belongs to somebody else: it is left alone, and its symbols are not used.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec import Struct

from wireproof.errors import BlockedError
from wireproof.recognition import Concern, Sort
from wireproof.suite.products.base import UNCHANGED
from wireproof.suite.state.account import OURS, Account, RefusedError, is_doubtful, is_gone
from wireproof.suite.state.account_listen_key import active_listen_key
from wireproof.suite.state.block_trades import block_fills, standing_offers, withdraw
from wireproof.suite.state.orders import close_position, positions_of, side_of, signed
from wireproof.suite.state.own_answers import UnreadableError
from wireproof.suite.state.settings import set_again
from wireproof.wire.failures import TargetBlockedError, WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from wireproof.suite.products.base import BlockRequests, OrderRequests, TradingBook
    from wireproof.suite.state.journal import Journal
    from wireproof.suite.state.own_answers import Answer

T = TypeVar("T")

#: Beginnings of the client order ids that the exchange gives to orders of its own: liquidation, ADL, delivery.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Order-Update
FORCED = ("autoclose-", "adl_autoclose", "settlement_autoclose-", "delivery_autoclose-")


class Found(Struct, kw_only=True):
    """What stood on an account, and what could not be read of it."""

    removed: list[str]  # sentences: leftovers that were removed
    stuck: list[str]  # sentences: leftovers that could not be removed
    foreign: set[str]  # symbols with somebody else's orders or positions
    unread: list[str] = []  # sentences: what could not be read of orders and positions
    unread_modes: dict[str, str] = {}  # sentences by mode
    modes: dict[str, bool] = {}  # how each mode is set now
    unread_key: str = ""  # whether there is a listen key, and whose


class Held(NamedTuple):
    """One side of a position."""

    symbol: str
    side: str
    amount: Decimal


async def sweep(account: Account, journal: Journal, *, local: bool, modes: bool = True, keys: bool = True) -> Found:
    """Remove every leftover of wireproof from an account; learn what belongs to others and (`modes`) how it is set.

    Without `keys` its listen key, its settings and what it offers are left alone, for cases may be using them. What
    bears no name of wireproof's is its own on a `local` venue only.

    What cannot be read is said, and the rest is removed all the same.
    """
    driver = account.driver
    found = Found(removed=[], stuck=[], foreign=set())
    reading: Callable[[Awaitable[list[T]]], Awaitable[list[T]]] = partial(_read, found.unread, [])
    kinds = [kind for book in driver.books for kind in book.kinds]
    books = [book for book in driver.books if book.positions is not None]
    orders, positions, settings = await asyncio.gather(
        asyncio.gather(*(reading(account.ask(kind.listed, {}, partial(_names, kind))) for kind in kinds)),
        asyncio.gather(*(reading(_positions(account, book)) for book in books)),
        asyncio.gather(*(_mode(account, mode, found) for mode in (driver.modes if modes else ()))),
    )
    await asyncio.gather(
        *(
            _cancel(account, kind, symbol, name, found)
            for kind, names in zip(kinds, orders, strict=True)
            for symbol, name in names
        ),
        *([_end_listen_key(account, journal, found, local=local)] if keys and driver.listen_key is not None else []),
        *(_end_offers(account, blocks, journal, found, local=local) for blocks in (_blocks_of(books) if keys else ())),
    )
    for book, rows in zip(books, positions, strict=True):
        held: defaultdict[str, list[Held]] = defaultdict(list)
        for row in rows:
            held[row.symbol].append(row)
        await asyncio.gather(*(_close(account, journal, book, sides, found) for sides in held.values()))
    if keys:
        await _restore_settings(account, journal, found)
    for mode, now in zip(driver.modes if modes else (), settings, strict=True):
        if now is not None:
            await _restore_mode(account, journal, mode, found, now=now)
    return found


async def _read(unread: list[str], instead: T, asking: Awaitable[T]) -> T:
    """Wait for what is asked; what cannot be read is said in `unread`, and something else is taken.

    A key that is refused, a limit and a host that is down are raised: nothing else could be asked either.
    """
    try:
        return await asking
    except (BlockedError, WireError) as error:
        if not is_about_one_answer(error):
            raise
        unread.append(str(error).rstrip("."))
        return instead


def is_about_one_answer(error: Exception) -> bool:
    """Whether an error is about one request's answer, so that others may well be answered."""
    if isinstance(error, TargetBlockedError):
        return error.kind.may_pass
    return not (isinstance(error, RefusedError) and error.told.concern in {Concern.KEY, Concern.LIMIT, Concern.REGION})


def _names(kind: OrderRequests, answer: Answer) -> list[tuple[str, str]]:
    """Return symbol and client id of each open order; one that has no id was placed by somebody else."""
    return [(row.text("symbol"), _client_id(kind, row)) for row in answer.rows()]


def _client_id(kind: OrderRequests, order: Answer) -> str:
    """Return the client id that an order is shown with; an empty text where it has none."""
    shown = order.get(kind.shown_name)
    if shown is None or (kind.may_be_unnamed and shown.is_empty_text):
        return ""
    return shown.text()


async def _positions(account: Account, book: TradingBook) -> list[Held]:
    """Return the sides of a book's positions on which something is held."""
    positions = book.positions
    if positions is None:
        return []

    def held(answer: Answer) -> list[Held]:
        rows = [Held(row.text("symbol"), side_of(book, row), row.decimal(positions.amount)) for row in answer.rows()]
        return [row for row in rows if row.amount != 0]

    return await account.ask(positions.held, {}, held)


async def _mode(account: Account, mode: str, found: Found) -> bool | None:
    """Return how a mode is set; None where it cannot be read."""
    unread: list[str] = []
    now = await _read(unread, None, mode_of(account, mode))
    if unread:
        found.unread_modes[mode] = unread[0]
    return now


async def mode_of(account: Account, mode: str) -> bool:
    """Return how a mode of an account is set."""
    path, name = account.driver.modes[mode]
    return await account.ask_rest("GET", path, None, lambda answer: answer.flag(name))


async def _cancel(account: Account, kind: OrderRequests, symbol: str, client_id: str, found: Found) -> None:
    if not client_id.startswith(OURS):
        found.foreign.add(symbol)
        return
    what = f"{kind.word} {client_id} on {symbol} ({account.name})"
    try:
        await account.ask(kind.cancel, kind.named(symbol, client_id))
    except (RefusedError, UnreadableError, WireError) as error:
        if not is_gone(error):
            found.stuck.append(f"{what}: {error}")
            return
    found.removed.append(what)


def _blocks_of(books: Iterable[TradingBook]) -> list[BlockRequests]:
    return [book.blocks for book in books if book.blocks is not None]


async def _end_offers(account: Account, blocks: BlockRequests, journal: Journal, found: Found, *, local: bool) -> None:
    """Withdraw the block trades that an earlier run offered."""
    if not (local or journal.has_blocks):
        return
    for symbol, key in await _read(found.unread, [], standing_offers(account, blocks)):
        if not (local or journal.owns_block(key)):
            continue
        what = f"block trade on {symbol} ({account.name})"
        try:
            await withdraw(account, blocks, key)
        except (RefusedError, UnreadableError, WireError) as error:
            found.stuck.append(f"{what}: {error}")
        else:
            found.removed.append(what)


async def _close(account: Account, journal: Journal, book: TradingBook, rows: list[Held], found: Found) -> None:
    """Close what our own filled orders and block trades explain of the positions on one symbol."""
    symbol = rows[0].symbol
    ours = await _read(found.unread, None, _explained(account, journal, book, symbol))
    if ours is None:
        found.foreign.add(symbol)  # as far as can be told
        return
    if any(ours[row.side] and row.amount != ours[row.side] for row in rows):
        told = await _read(found.unread, None, positions_of(account, book, symbol, elsewhere=True))
        rows = rows if told is None else [Held(symbol, side, amount) for side, amount in told if amount != 0]
    for row in rows:
        amount = min(abs(row.amount), abs(ours[row.side])) if row.amount * ours[row.side] > 0 else Decimal(0)
        if amount != abs(row.amount):
            found.foreign.add(symbol)
        if amount:
            await _close_amount(account, book, row._replace(amount=amount if row.amount > 0 else -amount), found)


async def _explained(account: Account, journal: Journal, book: TradingBook, symbol: str) -> dict[str, Decimal]:
    """Return by its side how much of a symbol's position wireproof's filled orders and block trades explain.

    Block trades have no side, and are none of the orders that bear a client id.
    """
    ours: defaultdict[str, Decimal] = defaultdict(Decimal)
    for side, filled in await account.ask(book.orders.history, {"symbol": symbol}, partial(_filled, book)):
        ours[side] += filled
    if book.blocks is not None and journal.has_blocks:
        traded = await block_fills(account, book.blocks, journal.owns_block)
        ours[""] += sum(filled for name, filled in traded if name == symbol)
    return ours


def _filled(book: TradingBook, answer: Answer) -> list[tuple[str, Decimal]]:
    """Return the side of the position and the signed quantity that each of wireproof's orders filled.

    What the exchange closed by force was ours first: nobody else's position on the symbol is taken for ours then.
    """
    own = (order for order in answer.rows() if _client_id(book.orders, order).startswith((OURS, *FORCED)))
    return [(side_of(book, order), signed(order.decimal("executedQty"), order.text("side"))) for order in own]


async def _close_amount(account: Account, book: TradingBook, held: Held, found: Found) -> None:
    symbol, side, amount = held
    what = f"position of {amount:f} on {symbol} ({account.name})"
    try:
        await close_position(account, book, symbol, side, amount)
    except (BlockedError, WireError) as error:
        if not await _is_flat(account, book, symbol, side):
            found.stuck.append(f"{what}: {error}")
            return
    found.removed.append(what)


async def _is_flat(account: Account, book: TradingBook, symbol: str, side: str) -> bool:
    """Whether nothing is held on a side of a symbol's position; what cannot be read may be held."""
    try:
        return all(amount == 0 for held, amount in await positions_of(account, book, symbol) if held == side)
    except (BlockedError, WireError):
        return False


async def _end_listen_key(account: Account, journal: Journal, found: Found, *, local: bool) -> None:
    """Stop a listen key that an earlier run started; notice one that is somebody else's."""
    unread: list[str] = []
    active = await _read(unread, "", _unless_gone(active_listen_key(account)))
    found.unread_key = "".join(unread)
    if active and (local or journal.owns_listen_key(active)):
        try:
            await account.ask_keyed(account.listen_key_requests.close)
        except (RefusedError, UnreadableError, WireError) as error:
            if not is_gone(error):
                found.stuck.append(f"listen key of {account.name}: {error}")
                return
        found.removed.append(f"listen key of {account.name}")
    elif active:
        account.foreign_listen_key = True


async def _unless_gone(asking: Awaitable[str]) -> str:
    """Wait for a listen key; an empty text when there is none."""
    try:
        return await asking
    except RefusedError as error:
        if error.told.concern is None and error.told.sort is Sort.REFUSAL:
            return ""
        raise


async def _restore_settings(account: Account, journal: Journal, found: Found) -> None:
    """Set back what a run that was killed changed of symbols and account; not before orders and positions are gone."""
    assert account.credentials is not None
    owner = account.credentials.api_key, account.driver.product
    for name, before in journal.settings_before(*owner):
        what = f"{name.rpartition('/')[2]} of {before.get('symbol', 'the account')} ({account.name})"
        try:
            # Older journals hold names below the root of a book, of which there was one.
            request = name if "/" in name else account.driver.books[0].path(name)
            await set_again(account, request, before)
        except (RefusedError, UnreadableError, WireError) as error:
            if not is_unchanged(error):
                found.stuck.append(f"{what}: {error}")
                continue
        else:
            found.removed.append(f"{what}, set back")
        journal.restored_setting(*owner, name, before)


async def _restore_mode(account: Account, journal: Journal, mode: str, found: Found, *, now: bool) -> None:
    """Set a mode back that a run changed and did not set back; remember in the account how it is otherwise."""
    assert account.credentials is not None
    before = journal.mode_before(account.credentials.api_key, account.driver.journaled(mode))
    if before is not None and before != now:
        what = f"{mode} mode of {account.name}"
        try:
            await set_mode(account, mode, on=before)
        except (RefusedError, UnreadableError, WireError) as error:
            found.stuck.append(f"{what}: {error}")
            return
        now = before
        found.removed.append(f"{what}, set back to {str(before).lower()}")
    found.modes[mode] = now
    journal.restored_mode(account.credentials.api_key, account.driver.journaled(mode))


def is_unchanged(error: Exception) -> bool:
    """Whether a setting was refused because it is so already."""
    return isinstance(error, RefusedError) and error.code in UNCHANGED


async def set_mode(account: Account, mode: str, *, on: bool) -> None:
    """Switch hedge or multi-assets mode of an account; that it is so already is no error."""
    path, name = account.driver.modes[mode]
    try:
        await account.place_rest("POST", path, {name: str(on).lower()}, repeatable=True)
    except (RefusedError, UnreadableError, WireError) as error:
        if is_unchanged(error):
            return
        if is_doubtful(error) and await mode_of(account, mode) == on:
            return
        raise

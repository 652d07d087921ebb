"""Leftovers: what an earlier run left on an account is removed at the start, and the end of a run is checked.

Orders of ours are recognised by their client order id. A position is ours as far as our own filled orders explain it.
Everything else belongs to somebody else: it is left alone, and its symbols are not used.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wireproof.suite.account import GONE, OURS, Account, RefusedError
from wireproof.suite.order_needs import closing_order
from wireproof.suite.terms import UNCHANGED

if TYPE_CHECKING:
    from wireproof.suite.journal import Journal


#: Beginnings of the client order ids that the exchange gives to orders of its own: liquidation, ADL, delivery.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Order-Update
FORCED = ("autoclose-", "adl_autoclose", "settlement_autoclose-", "delivery_autoclose-")


class Found(Struct, kw_only=True):
    """What stood on an account."""

    removed: list[str]  # sentences: leftovers of ours that were removed
    stuck: list[str]  # sentences: leftovers of ours that could not be removed
    foreign: set[str]  # symbols with somebody else's orders or positions


async def sweep(account: Account, journal: Journal, *, local: bool, modes: bool = True) -> Found:
    """Remove every leftover of ours from an account; learn what belongs to others and (`modes`) how it is set."""
    terms = account.terms
    orders, algos, positions, *settings = await asyncio.gather(
        account.ask_rest("GET", terms.path("openOrders")),
        account.ask_rest("GET", terms.path("openAlgoOrders")) if terms.algo_orders else asyncio.sleep(0, []),
        account.ask(terms.positions, {}),
        *(account.ask_rest("GET", path) for path, _ in (terms.modes.values() if modes else ())),
    )
    found = Found(removed=[], stuck=[], foreign=set())
    await asyncio.gather(
        *(_cancel(account, order, found) for order in orders),
        *(_cancel_algo(account, order, found) for order in algos),
        _end_listen_key(account, journal, found, local=local),
    )
    held: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in positions:
        if Decimal(row["positionAmt"]) != 0:
            held[row["symbol"]].append(row)
    await asyncio.gather(*(_close(account, symbol, rows, found) for symbol, rows in held.items()))
    await _restore_settings(account, journal, found)
    if modes:
        for (mode, (_, name)), setting in zip(terms.modes.items(), settings, strict=True):
            setattr(account, mode, bool(setting[name]))
        await _restore_modes(account, journal, found)
    return found


async def _cancel(account: Account, order: dict[str, Any], found: Found) -> None:
    client_id = str(order["clientOrderId"])
    if not client_id.startswith(OURS):
        found.foreign.add(order["symbol"])
        return
    what = f"order {client_id} on {order['symbol']} ({account.name})"
    params = {"symbol": order["symbol"], "origClientOrderId": client_id}
    await _take_back(account, "order.cancel", params, what, found)


async def _cancel_algo(account: Account, order: dict[str, Any], found: Found) -> None:
    client_id = str(order["clientAlgoId"])
    if not client_id.startswith(OURS):
        found.foreign.add(order["symbol"])
        return
    what = f"algo order {client_id} on {order['symbol']} ({account.name})"
    await _take_back(account, "algoOrder.cancel", {"clientAlgoId": client_id}, what, found)


async def _take_back(account: Account, method: str, params: dict[str, Any], what: str, found: Found) -> None:
    try:
        await account.ask(method, params)
    except RefusedError as error:
        if error.code not in GONE:
            found.stuck.append(f"{what}: {error}")
            return
    found.removed.append(what)


async def _close(account: Account, symbol: str, rows: list[dict[str, Any]], found: Found) -> None:
    """Close what our own filled orders explain of a symbol's positions."""
    history = await account.ask_rest("GET", account.terms.path("allOrders"), {"symbol": symbol})
    ours: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in history:
        # What the exchange closed by force was ours first: nobody else's position on the symbol is taken for ours then.
        if str(order["clientOrderId"]).startswith((OURS, *FORCED)):
            filled = Decimal(order["executedQty"])
            ours[order["positionSide"]] += filled if order["side"] == "BUY" else -filled
    for row in rows:
        side, held = str(row["positionSide"]), Decimal(row["positionAmt"])
        amount = min(abs(held), abs(ours[side])) if held * ours[side] > 0 else Decimal(0)
        if amount != abs(held):
            found.foreign.add(symbol)
        if amount:
            await _close_amount(account, symbol, side, amount if held > 0 else -amount, found)


async def _close_amount(account: Account, symbol: str, side: str, amount: Decimal, found: Found) -> None:
    what = f"position of {amount:f} on {symbol} ({account.name})"
    try:
        await account.place("order.place", closing_order(account, symbol, side, f"{amount:f}"))
    except RefusedError as error:
        found.stuck.append(f"{what}: {error}")
    else:
        found.removed.append(what)


async def _end_listen_key(account: Account, journal: Journal, found: Found, *, local: bool) -> None:
    """Stop a listen key that an earlier run of ours started; notice one that is somebody else's."""
    try:
        active = (await account.ask_keyed("userDataStream.ping"))["listenKey"]
    except RefusedError as error:
        if error.told.concern is not None:
            raise
        return  # none is active
    except (KeyError, TypeError):
        return
    if local or journal.owns_listen_key(str(active)):
        await account.ask_keyed("userDataStream.stop")
        found.removed.append(f"listen key of {account.name}")
    else:
        account.foreign_listen_key = True


async def _restore_settings(account: Account, journal: Journal, found: Found) -> None:
    """Set back what a run that was killed changed of symbols and account; not before orders and positions are gone."""
    assert account.credentials is not None
    owner = account.credentials.api_key, account.terms.product
    for name, before in journal.settings_before(*owner):
        what = f"{name} of {before.get('symbol', 'the account')} ({account.name})"
        try:
            await account.place_rest("POST", account.terms.path(name), before, repeatable=True)
        except RefusedError as error:
            if error.code not in UNCHANGED:
                found.stuck.append(f"{what}: {error}")
                continue
        else:
            found.removed.append(f"{what}, set back")
        journal.restored_setting(*owner, name, before)


async def _restore_modes(account: Account, journal: Journal, found: Found) -> None:
    assert account.credentials is not None
    for mode in account.terms.modes:
        now = getattr(account, mode)
        before = journal.mode_before(account.credentials.api_key, mode)
        if before is not None and before != now:
            await set_mode(account, mode, on=before)
            setattr(account, mode, before)
            found.removed.append(f"{mode} mode of {account.name}, set back to {str(before).lower()}")
        journal.restored_mode(account.credentials.api_key, mode)


async def set_mode(account: Account, mode: str, *, on: bool) -> None:
    """Switch hedge or multi-assets mode of an account; that it is so already is no error."""
    path, name = account.terms.modes[mode]
    try:
        await account.place_rest("POST", path, {name: str(on).lower()}, repeatable=True)
    except RefusedError as error:
        if error.code not in UNCHANGED:
            raise

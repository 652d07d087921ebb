"""What became of a request that was answered with trouble: the orders that it names are looked up, and cancelled.

"Unknown error" with 503, -1000, -1006 and -1007 leave open whether an order was placed, changed or cancelled; "do not
treat as immediate failure; first verify via WebSocket updates or orderId queries".
https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info (HTTP 503 Status)
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.contract.model import Request
from wireproof.errors import WireproofError
from wireproof.recognition import Fate, recognise
from wireproof.suite.judging.statements import may_have_changed
from wireproof.suite.products.base import GONE, NO_SUCH_ORDER
from wireproof.suite.state.account import OURS, RefusedError
from wireproof.suite.state.leftovers import mode_of
from wireproof.suite.state.settings import is_isolated, leverage_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wireproof.suite.products.base import OrderRequests
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.scene import Scene
    from wireproof.wire.reply import Reply

#: States of an order that is on the book, or waits for its trigger.
_STANDING = frozenset({"NEW", "PARTIALLY_FILLED", "ACCEPTED", "PENDING_NEW"})


class Named(NamedTuple):
    """An order as a request names it: the parameters that find it."""

    kind: OrderRequests
    name: str
    params: dict[str, Any]

    @property
    def shown(self) -> str:
        """The order in words."""
        return f"{self.kind.word.capitalize()} {self.name}"


async def fate_of(scene: Scene, params: Mapping[str, Any], reply: Reply | None = None, *, second_look: float) -> str:
    """Return what became of what a case sent, as sentences; nothing when its request changes nothing.

    `params` are those that it sent, `reply` is what it was answered, if it was. An order that is not found may still be
    on its way: it is looked up again after `second_look` seconds, unless the answer says that the request failed.
    """
    told = recognise(reply.status if reply is not None else 500, reply.raw if reply is not None else b"")
    request = scene.case.contract.subject
    if not isinstance(request, Request) or not may_have_changed(scene.case, told):
        return ""
    failed = told.fate is Fate.FAILED
    name, driver = scene.case.contract.name, scene.account.driver
    kind = driver.kind_of(name)
    if kind is not None:
        if names := list(orders_named(params, kind)):
            wait = None if failed else second_look
            return " ".join(await asyncio.gather(*(_fate_of_order(scene.account, one, wait) for one in names)))
        if symbol := params.get("symbol"):
            return await _fate_of_all(scene.account, kind, str(symbol))
    if failed or any(name in one.tests for book in driver.books for one in book.kinds):
        return ""
    return await _fate_of_setting(scene, request.path or request.method, params)


async def _fate_of_setting(scene: Scene, asked: str, params: Mapping[str, Any]) -> str:
    """Say how a setting is now, or whether a listen key is active, after a request that changes it."""
    account, listen_key = scene.account, scene.account.driver.listen_key
    if not account.driver.books:
        return "Whether it took effect is unknown."
    book, symbol = scene.book, str(params.get("symbol", ""))
    named = asked.removeprefix(f"{book.root}/")
    modes = {path: mode for mode, (path, _) in account.driver.modes.items()}
    try:
        if named == "leverage" and symbol:
            return f"It was looked up: the leverage of {symbol} is {await leverage_of(account, book, symbol)}."
        if named == "marginType" and symbol:
            margin = "isolated" if await is_isolated(account, book, symbol) else "crossed"
            return f"It was looked up: the margin of {symbol} is {margin}."
        if asked in modes:
            now = await mode_of(account, modes[asked])
            return f"It was looked up: {modes[asked]} mode of {account.name} is {'on' if now else 'off'}."
        if named == "feeBurn":
            now = await account.ask_rest("GET", asked, None, lambda answer: answer.flag("feeBurn"))
            return f"It was looked up: fee burn of {account.name} is {'on' if now else 'off'}."
        if listen_key is not None and account.driver.is_about_listen_key(scene.case.contract.name):
            return f"It was looked up: {await _listen_key_words(account)}."
        if named == "countdownCancelAll":
            return "Nothing tells whether the countdown runs; it is stopped."
    except WireproofError as error:
        return f"Whether it took effect could not be looked up ({error})."
    return "Whether it took effect is unknown."


async def _listen_key_words(account: Account) -> str:
    try:
        await account.ask_keyed(account.listen_key_requests.extend)
    except RefusedError as error:
        if error.code in GONE:
            return f"no listen key of {account.name} is active"
        raise
    return f"a listen key of {account.name} is active"


def orders_named(params: Mapping[str, Any], kind: OrderRequests) -> Iterator[Named]:
    """Yield the orders that a request's parameters name, each order of a batch as well."""
    symbol = params.get("symbol")
    batch = params.get(kind.batch)
    for order in [params] if batch is None else _listed(batch):
        if not isinstance(order, dict):
            continue
        client_id, of = order.get(kind.placed_name) or order.get(kind.name), order.get("symbol", symbol)
        if client_id:
            yield Named(kind, str(client_id), kind.named(of, client_id))
        elif order.get(kind.number) is not None:
            yield Named(kind, str(order[kind.number]), kind.numbered(of, order[kind.number]))
    for client_id in _listed(params.get(kind.names)):
        yield Named(kind, str(client_id), kind.named(symbol, client_id))
    for number in _listed(params.get(kind.numbers)):
        yield Named(kind, str(number), kind.numbered(symbol, number))


def _listed(value: Any) -> list[Any]:
    """Return the list that a parameter holds, as a list or as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return value if isinstance(value, list) else []


async def _fate_of_order(account: Account, order: Named, second_look: float | None) -> str:
    """Say what became of one order; one that stands is cancelled."""
    try:
        state = await _state_of(account, order)
        if state is None and second_look is not None:
            await asyncio.sleep(second_look)
            state = await _state_of(account, order)
    except WireproofError as error:
        return f"{order.shown} could not be looked up ({error}); it is cancelled in case it stands."
    if state is None:
        return f"{order.shown} was looked up: it does not exist."
    if state not in _STANDING:
        return f"{order.shown} was looked up: it is {state}."
    return f"{order.shown} was looked up: {await _cancelled(account, order, state)}"


async def _state_of(account: Account, order: Named) -> str | None:
    """Return the state of an order; None when the exchange says that there is no such order."""
    try:
        kind = order.kind
        return await account.ask(kind.look_up, order.params, lambda found: found.text(kind.status))
    except RefusedError as error:
        if error.code == NO_SUCH_ORDER:
            return None
        raise


async def _cancelled(account: Account, order: Named, state: str) -> str:
    """Cancel an order that stands, and say so."""
    try:
        await account.ask(order.kind.cancel, order.params)
    except RefusedError as error:
        if error.code not in GONE:
            return f"it stood ({state}) and could not be cancelled yet ({error})."
    except WireproofError as error:
        return f"it stood ({state}) and could not be cancelled yet ({error})."
    return f"it stood ({state}) and was cancelled."


async def _fate_of_all(account: Account, kind: OrderRequests, symbol: str) -> str:
    """Say which orders of this run stand on a symbol, after a request that cancels all; they are cancelled."""
    looked_up = f"The open {kind.word}s of {symbol} were looked up"
    try:
        found = await account.ask(
            kind.listed, {"symbol": symbol}, lambda answer: [row.text(kind.shown_name) for row in answer.rows()]
        )
        ours = [one for one in found if one.startswith(f"{OURS}{account.run}-")]
    except WireproofError as error:
        return f"Which orders of {symbol} stand could not be looked up ({error}); they are cancelled in case they do."
    if not ours:
        return f"{looked_up}: none of this run's stands."
    orders = [Named(kind, one, kind.named(symbol, one)) for one in ours]
    became = await asyncio.gather(*(_cancelled(account, order, "NEW") for order in orders))
    return f"{looked_up}. " + " ".join(f"{order.shown}: {what}" for order, what in zip(orders, became, strict=True))

"""State that cases need: prepared before, offered to placeholders, taken back after, also when a case fails half way.

Each need is an async function that prepares the state on a `Scene`, registers what takes it back *before* anything is
sent, and returns what it offers to placeholders.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.errors import BlockedError
from wireproof.recognition import Sort, recognise
from wireproof.suite.products.base import ends, starts_listen_key
from wireproof.suite.state.account import RefusedError, is_gone
from wireproof.suite.state.conditions import OF_THE_FILTERS, ConditionNotMetError
from wireproof.suite.state.given import Given
from wireproof.suite.state.own_answers import UnreadableError
from wireproof.suite.state.symbols import greatest_notional, offers, quotes
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from contextlib import AsyncExitStack
    from decimal import Decimal

    from wireproof.recognition import Recognition
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.own_answers import Answer
    from wireproof.suite.state.symbols import Quote, SymbolRules
    from wireproof.wire.reply import Reply
    from wireproof.wire.venue_control import VenueControl
    from wireproof.wire.websocket.session import WsApiSession
    from wireproof.wire.websocket.user_stream import UserStream

T = TypeVar("T")

FIFTEEN_MINUTES_MS = 15 * 60 * 1000
HOUR_MS = 60 * 60 * 1000

#: State that needs its symbol for itself.
ALONE = frozenset(
    {
        *("alone", "position", "isolated_position", "margin_change", "long_and_short"),
        *("leverage", "margin_type", "countdown", "liquidation", "heavy_position"),
    }
)

#: What preparing and taking back one need costs, as requests of the WebSocket API; used by `wireproof plan`.
REQUESTS: dict[str, tuple[str, ...]] = {
    "client_order_id": ("order.cancel",),
    "client_algo_id": ("algoOrder.cancel",),
    "second_order_id": ("order.cancel",),
    "open_order": ("order.place", "order.cancel"),
    "two_orders": ("order.place", "order.place", "order.cancel", "order.cancel"),
    "cancelled_order": ("order.place", "order.cancel"),
    "amended_order": ("order.place", "order.modify", "order.cancel"),
    "position": ("order.place", "order.place"),
    "long_and_short": ("order.place", "order.place", "order.place", "order.place"),
    "algo_order": ("algoOrder.place", "algoOrder.cancel"),
    "algo_order_found": ("GET algoOrder",),
    "isolated_position": (
        "account.position",
        "account.position",
        "POST marginType",
        "order.place",
        "order.place",
        "POST marginType",
    ),
    "margin_change": ("POST positionMargin",),
    "leverage": ("account.position", "account.position", "POST leverage"),
    "margin_type": ("account.position", "account.position", "POST marginType"),
    "countdown": ("POST countdownCancelAll",),
    "position_mode": ("GET positionSide/dual", "POST positionSide/dual"),
    "asset_mode": ("POST multiAssetsMargin",),
    "fee_burn": ("GET feeBurn", "POST feeBurn"),
    "liquidation": ("POST marginType", "order.place", "GET ticker/bookTicker", "account.position", "POST marginType"),
    "heavy_position": ("account.balance", "GET ticker/bookTicker", "order.place", "order.place"),
    "quote": ("POST convert/getQuote",),
    "converted": ("POST convert/getQuote", "POST convert/acceptQuote"),
    "listen_key": ("userDataStream.start", "userDataStream.stop"),
    "user_stream": ("userDataStream.ping",),
    "logged_on": ("session.logon",),
}


@dataclass
class Trading:
    """Symbols that may be used and their prices."""

    rules: Mapping[str, SymbolRules]
    quotes: Mapping[str, Quote]
    no_rules: BlockedError | None = None  # why no rules could be read
    no_quotes: BlockedError | None = None  # why no prices could be read

    def usable(self, max_notional: Decimal | None) -> list[str]:
        """Return the symbols with prices on which no order of ours is worth more than a cap, if there is one."""
        return [
            name
            for name, rules in self.rules.items()
            if (quote := self.quotes.get(name)) is not None
            and (max_notional is None or greatest_notional(rules, quote) <= max_notional)
        ]


@dataclass
class Scene:
    """One case on its account while it runs."""

    case: PlannedCase
    account: Account
    trading: Trading
    new_session: Callable[[Account | None], WsApiSession]  # one that logs on with an account's key, or with none
    new_user_stream: Callable[[str], UserStream]
    on_listen_key: Callable[[str], None]
    report_leftover: Callable[[str], None]
    remember_mode: Callable[[str], None]  # before a mode of the account is changed
    remember_setting: Callable[[str, Mapping[str, Any]], None]  # by name, with what sets it back, before it is changed
    forget_setting: Callable[[str, Mapping[str, Any]], None]  # when it is set back
    set_back: Callable[[str], Awaitable[None]]  # a mode of the account
    answer_to: Callable[[str], Awaitable[bytes | None]]  # what another case of the run was answered, if one asks it
    stack: AsyncExitStack
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    session: WsApiSession | None = None
    user_stream: UserStream | None = None
    listen_key: str = ""
    reply: Reply | None = None  # the case's own answer, once there is one
    counterparty: Account | None = None  # another account of ours that can trade with this one
    control: VenueControl | None = None  # of the local venue, whose market does what it is told
    only_symbol: str = ""  # the one symbol that will do, where a case cannot do with any
    fresh: bool = False  # whether prices are asked for now: those of the run's beginning no longer did
    avoid: frozenset[str] = frozenset()  # symbols that are taken only when there is no other one
    given: list[Given] = field(default_factory=list)  # what answers to the suite's own requests gave to the case
    quote: Quote | None = None  # the best prices that the leased symbol's offers were made from

    @property
    def symbol(self) -> str:
        """The leased symbol."""
        return str(self.state["symbol"]["name"])

    @property
    def status(self) -> int | None:
        """The status of the case's own answer, once there is one."""
        return self.reply.status if self.reply is not None else None

    @property
    def succeeded(self) -> bool:
        """Whether the case's own request was answered with a success."""
        return self._told is not None and self._told.is_success

    @property
    def answered_as_wanted(self) -> bool:
        """Whether the case's own request was answered with a success, or with an error that the case expects."""
        told, expect = self._told, self.case.expect
        if told is None or expect is None:
            return told is not None and told.is_success
        return told.error is not None and told.error.number in expect.codes

    @property
    def refused(self) -> bool:
        """Whether the case's own request was answered with a refusal, so that it changed nothing.

        Trouble of the service is none: whatever it says, something may stand.
        """
        return self._told is not None and self._told.sort is Sort.REFUSAL and self._told.changed_nothing

    @property
    def _told(self) -> Recognition | None:
        return recognise(self.reply.status, self.reply.raw) if self.reply is not None else None

    def later(self, what: str, undo: Callable[[], Awaitable[None]]) -> None:
        """Take something back when the case is over; what cannot be taken back is reported, not raised."""

        async def take_back() -> None:
            try:
                await undo()
            except Exception as error:  # noqa: BLE001  # the sweep at the end tries again; other cases go on
                if not is_gone(error):
                    self.report_leftover(f"{what}: {error}")

        self.stack.push_async_callback(take_back)


NEEDS: dict[str, Callable[[Scene], Awaitable[dict[str, Any]]]] = {}


def need(
    function: Callable[[Scene], Awaitable[dict[str, Any]]],
) -> Callable[[Scene], Awaitable[dict[str, Any]]]:
    """Register a kind of state under the function's name."""
    NEEDS[function.__name__] = function
    return function


def requests_for(needed: Iterable[str]) -> tuple[str, ...]:
    """Return the methods that preparing and taking back this state sends, besides the case's own request."""
    return tuple(method for name in needed for method in REQUESTS.get(name, ()))


async def prepare(scene: Scene) -> None:
    """Prepare everything that the scene's case needs, in the order it names it."""
    scene.state["clock"] = _clock(scene.account.now_ms())
    for name in scene.case.needs:
        scene.state[name] = await NEEDS[name](scene)
    scene.state["clock"] = _clock(scene.account.now_ms())  # again: preparing may have waited for a limit


def _clock(now: int) -> dict[str, int]:
    return {
        "now": now,
        "in_15_minutes": now + FIFTEEN_MINUTES_MS,
        "an_hour_ago": now - HOUR_MS,
        "a_day_ago": now - 24 * HOUR_MS,
    }


@need
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
        raise BlockedError("No perpetual contract trades, so there is no symbol to ask about.")
    first = next(iter(rules.values()))
    return {
        "symbol": first.name,
        "pair": first.pair,
        "base_asset": first.base_asset,
        "margin_asset": first.margin_asset,
    }


@need
async def symbol(scene: Scene) -> dict[str, Any]:
    """A leased symbol with prices and quantities that fit its filters."""
    alone = bool(ALONE & set(scene.case.needs))
    lease = scene.account.symbols.lease(alone=alone, only=scene.only_symbol, avoid=scene.avoid)
    name = await scene.stack.enter_async_context(lease)
    scene.quote = await _quote_of(scene, name) if scene.fresh else scene.trading.quotes[name]
    scene.given += [
        _given_symbol(scene, name),
        Given(f"GET {scene.account.terms.path('exchangeInfo')}", "filters", name, names=OF_THE_FILTERS),
    ]
    return offers(scene.trading.rules[name], scene.quote)


def _given_symbol(scene: Scene, name: str) -> Given:
    """Return the name of a symbol, and what tells whether there is one of that name."""
    terms = scene.account.terms

    async def says() -> str:
        try:
            return await _ask_public(scene, "ticker/price", name, lambda answer: answer.sole().text("symbol"))
        except RefusedError as error:
            if error.told.sort is Sort.REFUSAL and error.told.concern is None:
                return ""
            raise

    return Given(f"GET {terms.path('exchangeInfo')}", "symbol", name, f"GET {terms.path('ticker/price')}", says)


async def quote_now(scene: Scene) -> Quote:
    """Return the best prices of the leased symbol as they are now."""
    return await _quote_of(scene, scene.symbol)


async def _quote_of(scene: Scene, name: str) -> Quote:
    quote = await _ask_public(scene, "ticker/bookTicker", name, lambda answer: quotes([answer.sole()]).get(name))
    if quote is None:
        raise ConditionNotMetError(f"the book of {name} is empty")
    return quote


async def ask_public(scene: Scene, name: str, read: Callable[[Answer], T]) -> T:
    """Return what `read` makes of what a public request says of the leased symbol."""
    return await _ask_public(scene, name, scene.symbol, lambda answer: read(answer.sole()))


async def _ask_public(scene: Scene, name: str, symbol: str, read: Callable[[Answer], T]) -> T:
    account = scene.account
    return await account.ask_rest("GET", account.terms.path(name), {"symbol": symbol}, read, signed=False)


@need
async def listen_key(scene: Scene) -> dict[str, Any]:
    """An active listen key of the account, held by this case alone."""
    await _hold_listen_key(scene)
    scene.listen_key = await start_listen_key(scene.account)
    scene.on_listen_key(scene.listen_key)
    return {}


async def start_listen_key(account: Account) -> str:
    """Start the account's listen key, or lengthen the life of the active one, and return it."""
    account.has_changed = True
    return await account.ask_keyed("userDataStream.start", listen_key_in)


def listen_key_in(answer: Answer) -> str:
    """Return the listen key of an answer."""
    return answer.text("listenKey")


async def check_listen_key(account: Account, listen_key: str) -> None:
    """Raise UnreadableError when another request tells another listen key: a stream of this one would be silent."""
    try:
        active = await account.ask_keyed("userDataStream.ping", listen_key_in)
    except (BlockedError, WireError):
        return  # nothing tells
    if active != listen_key:
        raise UnreadableError("userDataStream.start", "listenKey", "is not the one that userDataStream.ping tells")


@need
async def no_listen_key(scene: Scene) -> dict[str, Any]:
    """No listen key is active, and no other case starts one meanwhile."""
    await _hold_listen_key(scene)
    return {}


async def _hold_listen_key(scene: Scene) -> None:
    await scene.account.listen_key.acquire()
    scene.stack.callback(scene.account.listen_key.release)

    async def undo() -> None:
        stopped = scene.succeeded and ends(scene.case.contract, "listen_key")
        started = scene.listen_key or (starts_listen_key(scene.case.contract) and not scene.refused)
        if started and not stopped:
            await scene.account.ask_keyed("userDataStream.stop")

    scene.later("the listen key", undo)


@need
async def user_stream(scene: Scene) -> dict[str, Any]:
    """The private stream of the listen key, connected."""
    await check_listen_key(scene.account, scene.listen_key)
    scene.user_stream = await scene.stack.enter_async_context(scene.new_user_stream(scene.listen_key))
    return {}


@need
async def own_session(scene: Scene) -> dict[str, Any]:
    """A connection of the case's own, not logged on."""
    scene.session = await scene.stack.enter_async_context(scene.new_session(None))
    return {}


@need
async def logged_on(scene: Scene) -> dict[str, Any]:
    """A connection of the case's own, logged on with an Ed25519 key."""
    scene.session = await scene.stack.enter_async_context(scene.new_session(scene.account))
    return {}


async def _nothing(_scene: Scene) -> dict[str, Any]:
    """State that the conductor arranges: the kind of key, and the account's mode."""
    await asyncio.sleep(0)
    return {}


for _name in ("hedge_mode", "multi_assets", "ed25519_key", "hmac_key", "rsa_key"):
    NEEDS[_name] = _nothing

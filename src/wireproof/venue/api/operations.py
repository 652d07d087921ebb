"""What can be asked of the venue, each thing once, for the WebSocket API and for REST.

An `Operation` knows its security, weight and mandatory parameters; `Services.perform` runs the checks that come before
its own work. The order of the checks follows docs/exchange.md#order-of-checks: a parameter that is missing is
named (-1102) whether or not the rest of the request is good; then the key, then the time, then the signature, so that
nobody without the key learns anything of the account; the values themselves come last.
"""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.auth import KEY_LENGTH, SignatureCheck, check_time
from wireproof.venue.base.formats import fixed
from wireproof.venue.base.refusals import (
    Refusal,
    invalid_data,
    invalid_symbol,
    malformed_key,
    missing,
    rejected_key,
    unknown_order,
)
from wireproof.venue.exchange import placement
from wireproof.venue.exchange.profile import TESTNET, Profile
from wireproof.venue.products.usdm import account_views, order_views, symbol_views
from wireproof.venue.services.convert import ConvertDesk
from wireproof.venue.services.downloads import Downloads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.venue.base.params import Params
    from wireproof.venue.base.rate_limits import FiveMinuteLimits, OrderLimit, WeightLimit
    from wireproof.venue.exchange.engine import Engine
    from wireproof.venue.exchange.listen_keys import ListenKeys
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.records import Account
    from wireproof.venue.market_data.feeds import MarketData

Json = dict[str, Any]
DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1000)
DEFAULT_DEPTH = 500


class CallSecurity(Enum):
    """What a request must prove."""

    NONE = "NONE"
    KEY = "USER_STREAM"
    SIGNED = "SIGNED"


@dataclass(slots=True)
class CallCredentials:
    """What a request brought to prove who it is from; *payloads* are the texts it may be signed over."""

    api_key: str | None
    signature: str | None
    payloads: Callable[[], Iterable[tuple[str, str]]]
    logged_on: Account | None = None
    header: bool = False  # the key came in a header (REST), where a short one has an error of its own


@dataclass(slots=True)
class Call:
    """One request on its way to an operation."""

    services: Services
    params: Params
    ip: str
    account_or_none: Account | None = None
    inverse: bool = False  # asked of COIN-M

    @property
    def engine(self) -> Engine:
        """Return the engine."""
        return self.services.engine

    @property
    def account(self) -> Account:
        """Return the account that the request proved to be from."""
        if self.account_or_none is None:
            raise rejected_key()
        return self.account_or_none

    def market(self) -> Market:
        """Return the market of the `symbol` parameter; -1121 when it was never listed, or by the other product."""
        return self._market(self.params.needed_text("symbol"), past=True)

    def optional_symbol(self, *, past: bool = False) -> str | None:
        """Return the `symbol` parameter when it is there; -1121 when it is not listed, with *past* never was."""
        name = self.params.text("symbol")
        return None if name is None else self._market(name, past=past).symbol.name

    def _market(self, name: str, *, past: bool) -> Market:
        market = self.engine.market(name) if past else self.engine.listed(name)
        if market.symbol.inverse != self.inverse:
            raise invalid_symbol()
        return market

    def markets(self) -> list[Market]:
        """Return the markets of the product that was asked."""
        return [market for market in self.engine.markets.values() if market.symbol.inverse == self.inverse]


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of request. *weight* is by parameters; *orders* is how many orders it counts as in ten seconds."""

    name: str
    security: CallSecurity
    run: Callable[[Call], Any]
    weight: Callable[[Params], int]
    mandatory: tuple[str, ...] = ()
    orders: int = 0

    def carry_out(self, call: Call) -> Any:
        """Run the operation. What the venue itself gets wrong is told on standard error and answered with -1000.

        So a fault of the venue is not taken for a connection that drops.
        """
        try:
            return self.run(call)
        except Refusal:
            raise
        except Exception:  # noqa: BLE001  # the other requests of the connection go on
            sys.stderr.write(f"The venue failed at {self.name}:\n{traceback.format_exc()}")
            raise Refusal(-1000, "An unknown error occured while processing the request.", status=500) from None


@dataclass(slots=True)
class Services:
    """What operations work with, and the counters of what was asked."""

    engine: Engine
    market_data: MarketData
    listen_keys: ListenKeys
    weights: WeightLimit
    orders: OrderLimit
    five_minutes: FiveMinuteLimits
    signatures: SignatureCheck = field(default_factory=SignatureCheck)
    requests: Counter[str] = field(default_factory=Counter)
    convert: ConvertDesk = field(default_factory=ConvertDesk)
    downloads: Downloads = field(default_factory=Downloads)
    tradfi_agreed: set[str] = field(default_factory=set)  # accounts that signed the TradFi-Perps agreement
    profile: Profile = TESTNET
    algo_lag_ms: int = 0  # how far queries of one conditional order are behind

    def authenticate(self, operation: Operation, params: Params, credentials: CallCredentials) -> Account | None:
        """Return the account that a request is from, None where no one is asked for."""
        params.need(operation.mandatory)
        if operation.security is CallSecurity.NONE:
            return None
        signed = operation.security is CallSecurity.SIGNED
        timestamp = 0
        session = credentials.logged_on
        if credentials.header:
            if credentials.api_key is None or len(credentials.api_key) != KEY_LENGTH:
                raise malformed_key()
        elif not credentials.api_key and session is None:
            raise missing("apiKey")
        if signed:
            timestamp = params.needed_integer("timestamp")
            own_key = credentials.api_key and not (session and session.key.api_key == credentials.api_key)
            if not credentials.signature and (session is None or own_key):
                raise missing("signature")
        account = self.engine.account_of(credentials.api_key) if credentials.api_key else session
        if account is None or account.key.revoked:
            raise rejected_key()
        if signed:
            check_time(timestamp, params.integer("recvWindow"), self.engine.clock.now_ms())
            if credentials.signature:
                self.signatures.verify(account.key, credentials.payloads(), credentials.signature)
        return account


def _constant(weight: int) -> Callable[[Params], int]:
    return lambda _params: weight


def by_symbol(one: int, every: int) -> Callable[[Params], int]:
    """Return a weight of *one* with a symbol, *every* without."""
    return lambda params: one if "symbol" in params else every


def depth_weight(params: Params) -> int:
    """Return the documented weight of an order book by its limit; an unreadable limit costs the default's."""
    try:
        limit = params.integer("limit") or DEFAULT_DEPTH
    except Refusal:
        limit = DEFAULT_DEPTH
    return next((weight for most, weight in ((50, 2), (100, 5), (500, 10)) if limit <= most), 20)


def depth(call: Call) -> Json:
    """Order book; -4021 for a limit that is not offered, -1130 for one above 1000 (docs/exchange.md#depth-limits)."""
    market = call.market()
    limit = call.params.integer("limit")
    if limit is not None and limit > DEPTH_LIMITS[-1]:
        raise invalid_data("limit")
    if limit is not None and limit not in DEPTH_LIMITS:
        raise Refusal(-4021, f"{limit} is not valid depth limit")
    price_digits, qty_digits = market.symbol.price_digits, market.symbol.qty_digits

    def rows(levels: Iterable[Any]) -> list[list[str]]:
        return [[fixed(level.price, price_digits), fixed(level.quantity, qty_digits)] for level in levels]

    shown = limit or DEFAULT_DEPTH
    return {
        "lastUpdateId": market.update_id,
        "E": call.engine.clock.now_ms(),
        "T": market.updated,
        "bids": rows(market.book.bids.levels(shown)),
        "asks": rows(market.book.asks.levels(shown)),
    }


def ticker_price(call: Call) -> Any:
    """Last price of one symbol, or of all as a list."""

    def row(market: Market) -> Json:
        price = fixed(market.last_price, market.symbol.price_digits)
        return {"symbol": market.symbol.name, "price": price, "time": market.last_trade_time}

    name = call.optional_symbol()
    return [row(market) for market in call.markets()] if name is None else row(call.engine.market(name))


def ticker_book(call: Call) -> Any:
    """Best bid and ask of one symbol, or of all as a list."""

    def row(market: Market) -> Json:
        symbol, book = market.symbol, market.book
        return {
            "lastUpdateId": market.update_id,
            "symbol": symbol.name,
            "bidPrice": fixed(book.bids.best() or market.mid * 0, symbol.price_digits),
            "bidQty": fixed(book.bids.best_quantity(), symbol.qty_digits),
            "askPrice": fixed(book.asks.best() or market.mid * 0, symbol.price_digits),
            "askQty": fixed(book.asks.best_quantity(), symbol.qty_digits),
            "time": market.updated,
        }

    name = call.optional_symbol()
    return [row(market) for market in call.markets()] if name is None else row(call.engine.market(name))


def place_order(call: Call) -> Json:
    """order.place."""
    request = placement.read_order(call.engine, call.account, call.market(), call.params)
    acknowledged = placement.read_response_type(call.params) == "ACK"
    placement.check_order(call.engine, call.account, request)
    order = call.engine.orders.submit(call.account, request)
    return order_views.placement_view(order, acknowledged=acknowledged)


def modify_order(call: Call) -> Json:
    """order.modify."""
    order, modify_id = placement.modify(call.engine.orders, call.account, call.market(), call.params)
    return order_views.modification_view(order, modify_id)


def cancel_order(call: Call) -> Json:
    """order.cancel."""
    order = placement.find_order(call.account, call.params, call.market().symbol, cancelling=True)
    if not order.is_open:
        raise Refusal(-2011, "Unknown order sent.")
    call.engine.orders.cancel(order)
    return order_views.placement_view(order)


def query_order(call: Call) -> Json:
    """order.status."""
    order = placement.find_order(call.account, call.params, call.market().symbol, cancelling=False)
    if order.is_forgotten(call.engine.clock.now_ms()):
        raise unknown_order()
    return order_views.query_view(order)


def place_algo(call: Call) -> Json:
    """algoOrder.place."""
    placement.read_response_type(call.params)
    return order_views.algo_view(call.engine.conditional_orders.place(call.account, call.market(), call.params))


def cancel_algo(call: Call) -> Json:
    """algoOrder.cancel; its code is a string (docs/exchange.md#cancelled-conditional-orders)."""
    algo = call.engine.conditional_orders.cancel(call.account, call.params)
    return {"algoId": algo.algo_id, "clientAlgoId": algo.client_id, "code": "200", "msg": "success"}


def start_stream(call: Call) -> Json:
    """userDataStream.start."""
    return {"listenKey": call.services.listen_keys.start(call.account, inverse=call.inverse)}


def ping_stream(call: Call) -> Json:
    """userDataStream.ping."""
    return {"listenKey": call.services.listen_keys.ping(call.account, inverse=call.inverse)}


def stop_stream(call: Call) -> Json:
    """userDataStream.stop."""
    call.services.listen_keys.stop(call.account, inverse=call.inverse)
    return {}


def status_v1(call: Call) -> Json:
    """account.status."""
    return account_views.status_v1(call.account)


def status_v2(call: Call) -> Json:
    """v2/account.status."""
    return account_views.status_v2(call.account)


def balances(call: Call) -> list[Json]:
    """account.balance and v2/account.balance."""
    return account_views.balances(call.account)


def positions_v1(call: Call) -> list[Json]:
    """account.position."""
    return account_views.positions_v1(call.account, call.optional_symbol())


def positions_v2(call: Call) -> list[Json]:
    """v2/account.position."""
    return account_views.positions_v2(call.account, call.optional_symbol())


_SIGNED, _KEY, _NONE = CallSecurity.SIGNED, CallSecurity.KEY, CallSecurity.NONE
_ORDER = ("symbol", "side", "type")

# By method with its version prefix, as the server completes it.
WEBSOCKET_OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("v1/depth", _NONE, depth, depth_weight, ("symbol",)),
        Operation("v1/ticker.price", _NONE, ticker_price, by_symbol(1, 2)),
        Operation("v1/ticker.book", _NONE, ticker_book, by_symbol(2, 5)),
        Operation("v1/order.place", _SIGNED, place_order, _constant(0), _ORDER, orders=1),
        Operation("v1/order.modify", _SIGNED, modify_order, _constant(0), ("symbol", "side", "quantity"), orders=1),
        Operation("v1/order.cancel", _SIGNED, cancel_order, _constant(1), ("symbol",)),
        Operation("v1/order.status", _SIGNED, query_order, _constant(1), ("symbol",)),
        Operation("v1/algoOrder.place", _SIGNED, place_algo, _constant(0), ("algoType", *_ORDER), orders=1),
        Operation("v1/algoOrder.cancel", _SIGNED, cancel_algo, _constant(1)),
        Operation("v1/account.status", _SIGNED, status_v1, _constant(5)),
        Operation("v2/account.status", _SIGNED, status_v2, _constant(5)),
        Operation("v1/account.balance", _SIGNED, balances, _constant(5)),
        Operation("v2/account.balance", _SIGNED, balances, _constant(5)),
        Operation("v1/account.position", _SIGNED, positions_v1, _constant(5)),
        Operation("v2/account.position", _SIGNED, positions_v2, _constant(5)),
        Operation("v1/userDataStream.start", _KEY, start_stream, _constant(1)),
        Operation("v1/userDataStream.ping", _KEY, ping_stream, _constant(1)),
        Operation("v1/userDataStream.stop", _KEY, stop_stream, _constant(1)),
    )
}


def exchange_info(call: Call) -> Json:
    """Exchange information of every symbol; a `symbol` parameter is ignored (docs/exchange.md#exchange-information)."""
    symbols = [one for one in call.engine.symbols.values() if not one.inverse]
    weights = call.services.weights
    return {
        "timezone": "UTC",
        "serverTime": call.engine.clock.now_ms(),
        "futuresType": "U_MARGINED",
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": weights.limit},
            {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
        ],
        "exchangeFilters": [],
        "assets": [
            {"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"},
            {"asset": "USDC", "marginAvailable": True, "autoAssetExchange": "-10000"},
            {"asset": "BTC", "marginAvailable": True, "autoAssetExchange": "-0.10000000"},
        ],
        "symbols": [symbol_views.symbol_info(symbol, position) for position, symbol in enumerate(symbols)],
    }


constant_weight = _constant

"""Conditional orders: the Algo service that took them over from order.place in December 2025.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/New-Algo-Order
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal, invalid_data, neither, not_required, unknown_order_sent
from wireproof.venue.exchange import filters, placement, user_events
from wireproof.venue.exchange.records import LIMIT_TYPES, AlgoOrder, OrderRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.params import Params
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.order_flow import OrderFlow
    from wireproof.venue.exchange.records import Account, Order
    from wireproof.venue.exchange.state import ExchangeState

MAX_OPEN = 200
CLOSED_KEPT = 1_000
CLOSING_TYPES = frozenset({"STOP_MARKET", "TAKE_PROFIT_MARKET"})
CALLBACK_LEAST, CALLBACK_MOST = Decimal("0.1"), Decimal(20)  # per cent: docs/exchange.md#algo-service
CALLBACK_MOST_BEFORE = Decimal(10)  # until 2026-10-23
#: How parameters are called where the order requests took conditional orders, by their names of then.
ALGO_NAMES = {
    "stopPrice": "triggerPrice",
    "activationPrice": "activatePrice",
    "newClientOrderId": "clientAlgoId",
}
EXECUTIONS = {"NEW": "NEW", "CANCELED": "CANCELED", "EXPIRED": "EXPIRED", "REJECTED": "EXPIRED"}


class ConditionalOrderDesk:
    """Accepts conditional orders, and places their orders once prices reach them."""

    def __init__(self, state: ExchangeState, orders: OrderFlow) -> None:
        self._state, self._orders = state, orders
        self._ids = count(3_000_000_000_000_000 + state.rng.randrange(1_000_000_000))
        self._checking = False

    def place_as_order(self, account: Account, market: Market, params: Params) -> AlgoOrder:
        """Accept a conditional order of the time before the Algo service: with an order's id, names and events."""
        try:
            return self.place(
                account, market, params.renamed(ALGO_NAMES, algoType="CONDITIONAL"), self._orders.next_id()
            )
        except Refusal as refusal:
            names = {ours: sent for sent, ours in ALGO_NAMES.items()}
            text = re.sub("|".join(names), lambda found: names[found[0]], refusal.msg)
            raise Refusal(refusal.code, text, status=refusal.status, data=refusal.data) from None

    def place(self, account: Account, market: Market, params: Params, order_id: int = 0) -> AlgoOrder:
        """Accept a conditional order; its margin is checked only when it triggers."""
        if params.needed_text("algoType") != "CONDITIONAL":
            raise invalid_data("algoType")  # docs/exchange.md#unrecorded-refusals
        algo = self._read(account, market, params)
        algo.order_id = order_id
        if len(account.algos) >= MAX_OPEN:
            raise Refusal(-4045, "Reach max stop order limit.")
        if any(other.client_id == algo.client_id for other in account.algos.values()):
            raise Refusal(-4116, "ClientOrderId is duplicated.")
        self._check_not_passed(algo, market)
        if algo.trailing:
            algo.active = not algo.activate_price
            algo.extreme = self._price(algo, market)
        account.algos[algo.algo_id] = algo
        self._publish(algo, active=False if algo.trailing else None)
        if algo.trailing and algo.active:
            self._publish(algo, active=True)
        return algo

    def _read(self, account: Account, market: Market, params: Params) -> AlgoOrder:
        now = self._state.clock.now_ms()
        symbol = market.symbol
        filters.check_open(symbol)
        side = placement.read_side(params)
        kind = params.needed_choice("type", placement.CONDITIONAL_TYPES, Refusal(-1116, "Invalid orderType."))
        position_side = placement.read_position_side(params, account)
        time_in_force = params.choice(
            "timeInForce", placement.TIMES_IN_FORCE, Refusal(-1115, "Invalid timeInForce."), "GTC"
        )
        close_position = bool(params.flag("closePosition"))
        match = placement.read_price_match(params)
        price, trigger = ZERO, ZERO
        if kind in LIMIT_TYPES:
            if match == "NONE":
                price = params.needed_decimal("price")
                filters.check_price(symbol, price)
            else:
                params.without_number("price")
        elif params.decimal("price") is not None:
            raise not_required("price")
        elif match != "NONE":
            raise Refusal(-5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT")
        if kind == "TRAILING_STOP_MARKET":
            params.without_number("triggerPrice")
        else:
            trigger = params.needed_decimal("triggerPrice")
            self._check_trigger_filter(symbol, trigger)
        activate, callback = self._read_trailing(symbol, kind, params)
        reduce_only = placement.read_reduce_only(params, account)
        return AlgoOrder(
            algo_id=next(self._ids),
            account=account,
            symbol=symbol,
            client_id=placement.read_client_id(params, "clientAlgoId") or self._state.random_text(22),
            type=kind,
            side=side,
            position_side=position_side,
            # docs/exchange.md#orders-that-close-a-position
            time_in_force="GTE_GTC" if close_position else time_in_force,
            quantity=self._read_quantity(symbol, kind, params, close_position=close_position, reduce_only=reduce_only),
            price=price,
            trigger_price=trigger,
            working_type=placement.read_working_type(params),
            price_match=match,
            close_position=close_position,
            price_protect=bool(params.flag("priceProtect")),
            reduce_only=reduce_only,
            activate_price=activate,
            callback_rate=callback,
            stp=placement.read_stp(params),
            good_till=placement.read_good_till(params, time_in_force, now),
            created=now,
            updated=now,
        )

    @staticmethod
    def _check_trigger_filter(symbol: Symbol, trigger: Decimal) -> None:
        if trigger <= 0:
            raise Refusal(-4006, "Stop price less than zero.")
        if trigger > symbol.max_price:
            raise Refusal(-4007, "Stop price greater than max price.")
        filters.check_price(symbol, trigger)

    def _read_trailing(self, symbol: Symbol, kind: str, params: Params) -> tuple[Decimal, Decimal]:
        most = CALLBACK_MOST if self._state.era.has("wide-trailing") else CALLBACK_MOST_BEFORE
        if kind != "TRAILING_STOP_MARKET":
            for name in ("activatePrice", "callbackRate"):
                params.without_number(name)
            return ZERO, ZERO
        callback = params.needed_decimal("callbackRate")
        if not CALLBACK_LEAST <= callback <= most:
            raise invalid_data("callbackRate")
        activate = params.decimal("activatePrice") or ZERO
        if activate:
            if activate < 0:
                raise Refusal(-4135, "Invalid activation price")
            filters.check_price(symbol, activate)
        return activate, callback

    @staticmethod
    def _read_quantity(
        symbol: Symbol, kind: str, params: Params, *, close_position: bool, reduce_only: bool
    ) -> Decimal:
        if not close_position:
            quantity = placement.need_quantity(params)
            filters.check_quantity(symbol, quantity, market=kind not in LIMIT_TYPES)
            return quantity
        if kind not in CLOSING_TYPES:
            raise Refusal(
                -4020, f"Target strategy invalid for orderType '{kind}',reduceOnly '{str(reduce_only).lower()}'."
            )
        if params.decimal("quantity"):
            raise Refusal(-4137, "Quantity must be zero with closePosition equals true")
        if reduce_only:
            raise not_required("reduceOnly")
        return ZERO

    def _check_not_passed(self, algo: AlgoOrder, market: Market) -> None:
        now_at = self._price(algo, market)
        if algo.trailing:
            # A trailing sale becomes active when the price has risen to the activation price; a purchase, fallen.
            passed = algo.activate_price and (
                algo.activate_price <= now_at if algo.side == "SELL" else algo.activate_price >= now_at
            )
        else:
            passed = self._reached(algo, algo.trigger_price, now_at)
        if passed:
            raise Refusal(-2021, "Order would immediately trigger.")

    @staticmethod
    def _price(algo: AlgoOrder, market: Market) -> Decimal:
        return market.mark_price if algo.working_type == "MARK_PRICE" else market.last_price

    @staticmethod
    def _reached(algo: AlgoOrder, trigger: Decimal, price: Decimal) -> bool:
        return price >= trigger if algo.rises_to_trigger else price <= trigger

    def cancel(self, account: Account, params: Params) -> AlgoOrder:
        """Cancel the conditional order that algoId or clientAlgoId names; algoId wins when both are there."""
        algo_id = params.integer("algoId")
        client_id = params.text("clientAlgoId")
        if algo_id is None and client_id is None:
            raise neither("algoId", "clientAlgoId")
        if algo_id is not None:
            found = account.algos.get(algo_id)
        else:
            found = next((one for one in account.algos.values() if one.client_id == client_id), None)
        if found is None:
            raise unknown_order_sent()
        self._end(found, "CANCELED")
        return found

    @staticmethod
    def placed_as_order(account: Account, params: Params, symbol: str) -> AlgoOrder | None:
        """Return the waiting conditional order that orderId or else origClientOrderId names, if it was an order's."""
        order_id, client_id = params.integer("orderId"), params.text("origClientOrderId")
        for algo in account.algos.values():
            named = algo.order_id == order_id if order_id is not None else algo.client_id == client_id
            if algo.order_id and algo.symbol.name == symbol and algo.status == "NEW" and named:
                return algo
        return None

    def end(self, algo: AlgoOrder) -> None:
        """Cancel a conditional order."""
        self._end(algo, "CANCELED")

    def cancel_all(self, account: Account, symbol: str) -> None:
        """Cancel a symbol's conditional orders."""
        for algo in [one for one in account.algos.values() if one.symbol.name == symbol]:
            self._end(algo, "CANCELED")

    def expire_due(self, now: int) -> None:
        """Expire the conditional orders whose date has passed."""
        self.expire_dated(lambda algo: algo.good_till <= now)

    def expire_dated(self, due: Callable[[AlgoOrder], bool]) -> None:
        """Expire those conditional orders with a date that are `due`."""
        for account in self._state.accounts:
            for algo in [one for one in account.algos.values() if one.good_till and due(one)]:
                self._end(algo, "EXPIRED")

    def order_done(self, order: Order) -> None:
        """Finish the conditional order that turned into `order`, if there is one."""
        if order.algo is not None and order.algo.status == "TRIGGERED":
            self._end(order.algo, "FINISHED")

    def check(self, market: Market) -> None:
        """Trigger what the market's prices have reached; what that trades may trigger more."""
        if self._checking:
            return
        self._checking = True
        try:
            while due := [algo for algo in self._waiting(market) if self._is_due(algo, market)]:
                for algo in due:
                    self._trigger(algo, market)
        finally:
            self._checking = False

    def _waiting(self, market: Market) -> list[AlgoOrder]:
        return [
            algo
            for account in self._state.accounts
            for algo in account.algos.values()
            if algo.symbol is market.symbol and algo.status == "NEW"
        ]

    def _is_due(self, algo: AlgoOrder, market: Market) -> bool:
        price = self._price(algo, market)
        if not algo.trailing:
            return self._reached(algo, algo.trigger_price, price)
        selling = algo.side == "SELL"
        if not algo.active:
            if price < algo.activate_price if selling else price > algo.activate_price:
                return False
            algo.active, algo.extreme = True, price
            self._publish(algo, active=True)
            return False
        algo.extreme = max(algo.extreme, price) if selling else min(algo.extreme, price)
        give = algo.extreme * algo.callback_rate / 100
        return price <= algo.extreme - give if selling else price >= algo.extreme + give

    def _trigger(self, algo: AlgoOrder, market: Market) -> None:
        algo.triggered = self._state.clock.now_ms()
        self._move_to(algo, "TRIGGERING")
        try:
            request = self._order_request(algo, market)
            if request is None:
                self._end(algo, "EXPIRED")
                return
            placement.check_order(self._state, algo.account, request)
        except Refusal as refusal:
            algo.reject_reason = refusal.msg
            self._end(algo, "REJECTED")
            return
        order = self._orders.submit(algo.account, request, algo)
        self._move_to(algo, "TRIGGERED")
        if not order.is_open:
            self.order_done(order)

    def _order_request(self, algo: AlgoOrder, market: Market) -> OrderRequest | None:
        limit = algo.type in LIMIT_TYPES
        price = algo.price
        if limit and algo.price_match != "NONE":
            price = filters.matched_price(market, algo.side, algo.price_match)
        terms = algo.terms() | {
            "type": "LIMIT" if limit else "MARKET",
            "time_in_force": algo.time_in_force if limit else "GTC",
            "price": price,
            "good_till": algo.good_till if limit else 0,
        }
        request = OrderRequest(**terms)
        return placement.closing_request(request, algo.account) if algo.close_position else request

    def _move_to(self, algo: AlgoOrder, status: str) -> None:
        algo.status, algo.updated = status, self._state.clock.now_ms()
        self._publish(algo, active=True if algo.trailing else None)

    def _end(self, algo: AlgoOrder, status: str) -> None:
        closed = algo.account.closed_algos
        if algo.account.algos.pop(algo.algo_id, None) is not None:
            closed[algo.algo_id] = algo
        if len(closed) > CLOSED_KEPT:
            del closed[next(iter(closed))]
        self._move_to(algo, status)

    def _publish(self, algo: AlgoOrder, *, active: bool | None) -> None:
        now = self._state.clock.now_ms()
        if algo.order_id:  # once it triggers, its order reports for itself
            execution = EXECUTIONS.get(algo.status)
            if execution is not None and not active:
                event = user_events.conditional_update(algo, execution, now)
                self._state.publish(algo.account, event, algo.symbol.unit)
            return
        if active and not self._state.era.has("trailing-activation"):
            if algo.status == "NEW":  # that a trailing order became active was not reported
                return
            active = False
        event = user_events.algo_update(algo, now, active=active)
        self._state.publish(algo.account, event, algo.symbol.unit)

"""Records of an account: positions, orders by id and by client id, and what is kept of them."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.exchange.instruments import SYMBOLS
from wireproof.venue.exchange.records import CLOSED_ORDERS_KEPT, DAY_MS, OrderRequest, Position

D = Decimal
BTC = SYMBOLS["BTCUSDT"]


def test_position_arithmetic():
    """Opening averages, closing realises, turning starts afresh at the new price."""
    position = Position(BTC, "BOTH")
    assert position.apply(Decimal(2), Decimal(100), Decimal("0.2"), 20, isolated=False) == 0
    assert position.apply(Decimal(2), Decimal(110), Decimal("0.2"), 20, isolated=False) == 0
    assert (position.amount, position.entry, position.break_even) == (4, 105, Decimal("105.1"))

    assert position.apply(Decimal(-1), Decimal(125), Decimal(0), 20, isolated=False) == 20
    assert (position.amount, position.entry) == (3, 105)

    assert position.apply(Decimal(-5), Decimal(95), Decimal(0), 20, isolated=False) == -30
    assert (position.amount, position.entry, position.realised) == (-2, 95, -10)
    assert position.break_even == 95
    assert position.unrealised(Decimal(90)) == 10


def test_isolated_wallet_grows_and_shrinks_with_the_position():
    """Opening sets margin aside by the leverage, closing gives the same share back."""
    position = Position(BTC, "BOTH")
    position.apply(Decimal(4), Decimal(100), Decimal(0), 10, isolated=True)
    assert position.isolated_wallet == 40
    position.apply(Decimal(-1), Decimal(120), Decimal(0), 10, isolated=True)
    assert position.isolated_wallet == 30
    position.apply(Decimal(-3), Decimal(120), Decimal(0), 10, isolated=True)
    assert (position.isolated_wallet, position.entry) == (0, 0)


def test_an_order_is_the_request_that_it_came_from(exchange):
    """Every term of the request is a term of the order; without a client id it gets one."""
    request = OrderRequest(BTC, "BUY", "BOTH", "LIMIT", "GTC", D(1), D(60_000), client_id="mine")
    order = exchange.engine.orders.new_order(exchange.alice, request)
    assert order.terms() == request.terms()
    request.client_id = ""
    assert len(exchange.engine.orders.new_order(exchange.alice, request).client_id) == 22


def test_what_reduces(exchange):
    """Reduce-only orders in one-way mode; in hedge mode those that lead out of their side."""

    def reduces(side, position_side, *, reduce_only=False):
        return OrderRequest(BTC, side, position_side, "MARKET", "GTC", D(1), D(0), reduce_only=reduce_only).reduces

    assert [reduces("SELL", "BOTH"), reduces("SELL", "BOTH", reduce_only=True)] == [False, True]
    assert [reduces(side, mode) for mode in ("LONG", "SHORT") for side in ("BUY", "SELL")] == [False, True, True, False]


def test_queries_forget_orders_after_a_while(exchange):
    """An unfilled one after three days, a filled one after ninety, an open one never."""
    order = exchange.engine.orders.new_order(
        exchange.alice, OrderRequest(BTC, "BUY", "BOTH", "LIMIT", "GTC", D(1), D(60_000))
    )
    later = order.created + 3 * DAY_MS + 1
    assert not order.is_forgotten(later)
    order.status = "CANCELED"
    assert order.is_forgotten(later)
    order.executed = D(1)
    assert not order.is_forgotten(later)
    assert order.is_forgotten(order.created + 90 * DAY_MS + 1)


def test_the_latest_order_with_a_client_id_is_found(exchange):
    """Open ones before closed ones, and of the closed ones the latest; the oldest are dropped."""
    alice, numbers = exchange.alice, []
    for _ in range(CLOSED_ORDERS_KEPT + 1):
        order = exchange.engine.orders.new_order(
            alice, OrderRequest(BTC, "BUY", "BOTH", "MARKET", "GTC", D(1), D(0), client_id="mine")
        )
        alice.track(order)
        assert alice.find_order("BTCUSDT", None, "mine") is order
        alice.archive(order)
        numbers.append(order.order_id)
    assert alice.find_order("BTCUSDT", None, "mine").order_id == numbers[-1]
    assert alice.find_order("ETHUSDT", numbers[-1], None) is None
    assert alice.find_order("BTCUSDT", numbers[0], None) is None
    assert len(alice.closed_orders) == CLOSED_ORDERS_KEPT

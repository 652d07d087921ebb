"""The engine as a whole: whatever is sent, its books balance and it never falls over."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal

import pytest

KINDS = ["BUY", "SELL"]
ODD = [
    "",
    "0",
    "-1",
    "1e30",
    "1e-30",
    "NaN",
    "٣",
    "true",
    "null",
    "x" * 50,
    "9" * 40,
    "0.00000001",
    "BOTH",
    "GTD",
    "ACK",
]


def _random_order(rng):
    """Return a plausible order close to the market, of any kind."""
    price = Decimal(86250) + Decimal(rng.randint(-300, 300)) / 10
    order = {"symbol": "BTCUSDT", "side": rng.choice(KINDS), "quantity": f"{rng.randint(15, 600) / 10000:.4f}"}
    if rng.random() < 0.25:
        order["type"] = "MARKET"
    else:
        order |= {"type": "LIMIT", "price": str(price), "timeInForce": rng.choice(["GTC", "GTC", "GTX", "IOC", "FOK"])}
    if rng.random() < 0.2:
        order["reduceOnly"] = "true"
    if rng.random() < 0.4:
        order["selfTradePreventionMode"] = rng.choice(["NONE", "EXPIRE_TAKER", "EXPIRE_BOTH", "EXPIRE_MAKER"])
    return order


def _act(exchange, rng, account):
    """Do one thing at random."""
    choice = rng.random()
    if choice < 0.55:
        exchange.ask("order.place", account, **_random_order(rng))
    elif choice < 0.7 and account.open_orders:
        order = rng.choice(list(account.open_orders.values()))
        changes = {"quantity": f"{rng.randint(15, 900) / 10000:.4f}", "price": str(order.price + rng.randint(-20, 20))}
        exchange.ask("order.modify", account, symbol="BTCUSDT", side=order.side, orderId=order.order_id, **changes)
    elif choice < 0.8 and account.open_orders:
        order = rng.choice(list(account.open_orders.values()))
        exchange.ask("order.cancel", account, symbol="BTCUSDT", orderId=order.order_id)
    elif choice < 0.9:
        stop = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "type": "STOP_MARKET", "quantity": "0.01"}
        side = rng.choice(KINDS)
        trigger = 86250 + (40 if side == "BUY" else -40)
        exchange.ask("algoOrder.place", account, **stop, side=side, triggerPrice=str(trigger))
    else:
        exchange.engine.set_price("BTCUSDT", Decimal(86250 + rng.randint(-60, 60)))
    if rng.random() < 0.1:
        exchange.clock.advance(2000)
        exchange.venue.tick()


@pytest.mark.parametrize("seed", range(6))
def test_books_balance_whatever_happens(exchange, seed):
    """Wallets follow from the events' profits and fees, margin from the open orders, and the book never crosses."""
    rng = random.Random(seed)  # noqa: S311  # a failure must repeat
    accounts = exchange.venue.accounts
    if seed % 2:
        for account in accounts:
            exchange.engine.settings.set_margin_type(account, exchange.engine.markets["BTCUSDT"].symbol, isolated=True)
    for _ in range(150):
        _act(exchange, rng, rng.choice(accounts))

    fills = [event for _, event in exchange.events if event["e"] == "TRADE_LITE"]
    assert len(fills) > 20, "the scenario must trade, or it proves nothing"
    book = exchange.engine.markets["BTCUSDT"].book
    assert book.bids.best() < book.asks.best()
    for account in accounts:
        paid, position = Decimal(0), Decimal(0)
        for event in exchange.told(account, "ORDER_TRADE_UPDATE"):
            detail = event["o"]
            paid += Decimal(detail["rp"]) - Decimal(detail["n"])
            position += Decimal(detail["l"]) * (1 if detail["S"] == "BUY" else -1)
        assert account.wallets["USDT"] == 5000 + paid
        assert account.position(exchange.engine.markets["BTCUSDT"].symbol, "BOTH").amount == position
        held = defaultdict(Decimal)
        for order in account.open_orders.values():
            assert order.is_open
            assert order.resting is not None
            assert order.resting.remaining == order.remaining > 0
            assert order.resting in list(book.own(order.side).within(None))
            held[order.side] += 0 if order.reduces else order.remaining * order.price
        assert account.held("BTCUSDT", "BOTH") == (held["BUY"], held["SELL"])
    resting = [one for side in (book.bids, book.asks) for one in side.within(None) if one.order is not None]
    assert len(resting) == sum(len(account.open_orders) for account in accounts)


@pytest.mark.parametrize("seed", range(4))
def test_odd_values_are_refused_never_fatal(exchange, seed):
    """Every parameter with every odd value ends in an answer, refused or not."""
    rng = random.Random(seed)  # noqa: S311  # a failure must repeat
    sound = {
        "order.place": {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "60000"},
        "order.modify": {"symbol": "BTCUSDT", "side": "BUY", "orderId": 1, "price": "60000"},
        "algoOrder.place": {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP"},
        "depth": {"symbol": "BTCUSDT"},
        "account.position": {},
        "order.cancel": {"symbol": "BTCUSDT"},
    }
    names = "quantity price triggerPrice activatePrice callbackRate goodTillDate recvWindow orderId algoId limit symbol"
    names += " origClientOrderId newClientOrderId clientAlgoId closePosition reduceOnly priceMatch modifyId type side"
    for _ in range(150):
        method = rng.choice(list(sound))
        params = {"quantity": "0.01", **sound[method]}
        params |= {name: rng.choice(ODD) for name in rng.sample(names.split(), 2)}
        answer = exchange.ask(method, exchange.alice, **params)
        assert answer["status"] in {200, 400}, (method, params, answer)
        assert ("error" in answer) == (answer["status"] == 400)


def test_generated_ids_follow_the_seed(keys):
    """Order ids and client ids repeat with the seed; nothing secret does."""
    from wireproof.venue.base.venue_clock import ManualClock  # noqa: PLC0415  # only here
    from wireproof.venue.exchange.engine import Engine  # noqa: PLC0415

    one, two = Engine(ManualClock(), keys, seed=5), Engine(ManualClock(), keys, seed=5)
    assert one.random_text(22) == two.random_text(22)
    assert [account.alias for account in one.accounts] == [account.alias for account in two.accounts]

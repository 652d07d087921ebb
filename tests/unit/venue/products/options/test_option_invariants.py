"""Whatever is asked for, in whatever order: books do not cross, wallets are the sum of their bills, orders add up."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options.option_records import OptionRequest

STPS = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH")


def act(options, rng, contracts):
    """Do something at random; refusals are as good as anything."""
    engine, account = options.engine, rng.choice([options.alice, options.bob])
    contract = rng.choice(contracts)
    what = rng.random()
    if what < 0.6:
        touch = engine.open(contract).touch()
        tick = contract.underlying.tick
        price = max(rng.choice([touch.bid, touch.ask]) + rng.randint(-3, 3) * tick, tick)
        time = rng.choice(["GTC", "GTC", "IOC", "FOK", "GTX"])
        request = OptionRequest(
            contract,
            rng.choice(["BUY", "SELL"]),
            Decimal(rng.randint(1, 30)) / 100,
            price,
            time,
            reduce_only=rng.random() < 0.2,
            mmp=rng.random() < 0.3,
            stp=rng.choice(STPS),
        )
        engine.place(account, request)
    elif what < 0.7 and account.open_orders:
        engine.flow.cancel(rng.choice(list(account.open_orders.values())))
    elif what < 0.8:
        options.indexes["BTCUSDT"] *= 1 + Decimal(rng.randint(-30, 30)) / 10_000
    elif what < 0.9:
        options.pass_time(rng.choice([1_000, 5_000]))
    elif what < 0.93:
        terms = (rng.choice(["BUY", "SELL"]), Decimal("0.1"), contract.on_tick(engine.mark(contract)))
        block = engine.blocks.create(account, "TAKER", contract, terms)
        engine.blocks.accept(options.bob if account is options.alice else options.alice, block.key)
    else:
        engine.protection.set(account, "BTCUSDT", 3_000, 1_000, (Decimal("0.5"), Decimal(1)))


def check(options, contracts):
    """Hold what is true at any time."""
    for account in (options.alice, options.bob):
        assert account.wallet == sum(bill.amount for bill in account.bills)
        for order in account.open_orders.values():
            assert order.is_open
            assert order.resting is not None
            assert order.resting.remaining == order.remaining > 0
        for order in account.closed_orders.values():
            assert not order.is_open
            assert order.resting is None
            assert (order.status == "FILLED") == (order.executed == order.quantity)
    for contract in contracts:
        market = options.engine.market(contract)
        touch = market.touch()
        assert not touch.bid or not touch.ask or touch.bid < touch.ask
        resting = {order.order_id for order in market.user_orders()}
        open_ids = {
            order.order_id for account in (options.alice, options.bob) for order in account.orders_for(contract)
        }
        assert resting == open_ids
        for account in (options.alice, options.bob):
            fills = [fill for fill in account.fills if fill.order.contract is contract]
            signed = sum(fill.quantity if fill.order.side == "BUY" else -fill.quantity for fill in fills)
            assert account.amount(contract) == signed


@pytest.mark.parametrize("seed", range(3))
def test_nothing_breaks_whatever_is_done(options, seed):
    rng = random.Random(seed)  # noqa: S311  # repeatable on purpose
    for account in (options.alice, options.bob):
        account.credit("TRANSFER", Decimal(1_000_000), 0)
    names = ("BTC-261225-90000-C", "BTC-261225-90000-P", "BTC-260925-86000-C")
    contracts = [options.engine.contract(name) for name in names]
    refused = 0
    for _ in range(250):
        try:
            act(options, rng, contracts)
        except Refusal:
            refused += 1
        check(options, contracts)
    assert refused < 150
    assert options.alice.fills
    for contract in contracts:
        options.engine.settlement.settle(contract)
    check(options, [])
    assert not options.alice.held_positions()
    assert not options.alice.open_orders

"""What happens every second."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.products.options.options_engine import MOST_TRADED, OPENED_AT_FIRST, OPENED_PER_TICK

SYMBOL = "BTC-261225-90000-C"


def test_markets_are_opened_one_after_the_other(options):
    assert len(options.engine.markets) == OPENED_AT_FIRST
    options.pass_time(1_000)
    assert len(options.engine.markets) == OPENED_AT_FIRST + OPENED_PER_TICK


def test_the_state_has_the_orders_and_positions_of_accounts(options):
    options.order(options.alice, quantity="0.1")
    options.order(options.bob, side="BUY", price="1400", quantity="0.2", client_id="mine")
    state = options.engine.state()
    assert list(state["alice"]["positions"]) == [SYMBOL]
    assert state["alice"]["positions"][SYMBOL]["quantity"] == "0.1"
    assert (state["alice"]["open_orders"], state["bob"]["open_orders"]) == ([], ["mine"])
    assert state["bob"]["positions"] == {}


def test_simulated_traders_trade_where_somebody_asked(options):
    options.engine.moves = True
    market = options.engine.open(options.contract)
    other = options.engine.market(options.engine.contract("BTC-261225-90000-P"))
    counts = len(market.trades), len(other.trades)
    seen = []
    options.engine.traded.subscribe(seen.append)
    for _ in range(20):
        options.pass_time(1_000)
    assert len(market.trades) == counts[0] + len(seen) > counts[0]
    assert len(other.trades) == counts[1]
    for _ in range(60):
        options.pass_time(1_000)
    assert options.engine.asked == {}


def test_simulated_traders_trade_in_some_markets_only(options):
    """However many somebody asked for: a second must not take long."""
    options.engine.moves = True
    for contract in options.engine.contracts.values():
        options.engine.open(contract)
    seen = []
    options.engine.traded.subscribe(seen.append)
    options.pass_time(1_000)
    assert 0 < len(seen) <= MOST_TRADED


def test_resting_orders_meet_quotes_that_nobody_asked_for(options):
    ask = options.engine.open(options.contract).touch().ask
    order = options.order(price=str(ask - 5), quantity="0.01")
    options.indexes["BTCUSDT"] -= 2_000
    options.pass_time(1_000)
    assert order.status == "FILLED"


def test_accounts_with_positions_are_reported_every_ten_seconds(options):
    options.order(quantity="0.01")
    options.order(options.bob, price="2000")
    options.events.clear()
    for _ in range(10):
        options.pass_time(1_000)
    assert [(name, event["e"]) for name, event in options.events] == [
        ("alice", "ACCOUNT_UPDATE"),
        ("alice", "GREEK_UPDATE"),
    ]


def test_marks_are_renewed_while_somebody_wants_them(options):
    options.engine.beat()
    everything = options.engine.contracts.values()
    before = list(options.engine.marks.marks(everything))
    options.clock.advance(1_000)
    for _ in range(20):
        options.engine.beat()
    after = list(options.engine.marks.marks(everything))
    assert {mark.time for mark in before} == {options.engine.now() - 1_000}
    assert {mark.time for mark in after} == {options.engine.now()}


def test_countdowns_are_looked_at_between_seconds(options):
    order = options.order(price="2000")
    options.engine.protection.count_down(options.alice, options.contract.underlying, 5_000)
    options.clock.advance(5_000)
    options.engine.beat()
    assert order.status == "CANCELED"


def test_new_contracts_are_signalled(options):
    found = []
    options.engine.listed.subscribe(found.append)
    options.indexes["BTCUSDT"] = Decimal(99_000)
    options.pass_time(1_000)
    assert {one.underlying.name for one in found} == {"BTCUSDT"}

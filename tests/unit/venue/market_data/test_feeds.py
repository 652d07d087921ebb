"""Strangers keep the markets alive and leave users' orders alone."""

from __future__ import annotations

import pytest

from wireproof.venue.base.refusals import Refusal


@pytest.fixture
def data(exchange):
    return exchange.venue.market_data


def run(exchange, data, beats: int) -> None:
    exchange.engine.moves = True
    for _ in range(beats):
        exchange.clock.advance(100)
        data.beat()


def test_strangers_trade_in_every_market(exchange, data):
    """In five seconds of market time each one has new trades, at the maker's touch."""
    before = {name: market.trade_id for name, market in exchange.engine.markets.items()}
    run(exchange, data, 50)

    for name, market in exchange.engine.markets.items():
        assert market.trade_id > before[name]
        assert market.last_price in market.inside()


def test_strangers_stay_away_while_markets_stand_still(exchange, data):
    """As tests ask for."""
    before = {name: market.trade_id for name, market in exchange.engine.markets.items()}
    for _ in range(20):
        exchange.clock.advance(100)
        data.beat()

    assert before == {name: market.trade_id for name, market in exchange.engine.markets.items()}


def test_strangers_leave_users_orders_alone(exchange, data):
    """An order that is best in the book is not hit by them."""
    bid, _ask = exchange.engine.market("BTCUSDT").inside()
    order = exchange.order(exchange.alice, "BUY", "0.0100", str(bid + exchange.engine.symbols["BTCUSDT"].tick))
    run(exchange, data, 50)

    assert exchange.status_of(exchange.alice, order) == "NEW"


def test_strangers_change_the_book(exchange, data):
    """What they take is missing at the touch, and the update id tells."""
    market = exchange.engine.market("BTCUSDT")
    before, update = market.book.bids.best_quantity() + market.book.asks.best_quantity(), market.update_id
    run(exchange, data, 10)

    assert market.book.bids.best_quantity() + market.book.asks.best_quantity() < before
    assert market.update_id > update


def test_an_unlisted_symbol_has_no_feed(data):
    """It is refused as everywhere."""
    with pytest.raises(Refusal, match="-1121"):
        data.feed("NOPEUSDT")


def test_memory_stays_flat_over_an_hour(exchange, data):
    """Trades, aggregates and candles are bounded; an hour leaves no more behind than ten minutes."""
    feed = data.feed("BTCUSDT")
    exchange.engine.moves = True

    def held() -> tuple[int, ...]:
        for _ in range(600):
            exchange.clock.advance(1_000)
            data.beat()
        return len(feed.tape.trades), len(feed.tape.aggregates)

    first = [held() for _ in range(6)]
    assert first[-1] <= (2_000, 2_000)
    assert len(feed.trades.minutes) <= 6_000


def test_the_past_is_made_up_in_turns(data):
    """So that no single beat takes long; in the end all are done."""
    turns = 1
    while data.recall():
        turns += 1

    assert turns > 10 * len(data.feeds)
    assert all(len(feed.trades.days) for feed in data.feeds.values())

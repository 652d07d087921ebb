"""One option's market: quotes, trades, candles."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.market_data.candles import DAY
from wireproof.venue.products.options.option_market import LEVELS


def test_quotes_lie_around_the_mark_price_on_the_tick(options):
    market = options.engine.open(options.contract)
    mark = options.engine.mark(options.contract)
    touch = market.touch()
    assert touch.bid < mark < touch.ask
    assert touch.bid % 5 == touch.ask % 5 == 0
    bids, asks = market.depth(100)
    assert len(bids) == len(asks) == LEVELS
    lowest, highest = options.contract.price_bounds(mark)
    assert lowest <= bids[-1].price
    assert asks[-1].price <= highest


def test_what_is_worth_almost_nothing_has_no_bid(options):
    market = options.engine.open(options.contract)
    market.quote(Decimal("0.3"), options.engine.now())
    touch = market.touch()
    assert (touch.bid, touch.bid_quantity) == (0, 0)
    assert touch.ask == 5


def test_a_market_has_traded_before_the_venue_started(options):
    market = options.engine.open(options.contract)
    day = market.last_day(options.engine.now())
    assert day.trades
    assert [one.trade_id for one in day.trades] == list(range(1, len(day.trades) + 1))
    assert day.volume == sum(one.quantity for one in day.trades)
    assert all(one.number > 2**53 for one in day.trades)


def test_trades_leave_the_last_day(options):
    market = options.engine.open(options.contract)
    now = options.engine.now()
    assert market.last_day(now + DAY).trades == []


def test_candles_hold_what_traded_before_and_since(options):
    market, now = options.engine.open(options.contract), options.engine.now()
    before = sum(int(one.quantity * 100) for one in market.trades)
    series = market.series(now)
    market.record(Decimal(6_900), Decimal("0.5"), sold=False, now=now)
    for interval in ("1m", "1h", "1d", "3d", "1w", "1M"):
        candles = series.candles(interval, 3_000, None, None)
        assert sum(one.volume for one in candles) == before + 50, interval
    assert series.current.close == 6_900_000
    assert series.current.taker_volume == 50


def test_simulated_traders_take_from_the_market_maker_only(options):
    market, now = options.engine.open(options.contract), options.engine.now()
    trade = market.take(now)
    assert trade is not None
    assert market.trades[-1] is trade
    options.order(side="BUY", price=str(market.touch().bid + 5), quantity="1")
    options.order(options.bob, side="SELL", price=str(market.touch().ask - 5), quantity="0.05")
    assert market.take(now) is None


def test_block_trades_are_listed_apart(options):
    market = options.engine.open(options.contract)
    trade = market.record(Decimal(7_000), Decimal(1), sold=True, now=options.engine.now(), block=True)
    assert market.blocks[-1] is trade
    assert trade.side == -1
    assert trade.trade_id == market.trades[-1].trade_id


def test_nothing_is_taken_where_too_little_is_quoted(options):
    market = options.engine.open(options.contract)
    for side in (market.book.bids, market.book.asks):
        for resting in side.within(None):
            resting.remaining = Decimal("0.01")
    assert market.take(options.engine.now()) is None

"""What is made up of the time before the venue started."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wireproof.venue.base.turns import at_once
from wireproof.venue.exchange.coin_instruments import coin_symbols
from wireproof.venue.exchange.instruments import SYMBOLS
from wireproof.venue.market_data.candles import DAY, HOUR, MINUTE, Series
from wireproof.venue.market_data.past import likened, past_candles, past_trades
from wireproof.venue.market_data.tape import Units

NOW = 1_790_000_040_000
SOME = [SYMBOLS["BTCUSDT"], SYMBOLS["DOGEUSDT"], coin_symbols(NOW)["ETHUSD_PERP"]]


@pytest.fixture(params=SOME, ids=lambda symbol: symbol.name)
def units(request):
    """Return the units of a symbol."""
    return Units(request.param)


def test_trades_end_at_the_price_and_id_of_the_present(units):
    """Ids are consecutive, times rise, whole minutes are there; the same again on the next run."""
    price = units.price(units.symbol.start_price)
    trades = past_trades(units, price, 5_000, NOW)
    assert (trades[-1].id, trades[-1].price) == (5_000, price)
    assert [trade.id for trade in trades] == list(range(trades[0].id, 5_001))
    assert all(one.time < other.time for one, other in pairwise(trades))
    assert trades[-1].time < NOW
    assert trades == past_trades(units, price, 5_000, NOW)


def test_candles_are_without_gaps_and_join(units):
    """Days, then hours, then minutes; each closes where the next one opens, and holds its own prices."""
    trades = past_trades(units, units.price(units.symbol.start_price), 5_000_000, NOW)
    past = at_once(past_candles(units, trades, NOW))
    for layer, unit in ((past.days, DAY), (past.hours, HOUR), (past.minutes, MINUTE)):
        assert [candle.start for candle in layer] == list(range(layer.start, layer.end, unit))
        assert all(one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high for one in layer)
        assert all(one.taker_volume <= one.volume for one in layer)
    assert past.days.end == past.hours.start
    assert past.hours.end == past.minutes.start
    assert past.days.start >= units.symbol.onboarded // DAY * DAY


def test_a_price_that_follows_another_one(units):
    """It has candles at the same times, with as many samples as there were minutes, and no volume."""
    trades = past_trades(units, units.price(units.symbol.start_price), 5_000_000, NOW)
    source = Series(trades[-1].price, NOW, lambda: past_candles(units, trades, NOW))
    past = at_once(likened(source, lambda price: price * 2, 60, NOW // MINUTE * MINUTE))
    source.roll(NOW)
    first = source.minutes.at(0)
    assert (past.minutes.start, past.minutes.at(0).close) == (first.start, first.close * 2)
    assert {candle.volume for candle in past.minutes} == {0}
    assert ({one.count for one in past.minutes}, {one.count for one in past.hours}) == ({60}, {3_600})

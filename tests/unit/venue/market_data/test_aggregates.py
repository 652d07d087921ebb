"""How aggregate trades are shown."""

from __future__ import annotations

import pytest

from wireproof.venue.market_data.aggregates import aggregate
from wireproof.venue.market_data.tape import Aggregate


@pytest.mark.parametrize("name", ["BTCUSDT", "BTCUSD_PERP"])
def test_only_linear_contracts_say_what_was_not_filled_of_rpi_orders(exchange, name):
    feed = exchange.venue.market_data.feed(name)
    one = Aggregate(id=7, price=feed.tape.trades[-1].price, quantity=20, normal=15, first=3, last=4, time=9, maker=True)
    view = aggregate(feed, one)
    assert {name: view[name] for name in "aflTm"} == {"a": 7, "f": 3, "l": 4, "T": 9, "m": True}
    assert view["q"] == feed.units.quantity_text(20)
    assert view.get("nq") == (None if feed.symbol.inverse else feed.units.quantity_text(15))

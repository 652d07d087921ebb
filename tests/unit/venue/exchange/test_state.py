"""The state of the exchange: what is listed, whose key it is, and who gets an account's events."""

from __future__ import annotations

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange.instruments import CM, UM


def test_a_symbol_that_was_never_listed_is_refused(exchange):
    """-1121, whether a listed one is asked for or any."""
    for look_up in (exchange.engine.market, exchange.engine.listed):
        with pytest.raises(Refusal) as refused:
            look_up("NOPE")
        assert refused.value.code == -1121


def test_a_delivered_contract_has_a_market_but_is_not_listed(exchange):
    """Its past can still be asked for."""
    engine = exchange.engine
    market = next(one for one in engine.markets.values() if not one.symbol.perpetual)
    engine.unlist(market)
    name = market.symbol.name
    assert engine.market(name) is market
    assert name not in engine.symbols
    with pytest.raises(Refusal):
        engine.listed(name)


def test_a_dated_contract_shares_the_index_of_its_perpetual(exchange):
    """It has an underlying market; a perpetual has none."""
    markets = exchange.engine.markets
    for market in markets.values():
        if market.symbol.perpetual:
            assert market.underlying is None
        else:
            assert market.underlying.symbol.pair == market.symbol.pair
            assert market.index_price == market.underlying.index_price


def test_a_revoked_key_belongs_to_nobody(exchange):
    """Nor does an unknown one."""
    engine, key = exchange.engine, exchange.alice.key
    assert engine.account_of(key.api_key) is exchange.alice
    key.revoked = True
    assert engine.account_of(key.api_key) is None
    assert engine.account_of("x" * 64) is None


def test_published_events_say_whose_they_are_and_of_which_product(exchange):
    """USDⓈ-M's unless told otherwise."""
    seen = []
    exchange.engine.published.subscribe(seen.append)
    exchange.engine.publish(exchange.alice, {"e": "ONE"})
    exchange.engine.publish(exchange.bob, {"e": "TWO"}, CM)
    assert [tuple(event) for event in seen] == [
        (exchange.alice, {"e": "ONE"}, UM),
        (exchange.bob, {"e": "TWO"}, CM),
    ]

"""Engines of products: made once, moved with the clock, asked for streams, found by operations."""

from __future__ import annotations

import dataclasses

import pytest

from wireproof.venue.api.call import Call, VenueProduct
from wireproof.venue.api.product_engine import ProductEngine
from wireproof.venue.base.params import Params
from wireproof.venue.products.futures.stream_catalogue import FuturesStreams


class Counting(ProductEngine):
    """Counts how often it is moved."""

    def __init__(self, _services, _hurry):
        self.ticks = self.beats = 0

    def tick(self):
        """Count a second."""
        self.ticks += 1

    def beat(self):
        """Count a beat."""
        self.beats += 1


FIRST, SECOND = (VenueProduct(name, (f"/{name}/",), engine=Counting) for name in ("first", "second"))


@pytest.fixture
def services(exchange):
    found = dataclasses.replace(exchange.venue.services, engines={})
    found.open([FIRST, SECOND, VenueProduct("third", ("/third/",))], lambda _subject: None)
    return found


def test_products_that_state_the_same_share_an_engine(services):
    assert set(services.engines) == {"first", "second"}
    assert services.engines["first"] is services.engines["second"]


def test_an_operation_gets_the_engine_of_its_product(services):
    call = Call(services, FIRST, Params({}), "127.0.0.1")
    assert call.own(Counting) is services.engines["first"]
    with pytest.raises(AssertionError):
        call.own(FuturesStreams)


def test_engines_move_with_the_venue(exchange, services):
    """Once for all products that share one."""
    exchange.venue.services.engines |= services.engines
    exchange.venue.tick()
    exchange.venue.beat()
    exchange.venue.beat()
    engine = services.engines["first"]
    assert (engine.ticks, engine.beats) == (1, 2)


def test_an_engine_has_no_streams_unless_it_says_so():
    engine = ProductEngine()
    engine.tick()
    engine.beat()
    assert engine.stream("btcusdt@depth") is None


def test_an_engine_cannot_be_controlled_unless_it_says_so():
    with pytest.raises(ValueError, match="nothing of this product"):
        ProductEngine().control({"anything": 1})

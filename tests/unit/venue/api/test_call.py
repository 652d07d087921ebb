"""Products, and what a call finds of the one that was asked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.api.call import Call, VenueProduct, by_symbol, constant_weight
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.registry import PRODUCTS


def call(exchange, product, account=None, **params):
    """Return a call with parameters."""
    return Call(exchange.venue.services, product, Params(params), "127.0.0.1", account)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda one: one.name)
def test_a_call_finds_markets_of_its_product_only(exchange, product):
    """Others, and those that nobody lists, are -1121."""
    names = {market.symbol.name for market in call(exchange, product).markets()}
    assert {feed.symbol.name for feed in call(exchange, product).feeds()} == names
    for name in (*exchange.engine.symbols, "NOPE"):
        asked = call(exchange, product, symbol=name)
        if name in names:
            assert asked.market().symbol.name == asked.feed().symbol.name == asked.optional_symbol() == name
            continue
        with pytest.raises(Refusal) as refused:
            asked.market()
        assert refused.value.code == -1121


def test_a_product_of_neither_kind_lists_nothing_of_the_futures(exchange):
    other = VenueProduct("other", ("/other/",), ())
    assert call(exchange, other).markets() == []
    assert call(exchange, other).optional_symbol() is None


def test_a_call_of_nobody_has_no_account(exchange):
    assert call(exchange, PRODUCTS[0], exchange.alice).account is exchange.alice
    with pytest.raises(Refusal) as refused:
        _ = call(exchange, PRODUCTS[0]).account
    assert refused.value.code == -2015


def test_weights():
    """Some depend on whether a symbol is named."""
    assert {constant_weight(5)(Params(given)) for given in ({}, {"symbol": "X"})} == {5}
    assert [by_symbol(1, 40)(Params(given)) for given in ({"symbol": "X"}, {})] == [1, 40]


def test_funding_is_counted_by_path(exchange):
    """In the place of a weight: statistics by their folder, rates of funding by their paths."""
    limits = exchange.venue.services.five_minutes
    assert limits.of_path("/fapi/v1/fundingRate") is limits.of_path("/dapi/v1/fundingInfo") is not None
    assert limits.of_path("/futures/data/basis").limit == 1_000
    assert limits.of_path("/dapi/v1/fundingRate") is None
    assert Decimal(limits.connections.limit) == 300

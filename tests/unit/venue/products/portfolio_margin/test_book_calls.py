"""Requests handed on to one of both futures."""

from __future__ import annotations

from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.products.portfolio_margin.book_calls import CM_BOOK, UM_BOOK, as_book, fields_of, of_book
from wireproof.venue.products.portfolio_margin.portfolio_engine import portfolio_of
from wireproof.venue.products.portfolio_margin.portfolio_margin_product import PORTFOLIO_MARGIN


def test_a_book_lists_its_own_contracts_for_the_portfolio(exchange):
    """Whoever asks."""
    call = Call(exchange.venue.services, PORTFOLIO_MARGIN, Params({}), "", exchange.alice)
    for book, name in ((UM_BOOK, "BTCUSDT"), (CM_BOOK, "BTCUSD_PERP")):
        own = as_book(call, book)
        assert own.account is portfolio_of(call).futures
        assert name in {market.symbol.name for market in own.markets()}
    assert not {*as_book(call, UM_BOOK).markets()} & {*as_book(call, CM_BOOK).markets()}
    assert of_book(CM_BOOK, lambda own: own.product)(call) is CM_BOOK


def test_fields_are_cut_and_put_in_order():
    """Of an object and of each row of a list; one that is not there is left out."""
    cut = fields_of("b a d")
    assert list(cut({"a": 1, "b": 2, "c": 3}).items()) == [("b", 2), ("a", 1)]
    assert cut([{"a": 1}, {"c": 3}]) == [{"a": 1}, {}]

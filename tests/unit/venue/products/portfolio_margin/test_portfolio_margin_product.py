"""Portfolio margin as a whole: where it is asked, and where its streams are."""

from __future__ import annotations

from wireproof.venue.products.portfolio_margin.portfolio_margin_product import PORTFOLIO_MARGIN


def test_no_request_stands_there_twice():
    names = [route.name for route in PORTFOLIO_MARGIN.routes]
    assert len(names) == len(set(names))


async def test_its_streams_are_below_a_root_of_their_own(rest):
    assert rest.venue.urls[PORTFOLIO_MARGIN.name]["stream"] == rest.venue.stream_url + "/pm"
    assert PORTFOLIO_MARGIN.name in rest.venue.ready_line

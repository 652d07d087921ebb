"""How both products show the margin of an asset and of a position."""

from __future__ import annotations

from wireproof.venue.exchange.instruments import CM
from wireproof.venue.exchange.records import Position
from wireproof.venue.products.futures.margin_views import cross, margins, position_margins


def test_margins_of_an_asset_are_those_of_its_positions_and_orders(exchange):
    """What is in use is missing from what is free, and the other product's asset of the same name has no part in it."""
    exchange.order(exchange.alice, "BUY", "0.0100", "80000")
    view, free = margins(exchange.alice, "USDT"), cross(exchange.alice, "USDT")
    assert view["openOrderInitialMargin"] == view["initialMargin"] == "40.00000000"
    assert (view["walletBalance"], view["positionInitialMargin"]) == ("5000.00000000", "0.00000000")
    assert free["availableBalance"] == "4960.00000000"
    assert margins(exchange.alice, "BTC", unit=CM)["initialMargin"] == "0.00000000"


def test_a_symbol_without_position_has_only_settings(exchange):
    view = position_margins(exchange.alice, Position(exchange.engine.symbols["ETHUSDT"], "BOTH"))
    assert (view.pop("leverage"), view.pop("isolated")) == ("20", False)
    assert {float(value) for value in view.values()} == {0.0}

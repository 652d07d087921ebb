"""Details of how REST shows things that the tests of the routes do not see."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.products.options import option_views as views


@pytest.mark.parametrize(("amount", "shown"), [("0", 0), ("-2.50", -2.5), ("7000.000", 7_000)])
def test_numbers_are_whole_when_they_can_be(amount, shown):
    found = views.number(Decimal(amount))
    assert (found, type(found)) == (shown, type(shown))


def test_an_acknowledgement_hides_what_happened_at_once(options):
    order = options.order(quantity="0.1")
    assert views.placed_view(order, result=True)["status"] == "FILLED"
    hidden = views.placed_view(order, result=False)
    assert (hidden["status"], hidden["executedQty"], hidden["avgPrice"], hidden["fee"]) == ("NEW", "0", "0", 0)


def test_a_short_position_has_a_positive_worth(options):
    options.order(side="SELL", quantity="0.1")
    (position,) = options.alice.held_positions()
    row = views.position_view(position, Decimal(7_000), (Decimal(0), Decimal("0.5")), 5)
    assert (row["quantity"], row["markValue"], row["askQuantity"]) == ("-0.1", "700", "0.5000")
    assert Decimal(row["unrealizedPNL"]) == (position.entry - 7_000) / 10

"""What is asked over either surface is the same request, as documented."""

from __future__ import annotations

from wireproof.suite.products.usdm import DRIVER


def test_what_can_be_asked_over_another_surface_is_documented_on_both(store):
    subjects = {c.name for c in store.contracts.values() if c.product == DRIVER.product}
    documented = {name for pair in (*DRIVER.over_rest.items(), *DRIVER.over_ws.items()) for name in pair}
    assert documented - subjects == set()


def test_paths_stand_below_the_root():
    [book] = DRIVER.books
    assert book.path("openOrders") == f"{book.root}/openOrders"
    assert book.path("/futures/data/basis") == "/futures/data/basis"

"""Portfolio margin pro: a product without a book, whose listen key is another product's."""

from __future__ import annotations

from wireproof.suite.products.portfolio_margin_pro import DRIVER


def test_it_has_neither_orders_nor_a_websocket_api(store):
    assert (DRIVER.books, DRIVER.ws_api) == ((), False)
    surfaces = {contract.surface.value for contract in store.contracts.values() if contract.product == DRIVER.product}
    assert surfaces == {"rest", "event"}


def test_its_private_stream_has_the_key_in_its_path(store):
    assert DRIVER.listen_key.in_path
    assert DRIVER.listen_key.source in store.products

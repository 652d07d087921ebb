"""Portfolio margin has three books on one account, whose symbols and prices other hosts know."""

from __future__ import annotations

from wireproof.suite.products.portfolio_margin import CM, DRIVER, MARGIN, UM


def test_each_book_has_its_orders_below_its_own_root():
    assert [book.root for book in DRIVER.books] == [UM, CM, MARGIN]
    for book in DRIVER.books:
        assert all(book.root in request for kind in book.kinds for request in (kind.place, kind.cancel, kind.listed))


def test_conditional_orders_of_coin_margined_futures_are_named_as_strategies():
    conditional = DRIVER.books[1].algo_orders
    assert conditional.named("BTCUSD_PERP", "wp-1") == {"symbol": "BTCUSD_PERP", "newClientStrategyId": "wp-1"}
    assert conditional.renamed["triggerPrice"] == "stopPrice"


def test_cancelling_an_order_list_ends_only_its_own_orders():
    orders = DRIVER.books[2].orders
    assert DRIVER.kind_of(f"DELETE {MARGIN}/orderList") is orders
    assert not DRIVER.ends_orders(f"DELETE {MARGIN}/orderList", orders)
    assert DRIVER.ends_orders(f"DELETE {MARGIN}/allOpenOrders", orders)

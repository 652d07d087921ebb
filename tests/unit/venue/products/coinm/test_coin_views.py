"""Contracts of COIN-M as its answers show them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wireproof.venue.exchange.coin_instruments import coin_symbols
from wireproof.venue.products.coinm.coin_views import coin_info

NOW = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp() * 1000)


LISTED = coin_symbols(NOW)


@pytest.mark.parametrize(("name", "symbol"), LISTED.items(), ids=LISTED)
def test_listed_filters_agree_with_the_contract(name, symbol):
    """Whole contracts; start prices on the tick; the information says what is checked."""
    info = coin_info(symbol)
    assert symbol.start_price % symbol.tick == 0
    assert (info["symbol"], info["contractSize"], info["marginAsset"]) == (name, symbol.contract_size, symbol.base)
    assert [one["filterType"] for one in info["filters"]] == [
        "PRICE_FILTER",
        "LOT_SIZE",
        "MARKET_LOT_SIZE",
        "MAX_NUM_ORDERS",
        "MAX_NUM_ALGO_ORDERS",
        "PERCENT_PRICE",
    ]
    assert (info["maxMoveOrderLimit"], info["permissionSets"]) == (symbol.max_modifications, ["GRID"])

"""Positions, balances and margin: exact arithmetic in one-way and hedge mode, cross and isolated."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.exchange import margin
from wireproof.venue.exchange.instruments import SYMBOLS

BTC = SYMBOLS["BTCUSDT"]


def test_new_account_has_the_testnets_balances(exchange):
    """5000 USDT, 5000 USDC, 0.01 BTC, leverage 20, cross, one-way."""
    assert [exchange.wallet(exchange.alice, asset) for asset in ("USDT", "USDC", "BTC")] == [
        "5000.00000000",
        "5000.00000000",
        "0.01000000",
    ]
    row = exchange.position(exchange.alice)
    assert (row["leverage"], row["marginType"], row["positionSide"]) == ("20", "cross", "BOTH")


def test_fees_and_profit_go_to_the_wallet(exchange):
    """Taker 0.04 %, maker 0.02 %, profit of the closed part; to the last decimal."""
    exchange.order(exchange.alice, "BUY", "0.01")  # at 86250.1
    exchange.order(exchange.alice, "SELL", "0.01")  # at 86249.9
    paid = Decimal("0.01") * (Decimal("86250.1") + Decimal("86249.9")) * Decimal("0.0004")
    assert Decimal(exchange.wallet(exchange.alice)) == 5000 - paid - Decimal("0.002")

    exchange.order(exchange.bob, "BUY", "0.01", "86250.0")
    exchange.order(exchange.carol, "SELL", "0.01")
    assert Decimal(exchange.wallet(exchange.bob)) == 5000 - Decimal("862.5") * Decimal("0.0002")


def test_isolated_position_keeps_its_margin_out_of_the_cross_wallet(exchange):
    """The wallet balance stays, the cross wallet shrinks by what is set aside."""
    exchange.engine.settings.set_margin_type(exchange.alice, BTC, isolated=True)
    exchange.order(exchange.alice, "BUY", "0.01")
    row = exchange.position(exchange.alice)
    balance = exchange.get("account.balance", exchange.alice)[0]

    assert (row["marginType"], row["isolated"], row["isolatedWallet"]) == ("isolated", True, "43.12505000")
    assert Decimal(balance["balance"]) - Decimal(balance["crossWalletBalance"]) == Decimal("43.12505")
    assert 0 < Decimal(row["liquidationPrice"]) < Decimal(row["markPrice"])


def test_order_margin_is_of_the_larger_side(exchange):
    """Bids and asks of one symbol share their margin: only the larger notional counts."""
    exchange.order(exchange.alice, "BUY", "0.1", "60000.0")
    one = exchange.get("v2/account.status", exchange.alice)
    exchange.order(exchange.alice, "SELL", "0.05", "90000.0")
    two = exchange.get("v2/account.status", exchange.alice)

    assert one["totalOpenOrderInitialMargin"] == two["totalOpenOrderInitialMargin"] == "300.00000000"
    assert two["availableBalance"] == "4700.00000000"


def test_margin_comes_back_when_orders_end(exchange):
    """After cancels and closes everything is available again, but for fees."""
    for price in ("60000.0", "61000.0"):
        exchange.order(exchange.alice, "BUY", "0.1", price)
    exchange.order(exchange.alice, "BUY", "0.01")
    for order in list(exchange.alice.open_orders.values()):
        exchange.engine.orders.cancel(order)
    exchange.order(exchange.alice, "SELL", "0.01")

    assert exchange.get("account.balance", exchange.alice)[0]["availableBalance"] == exchange.wallet(exchange.alice)


def test_hedge_mode_keeps_two_positions(exchange):
    """LONG and SHORT live side by side; no BOTH row."""
    exchange.go_hedge(exchange.alice)
    exchange.order(exchange.alice, "BUY", "0.02", positionSide="LONG")
    exchange.order(exchange.alice, "SELL", "0.01", positionSide="SHORT")

    rows = exchange.get("account.position", exchange.alice, symbol="BTCUSDT")
    assert [(row["positionSide"], row["positionAmt"]) for row in rows] == [("LONG", "0.0200"), ("SHORT", "-0.0100")]
    exchange.order(exchange.alice, "SELL", "0.02", positionSide="LONG")
    exchange.order(exchange.alice, "BUY", "0.01", positionSide="SHORT")
    assert exchange.get("v2/account.position", exchange.alice, symbol="BTCUSDT") == []


def test_hedge_position_cannot_be_oversold(exchange):
    """Closing more than there is: -2022; nothing to close: -2022."""
    exchange.go_hedge(exchange.alice)
    exchange.order(exchange.alice, "BUY", "0.02", positionSide="LONG")
    assert (
        exchange.refuse_order(exchange.alice, side="SELL", positionSide="LONG", quantity="0.03", price="87000.0")[1]
        == -2022
    )
    assert exchange.refuse_order(exchange.alice, side="BUY", positionSide="SHORT")[1] == -2022


def test_v1_positions_list_every_symbol_v2_only_those_in_use(exchange):
    """A resting order alone makes a zero row in v2."""
    listed = [name for name, symbol in exchange.engine.symbols.items() if not symbol.inverse]
    assert [row["symbol"] for row in exchange.get("account.position", exchange.alice)] == listed
    assert exchange.get("v2/account.position", exchange.alice) == []
    exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    (row,) = exchange.get("v2/account.position", exchange.alice)
    assert (row["symbol"], row["positionAmt"], row["bidNotional"]) == ("BTCUSDT", "0.0000", "600")
    assert exchange.refuse("account.position", exchange.alice, symbol="NOPE")[1] == -1121


def test_measured_extra_fields_of_v1_positions(exchange):
    """Isolated (bool) and adlQuantile are in no documented example."""
    row = exchange.position(exchange.alice)
    assert (row["isolated"], row["adlQuantile"], row["isAutoAddMargin"]) == (False, 0, "false")


def test_multi_assets_mode_pools_the_assets(exchange):
    """Every asset backs every position; totals are in USD."""
    exchange.engine.settings.set_multi_assets(exchange.alice, enabled=True)
    status = exchange.get("account.status", exchange.alice)
    expected = Decimal(10_000) + Decimal("0.01") * exchange.engine.mark_price("BTCUSDT")

    assert status["multiAssetsMargin"] is True
    assert abs(Decimal(status["totalWalletBalance"]) - expected) < Decimal("0.00000001")
    assert status["assets"][0]["availableBalance"] == status["availableBalance"] == status["totalWalletBalance"]
    exchange.order(exchange.alice, "BUY", "2", "60000.0")  # 6000 of margin: more than the USDT


@pytest.mark.parametrize("symbol", ["BTCUSDC", "ETHUSDC"])
def test_usdc_contracts_are_backed_by_usdc(exchange, symbol):
    """Margin, fees and events are in the quote asset."""
    exchange.order(exchange.alice, "BUY", "0.02", symbol=symbol)
    assert exchange.wallet(exchange.alice) == "5000.00000000"
    assert Decimal(exchange.wallet(exchange.alice, "USDC")) < 5000
    assert exchange.told(exchange.alice, "ACCOUNT_UPDATE")[0]["a"]["B"][0]["a"] == "USDC"


def test_liquidation_price_is_where_margin_meets_maintenance(exchange):
    """At the liquidation price the margin balance equals the maintenance margin of the current bracket."""
    exchange.order(exchange.alice, "BUY", "0.5")
    position = exchange.alice.positions["BTCUSDT", "BOTH"]
    price = margin.liquidation_price(exchange.alice, position)
    mark = exchange.alice.mark("BTCUSDT")
    rate = BTC.maintenance(position.amount * mark) / (position.amount * mark)
    balance = margin.cross_wallet(exchange.alice, "USDT") + position.unrealised(price)
    assert abs(balance - position.amount * price * rate) < Decimal("0.0001")

"""COIN-M contracts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from wireproof.venue.exchange.coin_instruments import coin_symbols
from wireproof.venue.exchange.records import Position

D = Decimal
NOW = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp() * 1000)
LISTED = coin_symbols(NOW)
BTC = LISTED["BTCUSD_PERP"]


def test_perpetuals_and_quarters():
    """At least ten perpetual contracts; BTC and ETH with the current and the next quarter."""
    kinds = {(symbol.base, symbol.contract_type) for symbol in LISTED.values()}
    assert sum(kind == "PERPETUAL" for _, kind in kinds) >= 10
    assert {name for name in LISTED if not name.endswith("_PERP")} == {
        "BTCUSD_261225",
        "BTCUSD_270326",
        "ETHUSD_261225",
        "ETHUSD_270326",
    }
    assert LISTED["BTCUSD_261225"].contract_type == "CURRENT_QUARTER"
    assert LISTED["BTCUSD_270326"].contract_type == "NEXT_QUARTER"
    assert not LISTED["BTCUSD_270326"].perpetual
    assert BTC.perpetual


def test_quantities_are_contracts():
    """One contract of BTC is 100 USD, of the others 10."""
    assert BTC.value(D(2), D(80_000)) == D("0.0025")
    assert BTC.mean_price(D(2), D("0.0025")) == 80_000
    assert LISTED["ETHUSD_PERP"].value(D(-3), D(3000)) == D("-0.01")
    assert BTC.lots(1_050, D(80_000)) == 10
    assert BTC.lots(1, D(80_000)) == 1


def test_a_long_position_gains_coin_when_the_price_rises():
    """100 contracts from 80,000 to 100,000 USD are 0.125 BTC worth 0.1 BTC; the entry price is the harmonic mean."""
    position = Position(BTC, "BOTH")
    assert position.apply(D(100), D(80_000), D("0.00005"), 10, isolated=False) == 0
    assert position.unrealised(D(100_000)) == D("0.025")
    assert position.break_even == D(100 * 100) / (D("0.125") - D("0.00005"))
    position.apply(D(100), D(100_000), D(0), 10, isolated=False)
    assert round(position.entry, 4) == D("88888.8889")
    assert position.apply(D(-200), D(100_000), D(0), 10, isolated=False) == D("0.025")
    assert (position.amount, position.entry) == (0, 0)


def test_a_short_position_gains_coin_when_the_price_falls():
    """An isolated one sets coin aside by its leverage."""
    position = Position(BTC, "SHORT")
    position.apply(D(-100), D(80_000), D(0), 10, isolated=True)
    assert position.isolated_wallet == D("0.0125")
    assert position.unrealised(D(50_000)) == D("0.075")
    assert position.apply(D(50), D(50_000), D(0), 10, isolated=True) == D("0.0375")
    assert position.isolated_wallet == D("0.00625")

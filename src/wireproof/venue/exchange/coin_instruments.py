"""COIN-M contracts: inverse, quoted in USD, margined in coin; perpetual ones, and quarterly ones (see `quarters`).

https://developers.binance.com/docs/derivatives/coin-margined-futures/market-data/rest-api/Exchange-Information
"""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.exchange.instruments import CM, Symbol, brackets, contract
from wireproof.venue.exchange.quarters import quarterlies

# base, start price in USD, tick, USD per contract, highest leverage, coins that the smallest bracket caps at, kind
_TABLE = (
    ("BTC", "86280.0", "0.1", 100, 125, 5, "PoW"),
    ("ETH", "2816.10", "0.01", 10, 100, 50, "Layer-1"),
    ("BNB", "845.500", "0.001", 10, 75, 200, "Layer-1"),
    ("XRP", "2.0655", "0.0001", 10, 75, 50_000, "Payment"),
    ("ADA", "0.41210", "0.00001", 10, 75, 100_000, "Layer-1"),
    ("SOL", "131.280", "0.001", 10, 75, 1_000, "Layer-1"),
    ("DOGE", "0.142540", "0.000001", 10, 75, 500_000, "Meme"),
    ("LTC", "84.72", "0.01", 10, 75, 2_000, "PoW"),
    ("LINK", "12.643", "0.001", 10, 50, 10_000, "Infrastructure"),
    ("DOT", "2.346", "0.001", 10, 50, 30_000, "Layer-1"),
    ("BCH", "548.40", "0.01", 10, 75, 300, "PoW"),
)
COINS = tuple(row[0] for row in _TABLE)
_SMALLEST_CAP = 300_000  # of the unscaled table


def _inverse(row: tuple[str, str, str, int, int, int, str]) -> Symbol:
    base, start, tick, size, leverage, cap, subtype = row
    return contract(
        (f"{base}USD_PERP", base, "USD"),
        (start, tick, "1"),
        max_qty=Decimal(1_000_000),
        market_max_qty=Decimal(60_000),
        min_notional=Decimal(0),
        multiplier_up=Decimal("1.05"),
        multiplier_down=Decimal("0.95"),
        brackets=brackets(leverage, Decimal(cap) / _SMALLEST_CAP),
        subtype=subtype,
        onboarded=1_597_042_800_000,
        max_open_orders=200,
        contract_size=size,
        pair=f"{base}USD",
        unit=CM,
    )


def coin_symbols(now_ms: int) -> dict[str, Symbol]:
    """Return what COIN-M lists at `now_ms`, by name."""
    perpetuals = [_inverse(row) for row in _TABLE]
    return {symbol.name: symbol for symbol in perpetuals} | quarterlies(perpetuals, now_ms)

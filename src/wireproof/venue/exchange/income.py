"""What changed an account's wallets: the income history.

https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

KEPT = 4_000  # rows per account; older ones are dropped


@dataclass(frozen=True, slots=True)
class Income:
    """One change of a wallet; `amount` in `asset`, negative when paid."""

    kind: str
    amount: Decimal
    asset: str
    time: int
    number: int
    symbol: str = ""
    info: str = ""
    trade_id: str = ""

    @property
    def coin_margined(self) -> bool:
        """Whether the row belongs to COIN-M."""
        return "USD_" in self.symbol  # USDⓈ-M's dated contracts have an underscore, too: BTCUSDT_261225


class IncomeLedger:
    """The income of one account, oldest first."""

    def __init__(self) -> None:
        self.rows: deque[Income] = deque(maxlen=KEPT)
        self._numbers = count(9_689_000_001)

    def add(self, kind: str, amount: Decimal, asset: str, now: int, *, symbol: str = "", trade_id: str = "") -> None:
        """Record that `amount` of `asset` came in, or went out when negative; zero is not recorded."""
        if amount:
            row = Income(kind, amount, asset, now, next(self._numbers), symbol, kind, trade_id)
            self.rows.append(row)

    def trade(
        self,
        symbol: str,
        asset: str,
        profit: Decimal,
        fee: Decimal,
        *,
        trade_id: int,
        now: int,
        kind: str = "REALIZED_PNL",
    ) -> None:
        """Record the profit of one execution, as `kind`, and its commission."""
        self.add("COMMISSION", -fee, asset, now, symbol=symbol, trade_id=str(trade_id))
        self.add(kind, profit, asset, now, symbol=symbol, trade_id=str(trade_id))

    def between(self, start: int, end: int, *, coin_margined: bool) -> Iterator[Income]:
        """Yield the rows of a product from `start` to `end`, both inclusive."""
        return (row for row in self.rows if start <= row.time <= end and row.coin_margined == coin_margined)

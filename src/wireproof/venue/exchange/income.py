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

    from wireproof.venue.exchange.instruments import Symbol

KEPT = 4_000  # rows per account; older ones are dropped


@dataclass(frozen=True, slots=True)
class Income:
    """One change of a wallet of a business `unit`; `amount` in `asset`, negative when paid."""

    unit: str
    kind: str
    amount: Decimal
    asset: str
    time: int
    number: int
    symbol: str = ""
    info: str = ""
    trade_id: str = ""


class IncomeLedger:
    """The income of one account, oldest first."""

    def __init__(self) -> None:
        self.rows: deque[Income] = deque(maxlen=KEPT)
        self._numbers = count(9_689_000_001)

    def add(
        self, unit: str, kind: str, amount: Decimal, asset: str, now: int, *, symbol: str = "", trade_id: str = ""
    ) -> None:
        """Record that `amount` of `asset` came in, or went out when negative; zero is not recorded."""
        if amount:
            row = Income(unit, kind, amount, asset, now, next(self._numbers), symbol, kind, trade_id)
            self.rows.append(row)

    def trade(
        self,
        symbol: Symbol,
        profit: Decimal,
        fee: Decimal,
        *,
        trade_id: int,
        now: int,
        kind: str = "REALIZED_PNL",
    ) -> None:
        """Record the profit of one execution, as `kind`, and its commission."""
        for what, amount in (("COMMISSION", -fee), (kind, profit)):
            self.add(*(symbol.unit, what, amount, symbol.margin_asset, now), symbol=symbol.name, trade_id=str(trade_id))

    def between(self, start: int, end: int, unit: str) -> Iterator[Income]:
        """Yield the rows of a business unit from `start` to `end`, both inclusive."""
        return (row for row in self.rows if start <= row.time <= end and row.unit == unit)

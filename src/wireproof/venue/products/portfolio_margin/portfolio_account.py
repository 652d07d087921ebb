"""One portfolio margin account: what it has in cross margin and in both futures, and what all of it carries together.

Equity, margins and their ratio (uniMMR) are in dollars: docs/exchange.md#portfolio-margin-ratio
https://developers.binance.com/docs/derivatives/portfolio-margin/account/Account-Information
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import margin
from wireproof.venue.exchange.coin_instruments import COINS
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.exchange.records import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ASSETS_OF_PORTFOLIO = ("USDT", "USDC", *COINS)
# docs/exchange.md#portfolio-margin-accounts
OPENING_MARGIN = {"USDT": Decimal(20_000), "USDC": Decimal(5_000), "BTC": Decimal(1), "ETH": Decimal(10)} | {
    "BNB": Decimal(50)
}
OPENING_LINEAR, OPENING_INVERSE = {"USDT": Decimal(2_000)}, {"BTC": Decimal("0.1")}
# What of an asset's worth counts as equity.
COLLATERAL_RATES = {"USDT": Decimal(1), "USDC": Decimal("0.9999"), "BTC": Decimal("0.95"), "ETH": Decimal("0.95")}
OTHER_RATE = Decimal("0.9")
LOAN_INITIAL, LOAN_MAINTENANCE = Decimal("0.1"), Decimal("0.05")  # margins of a loan, of its worth
BORROW_LIMITS = {"USDT": Decimal(200_000), "USDC": Decimal(100_000), "BTC": Decimal(5)}
OTHER_LIMIT = Decimal(1_000)
MOST_RATIO = Decimal(99_999_999)  # of an account that needs no margin
# uniMMR at and below which a level begins, worst first.
LEVELS = (
    (Decimal("1.05"), "FORCE_LIQUIDATION"),
    (Decimal("1.2"), "REDUCE_ONLY"),
    (Decimal("1.5"), "MARGIN_CALL"),
)
NORMAL = "NORMAL"


@dataclass(slots=True)
class CrossAsset:
    """What the cross margin wallet has, and owes, of one asset."""

    free: Decimal = ZERO
    locked: Decimal = ZERO  # by open orders
    borrowed: Decimal = ZERO
    interest: Decimal = ZERO
    updated: int = 0

    @property
    def held(self) -> Decimal:
        """Return what is there, loans included."""
        return self.free + self.locked

    @property
    def owed(self) -> Decimal:
        """Return the loan with its interest."""
        return self.borrowed + self.interest


class PortfolioAccount:
    """What one user has in portfolio margin.

    Args:
        owner: The account that the API key belongs to. Listen keys and permissions are its own.
        now_ms: When the account was opened, in milliseconds.
        open_losses: Returns what its open margin orders would lose at once, by asset; positive.
        kind: What tells its futures account from the owner's others.
    """

    def __init__(
        self,
        owner: Account,
        now_ms: int,
        open_losses: Callable[[PortfolioAccount], Mapping[str, Decimal]],
        kind: str = "portfolio",
    ) -> None:
        self.owner, self.created, self.open_losses = owner, now_ms, open_losses
        self.futures = Account(
            f"{owner.name} {kind}", owner.alias, owner.key, owner.mark, now_ms, symbols=owner.symbols
        )
        self.futures.wallets = {asset: OPENING_LINEAR.get(asset, ZERO) for asset in (*owner.wallets, "BNB")}
        self.futures.wallet_updated = dict.fromkeys(self.futures.wallets, now_ms)
        self.futures.coins = {asset: OPENING_INVERSE.get(asset, ZERO) for asset in COINS}
        self.futures.collateral = self
        self.margin = {
            asset: CrossAsset(free=OPENING_MARGIN.get(asset, ZERO), updated=now_ms) for asset in ASSETS_OF_PORTFOLIO
        }
        self.enabled = True  # whether the key may use portfolio margin
        self.auto_repay = True
        self.level = NORMAL
        self.scripted_level = ""  # set by the venue's control

    # one asset

    def dollars(self, asset: str) -> Decimal:
        """Return what one unit of an asset is worth."""
        return margin.usd_price(self.futures, asset)

    def wallet(self, asset: str, unit: str) -> Decimal:
        """Return the wallet of an asset in one of both futures."""
        return self.futures.wallets_of(unit).get(asset, ZERO)

    def profit(self, asset: str, unit: str) -> Decimal:
        """Return the unrealised profit in an asset in one of both futures."""
        return margin.cross_profit(self.futures, asset, unit=unit)

    def total(self, asset: str) -> Decimal:
        """Return what the three wallets have of an asset together; negative when they owe it."""
        futures = (self.wallet(asset, one) for one in (UM, CM))
        return self.margin[asset].held + sum(futures, ZERO)

    def net(self, asset: str) -> Decimal:
        """Return what of an asset belongs to the user, unrealised profit included."""
        cross = self.margin[asset]
        futures = sum((self.wallet(asset, unit=one) + self.profit(asset, unit=one) for one in (UM, CM)), ZERO)
        return cross.held - cross.owed + futures

    # the whole account, in dollars

    def equity(self) -> Decimal:
        """Return the equity: what is owned counts by its collateral rate, what is owed in full."""
        found = ZERO
        for asset in ASSETS_OF_PORTFOLIO:
            worth = self.net(asset) * self.dollars(asset)
            found += worth * COLLATERAL_RATES.get(asset, OTHER_RATE) if worth > 0 else worth
        return to_money(found)

    def actual_equity(self) -> Decimal:
        """Return the equity without collateral rates."""
        return to_money(sum((self.net(asset) * self.dollars(asset) for asset in ASSETS_OF_PORTFOLIO), ZERO))

    def initial_margin(self) -> Decimal:
        """Return the initial margin of positions, orders and loans."""
        found = sum((one.owed * self.dollars(asset) * LOAN_INITIAL for asset, one in self.margin.items()), ZERO)
        for name, side in self._keys():
            needed = margin.position_margin(self.futures, name, side) + margin.order_margin(self.futures, name, side)
            found += needed * self.dollars(self.futures.symbols[name].margin_asset)
        return to_money(found)

    def _keys(self) -> list[tuple[str, str]]:
        keys = [key for key, position in self.futures.positions.items() if position.amount]
        return keys + [key for key in self.futures.held_keys() if key not in keys]

    def maintenance_margin(self) -> Decimal:
        """Return the maintenance margin of positions and loans."""
        found = sum((one.owed * self.dollars(asset) * LOAN_MAINTENANCE for asset, one in self.margin.items()), ZERO)
        for position in self.futures.open_positions():
            needed = margin.maintenance(self.futures, position)
            found += needed * self.dollars(position.symbol.margin_asset)
        return to_money(found)

    def open_loss(self) -> Decimal:
        """Return what open margin orders would lose at once."""
        return to_money(sum((loss * self.dollars(asset) for asset, loss in self.open_losses(self).items()), ZERO))

    def ratio(self) -> Decimal:
        """Return uniMMR: how many times equity covers the maintenance margin."""
        needed = self.maintenance_margin()
        return to_money(min(self.equity() / needed, MOST_RATIO)) if needed else MOST_RATIO

    def available(self) -> Decimal:
        """Return what is free: docs/exchange.md#portfolio-margin-balances."""
        return self.equity() - self.initial_margin()

    def level_by_ratio(self) -> str:
        """Return the risk level that the account is at."""
        if self.scripted_level:
            return self.scripted_level
        ratio = self.ratio()
        return next((name for most, name in LEVELS if ratio <= most), NORMAL)

    def check_opening(self) -> None:
        """Refuse orders that open positions while the account may only reduce them.

        docs/exchange.md#portfolio-margin-ratio
        """
        if self.level_by_ratio() in {"REDUCE_ONLY", "FORCE_LIQUIDATION"}:
            raise Refusal(-4087, "User can only place reduce only order")

    # loans

    def borrow_limit(self, asset: str) -> Decimal:
        """Return how much of an asset may be owed at all."""
        return BORROW_LIMITS.get(asset, OTHER_LIMIT)

    def borrowable(self, asset: str) -> Decimal:
        """Return how much more of an asset may be borrowed."""
        backed = max(self.available(), ZERO) / (self.dollars(asset) * LOAN_INITIAL)
        return to_money(max(min(backed, self.borrow_limit(asset) - self.margin[asset].borrowed), ZERO))

    def withdrawable(self, asset: str) -> Decimal:
        """Return how much of an asset may leave the margin wallet."""
        rate = COLLATERAL_RATES.get(asset, OTHER_RATE)
        backed = max(self.available(), ZERO) / (self.dollars(asset) * rate)
        return to_money(max(min(self.margin[asset].free, backed), ZERO))

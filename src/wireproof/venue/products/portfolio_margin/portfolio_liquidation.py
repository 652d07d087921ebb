"""Liquidation of a portfolio: its orders end, its positions are closed, and its loans are repaid with what there is.

It is complete once it begins, and there is no fee: docs/exchange.md#portfolio-margin-ratio
"""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.exchange.exchange_orders import close_at
from wireproof.venue.exchange.liquidation import PREFIX
from wireproof.venue.exchange.margin import STABLE
from wireproof.venue.exchange.records import OrderRequest
from wireproof.venue.products.portfolio_margin.margin_records import MARGIN_SYMBOLS, MarginOrder

if TYPE_CHECKING:
    from wireproof.venue.exchange.engine import Engine
    from wireproof.venue.exchange.records import Position
    from wireproof.venue.products.portfolio_margin.loan_desk import LoanDesk
    from wireproof.venue.products.portfolio_margin.margin_desk import MarginDesk
    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

REACH = Decimal("0.05")  # how far from the mark price a position is sold or bought back in the book
MORE = Decimal("1.002")  # of a debt is bought, so that it is covered when the fee is paid


class PortfolioLiquidator:
    """Closes what an account can no longer carry."""

    def __init__(self, engine: Engine, margin: MarginDesk, loans: LoanDesk) -> None:
        self._engine, self._margin, self._loans = engine, margin, loans
        self._numbers = count(1)

    def liquidate(self, portfolio: PortfolioAccount) -> None:
        """Liquidate all of an account."""
        engine, futures = self._engine, portfolio.futures
        for margin_order in self._margin.open_orders(portfolio):
            self._margin.expire(margin_order)
        for order in futures.orders_of(None):
            engine.orders.cancel(order)
        for position in list(futures.open_positions()):
            self._close(portfolio, position)
        for asset, cross in portfolio.margin.items():
            if cross.owed:
                self._repay(portfolio, asset)

    def _close(self, portfolio: PortfolioAccount, position: Position) -> None:
        """Close a position in the book, and what finds nobody there at the mark price."""
        symbol, selling = position.symbol, position.amount > 0
        mark = portfolio.futures.mark(symbol.name)
        price = mark * (1 - REACH if selling else 1 + REACH) // symbol.tick * symbol.tick
        request = OrderRequest(
            symbol=symbol,
            side="SELL" if selling else "BUY",
            position_side=position.side,
            type="LIMIT",
            time_in_force="IOC",
            quantity=abs(position.amount),
            price=price,
            stp="NONE",
            client_id=self._client_id(),
            forced=True,
        )
        order = self._engine.orders.submit(portfolio.futures, request)
        if order.executed:
            self._engine.liquidator.liquidated.send(order)
        if position.amount:
            rest = abs(position.amount)
            close_at(self._engine.orders, portfolio.futures, position, rest, price=mark, client_id=self._client_id())

    def _client_id(self) -> str:
        return f"{PREFIX}{self._engine.clock.now_ms()}{next(self._numbers):06}"

    def _repay(self, portfolio: PortfolioAccount, asset: str) -> None:
        """Repay a loan with the asset itself, then with what others sell for, or buy it."""
        cross = portfolio.margin[asset]
        if cross.free:
            self._loans.repay(portfolio, asset, min(cross.free, cross.owed))
        for symbol in MARGIN_SYMBOLS.values():
            if not cross.owed:
                return
            wanted = cross.owed * MORE
            if asset in STABLE and symbol.quote == asset:
                there = portfolio.margin[symbol.base].free
                self._trade(portfolio, symbol.name, "SELL", min(there, wanted / portfolio.dollars(symbol.base)))
            elif symbol.base == asset:
                price = self._margin.markets[symbol.name].quotes("BUY")[0].price
                self._trade(portfolio, symbol.name, "BUY", min(portfolio.margin[symbol.quote].free / price, wanted))

    def _trade(self, portfolio: PortfolioAccount, name: str, side: str, quantity: Decimal) -> None:
        """Trade a quantity at the market by force, unless it is too small; what comes in repays what is owed."""
        symbol, market, now = MARGIN_SYMBOLS[name], self._margin.markets[name], self._engine.clock.now_ms()
        on_step = min(quantity, symbol.max_quantity) // symbol.step * symbol.step
        if side == "BUY":
            while on_step > 0 and market.cost("BUY", on_step) > portfolio.margin[symbol.quote].free:
                on_step -= max(symbol.step, on_step / 100 // symbol.step * symbol.step)
        if on_step <= 0:
            return
        order = MarginOrder(
            portfolio=portfolio,
            symbol=symbol,
            order_id=next(self._margin.order_ids),
            client_id=self._client_id(),
            side=side,
            type="MARKET",
            time_in_force="GTC",
            quantity=on_step,
            price=ZERO,
            stop_price=ZERO,
            iceberg=ZERO,
            stp="NONE",
            side_effect="AUTO_REPAY",
            repay_at_cancel=False,
            created=now,
            updated=now,
            forced=True,
        )
        self._margin.place(order)

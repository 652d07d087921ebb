"""Settings of an account: leverage, margin type, position mode, multi-assets mode, and margin moved by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import margin, user_events
from wireproof.venue.exchange.filters import check_open
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.exchange.records import MarginChange

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.records import Account
    from wireproof.venue.exchange.state import ExchangeState


class AccountSettings:
    """Changes accounts' settings, each with its refusals."""

    def __init__(self, state: ExchangeState) -> None:
        self._state = state

    def _has_open_orders(self, account: Account, symbol: str | None = None, *, linear_only: bool = False) -> bool:
        """Whether orders or conditional orders are open, of one symbol or of any."""
        symbols = [order.symbol for order in account.open_orders.values()]
        symbols += [algo.symbol for algo in account.algos.values()]
        return any(symbol in {None, one.name} and not (linear_only and one.unit == CM) for one in symbols)

    def set_leverage(self, account: Account, symbol: Symbol, leverage: int) -> None:
        """Change a symbol's leverage; -4028, -4161 or -2027 where that is refused."""
        check_open(symbol)
        if not 1 <= leverage <= symbol.max_leverage:
            raise Refusal(-4028, f"Leverage {leverage} is not valid")
        lower = leverage < account.leverage(symbol.name)
        if lower and symbol.name in account.isolated and any(account.open_positions(symbol.name)):
            raise Refusal(-4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions.")
        cap = symbol.notional_cap(leverage)
        if any(margin.exposure(account, symbol.name, side) > cap for side in account.sides()):
            raise Refusal(-2027, "Exceeded the maximum allowable position at current leverage.")
        account.leverages[symbol.name] = leverage
        event = user_events.leverage_update(symbol.name, leverage, self._state.clock.now_ms())
        self._state.publish(account, event, symbol.unit)

    def set_margin_type(self, account: Account, symbol: Symbol, *, isolated: bool) -> None:
        """Change a symbol's margin type; -4046, -4168, -4047 or -4048 where that is refused."""
        check_open(symbol)
        if (symbol.name in account.isolated) == isolated:
            raise Refusal(-4046, "No need to change margin type.")
        if isolated and account.multi_assets and symbol.unit == UM:
            raise Refusal(-4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode.")
        if self._has_open_orders(account, symbol.name):
            raise Refusal(-4047, "Margin type cannot be changed if there exists open orders.")
        if any(account.open_positions(symbol.name)):
            raise Refusal(-4048, "Margin type cannot be changed if there exists position.")
        (account.isolated.add if isolated else account.isolated.discard)(symbol.name)
        # No event: ACCOUNT_UPDATE MARGIN_TYPE_CHANGE belongs to a position or an isolated wallet, and there is none.

    def change_margin(self, account: Account, symbol: Symbol, side: str, amount: Decimal, *, adding: bool) -> None:
        """Move margin into an isolated position, or out of it if not `adding`; -4049 to -4051, -4054, -4055."""
        if amount <= 0:
            raise Refusal(-4055, "Amount must be positive.")
        if symbol.name not in account.isolated:
            raise Refusal(-4049, "Add margin only support for isolated position.")
        position = account.position(symbol, side)
        if not position.amount:
            raise Refusal(-4054, "Cannot add position margin: position is 0.")
        if adding and amount > margin.available(account, symbol.margin_asset, unit=symbol.unit):
            raise Refusal(-4050, "Cross balance insufficient.")
        lost = min(position.unrealised(account.mark(symbol.name)), ZERO)
        if not adding and amount > position.isolated_wallet + lost - margin.position_margin(account, symbol.name, side):
            raise Refusal(-4051, "Isolated balance insufficient.")
        now = self._state.clock.now_ms()
        position.isolated_wallet += amount if adding else -amount
        position.updated = now
        account.history.margin_changes.append(MarginChange(symbol, side, amount, adding, now))
        touched = [symbol.margin_asset]
        event = user_events.account_update(account, "MARGIN_TRANSFER", touched, [position], now, unit=symbol.unit)
        self._state.publish(account, event, symbol.unit)

    def set_position_mode(self, account: Account, *, hedge: bool) -> None:
        """Change the position mode of both products (docs/exchange.md#shared-position-mode); -4059, -4067, -4068."""
        if account.hedge_mode == hedge:
            raise Refusal(-4059, "No need to change position side.")
        if self._has_open_orders(account):
            raise Refusal(-4067, "Position side cannot be changed if there exists open orders.")
        if any(account.open_positions()):
            raise Refusal(-4068, "Position side cannot be changed if there exists position.")
        account.hedge_mode = hedge

    def set_multi_assets(self, account: Account, *, enabled: bool) -> None:
        """Change between single-asset and multi-assets mode; -4171, -4170, -4167."""
        if account.multi_assets == enabled:
            raise Refusal(-4171, "Adjusted asset mode is currently set and does not need to be adjusted repeatedly.")
        if self._has_open_orders(account, linear_only=True):
            raise Refusal(-4170, "Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures.")
        if enabled and any(self._state.symbols[name].unit == UM for name in account.isolated):
            raise Refusal(
                -4167,
                "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.",
            )
        account.multi_assets = enabled
        self._state.publish(account, user_events.multi_assets_update(enabled=enabled, now=self._state.clock.now_ms()))

"""What options are worth: prices and Greeks by Black and Scholes, on a volatility smile.

Greeks are in the exchange's units: theta per day, vega per percentage point of volatility, all of one unit of the base
asset (docs/exchange.md#options-greeks). Numbers are floats: volatilities are no amounts of money.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from blackscholes import BlackScholesCall, BlackScholesPut

if TYPE_CHECKING:
    from wireproof.venue.products.options.option_instruments import OptionContract

RISK_FREE = 0.0525  # docs/exchange.md#options-streams
YEAR_MS = 365 * 86_400_000
SHORTEST_MS = 60_000  # an option is never priced closer to its expiry
SKEW, CURVATURE = -0.03, 0.03  # of the smile, in standard deviations from the money
NEAR_TERM = 0.12  # how much more the next days swing than the year
LOWEST_IV, HIGHEST_IV = 0.05, 4.0
ACCURACY = 1e-9  # of an implied volatility
MOST_STEPS = 60


class OptionValue(NamedTuple):
    """The worth of one contract in USDT, with the volatility that it was priced at and its Greeks per unit."""

    price: float
    iv: float
    delta: float
    gamma: float
    theta: float
    vega: float


class Pricer:
    """Prices one contract at one time and index."""

    def __init__(self, contract: OptionContract, index: float, now: int, rate: float = RISK_FREE) -> None:
        self._index, self._strike, self._unit = index, float(contract.strike), contract.underlying.unit
        self._years = max(contract.expiry - now, SHORTEST_MS) / YEAR_MS
        self._formula = BlackScholesCall if contract.call else BlackScholesPut
        self._rate = rate
        self._volatility = contract.underlying.volatility

    def _at(self, volatility: float) -> BlackScholesCall | BlackScholesPut:
        return self._formula(S=self._index, K=self._strike, T=self._years, r=self._rate, sigma=volatility)

    def smile(self) -> float:
        """Return the volatility that the contract's strike and expiry are priced at: higher away from the money."""
        away = log(self._strike / self._index) / (self._volatility * sqrt(self._years))
        away = max(-4.0, min(away, 4.0))
        middle = self._volatility + NEAR_TERM * exp(-12 * self._years)
        return min(max(middle * (1 + SKEW * away + CURVATURE * away * away), LOWEST_IV), HIGHEST_IV)

    def value(self, volatility: float | None = None) -> OptionValue:
        """Return the contract's worth at a volatility, by default that of the smile."""
        iv = self.smile() if volatility is None else volatility
        option = self._at(iv)
        return OptionValue(
            price=max(option.price(), 0.0) * self._unit,
            iv=iv,
            delta=option.delta(),
            gamma=option.gamma(),
            theta=option.theta() / 365,
            vega=option.vega() / 100,
        )

    def implied(self, price: float, near: float) -> float | None:
        """Return the volatility at which the contract is worth `price`; None when there is none in reach.

        Newton's method from `near`, within bounds that close in.
        """
        wanted = price / self._unit
        low, high = LOWEST_IV / 10, HIGHEST_IV * 2
        if not self._at(low).price() < wanted < self._at(high).price():
            return None
        guess = min(max(near, low), high)
        for _ in range(MOST_STEPS):
            option = self._at(guess)
            missed = option.price() - wanted
            low, high = (low, guess) if missed > 0 else (guess, high)
            slope = option.vega()
            following = guess - missed / slope if slope > 0 else low
            if not low < following < high:
                following = (low + high) / 2
            if abs(following - guess) < ACCURACY:
                return following
            guess = following
        return guess

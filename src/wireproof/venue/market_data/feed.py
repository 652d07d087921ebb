"""One market as readers of market data see it: tape, candles of every kind of price, 24 hours, open interest, funding.

What was before the venue started is made up once, when it is first read (see `past`); the rest is what happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from wireproof.venue.base.formats import SATOSHI
from wireproof.venue.exchange.funding import INTERVAL_MS, FundingPayment, funding_rate, next_funding_time
from wireproof.venue.market_data.candles import DAY, MINUTE, Candle, Past, Series, added
from wireproof.venue.market_data.past import likened, past_candles, past_trades
from wireproof.venue.market_data.tape import Tape, Trade, Units

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wireproof.venue.base.turns import Turns
    from wireproof.venue.exchange.engine import Engine
    from wireproof.venue.exchange.market import Market

SATOSHIS = 10**8
SAMPLES_A_MINUTE = 60
OPEN_INTEREST = 60_000_000  # about what simulated traders hold, in quote
EARLIER_FUNDINGS = 1_000  # before the venue started
_LATTICE = 5 * MINUTE


class FeedObserver(Protocol):
    """What a feed reports to."""

    def traded(self, feed: Feed, trade: Trade) -> None:
        """Take in a trade."""

    def book_changed(self, feed: Feed) -> None:
        """Take in that the book changed, or is about to."""

    def contract_changed(self, feed: Feed, *, brackets: bool) -> None:
        """Take in that the contract was listed or settled, or got other `brackets`."""


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours; numbers counted as `units` say, percentages in thousandths."""

    opened: int
    closed: int
    candle: Candle
    last_quantity: int
    change: int
    percent: int
    mean: int


class Feed:
    """What one market shows. It observes the market, and reports what happens to its own `observer` at once.

    A dated contract's feed has the index candles of its perpetual's, `underlying`.
    """

    def __init__(self, engine: Engine, market: Market, underlying: Feed | None = None) -> None:
        self.engine, self.market = engine, market
        self.symbol, self.units = market.symbol, Units(market.symbol)
        self.observer: FeedObserver | None = None
        self.tape = Tape()
        self.began = engine.clock.now_ms()
        self._first_id, self._first_price = market.trade_id, self.units.price(market.last_price)
        self._past_trades: list[Trade] | None = None
        self.trades = Series(self._first_price, self.began, self._trades_before)
        self.marks = Series(_satoshis(market.mark_price), self.began, lambda: self._like("mark"))
        own_index = Series(_satoshis(market.index_price), self.began, lambda: self._like("index"))
        self._owns_index = underlying is None
        self.indexes: Series = own_index if underlying is None else underlying.indexes
        self.premiums = Series(0, self.began, lambda: self._like("premium"))
        self._day: tuple[int, Candle | None] = (-1, None)
        market.observer = self

    # what the market reports

    def traded(self, trade_id: int, price: Decimal, quantity: Decimal, *, buyer_is_maker: bool, rpi: bool) -> None:
        """Record a trade, and pass it on."""
        now, units = self.engine.clock.now_ms(), self.units
        price_units, quantity_units = units.price(price), units.quantity(quantity)
        value = units.value(price_units, quantity_units)
        trade = Trade(trade_id, price_units, quantity_units, value, now, buyer_is_maker, rpi)
        self.tape.record(trade)
        self.trades.record(now, price_units, quantity_units, value, trade_id, bought=not buyer_is_maker)
        if self.observer is not None:
            self.observer.traded(self, trade)

    def book_changed(self) -> None:
        """Pass on that the book changed."""
        if self.observer is not None:
            self.observer.book_changed(self)

    def sample(self, now: int) -> None:
        """Record mark price, index price and premium; to be called every second."""
        market = self.market
        self.marks.record(now, _satoshis(market.mark_price))
        if self._owns_index:
            self.indexes.record(now, _satoshis(market.index_price))
        self.premiums.record(now, _satoshis((market.mark_price - market.index_price) / market.index_price))

    def roll(self, now: int) -> None:
        """Close what is over."""
        self.tape.close_due(now)
        for series in (self.trades, self.marks, self.indexes, self.premiums):
            series.roll(now)

    # the past

    def remember(self) -> None:
        """Make up what was before the venue started, if that is not done yet."""
        self.trades.remember()

    def _trades_before(self) -> Turns[Past]:
        trades = past_trades(self.units, self._first_price, self._first_id, self.began // MINUTE * MINUTE)
        self.tape.remember(trades)
        return (yield from past_candles(self.units, trades, self.began))

    def _like(self, kind: str) -> Turns[Past]:
        scale = int(SATOSHIS // 10**self.units.price_digits)
        offset = {"mark": 0, "index": 40_000}.get(kind)
        salt = int(self.noise(kind) * 2**32)

        def convert(price: int) -> int:
            if offset is None:  # whatever scatters
                return (price + salt) * 2_654_435_761 % 2**32 % 50_000 - 25_000
            return price * scale - price * scale * offset // SATOSHIS

        return likened(self.trades, convert, SAMPLES_A_MINUTE, self.began // MINUTE * MINUTE)

    def noise(self, *what: object) -> float:
        """Return a number in [0, 1) that depends on the symbol and `what` only."""
        digest = blake2b(f"{self.symbol.name} {what}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    # reading

    def day(self, now: int) -> Day:
        """Return the last 24 hours, whole minutes at their beginning."""
        self.remember()
        self.trades.roll(now)
        minute = now // MINUTE * MINUTE
        if self._day[0] != minute:
            self._day = (minute, self.trades.between(minute - DAY, minute))
        parts = [one for one in (self._day[1], self.trades.current) if one is not None]
        candle = added(parts, minute - DAY) or self.trades.current
        change = candle.close - candle.open
        percent = round(change * 100_000 / candle.open)
        if not candle.volume:
            mean = candle.close
        elif self.symbol.inverse:
            mean = self.units.value(candle.value, candle.volume)  # contracts * size / coins
        else:
            mean = candle.value // candle.volume
        last = self.units.quantity(self.market.last_quantity)
        return Day(minute - DAY, now, candle, last, change, percent, mean)

    def open_interest(self, at: int, *, users: bool = False) -> int:
        """Return the quantity held at `at` by simulated traders; with `users` also what accounts hold now."""
        whole = self.units.quantity(self.symbol.lots(OPEN_INTEREST, self.symbol.start_price))
        step, part = divmod(at, _LATTICE)
        this, following = self.noise("interest", step), self.noise("interest", step + 1)
        level = 0.95 + (this + (following - this) * part / _LATTICE) / 10
        held = Decimal(0)
        if users:
            for account in self.engine.accounts:
                held += sum((abs(one.amount) for one in account.open_positions(self.symbol.name)), Decimal(0))
        unit = self.units.quantity(self.symbol.step)
        return int(whole * level) // unit * unit + self.units.quantity(held)

    def funding_rate(self) -> Decimal:
        """Return the rate of the next funding, as it stands."""
        return funding_rate(self.market)

    def next_funding(self, now: int) -> int:
        """Return when funding is next paid, in milliseconds; 0 for a dated contract."""
        return next_funding_time(now) if self.symbol.perpetual else 0

    def funding_times(self, start: int, end: int) -> Sequence[int]:
        """Return when funding was paid in [start, end], oldest first."""
        if not self.symbol.perpetual:
            return ()
        newest = self.began // INTERVAL_MS * INTERVAL_MS
        oldest = max(self.symbol.onboarded, newest - EARLIER_FUNDINGS * INTERVAL_MS, start)
        first = -(-oldest // INTERVAL_MS) * INTERVAL_MS
        earlier = range(first, min(newest, end) + 1, INTERVAL_MS)
        lived = [one.time for one in self._lived_fundings() if max(start, newest + 1) <= one.time <= end]
        return [*earlier, *lived] if lived else earlier

    def _lived_fundings(self) -> Collection[FundingPayment]:
        return self.engine.funding.history.get(self.symbol.name, ())

    def funding(self, at: int) -> FundingPayment:
        """Return what was paid at one of `funding_times`."""
        lived = self._lived_fundings() if at > self.began // INTERVAL_MS * INTERVAL_MS else ()
        found = next((one for one in lived if one.time == at), None)
        if found is not None:
            return found
        self.remember()
        rate = Decimal(int(self.noise("funding", at) * 20_000) - 2_000) * SATOSHI
        return FundingPayment(at, rate, Decimal(self.trades.price_at(at)).scaleb(-self.units.price_digits))


def _satoshis(price: Decimal) -> int:
    return int(price * SATOSHIS)

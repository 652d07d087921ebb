"""Market data of all markets: their feeds, the simulated traders, and the beat that drives both."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Protocol

from wireproof.venue.base.refusals import invalid_symbol
from wireproof.venue.market_data.feed import Feed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.venue.base.turns import Turns
    from wireproof.venue.exchange.engine import Engine
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.market import Market

FLOW_MS, SAMPLE_MS = 100, 1_000
BUSY = frozenset({"BTC", "ETH"})
CHANCE_BUSY, CHANCE = 0.9, 0.3  # that simulated traders trade in a tenth of a second


class ListingObserver(Protocol):
    """What new markets are reported to."""

    def listed(self, feed: Feed) -> None:
        """Take in a new market."""


class MarketData:
    """The feeds by symbol. The venue calls `beat` every few milliseconds."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.observer: ListingObserver | None = None
        self.feeds: dict[str, Feed] = {}
        for name, market in engine.markets.items():
            self.feeds[name] = self._new_feed(market)
        self.delivered: dict[str, Feed] = {}
        engine.delivery.contract_listed.subscribe(self._listed)
        engine.delivery.contract_changed.subscribe(self._changed)
        self._rng = Random(f"strangers of {engine.rng.getstate()[1][0]}")  # noqa: S311  # repeatable on purpose
        self._flowed = self._sampled = -1
        self._recalling = self.recalling(list(self.feeds.values()))

    def _new_feed(self, market: Market) -> Feed:
        """Return the feed of a market; that of a dated contract's perpetual is there before it."""
        underlying = market.underlying
        return Feed(self.engine, market, None if underlying is None else self.feeds[underlying.symbol.name])

    def now(self) -> int:
        """Return the engine's time."""
        return self.engine.clock.now_ms()

    def feed(self, name: str) -> Feed:
        """Return a symbol's feed with its past, that of a delivered contract, too; -1121 when there never was one."""
        found = self.feeds.get(name) or self.delivered.get(name)
        if found is None:
            raise invalid_symbol()
        found.remember()
        found.roll(self.now())
        return found

    def of(self, unit: str) -> list[Feed]:
        """Return the feeds of a business unit."""
        return [feed for feed in self.feeds.values() if feed.symbol.unit == unit]

    def of_pair(self, pair: str) -> list[Feed]:
        """Return the feeds of a pair: its perpetual and its dated contracts."""
        return [feed for feed in self.feeds.values() if feed.symbol.pair == pair]

    def contract(self, pair: str, contract_type: str) -> Feed | None:
        """Return the feed of a pair's contract of a type."""
        return next((feed for feed in self.of_pair(pair) if feed.symbol.contract_type == contract_type), None)

    def beat(self) -> None:
        """Let simulated traders trade, sample the mark prices, and close what is over."""
        now = self.now()
        if now // FLOW_MS != self._flowed:
            self._flowed = now // FLOW_MS
            if self.engine.moves:
                self._flow(now)
        due = now // SAMPLE_MS != self._sampled
        self._sampled = now // SAMPLE_MS
        for feed in self.feeds.values():
            if due:
                feed.sample(now)
                feed.roll(now)
            else:
                feed.tape.close_due(now)

    def _flow(self, now: int) -> None:
        random = self._rng.random
        for market in self.engine.markets.values():
            chance = CHANCE_BUSY if market.symbol.base in BUSY else CHANCE
            if random() < chance and market.take(self._rng, now):
                self.engine.traded.send(market)

    def announce(self, name: str) -> None:
        """Report that a contract got other brackets; -1121 when it is not listed."""
        self._changed(self.engine.listed(name), brackets=True)

    def _changed(self, market: Market, *, brackets: bool = False) -> None:
        feed = self.feeds[market.symbol.name]
        if feed.observer is not None:
            feed.observer.contract_changed(feed, brackets=brackets)
        if market.symbol.status == "DELIVERED":
            self.delivered[market.symbol.name] = self.feeds.pop(market.symbol.name)

    def _listed(self, market: Market) -> None:
        feed = self.feeds[market.symbol.name] = self._new_feed(market)
        if self.observer is not None:
            self.observer.listed(feed)

    def recalling(self, feeds: Iterable[Feed]) -> Turns[None]:
        """Make up the past of these markets in turns."""
        for feed in feeds:
            yield from feed.trades.remembering()

    def recall(self) -> bool:
        """Make up one more turn of the past of all markets and return whether any is left, so that nobody waits."""
        return next(self._recalling, True) is None

    def named(self, name: str | None) -> list[Feed]:
        """Return the feed of a symbol, or those of a pair; none for a name that is not listed."""
        found = self.feeds.get(name or "") or self.delivered.get(name or "")
        return self.of_pair(name or "") if found is None else [found]


def pairs(symbols: Iterable[Symbol]) -> list[str]:
    """Return the pairs of `symbols`, each once."""
    return list(dict.fromkeys(symbol.pair for symbol in symbols))

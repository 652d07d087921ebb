"""Stream names of USDⓈ-M and COIN-M, which share them: what each one carries, how often, below which root.

Names are lower case but for the interval's month (`1M`). An unknown name is no error, but silent:
docs/exchange.md#stream-names
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
"""

from __future__ import annotations

import re
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from wireproof.venue.api.product_engine import ProductEngine
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.market_data.candles import INTERVALS, next_open, open_time
from wireproof.venue.market_data.indexes import COMPOSITE, Indexes, session_events
from wireproof.venue.products.futures import stream_payloads as show
from wireproof.venue.streams.named_streams import AT_ONCE, NamedStream, StreamRoot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wireproof.venue.api.call import Services
    from wireproof.venue.base.eras import Era
    from wireproof.venue.exchange.book import Level
    from wireproof.venue.exchange.profile import Profile
    from wireproof.venue.exchange.records import Order
    from wireproof.venue.market_data.candles import Candle, Series
    from wireproof.venue.market_data.feed import Feed
    from wireproof.venue.market_data.feeds import MarketData
    from wireproof.venue.market_data.tape import Trade
    from wireproof.venue.products.futures.stream_payloads import Levels

Item = TypeVar("Item")
Json = dict[str, Any]
SECOND = 1_000
_DEPTH = re.compile(r"depth(5|10|20|)(?:@(0ms|100ms|500ms))?")  # docs/exchange.md#stream-names
_KLINE = re.compile(r"(kline|markPriceKline|indexPriceKline|continuousKline)_(\w+)")
_MARK = re.compile(r"(markPrice|indexPrice)(?:@(1s))?")
_SPEEDS = {"0ms": AT_ONCE, "100ms": 100, "500ms": 500, None: 250}
#: Documented patterns of streams by a name that fits each.
FUTURES_STREAMS = {
    "<symbol>@aggTrade": "btcusdt@aggTrade",
    "<symbol>@trade": "btcusdt@trade",
    "<symbol>@bookTicker": "btcusdt@bookTicker",
    "<symbol>@depth@<updateSpeed>": "btcusdt@depth@100ms",
    "<symbol>@depth<levels>@<updateSpeed>": "btcusdt@depth5@100ms",
    "<symbol>@rpiDepth@500ms": "btcusdt@rpiDepth@500ms",
    "<symbol>@miniTicker": "btcusdt@miniTicker",
    "<symbol>@ticker": "btcusdt@ticker",
    "<symbol>@kline_<interval>": "btcusdt@kline_1m",
    "<symbol>@markPriceKline_<interval>": "btcusd_perp@markPriceKline_1m",
    "<symbol>@markPrice@<updateSpeed>": "btcusdt@markPrice@1s",
    "<symbol>@forceOrder": "btcusdt@forceOrder",
    "<symbol>@compositeIndex": "defiusdt@compositeIndex",
    "<symbol>@assetIndex": "btcusd@assetIndex",
    "<pair>_<contractType>@continuousKline_<interval>": "btcusdt_perpetual@continuousKline_1m",
    "<pair>@indexPriceKline_<interval>": "btcusd@indexPriceKline_1m",
    "<pair>@indexPrice@<updateSpeed>": "btcusd@indexPrice@1s",
    "<pair>@markPrice@<updateSpeed>": "btcusd@markPrice@1s",
    "!bookTicker": "!bookTicker",
    "!ticker@arr": "!ticker@arr",
    "!miniTicker@arr": "!miniTicker@arr",
    "!markPrice@arr@<updateSpeed>": "!markPrice@arr@1s",
    "!forceOrder@arr": "!forceOrder@arr",
    "!contractInfo": "!contractInfo",
    "!assetIndex@arr": "!assetIndex@arr",
    "tradingSession": "tradingSession",
}
#: Documented events, each with whether anything on the venue brings it.
FUTURES_EVENTS = {
    "ACCOUNT_CONFIG_UPDATE": True,
    "ACCOUNT_UPDATE": True,
    "ALGO_UPDATE": True,
    "CONDITIONAL_ORDER_TRIGGER_REJECT": False,  # retired in December 2025: ALGO_UPDATE says REJECTED instead
    "GRID_UPDATE": False,  # grids are started on the site only
    "MARGIN_CALL": True,
    "ORDER_TRADE_UPDATE": True,
    "STRATEGY_UPDATE": False,  # strategies are started on the site only
    "TRADE_LITE": True,
    "listenKeyExpired": True,
}


def fstream_roots(profile: Profile, era: Era) -> tuple[StreamRoot, ...]:
    """Return the roots of futures: /public has books and book tickers, /market all else, /private user data.

    What the addresses without a root carry, and whether listen keys stand in paths, depends on the host, and on the
    day (docs/exchange.md#roots-of-streams).
    """
    if not era.has("stream-roots"):
        old = StreamRoot("", public=True, market=True, private=True, event_filter=False)
    else:
        old = StreamRoot("", public=True, market=profile.whole_old_roots and era.has("whole-old-roots"))
    return (
        StreamRoot("/public", public=True),
        StreamRoot("/market", market=True),
        StreamRoot("/private", private=True, keys_in_paths=profile.keys_in_paths),
        old,
    )


class Depth:
    """The changes of a book since the last look: `U` follows on the last `u`, which is `pu`.

    `rpi` adds what improves prices for retail users.
    """

    def __init__(self, feed: Feed, levels: int = 0, *, rpi: bool = False) -> None:
        self._feed, self._levels, self._rpi = feed, levels, rpi
        self._last = feed.market.update_id
        self._near, self._far = self._read()

    def _book(self, levels: int | None) -> tuple[Levels, Levels]:
        bids, asks = self._feed.market.depth(levels, rpi=self._rpi)
        return _by_price(bids), _by_price(asks)

    def __call__(self, now: int) -> list[Json]:
        """Return the event, if the book changed: the changed levels, or with a number of levels the best ones."""
        update = self._feed.market.update_id
        if update == self._last:
            return []
        ids = (self._last + 1, update, self._last)
        if self._levels:
            self._last = update
            return [show.depth(self._feed, ids, *self._book(self._levels), now)]
        bids, asks = self._changed()
        if not bids and not asks:  # what changed is not in this book
            return []
        self._last = update
        return [show.depth(self._feed, ids, bids, asks, now)]

    def _read(self) -> tuple[list[Levels], list[list[Level]]]:
        """Return what is near the market and what is far, bids first; with retail orders all is near."""
        market = self._feed.market
        if self._rpi and market.has_retail:
            return list(self._book(None)), [[], []]
        sides = (market.book.bids, market.book.asks)
        return [_by_price(side.near()) for side in sides], [side.far() for side in sides]

    def _changed(self) -> Iterator[Levels]:
        """Yield the changed bids and asks; far ones are compared only if one of them changed."""
        before, far_before = self._near, self._far
        self._near, self._far = self._read()
        for old, new, old_far, new_far in zip(before, self._near, far_before, self._far, strict=True):
            if old_far is new_far:
                yield _changes(old, new)
            else:
                yield _changes(old | _by_price(old_far), new | _by_price(new_far))


def _by_price(levels: Iterable[Level]) -> Levels:
    return {one.price: one.quantity for one in levels}


def _changes(before: Levels, after: Levels) -> Levels:
    changed = {price: size for price, size in after.items() if before.get(price) != size}
    for price, size in before.items():
        if price not in after:
            changed[price] = size * 0
    return changed


class Klines:
    """A candle as it grows, and once more when it has closed."""

    def __init__(self, series: Series, interval: str, event: Callable[..., Json], now: int) -> None:
        self._series, self._interval, self._event = series, interval, event
        self._opened, self._count = open_time(interval, now), -1

    def __call__(self, now: int) -> list[Json]:
        """Return the events: of the candle that closed since the last look, of the current one if it changed."""
        self._series.remember()
        self._series.roll(now)
        found: list[Json] = []
        opened = open_time(self._interval, now)
        if opened > self._opened:
            closed = self._series.candle(self._interval, self._opened)
            if closed is not None:
                found.append(self._shown(closed, now, closed=True))
            self._opened, self._count = opened, 0
        candle = self._series.candle(self._interval, opened)
        if candle is not None and candle.count != self._count:
            self._count = candle.count
            found.append(self._shown(candle, now, closed=False))
        return found

    def _shown(self, candle: Candle, now: int, *, closed: bool) -> Json:
        end = next_open(self._interval, candle.start)
        return self._event(candle, self._interval, end, now, closed=closed)


def _klines(feed: Feed, series: Series, interval: str, event: Callable[..., Json], now: int) -> Klines:
    return Klines(series, interval, partial(event, feed), now)


class Continuous:
    """The candles of a pair's contract of a type, whichever contract that is at the time."""

    def __init__(self, data: MarketData, pair: str, kind: str, interval: str) -> None:
        self._data, self._pair, self._kind, self._interval = data, pair, kind, interval
        self._feed: Feed | None = None
        self._candles: Klines | None = None

    def __call__(self, now: int) -> list[Json]:
        """Return the events."""
        feed = self._data.contract(self._pair, self._kind)
        if feed is not self._feed:
            self._feed = feed
            self._candles = None
            if feed is not None:
                self._candles = _klines(feed, feed.trades, self._interval, show.continuous_kline, now)
        return [] if self._candles is None else self._candles(now)


class News(Generic[Item]):
    """The latest things that happened to symbols, for streams that look now and then."""

    def __init__(self) -> None:
        self._items: deque[tuple[int, Item]] = deque(maxlen=1_000)
        self.last = 0

    def add(self, item: Item) -> None:
        """Note what happened."""
        self.last += 1
        self._items.append((self.last, item))

    def after(self, number: int) -> list[Item]:
        """Return what happened after the first `number` things."""
        return [item for place, item in self._items if place > number]


class FuturesStreams(ProductEngine):
    """Makes streams from names, and hurries for what is sent at once.

    `forced` are orders that closed positions by force, `contracts` events of contracts as they were when they changed.
    """

    def __init__(self, services: Services, hurry: Callable[[object], None]) -> None:
        self.forced: News[Order] = News()
        self.contracts: News[Json] = News()
        self._data, self._hurry = services.market_data, hurry
        self._indexes = Indexes(self._data)
        self._feeds = {name.lower(): feed for name, feed in self._data.feeds.items()}
        self._pairs = {feed.symbol.pair.lower(): feed.symbol.pair for feed in self._data.feeds.values()}
        self._data.observer = self
        for feed in self._data.feeds.values():
            feed.observer = self
        services.engine.liquidator.liquidated.subscribe(self.forced.add)

    def traded(self, feed: Feed, _trade: Trade) -> None:
        """Send a trade at once."""
        self._hurry(feed)

    def book_changed(self, feed: Feed) -> None:
        """Send the best bid and ask at once."""
        self._hurry(feed)

    def contract_changed(self, feed: Feed, *, brackets: bool) -> None:
        """Note that a contract was listed or settled, or got other `brackets`."""
        self.contracts.add(show.contract_info(feed, self._data.now(), brackets=brackets))

    def listed(self, feed: Feed) -> None:
        """Take in a new market."""
        feed.observer = self
        self._feeds[feed.symbol.name.lower()] = feed

    def stream(self, name: str) -> NamedStream | None:
        """Return what a name stands for, None for a name that stays silent."""
        subject, _, rest = name.partition("@")
        if subject.startswith("!") or not rest:
            return self._of_all(name)
        feed = self._feeds.get(subject)
        if feed is not None:
            found = self._of_symbol(feed, rest)
            if found is not None:
                return found if feed.symbol.perpetual else _until_delivery(feed, found)
        if subject in self._pairs:
            found = self._of_pair(self._pairs[subject], rest)
            if found is not None:
                return found
        if rest == "assetIndex" and subject.upper() in self._indexes.assets() and subject == subject.lower():
            return NamedStream(
                SECOND, public=False, produce=lambda now: [self._indexes.asset_event(subject.upper(), now)]
            )
        if rest == "compositeIndex" and subject == COMPOSITE.lower():
            return NamedStream(SECOND, public=False, produce=lambda now: [self._indexes.composite_event(now)])
        pair, _, contract_type = subject.partition("_")
        match = _KLINE.fullmatch(rest)
        if match is not None and match[1] == "continuousKline" and pair in self._pairs and match[2] in INTERVALS:
            kind = contract_type.upper()
            feed = self._data.contract(self._pairs[pair], kind)
            if contract_type == contract_type.lower() and feed is not None:
                candles = Continuous(self._data, self._pairs[pair], kind, match[2])
                return NamedStream(250, public=False, produce=candles, before=feed.trades.remembering())
        return None

    # one symbol

    def _of_symbol(self, feed: Feed, rest: str) -> NamedStream | None:
        slow = 500 if feed.symbol.unit == CM else 2_000
        if rest == "aggTrade":
            return NamedStream(100, public=False, produce=_aggregates(feed))
        if rest == "trade":
            return NamedStream(AT_ONCE, public=True, produce=_trades(feed), subject=feed)
        if rest == "bookTicker":
            return NamedStream(AT_ONCE, public=True, produce=_touch(feed), subject=feed)
        if rest == "miniTicker":
            return _of_day(feed, slow, show.mini_ticker)
        if rest == "ticker":
            return _of_day(feed, slow, show.ticker)
        if rest == "forceOrder":
            return NamedStream(SECOND, public=False, produce=self._forced(feed))
        if rest == "rpiDepth@500ms":
            return NamedStream(500, public=True, produce=Depth(feed, rpi=True))
        match = _DEPTH.fullmatch(rest)
        if match is not None:
            return NamedStream(_SPEEDS[match[2]], public=True, produce=Depth(feed, int(match[1] or 0)), subject=feed)
        match = _MARK.fullmatch(rest)
        if match is not None and match[1] == "markPrice":
            return NamedStream(
                _mark_period(match),
                public=False,
                produce=lambda now: [show.mark_price(feed, now) | show.averaged(feed)],
            )
        match = _KLINE.fullmatch(rest)
        if match is not None and match[2] in INTERVALS:
            if match[1] == "kline":
                return self._klines(feed, feed.trades, match[2], show.kline)
            if match[1] == "markPriceKline":
                return self._klines(feed, feed.marks, match[2], show.mark_kline)
        return None

    def _klines(self, feed: Feed, series: Series, interval: str, event: Callable[..., Json]) -> NamedStream:
        candles = _klines(feed, series, interval, event, self._data.now())
        return NamedStream(250, public=False, produce=candles, before=series.remembering())

    def _of_pair(self, pair: str, rest: str) -> NamedStream | None:
        feeds = self._data.of_pair(pair)
        match = _MARK.fullmatch(rest)
        if match is not None and match[1] == "indexPrice":
            return NamedStream(_mark_period(match), public=False, produce=lambda now: [show.index_price(feeds[0], now)])
        if match is not None:
            return NamedStream(
                _mark_period(match),
                public=False,
                produce=lambda now: [[show.mark_price(feed, now) for feed in self._data.of_pair(pair)]],
            )
        match = _KLINE.fullmatch(rest)
        if match is not None and match[1] == "indexPriceKline" and match[2] in INTERVALS:
            return self._klines(feeds[0], feeds[0].indexes, match[2], show.index_kline)
        return None

    # all symbols

    def _of_all(self, name: str) -> NamedStream | None:
        if name == "!bookTicker":
            return NamedStream(5_000, public=True, produce=_touches(self._data.feeds))
        if name in {"!ticker@arr", "!miniTicker@arr"}:
            event = show.ticker if name == "!ticker@arr" else show.mini_ticker
            return NamedStream(SECOND, public=False, produce=_tickers(self._data.feeds, event))
        if name in {"!markPrice@arr", "!markPrice@arr@1s"}:
            period = SECOND if name.endswith("@1s") else 3 * SECOND
            return NamedStream(period, public=False, produce=self._marks)
        if name == "!forceOrder@arr":
            return NamedStream(SECOND, public=False, produce=self._forced(None))
        if name == "!contractInfo":
            return NamedStream(AT_ONCE, public=False, produce=self._changed_contracts())
        if name == "!assetIndex@arr":
            return NamedStream(
                SECOND,
                public=False,
                produce=lambda now: [[self._indexes.asset_event(one, now) for one in self._indexes.assets()]],
            )
        if name == "tradingSession":
            return NamedStream(SECOND, public=False, produce=session_events)
        return None

    def _forced(self, feed: Feed | None) -> Callable[[int], list[Json]]:
        """Return what looks for forced orders of one symbol or of all: at most the last one per symbol."""
        seen = self.forced.last

        def produce(now: int) -> list[Json]:
            nonlocal seen
            found = {order.symbol.name: order for order in self.forced.after(seen)}
            seen = self.forced.last
            return [
                show.force_order(order, now)
                for name, order in found.items()
                if feed is None or feed.symbol.name == name
            ]

        return produce

    def _changed_contracts(self) -> Callable[[int], list[Json]]:
        seen = self.contracts.last

        def produce(_now: int) -> list[Json]:
            nonlocal seen
            found = self.contracts.after(seen)
            seen = self.contracts.last
            return found

        return produce

    def _marks(self, now: int) -> list[list[Json]]:
        """Return two frames, one of each product (docs/exchange.md#mark-price-arrays). All rows have `ap`."""
        return [[show.mark_price(feed, now) | show.averaged(feed) for feed in self._data.of(unit)] for unit in (UM, CM)]


def _until_delivery(feed: Feed, stream: NamedStream) -> NamedStream:
    """Return `stream` as it falls silent with its contract."""
    produce = stream.produce
    stream.produce = lambda now: [] if feed.symbol.status == "DELIVERED" else produce(now)
    return stream


def _mark_period(match: re.Match[str]) -> int:
    return SECOND if match[2] else 3 * SECOND


def _aggregates(feed: Feed) -> Callable[[int], list[Json]]:
    seen = feed.tape.newest

    def produce(now: int) -> list[Json]:
        nonlocal seen
        feed.tape.close_due(now)
        found = feed.tape.aggregates_after(seen)
        if found:
            seen = found[-1].id
        return [show.agg_trade(feed, one, now) for one in found]

    return produce


def _trades(feed: Feed) -> Callable[[int], list[Json]]:
    seen = feed.market.trade_id

    def produce(now: int) -> list[Json]:
        nonlocal seen
        found = feed.tape.trades_after(seen)
        seen = feed.market.trade_id
        return [show.trade(feed, one, now) for one in found]

    return produce


def _touch(feed: Feed) -> Callable[[int], list[Json]]:
    last: tuple[Any, ...] = ()

    def produce(now: int) -> list[Json]:
        nonlocal last
        book = feed.market.book
        touch = (book.bids.best(), book.bids.best_quantity(), book.asks.best(), book.asks.best_quantity())
        if touch == last:
            return []
        last = touch
        return [show.book_ticker(feed, now)]

    return produce


def _touches(feeds: Mapping[str, Feed]) -> Callable[[int], list[Json]]:
    looks: dict[str, Callable[[int], list[Json]]] = {}

    def produce(now: int) -> list[Json]:
        for name, feed in feeds.items():
            if name not in looks:
                looks[name] = _touch(feed)
        return [event for name in feeds for event in looks[name](now)]

    return produce


def _of_day(feed: Feed, period: int, event: Callable[[Feed, int], Json]) -> NamedStream:
    """Return the stream of a symbol's day, which needs its past."""
    return NamedStream(period, public=False, produce=lambda now: [event(feed, now)], before=feed.trades.remembering())


def _tickers(feeds: Mapping[str, Feed], event: Callable[[Feed, int], Json]) -> Callable[[int], list[list[Json]]]:
    """Return the rows of what traded since the last look, in one frame (docs/exchange.md#ticker-arrays)."""
    seen: dict[str, int] = {}

    def produce(now: int) -> list[list[Json]]:
        changed = [feed for feed in feeds.values() if seen.get(feed.symbol.name) != feed.market.trade_id]
        seen.update({feed.symbol.name: feed.market.trade_id for feed in changed})
        return [[event(feed, now) for feed in changed]] if changed else []

    return produce

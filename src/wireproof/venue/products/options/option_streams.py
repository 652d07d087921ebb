"""Streams of options: names, paces and payloads, and the events of users on their way.

https://developers.binance.com/docs/derivatives/options-trading/websocket-market-streams; quirks of the wire:
docs/exchange.md#options-streams. Names are in lower case; an unknown one is silent.
"""

from __future__ import annotations

import re
from copy import copy
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.venue.base.formats import ZERO
from wireproof.venue.market_data.candles import INTERVALS
from wireproof.venue.products.futures.stream_catalogue import Klines, News
from wireproof.venue.products.options import option_payloads as show
from wireproof.venue.products.options.option_instruments import UNDERLYINGS
from wireproof.venue.products.options.options_engine import OptionsEngine
from wireproof.venue.streams.named_streams import AT_ONCE, NamedStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.api.call import Services
    from wireproof.venue.products.options.option_instruments import OptionContract, Underlying
    from wireproof.venue.products.options.option_market import OptionMarket, OptionTrade
    from wireproof.venue.products.options.option_payloads import Levels
    from wireproof.venue.products.options.option_state import OptionEvent

Item = TypeVar("Item")
Json = dict[str, Any]
EO = "EO"  # the business unit
TRADES_MS, SECOND_MS, MINUTE_MS = 50, 1_000, 60_000
MOST_LEVELS = 1_000
NOT_STREAMED = frozenset({"8h", "1M"})  # intervals that REST has (documented)
_DEPTH = re.compile(r"depth(5|10|20|)@(100|500)ms")
_DAY = re.compile(r"(optionTicker|openInterest|optionOpenInterest)@(\d{6})")
#: Documented patterns of streams by a name that fits each.
OPTION_STREAMS = {
    "<symbol>@depth@<updateSpeed>": "btc-261225-90000-c@depth@100ms",
    "<symbol>@depth<level>@<updateSpeed>": "btc-261225-90000-c@depth5@100ms",
    "<symbol>@bookTicker": "btc-261225-90000-c@bookTicker",
    "<symbol>@optionTicker": "btc-261225-90000-c@optionTicker",
    "<underlying>@optionTicker@<expirationDate>": "btcusdt@optionTicker@261225",
    "<symbol>@optionTrade": "btc-261225-90000-c@optionTrade",
    "<underlying>@optionTrade": "btcusdt@optionTrade",
    "<symbol>@kline_<interval>": "btc-261225-90000-c@kline_1m",
    "<underlying>@optionMarkPrice": "btcusdt@optionMarkPrice",
    "<underlying>@openInterest@<expirationDate>": "btcusdt@openInterest@261225",
    "!index@arr": "!index@arr",
    "!optionSymbol": "!optionSymbol",
}


class OptionDepth:
    """The changes of a book since the last look, or with `levels` its best levels; `pu` is the `u` before."""

    def __init__(self, market: OptionMarket, levels: int) -> None:
        self._market, self._levels = market, levels
        self._last = market.update_id
        self._book = self._read(MOST_LEVELS)

    def _read(self, levels: int) -> tuple[Levels, Levels]:
        bids, asks = self._market.depth(levels)
        return {one.price: one.quantity for one in bids}, {one.price: one.quantity for one in asks}

    def __call__(self, now: int) -> list[Json]:
        """Return the event, if the book changed."""
        market = self._market
        ids = market.updates_after(self._last)
        if ids is None:
            return []
        span, self._last = (*ids, self._last), ids[1]
        if self._levels:
            return [show.option_depth(market, span, self._read(self._levels), now)]
        before, self._book = self._book, self._read(MOST_LEVELS)
        changed = _changed(before[0], self._book[0]), _changed(before[1], self._book[1])
        return [show.option_depth(market, span, changed, now)]


def _changed(before: Levels, after: Levels) -> Levels:
    gone: Levels = {price: size * 0 for price, size in before.items() if price not in after}
    return {price: size for price, size in after.items() if before.get(price) != size} | gone


class OptionStreams(OptionsEngine):
    """The options exchange as the venue runs it: with streams by name, and events for its user-data streams."""

    def __init__(self, services: Services, hurry: Callable[[object], None]) -> None:
        engine = services.engine
        self._futures = engine.markets
        seed = copy(engine.rng).getrandbits(32)  # of a copy: futures' numbers stay as they are
        super().__init__(engine.clock, self._futures_index, seed=seed, moves=engine.moves, era=engine.era)
        self._owners = {account.name: account for account in engine.accounts}
        self._trades: News[tuple[OptionContract, OptionTrade]] = News()
        self._listed: News[Json] = News()
        self._publish, self._hurry = engine.publish, hurry
        self.published.subscribe(self._forward)
        self.traded.subscribe(self._note_trade)
        self.listed.subscribe(lambda contract: self._listed.add(show.option_symbol(contract, self.now())))

    def _futures_index(self, name: str) -> Decimal | None:
        market = self._futures.get(name)
        return None if market is None else market.index_price

    def _forward(self, event: OptionEvent) -> None:
        self._publish(self._owners[event.account.name], event.document, EO)

    def _note_trade(self, traded: tuple[OptionMarket, OptionTrade]) -> None:
        market, trade = traded
        self._trades.add((market.contract, trade))
        self._hurry(market)

    def control(self, document: Json) -> None:
        """Settle a contract as if it had expired, list some, or change an account's risk level, money or rights.

        `{"exercise": symbol}`, `{"list": symbol}` for some on the same underlying, or `{"account": name}` with `level`
        NORMAL or REDUCE_ONLY, `transfer` an amount (negative when it goes out), `maker` or `writes` false for one that
        may not use protection or write options.
        """
        if "exercise" in document:
            self.settlement.settle(self.contract(str(document["exercise"])))
        if "list" in document:
            for contract in self.list_further(self.contract(str(document["list"])).underlying):
                self.listed.send(contract)
        if "account" not in document:
            return
        name = document["account"]
        if name not in self._owners:
            raise ValueError(f"there is no account {name!r}; known: {', '.join(self._owners)}")
        account = self.account(name)
        if "level" in document:
            self.risk.set_level(account, str(document["level"]))
        if "transfer" in document:
            self.flow.transfer(account, Decimal(str(document["transfer"])))
        if "writes" in document:
            account.writes = bool(document["writes"])
        if "maker" in document:
            account.maker = bool(document["maker"])

    # names

    def stream(self, name: str) -> NamedStream | None:
        """Return what a name stands for, None for a name that stays silent."""
        if name == "!index@arr":
            return NamedStream(SECOND_MS, public=False, produce=self._indexes)
        if name == "!optionSymbol":
            return NamedStream(AT_ONCE, public=False, produce=_news(self._listed))
        subject, _, rest = name.partition("@")
        if subject != subject.lower():
            return None
        underlying = UNDERLYINGS.get(subject.upper())
        if underlying is not None:
            return self._of_underlying(underlying, rest)
        contract = self.contracts.get(subject.upper())
        return None if contract is None else self._of_contract(contract, rest)

    def _of_underlying(self, underlying: Underlying, rest: str) -> NamedStream | None:
        if rest == "optionMarkPrice":
            return NamedStream(SECOND_MS, public=False, produce=partial(self._marks_of, underlying))
        if rest == "optionTrade":
            return NamedStream(TRADES_MS, public=True, produce=self._trades_of(underlying))
        match = _DAY.fullmatch(rest)
        if match is None:
            return None
        contracts = [one for one in self.contracts_on(underlying) if one.day == match[2]]
        if not contracts:
            return None
        if match[1] == "optionTicker":
            return NamedStream(SECOND_MS, public=True, produce=self._tickers(contracts))
        return NamedStream(MINUTE_MS, public=False, produce=partial(self._interest, underlying, contracts))

    def _of_contract(self, contract: OptionContract, rest: str) -> NamedStream | None:
        market = self.open(contract)
        if rest == "bookTicker":
            return NamedStream(
                AT_ONCE, public=True, produce=self._kept(contract, self._touches(market)), subject=market
            )
        if rest == "optionTicker":
            return NamedStream(SECOND_MS, public=True, produce=self._kept(contract, self._tickers([contract])))
        if rest == "optionTrade":
            return NamedStream(TRADES_MS, public=True, produce=self._kept(contract, self._trades_of(contract)))
        match = _DEPTH.fullmatch(rest)
        if match is not None:
            depth = OptionDepth(market, int(match[1] or 0))
            return NamedStream(int(match[2]), public=True, produce=self._kept(contract, depth))
        kind, _, interval = rest.partition("_")
        if kind == "kline" and interval in INTERVALS and interval not in NOT_STREAMED:
            candles = Klines(market.series(self.now()), interval, partial(show.option_kline, contract), self.now())
            return NamedStream(SECOND_MS, public=False, produce=self._kept(contract, candles))
        return None

    # what is produced

    def _kept(self, contract: OptionContract, produce: Callable[[int], list[Json]]) -> Callable[[int], list[Json]]:
        """Return what keeps a contract's market going while somebody reads its stream, and falls silent with it."""

        def run(now: int) -> list[Json]:
            if contract.name not in self.contracts:
                return []
            self.open(contract)
            return produce(now)

        return run

    def _touches(self, market: OptionMarket) -> Callable[[int], list[Json]]:
        last = market.touch()

        def produce(now: int) -> list[Json]:
            nonlocal last
            touch = market.touch()
            if touch == last:
                return []
            last = touch
            return [show.option_book_ticker(market, touch, now)]

        return produce

    def _tickers(self, contracts: list[OptionContract]) -> Callable[[int], list[Json]]:
        """Return the tickers of contracts that traded since the last look, at first of all."""
        seen: dict[str, int] = {}

        def produce(now: int) -> list[Json]:
            found = []
            for contract in contracts:
                market = self.market(contract)
                newest = market.trades[-1].trade_id
                if seen.get(contract.name) != newest:
                    seen[contract.name] = newest
                    found.append(show.option_ticker(market, now))
            return found

        return produce

    def _trades_of(self, subject: OptionContract | Underlying) -> Callable[[int], list[Json]]:
        after = _news(self._trades)

        def produce(now: int) -> list[Json]:
            found = after(now)
            return [show.option_trade(one, trade, now) for one, trade in found if subject in {one, one.underlying}]

        return produce

    def _marks_of(self, underlying: Underlying, now: int) -> list[list[Json]]:
        """Return one frame with all contracts; the estimated settlement price is zero before the last hour."""
        rows = []
        for mark in self.marks.marks(self.contracts_on(underlying)):
            settlement = self.exercise_price(mark.contract) if self.is_settling(mark.contract) else ZERO
            rows.append(show.option_mark(mark, settlement, now))
        return [rows]

    def _indexes(self, now: int) -> list[list[Json]]:
        return [[show.option_index(one, self.index(one), now) for one in UNDERLYINGS.values()]]

    def _interest(self, underlying: Underlying, contracts: list[OptionContract], now: int) -> list[list[Json]]:
        index, minute = self.index(underlying), now // MINUTE_MS * MINUTE_MS
        rows = [show.option_open_interest(self.market(one), index, minute) for one in contracts]
        return [rows] if contracts[0].name in self.contracts else []


def _news(news: News[Item]) -> Callable[[int], list[Item]]:
    """Return what looks for what happened since the last look."""
    seen = news.last

    def produce(_now: int) -> list[Item]:
        nonlocal seen
        found = news.after(seen)
        seen = news.last
        return found

    return produce

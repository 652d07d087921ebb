"""Indexes of the venue: what an asset is worth in dollars, one composite index, where index prices come from, sessions.

Asset index: https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Multi-Assets-Mode-Asset-Index
Composite index: https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Composite-Index-Symbol-Information
Trading schedule: https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Trading-Schedule
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ONE, money
from wireproof.venue.exchange.coin_instruments import COINS
from wireproof.venue.market_data.candles import DAY, HOUR, MINUTE, WEEK, open_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.market_data.feeds import MarketData

Json = dict[str, Any]
COMPOSITE = "DEFIUSDT"
PARTS = ("LINK", "AVAX", "DOT", "SOL")  # of the composite index, in equal shares at the start
COMPOSITE_START = Decimal(600)
DOLLARS = {"USDT": Decimal("0.99990000"), "USDC": Decimal("0.99995000")}
STABLE_BUFFER, COIN_BUFFER = Decimal("0.0001"), Decimal("0.1")
EXCHANGES = (
    ("binance", "{base}{quote}"),
    ("coinbase", "{base}-{quote}"),
    ("okx", "{base}-{quote}"),
    ("kucoin", "{base}-{quote}"),
    ("gateio", "{base}_{quote}"),
)

# Hours of a trading day, UTC: begin, end, kind of session; equities rest at weekends.
_EQUITY_DAY = ((0, 8, "OVERNIGHT"), (8, 13.5, "PRE_MARKET"), (13.5, 20, "REGULAR"), (20, 24, "AFTER_MARKET"))
_HOURS = {"EQUITY": _EQUITY_DAY, "COMMODITY": ((0, 21, "REGULAR"), (21, 24, "NO_TRADING"))}
_HOURS |= {"KR_EQUITY": ((0, 6.5, "REGULAR"), (6.5, 24, "NO_TRADING"))}
_HOURS |= {"HK_EQUITY": ((0, 1.5, "NO_TRADING"), (1.5, 8, "REGULAR"), (8, 24, "NO_TRADING"))}
EVENTS = {"EQUITY": "EquityUpdate", "COMMODITY": "CommodityUpdate"}


class Indexes:
    """Reads the indexes off the markets."""

    def __init__(self, data: MarketData) -> None:
        self._data = data

    # assets

    def dollars(self, asset: str) -> Decimal:
        """Return the index price of an asset in dollars."""
        if asset in DOLLARS:
            return DOLLARS[asset]
        return self._data.engine.markets[f"{asset}USDT"].index_price * DOLLARS["USDT"]

    def assets(self) -> dict[str, str]:
        """Return asset by index symbol: BTCUSD is BTC."""
        return {f"{asset}USD": asset for asset in (*DOLLARS, *COINS)}

    def asset(self, symbol: str, now: int) -> Json:
        """Return an asset's index with its buffers."""
        asset = self.assets()[symbol]
        index = self.dollars(asset)
        buffer = STABLE_BUFFER if asset in DOLLARS else COIN_BUFFER
        exchange = buffer if asset in DOLLARS else buffer / 2
        return {
            "symbol": symbol,
            "time": now,
            "index": money(index),
            "bidBuffer": money(buffer),
            "askBuffer": money(buffer),
            "bidRate": money(index * (ONE - buffer)),
            "askRate": money(index * (ONE + buffer)),
            "autoExchangeBidBuffer": money(exchange),
            "autoExchangeAskBuffer": money(exchange),
            "autoExchangeBidRate": money(index * (ONE - exchange)),
            "autoExchangeAskRate": money(index * (ONE + exchange)),
        }

    def asset_event(self, symbol: str, now: int) -> Json:
        """Return the event of <assetSymbol>@assetIndex."""
        row = self.asset(symbol, now)
        values = dict(zip("ibaBAqgQG", list(row.values())[2:], strict=True))
        return {"e": "assetIndexUpdate", "E": now, "s": symbol, **values}

    # the composite index

    def _shares(self) -> tuple[Decimal, list[tuple[str, Decimal, Decimal]]]:
        """Return the price of the whole; and base, weight in quantity and price of each part."""
        markets = [self._data.engine.markets[f"{base}USDT"] for base in PARTS]
        share = COMPOSITE_START / len(PARTS)
        parts = [(one.symbol.base, share / one.symbol.start_price, one.index_price) for one in markets]
        return sum((weight * price for _base, weight, price in parts), Decimal(0)), parts

    def composite(self, now: int) -> Json:
        """Return the composite index as indexInfo does."""
        whole, parts = self._shares()
        rows = [
            {
                "baseAsset": base,
                "quoteAsset": "USDT",
                "weightInQuantity": money(weight),
                "weightInPercentage": money(weight * price / whole),
            }
            for base, weight, price in parts
        ]
        return {"symbol": COMPOSITE, "time": now, "component": "baseAsset", "baseAssetList": rows}

    def composite_event(self, now: int) -> Json:
        """Return the event of <symbol>@compositeIndex."""
        whole, parts = self._shares()
        rows = [
            {"b": base, "q": "USDT", "w": money(weight), "W": money(weight * price / whole), "i": money(price)}
            for base, weight, price in parts
        ]
        return {"e": "compositeIndex", "E": now, "s": COMPOSITE, "p": money(whole), "C": "baseAsset", "c": rows}

    def constituents(self, symbol: str, now: int) -> Json:
        """Return where the index price of a symbol or pair comes from; weights add up to one."""
        markets = self._data.engine.markets
        market = markets.get(symbol) or markets[f"{symbol}_PERP"]
        base, quote = market.symbol.base, market.symbol.quote
        rows = [
            {
                "exchange": exchange,
                "symbol": pattern.format(base=base, quote=quote),
                "price": money(market.index_price),
                "weight": money(ONE / len(EXCHANGES)),
            }
            for exchange, pattern in EXCHANGES
        ]
        return {"symbol": symbol, "time": now, "constituents": rows}


# sessions


def _sessions(kind: str, day: int) -> Iterator[tuple[int, int, str]]:
    weekend = day >= open_time("1w", day) + 5 * DAY
    hours = ((0, 24, "NO_TRADING"),) if weekend else _HOURS[kind]
    for begin, end, name in hours:
        yield day + int(begin * HOUR), day + int(end * HOUR), name


def schedule(now: int) -> Json:
    """Return this week's sessions of what trades only part of the day."""
    monday = open_time("1w", now)
    shown = {
        kind: {
            "sessions": [
                {"startTime": begin, "endTime": end, "type": name}
                for day in range(monday, monday + WEEK, DAY)
                for begin, end, name in _sessions(kind, day)
            ]
        }
        for kind in _HOURS
    }
    return {"updateTime": now // MINUTE * MINUTE, "marketSchedules": shown}


def session_events(now: int) -> list[Json]:
    """Return the events of tradingSession: the session that each kind is in."""
    found = []
    for kind, event in EVENTS.items():
        for begin, end, name in _sessions(kind, now // DAY * DAY):
            if begin <= now < end:
                found.append({"e": event, "E": now, "t": begin, "T": end, "S": name})
    return found

"""Every stream that the venue knows delivers: all catalogues, with every speed, interval and number of levels.

A name that nobody knows is acknowledged and silent, as measured (docs/exchange.md#stream-names); a name that a product
knows must not be.
"""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

from wireproof.venue.market_data.candles import INTERVALS
from wireproof.venue.products.futures.stream_catalogue import FUTURES_STREAMS
from wireproof.venue.products.options.option_streams import NOT_STREAMED, OPTION_STREAMS, OptionStreams
from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.serving.ws_api import Session
from wireproof.venue.streams.hub import Hub, Reader
from wireproof.venue.streams.named_streams import StreamRoot

if TYPE_CHECKING:
    from collections.abc import Iterable

OPTION = "btc-261225-90000-c"
#: What stands for a part of a pattern; "" leaves it out with the @ before it.
FUTURES_PARTS = {
    "<symbol>": ("btcusdt", "btcusd_perp"),
    "<pair>": ("btcusdt", "btcusd"),
    "<levels>": ("5", "10", "20"),
    "<interval>": tuple(INTERVALS),
    "<contractType>": ("perpetual", "current_quarter", "next_quarter"),
}
OPTION_PARTS = {
    "<symbol>": (OPTION,),
    "<underlying>": ("btcusdt", "ethusdt"),
    "<level>": ("5", "10", "20"),
    "<interval>": tuple(one for one in INTERVALS if one not in NOT_STREAMED),
    "<expirationDate>": ("261225",),
    "<updateSpeed>": ("100ms", "500ms"),
}
SPEEDS = {"depth": ("", "0ms", "100ms", "500ms"), "markPrice": ("", "1s"), "indexPrice": ("", "1s")}
#: Streams that only some symbols have.
ONLY = {"<symbol>@compositeIndex": ("defiusdt",), "<symbol>@assetIndex": ("btcusd", "usdtusd")}


def names(patterns: Iterable[str], parts: dict[str, tuple[str, ...]]) -> list[str]:
    """Return every name that a pattern stands for."""
    found = []
    for pattern in patterns:
        kind = next((kind for kind in SPEEDS if f"@{kind}" in pattern or f"!{kind}" in pattern), "")
        known = {"<updateSpeed>": SPEEDS.get(kind, ("",))} | parts
        if pattern in ONLY:
            known["<symbol>"] = ONLY[pattern]
        wanted = [part for part in known if part in pattern]
        for values in product(*(known[part] for part in wanted)):
            name = pattern
            for part, value in zip(wanted, values, strict=True):
                name = name.replace(part, value)
            found.append(name.removesuffix("@"))
    return found


def test_the_catalogues_are_those_of_all_products():
    listed = [one.streams for one in PRODUCTS if one.streams]
    assert all(streams in (FUTURES_STREAMS, OPTION_STREAMS) for streams in listed)


def _cause_what_is_rare(exchange: Any, options: Any) -> None:
    """Send forced orders of both products, a changed contract; trades of options of each underlying, and a new one."""
    coin = Session(exchange.venue.services, PRODUCTS[1], "127.0.0.1", return_rate_limits=True)
    exchange.order(exchange.alice, "BUY", "0.0100")
    placed = {"symbol": "BTCUSD_PERP", "side": "BUY", "type": "MARKET", "quantity": "1"}
    request = {"id": 1, "method": "order.place", "params": exchange.sign(exchange.alice, placed)}
    assert exchange.send(json.dumps(request), coin)["status"] == 200
    for order in exchange.alice.closed_orders.values():
        exchange.engine.liquidator.liquidated.send(order)
    exchange.venue.market_data.announce("BTCUSDT")
    contracts = {one.underlying: one for one in options.contracts.values()} | {None: options.contracts[OPTION.upper()]}
    for contract in contracts.values():
        market = options.open(contract)
        options.traded.send((market, market.trades[-1]))
        options.listed.send(contract)


def test_every_stream_that_is_known_delivers(exchange, wire_type):
    venue, data, engine = exchange.venue, exchange.venue.market_data, exchange.engine
    engine.moves = True
    hub = Hub(data.now)
    engines: list[Any] = list(dict.fromkeys(venue.services.engines.values()))
    reader = Reader(wire_type(), StreamRoot("", public=True, market=True), engines, combined=True)
    wanted = [*names(FUTURES_STREAMS, FUTURES_PARTS), *names(OPTION_STREAMS, OPTION_PARTS)]
    for name in wanted:
        hub.subscribe(reader, name)
    _cause_what_is_rare(exchange, next(one for one in engines if isinstance(one, OptionStreams)))
    for step in range(10 * 4):
        exchange.clock.advance(250)
        if step % 4 == 0:
            engine.tick()
            for one in engines:
                one.tick()
        data.beat()
        for one in engines:
            one.beat()
        hub.beat()
        reader.wire.data = b""
    assert sorted(set(wanted) - set(hub.record.published)) == []

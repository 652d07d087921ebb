"""Streams of options: which names there are, below which root, how often, and what comes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options.option_streams import OptionStreams
from wireproof.venue.streams.hub import Hub, Reader
from wireproof.venue.streams.named_streams import StreamRoot

CALL = "btc-261225-90000-c"


class OptionStage:
    """A hub over the options of a venue whose markets move with its clock."""

    def __init__(self, exchange, wire):
        self.exchange, self._wire = exchange, wire
        exchange.engine.moves = True
        self.hub = Hub(exchange.clock.now_ms, soon=lambda act: act())
        self.engine = OptionStreams(exchange.venue.services, self.hub.hurry)
        exchange.venue.services.engines["options"] = self.engine

    def reader(self, *names, public=True, market=True):
        """Return the wire of a reader that subscribed `names`."""
        wire = self._wire()
        reader = Reader(wire, StreamRoot("", public=public, market=market), [self.engine], combined=False)
        for name in names:
            self.hub.subscribe(reader, name)
        return wire

    def run(self, milliseconds, step=50):
        """Let time pass."""
        for _ in range(0, milliseconds, step):
            self.exchange.clock.advance(step)
            if self.exchange.clock.now_ms() % 1_000 < step:
                self.exchange.engine.tick()
                self.engine.tick()
            self.engine.beat()
            self.hub.beat()


@pytest.fixture
def stage(exchange, wire_type):
    return OptionStage(exchange, wire_type)


@pytest.mark.parametrize(
    "name",
    [
        f"{CALL}@depth",
        f"{CALL}@depth@250ms",
        f"{CALL}@depth7@100ms",
        f"{CALL}@kline_2m",
        f"{CALL}@kline_1M",
        f"{CALL}@ticker",
        CALL,
        f"{CALL.upper()}@bookTicker",
        "btc-261225-90001-c@bookTicker",
        "btcusdt@openInterest@261224",
        "btcusdt@depth@100ms",
        "BTCUSDT@optionMarkPrice",
        "!bookTicker",
    ],
)
def test_other_names_are_silent(stage, name):
    assert stage.engine.stream(name) is None


@pytest.mark.parametrize(
    ("name", "public", "period"),
    [
        (f"{CALL}@depth@100ms", True, 100),
        (f"{CALL}@depth20@500ms", True, 500),
        (f"{CALL}@bookTicker", True, 0),
        (f"{CALL}@optionTicker", True, 1_000),
        ("btcusdt@optionTicker@261225", True, 1_000),
        (f"{CALL}@optionTrade", True, 50),
        ("btcusdt@optionTrade", True, 50),
        (f"{CALL}@kline_1m", False, 1_000),
        ("btcusdt@optionMarkPrice", False, 1_000),
        ("btcusdt@openInterest@261225", False, 60_000),
        ("btcusdt@optionOpenInterest@261225", False, 60_000),
        ("!index@arr", False, 1_000),
        ("!optionSymbol", False, 0),
    ],
)
def test_roots_and_paces(stage, name, public, period):
    stream = stage.engine.stream(name)
    assert (stream.public, stream.period) == (public, period)


def test_the_other_root_is_silent(stage):
    wire = stage.reader(f"{CALL}@optionTicker", public=False)
    stage.run(3_000)
    assert wire.events() == []


def test_depth_goes_on_where_it_ended(stage):
    wire = stage.reader(f"{CALL}@depth@100ms")
    stage.run(5_000)
    events = wire.events()
    assert len(events) >= 5
    for before, after in pairwise(events):
        assert after["pu"] == before["u"] < after["U"] <= after["u"]
    assert any(row[1] == "0" for event in events for row in event["b"] + event["a"])


def test_depth_events_add_up_to_the_book(stage):
    market = stage.engine.open(stage.engine.contract(CALL.upper()))
    book = {f"{one.price:.3f}": f"{one.quantity:.2f}" for one in market.depth(1_000)[0]}
    wire = stage.reader(f"{CALL}@depth@100ms")
    stage.run(5_000)
    for event in wire.events():
        book.update(dict(event["b"]))
    left = {price: size for price, size in book.items() if size != "0"}
    assert left == {f"{one.price:.3f}": f"{one.quantity:.2f}" for one in market.depth(1_000)[0]}


def test_partial_depth_has_the_best_levels(stage):
    wire = stage.reader(f"{CALL}@depth5@500ms")
    stage.run(2_000)
    event = wire.events()[-1]
    assert (event["e"], len(event["b"]), len(event["a"])) == ("depthUpdate", 5, 5)


def test_a_book_ticker_sends_nothing_upon_subscription_but_every_change(stage):
    wire = stage.reader(f"{CALL}@bookTicker")
    stage.hub.beat()
    assert wire.events() == []
    stage.run(3_000)
    events = wire.events()
    assert events
    touches = [tuple(event[key] for key in "bBaA") for event in events]
    assert all(first != second for first, second in pairwise(touches))


def test_trades_come_on_the_symbol_and_on_the_underlying(stage):
    symbol, underlying = stage.reader(f"{CALL}@optionTrade"), stage.reader("btcusdt@optionTrade")
    other = stage.reader("ethusdt@optionTrade")
    stage.run(15_000)
    trades = symbol.events()
    assert trades
    assert trades == [event for event in underlying.events() if event["s"] == CALL.upper()]
    assert other.events() == []


def test_tickers_follow_trades(stage):
    wire = stage.reader(f"{CALL}@optionTicker")
    stage.run(15_000)
    events = wire.events()
    assert {event["e"] for event in events} == {"24hrTicker"}
    assert len({event["L"] for event in events}) == len(events) > 1


def test_tickers_of_an_expiry_are_one_event_each(stage):
    wire = stage.reader("btcusdt@optionTicker@261225")
    stage.run(1_000)
    events = wire.events()
    assert len({event["s"] for event in events}) == len(events) == 26


def test_candles_close(stage):
    wire = stage.reader(f"{CALL}@kline_1m")
    stage.run(90_000, step=250)
    events = wire.events()
    assert [event["k"]["x"] for event in events].count(True) in {1, 2}
    assert {event["k"]["f"] for event in events} == {-1}


def test_mark_prices_are_one_frame_per_second(stage):
    wire = stage.reader("btcusdt@optionMarkPrice")
    stage.run(1_000)
    wire.events()
    stage.run(3_000)
    frames = wire.events()
    assert len(frames) == 3
    assert all(len(frame) == 156 for frame in frames)
    assert {row["P"] for row in frames[0]} == {"0"}


def test_the_estimated_settlement_price_shows_in_the_last_hour(stage):
    contract = min(stage.engine.contracts_on(stage.engine.underlying("BTCUSDT")), key=lambda one: one.expiry)
    wire = stage.reader("btcusdt@optionMarkPrice")
    stage.exchange.clock.advance(contract.expiry - stage.exchange.clock.now_ms() - 1_800_000)
    stage.run(2_000)
    rows = {row["s"]: row["P"] for row in wire.events()[-1]}
    assert float(rows[contract.name]) > 80_000
    assert rows[CALL.upper()] == "0"


def test_indexes_are_one_frame_per_second(stage):
    wire = stage.reader("!index@arr")
    stage.run(1_000)
    wire.events()
    stage.run(2_000)
    first, _ = wire.events()
    assert [row["s"] for row in first][:2] == ["BTCUSDT", "ETHUSDT"]


@pytest.mark.parametrize("word", ["openInterest", "optionOpenInterest"])
def test_open_interest_comes_on_whole_minutes(stage, word):
    wire = stage.reader(f"btcusdt@{word}@261225")
    stage.run(1_000)
    (frame,) = wire.events()
    assert {row["E"] % 60_000 for row in frame} == {0}
    assert {row["e"] for row in frame} == {"openInterest"}
    stage.run(60_000, step=500)
    assert len(wire.events()) == 1


def test_new_contracts_are_reported(stage):
    wire = stage.reader("!optionSymbol")
    stage.exchange.engine.set_price("BTCUSDT", stage.exchange.engine.market("BTCUSDT").mid * 11 / 10)
    stage.run(1_000)
    events = wire.events()
    stage.engine.control({"list": CALL.upper()})
    stage.run(50)
    assert [event["d"] for event in wire.events()] == ["CALL", "PUT"]
    assert {event["ps"] for event in events} == {"BTCUSDT"}
    assert all(event["s"] in stage.engine.contracts for event in events)


def test_streams_fall_silent_with_their_contract(stage):
    contract = stage.engine.contract(CALL.upper())
    wire = stage.reader(f"{CALL}@depth@100ms", f"{CALL}@bookTicker")
    stage.engine.settlement.settle(contract)
    stage.run(3_000)
    assert wire.events() == []


def test_events_go_to_the_accounts_user_stream(stage):
    events = []
    stage.exchange.engine.published.subscribe(lambda event: events.append((event.account, event.unit)))
    account = stage.engine.account("hmac")
    stage.engine.flow.report(account)
    assert events == [(stage.exchange.alice, "EO")] * 2


def test_a_test_can_change_what_only_the_market_or_the_site_does(stage):
    account = stage.engine.account("hmac")
    stage.engine.control({"exercise": CALL.upper()})
    assert CALL.upper() in stage.engine.past
    stage.engine.control({"account": "hmac", "level": "REDUCE_ONLY", "transfer": -5, "maker": False, "writes": False})
    assert stage.engine.risk.level(account) == "REDUCE_ONLY"
    assert (account.wallet, account.maker, account.writes) == (9_995, False, False)
    with pytest.raises(ValueError, match="no account 'nobody'"):
        stage.engine.control({"account": "nobody"})
    with pytest.raises(Refusal, match="-1121"):
        stage.engine.control({"exercise": CALL.upper()})

"""Matching: priority, time in force, self-trade prevention, and the events of a match."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.exchange.market import DEEP, FAR_LEVELS, LEVELS


def _kinds(events):
    return [(event["e"], event.get("o", {}).get("x"), event.get("o", {}).get("X")) for event in events]


def test_market_order_fills_at_the_market_makers_price(exchange):
    """A MARKET order takes the best offer, and reports GTC and a zero price at price precision."""
    order = exchange.order(exchange.alice, "BUY", "0.01")

    assert (order["status"], order["executedQty"], order["timeInForce"], order["price"]) == (
        "FILLED",
        "0.0100",
        "GTC",
        "0.00",
    )
    assert exchange.position(exchange.alice)["entryPrice"] == "86250.1"


def test_acknowledged_market_order_shows_new_although_it_filled(exchange):
    """ACK, the default, shows the order as it was before it met the book."""
    order = exchange.order(exchange.alice, "BUY", "0.01", newOrderRespType="ACK")

    assert (order["status"], order["executedQty"], order["cumQty"]) == ("NEW", "0.0000", "0.0000")
    assert exchange.status_of(exchange.alice, order) == "FILLED"


def test_placement_answers_have_no_average_price_and_reads_have_it(exchange):
    """AvgPrice and cumQuote left place, modify and cancel in June 2026; queries keep them and have no cumQty."""
    order = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    query = exchange.get("order.status", exchange.alice, symbol="BTCUSDT", orderId=order["orderId"])
    cancelled = exchange.get("order.cancel", exchange.alice, symbol="BTCUSDT", orderId=order["orderId"])

    assert not {"avgPrice", "cumQuote"} & (set(order) | set(cancelled))
    assert set(query) - set(order) == {"avgPrice", "cumQuote", "time"}
    assert set(order) - set(query) == {"cumQty"}


def test_better_price_is_matched_first(exchange):
    """Of two bids inside the spread of the maker, a seller meets the higher one."""
    low = exchange.order(exchange.alice, "BUY", "0.01", "86249.9")
    high = exchange.order(exchange.bob, "BUY", "0.01", "86250.0")
    exchange.order(exchange.carol, "SELL", "0.01")

    assert exchange.status_of(exchange.bob, high) == "FILLED"
    assert exchange.status_of(exchange.alice, low) == "NEW"


def test_earlier_order_is_matched_first_at_one_price(exchange):
    """At one price the earlier order fills before the later one."""
    first = exchange.order(exchange.alice, "BUY", "0.01", "86250.0")
    second = exchange.order(exchange.bob, "BUY", "0.01", "86250.0")
    exchange.order(exchange.carol, "SELL", "0.015")

    of = exchange.get("order.status", exchange.alice, symbol="BTCUSDT", orderId=first["orderId"])
    then = exchange.get("order.status", exchange.bob, symbol="BTCUSDT", orderId=second["orderId"])
    assert (of["status"], then["status"], then["executedQty"]) == ("FILLED", "PARTIALLY_FILLED", "0.0050")


def test_order_walks_the_book_level_by_level(exchange):
    """A large order takes each level at its own price; the average says so."""
    best, second = exchange.get("depth", symbol="BTCUSDT", limit=5)["asks"][:2]
    quantity = Decimal(best[1]) + Decimal("0.01")
    order = exchange.order(exchange.alice, "BUY", str(quantity))

    query = exchange.get("order.status", exchange.alice, symbol="BTCUSDT", orderId=order["orderId"])
    cost = Decimal(best[0]) * Decimal(best[1]) + Decimal(second[0]) * Decimal("0.01")
    assert Decimal(query["cumQuote"]) == cost
    assert query["avgPrice"] == f"{cost / quantity:.5f}"


def test_ioc_fills_what_it_can_and_expires(exchange):
    """IOC: the remainder expires with reason 2."""
    exchange.order(exchange.bob, "SELL", "0.01", "86250.0")
    order = exchange.order(exchange.alice, "BUY", "0.02", "86250.0", timeInForce="IOC")

    assert (order["status"], order["executedQty"]) == ("EXPIRED", "0.0100")
    last = exchange.told(exchange.alice)[-1]["o"]
    assert (last["x"], last["X"], last["er"]) == ("EXPIRED", "EXPIRED", "2")


def test_fok_is_refused_without_a_trace_when_it_cannot_fill(exchange):
    """FOK: -5021, no event, no order."""
    assert exchange.refuse_order(exchange.alice, timeInForce="FOK", price="86250.1", quantity="1")[:2] == (400, -5021)
    assert exchange.events == []
    assert not exchange.alice.open_orders
    assert not exchange.alice.closed_orders


def test_fok_that_fits_fills_at_once(exchange):
    """FOK within what is offered."""
    assert exchange.order(exchange.alice, "BUY", "0.1", "86250.1", timeInForce="FOK")["status"] == "FILLED"


def test_gtx_that_would_take_is_refused(exchange):
    """GTX: -5022, no event, no order."""
    assert exchange.refuse_order(exchange.alice, timeInForce="GTX", price="86250.1")[:2] == (400, -5022)
    assert exchange.events == []


def test_gtx_and_rpi_rest_as_makers(exchange):
    """Post-only orders rest when they take nothing."""
    for time_in_force in ("GTX", "RPI"):
        assert exchange.order(exchange.alice, "BUY", "0.01", "60000.0", timeInForce=time_in_force)["status"] == "NEW"


def test_gtd_expires_at_its_date(exchange):
    """GTD: kept to the second, expired by the clock with x=EXPIRED."""
    date = exchange.clock.now_ms() + 700_123
    order = exchange.order(exchange.alice, "BUY", "0.01", "60000.0", timeInForce="GTD", goodTillDate=date)
    exchange.clock.advance(700_200)
    exchange.venue.tick()

    assert order["goodTillDate"] == date // 1000 * 1000
    assert exchange.told(exchange.alice, "ORDER_TRADE_UPDATE")[-1]["o"]["X"] == "EXPIRED"
    assert not exchange.alice.open_orders


def test_market_order_beyond_the_book_expires_its_remainder(exchange):
    """MARKET: what nobody offers expires with reason 9."""
    exchange.engine.settings.set_leverage(exchange.alice, exchange.engine.markets["DOTUSDT"].symbol, 50)
    exchange.engine.markets["DOTUSDT"].book.asks.drop_quotes()
    exchange.order(exchange.bob, "SELL", "10", "2.345", symbol="DOTUSDT")
    order = exchange.order(exchange.alice, "BUY", "12", symbol="DOTUSDT")

    assert (order["status"], order["executedQty"]) == ("EXPIRED", "10.0")
    assert exchange.told(exchange.alice)[-1]["o"]["er"] == "9"


def test_own_resting_order_expires_by_default(exchange):
    """EXPIRE_MAKER is the default on the wire: the resting order gives way, the taker goes on."""
    resting = exchange.order(exchange.alice, "SELL", "0.01", "86250.0")
    taker = exchange.order(exchange.alice, "BUY", "0.01", "86250.1")

    of = exchange.get("order.status", exchange.alice, symbol="BTCUSDT", orderId=resting["orderId"])
    assert (resting["selfTradePreventionMode"], of["status"]) == ("EXPIRE_MAKER", "EXPIRED_IN_MATCH")
    assert taker["status"] == "FILLED"
    assert exchange.position(exchange.alice)["entryPrice"] == "86250.1"


def test_self_trade_prevention_by_mode(exchange):
    """EXPIRE_TAKER ends the incoming order, EXPIRE_BOTH both, NONE lets them trade."""
    seen = {}
    for mode in ("EXPIRE_TAKER", "EXPIRE_BOTH", "NONE"):
        resting = exchange.order(exchange.alice, "SELL", "0.01", "86250.0")
        taker = exchange.order(exchange.alice, "BUY", "0.01", "86250.0", selfTradePreventionMode=mode)
        of = exchange.get("order.status", exchange.alice, symbol="BTCUSDT", orderId=resting["orderId"])
        seen[mode] = (of["status"], taker["status"])
        if of["status"] == "NEW":
            exchange.get("order.cancel", exchange.alice, symbol="BTCUSDT", orderId=resting["orderId"])

    assert seen == {
        "EXPIRE_TAKER": ("NEW", "EXPIRED_IN_MATCH"),
        "EXPIRE_BOTH": ("EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"),
        "NONE": ("FILLED", "FILLED"),
    }


def test_events_of_an_order_that_fills_at_once(exchange):
    """TRADE_LITE, NEW, ACCOUNT_UPDATE, TRADE, all with the same T."""
    exchange.order(exchange.alice, "BUY", "0.01")
    events = exchange.told(exchange.alice)

    assert _kinds(events) == [
        ("TRADE_LITE", None, None),
        ("ORDER_TRADE_UPDATE", "NEW", "NEW"),
        ("ACCOUNT_UPDATE", None, None),
        ("ORDER_TRADE_UPDATE", "TRADE", "FILLED"),
    ]
    assert len({event["T"] for event in events}) == 1


def test_events_of_a_resting_order_that_is_hit(exchange):
    """NEW alone when it rests; TRADE_LITE, ACCOUNT_UPDATE, TRADE when it is hit."""
    exchange.order(exchange.alice, "BUY", "0.02", "86250.0")
    assert _kinds(exchange.told(exchange.alice)) == [("ORDER_TRADE_UPDATE", "NEW", "NEW")]
    assert exchange.told(exchange.alice)[0]["o"]["b"] == "1725"
    exchange.events.clear()
    exchange.order(exchange.bob, "SELL", "0.01")

    assert _kinds(exchange.told(exchange.alice)) == [
        ("TRADE_LITE", None, None),
        ("ACCOUNT_UPDATE", None, None),
        ("ORDER_TRADE_UPDATE", "TRADE", "PARTIALLY_FILLED"),
    ]
    assert exchange.told(exchange.alice)[0]["m"] is True


def test_event_fields_and_number_forms(exchange):
    """The measured keys; ORDER_TRADE_UPDATE drops trailing zeros, TRADE_LITE keeps them."""
    exchange.order(exchange.alice, "BUY", "0.01")
    lite, new, account, trade = exchange.told(exchange.alice)

    assert set(lite) == {"e", "E", "T", "s", "q", "p", "m", "c", "S", "L", "l", "t", "i"}
    keys = "s c S o f q p ap sp x X i l z L n N T t b a m R wt ot ps cp rp pP si ss V pm gtd er"
    assert set(new["o"]) == set(trade["o"]) == set(keys.split())
    assert (lite["q"], lite["p"], lite["L"]) == ("0.0100", "0.00", "86250.10")
    assert (trade["o"]["q"], trade["o"]["L"], new["o"]["n"], new["o"]["N"], new["o"]["er"]) == (
        "0.01",
        "86250.1",
        "0",
        "USDT",
        "0",
    )
    assert set(account["a"]["B"][0]) == {"a", "wb", "cw", "bc"}
    assert set(account["a"]["P"][0]) == {"s", "pa", "ep", "cr", "up", "mt", "iw", "ps", "ma", "bep"}
    assert (account["a"]["m"], account["a"]["P"][0]["mt"]) == ("ORDER", "cross")


def test_market_maker_takes_a_user_order_that_its_move_would_cross(exchange):
    """When the market moves through a resting order, it fills at its own price."""
    order = exchange.order(exchange.alice, "BUY", "0.01", "86000.0")
    exchange.engine.set_price("BTCUSDT", Decimal(85_000))

    query = exchange.get("order.status", exchange.alice, symbol="BTCUSDT", orderId=order["orderId"])
    assert (query["status"], query["avgPrice"]) == ("FILLED", "86000.00000")


def test_same_seed_same_market(keys):
    """Two venues of one seed move alike, of another seed not."""
    from wireproof.venue.base.venue_clock import ManualClock  # noqa: PLC0415  # only here
    from wireproof.venue.exchange.engine import Engine  # noqa: PLC0415

    def prices(seed):
        engine = Engine(ManualClock(), keys, seed=seed)
        for _ in range(5):
            engine.tick()
        return [(market.mark_price, market.last_price) for market in engine.markets.values()]

    assert prices(3) == prices(3)
    assert prices(3) != prices(4)


def test_book_stays_deep_and_uncrossed_as_it_moves(exchange):
    """After many moves every book has forty levels a side near the market, main ones a thousand; and a spread."""
    exchange.engine.moves = True
    for _ in range(20):
        exchange.engine.tick()
    for market in exchange.engine.markets.values():
        deep = market.symbol.base in DEEP and market.symbol.perpetual
        for side in (market.book.bids, market.book.asks):
            assert len(side.levels(2_000)) == LEVELS + FAR_LEVELS * deep
            assert len(side.near()) == LEVELS
        assert market.book.bids.best() < market.book.asks.best()
        assert abs(market.mid / market.symbol.start_price - 1) < Decimal("0.006")

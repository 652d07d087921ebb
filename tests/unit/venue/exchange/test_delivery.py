"""Delivery of quarterly contracts, of both products."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.turns import at_once
from wireproof.venue.exchange.records import OrderRequest
from wireproof.venue.products.registry import ROUTES, product_at

D = Decimal
DAY_MS = 86_400_000
LINEAR, LINEAR_NEXT, LINEAR_NEW = "BTCUSDT_260925", "BTCUSDT_261225", "BTCUSDT_270326"
COIN, COIN_NEXT, COIN_NEW = "BTCUSD_260925", "BTCUSD_261225", "BTCUSD_270326"
DATE = int(datetime(2026, 9, 25, 8, tzinfo=UTC).timestamp() * 1000)
CONDITIONAL = {"algoType": "CONDITIONAL", "side": "SELL", "type": "STOP_MARKET", "triggerPrice": "80000.0"}


def types_of(exchange, pair: str):
    """Return the dated contracts of a pair, by type, each with its status."""
    markets = [one.symbol for one in exchange.engine.markets.values() if one.symbol.pair == pair]
    return {one.contract_type: (one.name, one.status) for one in markets if not one.perpetual}


def go_to(exchange, time: int) -> None:
    """Let the clock show `time` and a moment pass."""
    exchange.clock.advance(time - exchange.clock.now_ms())
    exchange.engine.tick()


def test_the_next_quarter_becomes_the_current_one(exchange):
    """And another one is listed, three months on, of the same pair only."""
    exchange.engine.delivery.deliver(LINEAR)
    assert types_of(exchange, "BTCUSDT") == {
        "CURRENT_QUARTER": (LINEAR_NEXT, "TRADING"),
        "NEXT_QUARTER": (LINEAR_NEW, "TRADING"),
    }
    assert types_of(exchange, "BTCUSD") == {
        "CURRENT_QUARTER": (COIN, "TRADING"),
        "NEXT_QUARTER": (COIN_NEXT, "TRADING"),
    }
    assert LINEAR not in exchange.engine.symbols
    assert exchange.engine.symbols[LINEAR_NEW].onboarded <= exchange.clock.now_ms()


def test_deliveries_follow_each_other(exchange):
    """Also of the next quarter before the current one, which stays what it is."""
    exchange.engine.delivery.deliver(LINEAR)
    exchange.engine.delivery.deliver(LINEAR_NEXT)
    assert types_of(exchange, "BTCUSDT")["NEXT_QUARTER"][0] == "BTCUSDT_270625"
    exchange.engine.delivery.deliver(COIN_NEXT)
    assert types_of(exchange, "BTCUSD") == {
        "CURRENT_QUARTER": (COIN, "TRADING"),
        "NEXT_QUARTER": (COIN_NEW, "TRADING"),
    }


def test_the_date_delivers(exchange):
    """At eight, to the second, after ten minutes in which positions can only get smaller."""
    exchange.order(exchange.alice, "BUY", "0.01", symbol=LINEAR)
    go_to(exchange, DATE - 600_001)
    assert types_of(exchange, "BTCUSDT")["CURRENT_QUARTER"] == (LINEAR, "TRADING")
    go_to(exchange, DATE - 600_000)
    assert types_of(exchange, "BTCUSDT")["CURRENT_QUARTER"] == (LINEAR, "PRE_DELIVERING")
    assert exchange.refuse_order(exchange.alice, symbol=LINEAR, price="80000.0")[1] == -4140
    exchange.order(exchange.alice, "SELL", "0.005", symbol=LINEAR, reduceOnly="true")
    go_to(exchange, DATE - 1)
    assert LINEAR in exchange.engine.markets
    go_to(exchange, DATE)
    assert {LINEAR, COIN, "ETHUSDT_260925", "ETHUSD_260925"} == set(exchange.engine.delivered)
    assert types_of(exchange, "BTCUSDT")["CURRENT_QUARTER"] == (LINEAR_NEXT, "TRADING")
    assert types_of(exchange, "BTCUSD")["NEXT_QUARTER"] == (COIN_NEW, "TRADING")
    assert list(exchange.alice.open_positions()) == []


def test_the_settlement_price_is_the_mean_of_half_an_hour(exchange):
    """Of the index price, not of the contract's own; what was before does not count."""
    engine, market = exchange.engine, exchange.engine.markets[LINEAR]
    engine.delivery.check(exchange.clock.now_ms())
    engine.set_price("BTCUSDT", D(90_000))
    exchange.clock.advance(1_800_000)
    engine.delivery.check(exchange.clock.now_ms())
    engine.set_price("BTCUSDT", D(92_000))
    exchange.clock.advance(1_000)
    engine.delivery.check(exchange.clock.now_ms())
    assert abs(engine.delivery.settlement_price(market) - 91_000) < 2
    assert market.mid < 88_000
    assert engine.delivery.settlement_price(market) % market.symbol.tick == 0


@pytest.mark.parametrize(
    ("symbol", "quantity", "prefix"),
    [(LINEAR, "0.01", "settlement_autoclose-"), (COIN, "2", "delivery_autoclose-")],
)
def test_positions_are_closed_by_an_order_of_the_exchange(exchange, symbol, quantity, prefix):
    """At the settlement price; its events are those of any other fill, without TRADE_LITE."""
    request = exchange.engine.markets[symbol].symbol
    account = exchange.alice
    open_position(exchange, account, symbol, D(quantity))
    price = exchange.engine.delivery.settlement_price(exchange.engine.markets[symbol])
    position = account.position(request, "BOTH")
    profit = request.profit(position.amount, position.entry, price)
    before = account.wallets_of(unit=request.unit)[request.margin_asset]
    exchange.events.clear()
    exchange.engine.delivery.deliver(symbol)

    told = exchange.told(account)
    assert [event["e"] for event in told] == ["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]
    order = told[-1]["o"]
    assert order["c"].startswith(prefix)
    assert len(order["c"]) <= 40
    assert (order["x"], order["X"], order["S"], D(order["L"])) == ("TRADE", "FILLED", "SELL", price)
    assert told[1]["a"]["P"][0]["pa"] == "0"
    gained = account.wallets_of(unit=request.unit)[request.margin_asset] - before
    assert abs(gained - profit) <= request.value(D(quantity), price) * D("0.0005")
    assert [row.kind for row in account.income.rows][-2:] == ["COMMISSION", "DELIVERED_SETTELMENT"]
    assert list(account.open_positions()) == []


def open_position(exchange, account, symbol: str, quantity: Decimal) -> None:
    """Buy at the market, whichever product the symbol is of."""
    one = exchange.engine.markets[symbol].symbol
    exchange.engine.orders.submit(account, OrderRequest(one, "BUY", "BOTH", "MARKET", "GTC", quantity, D(0)))


def test_both_sides_of_hedge_mode_are_settled(exchange):
    """Each by an order of its own."""
    exchange.go_hedge(exchange.alice)
    exchange.order(exchange.alice, "BUY", "0.02", symbol=LINEAR, positionSide="LONG")
    exchange.order(exchange.alice, "SELL", "0.01", symbol=LINEAR, positionSide="SHORT")
    exchange.events.clear()
    exchange.engine.delivery.deliver(LINEAR)
    fills = [one["o"] for one in exchange.told(exchange.alice, "ORDER_TRADE_UPDATE") if one["o"]["x"] == "TRADE"]
    assert [(one["ps"], one["S"], one["z"]) for one in fills] == [("LONG", "SELL", "0.02"), ("SHORT", "BUY", "0.01")]
    assert len({one["c"] for one in fills}) == 2


def test_open_orders_are_cancelled(exchange):
    """Conditional ones too, before positions are settled; those of other contracts stay."""
    resting = exchange.order(exchange.alice, "BUY", "0.01", "80000.0", symbol=LINEAR)
    other = exchange.order(exchange.alice, "BUY", "0.01", "80000.0", symbol=LINEAR_NEXT)
    exchange.get("algoOrder.place", exchange.alice, symbol=LINEAR, quantity="0.01", **CONDITIONAL)
    exchange.events.clear()
    exchange.engine.delivery.deliver(LINEAR)
    told = [(event["e"], event["o"]["X"]) for event in exchange.told(exchange.alice)]
    assert told == [("ORDER_TRADE_UPDATE", "CANCELED"), ("ALGO_UPDATE", "CANCELED")]
    assert exchange.status_of(exchange.alice, resting) == "CANCELED"
    assert exchange.status_of(exchange.alice, other) == "NEW"
    assert exchange.alice.algos == {}


def test_delivered_contracts_take_no_orders(exchange, ask):
    """They are in no list any more; what was, can still be asked for."""
    exchange.order(exchange.alice, "BUY", "0.01", symbol=LINEAR)
    exchange.engine.delivery.deliver(LINEAR)
    assert exchange.refuse_order(exchange.alice, symbol=LINEAR) == (400, -4141, "Symbol is closed.")
    asked = {"symbol": LINEAR, "quantity": "0.01", **CONDITIONAL}
    assert exchange.refuse("algoOrder.place", exchange.alice, **asked)[1] == -4141
    for path in ("/fapi/v1/ticker/24hr", "/fapi/v2/ticker/price", "/fapi/v1/premiumIndex"):
        assert LINEAR not in {row["symbol"] for row in ask(path)}
    assert len(ask("/fapi/v1/klines", symbol=LINEAR, interval="1m", limit=3)) == 3
    assert exchange.get("v2/account.position", exchange.alice) == []
    exchange.engine.settings.set_multi_assets(exchange.alice, enabled=True)


@pytest.mark.parametrize("symbol", [LINEAR, COIN])
def test_no_request_stumbles_over_a_delivered_contract(exchange, symbol):
    """Each has an answer for it, or a refusal: first those that change nothing, then the others."""
    exchange.engine.delivery.deliver(symbol)
    sent = {"symbol": symbol, "side": "SELL", "type": "LIMIT", "quantity": "1", "price": "80000", "timeInForce": "GTC"}
    sent |= {"interval": "1m", "period": "5m", "leverage": "5", "marginType": "ISOLATED", "orderId": "1", "limit": "5"}
    stumbled = {}
    for name in sorted(ROUTES, key=lambda one: not one.startswith("GET ")):
        call = Call(exchange.venue.services, product_at(name.split()[1]), Params(sent), "127.0.0.1", exchange.alice)
        try:
            answer = ROUTES[name].run(call)
            if isinstance(answer, Generator):
                at_once(answer)
        except Refusal:
            continue
        except Exception as error:  # noqa: BLE001  # whatever it stumbles over
            stumbled[name] = repr(error)
    assert stumbled == {}


async def test_the_past_of_a_delivered_contract_is_found(rest):
    """Orders, executions, income and forced orders; what is about now is refused with -1121."""
    await rest.order(symbol=LINEAR, type="MARKET")
    rest.venue.engine.delivery.deliver(LINEAR)
    for path, rows in (("allOrders", 2), ("userTrades", 2), ("income", 3)):
        assert len(await rest.get(f"/fapi/v1/{path}", symbol=LINEAR)) == rows, path
    for path in ("v1/ticker/price", "v1/leverageBracket", "v3/positionRisk", "v1/insuranceBalance"):
        assert await rest.refused("GET", f"/fapi/{path}", symbol=LINEAR) == -1121


def test_settings_end_with_the_contract(exchange):
    """Otherwise an isolated contract that is gone would forbid the multi-assets mode."""
    exchange.engine.settings.set_margin_type(exchange.alice, exchange.engine.symbols[LINEAR], isolated=True)
    exchange.engine.delivery.deliver(LINEAR)
    exchange.engine.settings.set_multi_assets(exchange.alice, enabled=True)
    assert exchange.alice.multi_assets


def test_delivered_contracts_take_no_settings(exchange):
    """Leverage and margin type are refused like orders, so that nothing is kept for what is gone."""
    symbol = exchange.engine.symbols[LINEAR]
    exchange.engine.delivery.deliver(LINEAR)
    for change in (
        lambda: exchange.engine.settings.set_leverage(exchange.alice, symbol, 5),
        lambda: exchange.engine.settings.set_margin_type(exchange.alice, symbol, isolated=True),
    ):
        with pytest.raises(Refusal) as refused:
            change()
        assert refused.value.code == -4141
    assert (exchange.alice.leverages, exchange.alice.isolated) == ({}, set())


def test_delivery_prices_are_listed(exchange, ask):
    """The latest first, each date once."""
    go_to(exchange, DATE)
    for pair in ("BTCUSDT", "BTCUSD"):
        rows = ask("/futures/data/delivery-price", pair=pair)
        (delivered,) = exchange.engine.delivery.history[pair]
        assert rows[0] == {"deliveryTime": DATE, "deliveryPrice": float(delivered.price)}
        assert len({row["deliveryTime"] for row in rows}) == len(rows) == 8


def test_contract_info_tells_each_change(stage):
    """Both products' contracts, with the status at the time: what goes, what becomes current, what is new."""
    wire = stage.reader("!contractInfo")
    stage.exchange.engine.delivery.deliver(LINEAR)
    stage.exchange.engine.delivery.deliver(COIN)
    stage.hub.beat()
    events = wire.events()
    told = [(event["s"], event["ct"], event["cs"]) for event in events]
    assert told[: len(told) // 2] == [
        (LINEAR, "CURRENT_QUARTER", "PRE_DELIVERING"),
        (LINEAR, "CURRENT_QUARTER", "DELIVERING"),
        (LINEAR, "CURRENT_QUARTER", "DELIVERED"),
        (LINEAR_NEXT, "CURRENT_QUARTER", "TRADING"),
        (LINEAR_NEW, "NEXT_QUARTER", "PENDING_TRADING"),
        (LINEAR_NEW, "NEXT_QUARTER", "TRADING"),
    ]
    assert [event["st"] for event in events] == [1] * 6 + [2] * 6
    assert events[4]["dt"] == int(datetime(2027, 3, 26, 8, tzinfo=UTC).timestamp() * 1000)


def test_streams_follow_the_roll(stage):
    """Those of the type go on with the next contract, arrays change their rows, the delivered one falls silent."""
    continuous = stage.reader("btcusdt_current_quarter@continuousKline_1m")
    marks, own = stage.reader("!markPrice@arr@1s"), stage.reader(f"{LINEAR.lower()}@markPrice@1s")
    tickers, touches = stage.reader("!ticker@arr"), stage.reader("!bookTicker")
    stage.run(2_000)
    assert own.events()
    for wire in (continuous, marks, tickers, touches):
        wire.events()
    stage.exchange.engine.delivery.deliver(LINEAR)
    new = stage.reader(f"{LINEAR_NEW.lower()}@bookTicker")
    stage.run(5_000)

    close = D(continuous.events()[-1]["k"]["c"])
    assert abs(close - stage.exchange.engine.markets[LINEAR_NEXT].last_price) < 100
    assert own.events() == []
    for wire in (marks, tickers):
        names = {row["s"] for array in wire.events() for row in array}
        assert LINEAR_NEW in names
        assert LINEAR not in names
    names = {event["s"] for event in touches.events()}
    assert LINEAR_NEW in names
    assert LINEAR not in names
    assert {event["s"] for event in new.events()} == {LINEAR_NEW}


async def test_delivery_is_ordered_over_http(rest):
    """What is unlisted, or never delivered, is refused."""
    url = f"{rest.venue.rest_url}/venue/market"
    codes = []
    for symbol in (LINEAR, LINEAR, "BTCUSDT", "NOPE"):
        async with rest.http.post(url, json={"deliver": symbol}) as answer:
            codes.append((answer.status, (await answer.json()).get("code")))
    assert codes == [(200, None), (400, -1121), (400, -4104), (400, -1121)]
    async with rest.http.post(url, json={"symbol": LINEAR, "price": "1"}) as answer:
        assert (await answer.json())["code"] == -1121

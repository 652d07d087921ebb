"""Placing, modifying and cancelling: every rejection of the table, and the rules of a modification."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.exchange import margin

_MISSING = "Mandatory parameter '{}' was not sent, was empty/null, or malformed."
_PRECISION = "Precision is over the maximum defined for this asset."

# name -> changes to a sound limit order, code, text
REJECTIONS = {
    "unknown-symbol": ({"symbol": "NOPEUSDT"}, -1121, "Invalid symbol."),
    "lower-case-symbol": ({"symbol": "btcusdt"}, -1121, "Invalid symbol."),
    "symbol-missing": ({"symbol": None}, -1102, _MISSING.format("symbol")),
    "side-missing": ({"side": None}, -1102, _MISSING.format("side")),
    "type-missing": ({"type": None}, -1102, _MISSING.format("type")),
    "time-in-force-missing": ({"timeInForce": None}, -1102, _MISSING.format("timeInForce")),
    "quantity-missing": ({"quantity": None}, -1102, _MISSING.format("quantity")),
    "price-missing": ({"price": None}, -1102, _MISSING.format("price")),
    "quantity-unreadable": ({"quantity": "much"}, -1102, _MISSING.format("quantity")),
    "quantity-empty": ({"quantity": ""}, -1102, _MISSING.format("quantity")),
    "good-till-date-unreadable": (
        {"goodTillDate": "soon"},
        -1130,
        "Data sent for parameter 'goodTillDate' is not valid.",
    ),
    "optional-empty": ({"newClientOrderId": ""}, -1105, "Parameter 'newClientOrderId' was empty."),
    "side-unknown": ({"side": "HOLD"}, -1117, "Invalid side."),
    "type-unknown": ({"type": "ICEBERG"}, -1116, "Invalid orderType."),
    "time-in-force-unknown": ({"timeInForce": "DAY"}, -1115, "Invalid timeInForce."),
    "position-side-unknown": ({"positionSide": "UP"}, -4060, "Invalid position side."),
    "price-match-unknown": ({"priceMatch": "BEST"}, -5037, "Invalid price match"),
    "stp-unknown": ({"selfTradePreventionMode": "MAYBE"}, -5039, "Invalid self trade prevention mode"),
    "response-type-unknown": ({"newOrderRespType": "FULL"}, -1136, "Invalid newOrderRespType."),
    "working-type-unknown": ({"workingType": "INDEX"}, -4031, "Invalid parameter working type"),
    "price-decimals": ({"price": "60000.001"}, -1111, _PRECISION),
    "quantity-decimals": ({"quantity": "0.01001"}, -1111, _PRECISION),
    "price-off-tick": ({"price": "60000.05"}, -4014, "Price not increased by tick size."),
    "price-zero": ({"price": "0"}, -4001, "Price less than 0."),
    "price-too-low": ({"price": "0.5"}, -4013, "Price less than min price."),
    "price-too-high": ({"price": "90000000"}, -4002, "Price greater than max price."),
    "quantity-zero": ({"quantity": "0"}, -4003, "Quantity less than or equal to zero."),
    "quantity-negative": ({"quantity": "-1"}, -4003, "Quantity less than or equal to zero."),
    "quantity-too-large": ({"quantity": "1000.1"}, -4005, "Quantity greater than max quantity."),
    "notional": (
        {"quantity": "0.0001"},
        -4164,
        "Order's notional must be no smaller than 100 (unless you choose reduce only).",
    ),
    "bid-above-percent-price": ({"price": "99000.0"}, -4016, None),
    "offer-below-percent-price": ({"side": "SELL", "price": "70000.0"}, -4024, None),
    "margin": ({"quantity": "3"}, -2019, "Margin is insufficient."),
    "reduce-only-without-position": ({"reduceOnly": "true"}, -2022, "ReduceOnly Order is rejected."),
    "one-way-mode": ({"positionSide": "LONG"}, -4061, "Order's position side does not match user's setting."),
    "client-id-too-long": ({"newClientOrderId": "x" * 37}, -4015, "Client order id is not valid."),
    "client-id-characters": ({"newClientOrderId": "wp 1"}, -4015, "Client order id is not valid."),
    "gtd-without-date": ({"timeInForce": "GTD"}, -1102, _MISSING.format("goodTillDate")),
    "gtd-too-soon": ({"timeInForce": "GTD", "goodTillDate": 1_790_000_100_000}, -5040, None),
    "date-without-gtd": (
        {"goodTillDate": 1_790_100_000_000},
        -1106,
        "Parameter 'goodtilldate' sent when not required.",
    ),
    "stop-param": ({"stopPrice": "59000"}, -1106, "Parameter 'stopprice' sent when not required."),
    "price-and-price-match": ({"priceMatch": "QUEUE"}, -1106, "Parameter 'price' sent when not required."),
    "market-with-stop-param": (
        {"type": "MARKET", "price": None, "timeInForce": None, "stopPrice": "1"},
        -1106,
        "Parameter 'stopprice' sent when not required.",
    ),
    "market-with-price": (
        {"type": "MARKET", "timeInForce": None},
        -1106,
        "Parameter 'price' sent when not required.",
    ),
    "market-with-price-match": (
        {"type": "MARKET", "timeInForce": None, "price": None, "priceMatch": "QUEUE"},
        -5038,
        None,
    ),
}


@pytest.mark.parametrize("name", REJECTIONS)
def test_order_is_rejected(exchange, name):
    """Each rejection has its status, code and text, and leaves nothing behind."""
    changes, code, text = REJECTIONS[name]
    refusal = exchange.refuse_order(exchange.alice, **changes)

    assert refusal[:2] == (400, code)
    assert text is None or refusal[2] == text
    assert exchange.events == []
    assert not exchange.alice.open_orders


def test_sound_order_is_accepted(exchange):
    """The order that every rejection above is a change of is itself good."""
    assert exchange.order(exchange.alice, "BUY", "0.0100", "60000.0")["status"] == "NEW"


@pytest.mark.parametrize("kind", ["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"])
def test_conditional_types_belong_to_the_algo_service(exchange, kind):
    """order.place refuses them with -4120."""
    text = "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
    assert exchange.refuse_order(exchange.alice, type=kind) == (400, -4120, text)


def test_symbol_with_coarse_step(exchange):
    """A quantity off the step is -1111 by its decimals; off a coarser grid -4023 and below the least -4004."""
    sound = {"symbol": "ADAUSDT", "price": "0.40000"}
    assert exchange.refuse_order(exchange.alice, **sound, quantity="10.5")[1] == -1111
    assert exchange.refuse_order(exchange.alice, symbol="BTCUSDC", quantity="0.00001")[1] == -1111
    assert exchange.refuse_order(exchange.alice, **sound | {"price": "0.40005"}, quantity="20")[1] == -4014


def test_position_beyond_the_leverage_cap(exchange):
    """-2027 when margin would do but the bracket does not."""
    symbol = exchange.engine.markets["ADAUSDT"].symbol
    exchange.engine.settings.set_leverage(exchange.alice, symbol, 75)
    changes = {"symbol": "ADAUSDT", "price": "0.41000", "quantity": "800000"}
    assert exchange.refuse_order(exchange.alice, **changes)[1] == -2027


def test_client_id_of_an_open_order_cannot_be_used_again(exchange):
    """-4116 while it is open; free again once it is done."""
    exchange.order(exchange.alice, "BUY", "0.01", "60000.0", newClientOrderId="wp-1")
    again = exchange.refuse_order(exchange.alice, newClientOrderId="wp-1")
    exchange.get("order.cancel", exchange.alice, symbol="BTCUSDT", origClientOrderId="wp-1")

    assert again == (400, -4116, "ClientOrderId is duplicated.")
    assert exchange.order(exchange.alice, "BUY", "0.01", "60000.0", newClientOrderId="wp-1")["clientOrderId"] == "wp-1"


def test_default_client_id_has_22_letters_and_digits(exchange):
    """As in the documentation's samples."""
    client_id = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")["clientOrderId"]
    assert len(client_id) == 22
    assert client_id.isalnum()


def test_empty_book_refuses_market_orders(exchange):
    """-4131 when the counterparty has no acceptable price."""
    exchange.engine.markets["BTCUSDT"].book.asks.drop_quotes()
    refusal = exchange.refuse_order(exchange.alice, type="MARKET", price=None, timeInForce=None)
    assert refusal[1] == -4131


def test_hedge_mode_takes_no_reduce_only_and_needs_a_side(exchange):
    """-1106 'reduceonly' and -4061."""
    exchange.go_hedge(exchange.alice)
    assert exchange.refuse_order(exchange.alice, positionSide="LONG", reduceOnly="false") == (
        400,
        -1106,
        "Parameter 'reduceonly' sent when not required.",
    )
    assert exchange.refuse_order(exchange.alice)[1] == -4061


def test_reduce_only_orders_beyond_the_position(exchange):
    """One may be larger than the position; a second one when the first covers it is -4118."""
    exchange.order(exchange.alice, "BUY", "0.01")
    exchange.order(exchange.alice, "SELL", "0.02", "90000.0", reduceOnly="true")
    refusal = exchange.refuse_order(exchange.alice, side="SELL", price="90000.0", reduceOnly="true")
    assert refusal[1] == -4118


def test_reduce_only_market_order_stops_at_the_position(exchange):
    """A reduceOnly MARKET order never turns a position; its remainder expires."""
    exchange.order(exchange.alice, "BUY", "0.01")
    order = exchange.order(exchange.alice, "SELL", "0.05", reduceOnly="true")

    assert (order["status"], order["executedQty"]) == ("EXPIRED", "0.0100")
    assert exchange.position(exchange.alice)["positionAmt"] == "0.0000"


def test_reduce_only_orders_go_with_their_position(exchange):
    """A closed position takes its resting reduceOnly orders along."""
    exchange.order(exchange.alice, "BUY", "0.01")
    exchange.order(exchange.alice, "SELL", "0.01", "90000.0", reduceOnly="true")
    exchange.order(exchange.alice, "SELL", "0.01")
    assert not exchange.alice.open_orders


@pytest.mark.parametrize(
    ("mode", "side", "price"),
    [
        ("OPPONENT", "BUY", "86250.10"),
        ("QUEUE", "BUY", "86249.90"),
        ("OPPONENT_5", "SELL", "86163.90"),
        ("QUEUE_5", "SELL", "86336.10"),
    ],
)
def test_price_match_takes_its_price_from_the_book(exchange, mode, side, price):
    """OPPONENT is the other side's best price, QUEUE the own side's, a number counts levels."""
    order = exchange.get(
        "order.place",
        exchange.alice,
        symbol="BTCUSDT",
        side=side,
        type="LIMIT",
        timeInForce="GTC",
        quantity="0.01",
        priceMatch=mode,
    )
    assert (order["price"], order["priceMatch"]) == (price, mode)


def test_price_match_without_that_depth(exchange):
    """-5041 when the book has no such level."""
    exchange.engine.markets["BTCUSDT"].book.asks.drop_quotes()
    assert exchange.refuse_order(exchange.alice, price=None, priceMatch="OPPONENT_20")[1] == -5041


# order.cancel and order.status


def test_cancel_and_query_of_nothing(exchange):
    """-2011 for a cancel, -2013 for a query, -1102 without any id."""
    both = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
    ask = {"symbol": "BTCUSDT"}
    assert exchange.refuse("order.cancel", exchange.alice, **ask, orderId=1) == (400, -2011, "Unknown order sent.")
    assert exchange.refuse("order.status", exchange.alice, **ask, orderId=1) == (400, -2013, "Order does not exist.")
    assert exchange.refuse("order.cancel", exchange.alice, **ask) == (400, -1102, both)
    assert exchange.refuse("order.status", exchange.alice, **ask) == (400, -1102, both)
    assert exchange.refuse("order.status", exchange.alice, **ask, orderId="x")[1] == -1130


def test_orders_belong_to_one_account_and_one_symbol(exchange):
    """Nobody cancels or sees another account's order, nor finds it under another symbol."""
    order_id = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")["orderId"]
    assert exchange.refuse("order.cancel", exchange.bob, symbol="BTCUSDT", orderId=order_id)[1] == -2011
    assert exchange.refuse("order.status", exchange.alice, symbol="ETHUSDT", orderId=order_id)[1] == -2013


def test_cancel_says_canceled_and_happens_once(exchange):
    """One event x=CANCELED; the second cancel is refused."""
    order_id = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")["orderId"]
    answer = exchange.get("order.cancel", exchange.alice, symbol="BTCUSDT", orderId=order_id)
    last = exchange.told(exchange.alice)[-1]["o"]

    assert (answer["status"], last["x"], last["X"], last["b"]) == ("CANCELED", "CANCELED", "CANCELED", "0")
    assert exchange.refuse("order.cancel", exchange.alice, symbol="BTCUSDT", orderId=order_id)[1] == -2011


# order.modify


def _modify(exchange, account, order, quantity, price, **params):
    ask = {
        "symbol": "BTCUSDT",
        "side": order["side"],
        "orderId": order["orderId"],
        "quantity": quantity,
        "price": price,
    }
    return exchange.get("order.modify", account, **ask | params)


def _refuse_modify(exchange, account, order, **changes):
    sound = {
        "symbol": "BTCUSDT",
        "side": order["side"],
        "orderId": order["orderId"],
        "quantity": "0.0200",
        "price": "61000.0",
    }
    asked = {name: value for name, value in (sound | changes).items() if value is not None}
    return exchange.refuse("order.modify", account, **asked)[1]


def test_modify_changes_price_and_quantity(exchange):
    """The event is x=AMENDMENT with X unchanged; answer and event repeat a modifyId that was sent and invent none."""
    order = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    answer = _modify(exchange, exchange.alice, order, "0.02", "61000.0")
    last = exchange.told(exchange.alice)[-1]["o"]

    assert set(answer) == set(order)
    assert (answer["price"], answer["origQty"], answer["status"]) == ("61000.00", "0.0200", "NEW")
    assert (last["x"], last["X"], last["b"], "M" in last) == ("AMENDMENT", "NEW", "1220", False)
    assert _modify(exchange, exchange.alice, order, "0.03", "61000.0", modifyId=77)["modifyId"] == 77
    assert exchange.told(exchange.alice)[-1]["o"]["M"] == "77"
    exchange.get("order.cancel", exchange.alice, symbol="BTCUSDT", orderId=order["orderId"])
    assert "M" not in exchange.told(exchange.alice)[-1]["o"]


def test_modified_order_goes_to_the_end_of_the_queue(exchange):
    """An order that was first at its price is behind others after a modification."""
    first = exchange.order(exchange.alice, "BUY", "0.01", "86250.0")
    second = exchange.order(exchange.bob, "BUY", "0.01", "86250.0")
    _modify(exchange, exchange.alice, first, "0.02", "86250.0")
    exchange.order(exchange.carol, "SELL", "0.01")

    assert exchange.status_of(exchange.bob, second) == "FILLED"


def test_modification_that_crosses_trades(exchange):
    """A modified price beyond the spread takes at once, after its AMENDMENT."""
    order = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    exchange.events.clear()
    answer = _modify(exchange, exchange.alice, order, "0.02", "86250.1")

    assert (answer["status"], answer["executedQty"]) == ("FILLED", "0.0200")
    assert [event.get("o", {}).get("x") for event in exchange.told(exchange.alice)] == [
        None,
        "AMENDMENT",
        None,
        "TRADE",
    ]


def test_modify_rejections(exchange):
    """Unknown order, no change, bad filters, missing price or quantity; the order stays as it was."""
    order = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    refuse = _refuse_modify
    assert refuse(exchange, exchange.alice, order, orderId=1) == -2013
    assert refuse(exchange, exchange.alice, order, quantity="0.01", price="60000.0") == -5027
    assert refuse(exchange, exchange.alice, order, price="60001.0", reduceOnly="true") == -5047
    assert refuse(exchange, exchange.alice, order, price=None) == -1102
    assert refuse(exchange, exchange.alice, order, quantity=None) == -1102
    assert refuse(exchange, exchange.alice, order, orderId=None) == -1102
    assert refuse(exchange, exchange.alice, order, price="61000.05") == -4014
    assert refuse(exchange, exchange.alice, order, quantity="0.00001") == -1111
    assert refuse(exchange, exchange.alice, order, quantity="5") == -2019
    assert refuse(exchange, exchange.alice, order, side="SELL", price="90000.0") == -1117
    assert (
        exchange.get("order.status", exchange.alice, symbol="BTCUSDT", orderId=order["orderId"])["price"] == "60000.00"
    )


def test_only_limit_orders_are_modified(exchange):
    """-5025 for a MARKET order."""
    order = exchange.order(exchange.alice, "BUY", "0.01")
    assert _refuse_modify(exchange, exchange.alice, order) == -5025


def test_modifications_are_limited(exchange):
    """-5026 after as many as the symbol allows."""
    order = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    exchange.alice.open_orders[order["orderId"]].modifications = 1000
    assert _refuse_modify(exchange, exchange.alice, order) == -5026


def test_modification_down_to_what_is_executed_cancels(exchange):
    """A new quantity at or below the executed one cancels the order."""
    order = exchange.order(exchange.alice, "BUY", "0.02", "86250.0")
    exchange.order(exchange.bob, "SELL", "0.01")
    answer = _modify(exchange, exchange.alice, order, "0.01", "86250.0")
    assert (answer["status"], answer["executedQty"]) == ("CANCELED", "0.0100")


def test_post_only_order_modified_to_take_is_cancelled(exchange):
    """GTX never takes, not even through a modification."""
    order = exchange.order(exchange.alice, "BUY", "0.01", "60000.0", timeInForce="GTX")
    assert _modify(exchange, exchange.alice, order, "0.01", "86250.1")["status"] == "CANCELED"


def test_modification_holds_margin_for_the_new_size_only(exchange):
    """Neither the old margin counts twice nor is the new one forgotten."""
    order = exchange.order(exchange.alice, "BUY", "1", "60000.0")
    _modify(exchange, exchange.alice, order, "1.6", "60000.0")
    assert margin.available(exchange.alice, "USDT") == Decimal(5000) - Decimal(60000) * Decimal("1.6") / 20
    assert _refuse_modify(exchange, exchange.alice, order, quantity="1.7", price="60000.0") == -2019

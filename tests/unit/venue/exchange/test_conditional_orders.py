"""Conditional orders: taking in, triggering, trailing, ending."""

from __future__ import annotations

from decimal import Decimal

import pytest

SOUND = {
    "algoType": "CONDITIONAL",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": "0.01",
    "triggerPrice": "80000.0",
}


def place(exchange, **changes):
    """Place a sound stop with `changes`."""
    asked = {name: value for name, value in (SOUND | changes).items() if value is not None}
    return exchange.get("algoOrder.place", exchange.alice, **asked)


def refuse(exchange, **changes):
    """Return the code that a sound stop with `changes` is refused with."""
    asked = {name: value for name, value in (SOUND | changes).items() if value is not None}
    return exchange.refuse("algoOrder.place", exchange.alice, **asked)[1]


def statuses(exchange):
    """Return the statuses that ALGO_UPDATE events reported."""
    return [event["o"]["X"] for event in exchange.told(exchange.alice, "ALGO_UPDATE")]


def move(exchange, price):
    """Move BTCUSDT to `price`."""
    exchange.engine.set_price("BTCUSDT", Decimal(price))


def test_answer_and_first_event(exchange):
    """The answer shows the order; before the trigger ap, aq, act and rm are absent, ai is empty, tt zero."""
    answer = place(exchange)
    (event,) = exchange.told(exchange.alice)

    assert (answer["algoStatus"], answer["icebergQuantity"], answer["triggerPrice"]) == ("NEW", None, "80000.00")
    assert answer["selfTradePreventionMode"] == "EXPIRE_MAKER"
    assert (event["e"], event["o"]["X"], event["o"]["ai"], event["o"]["tt"]) == ("ALGO_UPDATE", "NEW", "", 0)
    assert not {"ap", "aq", "act", "rm", "ia"} & set(event["o"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"algoType": "VP"}, -1130),
        ({"algoType": None}, -1102),
        ({"symbol": "NOPE"}, -1121),
        ({"side": "HOLD"}, -1117),
        ({"type": "LIMIT"}, -1116),
        ({"timeInForce": "DAY"}, -1115),
        ({"workingType": "INDEX"}, -4031),
        ({"triggerPrice": None}, -1102),
        ({"triggerPrice": "abc"}, -1102),
        ({"triggerPrice": "-1"}, -4006),
        ({"triggerPrice": "99999999"}, -4007),
        ({"triggerPrice": "80000.05"}, -4014),
        ({"quantity": None}, -1102),
        ({"quantity": "0"}, -4003),
        ({"type": "STOP"}, -1102),
        ({"price": "80000.0"}, -1106),
        ({"callbackRate": "1"}, -1106),
        ({"triggerPrice": "90000.0"}, -2021),
        ({"side": "BUY"}, -2021),
        ({"type": "TAKE_PROFIT_MARKET"}, -2021),
        ({"closePosition": "true"}, -4137),
        ({"closePosition": "true", "quantity": None, "reduceOnly": "true"}, -1106),
        ({"closePosition": "true", "quantity": None, "type": "STOP", "price": "80000"}, -4020),
        ({"positionSide": "LONG"}, -4061),
        ({"clientAlgoId": "x" * 37}, -4015),
        ({"type": "TRAILING_STOP_MARKET", "triggerPrice": None}, -1102),
        ({"type": "TRAILING_STOP_MARKET", "triggerPrice": None, "callbackRate": "20.1"}, -1130),
        ({"type": "TRAILING_STOP_MARKET", "callbackRate": "1"}, -1106),
        ({"type": "TRAILING_STOP_MARKET", "triggerPrice": None, "callbackRate": "1", "activatePrice": "80000"}, -2021),
    ],
)
def test_rejections(exchange, changes, code):
    """Each rejection has its code and leaves nothing behind."""
    assert refuse(exchange, **changes) == code
    assert exchange.events == []


@pytest.mark.parametrize(
    ("kind", "side", "trigger"),
    [
        ("STOP_MARKET", "SELL", "85000.0"),
        ("STOP_MARKET", "BUY", "87000.0"),
        ("TAKE_PROFIT_MARKET", "SELL", "87000.0"),
        ("TAKE_PROFIT_MARKET", "BUY", "85000.0"),
    ],
)
def test_trigger_turns_into_a_market_order(exchange, kind, side, trigger):
    """Reached trigger: TRIGGERING, TRIGGERED, FINISHED, and the order's own events."""
    place(exchange, type=kind, side=side, triggerPrice=trigger)
    move(exchange, "86249.0")
    assert statuses(exchange) == ["NEW"]
    move(exchange, Decimal(trigger) + (1 if trigger > "86250" else -1))

    assert statuses(exchange) == ["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]
    last = exchange.told(exchange.alice, "ALGO_UPDATE")[-1]["o"]
    assert (last["act"], last["aq"], last["tt"], last["rm"]) == ("MARKET", "0.0100", exchange.clock.now_ms(), "")
    assert last["ai"] == str(exchange.told(exchange.alice, "TRADE_LITE")[0]["i"])
    assert abs(Decimal(exchange.position(exchange.alice)["positionAmt"])) == Decimal("0.01")
    assert not exchange.alice.algos


def test_limit_kind_rests_and_finishes_with_its_order(exchange):
    """A STOP whose limit is not met stays TRIGGERED until its order ends."""
    place(exchange, type="STOP", triggerPrice="85000.0", price="88000.0", timeInForce="GTC")
    move(exchange, "84999.0")
    assert statuses(exchange) == ["NEW", "TRIGGERING", "TRIGGERED"]
    exchange.engine.orders.cancel(next(iter(exchange.alice.open_orders.values())))
    assert statuses(exchange)[-1] == "FINISHED"


def test_mark_price_or_contract_price(exchange):
    """WorkingType says which price is watched."""
    market = exchange.engine.markets["BTCUSDT"]
    by_mark = place(exchange, workingType="MARK_PRICE", triggerPrice="86000.0")
    by_last = place(exchange, workingType="CONTRACT_PRICE", triggerPrice="86000.0")
    market.last_price = Decimal(85_999)
    exchange.engine.conditional_orders.check(market)

    assert by_mark["algoId"] in exchange.alice.algos
    assert by_last["algoId"] not in exchange.alice.algos


def test_close_position_closes_all_of_it(exchange):
    """The quantity is the position's when it triggers; its time in force says that it closes a position (measured)."""
    exchange.order(exchange.alice, "BUY", "0.03")
    assert place(exchange, closePosition="true", quantity=None)["timeInForce"] == "GTE_GTC"
    move(exchange, "79000.0")
    assert exchange.position(exchange.alice)["positionAmt"] == "0.0000"
    assert statuses(exchange)[-1] == "FINISHED"


def test_close_position_without_one_expires(exchange):
    """Nothing to close when it triggers: EXPIRED."""
    place(exchange, closePosition="true", quantity=None)
    move(exchange, "79000.0")
    assert statuses(exchange) == ["NEW", "TRIGGERING", "EXPIRED"]


def test_margin_is_checked_at_the_trigger_only(exchange):
    """Placed without margin, REJECTED with the reason when it triggers."""
    place(exchange, quantity="10")
    move(exchange, "79000.0")
    last = exchange.told(exchange.alice, "ALGO_UPDATE")[-1]["o"]
    assert (last["X"], last["rm"]) == ("REJECTED", "Margin is insufficient.")


def test_trailing_stop_follows_the_price(exchange):
    """The trigger rises with the price and fires when it falls back by the callback rate."""
    place(exchange, type="TRAILING_STOP_MARKET", triggerPrice=None, callbackRate="1")
    move(exchange, "90000.0")
    move(exchange, "89200.0")
    assert statuses(exchange)[-1] == "NEW"
    move(exchange, "89050.0")
    assert statuses(exchange)[-1] == "FINISHED"


def test_trailing_stop_waits_for_its_activation_price(exchange):
    """NEW twice: ia false, then true once the activation price is reached."""
    answer = place(exchange, type="TRAILING_STOP_MARKET", triggerPrice=None, callbackRate="1", activatePrice="88000.0")
    move(exchange, "84000.0")
    move(exchange, "88001.0")
    events = exchange.told(exchange.alice, "ALGO_UPDATE")

    assert (answer["activatePrice"], answer["callbackRate"]) == ("88000.00", "1.0")
    assert [(event["o"]["X"], event["o"]["ia"]) for event in events] == [("NEW", False), ("NEW", True)]


def test_cancel_by_either_id(exchange):
    """Code is the string "200"; unknown ones are -2011, none at all -1102."""
    first, second = place(exchange), place(exchange, clientAlgoId="wp-a")
    answer = exchange.get("algoOrder.cancel", exchange.alice, algoId=first["algoId"])
    exchange.get("algoOrder.cancel", exchange.alice, clientAlgoId="wp-a")

    assert answer == {"algoId": first["algoId"], "clientAlgoId": first["clientAlgoId"], "code": "200", "msg": "success"}
    assert statuses(exchange) == ["NEW", "NEW", "CANCELED", "CANCELED"]
    assert exchange.refuse("algoOrder.cancel", exchange.alice, algoId=second["algoId"])[1] == -2011
    assert exchange.refuse("algoOrder.cancel", exchange.alice)[1] == -1102


def test_at_most_200_and_no_id_twice(exchange):
    """-4045 for the 201st, -4116 for a client id that is open."""
    place(exchange, clientAlgoId="wp-1")
    assert refuse(exchange, clientAlgoId="wp-1") == -4116
    for _ in range(199):
        exchange.engine.conditional_orders.place(exchange.alice, exchange.engine.market("BTCUSDT"), _params(exchange))
    assert refuse(exchange) == -4045


def _params(_exchange):
    from wireproof.venue.base.params import Params  # noqa: PLC0415

    return Params(SOUND)

"""Every trading and account route of both products, asked for nonsense: refused or answered, never fatal."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Generator

import orjson
import pytest

from wireproof.venue.api.call import Call, CallSecurity
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.turns import at_once
from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.products.usdm.convert_routes import CONVERT_ROUTES

ASKED = [
    (product, operation)
    for product in PRODUCTS
    for operation in product.routes
    if operation.security is not CallSecurity.NONE and operation not in CONVERT_ROUTES
]
ODD = ["", "x", "-1", "0", "1e9", "1e-9", "9" * 20, "NaN", "null", "[]", "{}", "[[1]]", "true", "中", "٣"]
# What is plausible for a parameter; everything else gets something odd.
PLAUSIBLE = {
    "symbol": ["BTCUSDT", "ADAUSDT"],
    "pair": ["BTCUSD"],
    "side": ["BUY", "SELL"],
    "type": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET", "1", "2"],
    "positionSide": ["BOTH", "LONG", "SHORT"],
    "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    "quantity": ["1", "0.01", "10", "1000", "0.002"],
    "price": ["80000", "86000", "88000", "2800", "0.41"],
    "priceMatch": ["QUEUE", "OPPONENT_20"],
    "leverage": ["1", "20", "125", "126"],
    "marginType": ["ISOLATED", "CROSSED"],
    "amount": ["0.001", "100"],
    "dualSidePosition": ["true", "false"],
    "multiAssetsMargin": ["true", "false"],
    "algoType": ["CONDITIONAL"],
    "triggerPrice": ["80000", "90000"],
    "callbackRate": ["1"],
    "closePosition": ["true"],
    "countdownTime": ["0", "1000"],
}
OTHERS = [
    "reduceOnly",
    "newClientOrderId",
    "newOrderRespType",
    "selfTradePreventionMode",
    "goodTillDate",
    "orderId",
    "origClientOrderId",
    "orderIdList",
    "origClientOrderIdList",
    "batchOrders",
    "feeBurn",
    "limit",
    "startTime",
    "endTime",
    "fromId",
    "algoId",
    "clientAlgoId",
    "activatePrice",
    "workingType",
    "priceProtect",
    "marginAsset",
    "autoCloseType",
    "modifyId",
]
NAMES = [*PLAUSIBLE, *OTHERS]


COIN_SYMBOLS = ["BTCUSD_PERP", "ETHUSD_PERP"]


def _value(rng, name, ids, *, inverse=False):
    if name == "symbol" and inverse:
        return rng.choice(COIN_SYMBOLS)
    if name in {"orderId", "algoId"} and ids and rng.random() < 0.8:
        return str(rng.choice(ids))
    if name == "batchOrders" and rng.random() < 0.8:
        return json.dumps([{one: _value(rng, one, ids) for one in rng.sample(NAMES, 12)} for _ in range(3)])
    if name in PLAUSIBLE and rng.random() < 0.85:
        return rng.choice(PLAUSIBLE[name])
    return rng.choice(ODD)


def _params(rng, operation, ids):
    """Return parameters for an operation: mostly what it needs, and some more."""
    names = {*rng.sample(NAMES, rng.randint(0, 6)), *operation.mandatory}
    if operation.orders == 1 and rng.random() < 0.7:
        names = {*operation.mandatory, "quantity", *rng.choice([(), ("price", "timeInForce"), ("positionSide",)])}
    return {name: _value(rng, name, ids, inverse="/dapi/" in operation.name) for name in names}


@pytest.mark.parametrize("seed", range(3))
def test_refused_or_answered(exchange, seed):
    """Whatever the answer is, it can be written as JSON."""
    rng = random.Random(seed)  # noqa: S311  # a failure must repeat
    ids, outcomes = [], Counter()
    for _ in range(3_000):
        product, operation = rng.choice(ASKED)
        values = _params(rng, operation, ids)
        params = Params(values)
        call = Call(exchange.venue.services, product, params, "127.0.0.1", exchange.alice)
        try:
            params.need(operation.mandatory)
            operation.weight(params)
            answer = operation.run(call)
            answer = at_once(answer) if isinstance(answer, Generator) else answer
        except Refusal as refusal:
            outcomes[refusal.code] += 1
            continue
        assert orjson.dumps(answer), (operation.name, values)
        outcomes[200] += 1
        if isinstance(answer, dict):
            ids += [answer[name] for name in ("orderId", "algoId") if answer.get(name)]
        if rng.random() < 0.05:
            exchange.clock.advance(1_000)
            exchange.venue.tick()
    assert outcomes[200] > 300, "the scenario must get through, or it proves nothing"
    assert len(outcomes) > 20, "the scenario must be refused for many reasons"

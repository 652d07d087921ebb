"""Random sequences of margin orders keep wallets and books in order."""

from __future__ import annotations

import contextlib
import random
from decimal import Decimal

import pytest

from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.registry import ROUTES, product_at

SYMBOLS = ("BTCUSDT", "ETHUSDT", "BTCUSDC")


class Trader:
    """Asks the venue for what a seed says, and looks at what became of it."""

    def __init__(self, exchange, seed):
        self.exchange, self.chance = exchange, random.Random(seed)  # noqa: S311  # repeatable on purpose
        self.engine = exchange.venue.services.engines["portfolio-margin"]
        self.desk = self.engine.margin

    def ask(self, name, **params):
        """Send a request of one of two accounts, which may be refused."""
        account = self.chance.choice((self.exchange.alice, self.exchange.bob))
        given = Params({key: str(value) for key, value in params.items() if value is not None})
        call = Call(self.exchange.venue.services, product_at(name.split()[1]), given, "127.0.0.1", account)
        with contextlib.suppress(Refusal):
            ROUTES[name].run(call)

    def step(self):
        """Do one thing."""
        choose = self.chance.choice
        name, side = choose(SYMBOLS), choose(("BUY", "SELL"))
        base = 86_250 if name.startswith("BTC") else 2_815
        price = round(base * self.chance.uniform(0.98, 1.02), 2)
        quantity = round(self.chance.uniform(100, 20_000) / base, 4)
        effect = choose(("NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY"))
        sound = {"symbol": name, "side": side, "quantity": quantity, "sideEffectType": effect}
        act = self.chance.randrange(9)
        if act < 3:
            self.ask(
                "POST /papi/v1/margin/order",
                **sound | {"type": "LIMIT", "price": price, "timeInForce": choose(("GTC", "GTC", "IOC", "FOK"))},
                selfTradePreventionMode=choose(("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH")),
            )
        elif act == 3:
            self.ask("POST /papi/v1/margin/order", **sound | {"type": "MARKET"})
        elif act == 4:
            kind = choose(("STOP_LOSS", "TAKE_PROFIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"))
            limit = {"price": price, "timeInForce": "GTC"} if kind.endswith("LIMIT") else {}
            self.ask("POST /papi/v1/margin/order", **sound | limit | {"type": kind, "stopPrice": price})
        elif act == 5:
            up, down = round(base * 1.01, 2), round(base * 0.99, 2)
            limit, stop = (up, down) if side == "SELL" else (down, up)
            both = sound | {"price": limit, "stopPrice": stop, "sideEffectType": None}
            more = {"stopLimitPrice": stop, "stopLimitTimeInForce": "GTC"} if self.chance.random() < 0.5 else {}
            self.ask("POST /papi/v1/margin/order/oco", **both | more)
        elif act == 6:
            self.ask("DELETE /papi/v1/margin/allOpenOrders", symbol=name)
        elif act == 7:
            orders = [order for orders in self.desk._orders.values() for order in orders]
            if orders:
                order = choose(orders)
                self.ask("DELETE /papi/v1/margin/order", symbol=order.symbol.name, orderId=order.order_id)
        else:
            symbol = choose(("BTCUSDT", "ETHUSDT", "BTCUSDC"))
            start = self.exchange.engine.markets[symbol].symbol.start_price
            self.exchange.engine.set_price(symbol, start * Decimal(str(round(self.chance.uniform(0.985, 1.015), 4))))

    def look(self):
        """Check what must hold at any time."""
        resting = {id(order) for market in self.desk.markets.values() for order in market.resting}
        for portfolio, orders in self.desk._orders.items():
            locked = dict.fromkeys(portfolio.margin, Decimal(0))
            holds = {}
            for order in orders:
                if order.is_open:
                    holds[id(order.hold)] = order.hold
                    rests = order.working
                    assert (id(order) in resting) is rests, order
                else:
                    assert id(order) not in resting
                assert 0 <= order.executed <= order.quantity
                assert sum((trade.quantity for trade in order.trades), Decimal(0)) == order.executed
                assert (order.status == "FILLED") is (order.executed == order.quantity)
            for hold in holds.values():
                locked[hold.asset] += hold.left
            for asset, cross in portfolio.margin.items():
                assert cross.locked == locked[asset], asset
                assert min(cross.free, cross.locked, cross.borrowed, cross.interest) >= 0, asset


@pytest.mark.parametrize("seed", range(12))
def test_random_sequences(exchange, seed):
    """What is locked is what open orders need, nothing is below zero, and only what works rests in a book."""
    trader = Trader(exchange, seed)
    for _ in range(150):
        trader.step()
        trader.look()
    done = [order for orders in trader.desk._orders.values() for order in orders]
    assert {"FILLED", "CANCELED", "EXPIRED"} <= {order.status for order in done}

"""A product without a WebSocket API is asked over REST alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from wireproof.suite.planning.costs import Costs
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.state.account import Account, PriceSource, requests_sent
from wireproof.wire.secrets.credentials import Credentials, HmacSigner
from wireproof.wire.trouble import Health

ANSWERS = {
    "POST /papi/v1/um/order": b'{"orderId": 7}',
    "DELETE /papi/v1/um/order": b'{"orderId": 7}',
    "POST /papi/v1/listenKey": b'{"listenKey": "key"}',
}
PRICES = {"GET /dapi/v1/ticker/price": b'{"price": "1"}'}


class Rest:
    """Answers requests, and keeps what was asked."""

    def __init__(self):
        self.health, self.asked = Health("127.0.0.1", str), []

    async def request(self, verb, path, _params, **_more):
        """Answer one request."""
        await asyncio.sleep(0)
        self.asked.append(f"{verb} {path}")
        return SimpleNamespace(status=200, raw=(ANSWERS | PRICES)[f"{verb} {path}"])


@pytest.fixture
def account(store):
    """Return an account of a product that has REST only: touching its session fails."""
    driver = replace(
        DRIVERS["usdm"],
        over_rest={
            "order.place": "POST /papi/v1/um/order",
            "order.cancel": "DELETE /papi/v1/um/order",
            "userDataStream.start": "POST /papi/v1/listenKey",
        },
        ws_api=False,
    )
    requests_sent.set([0])
    return Account(
        name="first",
        credentials=Credentials("key", HmacSigner("secret")),
        session=None,
        rest=Rest(),
        costs=Costs(store.contracts, store.products["usdm"]),
        now_ms=lambda: 0,
        run="run",
        listen_key=asyncio.Lock(),
        driver=driver,
    )


async def test_prices_are_asked_of_the_source_of_a_book(account, store):
    book = DRIVERS["portfolio-margin"].books[1]
    account.sources = {"coinm": PriceSource(Rest(), Costs(store.contracts, store.products["coinm"]))}
    price = await account.ask_public(book, book.price, lambda answer: answer.text("price"), symbol="BTCUSD_PERP")
    assert (price, account.rest.asked, account.sources["coinm"].rest.asked) == ("1", [], [book.price])


async def test_housekeeping_goes_over_rest_where_that_is_all_there_is(account):
    order = {"symbol": "BTCUSDT", "newClientOrderId": "wp-1"}
    assert await account.place("order.place", order, lambda answer: answer.integer("orderId")) == 7
    assert await account.ask("order.cancel", {"orderId": 7}, lambda answer: answer.integer("orderId")) == 7
    assert await account.ask_keyed("userDataStream.start", lambda answer: answer.text("listenKey")) == "key"
    assert account.rest.asked == list(ANSWERS)

"""The one way of every request: what is charged, and what is refused first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wireproof.venue.api.call import CallCredentials, CallSecurity, Operation, constant_weight
from wireproof.venue.api.pipeline import UNKNOWN_WEIGHT, Arrival, serve
from wireproof.venue.base.faults import Fault
from wireproof.venue.base.params import Params
from wireproof.venue.base.rate_limits import HOST_LIMITS, CountLimit, LimitRules
from wireproof.venue.base.refusals import Refusal, invalid_data
from wireproof.venue.products.registry import PRODUCTS

IP = "127.0.0.1"
USDM, COINM = PRODUCTS[:2]


def operation(run=lambda _call: "done", security=CallSecurity.NONE, **settings):
    """Return an operation of weight 7."""
    return Operation("GET /test", security, run, constant_weight(7), **settings)


def arrival(asked, account=None, product=USDM, **changes):
    """Return a request by an account's key."""
    key = None if account is None else account.key.api_key
    made = Arrival(
        product=product,
        operation=asked,
        name="test",
        params=Params({}),
        ip=IP,
        credentials=lambda _asked: CallCredentials(key, None, list),
        unknown=lambda: Refusal(-5000, "There is no such request.", status=404),
    )
    return replace(made, **changes)


@pytest.fixture
def services(exchange):
    """Return what operations work with."""
    return exchange.venue.services


def test_a_request_is_counted_charged_and_carried_out(services):
    """Its weight goes to the IP; an order to the account only."""
    served = serve(services, arrival(operation()))
    assert (served.result, served.refusal, served.account, served.weight) == ("done", None, None, 7)
    assert (services.pools.of(HOST_LIMITS).weights.used(IP), services.requests["test"]) == (7, 1)


def test_an_order_is_charged_to_its_account(exchange, services):
    served = serve(services, arrival(operation(security=CallSecurity.KEY, orders=5), exchange.bob))
    assert served.account is exchange.bob
    assert services.pools.of(HOST_LIMITS).orders.counts(exchange.bob.name) == (5, 1)


def test_weight_of_an_account_is_not_the_addresses(exchange, services):
    """It is refused beyond its own limit, after the request has proved whose it is."""
    product = replace(USDM, limits=LimitRules(weight=10, account_weight=13))
    pool = services.pools.of(product.limits)
    asked = operation(security=CallSecurity.KEY, by_account=True)
    codes = [serve(services, arrival(asked, account, product)).refusal for account in (exchange.bob, exchange.bob)]
    assert (codes[0], codes[1].code, codes[1].status) == (None, -1003, 429)
    assert "UID" in codes[1].msg
    assert (pool.weights.used(IP), pool.account_weights.usage()) == (0, {exchange.bob.name: 7})
    assert serve(services, arrival(asked, exchange.alice, product)).refusal is None


def test_what_there_is_not_has_a_weight_all_the_same(services):
    served = serve(services, arrival(None))
    assert (served.refusal.code, served.weight, services.pools.of(HOST_LIMITS).weights.used(IP)) == (
        -5000,
        UNKNOWN_WEIGHT,
        UNKNOWN_WEIGHT,
    )
    assert services.requests["?"] == 1


def test_limits_come_first(exchange, services):
    """Before the fault, the fault before the key, the key before the operation."""
    limit = CountLimit(exchange.clock, 1, "requests")
    fault = Fault("answer", code=-1001, msg="Disconnected.", status=500)
    asked = operation(security=CallSecurity.KEY)
    codes = [
        serve(services, arrival(asked, limit=limit, fault=one, operation=asked)).refusal.code for one in (fault, fault)
    ]
    assert codes == [-1001, -1003]
    assert serve(services, arrival(asked)).refusal.code == -1102
    assert serve(services, arrival(operation(mandatory=("symbol",)))).refusal.code == -1102


def test_a_refusal_gets_the_products_number(exchange, services):
    """From the operation, or from anything before it."""

    def refuse(_call):
        raise Refusal(-4164, "Too small.")

    codes = [serve(services, arrival(operation(refuse), product=one)).refusal.code for one in (USDM, COINM)]
    assert codes == [-4164, -4178]


def test_weight_is_charged_to_refused_requests_too(services):
    def refuse(_call):
        raise invalid_data("limit")

    served = serve(services, arrival(operation(refuse)))
    assert (served.refusal.code, services.pools.of(HOST_LIMITS).weights.used(IP)) == (-1130, 7)

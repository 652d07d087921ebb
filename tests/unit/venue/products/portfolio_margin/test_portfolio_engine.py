"""The portfolio margin accounts of a venue."""

from __future__ import annotations

from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.products.portfolio_margin.portfolio_engine import PortfolioMarginEngine, portfolio_of
from wireproof.venue.products.registry import product_at


def call_of(venue):
    """Return a request of the venue's first account."""
    return Call(venue.services, product_at("/papi/v1/account"), Params({}), "10.1.2.3", venue.accounts[0])


async def test_each_key_has_a_portfolio_of_its_own(exchange):
    """It is the exchange's account like any other, without a key of its own."""
    call = call_of(exchange.venue)
    found = portfolio_of(call)
    assert found is portfolio_of(call)
    assert found.owner is exchange.alice
    assert found.futures in exchange.engine.accounts
    assert found.futures not in exchange.venue.accounts
    assert exchange.engine.account_of(exchange.alice.key.api_key) is exchange.alice
    assert len(call.own(PortfolioMarginEngine).portfolios) == 3


async def test_a_key_without_portfolio_margin_is_refused_everywhere(papi):
    """Also for its listen key; the address that asked is named."""
    await papi.get("account")
    venue = papi.venue
    portfolio_of(call_of(venue)).enabled = False
    for verb, path in (("GET", "account"), ("GET", "um/openOrders"), ("GET", "cm/account"), ("POST", "listenKey")):
        status, answer = await papi.rest.ask(verb, f"/papi/v1/{path}")
        assert (status, answer["code"]) == (401, -2015)
        assert answer["msg"] == "Invalid API-key, IP, or permissions for action, request ip: 127.0.0.1"
    assert await papi.get("ping") == {}
    await papi.get("account", venue.accounts[1])
    unknown = {"X-MBX-APIKEY": "x" * 64}
    async with papi.rest.http.post(f"{venue.rest_url}/papi/v1/listenKey", headers=unknown) as refused:
        assert (await refused.json())["msg"] == answer["msg"], "so is a key that nobody has"


async def test_tests_of_another_process_see_what_is_left(papi):
    """Margin orders and loans by account; the orders of futures where those of all accounts are."""
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    await papi.post("margin/order", **order, quantity="0.01", price="80000", newClientOrderId="mine")
    await papi.post("marginLoan", asset="USDT", amount="100")
    await papi.um_order()
    async with papi.rest.http.get(f"{papi.venue.rest_url}/venue/state") as answer:
        state = await answer.json()
    name = papi.venue.accounts[0].name
    assert state["products"]["portfolio-margin"][name] == {
        "level": "NORMAL",
        "margin_orders": ["mine"],
        "owed": {"USDT": "100.00055"},
    }
    (portfolio,) = (one for one in state["accounts"] if one.startswith(f"{name} "))
    assert len(state["accounts"][portfolio]["open_orders"]) == 1
    assert state["accounts"][name]["open_orders"] == []


async def test_a_balance_below_zero_costs_interest_and_is_exchanged(papi):
    """When a test of another process lets an hour pass."""
    engine = call_of(papi.venue).own(PortfolioMarginEngine)
    name = papi.venue.accounts[0].name
    engine.control({"account": name, "negative": {"LTC": "100", "USDC": "5"}, "hour": True})
    rows = await papi.get("portfolio/interest-history")
    assert {row["asset"]: row["principal"] for row in rows} == {"LTC": "100.00000000", "USDC": "5.00000000"}
    now = papi.venue.clock.now_ms()
    records = await papi.get("portfolio/negative-balance-exchange-record", startTime=now, endTime=now)
    [[record]] = [row["details"] for row in records["rows"]]
    assert (record["asset"], type(record["negativeMaxThreshold"])) == ("LTC", int)  # whole, unlike the balance
    assert (await papi.get("balance", asset="USDC"))["negativeBalance"].startswith("-5.0000")
    assert await papi.get("portfolio/interest-history", papi.venue.accounts[1]) == []

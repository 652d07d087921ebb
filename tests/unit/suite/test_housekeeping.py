"""What a run asks for itself is altered: it blocks what depends on it with one sentence, and accuses nobody else."""

from __future__ import annotations

import asyncio
import copy
import json
from dataclasses import replace

import pytest
from relays import altered_rest, rest_relay

from wireproof.drift.finding import Verdict
from wireproof.torture.relay import Drip
from wireproof.wire.endpoints import Endpoints

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: Cases that between them need nearly every kind of state, and read nearly every answer of the suite's own.
DEPENDENT = (
    "usdm/ws-api/account.balance/default",
    "usdm/ws-api/order.place/limit-gtc",
    "usdm/ws-api/order.cancel/by-order-id",
    "usdm/ws-api/order.status/by-client-order-id",
    "usdm/ws-api/algoOrder.cancel/by-algo-id",
    "usdm/ws-api/userDataStream.ping/active",
    "usdm/rest/GET.fapi.v1.openInterest/default",
    "usdm/rest/DELETE.fapi.v1.order/by-order-id",
    "usdm/rest/GET.fapi.v1.order/by-order-id",
    "usdm/rest/GET.fapi.v1.userTrades/symbol-sent",
    "usdm/rest/POST.fapi.v1.leverage/default",
    "usdm/rest/POST.fapi.v1.marginType/default",
    "usdm/rest/POST.fapi.v1.feeBurn/other",
    "usdm/rest/POST.fapi.v1.positionSide.dual/hedge",
    "usdm/event/ORDER_TRADE_UPDATE/new",
    "usdm/event/ACCOUNT_UPDATE/margin-transfer",
)


def without(holder, name):
    del holder[name]


def null(holder, name):
    holder[name] = None


def emptied(holder, name):
    holder[name] = ""


def boxed(holder, name):
    holder[name] = {"was": holder[name]}


#: Request, field (of every row where it is a list, "" for the whole answer), and how it is altered.
ALTERATIONS = [
    ("GET /fapi/v1/exchangeInfo", "symbols", without),
    ("GET /fapi/v1/exchangeInfo", "symbols[].filters", boxed),
    ("GET /fapi/v1/exchangeInfo", "symbols[].pricePrecision", null),
    ("GET /fapi/v1/ticker/bookTicker", "[].bidPrice", emptied),
    ("GET /fapi/v1/ticker/bookTicker", "", boxed),
    ("GET /fapi/v1/openOrders", "", boxed),
    ("GET /fapi/v1/openAlgoOrders", "", null),
    ("GET /fapi/v1/positionSide/dual", "dualSidePosition", without),
    ("GET /fapi/v1/multiAssetsMargin", "multiAssetsMargin", emptied),
    ("GET /fapi/v1/feeBurn", "feeBurn", null),
    ("v2/account.position", "id", without),
    ("v2/account.position", "result", null),
    ("v2/account.position", "result[].positionAmt", emptied),
    ("account.position", "result[].leverage", boxed),
    ("account.position", "result[].marginType", without),
    ("order.place", "result.orderId", without),
    ("order.place", "result.orderId", boxed),
    ("order.place", "result.status", null),
    ("order.place", "result", emptied),
    ("order.place", "status", without),
    ("order.status", "result.status", without),
    ("order.cancel", "result", null),
    ("algoOrder.place", "result.algoId", null),
    ("userDataStream.start", "result.listenKey", without),
    ("userDataStream.start", "result", null),
    ("userDataStream.ping", "result.listenKey", boxed),
    ("userDataStream.stop", "status", emptied),
    ("POST /fapi/v1/marginType", "", emptied),
    ("POST /fapi/v1/positionSide/dual", "", null),
]


def change(document, path, alter):
    """Return a document that is altered at each place which a path names."""
    names = [name for name in path.replace("[]", ".[].").split(".") if name]
    if not names:
        holder = {"": document}
        alter(holder, "")
        return holder.get("")
    found = [document]
    for name in names[:-1]:
        found = [row for each in found for row in each] if name == "[]" else [each[name] for each in found]
    for each in found:
        if isinstance(each, dict) and names[-1] in each:
            alter(each, names[-1])
    return document


@pytest.fixture
def run_altered(planned, venue, target_of, altering_proxy, conduct_cases):
    """Return what runs cases through proxies on both surfaces that alter each answer to one request."""

    async def run(asked, change_answer, *ids, answer_timeout=10.0):
        def alter_rest(verb, path, _status, body):
            if f"{verb} {path}" != asked or _status != 200:
                return body
            changed = change_answer(json.loads(body))
            if isinstance(changed, dict) and changed.get("code", 0) < 0:
                return 400, json.dumps(changed).encode()
            return json.dumps(changed).encode()

        def alter_ws(request, answer, _connection):
            if request.get("method") == asked and answer.get("status") == 200:
                changed = change_answer(copy.deepcopy(answer)) or {"id": "nobody's"}
                answer.clear()
                answer.update(changed)

        async with (
            altered_rest(venue.rest_url, alter_rest) as rest_url,
            altering_proxy(venue.ws_api_url, alter_ws) as ws_url,
            altering_proxy(venue.urls["coinm"]["ws-api"], alter_ws) as coinm_ws_url,
        ):
            target = target_of(venue)
            stream = venue.stream_url
            coinm = venue.urls["coinm"]["stream"]
            target.endpoints = {
                "usdm": Endpoints(ws_url, rest_url, stream, f"{stream}/private", "usdm", "local"),
                "coinm": Endpoints(coinm_ws_url, rest_url, coinm, coinm, "coinm", "local"),
            }
            target.answer_timeout = answer_timeout
            return await conduct_cases(target, *(planned[name] for name in ids), waived=False)

    return run


def accused(run):
    """Return the contracts that a run accuses, without what the venue sends otherwise than documented."""
    return {result.contract for result in run.results.values() if result.verdict is Verdict.BREAKING}


def contract_of(asked, product="usdm"):
    """Return the id of the contract of a request."""
    verb, _, path = asked.partition(" ")
    name = f"{verb}.{path.strip('/').replace('/', '.')}" if path else asked.replace("/", ".")
    return f"{product}/{'rest' if path else 'ws-api'}/{name}"


def left(venue):
    """Return what stands on the venue's accounts."""
    return [account.name for account in venue.accounts if account.open_orders or any(account.open_positions())]


@pytest.mark.parametrize(("asked", "path", "alter"), ALTERATIONS, ids=lambda value: getattr(value, "__name__", value))
async def test_an_altered_answer_accuses_its_own_contract_and_blocks_what_depends_on_it(
    asked, path, alter, run_altered, venue
):
    """One sentence names request and field; nothing is broken, no other contract is accused, nothing is left."""
    run = await run_altered(asked, lambda document: change(document, path, alter), *DEPENDENT, answer_timeout=1.0)
    assert accused(run) <= {contract_of(asked)}
    blocked = [result for result in run.results.values() if result.verdict is Verdict.BLOCKED]
    assert {result.verdict for result in run.results.values()} & {Verdict.BROKEN, None} == set()
    for result in blocked:
        assert f"{asked}: " in result.reason, result.reason
        assert "`" in result.reason or ": the answer is" in result.reason, result.reason
    if blocked:
        assert f"{asked}: " in next(iter(run.blockages.values())).reason
    assert run.not_cleaned == []
    assert left(venue) == []


#: The same of COIN-M, which has other surfaces for some of it.
COINM = (
    "coinm/ws-api/order.place/limit-gtc",
    "coinm/ws-api/order.cancel/by-order-id",
    "coinm/ws-api/userDataStream.ping/active",
    "coinm/rest/GET.dapi.v1.order/by-order-id",
    "coinm/rest/POST.dapi.v1.leverage/default",
    "coinm/rest/POST.dapi.v1.marginType/default",
    "coinm/rest/POST.dapi.v1.positionSide.dual/hedge",
    "coinm/rest/GET.dapi.v1.openInterest/default",
    "coinm/event/ORDER_TRADE_UPDATE/new",
)


@pytest.mark.parametrize(
    ("asked", "path", "alter"),
    [
        ("GET /dapi/v1/exchangeInfo", "symbols[].contractSize", boxed),
        ("GET /dapi/v1/ticker/bookTicker", "[].askPrice", null),
        ("GET /dapi/v1/openOrders", "", null),
        ("GET /dapi/v1/positionSide/dual", "dualSidePosition", emptied),
        ("account.position", "result[].positionAmt", emptied),
        ("account.position", "id", without),
        ("order.place", "result.orderId", boxed),
        ("userDataStream.start", "result.listenKey", null),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_an_altered_answer_of_coinm_accuses_its_own_contract(asked, path, alter, run_altered, venue):
    """What blocks says so with request and field; nothing is broken or left."""
    run = await run_altered(asked, lambda document: change(document, path, alter), *COINM, answer_timeout=1.0)
    assert accused(run) <= {contract_of(asked, "coinm")}
    assert {result.verdict for result in run.results.values()} & {Verdict.BROKEN, None} == set()
    for result in run.results.values():
        assert result.verdict is not Verdict.BLOCKED or f"{asked}: " in result.reason, result.reason
    assert run.not_cleaned == []
    assert left(venue) == []


def up(holder, name):
    holder[name] += 1


def up_as_text(holder, name):
    holder[name] = str(int(holder[name]) + 1)


def turned(holder, name):
    holder[name] = holder[name][::-1]


def filled(holder, name):
    holder[name] = "FILLED"


def minus_one(holder, name):
    holder[name] = "-1"


#: Values of the right kind that are another's: comparing finds nothing in them, and what they are used for is refused.
OTHER_VALUES = [
    ("order.place", "result.orderId", up),
    ("order.place", "result.status", filled),
    ("algoOrder.place", "result.algoId", up),
    ("userDataStream.start", "result.listenKey", turned),
    ("POST /fapi/v1/convert/acceptQuote", "orderId", up_as_text),
    ("POST /fapi/v1/convert/getQuote", "quoteId", turned),
    ("GET /fapi/v1/income/asyn", "downloadId", up_as_text),
    ("GET /fapi/v1/exchangeInfo", "symbols[].filters[].notional", minus_one),
    ("GET /fapi/v1/exchangeInfo", "symbols[].symbol", turned),
    ("v2/account.position", "result[].positionAmt", minus_one),
]

#: Beside the others, the cases that are given such values.
GIVEN = (
    *DEPENDENT,
    "usdm/rest/DELETE.fapi.v1.batchOrders/by-order-id",
    "usdm/rest/PUT.fapi.v1.batchOrders/two-orders",
    "usdm/rest/GET.fapi.v1.algoOrder/by-algo-id",
    "usdm/rest/GET.fapi.v1.convert.orderStatus/by-order-id",
    "usdm/rest/POST.fapi.v1.convert.acceptQuote/default",
    "usdm/rest/GET.fapi.v1.income.asyn.id/ready",
    "usdm/ws-api/order.modify/by-order-id",
    "usdm/ws-api/userDataStream.stop/active",
    "usdm/event/listenKeyExpired/stopped",
)


@pytest.mark.parametrize(("asked", "path", "alter"), OTHER_VALUES, ids=lambda value: getattr(value, "__name__", value))
async def test_another_value_of_the_right_kind_accuses_no_case_that_was_given_it(
    asked, path, alter, run_altered, venue
):
    """A second request contradicts it, or the refusal is one of two answers of which nothing tells which is wrong."""
    run = await run_altered(asked, lambda document: change(document, path, alter), *GIVEN)
    assert accused(run) <= {contract_of(asked)}
    assert {result.verdict for result in run.results.values()} & {Verdict.BROKEN, None} == set()
    assert run.not_cleaned == []
    assert left(venue) == []


async def test_what_nobody_contradicts_is_accused(run_altered):
    """An order that is there, by every other word, and that one request does not find."""

    def refused(_answer):
        return {"code": -2013, "msg": "Order does not exist."}

    run = await run_altered("GET /fapi/v1/order", refused, "usdm/rest/GET.fapi.v1.order/by-order-id")
    assert accused(run) == {"usdm/rest/GET.fapi.v1.order"}


async def test_a_refusal_for_something_that_does_not_stand_is_accused(run_altered):
    """A position is in the way, says the request; there is none, say all others."""

    def refused(_answer):
        return {"code": -4068, "msg": "Position side cannot be changed if there exists position."}

    asked = "POST /fapi/v1/positionSide/dual"
    run = await run_altered(asked, refused, "usdm/rest/POST.fapi.v1.positionSide.dual/hedge")
    assert accused(run) == {contract_of(asked)}


@pytest.mark.parametrize("silent", ["GET /fapi/v1/openOrders", "v2/account.position", "userDataStream.start"])
async def test_a_request_of_its_own_that_is_never_answered_breaks_nothing(silent, run_altered):
    """It is asked again, and elsewhere where something else tells the same."""
    cases = DEPENDENT[:2] + DEPENDENT[5:7]
    run = await run_altered(silent, lambda _answer: None, *cases, answer_timeout=0.5)
    verdicts = {result.verdict for result in run.results.values()}
    assert verdicts <= {Verdict.CONFORMS, Verdict.BLOCKED}
    assert all(silent in result.reason for result in run.results.values() if result.verdict is Verdict.BLOCKED)
    assert run.not_cleaned == []


def dripping(upstream, is_slow):
    """Pass requests on; of some, the answer's body comes byte by byte and never ends."""

    async def answer(request, forward):
        got = await forward(request)
        if not is_slow(request.path):
            return got
        return Drip(replace(got.with_content(b" " * 100_000), status=got.status), seconds=0.1)

    return rest_relay(upstream, answer)


@pytest.mark.parametrize("but", ["time exchangeInfo ticker/bookTicker", "time"])
async def test_a_slow_drip_on_rest_blocks_within_bounds(but, planned, venue, target_of, conduct_cases):
    """A body that never ends is bounded by the time for an answer, however often a byte comes; nothing is broken."""
    spared = tuple(but.split())
    began = asyncio.get_running_loop().time()
    async with dripping(venue.rest_url, lambda path: not path.endswith(spared)) as rest_url:
        target, stream = target_of(venue), venue.stream_url
        target.endpoints = Endpoints(venue.ws_api_url, rest_url, stream, f"{stream}/private", "usdm", "local")
        target.answer_timeout = 0.5
        conductor = await conduct_cases(target, *(planned[name] for name in DEPENDENT), waived=False)
    verdicts = {result.verdict for result in conductor.results.values()}
    assert Verdict.BLOCKED in verdicts
    assert verdicts <= {Verdict.BLOCKED, Verdict.CONFORMS}
    assert conductor.not_cleaned == []
    assert left(venue) == []
    assert asyncio.get_running_loop().time() - began < 30

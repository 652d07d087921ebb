"""Trouble of the service, a refused key and a wrong clock accuse nobody, and leave no order behind."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import msgspec
import pytest
from multidict import CIMultiDict
from relays import rest_relay

from wireproof.contract.model import Request
from wireproof.drift.finding import Verdict
from wireproof.suite.judging.judge import Judge
from wireproof.suite.running.replay import Replay
from wireproof.torture.relay import Drop, HttpAnswer
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.trouble import WHOLE_HOST

from .conftest import TODAY

OVERLOAD = (503, {"code": -1008, "msg": "Request throttled by system-level protection."})
UNKNOWN = (503, {"code": -1000, "msg": "Unknown error, please check your request or try again later."})
TROUBLE = {
    "overload": OVERLOAD,
    "unknown": UNKNOWN,
    "disconnected": (500, {"code": -1001, "msg": "Internal error; unable to process your request."}),
    "time-out": (408, {"code": -1007, "msg": "Timeout waiting for response from backend server."}),
    "shutting-down": (400, {"code": -1016, "msg": "This service is no longer available."}),
    "gateway": (502, {"message": "Bad Gateway"}),
    "page": (502, "<html><head><title>502 Bad Gateway</title></head></html>"),
    "nothing": (504, ""),
}
ACCESS = {
    "key": (401, {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action"}, "the key"),
    "format": (401, {"code": -2014, "msg": "API-key format invalid."}, "the key"),
    "host": (401, {"code": -2008, "msg": "Invalid Api-Key ID."}, "the key"),
    "clock": (
        400,
        {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."},
        "machine's clock",
    ),
    "signature": (400, {"code": -1022, "msg": "Signature for this request is not valid."}, "secret belongs to the key"),
}

RUNS = itertools.count(1)

READ, TIME = "usdm/rest/GET.fapi.v1.openInterest/default", "usdm/rest/GET.fapi.v1.time/default"
PRIVATE = "usdm/rest/GET.fapi.v1.userTrades/symbol-sent"
ORDER, CANCEL = "usdm/rest/POST.fapi.v1.order/limit-gtc", "usdm/rest/DELETE.fapi.v1.order/by-order-id"
AMEND, ALGO = "usdm/rest/PUT.fapi.v1.order/by-order-id", "usdm/rest/POST.fapi.v1.algoOrder/stop"
COIN_ORDER = "coinm/rest/POST.dapi.v1.order/limit-gtc"


def said(status, body):
    if isinstance(body, str):
        return HttpAnswer(status, CIMultiDict({"Content-Type": "text/html; charset=utf-8"}), body.encode())
    headers = CIMultiDict({"Content-Type": "application/json; charset=utf-8"})
    return HttpAnswer(status, headers, json.dumps(body).encode())


def refusing(method, status, code, text):
    """Return what answers a method of the WebSocket API with an error."""

    def alter(request, answer, _connection):
        if request.get("method") == method:
            answer.pop("result", None)
            answer |= {"status": status, "error": {"code": code, "msg": text}}

    return alter


def troubled_proxy(upstream, trouble):
    """Pass requests on; `trouble(verb, path, number)` returns an answer to give instead, and whether to pass it on."""
    numbers = {}

    async def answer(request, forward):
        key = request.verb, request.path
        numbers[key] = number = numbers.get(key, 0) + 1
        met = trouble(*key, number)
        if met == "drop":
            return Drop()
        if met is None:
            return await forward(request)
        if met == "drop-after" or met[1]:
            await forward(request)
        return Drop() if met == "drop-after" else said(*met[0])

    return rest_relay(upstream, answer)


@pytest.fixture
def run_in_trouble(planned, venue, target_of, conduct_cases):
    """Return what runs cases whose REST requests meet trouble; the target's name may be another than local."""

    async def run(trouble, *ids, name="testnet", second_look=0.01):
        async with troubled_proxy(venue.rest_url, trouble) as rest_url:
            target = target_of(venue, name=name)
            usdm = Endpoints(venue.ws_api_url, rest_url, venue.stream_url, f"{venue.stream_url}/private", "usdm", name)
            coinm = replace(usdm, ws_api=venue.ws_api_url.replace("ws-fapi", "ws-dapi"), product="coinm")
            target.endpoints = {"usdm": usdm, "coinm": coinm}
            return await conduct_cases(
                target,
                *(planned[case] for case in ids),
                waived=False,
                run=f"20261122T000000Z-{next(RUNS):06x}",  # an order id of another run would be found
                second_look=second_look,
            )

    return run


def on(path, met, *, verb="", first=1, executed=False):
    """Return trouble of the requests of one path, from one on."""

    def trouble(method, asked, number):
        hit = asked.endswith(path) and verb in {"", method} and number >= first
        return (met, executed) if hit else None

    return trouble


@pytest.mark.parametrize("name", TROUBLE)
async def test_trouble_that_stays_blocks_the_case_and_nothing_else(name, run_in_trouble):
    """With the exchange's own words; the host is not blocked."""
    status, body = TROUBLE[name]
    run = await run_in_trouble(on("/openInterest", (status, body)), READ, TIME)
    result = run.results[READ]
    assert (result.verdict, result.findings) == (Verdict.BLOCKED, [])
    assert str(status) in result.reason
    assert (body["msg"] if isinstance(body, dict) and "msg" in body else "") in result.reason
    assert run.results[TIME].verdict is Verdict.CONFORMS
    assert run.blockages == {}


@pytest.mark.parametrize("name", TROUBLE)
async def test_trouble_that_passes_is_not_noticed_by_a_case_that_reads(name, run_in_trouble):
    def passing(_verb, path, number):
        return (TROUBLE[name], False) if path.endswith("/openInterest") and number <= 3 else None

    run = await run_in_trouble(passing, READ, TIME)
    assert {run.results[case].verdict for case in (READ, TIME)} == {Verdict.CONFORMS}


@pytest.mark.parametrize("name", ["overload", "page"])
@pytest.mark.parametrize(("every", "most"), [(2, 1.0), (3, 0.5), (5, 0.2)])
async def test_trouble_of_every_so_many_requests_breaks_nothing(every, most, name, planned, run_in_trouble):
    """Of reads, orders and housekeeping alike; and nothing is left behind."""
    count = [0]

    def trouble(verb, path, _number):
        count[0] += 1
        return (TROUBLE[name], False) if count[0] % every == 0 else None

    names = [
        case.id
        for case in planned.values()
        if case.contract.surface == "rest" and case.kind == "documented" and not case.own_marks
        if {"market"} >= set(case.needs) or case.id in {ORDER, CANCEL, AMEND, ALGO}
    ]
    names = [name for name in names if name.startswith("usdm/") and not name.endswith("asyn/default")]
    run = await run_in_trouble(trouble, *names, name="local")
    verdicts = {name: run.results[name].verdict for name in names}
    assert [name for name, verdict in verdicts.items() if verdict in {Verdict.BREAKING, Verdict.BROKEN}] == []
    assert sum(verdict is Verdict.BLOCKED for verdict in verdicts.values()) <= len(names) * most
    assert run.not_cleaned == []


async def test_trouble_of_all_requests_blocks_the_host_once(planned, run_in_trouble):
    """Housekeeping needs nothing here; then one sentence says it instead of one for every case."""
    names = [
        case.id
        for case in planned.values()
        if case.id.startswith("usdm/rest/GET.fapi")
        and case.kind == "documented"
        and not case.needs
        and not case.private
    ]
    run = await run_in_trouble(lambda _v, path, _n: None if path.endswith("/time") else (OVERLOAD, False), *names[:30])
    hit = [name for name in names[:30] if name != TIME]
    assert {run.results[name].verdict for name in hit} == {Verdict.BLOCKED}
    [blockage] = run.blockages.values()
    assert "is in trouble" in blockage.reason
    assert blockage.cases >= len(hit) - WHOLE_HOST


@pytest.mark.parametrize("path", ["/exchangeInfo", "/ticker/bookTicker"])
async def test_housekeeping_that_gets_no_answer_blocks_what_needs_it_and_breaks_nothing(path, run_in_trouble):
    """The cases that need nothing of it are judged all the same; prices are told over the WebSocket API as well."""
    run = await run_in_trouble(lambda _verb, asked, _number: "drop" if asked.endswith(path) else None, ORDER, TIME)
    told_elsewhere = path == "/ticker/bookTicker"
    assert run.results[ORDER].verdict is (Verdict.CONFORMS if told_elsewhere else Verdict.BLOCKED)
    assert told_elsewhere or "not answered" in run.results[ORDER].reason or "was answered" in run.results[ORDER].reason
    assert run.results[TIME].verdict is Verdict.CONFORMS


@pytest.mark.parametrize("executed", [True, False], ids=["executed", "not-executed"])
@pytest.mark.parametrize("name", TROUBLE)
@pytest.mark.parametrize(
    ("case", "path", "what"),
    [(ORDER, "/order", "Order wp-"), (ALGO, "/algoOrder", "Algo order wp-"), (COIN_ORDER, "/order", "Order wp-")],
    ids=["order", "algo", "coinm"],
)
async def test_an_order_that_met_trouble_is_looked_up_and_taken_back(case, path, what, name, executed, run_in_trouble):
    """Its text says what became of it, and nothing is left on the book."""
    run = await run_in_trouble(on(path, TROUBLE[name], verb="POST", executed=executed), case)
    result = run.results[case]
    assert result.verdict is Verdict.BLOCKED
    became = "it stood (NEW) and was cancelled." if executed else "it does not exist."
    assert what in result.reason
    assert result.reason.endswith(f"was looked up: {became}")
    assert run.not_cleaned == []
    assert [note for note in run.notes if "undone at the end" in note] == []


@pytest.mark.parametrize("kind", ["drop", "drop-after"])
async def test_a_change_whose_connection_dropped_is_exercised_again(kind, planned, run_in_trouble):
    """What became of the first one is looked up and undone, and the case begins again with state of its own."""
    sent = []

    def trouble(verb, path, number):
        if verb == "GET" or path.endswith("listenKey"):
            return None
        sent.append((verb, path))
        return kind if sent.count((verb, path)) == 1 else None

    cases = [ORDER, CANCEL, AMEND, ALGO, "usdm/rest/POST.fapi.v1.leverage/default"]
    cases += [case.id for case in planned.values() if case.contract.id == "usdm/rest/DELETE.fapi.v1.allOpenOrders"][:1]
    run = await run_in_trouble(trouble, *cases)
    told = {name: result.reason for name, result in run.results.items() if result.verdict is not Verdict.CONFORMS}
    assert told == {}
    assert len(set(sent)) >= len(cases)
    assert run.not_cleaned == []
    assert [note for note in run.notes if "undone at the end" in note] == []


async def test_a_refusal_whose_connection_dropped_is_sent_again(planned, run_in_trouble):
    """Also that of an order: it changed nothing, so that nothing has to be looked up."""
    sent = []

    def trouble(verb, path, number):
        sent.append((verb, path))
        return "drop-after" if verb != "GET" and number % 2 else None

    cases = [
        case.id
        for case in planned.values()
        if case.kind == "rejection" and case.contract.id == "usdm/rest/DELETE.fapi.v1.order"
    ]
    run = await run_in_trouble(trouble, *cases[:4])
    assert {result.verdict for result in run.results.values()} == {Verdict.CONFORMS}
    assert any(verb == "DELETE" for verb, _ in sent)
    assert not [path for verb, path in sent if verb == "GET" and path.endswith("/order")]


async def test_what_cannot_be_taken_back_is_blocked_after_a_drop(planned, run_in_trouble):
    """Nobody converts twice because an answer was lost."""
    [case] = [
        case.id
        for case in planned.values()
        if case.contract.id == "usdm/rest/POST.fapi.v1.convert.acceptQuote" and case.kind == "documented"
    ]
    sent = []

    def trouble(verb, path, number):
        sent.append(path)
        return "drop-after" if path.endswith("/acceptQuote") else None

    run = await run_in_trouble(trouble, case, name="local")
    result = run.results[case]
    assert result.verdict is Verdict.BLOCKED
    assert sum(path.endswith("/acceptQuote") for path in sent) == 1
    assert result.reason.count("Whether it took effect is unknown.") == 1


@pytest.mark.parametrize("executed", [True, False], ids=["executed", "not-executed"])
@pytest.mark.parametrize("case", [CANCEL, AMEND])
async def test_an_order_whose_change_met_trouble_is_looked_up_and_taken_back(case, executed, planned, run_in_trouble):
    verb = planned[case].contract.of(Request).method
    run = await run_in_trouble(on("/order", UNKNOWN, verb=verb, executed=executed), case)
    gone = executed and case == CANCEL
    became = "it is CANCELED." if gone else "it stood (NEW) and was cancelled."
    assert run.results[case].reason.endswith(f"was looked up: {became}")
    assert run.not_cleaned == []


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
async def test_the_orders_of_a_batch_that_met_trouble_are_looked_up_each(verb, planned, run_in_trouble):
    case = next(
        case.id
        for case in planned.values()
        if case.contract.id == f"usdm/rest/{verb}.fapi.v1.batchOrders" and case.kind == "documented"
    )
    run = await run_in_trouble(on("/batchOrders", UNKNOWN, executed=verb == "POST"), case)
    result = run.results[case]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.count("was looked up: it stood (NEW) and was cancelled.") == 2
    assert run.not_cleaned == []


async def test_cancelling_all_orders_that_met_trouble_says_which_stand(planned, run_in_trouble):
    case = next(
        case.id
        for case in planned.values()
        if case.contract.id == "usdm/rest/DELETE.fapi.v1.allOpenOrders" and case.kind == "documented"
    )
    run = await run_in_trouble(on("/allOpenOrders", UNKNOWN), case)
    assert run.results[case].verdict is Verdict.BLOCKED
    assert "were looked up. Order wp-" in run.results[case].reason
    assert run.results[case].reason.endswith(": it stood (NEW) and was cancelled.")
    assert run.not_cleaned == []


async def test_an_order_of_the_websocket_api_that_met_trouble_is_looked_up(conduct, venue, target_of, altering_proxy):
    """Executed or not: here the answer is replaced after the order was placed."""

    def alter(request, answer, _connection):
        if request.get("method") == "order.place" and answer["status"] == 200:
            del answer["result"]
            answer |= {"status": 503, "error": {"code": -1000, "msg": "Unknown error"}}

    async with altering_proxy(venue.ws_api_url, alter) as url:
        run = await conduct(target_of(venue, ws_api=url), "order.place/limit-gtc", "ticker.price/symbol-sent")
    result = run.results["usdm/ws-api/order.place/limit-gtc"]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.endswith("was looked up: it stood (NEW) and was cancelled.")
    assert run.results["usdm/ws-api/ticker.price/symbol-sent"].verdict is Verdict.CONFORMS
    assert run.not_cleaned == []


@pytest.mark.parametrize("name", [*TROUBLE][:5])
async def test_trouble_of_the_websocket_api_blocks_the_case(name, conduct, venue, target_of, altering_proxy):
    status, error = TROUBLE[name]

    def alter(request, answer, _connection):
        if request.get("method") == "depth":
            answer.pop("result", None)
            answer |= {"status": status, "error": error}

    async with altering_proxy(venue.ws_api_url, alter) as url:
        run = await conduct(target_of(venue, ws_api=url), "depth/default", "ticker.price/symbol-sent")
    result = run.results["usdm/ws-api/depth/default"]
    assert (result.verdict, result.findings) == (Verdict.BLOCKED, [])
    assert error["msg"] in result.reason
    assert run.results["usdm/ws-api/ticker.price/symbol-sent"].verdict is Verdict.CONFORMS


@pytest.mark.parametrize("name", ACCESS)
async def test_a_refused_key_clock_or_signature_blocks_the_case_and_is_named(name, run_in_trouble):
    status, body, advice = ACCESS[name]
    run = await run_in_trouble(on("/userTrades", (status, body)), PRIVATE, TIME)
    result = run.results[PRIVATE]
    assert (result.verdict, result.findings) == (Verdict.BLOCKED, [])
    assert f'error {body["code"]} "{body["msg"]}"' in result.reason
    assert advice in result.reason
    assert run.results[TIME].verdict is Verdict.CONFORMS


@pytest.mark.parametrize("name", ACCESS)
async def test_a_refused_key_of_the_websocket_api_alike(name, conduct, venue, target_of, altering_proxy):
    status, error, advice = ACCESS[name]

    def alter(request, answer, _connection):
        if request.get("method", "").endswith("account.balance"):
            answer.pop("result", None)
            answer |= {"status": status, "error": error}

    async with altering_proxy(venue.ws_api_url, alter) as url:
        run = await conduct(target_of(venue, ws_api=url), "v2.account.balance/default")
    [result] = run.results.values()
    assert (result.verdict, result.findings) == (Verdict.BLOCKED, [])
    assert advice in result.reason


async def test_cases_about_a_wrong_key_clock_or_signature_are_judged(planned, run_in_trouble):
    """As they are meant to be refused; another refusal of the same kind is a finding, one of another kind is not."""
    about = "usdm/rest/GET.fapi.v1.userTrades/rejects/"
    names = [f"{about}{what}" for what in ("wrong-key", "missing-key", "wrong-signature", "stale-timestamp")]
    run = await run_in_trouble(lambda *_: None, *names)
    assert {run.results[name].verdict for name in names} == {Verdict.CONFORMS}
    run = await run_in_trouble(on("/userTrades", (401, {"code": -2008, "msg": "Invalid Api-Key ID."})), *names)
    verdicts = [run.results[name].verdict for name in names]
    assert verdicts == [Verdict.BREAKING, Verdict.BREAKING, Verdict.BLOCKED, Verdict.BLOCKED]


async def test_what_the_local_venue_does_not_serve_is_its_own_fault(run_in_trouble):
    """A contract of one's own: 404 in the venue's words, or as live has it; elsewhere it stays a finding."""
    words = {"code": -5000, "msg": "Path /fapi/v1/openInterest, Method GET is invalid"}
    for body in (words, "<html><title>404</title></html>"):
        run = await run_in_trouble(on("/openInterest", (404, body)), READ, name="local")
        assert run.results[READ].verdict is Verdict.BROKEN
        assert run.results[READ].reason.startswith("the local venue does not serve it: GET /fapi/v1/openInterest")
        run = await run_in_trouble(on("/openInterest", (404, body)), READ, name="testnet")
        assert run.results[READ].verdict is Verdict.BREAKING
        of_the_page = [] if body is words else ["headers.content-type"]
        assert [f.path for f in run.results[READ].findings] == ["status", *of_the_page]


async def test_a_method_that_the_local_venue_does_not_serve(conduct, venue, target_of, altering_proxy):
    alter = refusing("depth", 404, -5000, "Method v1/depth is invalid")

    async with altering_proxy(venue.ws_api_url, alter) as url:
        run = await conduct(target_of(venue, ws_api=url), "depth/default")
        elsewhere = await conduct(target_of(venue, ws_api=url, name="testnet"), "depth/default")
    assert run.results["usdm/ws-api/depth/default"].verdict is Verdict.BROKEN
    assert elsewhere.results["usdm/ws-api/depth/default"].verdict is Verdict.BREAKING


async def test_a_run_that_is_judged_again_says_the_same(store, planned, target_of, venue, run_in_trouble):
    """Trouble, a refused key, and what is not served: also from the observations alone."""

    def trouble(verb, path, _number):
        if path.endswith("/userTrades"):
            return ACCESS["key"][:2], False
        if path.endswith("/openInterest"):
            return (404, {"code": -5000, "msg": "Path is invalid"}), False
        return (UNKNOWN, True) if (verb, path) == ("POST", "/fapi/v1/order") else None

    names = [READ, PRIVATE, ORDER, TIME]
    run = await run_in_trouble(trouble, *names, name="local")
    before = {name: (run.results[name].verdict, run.results[name].reason) for name in names}
    assert [verdict for verdict, _ in before.values()] == [
        Verdict.BROKEN,
        Verdict.BLOCKED,
        Verdict.BLOCKED,
        Verdict.CONFORMS,
    ]
    again = Replay(
        [planned[name] for name in names],
        [json_round_trip(run.results[name].observation) for name in names],
        store=store,
        target=target_of(venue),
        judge=Judge(store, {}, target="local", today=TODAY),
        run="again",
    )
    again.start()
    assert {name: (again.state.results[name].verdict, again.state.results[name].reason) for name in names} == before


def json_round_trip(observation):
    return msgspec.json.decode(msgspec.json.encode(observation), type=type(observation))


async def test_a_listen_key_that_met_trouble_is_stopped(planned, run_in_trouble):
    """It may be active: the case ends it, whatever its answer said."""
    case = next(
        case.id
        for case in planned.values()
        if case.contract.id == "usdm/rest/POST.fapi.v1.listenKey" and case.kind == "documented"
    )
    run = await run_in_trouble(on("/listenKey", UNKNOWN, verb="POST", executed=True), case)
    assert run.results[case].verdict is Verdict.BLOCKED
    assert run.not_cleaned == []
    assert json.dumps(run.leftovers) == "[]"


async def test_a_listen_key_that_cannot_be_asked_about_is_nobodys(conduct, venue, target_of, altering_proxy):
    """Whether somebody else's is active is not known then, so what needs one is blocked, and none is stopped."""
    stopped = []

    def alter(request, answer, _connection):
        stopped.extend(request.get("method") for _ in (1,) if request.get("method") == "userDataStream.stop")
        if request.get("method") == "userDataStream.ping":
            answer.pop("result", None)
            answer |= {"status": 503, "error": {"code": -1008, "msg": "Too many requests queued."}}

    async with altering_proxy(venue.ws_api_url, alter) as url:
        run = await conduct(target_of(venue, ws_api=url), "userDataStream.start/fresh", "depth/default")
    result = run.results["usdm/ws-api/userDataStream.start/fresh"]
    assert result.verdict is Verdict.BLOCKED
    assert "userDataStream.ping was answered with status 503, error -1008" in result.reason
    assert stopped == []


async def test_an_order_that_was_to_be_refused_and_met_trouble_is_no_refusal(
    conduct_cases, planned, venue, target_of, altering_proxy
):
    """Its event case is blocked: that no event came says nothing."""
    case = next(case for case in planned.values() if case.kind == "event" and case.watch.cause == "refused_order")

    alter = refusing("order.place", 503, -1000, "Unknown error")

    async with altering_proxy(venue.ws_api_url, alter) as url:
        run = await conduct_cases(target_of(venue, ws_api=url), case)
    [result] = run.results.values()
    assert result.verdict is Verdict.BLOCKED
    assert "order.place was answered with status 503, error -1000" in result.reason
    assert run.not_cleaned == []


async def test_state_that_the_local_venue_cannot_prepare_is_its_own_fault(conduct, venue, target_of, altering_proxy):
    """Elsewhere the case is blocked: its contract was not asked about."""
    alter = refusing("order.place", 404, -5000, "Method v1/order.place is invalid")

    async with altering_proxy(venue.ws_api_url, alter) as url:
        for name, verdict in (("local", Verdict.BROKEN), ("testnet", Verdict.BLOCKED)):
            run = await conduct(target_of(venue, ws_api=url, name=name), "order.status/by-order-id")
            [result] = run.results.values()
            assert result.verdict is verdict
            assert "order.place" in result.reason

"""What is no statement about a contract accuses nobody: trouble of the service, a key, a clock, another service.

A proxy alters answers on their way from the venue, or the venue itself answers so without carrying anything out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from relays import altered_rest

from wireproof.contract.model import Request, Surface
from wireproof.drift.finding import Kind, Verdict
from wireproof.recognition import CONCERNS, Concern, concern_of_code
from wireproof.suite.judging.judge import Judge
from wireproof.suite.judging.statements import no_statement
from wireproof.suite.running.replay import Replay
from wireproof.suite.target import Target
from wireproof.venue.serving.server import Venue
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor

pytestmark = pytest.mark.asyncio(loop_scope="session")

INTEREST, TIME = "usdm/rest/GET.fapi.v1.openInterest/default", "usdm/rest/GET.fapi.v1.time/default"
BALANCE, COIN_TIME = "usdm/ws-api/account.balance/default", "coinm/rest/GET.dapi.v1.time/default"
ORDER, ALGO, BATCH = (
    "usdm/rest/POST.fapi.v1.order/limit-gtc",
    "usdm/rest/POST.fapi.v1.algoOrder/stop",
    "usdm/rest/POST.fapi.v1.batchOrders/two-orders",
)
PLACED, COIN_ORDER = "usdm/ws-api/order.place/limit-gtc", "coinm/rest/POST.dapi.v1.order/limit-gtc"

#: Status, code and text of trouble, as documented.
TROUBLE = [
    (503, -1000, "An unknown error occurred while processing the request."),
    (503, None, "Unknown error, please check your request or try again later."),
    (503, None, "Service Unavailable."),
    (503, -1008, "Request throttled by system-level protection."),
    (500, -1001, "Internal error; unable to process your request. Please try again."),
    (500, -1006, "An unexpected response was received from the message bus. Execution status unknown."),
    (408, -1007, "Timeout waiting for response from backend server."),
    (400, -1007, "Timeout waiting for response from backend server."),
    (400, -1016, "This service is no longer available."),
    (502, None, "Bad gateway"),
    (400, -1003, "Too many requests."),
    (400, -1015, "Too many new orders."),
]
KEYS = [
    (401, -2014, "API-key format invalid.", "key"),
    (401, -2015, "Invalid API-key, IP, or permissions for action", "permissions"),
    (401, -2008, "Invalid Api-Key ID.", "key"),
    (401, -1002, "You are not authorized to execute this request.", "permissions"),
    (400, -1021, "Timestamp for this request is outside of the recvWindow.", "clock"),
    (400, -1022, "Signature for this request is not valid.", "signature"),
]


def error_of(code, text):
    return {"msg": text} if code is None else {"code": code, "msg": text}


@pytest.fixture
def run_altered(planned, venue, target_of, conduct_cases, altering_proxy):
    """Return what runs cases of both products, with REST and WebSocket API answers altered; no waiver hides anything.

    `rest(verb, path, status, body)` returns the body, or status and body; `ws(request, answer)` alters in place.
    """

    async def run(*ids, rest=lambda *answer: answer[-1], ws=lambda *_: None, of=None, name="local"):
        upstream = of or venue
        async with AsyncExitStack() as stack:
            rest_url = await stack.enter_async_context(altered_rest(upstream.rest_url, rest))
            ws_url = await stack.enter_async_context(
                altering_proxy(upstream.ws_api_url, lambda request, answer, _: ws(request, answer))
            )
            target = target_of(upstream, name=name)
            private = f"{upstream.stream_url}/private"
            usdm = Endpoints(ws_url, rest_url, upstream.stream_url, private, "usdm", name)
            coinm = replace(usdm, ws_api=upstream.ws_api_url.replace("ws-fapi", "ws-dapi"), product="coinm")
            target.endpoints = {"usdm": usdm, "coinm": coinm}
            return await conduct_cases(target, *(planned[one] for one in ids), waived=False)

    return run


def at(path, status, body):
    """Return what answers requests of one path in this way, always."""
    sent = f"<html>{body}</html>".encode() if isinstance(body, str) else json.dumps(body).encode()

    def alter(_verb, asked, _status, raw):
        return (status, sent) if asked.endswith(path) else raw

    return alter


def refusing(method, status, error):
    """Return what answers a method of the WebSocket API with an error, always."""

    def alter(request, answer):
        if request.get("method") == method:
            answer.pop("result", None)
            answer.update(status=status, error=error)

    return alter


@pytest.mark.parametrize(("status", "code", "text"), TROUBLE)
async def test_trouble_of_the_service_blocks_its_case_on_rest(status, code, text, run_altered):
    """With the exchange's own text; the cases beside it go on."""
    run = await run_altered(INTEREST, TIME, rest=at("/openInterest", status, error_of(code, text)))
    assert run.results[INTEREST].verdict is Verdict.BLOCKED
    assert run.results[INTEREST].findings == []
    assert text in run.results[INTEREST].reason
    assert run.results[TIME].verdict is Verdict.CONFORMS


@pytest.mark.parametrize(("status", "code", "text"), [one for one in TROUBLE if one[1] is not None])
async def test_trouble_of_the_service_blocks_its_case_on_the_websocket_api(status, code, text, run_altered):
    """In the envelope as over HTTP."""
    run = await run_altered(BALANCE, TIME, ws=refusing("account.balance", status, error_of(code, text)))
    assert run.results[BALANCE].verdict is Verdict.BLOCKED
    assert text in run.results[BALANCE].reason
    assert run.results[TIME].verdict is Verdict.CONFORMS


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_page_of_a_gateway_blocks_its_case(status, run_altered):
    """And no other one."""

    def alter(_verb, path, _status, raw):
        return (status, b"<html><title>Bad gateway</title></html>") if path.endswith("/openInterest") else raw

    run = await run_altered(INTEREST, TIME, rest=alter)
    assert run.results[INTEREST].verdict is Verdict.BLOCKED
    assert "Bad gateway" in run.results[INTEREST].reason
    assert run.results[TIME].verdict is Verdict.CONFORMS


@pytest.mark.parametrize(("status", "code", "text", "named"), KEYS)
async def test_a_refused_key_a_clock_and_a_signature_block_and_are_named(status, code, text, named, run_altered):
    """On single requests of either surface, unless the case is about exactly that."""
    asked = "usdm/rest/GET.fapi.v1.openOrder/by-order-id"
    run = await run_altered(
        asked,
        BALANCE,
        rest=at("/openOrder", status, error_of(code, text)),
        ws=refusing("account.balance", status, error_of(code, text)),
    )
    for name in (asked, BALANCE):
        assert run.results[name].verdict is Verdict.BLOCKED, run.results[name]
        assert text in run.results[name].reason
        assert named in run.results[name].reason.partition(text)[2]


FAULTS = ["wrong-key", "missing-key", "wrong-signature", "stale-timestamp", "future-timestamp"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_cases_about_a_key_a_clock_or_a_signature_are_judged(fault, run_altered):
    """The refusal is what they want; another status of it is a difference."""
    case = f"usdm/rest/GET.fapi.v1.openOrder/rejects/{fault}"
    assert (await run_altered(case)).results[case].verdict is Verdict.CONFORMS

    def teapot(_verb, path, status, raw):
        return (409, raw) if path.endswith("/openOrder") and status >= 400 else raw

    run = await run_altered(case, rest=teapot)
    assert [f.kind for f in run.results[case].findings] == [Kind.STATUS_CHANGED]


async def test_a_case_about_a_fault_is_not_about_another_concern(run_altered):
    """A revoked key says nothing about what a signature over other parameters is answered with."""
    case = "usdm/rest/GET.fapi.v1.openOrder/rejects/wrong-signature"
    run = await run_altered(case, rest=at("/openOrder", 401, error_of(-2015, "Invalid API-key.")))
    assert run.results[case].verdict is Verdict.BLOCKED


@pytest.mark.parametrize("case", [ORDER, BATCH, ALGO, COIN_ORDER])
async def test_an_order_that_was_carried_out_though_trouble_was_answered_is_found_and_taken_back(
    case, planned, run_altered, venue
):
    """The text says what became of it, and nothing stays on the book."""
    path = planned[case].contract.of(Request).path

    def alter(verb, asked, _status, raw):
        return (503, b'{"code":-1000,"msg":"Unknown error, please check."}') if (verb, asked) == ("POST", path) else raw

    run = await run_altered(case, TIME, COIN_TIME, rest=alter)
    assert run.results[case].verdict is Verdict.BLOCKED
    assert "Unknown error, please check." in run.results[case].reason
    assert "was looked up: it stood (NEW) and was cancelled." in run.results[case].reason
    assert run.not_cleaned == []
    assert not [note for note in run.notes if "undone at the end" in note]
    assert {run.results[name].verdict for name in (TIME, COIN_TIME)} == {Verdict.CONFORMS}


async def test_an_order_over_the_websocket_api_is_looked_up_as_well(run_altered):
    """As over HTTP."""
    run = await run_altered(PLACED, ws=refusing("order.place", 408, error_of(-1007, "Timeout waiting.")))
    assert "was looked up: it stood (NEW) and was cancelled." in run.results[PLACED].reason
    assert run.not_cleaned == []


@pytest.mark.parametrize("page", [b"<html><title>Bad gateway</title></html>", None])
async def test_an_order_that_does_not_exist_is_said_not_to(page, run_altered):
    """Not carried out, whether the exchange or a gateway said so."""
    async with Venue(seed=7, market_moves=False, weight_limit=1_000_000) as other:
        other.faults.add("answer", method="POST /fapi/v1/order", times=None, status=503, code=-1000, msg="Unknown.")

        def alter(verb, path, _status, raw):
            return (502, page) if page and (verb, path) == ("POST", "/fapi/v1/order") else raw

        run = await run_altered(ORDER, rest=alter, of=other)
    assert run.results[ORDER].verdict is Verdict.BLOCKED
    assert "was looked up: it does not exist." in run.results[ORDER].reason
    assert run.not_cleaned == []


@pytest.mark.parametrize("of_each_path", [True, False], ids=["of-each-path", "of-all"])
@pytest.mark.parametrize(("status", "code", "text"), [TROUBLE[0], TROUBLE[3], TROUBLE[4]])
async def test_trouble_that_passes_breaks_nothing(of_each_path, status, code, text, run_altered):
    """Every third answer is trouble: reads are sent again, nothing is accused, nothing is left behind."""
    cases = [ORDER, ALGO, INTEREST, TIME, BALANCE, PLACED, "usdm/rest/GET.fapi.v1.openOrder/by-order-id"]
    numbers = defaultdict(count)

    def rest(verb, path, _status, raw):
        trouble = next(numbers[(verb, path) if of_each_path else ""]) % 3 == 0
        return (status, json.dumps(error_of(code, text)).encode()) if trouble else raw

    run = await run_altered(*cases, rest=rest)
    assert {result.verdict for result in run.results.values()} <= {Verdict.CONFORMS, Verdict.BLOCKED}
    if of_each_path:
        assert {run.results[name].verdict for name in (INTEREST, TIME, BALANCE, PLACED)} == {Verdict.CONFORMS}
    assert run.not_cleaned == []


async def test_a_read_is_sent_again_at_most_three_times(run_altered):
    """Bounded, whatever the service does."""
    asked = []

    def alter(_verb, path, _status, raw):
        if not path.endswith("/openInterest"):
            return raw
        asked.append(path)
        return 503, b'{"code":-1008,"msg":"Request throttled."}'

    run = await run_altered(INTEREST, rest=alter)
    assert len(asked) == 4
    assert run.results[INTEREST].verdict is Verdict.BLOCKED


async def test_an_order_is_never_sent_twice(run_altered):
    """Not even where the documentation says that it certainly failed."""
    asked = []

    def alter(verb, path, _status, raw):
        if (verb, path) != ("POST", "/fapi/v1/order"):
            return raw
        asked.append(path)
        return 503, b'{"code":-1008,"msg":"Request throttled."}'

    await run_altered(ORDER, rest=alter)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("case", "method"),
    [
        (BALANCE, "account.balance"),
        (PLACED, "order.place"),
        (INTEREST, "GET /fapi/v1/openInterest"),
        (ORDER, "POST /fapi/v1/order"),
    ],
)
async def test_a_timestamp_that_came_too_late_is_made_afresh(case, method, run_altered):
    """A busy machine's first answer is -1021, and it was refused for certain: no case is blocked by one of them."""
    async with Venue(seed=7, market_moves=False, weight_limit=1_000_000) as other:
        fault = other.faults.add("answer", method=method, times=1, status=400, code=-1021, msg="Outside of recvWindow.")
        run = await run_altered(case, of=other)
    assert fault.spent
    assert run.results[case].verdict is Verdict.CONFORMS
    assert run.not_cleaned == []


@pytest.mark.parametrize("body", [{"code": -5000, "msg": "Path /fapi/v1/openInterest, Method GET is invalid"}, None])
async def test_what_the_local_venue_does_not_serve_is_broken_there_and_judged_elsewhere(
    body, planned, store, run_altered
):
    """A contract of one's own is not wrong because the venue does not know it."""
    raw = json.dumps(body).encode() if body else b"<html><title>404 Not Found</title></html>"

    def alter(_verb, path, _status, answer):
        return (404, raw) if path.endswith("/openInterest") else answer

    run = await run_altered(INTEREST, rest=alter)
    assert run.results[INTEREST].verdict is Verdict.BROKEN
    assert "the local venue does not serve it" in run.results[INTEREST].reason
    again = judged_again(run, planned[INTEREST], store, "testnet")
    assert [f.kind for f in again.findings] == [Kind.STATUS_CHANGED]


async def test_a_method_that_the_local_venue_does_not_know_is_broken(run_altered):
    """The same over the WebSocket API."""
    run = await run_altered(BALANCE, ws=refusing("account.balance", 404, error_of(-5000, "Method x is invalid")))
    assert run.results[BALANCE].verdict is Verdict.BROKEN


@pytest.mark.parametrize("case", [INTEREST, "usdm/rest/DELETE.fapi.v1.allOpenOrders/default"])
async def test_an_error_under_status_200_is_one_breaking_finding(case, planned, run_altered):
    """Not trouble: a client that goes by the status would mistake it for a success."""
    path = planned[case].contract.of(Request).path
    run = await run_altered(case, rest=at(path, 200, error_of(-1000, "An unknown error occurred.")))
    (finding,) = run.results[case].findings
    assert finding.kind is Kind.ERROR_ANSWER
    assert finding.actual == 'an error answer -1000 "An unknown error occurred." with status 200'


@pytest.mark.parametrize(
    "answer",
    [(503, error_of(-1008, "Throttled.")), (401, error_of(-2015, "Invalid API-key.")), (200, error_of(-1000, "No."))],
    ids=["trouble", "key", "error"],
)
async def test_a_run_that_is_judged_again_says_the_same(answer, planned, store, run_altered):
    """From its observations alone."""
    run = await run_altered(INTEREST, rest=at("/openInterest", *answer))
    again, first = judged_again(run, planned[INTEREST], store, "local"), run.results[INTEREST]
    assert (again.verdict, again.reason, again.findings) == (first.verdict, first.reason, first.findings)


def judged_again(run, case, store, target):
    """Return the result of a case of a run, judged from its observation as one of a target."""
    replay = Replay(
        [case],
        [run.results[case.id].observation],
        store=store,
        target=Target("local", Endpoints(), [], Redactor(), allow_trading=True, hide_values=False),
        judge=Judge(store, {}, target=target, today=date(2026, 11, 22)),
        run="again",
    )
    replay.start()
    return replay.state.results[case.id]


@pytest.mark.parametrize("path", ["/exchangeInfo", "/openOrders", "/ticker/bookTicker"])
@pytest.mark.parametrize(
    "answer",
    [
        (200, error_of(-1000, "Unknown.")),
        (503, error_of(-1000, "Unknown.")),
        (500, {"msg": "Unknown."}),
        (502, "Unknown."),
    ],
    ids=["under-200", "503", "no-code", "page"],
)
async def test_housekeeping_is_recognised_in_the_same_way(path, answer, run_altered):
    """What is asked first and cannot be had blocks what needs it, with the exchange's text, and breaks nothing.

    What can be had over the other surface is had there.
    """
    run = await run_altered(ORDER, TIME, rest=at(path, *answer))
    if path == "/ticker/bookTicker":
        assert run.results[ORDER].verdict is Verdict.CONFORMS
    else:
        assert run.results[ORDER].verdict is Verdict.BLOCKED
        assert "Unknown." in run.results[ORDER].reason
    assert run.results[TIME].verdict is Verdict.CONFORMS


@pytest.mark.parametrize("body", ["<title>System maintenance</title>", "503 Service Temporarily Unavailable"])
async def test_a_maintenance_page_under_status_200_is_no_answer_of_the_api(body, run_altered):
    """Blocked, where any other page is unparseable."""
    run = await run_altered(INTEREST, rest=at("/openInterest", 200, body))
    assert run.results[INTEREST].verdict is Verdict.BLOCKED
    assert "an HTML page" in run.results[INTEREST].reason


def every_request(planned):
    """Return a case of each request of all products, and whether it is one of a success or of a refusal."""
    found = {}
    for case in planned.values():
        if case.contract.surface in {Surface.REST, Surface.WS_API}:
            found.setdefault((case.contract.id, case.expect is None), case)
    return found.values()


def answered(case, status, code, text):
    """Return status and body of an error on the surface of a case."""
    error = error_of(code, text)
    body = error if case.contract.surface is Surface.REST else {"id": "1", "status": status, "error": error}
    return status, json.dumps(body).encode()


@pytest.mark.parametrize(("status", "code", "text"), [*TROUBLE, *(one[:3] for one in KEYS)])
async def test_the_rule_holds_for_every_request_of_every_product(status, code, text, planned):
    """Blocked, with status and text, unless the case is about that concern."""
    walked = set()
    for case in every_request(planned):
        said = no_statement(case, *answered(case, status, code, text), local=False)
        about = case.expect is not None and concern_of_code(code or 0) in map(concern_of_code, case.expect.codes)
        if not about:
            assert said is not None, case.id
            assert said.verdict is Verdict.BLOCKED
            assert text in said.reason
        walked.add((case.contract.product, case.contract.surface))
    assert len(walked) >= 4


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, -1121), (400, -2013), (404, -5000), (409, -2011), (200, -1000), (200, -2015), (400, -4000)],
)
async def test_refusals_and_errors_under_a_success_status_are_judged(status, code, planned):
    """They say something about the contract."""
    for case in every_request(planned):
        assert no_statement(case, *answered(case, status, code, "No."), local=False) is None


async def test_the_codes_of_concerns_are_those_that_the_products_document(store):
    """One number, one meaning: a product that uses a number otherwise must be told by its text."""
    names = {
        Concern.SERVICE: {
            *("UNKNOWN", "DISCONNECTED", "UNEXPECTED_RESP", "TIMEOUT", "Request Throttled", "SERVER_BUSY"),
            *("TOO_MANY_REQUESTS", "SERVICE_SHUTTING_DOWN", "INNER_FAILURE", "SYSTEM_BUSY", "SYSTEM_MAINTENANCE"),
        },
        Concern.LIMIT: {"TOO_MANY_REQUESTS", "TOO_MANY_ORDERS"},
        Concern.KEY: {
            *("UNAUTHORIZED", "NON_WHITE_LIST", "BAD_API_KEY_FMT", "REJECTED_MBX_KEY", "INVALID_API_KEY"),
            *("API_KEYS_LOCKED", "USER_IS_NOT_UNIACCOUNT"),
        },
        Concern.CLOCK: {"INVALID_TIMESTAMP"},
        Concern.SIGNATURE: {"INVALID_SIGNATURE"},
    }
    for product in store.products.values():
        for code, concern in CONCERNS.items():
            assert product.errors.get(str(code)) in {*names[concern], None}, (product.product, code)

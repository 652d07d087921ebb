"""A proxy alters one answer of a REST request: exactly the touched case says so, with path and kind."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from relays import altered_rest

from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.waivers import load_waivers
from wireproof.suite.products.registry import DRIVERS
from wireproof.wire.endpoints import Endpoints

from .altered import add, at, documented, drop, leaves, null, path_of, rename

FREE_OF_STATE = {"market"}

#: What the run asks for itself, too: its answers would be altered before the case's own.
HOUSEKEEPING = (
    "time",
    "exchangeInfo",
    "ticker/bookTicker",
    "openOrders",
    "openAlgoOrders",
    "dual",
    "multiAssetsMargin",
    "fapi/v2/positionRisk",
    "eapi/v1/ticker",
    "papi/v1/account",
    "sapi/v1/portfolio/account",
)

#: Cases of requests that need state, beside every GET that needs none.
STATEFUL = (
    *("usdm/rest/POST.fapi.v1.order/limit-gtc", "usdm/rest/DELETE.fapi.v1.order/by-order-id"),
    *("usdm/rest/PUT.fapi.v1.order/by-order-id", "usdm/rest/POST.fapi.v1.algoOrder/stop"),
    *("usdm/rest/POST.fapi.v1.leverage/default", "usdm/rest/GET.fapi.v1.userTrades/symbol-sent"),
    *("coinm/rest/POST.dapi.v1.order/limit-gtc", "coinm/rest/GET.dapi.v1.positionRisk/pair-sent"),
    "coinm/rest/DELETE.dapi.v1.batchOrders/by-order-id",
    *("options/rest/POST.eapi.v1.order/limit-gtc", "options/rest/POST.eapi.v1.batchOrders/two"),
    *("options/rest/GET.eapi.v1.position/held", "portfolio-margin/rest/POST.papi.v1.um.order/limit-gtc"),
)

CONTROL = {
    "usdm": "usdm/rest/GET.fapi.v1.time/default",
    "coinm": "coinm/rest/GET.dapi.v1.time/default",
    "options": "options/rest/GET.eapi.v1.time/default",
}


def first(answer, example, fits):
    """Return the steps to the first documented field with such a value, or None."""
    found = (s for s, v in leaves(answer) if s and isinstance(s[-1], str) and documented(s, example) and fits(v))
    return next(found, None)


def retype(answer, steps):
    at(answer, steps[:-1])[steps[-1]] = {"was": at(answer, steps)}
    return {(path_of(steps), Kind.TYPE_CHANGED)}


MUTATIONS = [rename, retype, null, drop, add]


def cut_short(raw):
    return raw[: len(raw) // 2]


def empty(_raw):
    return b""


def page(_raw):
    return b"<html><body>Please wait</body></html>"


BODIES = [cut_short, empty, page]


@pytest.fixture
def run_through_proxy(planned, venue, target_of, conduct_cases):
    """Return what runs cases whose REST requests go through an altering proxy; no waiver hides anything."""

    async def run(alter, *ids):
        async with altered_rest(venue.rest_url, alter) as rest_url:
            target = target_of(venue)
            usdm = Endpoints(
                venue.ws_api_url, rest_url, venue.stream_url, f"{venue.stream_url}/private", "usdm", "local"
            )
            coinm = replace(usdm, ws_api=venue.ws_api_url.replace("ws-fapi", "ws-dapi"), product="coinm")
            rest_only = {name: replace(usdm, ws_api="", product=name) for name in DRIVERS if not DRIVERS[name].ws_api}
            target.endpoints = {"usdm": usdm, "coinm": coinm, **rest_only}
            return await conduct_cases(target, *(planned[name] for name in ids), waived=False)

    return run


def readable(planned):
    """Return one case per GET that needs no state, and the stateful ones."""
    found, stateful = {}, {planned[name].contract.id for name in STATEFUL}
    for case in planned.values():
        plain = case.kind == "documented" and case.contract.name.startswith("GET ")
        shown = case.contract.examples and leaves(case.contract.examples[0].response)
        plain = plain and not case.contract.name.endswith(HOUSEKEEPING) and case.contract.id not in stateful
        if plain and set(case.needs) <= FREE_OF_STATE and not case.own_marks and any(True for _ in shown or ()):
            found.setdefault(case.contract.id, case.id)
    return [*found.values(), *STATEFUL]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
async def test_exactly_the_touched_cases_tell(mutate, store, planned, venue, run_through_proxy):
    """Each answer is altered once; its case says path and kind, and the one beside it conforms."""
    cases = {name: planned[name] for name in readable(planned) if name not in CONTROL.values()}
    by_subject = {(c.contract.name, c.contract.product): c for c in cases.values()}
    before = await run_through_proxy(lambda *answer: answer[-1], *cases, *CONTROL.values())
    known = {name: {(f.path, f.kind) for f in before.results[name].findings} for name in cases}
    # A list that was empty before may show what the venue sends otherwise than documented.
    for name, case in cases.items():
        stored = load_waivers(store.folder / case.contract.product / "waivers.json").waivers
        known[name] |= {(waiver.path, waiver.kind) for waiver in stored if waiver.contract == case.contract.id}
    expected = {}

    def alter(verb, path, status, body):
        fitting = [c for (name, _), c in by_subject.items() if name == f"{verb} {path}" and c.id not in expected]
        if status != 200 or len(fitting) != 1:
            return body
        case = fitting[0]
        example = next(e.response for e in case.contract.examples if e.name == case.example)
        answer = json.loads(body)
        steps = first(answer, example, lambda value: value not in (None, ""))
        if steps is None:
            return body
        expected[case.id] = mutate(answer, steps)
        return json.dumps(answer).encode()

    run = await run_through_proxy(alter, *cases, *CONTROL.values())
    assert len(expected) > 50
    wrong = {}
    for name, changes in expected.items():
        told = {(f.path, f.kind) for f in run.results[name].findings} - known[name]
        if told != changes:
            wrong[name] = (changes, told, run.results[name].reason)
    assert list(wrong) == [], wrong
    assert {run.results[name].verdict for name in CONTROL.values()} == {"conforms"}
    assert run.not_cleaned == []


@pytest.mark.parametrize("body", BODIES, ids=lambda b: b.__name__)
async def test_a_body_that_is_no_json_is_unparseable(body, run_through_proxy):
    """HTML, half a document and nothing at all, under status 200, are judged as what they are."""
    touched, control = "usdm/rest/GET.fapi.v1.openInterest/default", CONTROL["usdm"]

    def alter(_verb, path, _status, raw):
        return body(raw) if path.endswith("/openInterest") else raw

    run = await run_through_proxy(alter, touched, control)
    assert [(f.path, f.kind) for f in run.results[touched].findings] == [("", Kind.UNPARSEABLE)]
    assert run.results[control].verdict == "conforms"


SYMBOLS, ORDER = "usdm/rest/GET.fapi.v1.exchangeInfo/default", "usdm/rest/POST.fapi.v1.order/limit-gtc"
INDEXES, STREAM = "usdm/stream/allAssetIndex/all", "usdm/stream/aggTrade/symbol"
OPEN_INTEREST = "usdm/rest/GET.fapi.v1.openInterest/default"


def without_symbols(raw):
    document = json.loads(raw)
    document["listed"] = document.pop("symbols")
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("body", "kinds", "said"),
    [
        (
            without_symbols,
            {Kind.MISSING_FIELD, Kind.UNDOCUMENTED_FIELD},
            "exchangeInfo: `symbols` is missing",
        ),
        (page, {Kind.UNPARSEABLE}, "was answered with status 200, an HTML page"),
    ],
    ids=["without-symbols", "page"],
)
async def test_symbols_that_cannot_be_read_block_what_needs_them_and_nothing_else(body, kinds, said, run_through_proxy):
    """The request whose answer changed is judged, so that the report says what differs and where."""

    def alter(_verb, path, _status, raw):
        return body(raw) if path.endswith("/exchangeInfo") else raw

    run = await run_through_proxy(alter, SYMBOLS, OPEN_INTEREST, ORDER, CONTROL["usdm"], INDEXES, STREAM)
    told = [f for f in run.results[SYMBOLS].findings if f.path in {"symbols", "listed", ""}]
    assert {f.kind for f in told} == kinds
    for name in (OPEN_INTEREST, ORDER, STREAM):
        assert run.results[name].verdict is Verdict.BLOCKED, name
        assert said in run.results[name].reason
    assert {run.results[name].verdict for name in (INDEXES, CONTROL["usdm"])} == {Verdict.CONFORMS}
    assert run.not_cleaned == []


async def test_open_orders_that_cannot_be_read_block_what_trades(run_through_proxy):
    """Leftovers cannot be told then, and nothing is placed; public requests go on."""

    def alter(_verb, path, _status, raw):
        return b'[{"order": 1}]' if path.endswith("/openOrders") else raw

    run = await run_through_proxy(alter, SYMBOLS, ORDER)
    assert run.results[SYMBOLS].verdict is not Verdict.BLOCKED
    assert run.results[ORDER].verdict is Verdict.BLOCKED
    assert len(run.blockages) == 1

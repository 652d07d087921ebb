"""Every watched event, altered on its way in every way, is found for its own contract; nobody else is accused.

Half of the events are altered at once, so that the other half shows whom an alteration must not reach.
"""

import dataclasses
import itertools
import json
from contextlib import AsyncExitStack
from datetime import date

import pytest
from msgspec.structs import replace

from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.waivers import load_waivers
from wireproof.suite.judging.judge import Judge
from wireproof.suite.run_context import RunContext
from wireproof.suite.running.conductor import Conductor
from wireproof.suite.state.journal import Journal
from wireproof.torture.relay import Hooks, Relay, WsFrame

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: Below the venue's address of streams, where private ones are.
ROOTS = {
    "usdm": "/private",
    "coinm": "/dstream",
    "options": "/private",
    "portfolio-margin": "/pm",
    "portfolio-margin-pro": "/pm-classic",
}

#: At least one case of every event that has any; more where events follow each other.
WATCHED = {
    "usdm": [
        "ORDER_TRADE_UPDATE/new",
        "ORDER_TRADE_UPDATE/cancelled",
        "ORDER_TRADE_UPDATE/refused-fok",
        "ACCOUNT_UPDATE/order",
        "ACCOUNT_UPDATE/margin-transfer",
        "ACCOUNT_CONFIG_UPDATE/leverage",
        "ACCOUNT_CONFIG_UPDATE/multi-assets",
        "ALGO_UPDATE/new",
        "ALGO_UPDATE/cancelled",
        "TRADE_LITE/filled",
        "MARGIN_CALL/isolated",
        "listenKeyExpired/stopped",
    ],
    "coinm": [
        "ORDER_TRADE_UPDATE/new",
        "ORDER_TRADE_UPDATE/cancelled",
        "ACCOUNT_UPDATE/order",
        "ACCOUNT_UPDATE/margin-transfer",
        "ACCOUNT_CONFIG_UPDATE/leverage",
        "MARGIN_CALL/isolated",
        "listenKeyExpired/stopped",
    ],
}

#: The same of the products that came later.
NEWER = {
    "options": [
        "ORDER_TRADE_UPDATE/new",
        "ORDER_TRADE_UPDATE/cancelled",
        "ACCOUNT_UPDATE/filled",
        "BALANCE_POSITION_UPDATE/filled",
        "GREEK_UPDATE/filled",
        "RISK_LEVEL_CHANGE/reduce-only",
        "listenKeyExpired/stopped",
    ],
    "portfolio-margin": [
        "ORDER_TRADE_UPDATE/new",
        "ORDER_TRADE_UPDATE/cancelled-coin-margined",
        "ACCOUNT_UPDATE/order",
        "ACCOUNT_CONFIG_UPDATE/leverage",
        "ALGO_UPDATE/cancelled",
        "CONDITIONAL_ORDER_TRADE_UPDATE/cancelled",
        "executionReport/cancelled",
        "outboundAccountPosition/order",
        "balanceUpdate/transfer",
        "liabilityChange/loan",
        "riskLevelChange/scripted",
        "openOrderLoss/scripted",
        "listenKeyExpired/stopped",
    ],
    "portfolio-margin-pro": ["PM_PRO_ACCOUNT_UPDATE/every-five-seconds", "riskLevelChange/scripted"],
}

#: Events that are altered together; the others of their product pass as they are.
HALVES = [
    {product: {"ORDER_TRADE_UPDATE", "listenKeyExpired"} for product in WATCHED},
    {
        "usdm": {"ACCOUNT_UPDATE", "ACCOUNT_CONFIG_UPDATE", "ALGO_UPDATE", "TRADE_LITE", "MARGIN_CALL"},
        "coinm": {"ACCOUNT_UPDATE", "ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL"},
    },
]


def _text(change):
    return lambda text, _document: (WsFrame(change(text)),)


def _document(change):
    def alter(_text, document):
        changed = change(document)
        return (WsFrame(json.dumps(changed, separators=(",", ":"))),)

    return alter


def _fields(document, names, value):
    """Set every field of these names, wherever it stands."""
    if isinstance(document, dict):
        return {
            name: value if name in names and isinstance(one, str | int) else _fields(one, names, value)
            for name, one in document.items()
        }
    return [_fields(one, names, value) for one in document] if isinstance(document, list) else document


def _other_known(document):
    """Name another documented event."""
    return document | {"e": "ACCOUNT_UPDATE" if document["e"] != "ACCOUNT_UPDATE" else "ORDER_TRADE_UPDATE"}


def _key_in_array(document):
    return document | {"listenKey": [document["listenKey"]]} if "listenKey" in document else document


def _other_ids(document):
    return _fields(document, {"c", "caid", "listenKey"} | ({"i"} if "o" not in document else set()), "foreign")


OF_ORDERS = {"ORDER_TRADE_UPDATE", "CONDITIONAL_ORDER_TRADE_UPDATE", "executionReport", "ALGO_UPDATE"}
NEWER_HALVES = [
    {
        product: {event for event in (name.partition("/")[0] for name in names) if (event in OF_ORDERS) is of_orders}
        for product, names in NEWER.items()
    }
    for of_orders in (True, False)
]

#: By name: what becomes of a frame, and of which kind one of the findings is that report it.
ALTERATIONS = {
    "e dropped": (_document(lambda one: {k: v for k, v in one.items() if k != "e"}), {Kind.MISSING_FIELD}),
    "e a number": (_document(lambda one: one | {"e": 7}), {Kind.TYPE_CHANGED}),
    "e unknown": (_document(lambda one: one | {"e": "BRAND_NEW"}), {Kind.VALUE_CHANGED, Kind.UNDOCUMENTED_VALUE}),
    "e of another event": (_document(_other_known), {Kind.VALUE_CHANGED, Kind.UNDOCUMENTED_VALUE}),
    "key in an array": (_document(_key_in_array), {Kind.TYPE_CHANGED}),
    "order as text": (_document(lambda one: one | {"o": ""} if "o" in one else one), {Kind.TYPE_CHANGED}),
    "array around": (_text(lambda text: f"[{text}]"), {Kind.TYPE_CHANGED}),
    "envelope around": (_text(lambda text: f'{{"stream":"x","data":{text}}}'), {Kind.MISSING_FIELD}),
    "malformed": (_text(lambda text: "OK, " + text), {Kind.UNPARSEABLE}),
    "truncated": (_text(lambda text: text[: len(text) * 2 // 3]), {Kind.UNPARSEABLE}),
    "binary": (lambda text, _: (WsFrame(text.encode()),), {Kind.PROTOCOL_VIOLATION}),
    "twice": (lambda text, _: (WsFrame(text), WsFrame(text)), {Kind.PROTOCOL_VIOLATION}),
    "another symbol": (_document(lambda one: _fields(one, {"s"}, "FOREIGN")), {Kind.VALUE_CHANGED}),
    "another id": (_document(_other_ids), {Kind.VALUE_CHANGED}),
    "dropped": (lambda *_: (), {Kind.PROTOCOL_VIOLATION}),
    "a bare value instead": (_text(lambda _: "17"), {Kind.PROTOCOL_VIOLATION}),
    "an empty frame instead": (_text(lambda _: ""), {Kind.PROTOCOL_VIOLATION, Kind.UNPARSEABLE}),
}

#: Events to which an alteration does nothing: they have no such field, or may come so.
UNTOUCHED = {
    "key in an array": {event.partition("/")[0] for events in WATCHED.values() for event in events}
    - {"listenKeyExpired"},
    "order as text": {event.partition("/")[0] for events in WATCHED.values() for event in events}
    - {"ORDER_TRADE_UPDATE", "ALGO_UPDATE"},
    "another symbol": {"listenKeyExpired", "ACCOUNT_CONFIG_UPDATE/multi-assets"},
    "another id": {"ACCOUNT_UPDATE", "ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL"},
    "twice": {"listenKeyExpired"},
}

#: Those that the events of the newer products go through as well.
NEWER_WAYS = ("truncated", "twice")

#: Alterations that leave nothing of the event.
INSTEAD = {"a bare value instead", "an empty frame instead"}


class Altering(Hooks):
    """Alters the frames of some events on the way to the client."""

    def __init__(self, events, alter):
        self.events, self.alter = events, alter

    async def to_client(self, _line, frame):
        """Pass on what becomes of a frame."""
        text = frame.data if isinstance(frame.data, str) else frame.data.decode()
        document = json.loads(text)
        if document.get("e") not in self.events:
            return (frame,)
        return self.alter(text, document)


@pytest.fixture
def run_altered(store, planned, target_of, venue, tmp_path, monkeypatch):
    """Return what runs the watched events with some of them altered, and gives the results."""
    monkeypatch.setattr("wireproof.suite.events.exercise.BESIDE_SECONDS", 0.1)

    async def run(events_of, alter, *, seconds=0.7, watched=WATCHED, hooks=Altering):
        target = target_of(venue)
        target.accounts = target.accounts[:1]  # one private stream for all of them
        waivers = {product: load_waivers(store.folder / product / "waivers.json") for product in watched}
        async with AsyncExitStack() as stack:
            endpoints = {}
            for product in watched:
                url = f"{venue.stream_url}{ROOTS[product]}"
                relay = await stack.enter_async_context(Relay(url, alter=hooks(events_of[product], alter)))
                ws_api, both = venue.urls[product].get("ws-api", ""), product == "coinm"  # it has one root for both
                endpoints[product] = dataclasses.replace(
                    target.endpoints,
                    ws_api=ws_api,
                    stream=relay.url if both else venue.stream_url,
                    user_stream=relay.url,
                    product=product,
                )
            target.endpoints = endpoints
            cases = [planned[f"{product}/event/{name}"] for product, names in watched.items() for name in names]
            cases = [
                replace(one, watch=replace(one.watch, seconds=min(seconds, one.watch.seconds)))
                if one.contract.name in events_of[one.contract.product] and one.watch.cause != "time_passed"
                else one
                for one in cases
            ]
            context = RunContext(
                cases,
                store=store,
                target=target,
                judge=Judge(store, waivers, target="local", today=date(2026, 11, 22)),
                journal=Journal(tmp_path / "journal.json"),
                run="20261122T000000Z-abc123",
            )
            conductor = Conductor(context)
            conductor.start()
            for case in cases:
                await context.state.result(case.id)
            await conductor.close()
        assert context.state.not_cleaned == []
        return context.state.results

    return run


@pytest.mark.parametrize("watched", [WATCHED, NEWER], ids=["futures", "newer"])
async def test_nothing_is_said_of_events_that_pass_a_relay_as_they_are(run_altered, watched):
    """Otherwise nothing below would mean anything."""
    results = await run_altered(dict.fromkeys(watched, ()), None, watched=watched)

    said = {name: (one.verdict, one.reason, [f.actual for f in one.findings]) for name, one in results.items()}
    assert said == dict.fromkeys(results, (Verdict.CONFORMS, "", []))


@pytest.mark.parametrize(("name", "half"), list(itertools.product(ALTERATIONS, range(len(HALVES)))))
async def test_an_altered_event_is_found_for_its_contract_and_for_no_other(run_altered, name, half):
    """Whatever is done to its frames, all the while."""
    alter, _ = ALTERATIONS[name]
    results = await run_altered(HALVES[half], alter)
    check_found(results, name, HALVES[half], UNTOUCHED.get(name, set()))


@pytest.mark.parametrize(("name", "half"), list(itertools.product(NEWER_WAYS, range(len(NEWER_HALVES)))))
async def test_an_altered_event_of_the_newer_products_is_found_for_its_contract(run_altered, name, half):
    """What belongs to orders is in one half."""
    alter, _ = ALTERATIONS[name]
    results = await run_altered(NEWER_HALVES[half], alter, watched=NEWER)
    check_found(results, name, NEWER_HALVES[half], set())


def check_found(results, name, events_of, untouched):
    """Check that an alteration is found for each of some events but those that it leaves as they are, and no other."""
    found = {}
    for result in results.values():
        for finding in result.findings:
            found.setdefault(finding.contract, set()).add(finding.kind)
    altered = {f"{product}/event/{event}" for product, events in events_of.items() for event in events - untouched}
    if name in INSTEAD:  # nothing tells whose they are, unless only one event did not come
        assert found.keys() - altered <= {f"{product}/event/connection" for product in events_of}, [
            (one.id, f.actual) for one in results.values() for f in one.findings
        ]
        found = {contract: got for contract, got in found.items() if contract in altered}
    assert found.keys() == altered, {f.contract: f.actual for one in results.values() for f in one.findings}
    missed = {contract: sorted(got) for contract, got in found.items() if not got & ALTERATIONS[name][1]}
    assert missed == {}
    blocked = {name: one.reason for name, one in results.items() if one.verdict in {Verdict.BLOCKED, Verdict.BROKEN}}
    assert blocked == {}

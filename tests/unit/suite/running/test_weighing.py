"""Weights that are not as documented are measured and named; whoever counts oddly, or shares its IP, is not accused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from relays import altered_answers, rest_relay

from wireproof.drift.finding import Kind, Severity, Verdict
from wireproof.suite.running.weighing import Measured, misfit_of
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.weight_meter import Priced

#: By product: two cases of the suspect, since what is counted first in a minute shows no difference, and the control.
SENT = {
    "usdm": ("rest/GET.fapi.v1.insuranceBalance", ("symbol-sent", "symbol-omitted"), "rest/GET.fapi.v1.time/default"),
    "coinm": ("rest/GET.dapi.v1.premiumIndex", ("symbol-sent", "default"), "rest/GET.dapi.v1.time/default"),
    "options": ("rest/GET.eapi.v1.exerciseHistory", ("default", "underlying"), "rest/GET.eapi.v1.ping/default"),
    "portfolio-margin": (
        "rest/GET.papi.v1.um.symbolConfig",
        ("symbol", "all"),
        "rest/GET.papi.v1.cm.leverageBracket/all",
    ),
    "portfolio-margin-pro": (
        "rest/GET.sapi.v1.portfolio.balance",
        ("default", "asset"),
        "rest/GET.sapi.v2.portfolio.account/default",
    ),
}
WS_API = ("ws-api/ticker.book/symbol-sent", "ws-api/ticker.book/symbol-omitted", "ws-api/ticker.price/symbol-sent")


def sent(product):
    """Return the cases of a product."""
    suspect, names, control = SENT[product]
    return [*(f"{suspect}/{name}" for name in names), control]


@pytest.fixture
def weigh(venue, planned, target_of, conduct_cases):
    """Return what runs cases against a venue that charges as told, and gives the findings about weights."""

    async def run(product, names, faults=(), *, rest="", ws_api=""):
        pm = {"portfolio-margin": "/pm", "portfolio-margin-pro": "/pm-classic"}.get(product, "")
        stream = f"{venue.stream_url}{pm}"
        target = target_of(venue)
        ws_api = ws_api or (venue.ws_api_url if product == "usdm" else "")
        if product == "coinm":
            ws_api = venue.ws_api_url.replace("ws-fapi", "ws-dapi")
        private = stream if pm else f"{stream}/private"
        target.endpoints = Endpoints(ws_api, rest or venue.rest_url, stream, private, product, "local")
        venue.clock.advance(61_000 - venue.clock.now_ms() % 60_000)  # all of it in one minute
        for fault in faults:
            venue.faults.add(**fault)
        try:
            state = await conduct_cases(target, *(planned[f"{product}/{name}"] for name in names), waived=False)
        finally:
            venue.faults.clear()
        return {one.contract: one.findings for one in state.results.values() if one.id.endswith("/weight")}, state

    return run


def charged(name, weight):
    """Return the fault that charges another weight for the request of a case."""
    surface, rest = name.split("/", 1)
    method = rest.split("/", maxsplit=1)[0]
    verb, _, path = method.partition(".")
    return {
        "kind": "weight",
        "method": method if surface == "ws-api" else f"{verb} /{path.replace('.', '/')}",
        "weight": weight,
        "times": None,
    }


@pytest.mark.parametrize("product", SENT)
async def test_a_weight_above_the_documented_one_is_risky_in_every_product(weigh, planned, product):
    suspect = SENT[product][0]
    documented = planned[f"{product}/{sent(product)[0]}"].contract.subject.weight.ip
    found, state = await weigh(product, sent(product), [charged(suspect, documented + 4)])
    [(contract, [finding])] = found.items()
    assert contract == f"{product}/{suspect}"
    assert (finding.kind, finding.severity, finding.path) == (Kind.WEIGHT_CHANGED, Severity.RISKY, "weight")
    assert (finding.expected, finding.value) == (f"weight {documented}", str(documented + 4))
    assert "measured alone" in finding.actual
    assert state.results[f"{contract}/weight"].verdict is Verdict.RISKY


async def test_the_websocket_api_counts_in_its_answers(weigh):
    found, _ = await weigh("usdm", WS_API, [charged(WS_API[0], 9)])
    assert {name: finding.value for name, [finding] in found.items()} == {"usdm/ws-api/ticker.book": "9"}


async def test_a_weight_below_the_documented_one_is_additive(weigh):
    found, _ = await weigh("coinm", sent("coinm"), [charged(SENT["coinm"][0], 3)])
    [[finding]] = found.values()
    assert (finding.severity, finding.value, finding.expected) == (Severity.ADDITIVE, "3", "weight 10")


async def test_what_is_as_documented_is_not_sent_again(weigh):
    """Each case once, and what prepares them; nothing more."""
    found, state = await weigh("usdm", sent("usdm"))
    first = state.requests
    assert found == {}
    found, state = await weigh("usdm", sent("usdm"), [charged(SENT["usdm"][0], 5)])
    assert found
    assert state.requests == first + 7


def counting(alter):
    """Return what passes answers on whose count is altered: from the count to what stands there, None for no header."""
    numbers = []

    async def answer(request, forward):
        got = await forward(request)
        headers = got.headers.copy()
        if (count := headers.get("X-MBX-USED-WEIGHT-1M")) is not None:
            numbers.append(count)
            said = alter(int(count), len(numbers))
            headers.popall("X-MBX-USED-WEIGHT-1M")
            if said is not None:
                headers["X-MBX-USED-WEIGHT-1M"] = str(said)
        return replace(got, headers=headers)

    return answer


@pytest.mark.parametrize(
    "alter",
    [
        lambda _count, _number: None,
        lambda _count, _number: "many",
        lambda count, _number: 50_000 - count,
        lambda count, number: count + 11 * number,  # somebody else, as regular as can be
        lambda count, _number: -count,
        lambda count, number: count if number % 3 else None,
    ],
    ids=["missing", "no number", "falling", "others", "negative", "gaps"],
)
async def test_a_count_that_says_nothing_accuses_nobody(weigh, venue, alter):
    async with rest_relay(venue.rest_url, counting(alter)) as url:
        found, _ = await weigh("usdm", sent("usdm"), rest=url)
    assert found == {}


async def test_rate_limits_of_answers_that_say_nothing_accuse_nobody(weigh, venue):
    def alter(_request, answer, _connection):
        answer["rateLimits"] = [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "count": "x"}
        ]

    async with altered_answers(venue.ws_api_url, alter) as url:
        found, _ = await weigh("usdm", WS_API, ws_api=url)
    assert found == {}


def test_a_contract_has_one_line_with_all_of_its_prices():
    rows = [Measured("ip", Priced("c", 1), 2, "how"), Measured("ip", Priced("c", 5), 20, "how")]
    made = misfit_of(rows)
    assert (made.expected, made.sentence, made.value, made.harmless) == ("weight 1, 5", "2, 20 (how)", "20", False)
    assert misfit_of(rows[:1]).value == "2"

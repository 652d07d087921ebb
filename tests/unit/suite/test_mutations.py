"""A proxy alters one answer of each documented request: exactly the touched case says so, with path and kind."""

from __future__ import annotations

import copy

import pytest

from wireproof.contract.model import Request
from wireproof.drift.finding import Kind

from .altered import add, at, documented, drop, leaves, null, path_of, rename

#: For each request, the case whose answer is altered, and what its request looks like on the wire.
TOUCHED = {
    "account.balance": "default",
    "account.position": "one-way-flat",
    "account.status": "single-asset-flat",
    "algoOrder.cancel": "by-algo-id",
    "algoOrder.place": "take-profit",
    "depth": "limit-5",
    "order.cancel": "by-order-id",
    "order.modify": "by-order-id",
    "order.place": "limit-gtc",
    "order.status": "by-order-id",
    "session.logon": "ed25519",
    "session.logout": "logged-on",
    "session.status": "logged-on",
    "ticker.book": "symbol-sent",
    "ticker.price": "symbol-omitted",
    "userDataStream.ping": "active",
    "userDataStream.start": "fresh",
    "userDataStream.stop": "active",
    "v2.account.balance": "default",
    "v2.account.position": "one-way",
    "v2.account.status": "single-asset",
}

#: A case of another request, whose answer the proxy leaves alone.
CONTROL = "depth/limit-10"


def first(answer, example, fits=lambda _: True):
    """Return the steps to the first documented field with such a value, the result's first, the envelope's id never."""
    own = [name for name in answer if name not in {"id", "status"}]
    names = sorted(own, key=lambda name: name != "result")
    found = ((steps, value) for name in names for steps, value in leaves(answer[name], (name,)))
    return next(s for s, v in found if isinstance(s[-1], str) and documented(s, example) and fits(v))


def at_first(alter, fits=lambda _: True):
    """Return what alters the first documented field."""

    def mutate(answer, example):
        return alter(answer, first(answer, example, fits))

    mutate.__name__ = alter.__name__
    return mutate


def number_to_string(answer, steps):
    at(answer, steps[:-1])[steps[-1]] = str(at(answer, steps))
    return {(path_of(steps), Kind.TYPE_CHANGED)}


def swap_enum_value(answer, _example):
    limits = answer["rateLimits"]
    limits[0]["interval"] = "FORTNIGHT"
    return {("rateLimits[].interval", Kind.UNDOCUMENTED_VALUE)}


def break_second_element(answer, _example):
    limits = answer["rateLimits"]
    limits[1:] = [copy.deepcopy(limits[0])]
    limits[1]["limit"] = {"was": limits[1]["limit"]}
    return {("rateLimits[].limit", Kind.TYPE_CHANGED)}


MUTATIONS = [
    at_first(rename),
    at_first(number_to_string, lambda value: type(value) is int),
    at_first(null, lambda value: value is not None),
    at_first(drop),
    at_first(add),
    swap_enum_value,
    break_second_element,
]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
@pytest.mark.parametrize("method", TOUCHED)
async def test_exactly_the_touched_case_tells(method, mutate, venue, planned, conduct, altering_proxy, target_of):
    """Path and kind are right, the verdict follows, and the case beside it conforms."""
    case = planned[f"usdm/ws-api/{method}/{TOUCHED[method]}"]
    contract = case.contract
    example = next(e.response for e in contract.examples if e.name == case.example)
    example = {"rateLimits": [{"limit": 1, "count": 1, "interval": "MINUTE"}], **example}
    expected = []

    def alter(request, answer, connection):
        params = request.get("params", {})
        is_own = request.get("method") == contract.of(Request).method and answer["status"] == 200
        is_own = is_own and (contract.of(Request).method != "session.status" or connection > 2)
        is_own = is_own and ("symbol" in params or "symbol" not in case.params)
        if is_own and not expected:
            expected.append(mutate(answer, example))

    async with altering_proxy(venue.ws_api_url, alter) as url:
        run = await conduct(target_of(venue, ws_api=url), f"{method}/{TOUCHED[method]}", CONTROL)

    touched = run.results[case.id]
    assert expected, f"the proxy never saw an answer to {method}: {touched.reason}"
    assert {(f.path, f.kind) for f in touched.findings} == expected[0], touched.reason
    assert touched.verdict == max((f.severity for f in touched.findings), key=lambda s: s.rank)
    assert run.results[f"usdm/ws-api/{CONTROL}"].verdict == "conforms"
    assert run.not_cleaned == []

"""Each kind of alteration does what its name says, to what it says, and to nothing else."""

from __future__ import annotations

import json

import pytest
from multidict import CIMultiDict

from wireproof.torture.alteration import Alteration
from wireproof.torture.altering import alter_answer, alter_frame
from wireproof.torture.documents import nodes, parse
from wireproof.torture.kinds import KINDS
from wireproof.torture.plan import Choice, choices, plan
from wireproof.torture.relay import HttpAnswer, WsFrame
from wireproof.torture.traffic import Learned, Place

HEADERS = CIMultiDict({"Content-Type": "application/json", "X-MBX-USED-WEIGHT-1M": "3"})
PAYLOAD = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "price": "6000.01",
    "time": 1589437530011,
    "count": 7,
    "code": 200,
    "on": True,
    "sub": {"x": "-1.5"},
    "rows": [["1.0", "2.0"], ["3.0", "4.0"]],
    "e": "aggTrade",
    "s": "BTCUSDT",
}
LIMITS = [{"rateLimitType": "ORDERS", "limit": 300}]
MESSAGES = {
    "rest success": PAYLOAD,
    "rest error": {"code": -1121, "msg": "Invalid symbol."},
    "ws-api success": {"id": "a", "status": 200, "result": PAYLOAD, "rateLimits": LIMITS},
    "ws-api error": {"id": 7, "status": 400, "error": {"code": -1121, "msg": "No."}, "rateLimits": LIMITS},
    "stream message": {"stream": "btcusdt@aggTrade", "data": PAYLOAD},
    "event message": PAYLOAD,
    "command success": {"result": None, "id": 1},
    "command error": {"error": {"code": 2, "msg": "Invalid request"}, "id": 1},
}
#: Carried out over several messages, not on one.
OVER_MESSAGES = {"swapped", "dropped"}


def learned(bucket):
    """Return what was learned of one message of a place."""
    found = Learned()
    found.headers = {name.lower() for name in HEADERS}
    found.take(json.dumps(MESSAGES[bucket]).encode())
    return found


def possible():
    """Return one alteration for each kind at each place where it is possible, and each path of documents."""
    for bucket in MESSAGES:
        for choice in choices(Place("usdm/x/y", bucket), learned(bucket)):
            for path in choice.paths or ((),):
                yield Alteration(index=3, contract="usdm/x/y", bucket=bucket, kind=choice.kind, path=path)


def altered_by(alteration):
    """Return what becomes of the message; None where nothing was altered."""
    message = json.dumps(MESSAGES[alteration.bucket])
    if alteration.bucket.startswith("rest"):
        return alter_answer(alteration, HttpAnswer(200, HEADERS.copy(), message.encode()), {})
    return alter_frame(alteration, WsFrame(message), parse(message), {})


@pytest.mark.parametrize("alteration", list(possible()), ids=lambda one: f"{one.bucket} {one.kind} {one.shown_path}")
def test_what_is_possible_alters_the_message(alteration):
    """A kind that is chosen for a place changes what comes from there."""
    if alteration.kind in OVER_MESSAGES:
        return
    altered = altered_by(alteration)
    assert altered is not None
    message = json.dumps(MESSAGES[alteration.bucket])
    if isinstance(altered, HttpAnswer):
        assert altered != HttpAnswer(200, HEADERS, message.encode())
    else:
        assert altered != (WsFrame(message),)


def test_every_kind_is_possible_somewhere():
    """No kind stands in the table for nothing."""
    assert {one.kind for one in possible()} == set(KINDS)


def test_only_the_place_is_altered():
    """A field alteration leaves every other node as it was."""
    one = Alteration(index=3, contract="usdm/x/y", bucket="rest success", kind="number-to-string", path=("count",))
    document = json.loads(altered_by(one).body)
    assert document == {**PAYLOAD, "count": "7"}


@pytest.mark.parametrize(("one", "expected"), [(False, [["1.0"], ["3.0"]]), (True, [["1.0", "2.0"], ["3.0"]])])
def test_one_element_or_all(one, expected):
    """Of several elements the last alone is altered where the alteration says so."""
    rows = {"rows": [{"a": "1.0", "b": "2.0"}, {"a": "3.0", "b": "4.0"}]}
    alteration = Alteration(
        index=1, contract="c/rest/x", bucket="rest success", kind="removed", path=("rows", "[]", "b"), one=one
    )
    altered = alter_answer(alteration, HttpAnswer(200, HEADERS.copy(), json.dumps(rows).encode()), {})
    assert [list(row.values()) for row in json.loads(altered.body)["rows"]] == expected


def test_the_marker_is_a_word_of_its_own():
    """An added field is named by the alteration, so that what is said of it can be told."""
    one = Alteration(index=42, contract="usdm/x/y", bucket="ws-api success", kind="extra", path=())
    (frame,) = altered_by(one)
    assert json.loads(frame.data)["result"]["torture42x"] == 1


def test_nothing_to_alter_leaves_the_message():
    """A document of another form passes as it is."""
    one = Alteration(index=1, contract="usdm/x/y", bucket="rest success", kind="removed", path=("absent",))
    assert alter_answer(one, HttpAnswer(200, HEADERS.copy(), b'{"other":1}'), {}) is None
    assert alter_answer(one, HttpAnswer(200, HEADERS.copy(), b"no json"), {}) is None


def test_a_plan_is_decided_by_its_seed():
    """The same seed chooses the same, another one chooses otherwise; no contract is altered twice in a run."""
    traffic = {Place(f"usdm/{bucket.split()[0]}/{bucket.split()[1]}", bucket): learned(bucket) for bucket in MESSAGES}
    plans = [plan(traffic, seed=seed, count=60, foundations=["usdm/rest/success"]) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]
    assert len(plans[0]) == 60
    assert [one.index for one in plans[0]] == list(range(60))
    for run in {one.run for one in plans[0]}:
        contracts = [one.contract for one in plans[0] if one.run == run]
        assert len(contracts) == len(set(contracts))
        assert contracts == ["usdm/rest/success"] * len(contracts) or "usdm/rest/success" not in contracts


def test_all_means_each_kind_at_each_place():
    """Without a count every choice is planned once."""
    traffic = {Place("usdm/rest/success", "rest success"): learned("rest success")}
    kinds = [one.kind for one in plan(traffic, seed=0, count=None, foundations=())]
    assert sorted(kinds) == sorted(one.kind for one in choices(*next(iter(traffic.items()))))


def test_what_passes_shows_paths_of_the_payload():
    """Paths lead into what a message carries, without its envelope."""
    found = {one.kind: one for one in choices(Place("c", "stream message"), learned("stream message"))}
    assert isinstance(found["removed"], Choice)
    assert set(found["removed"].paths) == {path for path, _ in nodes(PAYLOAD_DOCUMENT) if path and path[-1] != "[]"}


PAYLOAD_DOCUMENT = parse(json.dumps(PAYLOAD))

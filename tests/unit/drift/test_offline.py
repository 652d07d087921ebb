"""Payloads can be compared without a run, one pair or a stream of them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from made_contracts import PRODUCT, made_contract

from wireproof.contract.model import Contract, Example, Surface
from wireproof.drift.compare import Comparer
from wireproof.drift.offline import Offline
from wireproof.errors import BlockedError, UsageError


def stored(contract_id: str) -> tuple[Contract, Comparer]:
    if contract_id != "usdm/ws-api/depth":
        raise UsageError(f"There is no contract {contract_id!r}.")
    examples = (
        Example(name="one", when="one", response={"id": "1", "status": 200, "result": {"a": 1}}),
        Example(name="all", when="all", response={"id": "1", "status": 200, "result": [{"a": 1}]}),
    )
    return made_contract(*examples, id=contract_id, surface=Surface.WS_API), Comparer(PRODUCT)


def run(*lines: Any) -> tuple[list[dict[str, Any]], int]:
    offline = Offline(stored)
    read = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [json.loads(answer) for answer in offline.batch(read)], offline.failed


def test_two_payloads_are_compared() -> None:
    assert Offline().payloads(b'{"a":"1.0"}', b'{"a":"2"}') == []
    [finding] = Offline().payloads(b'{"a":"1.0"}', b'{"a":2}')
    assert (finding.path, finding.kind) == ("a", "type-changed")


def test_the_document_itself_has_the_empty_path() -> None:
    [finding] = Offline().payloads(b'[{"id":1}]', b"{}")
    assert (finding.path, finding.kind) == ("", "type-changed")


def test_a_documented_example_that_is_no_json_is_an_error_of_the_caller() -> None:
    with pytest.raises(UsageError, match="no JSON"):
        Offline().payloads(b"{", b"{}")


TROUBLE = b'{"id":"1","status":503,"error":{"code":-1008,"msg":"Busy."}}'


def test_an_envelope_of_trouble_accuses_nobody() -> None:
    """In a batch it is no failure either."""
    offline = Offline(stored)
    with pytest.raises(BlockedError, match=r'status 503, error -1008 "Busy\."'):
        offline.with_contract("usdm/ws-api/depth", TROUBLE)
    [answer] = offline.batch([b'{"id":1,"contract":"usdm/ws-api/depth","actual":%b}' % TROUBLE])
    assert json.loads(answer)["verdict"] == "blocked"
    assert (offline.failed, offline.blocked, offline.worst) == (0, 1, -1)


def test_an_envelope_of_trouble_that_is_documented_is_compared() -> None:
    """Such an example is about exactly that."""

    def documenting(contract_id: str) -> tuple[Contract, Comparer]:
        contract, comparer = stored(contract_id)
        return msgspec.structs.replace(
            contract, examples=(Example(name="busy", when="busy", response=json.loads(TROUBLE)),)
        ), comparer

    Offline(documenting).with_contract("usdm/ws-api/depth", TROUBLE)


def test_a_batch_answers_each_line_in_order() -> None:
    answers, failed = run(
        {"id": "x", "documented": [{"id": 1}], "actual": [{"id": 1}]},
        {"id": 7, "documented": [{"id": 1}], "actual": [{"id": "1"}, {"id": 2}]},
    )
    assert failed == 0
    assert answers[0] == {"id": "x", "verdict": "conforms", "findings": []}
    [finding] = answers[1].pop("findings")
    assert answers[1] == {"id": 7, "verdict": "breaking"}
    assert {**finding, "fingerprint": "…"} == {
        "path": "[].id",
        "kind": "type-changed",
        "severity": "breaking",
        "expected": "integer",
        "actual": "decimal string",
        "occurrences": 1,
        "of": 2,
        "fingerprint": "…",
    }


def test_a_batch_is_answered_line_by_line() -> None:
    """The answer to a line comes before the next line is read."""
    seen = []

    def lines() -> Any:
        for i in range(3):
            seen.append(i)
            yield b'{"id":%d,"documented":1,"actual":1}' % i

    answers = Offline().batch(lines())
    assert json.loads(next(answers))["id"] == 0
    assert seen == [0]


def test_an_example_is_compared_the_same_way_however_often_it_comes() -> None:
    line = {"id": 1, "documented": {"a": "1.0"}, "actual": {"a": 2}}
    answers, _ = run(line, line, line)
    assert answers[0] == answers[1] == answers[2]


def test_a_line_can_name_a_stored_contract() -> None:
    answers, failed = run(
        {"id": 1, "contract": "usdm/ws-api/depth", "actual": {"id": 1, "status": 200, "result": [{"a": 1}]}},
        {"id": 2, "contract": "usdm/ws-api/depth", "actual": {"id": 1, "status": 200, "result": {"a": "x"}}},
        {"id": 3, "contract": "usdm/ws-api/depth", "example": "all", "actual": {"id": 1, "status": 200, "result": {}}},
    )
    assert failed == 0
    assert [answer["verdict"] for answer in answers] == ["conforms", "breaking", "breaking"]
    assert [[f["path"] for f in answer["findings"]] for answer in answers] == [[], ["result.a"], ["result"]]


@pytest.mark.parametrize(
    ("line", "request_id", "said"),
    [
        (b"", None, "empty"),
        (b"{", None, "no JSON"),
        (b"[1]", None, "Allowed are"),
        (b'{"id":1,"documented":1}', 1, "actual"),
        (b'{"id":2,"actual":1}', 2, "neither 'documented' nor 'contract'"),
        (b'{"id":3,"documented":1,"contract":"x","actual":1}', 3, "only one"),
        (b'{"id":4,"contract":"usdm/nope","actual":1}', 4, "no contract 'usdm/nope'"),
        (b'{"id":5,"documented":1,"actual":1,"colour":1}', 5, "colour"),
        (b'{"id":6,"documented":' + b"[" * 100_000, None, "nested deeper"),
        (b'{"id":7,"documented":"\xff","actual":1}', 7, "UTF-8"),
    ],
)
def test_a_bad_line_is_answered_with_an_error_and_the_rest_goes_on(line: bytes, request_id: Any, said: str) -> None:
    answers, failed = run(line, {"id": 9, "documented": 1, "actual": 1})
    assert failed == 1
    assert answers[0].keys() == {"id", "error"}
    assert answers[0]["id"] == request_id
    assert said in answers[0]["error"]
    assert answers[1] == {"id": 9, "verdict": "conforms", "findings": []}

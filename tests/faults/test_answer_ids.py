"""Ids of the WebSocket API's answers are altered method by method, in one run that has many requests under way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wireproof.torture.relay import Hooks, WsFrame

from . import stand as sample
from .stand import Stand

if TYPE_CHECKING:
    from collections.abc import Callable

#: What becomes of the id in all answers of a method.
ALTERED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "ticker.price": lambda _: {"id": "an-id-that-nobody-sent"},
    "depth": lambda _: {"id": None},
    "account.balance": lambda _: {},
    "order.status": lambda sent: {"id": [sent]},
    "session.status": lambda _: {"id": 7},
}
WORDS = {
    "ticker.price": "an id that was never sent",
    "depth": "id null",
    "account.balance": "no id",
    "order.status": "came back as a list",
    "session.status": "an id that was never sent",
}


#: What is said where several such frames are left for several requests.
OF_SEVERAL = "No answer with the request's id came; "


class _OtherIds(Hooks):
    """Alters the ids of the answers of some methods; of `twice`, an answer is sent again with an id nobody sent."""

    def __init__(self, altered: dict[str, Callable[[Any], dict[str, Any]]], twice: str = "") -> None:
        self.altered, self.twice = altered, twice
        self._asked: dict[Any, str] = {}

    async def to_target(self, line, frame):
        if "/ws-" in line.request.path:
            request = json.loads(frame.data)
            self._asked[request.get("id")] = request["method"]
        return (frame,)

    async def to_client(self, line, frame):
        if "/ws-" not in line.request.path:
            return (frame,)
        said = json.loads(frame.data)
        method = self._asked.get(said["id"], "")
        if method in self.altered:
            identity = said.pop("id")
            return (WsFrame(json.dumps(self.altered[method](identity) | said)),)
        if method == self.twice:
            self.twice = ""
            return (frame, WsFrame(json.dumps(said | {"id": "nobody"})))
        return (frame,)


async def test_each_altered_id_is_one_violation_of_its_own_contract(tmp_path):
    """No other case is accused."""
    async with Stand(tmp_path, _OtherIds(ALTERED)) as stand:
        outcome = await stand.run(sample.WS_API, "--no-confirm")
    assert outcome.status == 1, outcome
    assert outcome.left == []
    met = set()
    for name, case in outcome.cases.items():
        method = name.split("/")[2]
        violations = [one["actual"] for one in case.get("findings", []) if one["kind"] == "protocol-violation"]
        if method in ALTERED and case["verdict"] != "blocked":
            assert case["verdict"] == "breaking", outcome
            [said] = violations
            assert WORDS[method] in said or OF_SEVERAL in said, outcome
            assert '"status":' in said, outcome
            met.add(method)
        elif method not in ALTERED:
            assert case["verdict"] == "conforms", outcome
    assert met == set(ALTERED), outcome


async def test_a_frame_that_answers_nothing_is_said_of_the_connection(tmp_path):
    """Every request has its own answer, so that no case is accused."""
    async with Stand(tmp_path, _OtherIds({}, "depth")) as stand:
        outcome = await stand.run("ws-api/depth/limit")
    assert outcome.status == 1, outcome
    others = {name: case for name, case in outcome.cases.items() if case["verdict"] != "conforms"}
    assert list(others) == ["usdm/ws-api/connection/unclaimed-frames"], outcome
    [found] = others.popitem()[1]["findings"]
    assert found["actual"] == 'A frame came that answers no request: {"id":"nobody","status":200,"result":…}'

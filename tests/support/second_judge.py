"""The second judge: JSON Schema, validated by a library that shares no code with the comparison.

It only accepts or refuses. Where it differs from the comparison, the difference must be one of `LIMITS`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import msgspec

from wireproof.contract.model import Contract, Expectation, Surface
from wireproof.contract.shape_schema import json_schema
from wireproof.drift.compare import Comparer
from wireproof.drift.documented_shape import is_enveloped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.model import Example
    from wireproof.contract.store import Store
    from wireproof.drift.compare import PayloadJudge
    from wireproof.results.model import Observation


class SecondJudge:
    """Judges as the comparison does, by the exported JSON Schema of the same contract."""

    def __init__(self, judge: PayloadJudge) -> None:
        self._accepts = jsonschema_rs.Draft202012Validator(json_schema(judge.node)).is_valid

    def accepts(self, body: bytes | str) -> bool:
        """Whether a validator that knows JSON Schema alone accepts an answer."""
        try:
            return bool(self._accepts(json.loads(body)))
        except (ValueError, RecursionError):
            return False


def difference_is_explained(body: bytes | str) -> bool:
    """Whether an answer holds what JSON Schema cannot judge: see `shape_schema.LIMITS`."""
    seen = []

    def note_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(pairs)
        seen.append(len(document) < len(pairs))
        return document

    def note_fraction(text: str) -> float:
        seen.append(float(text).is_integer())
        return float(text)

    json.loads(body, object_pairs_hook=note_repeats, parse_float=note_fraction)
    return any(seen)


def documented_answer(contract: Contract, example: Example) -> Any:
    """Return an example as it comes over the wire, in the envelope of the WebSocket API where there is one."""
    document = example.response
    if contract.surface is Surface.WS_API and not is_enveloped(example):
        document = {"id": "1", "status": 200, "result": document}
    return msgspec.json.decode(msgspec.json.encode(document))


def disagreements(store: Store, observations: list[Observation]) -> Iterator[str]:
    """Yield a sentence for each observed answer that one judge accepts and the other refuses."""
    comparers = {name: Comparer(product) for name, product in store.products.items()}
    judges: dict[int, SecondJudge] = {}
    for observation in observations:
        contract = store.contracts[observation.contract]
        comparer = comparers[contract.product]
        if observation.expect_codes:
            wanted = Expectation(status=observation.expect_status, codes=observation.expect_codes)
            judge = comparer.rejection_judge(contract, wanted)
        else:
            judge = comparer.response_judge(contract, observation.example or contract.examples[0].name)
        second = judges.setdefault(id(judge), SecondJudge(judge))
        for body in observation.messages or (observation.response,):
            if body is None:
                continue
            first = not judge(body.encode())
            if first != second.accepts(body) and not difference_is_explained(body):
                word = "accepts" if first else "refuses"
                yield f"{observation.case}: the comparison {word} what the JSON Schema does not: {body[:200]}"

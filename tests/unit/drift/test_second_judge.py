"""A second judge agrees with the comparison: on every sound document, and on every mutation of it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from made_contracts import default, made_contract
from second_judge import SecondJudge, difference_is_explained, documented_answer

from wireproof.contract.model import Product, Refinement, Surface, When
from wireproof.contract.shape_schema import LIMITS, json_schema
from wireproof.contract.store import Store, load_store
from wireproof.drift.compare import Comparer
from wireproof.drift.proving.mutations import mutations, other_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.drift.compare import PayloadJudge

SAMPLE = 12  # mutations of each example; all 107,312 were judged once, on 2026-11-26, with the same result


@pytest.fixture(scope="module")
def store() -> Store:
    return load_store()


def _judges(store: Store, product: str) -> Iterator[tuple[str, PayloadJudge, object]]:
    comparer = Comparer(store.products[product])
    for contract in store.select(product=product):
        for example in contract.examples:
            name = f"{contract.id} {example.name}"
            yield name, comparer.response_judge(contract, example.name), documented_answer(contract, example)


PRODUCTS = ["usdm", "coinm", "options", "portfolio-margin", "portfolio-margin-pro"]


@pytest.mark.parametrize("product", PRODUCTS)
def test_both_judges_accept_every_sound_document(store: Store, product: str) -> None:
    """Examples, and documents of the same shape with other values, conform for both."""
    draw = random.Random(product)  # noqa: S311  # a sample, no secret
    for name, judge, document in _judges(store, product):
        second = SecondJudge(judge)
        for sound in (document, *(other_values(judge.node, document, draw) for _ in range(3))):
            body = msgspec.json.encode(sound)
            assert (judge(body), second.accepts(body)) == ([], True), name


@pytest.mark.parametrize("product", PRODUCTS)
def test_both_judges_agree_on_every_mutation(store: Store, product: str) -> None:
    """What the comparison refuses the JSON Schema refuses, and the other way round, but for its listed limits."""
    draw = random.Random(product)  # noqa: S311  # a sample, no secret
    for name, judge, document in _judges(store, product):
        second, root = SecondJudge(judge), [document]
        found = list(mutations(judge.node, root))
        for mutation in draw.sample(found, min(SAMPLE, len(found))):
            undo = mutation.apply()
            body = mutation.body(root[0])
            undo()
            agreed = (not judge(body)) is second.accepts(body)
            assert agreed or difference_is_explained(body), f"{name}: {mutation.what}"


@pytest.mark.parametrize(
    ("limit", "alter"),
    [
        ("whole number with a fraction", lambda body: body.replace(b'"orderId":1,', b'"orderId":1.0,')),
        ("repeated key", lambda body: body.replace(b'"orderId":1,', b'"orderId":1,"orderId":1,')),
    ],
)
def test_each_limit_of_json_schema_is_one(limit: str, alter: Callable[[bytes], bytes]) -> None:
    """Each listed limit is real: the comparison sees the difference and a validator does not."""
    assert limit in LIMITS
    judge = _judge_of({"orderId": 1, "price": "1.5"})
    body = alter(msgspec.json.encode({"orderId": 1, "price": "1.5"}))
    assert judge(body)
    assert SecondJudge(judge).accepts(body)
    assert difference_is_explained(body)


def test_a_difference_that_no_limit_explains_is_not_explained() -> None:
    """Ordinary answers are judged by both."""
    assert not difference_is_explained(b'{"orderId": 1, "price": "1.5", "rate": 0.5}')


def test_the_schema_says_formats_constants_and_conditions() -> None:
    """What a reader of the exported schema finds: closed objects, decimals, times, words and conditions."""
    response = {"price": "1.5", "updateTime": 1700000000000, "side": "BUY", "stop": "1", "extra": []}
    conditions = (
        Refinement(path="side", enum=("BUY", "SELL"), source=""),
        Refinement(path="stop", when=When(field="side", one_of=("SELL",)), source=""),
    )
    judge = _judge_of(response, *conditions)
    schema = json_schema(judge.node, title="an order")
    assert schema["title"] == "an order"
    assert schema["additionalProperties"] is False
    assert schema["properties"]["price"] == {"type": "string", "pattern": r"^-?[0-9]+\.?[0-9]*$"}
    assert schema["properties"]["side"] == {"enum": ["BUY", "SELL"]}
    assert schema["properties"]["extra"] == {"type": "array", "maxItems": 0}
    assert {"enum": [0]} in schema["properties"]["updateTime"]["anyOf"]
    assert schema["required"] == ["price", "updateTime", "side", "extra"]
    assert schema["allOf"] == [
        {"if": {"required": ["side"], "properties": {"side": {"enum": ["SELL"]}}}, "then": {"required": ["stop"]}}
    ]


def _judge_of(response: object, *refinements: Refinement) -> PayloadJudge:
    contract = made_contract(default(response), surface=Surface.EVENT, refinements=refinements)
    return Comparer(Product(product="usdm", title="test", hosts={})).judge(contract, "default")

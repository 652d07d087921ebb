"""What holds for every stored contract of the five products without anybody having written it down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from wireproof.contract.decisions import Decision, decisions
from wireproof.contract.leaves import Scalar
from wireproof.contract.model import Expectation, Surface
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Positions, Variants
from wireproof.contract.store import load_store
from wireproof.drift.compare import Comparer
from wireproof.drift.documented_shape import groups, payload_shape, rejection_shape, response_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.model import Contract
    from wireproof.contract.shape import Node

STORE = load_store()

#: Integers that are called like a time and are none, or that are called like something else and are one.
NO_TIMES = {"portfolio-margin/event/liabilityChange T"}
TIMES = {"portfolio-margin/event/outboundAccountPosition u"}

#: What the documentation's names for a time have in common, said without the code that is tested.
SAYS_TIME = ("time", "timestamp", "date", "since")
LENGTHS = ("countdownTime", "avgCostTimestampOfLast30d", "frozenTimeInMilliseconds", "windowTimeInMilliseconds")
SHORT = {"E", "T", "C", "O", "ut", "tt", "dt", "gtd"}


def shapes() -> Iterator[tuple[Contract, Node]]:
    for contract in STORE.contracts.values():
        product = STORE.products[contract.product]
        for group in groups(contract):
            if contract.surface is Surface.WS_API:
                yield contract, response_shape(contract, group, product)[0]
            else:
                yield contract, payload_shape(contract, group, product)


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    yield path, node
    fields: list[tuple[str, Node]] = []
    if isinstance(node.object, Map):
        fields = [(f"{path}.*", node.object.value)]
    elif node.object is not None:
        shape = node.object
        parts = shape.objects.values() if isinstance(shape, Variants) else ()
        parts = shape.objects if isinstance(shape, Alternatives) else parts
        for part in [shape] if isinstance(shape, Fields) else parts:
            fields += [(child(path, name), entry.node) for name, entry in part.fields.items()]
    if isinstance(node.array, Positions):
        fields += [(element(path), position) for position in node.array.nodes]
    elif isinstance(node.array, Elements) and node.array.node is not None:
        fields.append((element(path), node.array.node))
    for at, inner in fields:
        yield from leaves(inner, at)


def says_time(path: str) -> bool:
    name = path.rpartition(".")[2]
    return name in SHORT or (name not in LENGTHS and name.lower().endswith(SAYS_TIME))


def test_every_integer_that_is_called_a_time_is_one_whatever_the_example_shows() -> None:
    """`123456789`, 0 and -1 stand in many examples; seconds and microseconds are other formats all the same."""
    wrong = []
    for contract, node in shapes():
        for path, leaf in leaves(node):
            where = f"{contract.id} {path}"
            if not leaf.scalars & {Scalar.INTEGER, Scalar.TIMESTAMP}:
                continue
            expected = (says_time(path) and where not in NO_TIMES) or where in TIMES
            if expected and Scalar.TIMESTAMP not in leaf.scalars:
                wrong.append(where)
            if not expected and where in NO_TIMES and Scalar.TIMESTAMP in leaf.scalars:
                wrong.append(where)
    assert wrong == []


@pytest.mark.parametrize(
    "name", ["aggTrade", "depth", "rpiDepth", "ticker", "miniTicker", "allTicker", "allMiniTicker"]
)
def test_times_in_seconds_or_microseconds_are_seen_behind_a_placeholder(name: str) -> None:
    contract = STORE.contracts[f"usdm/stream/{name}"]
    comparer = Comparer(STORE.products["usdm"])
    shown = contract.examples[0].response
    many = isinstance(shown, list)
    for time in (1_700_000_000, 1_700_000_000_000_000):
        first = {**(shown[0] if many else shown), "E": time}
        findings = comparer.payload(contract, "", json.dumps([first] if many else first).encode())
        assert [(f.path, f.kind) for f in findings] == [("[].E" if many else "E", "format-changed")]


def test_the_event_type_of_every_stream_and_event_is_a_constant() -> None:
    free = []
    for contract, node in shapes():
        if contract.surface not in {Surface.STREAM, Surface.EVENT} or contract.is_command:
            continue
        if not any(path.rpartition(".")[2] == "e" and d is Decision.CONSTANT for path, d in decisions(node)):
            free.append(contract.id)
    assert free == []


def test_the_code_of_every_success_is_a_constant_and_its_text_is_known() -> None:
    found = 0
    for contract, node in shapes():
        if contract.surface not in {Surface.REST, Surface.WS_API}:
            continue
        places = dict(leaves(node))
        for prefix in ("", "result."):
            code, text = places.get(f"{prefix}code"), places.get(f"{prefix}msg")
            if code is not None and text is not None:
                found += 1
                assert code.constants, contract.id
                assert text.enum or code.role == "error-code", contract.id
    assert found > 25


def test_the_text_of_a_refusal_is_free_where_the_one_of_a_success_is_not() -> None:
    """Both are called `msg`; what is said of answers is not said of the error envelope."""
    contract = STORE.contracts["portfolio-margin-pro/rest/POST.sapi.v1.portfolio.earn-asset-transfer"]
    product = STORE.products[contract.product]
    success, refusal = (
        payload_shape(contract, contract.examples, product),
        rejection_shape(contract, Expectation(status=400, codes=(-1102,)), product),
    )
    assert dict(leaves(success))["msg"].enum == ("success",)
    assert not dict(leaves(refusal))["msg"].enum


def test_every_contract_has_its_fast_path() -> None:
    comparers = {name: Comparer(product) for name, product in STORE.products.items()}
    assert [
        f"{contract.id} {example.name}"
        for contract in STORE.contracts.values()
        for example in contract.examples
        if not comparers[contract.product].response_judge(contract, example.name).schema.compiled
    ] == []


def several_types() -> list[Contract]:
    return [
        contract
        for contract in STORE.contracts.values()
        if contract.surface is not Surface.WS_API
        and {type(group[0].response) for group in groups(contract)} == {dict, list}
    ]


def test_one_wrong_field_is_that_field_and_no_other_type_of_answer() -> None:
    """Of a contract that answers with an object or with an array, the alternative of the same JSON type is meant."""
    contracts = several_types()
    assert len(contracts) >= 7
    for contract in contracts:
        comparer = Comparer(STORE.products[contract.product])
        for group in groups(contract):
            shown: Any = json.loads(json.dumps(group[0].response))
            target = shown[0] if isinstance(shown, list) else shown
            name = next(name for name, value in target.items() if value is not None and not isinstance(value, dict))
            target[name] = {"never": "documented"}
            [finding] = comparer.payload(contract, "", json.dumps(shown).encode())
            prefix = "[]." if isinstance(shown, list) else ""
            assert (finding.path, finding.kind) == (f"{prefix}{name}", "type-changed"), contract.id


def test_of_two_alternatives_of_one_type_the_one_with_fewer_grave_differences_is_meant() -> None:
    contract = STORE.contracts["usdm/rest/GET.fapi.v1.ticker.bookTicker"]
    comparer = Comparer(STORE.products["usdm"])
    [finding] = comparer.payload(contract, "", b'"text"')
    assert finding.kind == "type-changed"
    assert comparer.payload(contract, "", b"[]") == []

"""Properties of the comparison: its two steps agree on every input, and order means nothing.

The fast path is asked on its own and the explanation is asked on its own; what one accepts, the other must accept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from wireproof.contract.compiling import chunks
from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.model import Refinement, When
from wireproof.contract.shape import ShapeBuilder
from wireproof.drift.compare import PayloadJudge
from wireproof.drift.parse import Unparseable, parse
from wireproof.drift.proving.oracle import expected_of_text

if TYPE_CHECKING:
    import random

    from wireproof.drift.finding import Finding

bounded = settings(
    derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], database=None
)

texts = st.sampled_from(
    [
        "",
        "BTCUSDT",
        "0",
        "1.50",
        "-3",
        "1e-8",
        "+2",
        ".5",
        "NaN",
        "0x1",
        "1.0\n2.0",
        "\n",
        "NEW",
        "200",
        "12 ",
        "ü",
        'q"\\',
        "é\u2028",
    ]
)
integers = st.sampled_from(
    [0, 1, -1, 123456789, 10**9, 10**12 - 1, 10**12, 1700000000000, 10**13, 2**53, 2**63 - 1, 2**63, 2**64, 10**30]
)
numbers = st.sampled_from([0.5, 1.0, -2.0, 1e300, 123456789.25])
scalars = st.one_of(st.none(), st.booleans(), integers, numbers, texts)
keys = st.sampled_from(
    [
        "a",
        "b",
        "time",
        "updateTime",
        "price",
        "E",
        "orderId",
        "filterType",
        "type",
        "BTCUSDT",
        "ETHUSDT",
        "__x",
        "x.y",
        "[]",
        "*",
        "a/b",
        "~|",
        "",
    ]
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=14
)
rows = st.lists(st.tuples(integers, texts, texts).map(list), min_size=1, max_size=3)
variants = st.lists(
    st.one_of(
        st.fixed_dictionaries({"filterType": st.just("PRICE"), "a": texts}),
        st.fixed_dictionaries({"filterType": st.just("LOT"), "b": integers}),
    ),
    min_size=1,
    max_size=4,
)
batches = st.lists(
    st.one_of(
        st.fixed_dictionaries({"orderId": integers, "price": texts}),
        st.fixed_dictionaries({"code": integers, "msg": texts}),
    ),
    min_size=1,
    max_size=4,
)
maps = st.fixed_dictionaries(
    {"BTCUSDT": st.fixed_dictionaries({"a": integers}), "ETHUSDT": st.fixed_dictionaries({"a": integers})}
)
examples = st.one_of(
    documents,
    st.dictionaries(keys, st.one_of(documents, rows, variants, batches, maps), max_size=5),
    st.lists(st.dictionaries(keys, scalars, min_size=1, max_size=4), min_size=1, max_size=3),
)


def judge_of(*shown: Any, refinements: tuple[Refinement, ...] = ()) -> PayloadJudge:
    node = ShapeBuilder(refinements).build(list(shown))
    return PayloadJudge(contract="usdm/ws-api/test", node=node, schema=Schema(node))


def encode(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def conforms_in_windows(judge: PayloadJudge, body: bytes) -> bool:
    """Judge as answers of many kilobytes are judged, in windows of a few bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "_WINDOW", 3)
        patch.setattr(chunks, "_WIDEST", 3)
        try:
            return chunks.in_windows(judge.node, formats=True)(body)
        except RecursionError:
            return False


def assert_steps_agree(judge: PayloadJudge, body: bytes) -> list[Finding]:
    findings = judge.explain(body)
    if judge.schema.compiled:
        assert judge.conforms(body) == (findings == []), (body, findings)
        assert conforms_in_windows(judge, body) == (findings == []), (body, findings)
    try:
        parse(body)
    except Unparseable:
        return findings
    assert {(f.path, f.kind) for f in findings} == expected_of_text(judge.node, body), body
    return findings


def mutate(document: Any, draw: random.Random, value: Any) -> Any:
    """Return a copy with one place dropped, replaced, repeated or added to."""
    places: list[tuple[Any, Any]] = []
    copy = json.loads(json.dumps(document))

    def collect(container: Any) -> None:
        for key in list(container) if isinstance(container, dict) else range(len(container)):
            places.append((container, key))
            if isinstance(container[key], (dict, list)):
                collect(container[key])

    if not isinstance(copy, (dict, list)) or not copy:
        return value
    collect(copy)
    container, key = draw.choice(places)
    match draw.randrange(5):
        case 0:
            del container[key]
        case 1:
            container[key] = value
        case 2:
            container[key] = [container[key]]
        case 3 if isinstance(container, dict):
            container[draw.choice(["z", "a", "__new"])] = value
        case 3:
            container.append(value)
        case _ if isinstance(container[key], int):
            container[key] = draw.choice([float(container[key] % 1000), str(container[key]), bool(container[key])])
        case _:
            container[key] = None
    return copy


@bounded
@given(examples)
def test_a_document_conforms_to_the_shape_read_from_it(document: Any) -> None:
    assert assert_steps_agree(judge_of(document), encode(document)) == []


@bounded
@given(examples, examples)
def test_both_of_two_merged_examples_conform(one: Any, other: Any) -> None:
    judge = judge_of(one, other)
    assert assert_steps_agree(judge, encode(one)) == []
    assert assert_steps_agree(judge, encode(other)) == []


@settings(bounded, max_examples=200)
@given(examples, st.randoms(use_true_random=False), scalars | documents)
def test_fast_path_and_explanation_agree_on_mutated_documents(document: Any, draw: random.Random, value: Any) -> None:
    judge = judge_of(document)
    for _ in range(3):
        document = mutate(document, draw, value)
        assert_steps_agree(judge, encode(document))


@bounded
@given(examples, documents)
def test_fast_path_and_explanation_agree_on_foreign_documents(document: Any, other: Any) -> None:
    assert_steps_agree(judge_of(document), encode(other))


kinds = st.sampled_from(
    [
        "",
        "any",
        "string",
        "decimal",
        "decimal|empty",
        "integer",
        "number",
        "timestamp",
        "boolean",
        "integer|decimal",
        "object",
        "array",
    ]
)
constants = st.sampled_from([(), (), ("NEW", ""), (200,), (0, "0"), (True,), (0.5, 1), ("a", None), (False, 7, "x")])
said_of_text = st.sampled_from(["", "", "id", "words"])


@bounded
@given(st.data(), examples)
def test_fast_path_and_explanation_agree_under_refinements(data: st.DataObject, document: Any) -> None:
    assume(isinstance(document, dict) and document)
    refinements = tuple(
        Refinement(
            path=name,
            optional=data.draw(st.booleans()),
            nullable=data.draw(st.booleans()),
            kind=data.draw(kinds),
            enum=data.draw(st.sampled_from([(), ("NEW", "FILLED")])),
            constant=data.draw(constants),
            text=data.draw(said_of_text),
            when=data.draw(
                st.sampled_from([None, When(field="type", one_of=("NEW", 1)), When(field="b", one_of=(True, None))])
            ),
            source="",
        )
        for name in data.draw(st.lists(st.sampled_from(["a", "b", "time", "type", "fresh"]), unique=True, max_size=4))
    )
    judge = judge_of(document, refinements=refinements)
    draw = data.draw(st.randoms(use_true_random=False))
    assert_steps_agree(judge, encode(document))
    for _ in range(3):
        document = mutate(document, draw, data.draw(scalars))
        assert_steps_agree(judge, encode(document))


@bounded
@given(st.data(), variants | batches, st.randoms(use_true_random=False))
def test_fast_path_and_explanation_agree_on_refined_variants(
    data: st.DataObject, elements: list[Any], draw: random.Random
) -> None:
    refinements = tuple(
        Refinement(
            path=f"[].{name}",
            optional=data.draw(st.booleans()),
            kind=data.draw(kinds),
            constant=data.draw(constants),
            when=data.draw(st.sampled_from([None, When(field="filterType", one_of=("LOT",))])),
            source="",
        )
        for name in data.draw(st.lists(st.sampled_from(["a", "b", "price", "code", "fresh"]), unique=True, max_size=3))
    )
    if data.draw(st.booleans()):
        refinements += (Refinement(path="[].filterType", constant=("PRICE", "LOT"), source=""),)
    judge = judge_of(elements, refinements=refinements)
    document: Any = elements
    for _ in range(3):
        assert_steps_agree(judge, encode(document))
        document = mutate(document, draw, data.draw(scalars))


@bounded
@given(examples, st.binary(max_size=30), st.integers(0, 400))
def test_fast_path_and_explanation_agree_on_damaged_bytes(document: Any, noise: bytes, at: int) -> None:
    body = encode(document)
    at = at % (len(body) + 1)
    judge = judge_of(document)
    assert_steps_agree(judge, body[:at] + noise + body[at:])
    assert_steps_agree(judge, body[:at])
    assert_steps_agree(judge, body[:at] + noise)


@bounded
@given(
    st.dictionaries(st.sampled_from("abc"), scalars, min_size=1), st.lists(st.tuples(st.sampled_from("abc"), scalars))
)
def test_fast_path_and_explanation_agree_on_repeated_keys(
    example: dict[str, Any], pairs: list[tuple[str, Any]]
) -> None:
    shown = [*example.items(), *pairs]
    body = "{" + ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in shown) + "}"
    findings = assert_steps_agree(judge_of(example), body.encode())
    assert any(finding.kind == "repeated-key" for finding in findings) is (len(dict(shown)) < len(shown))
    assert_steps_agree(judge_of([{"filterType": "A", **example}, {"filterType": "B", "q": 1}]), f"[{body}]".encode())
    tagged = f'[{{"filterType":"A",{body[1:]},{{"filterType":"B","q":1,"filterType":"C"}}]'
    assert_steps_agree(judge_of([{"filterType": "A", **example}, {"filterType": "B", "q": 1}]), tagged.encode())


@bounded
@given(examples, st.randoms(use_true_random=False), scalars | documents)
def test_a_key_that_is_named_twice_is_seen_wherever_it_is(document: Any, draw: random.Random, value: Any) -> None:
    """Both values may conform: in objects, maps, variants, batches, where anything is allowed, with odd strings."""
    text = encode(document).decode()
    ends = [i for i, character in enumerate(text) if character == "}" and is_outside_strings(text, i)]
    assume(ends)
    end = draw.choice(ends)
    start = opening(text, end)
    inner = json.loads(text[start : end + 1])
    assume(inner)
    key = draw.choice(list(inner))
    again = json.dumps(draw.choice([inner[key], value]), ensure_ascii=False)
    doubled = f"{text[:end]}, {json.dumps(key, ensure_ascii=False)} :{again}{text[end:]}"
    findings = assert_steps_agree(judge_of(document), doubled.encode())
    assert [finding.kind for finding in findings].count("repeated-key") == 1


def is_outside_strings(text: str, index: int) -> bool:
    inside = False
    i = 0
    while i < index:
        if text[i] == "\\" and inside:
            i += 1
        elif text[i] == '"':
            inside = not inside
        i += 1
    return not inside


def opening(text: str, end: int) -> int:
    depth = 0
    for i in range(end, -1, -1):
        if text[i] in "{}" and is_outside_strings(text, i):
            depth += 1 if text[i] == "}" else -1
            if not depth:
                return i
    raise AssertionError(text)


def shuffled(document: Any, draw: random.Random) -> Any:
    """Return the document with other key order and, where elements are alike and not rows, other element order."""
    if isinstance(document, dict):
        pairs = [(key, shuffled(value, draw)) for key, value in document.items()]
        draw.shuffle(pairs)
        return dict(pairs)
    if isinstance(document, list):
        elements = [shuffled(value, draw) for value in document]
        if all(isinstance(value, dict) for value in elements):
            draw.shuffle(elements)
        return elements
    return document


def counted(findings: list[Finding]) -> set[tuple[Any, ...]]:
    return {(f.path, f.kind, f.severity, f.expected, f.actual, f.occurrences, f.of, f.fingerprint) for f in findings}


@bounded
@given(examples, st.randoms(use_true_random=False), scalars)
def test_order_of_keys_and_elements_changes_no_finding(document: Any, draw: random.Random, value: Any) -> None:
    judge = judge_of(document)
    drifted = mutate(mutate(document, draw, value), draw, value)
    assert counted(judge.explain(encode(drifted))) == counted(judge.explain(encode(shuffled(drifted, draw))))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"nul",
        b"NaN",
        b"[Infinity]",
        b'"\\ud800"',
        b'"\xff"',
        b'{"a":"\xc3\x28"}',
        b"[" * 100_000,
        b'{"a":' * 5000,
    ],
)
def test_bytes_that_are_no_document_are_one_finding(body: bytes) -> None:
    judge = judge_of({"a": "x"})
    [finding] = judge(body)
    assert finding.kind == "unparseable"
    assert judge.conforms(body) is False

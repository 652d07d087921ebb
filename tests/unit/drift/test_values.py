"""Where the value is the deviation: constants, enumerated words, codes; and what decides without checking."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_contracts import made_contract

from wireproof.contract.model import Contract, Envelope, Expectation, FieldRule, Product, Refinement, Surface
from wireproof.drift.compare import Comparer
from wireproof.drift.finding import Finding, Kind, fingerprint
from wireproof.drift.proving.oracle import expected_of_text

ENUMS = {"Side": ("BUY", "SELL"), "Status": ("NEW", "FILLED")}


def product(*rules: FieldRule) -> Product:
    return Product(
        product="usdm",
        title="USDM",
        hosts={},
        enums=ENUMS,
        fields=rules,
        envelopes={
            Surface.WS_API: Envelope(
                success={"id": "1", "status": 200},
                error={"id": "1", "status": 400, "error": {"code": -1102, "msg": "no"}},
            ),
            Surface.REST: Envelope(success={}, error={"code": -1121, "msg": "no"}),
        },
    )


def contract(*shown: Any, surface: Surface = Surface.REST, refinements: tuple[Refinement, ...] = ()) -> Contract:
    return made_contract(*shown, surface=surface, refinements=refinements)


def judged(stored: Contract, actual: Any, *rules: FieldRule) -> list[Finding]:
    """Compare an answer with a contract; fast path, explanation and oracle agree."""
    comparer = Comparer(product(*rules))
    body = json.dumps(actual).encode()
    judge = comparer.response_judge(stored, "e0")
    findings = judge.explain(body)
    assert judge.schema.compiled
    assert judge.conforms(body) == (findings == [])
    assert {(f.path, f.kind) for f in findings} == expected_of_text(judge.node, body)
    return comparer.response(stored, "e0", body)


def said(findings: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(f.path, str(f.kind), str(f.severity), f.value) for f in findings]


@pytest.mark.parametrize(
    ("constant", "others"),
    [
        (("ok",), ["no", ""]),
        ((200,), [201, 0, -1]),
        ((0,), [1]),
        ((True,), [False]),
        ((0.5,), [0.25, 1.5]),
        (("a", 1, False), ["b", 2, True]),
        (("",), ["x"]),
    ],
)
def test_another_value_than_the_documented_constant_is_breaking(constant: tuple[Any, ...], others: list[Any]) -> None:
    stored = contract({"a": constant[0]}, refinements=(Refinement(path="a", constant=constant, source=""),))
    for value in constant:
        assert judged(stored, {"a": value}) == []
    for value in others:
        word = value if value and isinstance(value, str) else json.dumps(value)
        assert said(judged(stored, {"a": value})) == [("a", "value-changed", "breaking", word)]


def test_a_constant_of_another_type_is_another_type() -> None:
    refinement = Refinement(path="a", constant=(200,), source="")
    for value in ("200", True, 200.0, [200], {}):
        [finding] = judged(contract({"a": 200}, refinements=(refinement,)), {"a": value})
        assert (finding.kind, finding.expected) == ("type-changed", "200")


def test_a_constant_may_be_null() -> None:
    stored = contract({"a": 1}, refinements=(Refinement(path="a", constant=(1, None), source=""),))
    assert judged(stored, {"a": None}) == []
    assert said(judged(stored, {"a": 2})) == [("a", "value-changed", "breaking", "2")]


EVENT = {"e": "trade", "E": 1700000000000, "p": "1.0"}


@pytest.mark.parametrize("surface", [Surface.STREAM, Surface.EVENT])
@pytest.mark.parametrize(
    ("path", "wrap"),
    [
        ("e", lambda event: event),
        ("[].e", lambda event: [event, event]),
        ("data.e", lambda event: {"stream": "x", "data": event}),
        ("data[].e", lambda event: {"stream": "x", "data": [event]}),
    ],
)
def test_the_event_type_of_a_stream_is_a_constant(surface: Surface, path: str, wrap: Any) -> None:
    stored = contract(wrap(EVENT), surface=surface)
    assert judged(stored, wrap(EVENT)) == []
    [finding] = judged(stored, wrap({**EVENT, "e": "aggTrade"}))
    assert (finding.path, finding.kind, finding.severity, finding.value) == (
        path,
        "value-changed",
        "breaking",
        "aggTrade",
    )
    assert finding.fingerprint == fingerprint(stored.id, path, Kind.VALUE_CHANGED, "aggTrade")


def test_several_documented_event_types_are_constants_and_tell_variants_apart() -> None:
    other = {"e": "kline", "E": 1700000000000, "k": {"o": "1.0"}}
    stored = contract([EVENT, other], surface=Surface.STREAM)
    assert judged(stored, [other, EVENT]) == []
    assert said(judged(stored, [{**EVENT, "e": "depth"}])) == [("[].e", "value-changed", "breaking", "depth")]
    merged = contract(EVENT, {**EVENT, "e": "rpiTrade"}, surface=Surface.EVENT)
    assert judged(merged, {**EVENT, "e": "rpiTrade"}) == []
    assert said(judged(merged, {**EVENT, "e": "x"})) == [("e", "value-changed", "breaking", "x")]


def test_a_refinement_of_the_event_type_comes_first() -> None:
    refinement = Refinement(path="e", enum=("trade", "other"), source="")
    stored = contract(EVENT, surface=Surface.EVENT, refinements=(refinement,))
    assert said(judged(stored, {**EVENT, "e": "x"})) == [("e", "undocumented-value", "risky", "x")]


def test_a_field_called_e_of_an_answer_is_no_event_type() -> None:
    assert judged(contract({"e": "a"}), {"e": "b"}) == []


@pytest.mark.parametrize("code", [200, 0, "200", "0"], ids=repr)
def test_the_code_of_a_success_is_a_constant_and_its_text_is_enumerated(code: int | str) -> None:
    for surface, prefix in ((Surface.REST, ""), (Surface.WS_API, "result.")):
        shown: Any = {"code": code, "msg": "success"}
        stored = contract(shown, surface=surface)

        def answer(result: Any, surface: Surface = surface) -> Any:
            return result if surface is Surface.REST else {"id": 1, "status": 200, "result": result}

        assert judged(stored, answer(shown)) == []
        other: Any = "201" if isinstance(code, str) else 201
        [finding] = judged(stored, answer({"code": other, "msg": "success"}))
        assert said([finding]) == [(f"{prefix}code", "value-changed", "breaking", str(other))]
        assert said(judged(stored, answer({"code": code, "msg": "done"}))) == [
            (f"{prefix}msg", "undocumented-value", "risky", "done")
        ]


def test_the_code_of_a_documented_refusal_is_an_error_code() -> None:
    shown = {"code": -2013, "msg": "no"}
    assert said(judged(contract(shown), {**shown, "code": -1000})) == [
        ("code", "error-code-changed", "breaking", "-1000")
    ]
    stored = contract({"error": {**shown, "code": 2}, "id": 1}, surface=Surface.STREAM)
    assert said(judged(stored, {"error": {**shown, "code": 3}, "id": 1})) == [
        ("error.code", "error-code-changed", "breaking", "3")
    ]


def test_the_code_of_a_refusal_in_a_batch_is_any_code() -> None:
    stored = contract([{"orderId": 1}, {"code": -2011, "msg": "Unknown order sent."}])
    assert judged(stored, [{"code": -1000, "msg": "x"}]) == []


def test_each_unknown_word_is_a_finding_of_its_own() -> None:
    """So that a waiver of one hides no other."""
    stored = contract([{"side": "BUY"}], refinements=(Refinement(path="[].side", enum="Side", source=""),))
    findings = judged(stored, [{"side": side} for side in ("X", "BUY", "Y", "X", "")])
    assert [(f.value, f.actual, f.occurrences, f.of) for f in findings] == [
        ("X", "X", 2, 5),
        ("Y", "Y", 1, 5),
        ('""', "empty string", 1, 5),
    ]
    assert len({f.fingerprint for f in findings}) == 3
    assert findings[0].fingerprint == fingerprint(stored.id, "[].side", Kind.UNDOCUMENTED_VALUE, "X")


def test_beyond_ten_unknown_words_one_finding_counts_the_others() -> None:
    stored = contract([{"side": "BUY"}], refinements=(Refinement(path="[].side", enum="Side", source=""),))
    words = [f"W{number:02}" for number in range(25)] + ["W24"] * 3
    findings = judged(stored, [{"side": word} for word in words])
    assert [f.value for f in findings] == ["W24", *(f"W{number:02}" for number in range(9)), ""]
    assert (findings[-1].actual, findings[-1].occurrences, findings[-1].of) == ("more values", 15, 28)
    assert findings[-1].fingerprint == fingerprint(stored.id, "[].side", Kind.UNDOCUMENTED_VALUE)


def test_a_status_and_an_error_code_say_what_came() -> None:
    comparer, stored = Comparer(product()), contract({"a": 1}, surface=Surface.WS_API)
    expectation = Expectation(status=400, codes=(-1102,))
    body = json.dumps({"id": 1, "status": 400, "error": {"code": -4046, "msg": "x"}}).encode()
    [finding] = comparer.rejection(stored, expectation, body)
    assert (finding.kind, finding.value) == ("error-code-changed", "-4046")
    assert finding.fingerprint == fingerprint(stored.id, "error.code", Kind.ERROR_CODE_CHANGED, "-4046")
    [status, *_] = comparer.rejection(stored, expectation, body.replace(b"400", b"401"))
    assert (status.kind, status.value) == ("status-changed", "401 -4046")


def test_an_unknown_variant_is_judged_as_far_as_all_variants_agree() -> None:
    shown = [{"type": "A", "id": 1, "price": "1", "a": 1}, {"type": "B", "id": 2, "price": "2", "b": True}]
    stored = contract(shown, refinements=(Refinement(path="[]", variants_by="type", source=""),))
    findings = judged(stored, [{"type": "C", "price": 1.0, "fresh": 1}])
    assert said(findings) == [
        ("[].type", "undocumented-value", "risky", "C"),
        ("[].id", "missing-field", "breaking", ""),
        ("[].price", "type-changed", "breaking", ""),
    ]


def test_a_documented_word_may_be_empty_where_the_example_is() -> None:
    stored = contract({"side": ""}, refinements=(Refinement(path="side", enum="Side", source=""),))
    assert judged(stored, {"side": ""}) == []
    assert judged(stored, {"side": "SELL"}) == []
    [finding] = judged(stored, {"side": "x"})
    assert finding.expected == "one of BUY, SELL or empty string"


def test_an_empty_string_beside_decimals_is_no_licence_for_words() -> None:
    """`""` in an example of a decimal means "decimal or empty"."""
    stored = contract([{"rate": "0.1"}, {"rate": ""}])
    assert judged(stored, [{"rate": ""}, {"rate": "2"}]) == []
    for text in ("x", " ", "NaN", "Infinity", "-"):
        assert said(judged(stored, [{"rate": text}])) == [("[].rate", "format-changed", "breaking", "")]
    refined = contract({"x": ""}, refinements=(Refinement(path="x", kind="decimal|empty", source=""),))
    assert judged(refined, {"x": "-1.5"}) == []
    assert said(judged(refined, {"x": "words"})) == [("x", "format-changed", "breaking", "")]


@pytest.mark.parametrize("text", ["2.8E-4", "1e10", "+3", ".5"])
def test_a_notation_that_no_example_shows_is_risky(text: str) -> None:
    [finding] = judged(contract({"price": "1.0"}), {"price": text})
    assert (finding.kind, finding.severity) == ("undocumented-format", "risky")
    assert judged(contract({"price": "2.8E-4"}), {"price": text}) == []


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "", "1,000.0", "0x10", "1e", "\u0661"])
def test_what_is_no_decimal_is_another_format(text: str) -> None:
    for shown in ("1.0", "2.8E-4"):
        assert said(judged(contract({"price": shown}), {"price": text})) == [
            ("price", "format-changed", "breaking", "")
        ]


RULE = FieldRule(where=("usdm/* **.side",), except_=("usdm/* special.side",), enum="Side", source="")


def test_a_rule_of_the_product_reaches_a_field_wherever_it_occurs() -> None:
    shown = {"side": "BUY", "orders": [{"side": "SELL"}], "special": {"side": "X"}}
    stored = contract(shown)
    assert judged(stored, shown, RULE) == []
    wrong = {"side": "A", "orders": [{"side": "B"}], "special": {"side": "C"}}
    assert said(judged(stored, wrong, RULE)) == [
        ("side", "undocumented-value", "risky", "A"),
        ("orders[].side", "undocumented-value", "risky", "B"),
    ]


def test_a_rule_is_found_below_the_result_of_an_envelope_with_and_without_its_name() -> None:
    stored = contract({"side": "BUY"}, surface=Surface.WS_API)
    for path in ("side", "result.side"):
        rule = FieldRule(where=(f"usdm/* {path}",), enum="Side", source="")
        answer = {"id": 1, "status": 200, "result": {"side": "X"}}
        assert said(judged(stored, answer, rule)) == [("result.side", "undocumented-value", "risky", "X")]


def test_a_refinement_of_the_contract_comes_before_a_rule() -> None:
    stored = contract({"side": "BUY"}, refinements=(Refinement(path="side", enum=("HOLD",), source=""),))
    assert judged(stored, {"side": "HOLD"}, RULE) == []
    local = contract({"side": "BUY"}, refinements=(Refinement(path="side", optional=True, source=""),))
    assert judged(local, {}, RULE) == []
    assert said(judged(local, {"side": "HOLD"}, RULE)) == [("side", "undocumented-value", "risky", "HOLD")]


def test_a_rule_about_words_leaves_a_field_of_another_type_alone() -> None:
    for shown in ({"side": 1}, {"side": {"a": 1}}, {"side": ["x"]}):
        assert judged(contract(shown), shown, RULE) == []
    assert judged(contract({"side": None}), {"side": None}, RULE) == []
    assert said(judged(contract({"side": None}), {"side": "x"}, RULE)) == [("side", "undocumented-value", "risky", "x")]


def test_a_rule_may_name_constants_kinds_and_texts() -> None:
    def rule(path: str, **said: Any) -> FieldRule:
        return FieldRule(where=(f"usdm/rest/* {path}",), source="", **said)

    rules = [rule("a", constant=("x", "y")), rule("b", kind="decimal|empty"), rule("c", text="id")]
    stored = contract({"a": "x", "b": "", "c": "123"})
    assert judged(stored, {"a": "y", "b": "1", "c": "w-1"}, *rules) == []
    assert said(judged(stored, {"a": "z", "b": "w", "c": "w-1"}, *rules)) == [
        ("a", "value-changed", "breaking", "z"),
        ("b", "format-changed", "breaking", ""),
    ]

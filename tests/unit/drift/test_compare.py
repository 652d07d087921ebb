"""What the comparison says: one finding for each difference, at its path, with its kind, severity and counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_contracts import made_contract

from wireproof.contract.model import Contract, Envelope, Example, Expectation, Product, Refinement, Surface, When
from wireproof.drift.compare import Comparer, verdict_of
from wireproof.drift.explain import ComparisonError, new_finding, one_line
from wireproof.drift.finding import Finding, Kind, Severity, Verdict, fingerprint
from wireproof.errors import UsageError

LIMITS = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400, "count": 5}]

PRODUCT = Product(
    product="usdm",
    title="test",
    hosts={},
    enums={"side": ("BUY", "SELL")},
    envelopes={
        Surface.WS_API: Envelope(
            success={"id": "1", "status": 200, "result": {}, "rateLimits": LIMITS},
            error={"id": "1", "status": 400, "error": {"code": -1102, "msg": "text"}, "rateLimits": LIMITS},
        ),
        Surface.REST: Envelope(success={}, error={"code": -1121, "msg": "Invalid symbol."}),
    },
)


def contract(
    *examples: Any, surface: Surface = Surface.STREAM, refinements: tuple[Refinement, ...] = (), name: str = "test"
) -> Contract:
    """Return the contract of a stream, unless another surface is named."""
    return made_contract(*examples, surface=surface, name=name, refinements=refinements)


def found(documented: Any, actual: Any, *refinements: Refinement) -> list[Finding]:
    """Compare two payloads."""
    stored = documented if isinstance(documented, Contract) else contract(documented, refinements=refinements)
    return Comparer(PRODUCT).payload(stored, "e0", json.dumps(actual).encode())


def named(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(str(f.kind), f.path, str(f.severity)) for f in findings]


ORDER = {
    "orderId": 1,
    "price": "1.50",
    "side": "BUY",
    "active": True,
    "ratio": 0.5,
    "time": 1700000000000,
    "tags": ["a"],
}


@pytest.mark.parametrize(
    ("change", "kind", "severity", "expected", "actual"),
    [
        ({"price": 1.5}, "type-changed", "breaking", "decimal string", "number"),
        ({"price": None}, "null-value", "breaking", "decimal string", "null"),
        ({"price": "cheap"}, "format-changed", "breaking", "decimal string", "string"),
        ({"price": ""}, "format-changed", "breaking", "decimal string", "empty string"),
        ({"time": 1700000000}, "format-changed", "breaking", "millisecond timestamp", "integer of 10 digits"),
        ({"time": "1700000000000"}, "type-changed", "breaking", "millisecond timestamp", "decimal string"),
        ({"orderId": "1"}, "type-changed", "breaking", "integer", "decimal string"),
        ({"orderId": 1.0}, "type-changed", "breaking", "integer", "number"),
        ({"orderId": True}, "type-changed", "breaking", "integer", "boolean"),
        ({"active": 1}, "type-changed", "breaking", "boolean", "integer"),
        ({"ratio": "0.5"}, "type-changed", "breaking", "number", "decimal string"),
        ({"tags": {}}, "type-changed", "breaking", "array", "object"),
        ({"tags": [1]}, "type-changed", "breaking", "string", "integer"),
        ({"fresh": "1"}, "undocumented-field", "additive", "nothing", "undocumented field, decimal string"),
    ],
)
def test_each_change_is_one_finding(
    change: dict[str, Any], kind: str, severity: str, expected: str, actual: str
) -> None:
    [finding] = found(ORDER, {**ORDER, **change})
    assert (finding.kind, finding.severity, finding.expected, finding.actual) == (kind, severity, expected, actual)
    path = next(iter(change)) + ("[]" if change == {"tags": [1]} else "")
    assert finding.path == path
    assert finding.fingerprint == fingerprint("usdm/stream/test", path, finding.kind)


def test_a_missing_field_is_breaking() -> None:
    rest = {key: value for key, value in ORDER.items() if key != "price"}
    [finding] = found(ORDER, rest)
    assert one_line(finding) == "price  expected decimal string, got nothing  (breaking)"


def test_a_missing_subtree_is_one_finding_at_its_root() -> None:
    assert named(found({"a": {"b": {"c": 1}, "d": 2}}, {})) == [("missing-field", "a", "breaking")]


def test_an_undocumented_subtree_is_one_finding_at_its_root() -> None:
    assert named(found({"a": 1}, {"a": 1, "b": {"c": {"d": 1}}})) == [("undocumented-field", "b", "additive")]


@pytest.mark.parametrize("value", [3, 3.25, -1, 0])
def test_a_whole_number_conforms_where_the_example_shows_a_fraction(value: Any) -> None:
    assert found({"ratio": 0.5}, {"ratio": value}) == []


@pytest.mark.parametrize("value", ["0", "0.00", "-1.5", "3.", "123456789012345678901234567890.5"])
def test_every_string_that_holds_a_number_is_a_decimal(value: str) -> None:
    assert found({"price": "0"}, {"price": value}) == []


@pytest.mark.parametrize("name", ["clientOrderId", "tradeId", "id", "code", "symbol"])
def test_digits_in_an_identifier_do_not_make_it_a_decimal(name: str) -> None:
    assert found({name: "123"}, {name: "wp-abc"}) == []
    assert named(found({name: "123"}, {name: 123})) == [("type-changed", name, "breaking")]


def test_zero_means_never_where_the_example_shows_a_time() -> None:
    assert found({"time": 1700000000000}, {"time": 0}) == []


def test_a_time_of_zero_in_the_example_is_a_time_all_the_same() -> None:
    """The name says so; under a name that does not, zero is any integer."""
    assert found({"goodTillDate": 0}, {"goodTillDate": 1700000000000}) == []
    assert named(found({"goodTillDate": 0}, {"goodTillDate": 1})) == [("format-changed", "goodTillDate", "breaking")]
    assert found({"level": 0}, {"level": 1}) == []


def test_thirteen_digits_of_an_identifier_are_no_time() -> None:
    assert found({"orderId": 1700000000000, "u": 1700000000000}, {"orderId": 5, "u": 10**15}) == []


@pytest.mark.parametrize("value", [2**63, 2**64, -(2**63) - 1, 10**30])
def test_an_integer_beyond_64_bits_is_another_format(value: int) -> None:
    [finding] = found({"orderId": 1}, {"orderId": value})
    assert (finding.kind, finding.path, finding.severity) == ("format-changed", "orderId", "breaking")
    assert finding.actual == "integer beyond 64 bits"


def test_integers_of_64_bits_are_integers() -> None:
    assert found({"orderId": 1}, {"orderId": 2**63 - 1}) == []
    assert found({"orderId": 1}, {"orderId": -(2**63)}) == []
    assert found({"ratio": 0.5}, {"ratio": 2**64}) == []


@pytest.mark.parametrize("value", [None, 1, "x", [], {"a": [None]}])
def test_null_in_the_example_says_nothing(value: Any) -> None:
    assert found({"a": None}, {"a": value}) == []
    assert named(found({"a": None}, {})) == [("missing-field", "a", "breaking")]


def test_an_element_where_the_example_shows_an_empty_array_is_additive() -> None:
    [finding] = found({"a": []}, {"a": [1, 2]})
    assert (finding.kind, finding.path, finding.severity) == ("undocumented-element", "a[]", "additive")
    assert one_line(finding) == "a[]  undocumented element, integer  (additive, 2 of 2)"
    assert found({"a": []}, {"a": []}) == []
    assert named(found({"a": []}, {"a": {}})) == [("type-changed", "a", "breaking")]


def test_a_field_where_the_example_shows_an_empty_object_is_additive() -> None:
    assert named(found({"result": {}}, {"result": {"x": 1}})) == [("undocumented-field", "result.x", "additive")]


def test_a_shorter_row_is_breaking_and_a_longer_one_additive() -> None:
    documented = {"bids": [["4.00", "431.0"]]}
    [shorter] = found(documented, {"bids": [["4.00", "431.0"], ["4.00"]]})
    assert one_line(shorter) == "bids[]  expected 2 elements, got 1 element  (breaking, 1 of 2)"
    assert (shorter.kind, shorter.samples) == ("length-changed", ("bids[1]",))
    [longer] = found(documented, {"bids": [["4.00", "431.0", "1"]]})
    assert (longer.kind, longer.path, longer.severity) == ("undocumented-element", "bids[][]", "additive")
    assert longer.samples == ("bids[0][2]",)


def test_rows_are_read_by_position() -> None:
    documented = [[1700000000000, "1.0", 5], [1700000060000, "2.0", 6]]
    [finding] = found(documented, [[1700000000000, "1.0", 5], [1700000000000, 1.0, 5]])
    assert (finding.path, finding.kind, finding.samples) == ("[][]", "type-changed", ("[1][1]",))
    assert (finding.occurrences, finding.of) == (1, 2)


def test_elements_are_merged_and_what_only_some_show_is_optional() -> None:
    documented = [{"a": 1, "b": "x"}, {"a": 2}]
    assert found(documented, [{"a": 1}, {"a": 2, "b": "y"}]) == []
    assert named(found(documented, [{"b": "x"}])) == [("missing-field", "[].a", "breaking")]


def test_findings_are_counted_over_elements_with_three_samples() -> None:
    documented = {"result": {"symbols": [{"tickSize": "0.1", "name": "A"}]}}
    symbols = [{"tickSize": 0.1 if i % 2 else "0.1", "name": "A"} for i in range(650)]
    [finding] = found(documented, {"result": {"symbols": symbols}})
    assert (finding.occurrences, finding.of) == (325, 650)
    assert finding.samples == tuple(f"result.symbols[{i}].tickSize" for i in (1, 3, 5))
    assert one_line(finding) == "result.symbols[].tickSize  expected decimal string, got number  (breaking, 325 of 650)"


def test_a_field_that_some_elements_lack_is_reported_with_its_counts() -> None:
    [finding] = found([{"a": 1, "b": 2}], [{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 3}])
    assert (finding.kind, finding.path, finding.occurrences, finding.of) == ("missing-field", "[].b", 1, 3)
    assert finding.samples == ("[1].b",)


def test_findings_come_in_document_order_and_unknown_fields_after_their_siblings() -> None:
    documented = {"a": 1, "b": {"c": 1, "d": 1}, "e": 1}
    actual = {"z": 1, "e": "x", "b": {"y": 1, "d": None, "c": 1}}
    assert [f.path for f in found(documented, actual)] == ["a", "b.d", "b.y", "e", "z"]


VARIANTS = {"filters": [{"filterType": "PRICE", "tickSize": "0.1"}, {"filterType": "LOT", "stepSize": "1"}]}


def test_variants_are_told_apart_by_the_field_that_separates_them() -> None:
    assert found(VARIANTS, {"filters": [{"filterType": "LOT", "stepSize": "1"}]}) == []
    swapped = {"filters": [{"filterType": "LOT", "tickSize": "0.1"}]}
    assert named(found(VARIANTS, swapped)) == [
        ("missing-field", "filters[].stepSize", "breaking"),
        ("undocumented-field", "filters[].tickSize", "additive"),
    ]


def test_the_count_is_over_the_elements_of_the_variant() -> None:
    actual = {"filters": [{"filterType": "PRICE", "tickSize": 1}, *VARIANTS["filters"] * 2]}
    [finding] = found(VARIANTS, actual)
    assert (finding.path, finding.occurrences, finding.of) == ("filters[].tickSize", 1, 3)
    assert finding.samples == ("filters[0].tickSize",)


def test_an_unknown_variant_is_risky_and_judged_by_its_tag_alone() -> None:
    [finding] = found(VARIANTS, {"filters": [{"filterType": "NOTIONAL", "notional": "5"}]})
    assert (finding.kind, finding.path, finding.severity) == ("undocumented-value", "filters[].filterType", "risky")
    assert (finding.expected, finding.actual) == ("one of PRICE, LOT", "NOTIONAL")


def test_variants_can_be_named_by_a_refinement() -> None:
    documented = {"list": [{"mark": "x1", "a": 1}, {"mark": "x2", "b": 1}]}
    refinement = Refinement(path="list[]", variants_by="mark", source="")
    swapped = {"list": [{"mark": "x1", "b": 1}]}
    assert found(documented, swapped) == []
    assert [f.path for f in found(documented, swapped, refinement)] == ["list[].a", "list[].b"]


def test_objects_that_share_no_field_are_alternatives() -> None:
    documented = [{"orderId": 1, "price": "1"}, {"code": -1, "msg": "no"}]
    assert found(documented, [{"code": -1, "msg": "no"}, {"orderId": 1, "price": "1"}]) == []
    assert named(found(documented, [{"orderId": 1}])) == [("missing-field", "[].price", "breaking")]
    assert named(found(documented, [{"code": -1}])) == [("missing-field", "[].msg", "breaking")]


def test_free_keys_are_recognised_and_share_one_path() -> None:
    documented = {"result": {"BTCUSDT": {"x": "1"}, "ETHUSDT": {"x": "2"}}}
    [finding] = found(documented, {"result": {"SOLUSDT": {"x": "1"}, "XRPUSDT": {"x": 1}}})
    assert (finding.path, finding.samples) == ("result.*.x", ("result.XRPUSDT.x",))
    assert (finding.occurrences, finding.of) == (1, 2)


def test_free_keys_can_be_named_by_a_refinement() -> None:
    documented = {"levels": {"one": 1}}
    assert named(found(documented, {"levels": {"two": 2}})) == [
        ("missing-field", "levels.one", "breaking"),
        ("undocumented-field", "levels.two", "additive"),
    ]
    assert found(documented, {"levels": {"two": 2}}, Refinement(path="levels", free_keys=True, source="")) == []


@pytest.mark.parametrize(
    ("refinement", "actual"),
    [
        (Refinement(path="price", optional=True, source=""), {"side": "BUY"}),
        (Refinement(path="price", nullable=True, source=""), {"price": None, "side": "BUY"}),
        (Refinement(path="price", kind="any", source=""), {"price": [1], "side": "BUY"}),
        (Refinement(path="price", kind="string", source=""), {"price": "cheap", "side": "BUY"}),
        (Refinement(path="price", kind="decimal|integer", source=""), {"price": 5, "side": "BUY"}),
        (Refinement(path="stop", optional=True, kind="decimal", source=""), {"price": "1", "side": "BUY", "stop": "1"}),
    ],
)
def test_refinements_say_what_examples_cannot(refinement: Refinement, actual: Any) -> None:
    documented = {"price": "1.0", "side": "BUY"}
    assert found(documented, actual) != []
    assert found(documented, actual, refinement) == []


@pytest.mark.parametrize("enum", [("BUY", "SELL"), "side"])
def test_a_value_outside_the_documented_enum_is_risky(enum: Any) -> None:
    refinement = Refinement(path="side", enum=enum, source="")
    assert found({"side": "BUY"}, {"side": "SELL"}, refinement) == []
    [finding] = found({"side": "BUY"}, {"side": "HOLD"}, refinement)
    assert one_line(finding) == "side  expected one of BUY, SELL, got HOLD  (risky)"
    assert found({"side": "BUY"}, {"side": "HOLD"}) == []


def test_a_conditional_field_is_judged_only_where_its_condition_holds() -> None:
    refinement = Refinement(path="[].stop", when=When(field="type", one_of=("STOP",)), kind="decimal", source="")
    documented = [{"type": "LIMIT"}]
    assert found(documented, [{"type": "LIMIT"}, {"type": "STOP", "stop": "1"}], refinement) == []
    [finding] = found(documented, [{"type": "LIMIT"}, {"type": "STOP"}], refinement)
    assert (finding.kind, finding.path, finding.samples) == ("missing-field", "[].stop", ("[1].stop",))
    assert named(found(documented, [{"type": "LIMIT", "stop": 1}], refinement)) == [
        ("type-changed", "[].stop", "breaking")
    ]


def test_refinements_for_other_examples_do_not_hold() -> None:
    stored = contract(
        Example(name="e0", when="one", response={"a": 1}),
        Example(name="e1", when="other", response={"a": 1}),
        refinements=(Refinement(path="a", optional=True, examples=("e1",), source=""),),
    )
    comparer = Comparer(PRODUCT)
    assert named(comparer.payload(stored, "e0", b"{}")) == [("missing-field", "a", "breaking")]
    assert comparer.payload(stored, "e1", b"{}") == []


def test_examples_of_one_condition_are_merged_and_others_are_alternatives() -> None:
    stored = contract(
        Example(name="one", when="hedge mode", response={"a": 1, "b": 1}),
        Example(name="two", when="hedge mode", response={"a": 1}),
        Example(name="three", when="one-way mode", response={"c": 1}),
    )
    comparer = Comparer(PRODUCT)
    assert comparer.payload(stored, "one", b'{"a":1}') == []
    assert comparer.payload(stored, "three", b'{"c":1}') == []
    assert comparer.payload(stored, "three", b'{"a":1}') != []
    assert comparer.payload(stored, "", b'{"c":1}') == []
    assert [f.path for f in comparer.payload(stored, "", b'{"c":"x"}')] == ["c"]


def test_an_unknown_example_is_named() -> None:
    with pytest.raises(UsageError, match=r"has no example .e9..*e0"):
        Comparer(PRODUCT).payload(contract({"a": 1}), "e9", b"{}")


@pytest.mark.parametrize(
    ("documented", "actual"),
    [([1], [True]), ([True], [1]), ([2], [2.0]), ({"a": [1]}, {"a": [True]}), ({"a": 1}, {"a": True})],
)
def test_what_deepdiff_calls_equal_is_a_type_change_here(documented: Any, actual: Any) -> None:
    [finding] = found(documented, actual)
    assert finding.kind is Kind.TYPE_CHANGED


def test_keys_that_deepdiff_calls_private_are_fields() -> None:
    assert named(found({"a": 1}, {"a": 1, "__x": 1})) == [("undocumented-field", "__x", "additive")]
    assert named(found({"a": 1, "__x": 1}, {"a": 1})) == [("missing-field", "__x", "breaking")]
    assert named(found({"__x": 1}, {"__x": "1"})) == [("type-changed", "__x", "breaking")]


def test_documents_that_share_nothing_are_still_explained_field_by_field() -> None:
    """DeepDiff alone would report one changed value for two very different objects."""
    assert [f.path for f in found({"a": 1, "b": 2}, {"c": 1})] == ["a", "b", "c"]


@pytest.mark.parametrize("key", ["a.b", "", "x[]", "*", 'q"x', "b\\x", "a b", "a/.b", "a|b", "~", "\n"])
def test_odd_keys_are_compared_like_any_other(key: str) -> None:
    assert found({key: 1, "z": 1}, {key: 5, "z": 1}) == []
    [finding] = found({key: 1, "z": 1}, {key: "x", "z": 1})
    plain = key in {"b\\x", "a|b", "~"}
    assert finding.path == (key if plain else f"[{json.dumps(key)}]")


def test_a_repeated_key_is_judged_each_time() -> None:
    comparer = Comparer(PRODUCT)
    for body in (b'{"a":"x","a":1}', b'{"a":1,"a":"x"}'):
        assert named(comparer.payload(contract({"a": 1}), "e0", body)) == [
            ("type-changed", "a", "breaking"),
            ("repeated-key", "a", "breaking"),
        ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty answer"),
        (b"<!doctype html><title>502 Bad\n Gateway</title>", "an HTML page titled '502 Bad Gateway'"),
        (b"\xef\xbb\xbf{}", "a byte order mark"),
        (b"\x1f\x8b\x08\x00", "compressed by gzip"),
        ('{"a":"x"}'.encode("utf-16"), "UTF-16"),
        ('{"a":"x"}'.encode("utf-16-le"), "UTF-16"),
        ('{"a":"x"}'.encode("utf-32"), "UTF-32"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":1} x', "trailing characters"),
    ],
)
def test_what_is_no_json_is_one_finding(body: bytes, said: str) -> None:
    [finding] = Comparer(PRODUCT).payload(contract({"a": "x"}), "e0", body)
    assert (finding.kind, finding.path, finding.severity) == ("unparseable", "", "breaking")
    assert said in finding.actual


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        (b'{"a":NaN}', "a", "no JSON: NaN is no number of JSON"),
        (b'{"a":[{"b":1},{"b":-Infinity}]}', "a[].b", "no JSON: -Infinity is no number of JSON"),
        (b'{"a":1e400}', "a", "no JSON: the number 1e400 is larger than a double holds"),
        (b'{"x y":[[-1e999]]}', '["x y"][][]', "no JSON: the number -1e999 is larger than a double holds"),
        (b"9" * 5000, "", "no JSON: the number " + "9" * 59 + "… is larger than a double holds"),
    ],
)
def test_a_number_that_no_reader_knows_is_named_with_its_path(body: bytes, path: str, said: str) -> None:
    [finding] = Comparer(PRODUCT).payload(contract({"a": 1}), "e0", body)
    assert (finding.kind, finding.path, finding.actual) == ("unparseable", path, said)


WS = contract({"id": "1", "status": 200, "result": {"a": 1}, "rateLimits": LIMITS}, surface=Surface.WS_API)


def answer(body: Any, stored: Contract = WS) -> list[Finding]:
    return Comparer(PRODUCT).response(stored, "e0", json.dumps(body).encode())


@pytest.mark.parametrize("request_id", [1, "x", None, True, 1.5])
def test_the_id_of_an_answer_is_any_scalar(request_id: Any) -> None:
    assert answer({"id": request_id, "status": 200, "result": {"a": 1}}) == []


def test_an_id_that_is_no_scalar_is_a_type_change() -> None:
    assert [(f.path, f.kind) for f in answer({"id": [], "status": 200, "result": {"a": 1}})] == [("id", "type-changed")]


def test_rate_limits_may_be_left_out_but_not_changed() -> None:
    assert answer({"id": 1, "status": 200, "result": {"a": 1}}) == []
    changed = [{**LIMITS[0], "limit": "2400"}]
    [finding] = answer({"id": 1, "status": 200, "result": {"a": 1}, "rateLimits": changed})
    assert (finding.path, finding.kind) == ("rateLimits[].limit", "type-changed")


def test_another_status_is_one_finding_that_names_the_error() -> None:
    [finding] = answer({"id": 1, "status": 400, "error": {"code": -1121, "msg": "Invalid symbol."}})
    assert one_line(finding) == "status  expected 200, got 400, error -1121 Invalid symbol.  (breaking)"
    assert finding.kind is Kind.STATUS_CHANGED


def test_a_long_error_message_is_cut() -> None:
    [finding] = answer({"id": 1, "status": 400, "error": {"code": -1, "msg": "x" * 500}})
    assert len(finding.actual) < 100


def test_an_example_without_envelope_is_the_result_of_one() -> None:
    stored = contract({"a": 1}, surface=Surface.WS_API)
    assert answer({"id": 1, "status": 200, "result": {"a": 1}}, stored) == []
    assert [f.path for f in answer({"id": 1, "status": 200, "result": {"a": "x"}}, stored)] == ["result.a"]


def refusal(body: Any, *, surface: Surface = Surface.WS_API, status: int | None = None) -> list[Finding]:
    expectation = Expectation(status=400, codes=(-1121, -1102))
    stored = contract({"a": 1}, surface=surface)
    return Comparer(PRODUCT).rejection(stored, expectation, json.dumps(body).encode(), status=status)


ERROR = {"code": -1121, "msg": "Invalid symbol."}


@pytest.mark.parametrize("more", [{}, {"rateLimits": LIMITS}])
def test_a_documented_refusal_conforms(more: dict[str, Any]) -> None:
    assert refusal({"id": 1, "status": 400, "error": ERROR, **more}) == []
    assert refusal({"id": 1, "status": 400, "error": {**ERROR, "data": {"serverTime": 1}}, **more}) == []


def test_another_error_code_is_breaking() -> None:
    [finding] = refusal({"id": 1, "status": 400, "error": {**ERROR, "code": -1}})
    assert one_line(finding) == "error.code  expected -1121 or -1102, got -1  (breaking)"
    assert finding.kind is Kind.ERROR_CODE_CHANGED


def test_another_status_and_another_code_are_two_findings() -> None:
    findings = refusal({"id": 1, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key."}})
    assert [(f.path, f.kind) for f in findings] == [("status", "status-changed"), ("error.code", "error-code-changed")]


def test_a_success_where_a_refusal_is_documented_is_breaking() -> None:
    [finding] = refusal({"id": 1, "status": 200, "result": {"a": 1}})
    assert one_line(finding) == "status  expected 400, got 200  (breaking)"


def test_an_error_envelope_that_changed_is_reported() -> None:
    findings = refusal({"id": 1, "status": 400, "error": {"code": "-1121", "message": "x"}})
    assert [(f.path, f.kind) for f in findings] == [
        ("error.code", "type-changed"),
        ("error.msg", "missing-field"),
        ("error.message", "undocumented-field"),
    ]


def test_a_rest_refusal_is_judged_by_http_status_and_code() -> None:
    assert refusal(ERROR, surface=Surface.REST, status=400) == []
    assert [f.path for f in refusal({**ERROR, "code": -1}, surface=Surface.REST, status=400)] == ["code"]
    findings = refusal(ERROR, surface=Surface.REST, status=403)
    assert [one_line(f) for f in findings] == ["status  expected 400, got 403, error -1121 Invalid symbol.  (breaking)"]


def test_a_rest_answer_with_an_error_status_is_one_finding() -> None:
    stored = contract({"a": 1}, surface=Surface.REST)
    comparer = Comparer(PRODUCT)
    assert comparer.response(stored, "e0", b'{"a":1}', status=200) == []
    [finding] = comparer.response(stored, "e0", json.dumps(ERROR).encode(), status=400)
    assert finding.actual == "400, error -1121 Invalid symbol."


def test_a_surface_without_envelope_is_a_clear_error() -> None:
    with pytest.raises(UsageError, match="no envelope for ws-api"):
        Comparer(Product(product="x", title="", hosts={})).response(WS, "e0", b"{}")


def test_a_burst_gives_each_event_its_own_findings() -> None:
    stored = contract({"p": "1.0", "T": 1700000000000})
    sound, drifted = b'{"p":"2.0","T":0}', b'{"p":2.0,"T":0}'
    bodies = [sound] * 300 + [drifted] + [sound] * 300 + [b'{"p":"1",\n"T":0}', b""]
    findings = list(Comparer(PRODUCT).burst(stored, "e0", bodies))
    assert len(findings) == len(bodies)
    assert {i: f[0].kind for i, f in enumerate(findings) if f} == {300: "type-changed", 602: "unparseable"}


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        ([], Verdict.CONFORMS),
        ([Kind.UNDOCUMENTED_FIELD], Verdict.ADDITIVE),
        ([Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_VALUE], Verdict.RISKY),
        ([Kind.UNDOCUMENTED_VALUE, Kind.MISSING_FIELD, Kind.UNDOCUMENTED_FIELD], Verdict.BREAKING),
    ],
)
def test_the_verdict_is_the_worst_severity(kinds: list[Kind], verdict: Verdict) -> None:
    assert verdict_of(new_finding("c", "", kind, "", "") for kind in kinds) is verdict


def test_two_steps_that_contradict_each_other_are_an_error_and_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = Comparer(PRODUCT).judge(contract({"a": 1}), "e0")
    monkeypatch.setattr(judge.schema, "_decoder", Comparer(PRODUCT).judge(contract({"b": 1}), "e0").schema._decoder)
    with pytest.raises(ComparisonError, match="fault of wireproof"):
        judge(b'{"a":1}')


def test_severity_follows_from_kind_for_every_kind() -> None:
    assert {kind: new_finding("c", "", kind, "", "").severity for kind in Kind}.keys() == set(Kind)
    assert new_finding("c", "", Kind.UNDOCUMENTED_VALUE, "", "").severity is Severity.RISKY


def test_an_empty_string_outside_an_enumeration_is_named() -> None:
    """`got nothing` would say that the field is missing."""
    refinement = Refinement(path="side", enum="side", source="https://example.org")
    [finding] = found({"side": "BUY"}, {"side": ""}, refinement)
    assert one_line(finding) == "side  expected one of BUY, SELL, got empty string  (risky)"


def test_a_broken_rule_is_told_in_its_own_words() -> None:
    finding = new_finding("c", "", Kind.PROTOCOL_VIOLATION, "the documented protocol", "The answer came twice.")
    assert one_line(finding) == "(document)  The answer came twice.  (breaking)"

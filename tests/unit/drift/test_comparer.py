"""Which documented answer an answer is compared with: envelopes, statuses, alternatives; and what each judge says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_contracts import PRODUCT as USDM
from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.model import Envelope, Example, Expectation, FieldRule, Product, Refinement, Surface
from wireproof.drift.compare import Comparer, PayloadJudge
from wireproof.drift.documented_shape import groups, is_enveloped, response_shape
from wireproof.drift.finding import Finding, Kind
from wireproof.errors import UsageError

REJECTION = Envelope(success={}, error={"code": -1121, "msg": "Invalid symbol."})
PRODUCT = replace(USDM, envelopes=USDM.envelopes | {Surface.REST: REJECTION})


def said(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(f.path, str(f.kind), f.actual) for f in findings]


def response(shown: Any, actual: Any, surface: Surface = Surface.REST, status: int | None = None) -> list[Finding]:
    body = actual if isinstance(actual, bytes) else json.dumps(actual).encode()
    return Comparer(PRODUCT).response(made_contract(shown, surface=surface), "e0", body, status=status)


def rejection(actual: Any, *, documented: int = 400, status: int | None, surface: Surface = Surface.REST) -> Any:
    stored, expectation = made_contract({"a": 1}, surface=surface), Expectation(status=documented, codes=(-1121,))
    body = actual if isinstance(actual, bytes) else json.dumps(actual).encode()
    return said(Comparer(PRODUCT).rejection(stored, expectation, body, status=status))


@pytest.mark.parametrize(
    ("envelope", "path", "kind"),
    [
        ([], "", "type-changed"),
        ("x", "", "type-changed"),
        ({"id": 1, "status": "200", "result": {"a": 1}}, "status", "type-changed"),
        ({"id": 1, "status": None, "result": {"a": 1}}, "status", "null-value"),
        ({"id": 1, "status": True, "result": {"a": 1}}, "status", "type-changed"),
        ({"id": 1, "result": {"a": 1}}, "status", "missing-field"),
        ({"id": 1, "status": 201, "result": {"a": 1}}, "status", "status-changed"),
        ({"status": 200, "result": {"a": 1}}, "id", "missing-field"),
        ({"id": 1, "status": 200}, "result", "missing-field"),
    ],
)
def test_an_envelope_of_another_form_is_one_finding(envelope: Any, path: str, kind: str) -> None:
    [finding] = response({"a": 1}, envelope, Surface.WS_API)
    assert (finding.contract, finding.path, finding.kind) == ("usdm/ws-api/test", path, kind)


@pytest.mark.parametrize("surface", [Surface.REST, Surface.WS_API])
def test_a_repeated_key_is_seen_in_every_envelope(surface: Surface) -> None:
    """Whatever the status is, documented, another one, or no number."""
    if surface is Surface.REST:
        assert said(response({"a": 1}, b'{"a":1,"a":1}'))[0][:2] == ("a", "repeated-key")
        return
    for status in ("200", '"200"'):
        found = said(response({"a": 1}, f'{{"id":1,"status":{status},"result":{{"a":1,"a":1}}}}'.encode(), surface))
        assert found[-1][:2] == ("result.a", "repeated-key")
    body = b'{"id":1,"status":401,"error":{"code":-1121,"msg":"x","msg":"y"}}'
    assert [one[:2] for one in rejection(body, status=None, surface=surface)] == [
        ("status", "status-changed"),
        ("error.msg", "repeated-key"),
    ]


@pytest.mark.parametrize("status", [199, 201, 202, 204, 206, 299, 300, 301, 404, 500])
def test_a_status_beyond_success_is_one_finding_whatever_the_body_is(status: int) -> None:
    for body in (b'{"a":1}', b"<html>", b""):
        [finding] = response({"a": 1}, body, status=status)
        assert (finding.path, finding.kind, finding.expected) == ("status", "status-changed", "200")
        assert (finding.actual, finding.value) == (str(status), str(status))


@pytest.mark.parametrize("status", [None, 200])
def test_a_successful_status_leaves_the_body_to_be_compared(status: int | None) -> None:
    assert response({"a": 1}, {"a": 2}, status=status) == []
    assert said(response({"a": 1}, {"a": "x"}, status=status)) == [("a", "type-changed", "string")]


def test_the_named_example_is_the_one_that_is_meant() -> None:
    stored = made_contract(
        Example(name="one", when="a symbol", response={"a": 1}), Example(name="all", when="none", response=[{"a": 1}])
    )
    comparer = Comparer(PRODUCT)
    assert comparer.response(stored, "all", b'[{"a":1}]', status=200) == []
    assert said(comparer.response(stored, "all", b'{"a":1}', status=200)) == [("", "type-changed", "object")]
    assert comparer.payload(stored, "", b'{"a":1}') == comparer.payload(stored, "", b'[{"a":1}]') == []


def test_without_examples_nothing_is_documented() -> None:
    stored = made_contract()
    assert Comparer(PRODUCT).payload(stored, "", b'{"a":1}') == []
    with pytest.raises(UsageError) as error:
        Comparer(PRODUCT).payload(stored, "e0", b"{}")
    assert str(error.value) == "usdm/rest/test has no example 'e0'."


def test_alternatives_come_in_documented_order_and_the_first_of_equals_is_meant() -> None:
    stored = made_contract(
        Example(name="one", when="first", response={"a": 1, "b": 1}),
        Example(name="two", when="second", response={"c": 1, "d": 1}),
        Example(name="three", when="first", response={"a": 1}),
    )
    assert [[one.name for one in group] for group in groups(stored)] == [["one", "three"], ["two"]]
    far = made_contract(
        Example(name="one", when="first", response={"a": 1}), Example(name="two", when="second", response={"b": 1})
    )
    assert [f.path for f in Comparer(PRODUCT).payload(far, "", b"{}")] == ["a"]


ERROR = {"code": -1121, "msg": "x"}
OTHER = {"code": -1102, "msg": "x"}


@pytest.mark.parametrize(
    ("body", "documented", "status", "found"),
    [
        (ERROR, 400, 400, []),
        (ERROR, 400, None, []),
        (OTHER, 400, None, [("code", "error-code-changed", "-1102")]),
        (ERROR, 400, 401, [("status", "status-changed", "401, error -1121 x")]),
        (ERROR, 401, 400, [("status", "status-changed", "400, error -1121 x")]),
        (
            OTHER,
            401,
            400,
            [("status", "status-changed", "400, error -1102 x"), ("code", "error-code-changed", "-1102")],
        ),
        ({"a": 1}, 400, 200, [("status", "status-changed", "200")]),
        ({"a": 1}, 400, 500, [("status", "status-changed", "500")]),
        ([], 400, 500, [("status", "status-changed", "500")]),
        (["code"], 400, 500, [("status", "status-changed", "500")]),
        (b"<html>", 400, 503, [("status", "status-changed", "503")]),
    ],
)
def test_a_refusal_is_judged_by_its_code_where_one_came(body: Any, documented: int, status: Any, found: Any) -> None:
    """A page or a success in place of a refusal is one finding about the status."""
    assert rejection(body, documented=documented, status=status) == found


def test_the_status_of_an_envelope_counts_and_not_that_of_its_transport() -> None:
    envelope = {"id": 1, "status": 400, "error": ERROR}
    assert rejection(envelope, status=None, surface=Surface.WS_API) == []
    assert rejection(envelope, status=101, surface=Surface.WS_API) == []


def test_each_expectation_has_its_own_judge_and_each_is_compiled_once() -> None:
    """What is compiled is kept: by expectation, by envelope, and once for all examples of one condition."""
    stored = made_contract({"a": 1}, {"a": 2}, surface=Surface.WS_API)
    comparer = Comparer(PRODUCT)
    first, second = (Expectation(status=400, codes=(code,)) for code in (-1, -2))
    bodies = [json.dumps({"id": 1, "status": 400, "error": {"code": code, "msg": ""}}).encode() for code in (-1, -2)]
    for expectation, right, wrong in ((first, *bodies), (second, *bodies[::-1])):
        assert comparer.rejection(stored, expectation, right) == []
        assert [f.kind for f in comparer.rejection(stored, expectation, wrong)] == [Kind.ERROR_CODE_CHANGED]
        assert comparer.rejection_judge(stored, expectation) is comparer.rejection_judge(stored, expectation)
    assert comparer.judge(stored, "e0") is comparer.judge(stored, "e1")
    assert comparer.response_judge(stored, "e0") is comparer.response_judge(stored, "e1")
    assert comparer.judge(stored, "e0").conforms(b'{"a":1}')
    assert not comparer.response_judge(stored, "e0").conforms(b'{"a":1}')
    assert comparer.response_judge(stored, "e0").conforms(b'{"id":1,"status":200,"result":{"a":1}}')


def test_what_is_nested_too_deep_never_conforms() -> None:
    """Also where anything is allowed: what cannot be read is not judged."""
    stored = made_contract({"a": 1}, refinements=(Refinement(path="a", kind="any", source=""),))
    judge: PayloadJudge = Comparer(PRODUCT).judge(stored, "e0")
    body = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert judge.conforms(body) is False
    for findings in (judge(body), judge.explain(body)):
        [finding] = findings
        assert (finding.kind, finding.expected) == (Kind.UNPARSEABLE, judge.node.word)
        assert finding.actual == "JSON nested deeper than can be read"


@pytest.mark.parametrize(
    ("shown", "enveloped"),
    [
        ({"id": "1", "status": 200, "result": {}}, True),
        ({"status": 200, "result": {}}, True),
        ({"id": "1", "status": 200}, True),
        ({"status": "NEW", "orderId": 1}, False),
        ({"id": 1, "result": 1}, False),
        ({"result": 1}, False),
        ([{"status": 200, "id": 1}], False),
        ("status", False),
        (None, False),
    ],
)
def test_an_example_is_an_envelope_when_it_has_a_status_and_a_result_or_an_id(shown: Any, enveloped: bool) -> None:
    assert is_enveloped(Example(name="e", response=shown)) is enveloped


def test_the_documented_status_is_that_of_the_example_and_else_200() -> None:
    for status, expected in ((200, 200), (202, 202), ("OK", 200)):
        stored = made_contract({"id": "1", "status": status, "result": {}}, surface=Surface.WS_API)
        assert response_shape(stored, stored.examples, PRODUCT)[1] == expected


@pytest.mark.parametrize(
    ("shown", "actual"),
    [
        ([{"code": 200, "msg": "ok"}, {"a": 1}], {"code": 201, "msg": "ok"}),
        ([{"code": 1, "msg": "no"}, {"code": "x", "msg": "no"}], {"code": 2, "msg": "no"}),
        ([{"code": -1}, {"code": -2}], {"code": -3}),
    ],
)
def test_a_code_is_constant_only_where_every_example_is_such_an_answer(shown: list[Any], actual: Any) -> None:
    """A success beside other data, codes of two kinds, a code without its text: any code may come."""
    assert [f.kind for f in Comparer(PRODUCT).payload(made_contract(*shown), "e0", json.dumps(actual).encode())] == []


def test_an_event_type_is_constant_only_where_every_example_shows_text() -> None:
    stored = made_contract({"e": "trade", "p": 1}, {"e": 1, "p": 1}, surface=Surface.STREAM)
    assert Comparer(PRODUCT).payload(stored, "e0", b'{"e":"other","p":1}') == []


def test_without_formats_only_structure_and_kinds_are_compared() -> None:
    stored = made_contract({"price": "1.5", "time": 1_700_000_000_000})
    comparer = Comparer(PRODUCT, formats=False)
    assert comparer.payload(stored, "e0", b'{"price":"cheap","time":5}') == []
    assert [f.path for f in comparer.payload(stored, "e0", b'{"price":1.5,"time":1700000000000}')] == ["price"]
    assert [f.path for f in Comparer(PRODUCT).payload(stored, "e0", b'{"price":"cheap","time":5}')] == ["price", "time"]


LIMITS = [{"kind": "WEIGHT", "count": 1}]


@pytest.mark.parametrize("by", ["refinement", "rule"])
def test_what_is_known_of_an_envelope_holds_in_successes_and_refusals(by: str) -> None:
    """Refinements of the envelope and rules of the product, also where only one of the two examples shows the field."""
    refinement = Refinement(path="rateLimits[].kind", enum="Kind", source="")
    refinements = (refinement,) if by == "refinement" else ()
    product = Product(
        product="usdm",
        title="test",
        hosts={},
        enums={"Kind": ("WEIGHT", "ORDERS")},
        fields=(FieldRule(where=("usdm/* rateLimits[].kind",), enum="Kind", source=""),) if by == "rule" else (),
        envelopes={
            Surface.WS_API: Envelope(
                success={"id": "1", "status": 200, "result": {}, "rateLimits": LIMITS},
                error={"id": "1", "status": 400, "error": {"code": -1121, "msg": "x"}},
                refinements=refinements,
            )
        },
    )
    comparer, stored = Comparer(product), made_contract({"a": 1}, surface=Surface.WS_API)
    for kind, found in (("ORDERS", []), ("X", [("rateLimits[].kind", "undocumented-value", "X")])):
        limits = [{**LIMITS[0], "kind": kind}]
        success = {"id": 1, "status": 200, "result": {"a": 1}, "rateLimits": limits}
        refusal = {"id": 1, "status": 400, "error": ERROR, "rateLimits": limits}
        expectation = Expectation(status=400, codes=(-1121,))
        assert said(comparer.response(stored, "e0", json.dumps(success).encode())) == found
        assert said(comparer.rejection(stored, expectation, json.dumps(refusal).encode())) == found


def test_rate_limits_that_nothing_documents_are_undocumented() -> None:
    envelope = {"id": 1, "status": 200, "result": {"a": 1}, "rateLimits": []}
    assert [one[:2] for one in said(response({"a": 1}, envelope, Surface.WS_API))] == [
        ("rateLimits", "undocumented-field")
    ]


def test_a_status_that_is_named_twice_is_another_status_and_a_repeated_key() -> None:
    body = b'{"id":1,"status":201,"status":200,"result":{"a":1}}'
    assert [one[:2] for one in said(response({"a": 1}, body, Surface.WS_API))] == [
        ("status", "status-changed"),
        ("status", "repeated-key"),
    ]


def test_the_id_of_an_envelope_is_decided_as_an_id() -> None:
    """So that no leaf of an envelope is left without a decision."""
    stored = made_contract({"a": 1}, surface=Surface.WS_API)
    node, _ = response_shape(stored, stored.examples, PRODUCT)
    assert node.object.fields["id"].node.text == "id"


def test_an_envelope_that_is_none_is_named() -> None:
    wrong = Envelope(success={"id": "1", "status": 200}, error={"id": "1", "status": 400, "error": "text"})
    product = Product(product="usdm", title="", hosts={}, envelopes={Surface.WS_API: wrong})
    with pytest.raises(UsageError, match="An envelope must be an object"):
        Comparer(product).rejection_judge(
            made_contract({}, surface=Surface.WS_API), Expectation(status=400, codes=(-1,))
        )

"""How an error in place of what is documented is told: alone, in an envelope, and among the elements of an array."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_contracts import PRODUCT, made_contract

from wireproof.contract.model import Surface
from wireproof.contract.shape import ShapeBuilder
from wireproof.drift.compare import Comparer
from wireproof.drift.finding import Finding, Kind, Severity, fingerprint
from wireproof.drift.rules.instead import has_field, may_look_documented

ERROR = {"code": -1000, "msg": "x"}


def compared(
    shown: list[Any], actual: Any, surface: Surface = Surface.REST, status: int | None = None
) -> list[Finding]:
    """Compare an answer with a contract of these examples, all for the same condition."""
    stored = made_contract(*shown, surface=surface, id="c")
    return Comparer(PRODUCT).response(stored, "e0", json.dumps(actual).encode(), status=status)


def said(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(str(f.kind), f.path, f.value or f.actual) for f in findings]


def in_envelope(result: Any, status: int = 200) -> dict[str, Any]:
    return {"id": 1, "status": status, "result": result}


@pytest.mark.parametrize(
    ("error", "status", "value", "words"),
    [
        (ERROR, 200, "-1000", 'an error answer -1000 "x" with status 200'),
        (ERROR, None, "-1000", 'an error answer -1000 "x"'),
        ({"error": "x"}, None, "", 'an error answer "x"'),
        ({"status": 404, **ERROR}, None, "-1000", 'an error answer -1000 "x"'),
        ({"code": 5, "msg": "x"}, None, "5", 'an error answer 5 "x"'),
    ],
)
def test_an_error_in_place_of_a_success_is_this_finding(error: Any, status: int | None, value: str, words: str) -> None:
    assert compared([{"a": 1}], error, status=status) == [
        Finding(
            contract="c",
            path="",
            kind=Kind.ERROR_ANSWER,
            severity=Severity.BREAKING,
            expected="the documented success",
            actual=words,
            occurrences=1,
            of=1,
            samples=(),
            fingerprint=fingerprint("c", "", Kind.ERROR_ANSWER, value),
            value=value,
        )
    ]


def test_the_result_of_an_envelope_may_be_an_error() -> None:
    for error in (ERROR, {"code": 5, "msg": "x"}):
        [finding] = compared([{"a": 1}], in_envelope(error), Surface.WS_API)
        assert (finding.kind, finding.value) == (Kind.ERROR_ANSWER, str(error["code"]))
        assert finding.actual.endswith("with status 200")


@pytest.mark.parametrize("status", [199, 300, 400])
def test_an_envelope_that_says_it_is_no_success_is_another_status(status: int) -> None:
    """Its own status tells what it is; that is one finding already."""
    findings = compared([{"a": 1}], {"id": 1, "status": status, "error": ERROR}, Surface.WS_API)
    assert said(findings) == [("status-changed", "status", f"{status} -1000")]


ELEMENTS = [{"a": 1}, ERROR, {"code": -2, "msg": "y"}, ERROR, {"a": "z"}]


@pytest.mark.parametrize(
    ("shown", "surface", "prefix"),
    [
        ([[{"a": 1}]], Surface.REST, ""),
        ([[], [{"a": 1}]], Surface.REST, ""),
        ([[{"a": 1}]], Surface.WS_API, "result"),
        ([[], [{"a": 1}]], Surface.WS_API, "result"),
        ([in_envelope([{"a": 1}])], Surface.WS_API, "result"),
    ],
)
def test_errors_among_elements_are_counted_by_code_beside_what_else_differs(
    shown: list[Any], surface: Surface, prefix: str
) -> None:
    """Positions and counts are those of the answer as it came."""
    actual = in_envelope(ELEMENTS) if surface is Surface.WS_API else ELEMENTS
    findings = compared(shown, actual, surface)
    assert [(str(f.kind), f.path, f.value, f.occurrences, f.of, f.samples) for f in findings] == [
        ("error-answer", f"{prefix}[]", "-1000", 2, 5, (f"{prefix}[1]", f"{prefix}[3]")),
        ("error-answer", f"{prefix}[]", "-2", 1, 5, (f"{prefix}[2]",)),
        ("type-changed", f"{prefix}[].a", "", 1, 5, (f"{prefix}[4].a",)),
    ]
    assert findings[0].actual == 'an error answer -1000 "x"'
    assert findings[0].fingerprint == fingerprint("c", f"{prefix}[]", Kind.ERROR_ANSWER, "-1000")


def test_an_error_among_elements_is_compared_where_elements_have_codes_or_nothing_is_known_of_them() -> None:
    batch = [[{"a": 1}, {"code": -2011, "msg": "no"}]]
    assert compared(batch, [{"a": 1}, ERROR]) == []
    assert said(compared([{"a": 1}], [ERROR])) == [("type-changed", "", "array")]
    assert said(compared([[["1", 1], ["2", 1]]], [["1", 1], ERROR])) == [("error-answer", "[]", "-1000")]
    assert said(compared([[{"a": 1}]], {"result": [ERROR]})) == [("type-changed", "", "object")]
    assert said(compared([[{"a": 1}]], [ERROR], Surface.WS_API))[-1] == ("type-changed", "", "array")
    assert compared([[]], [ERROR])[0].kind is Kind.UNDOCUMENTED_ELEMENT


def test_an_error_that_one_of_the_examples_shows_is_documented() -> None:
    shown = [{"a": 1}, {"code": -2013, "msg": "no"}]
    assert compared(shown, {"code": -2013, "msg": "no such order"}) == []
    assert said(compared(shown, ERROR)) == [("error-answer", "", "-1000")]


def test_a_success_in_place_of_documented_errors_is_this_finding() -> None:
    shown = [{"error": {"code": code, "msg": text}, "id": 1} for code, text in ((2, "no"), (3, "never"), (2, "no"))]
    assert compared(shown, {"result": None, "id": 1}, Surface.STREAM) == [
        Finding(
            contract="c",
            path="",
            kind=Kind.ERROR_CODE_CHANGED,
            severity=Severity.BREAKING,
            expected='error 2 "no" or error 3 "never"',
            actual="no error",
            fingerprint=fingerprint("c", "", Kind.ERROR_CODE_CHANGED, "no error"),
            value="no error",
        )
    ]
    for error in ({"code": 5, "msg": "x"}, {"error": "x"}):
        assert "no error" not in {f.actual for f in compared(shown, error, Surface.STREAM)}


@pytest.mark.parametrize(
    ("shown", "has"),
    [
        ([{"code": 1}], True),
        ([{"a": 1}], False),
        ([{"a": {"code": 1}}], False),
        ([None], True),
        ([{"BTCUSDT": {"x": 1}, "ETHUSDT": {"x": 1}}], True),
        ([[{"code": 1}]], False),
        (["code"], False),
        ([{"a": 1}, {"code": 1, "msg": "x"}], True),
        ([{"a": 1}, {"b": 1}], False),
    ],
)
def test_a_shape_has_a_field_in_any_of_its_forms(shown: list[Any], has: bool) -> None:
    """Where anything is allowed, and where keys are free, every field is."""
    node = ShapeBuilder(()).build(shown)
    assert has_field(node, "code") is may_look_documented(node) is has


def test_variants_and_alternatives_have_the_fields_of_each() -> None:
    variants = ShapeBuilder(()).build([[{"filterType": "A", "a": 1}, {"filterType": "B", "code": 1}]])
    alternatives = ShapeBuilder(()).build([[{"a": 1}, {"code": 1}]])
    for node in (variants, alternatives):
        assert node.array.node is not None
        assert has_field(node.array.node, "code")
        assert has_field(node.array.node, "a")
        assert not has_field(node.array.node, "b")


def test_a_documented_error_may_conform_to_what_is_documented() -> None:
    assert may_look_documented(ShapeBuilder(()).build([{"error": {"code": 1}, "id": 1}]))

"""Scores of contracts, with the cause of each point that is missing."""

from __future__ import annotations

import pytest
from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.audit.lint import Weakness, lines, lint
from wireproof.contract.model import Example, Param, Product, Refinement, Request, Security, Surface, Weight, When

PRODUCT = Product(product="usdm", title="T", hosts={}, enums={"Side": ("BUY", "SELL")})


def contract(response=None, *, params=(), sent=None, refinements=(), name="a", surface=Surface.REST, **changes):
    request = None if sent is None else {"id": 1, "method": "a", "params": sent}
    examples = (Example(name="default", request=request, response={"x": 1} if response is None else response),)
    asked = Request(method="GET", path="/a", security=Security.NONE, weight=Weight(ip=1), params=params)
    base = made_contract(*examples, id=f"usdm/rest/{name}", surface=surface, subject=asked, refinements=refinements)
    return replace(base, **changes)


def causes(*contracts):
    return [cause for score in lint(contracts, {"usdm": PRODUCT}) for cause in score.causes]


def test_a_sound_contract_has_the_full_score():
    score = lint([contract({"a": [1, 2], "b": {"c": "x"}})], {"usdm": PRODUCT})[0]
    assert (score.score, score.causes) == (100, ())


def test_no_example_proves_nothing():
    score = lint([contract(examples=())], {"usdm": PRODUCT})[0]
    assert (score.score, score.causes) == (0, (Weakness("example missing", ""),))


@pytest.mark.parametrize(
    ("response", "cause"),
    [
        ({"a": []}, Weakness("empty list", "a")),
        ({"a": {}}, Weakness("empty object", "a")),
        ({"a": None}, Weakness("only null", "a")),
        ({"a": [{"b": 1}]}, Weakness("single element", "a")),
        ([{"b": 1}], Weakness("single element", "")),
    ],
)
def test_what_an_example_hides_is_a_cause(response, cause):
    assert causes(contract(response)) == [cause]


def test_a_refinement_that_says_what_is_hidden_removes_the_cause():
    assert causes(contract({"a": None}, refinements=(Refinement(path="a", kind="string", source="me"),))) == []


def test_examples_of_one_condition_show_together():
    examples = (Example(name="1", response={"a": []}), Example(name="2", response={"a": [1, 2]}))
    assert causes(contract(examples=examples)) == []


def test_an_empty_answer_hides_nothing_and_the_envelope_does_not_count():
    answer = {"id": 1, "status": 200, "result": {}, "rateLimits": [{"count": 1}]}
    assert causes(contract(answer, surface=Surface.WS_API)) == []


@pytest.mark.parametrize(
    ("param", "sent", "detail"),
    [
        (Param(name="p", type="INT"), {"p": "1"}, "INT, sent as '1'"),
        (Param(name="p", type="DECIMAL"), {"p": 0.1}, "DECIMAL, sent as the JSON number 0.1"),
        (Param(name="p", type="STRING"), {"p": 1}, "STRING, sent as the number 1"),
        (Param(name="p", type="INT", required=True), {}, "mandatory, not sent by the example"),
    ],
)
def test_a_request_example_that_contradicts_its_table(param, sent, detail):
    assert causes(contract(params=(param,), sent=sent)) == [Weakness("contradicts parameters", "p", detail)]


def test_a_parameter_that_only_the_example_has():
    found = causes(contract(sent={"q": 1, "apiKey": "x", "signature": "y"}))
    assert found == [Weakness("contradicts parameters", "q", "sent by the example, not in the table")]


def test_a_number_documented_as_string_is_told_by_the_other_tables():
    number, text = Param(name="orderId", type="LONG"), Param(name="orderId", type="STRING")
    found = causes(
        contract(params=(number,), name="a"), contract(params=(number,), name="b"), contract(params=(text,), name="c")
    )
    assert found == [Weakness("number documented as STRING", "orderId", "LONG in 2 other tables")]


@pytest.mark.parametrize("param", [
    Param(name="p", type="STRING", default=5),
    Param(name="p", type="STRING", enum=("5", "10")),
])  # fmt: skip
def test_a_number_documented_as_string_is_told_by_its_values(param):
    assert [cause.kind for cause in causes(contract(params=(param,)))] == ["number documented as STRING"]


def test_a_value_outside_its_enumeration():
    refined = (Refinement(path="s", enum="Side", source="me"),)
    assert causes(contract({"s": "HOLD"}, refinements=refined)) == [
        Weakness("unknown value", "s", "'HOLD' is not one of BUY, SELL")
    ]
    assert causes(contract({"s": "BUY"}, refinements=refined)) == []


def test_an_enumeration_that_the_product_does_not_have():
    refined = (Refinement(path="s", enum="Sides", source="me"),)
    params = (Param(name="p", type="ENUM", enum="Sides"),)
    kinds = [cause.detail for cause in causes(contract({"s": "BUY"}, refinements=refined, params=params))]
    assert kinds == ["there is no enumeration 'Sides'", "there is no enumeration 'Sides'"]


def test_a_default_outside_its_enumeration():
    params = (Param(name="p", type="ENUM", enum=("A", "B"), default="C"),)
    assert causes(contract(params=params)) == [Weakness("unknown value", "p", "default 'C' is not one of A, B")]


def test_lines_show_the_worst_first_with_causes_and_an_average():
    scores = lint([contract(name="good"), contract({"a": []}, name="bad")], {"usdm": PRODUCT})
    assert lines(scores) == [
        " 90  usdm/rest/bad",
        "     empty list: a",
        "2 contracts, 1 without a cause, 95.0 of 100 on average.",
    ]


def conditional(*refinements, paths=("a",)):
    example = Example(name="default", response={"a": "1", "b": "x"}, conditional=paths)
    return contract(examples=(example,), refinements=refinements)


def refined(path, **said):
    return Refinement(path=path, source="s", **said)


def test_a_condition_that_no_refinement_holds_is_named():
    detail = "a comment of example default names a condition; optional or when is missing"
    assert causes(conditional()) == [Weakness("condition without refinement", "a", detail)]


@pytest.mark.parametrize(
    ("refinement", "held"),
    [
        (refined("a", optional=True), True),
        (refined("a", when=When(field="b", one_of=("x",))), True),
        (refined("a", optional=True, examples=("default",)), True),
        (refined("a", nullable=True), False),
        (refined("b", optional=True), False),
    ],
)
def test_a_condition_is_held_by_a_refinement_of_presence(refinement, held):
    assert (causes(conditional(refinement)) == []) is held


def one_or_all(*refinements, one=None, every=None, **changes):
    """Return a contract that answers with one object, or with a list of such."""
    one = {"s": "X", "r": "1.0"} if one is None else one
    every = [{"s": "X", "r": "1.0"}, {"s": "Y", "r": "2.0"}] if every is None else every
    examples = (Example(name="one", when="symbol sent", response=one), Example(name="all", when="none", response=every))
    return contract(examples=examples, refinements=refinements, **changes)


@pytest.mark.parametrize(
    ("path", "twin", "said", "word"),
    [
        ("[].r", "r", {"kind": "string"}, "kind"),
        ("r", "[].r", {"optional": True}, "optional"),
        ("r", "[].r", {"when": When(field="s", one_of=("X",))}, "when"),
        ("[].s", "s", {"enum": ("X", "Y")}, "enum"),
        ("[].s", "s", {"text": "symbol"}, "text"),
        ("r", "[].r", {"nullable": True}, "nullable"),
        ("r", "[].r", {"constant": ("1.0",)}, "constant"),
    ],
)
def test_a_refinement_of_one_answer_that_the_other_lacks_is_named(path, twin, said, word):
    one_sided = one_or_all(refined(path, **said))
    assert causes(one_sided) == [Weakness("refined in one answer only", twin, f"{path} has {word}")]
    assert causes(one_or_all(refined(path, **said), refined(twin, **said))) == []


def test_a_refinement_of_a_twin_that_says_something_else_is_not_enough():
    both = one_or_all(refined("r", optional=True), refined("[].r", nullable=True))
    assert {cause.path for cause in causes(both)} == {"r", "[].r"}


def test_inner_lists_and_the_result_of_a_websocket_answer_have_twins_too():
    body = {"s": "X", "b": [{"c": "1"}, {"c": "2"}]}
    examples = (
        Example(name="one", when="1", response={"id": 1, "status": 200, "result": body}),
        Example(name="all", when="2", response={"id": 1, "status": 200, "result": [body, body]}),
    )
    ws = contract(examples=examples, refinements=(refined("result.b[].c", kind="string"),), surface=Surface.WS_API)
    twin = "result[].b[].c"
    assert causes(ws) == [Weakness("refined in one answer only", twin, "result.b[].c has kind")]


def test_what_an_example_shows_by_itself_need_not_be_said():
    whole, part = {"s": "X", "r": 0}, [{"s": "X", "r": 0.0}, {"s": "Y", "r": 1}]
    assert causes(one_or_all(refined("r", kind="number"), one=whole, every=part)) == []


def test_a_field_that_the_other_answer_does_not_have_has_no_twin():
    assert causes(one_or_all(refined("x", optional=True), one={"s": "X", "r": "1", "x": "1"})) == []


def test_answers_of_the_same_form_share_their_refinements():
    assert causes(one_or_all(refined("r", optional=True), every={"s": "Y", "r": "2.0"})) == []

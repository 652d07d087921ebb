"""Structure in inline comments."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Refinement, When
from wireproof.pages.extracting.comments import conditional_paths, refinements_of
from wireproof.pages.reading.loose_json import Comment


def at_a(**said):
    """Return a refinement of the field a."""
    return Refinement(path="a", source="here", **said)


def refine(document, path, text):
    return refinements_of(document, [Comment(path, text, 1, on_field=True)], "here")


@pytest.mark.parametrize(
    ("document", "path", "text", "refinement"),
    [
        (
            {"type": "X", "activatePrice": "1"},
            "activatePrice",
            "activation price, only return with TRAILING_STOP_MARKET order",
            Refinement(path="activatePrice", when=When(field="type", one_of=("TRAILING_STOP_MARKET",)), source="here"),
        ),
        ({"a": "1"}, "a", "will not return if no margin trade happens", at_a(optional=True)),
        ({"a": "1"}, "a", "only appears when adjusted", at_a(optional=True)),
        ({"a": 1}, "a", "will be shown as null", at_a(nullable=True)),
        ({"a": "1"}, "a", 'For delivery symbols, "" will be shown', at_a(kind="string")),
        ({"a": "TAKER"}, "a", "TAKER or MAKER", at_a(enum=("TAKER", "MAKER"))),
        ({"a": "completed"}, "a", "Enum\uff1acompleted\uff0cprocessing", at_a(enum=("completed", "processing"))),
        ({"a": "FAIL"}, "a", "PROCESS/SUCCESS/FAIL", at_a(enum=("PROCESS", "SUCCESS", "FAIL"))),
        ({"a": "PENDING"}, "a", "one of PENDING (to come), FAILED (failed);", at_a(enum=("PENDING", "FAILED"))),
        ({"a": "NORMAL"}, "a", 'status:"NORMAL", "MARGIN_CALL"', at_a(enum=("NORMAL", "MARGIN_CALL"))),
        ({"a": "CALL"}, "a", "Direction: CALL long, PUT short", at_a(enum=("CALL", "PUT"))),
    ],
)
def test_comments_that_carry_structure_become_refinements(document, path, text, refinement):
    assert refine(document, path, text) == [refinement]


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"a": "1"}, "wallet balance"),
        ({"a": True}, '"true": Hedge Mode; "false": One-way Mode'),
        ({"a": "OTHER"}, "TAKER or MAKER"),
        ({"a": True}, "if can trade"),
        ({"a": "1"}, "please ignore when order type is TRAILING_STOP_MARKET"),
        ({"a": "1"}, "total wallet balance, only for USDT asset"),
        ({"a": "1"}, "Estimated Settle Price, only useful in the last hour before the settlement starts."),
        ({"a": "1"}, "trade id, if existing"),
        ({"a": "1"}, "Isolated Wallet (if isolated position)"),
        ({"a": -1}, "direction (-1 Sell, 1 Buy)"),
    ],
)
def test_comments_that_the_example_does_not_bear_out_are_left_alone(document, text):
    assert refine(document, "a", text) == []


def test_comments_on_lines_of_their_own_refine_nothing():
    assert refinements_of({"a": "TAKER"}, [Comment("", "TAKER or MAKER", 1, on_field=False)], "here") == []


ORDER = {"type": "LIMIT", "status": "NEW", "X": "NEW", "x": "NEW", "isolated": True, "level": 1, "a": "1"}


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("only if order type is TRAILING_STOP_MARKET", "type", ("TRAILING_STOP_MARKET",)),
        ("activation price, only return with TRAILING_STOP_MARKET order", "type", ("TRAILING_STOP_MARKET",)),
        ("only returned when the order type is STOP_MARKET or LIMIT", "type", ("STOP_MARKET", "LIMIT")),
        ("appears only when X is REJECTED", "X", ("REJECTED",)),
        ("only appears if order status is REJECTED/EXPIRED", "status", ("REJECTED", "EXPIRED")),
        ('reason; only present when "X" = "REJECTED"', "X", ("REJECTED",)),
        ("only when isolated is true", "isolated", (True,)),
        ("only shown if level is 2", "level", (2,)),
        ("not returned unless x is CALCULATED", "x", ("CALCULATED",)),
        ("only visible when execution type is AMENDMENT", "x", ("AMENDMENT",)),
    ],
)  # fmt: skip
def test_a_condition_on_a_sibling_is_read_as_such(text, field, values):
    assert refine(ORDER, "a", text) == [at_a(when=When(field=field, one_of=values))]
    assert conditional_paths(ORDER, [Comment("a", text, 1, on_field=True)]) == ("a",)


@pytest.mark.parametrize(
    "text",
    [
        "will not be visible if the order was canceled",
        "only appears when user's symbol bracket is adjusted",
        "Normal order status after trigger if appliable, only have when the strategy is triggered",
        "only if the account is a portfolio margin account",
        "only return with TRAILING_STOP_MARKET order of the other book",
        "This field appears if the order expired",
        "not returned if type is LIMIT",
        "will be absent for market orders",
        "may be omitted",
        "optional field",
        "only when the parameter was sent",
        "will not return if no margin trade happens",
        "\u4ec5\u5728\u6761\u4ef6\u5355\u89e6\u53d1\u65f6\u8fd4\u56de",
        "only shown when weather is GOOD",
    ],
)
def test_a_condition_that_no_sibling_tells_makes_a_field_optional(text):
    document = {"a": "1", "b": 1}
    assert refine(document, "a", text) == [at_a(optional=True)]
    assert conditional_paths(document, [Comment("a", text, 1, on_field=True)]) == ("a",)


def test_a_comment_on_the_value_alone_calls_nothing_conditional():
    for text in (
        "if can trade",
        "ignore",
        "please ignore when order type is STOP_MARKET",
        "wallet balance",
        "order id",
    ):
        assert conditional_paths(ORDER, [Comment("a", text, 1, on_field=True)]) == ()


def test_a_condition_inside_a_list_names_the_sibling_of_the_same_element():
    document = {"o": [{"X": "NEW", "rm": "because"}, {"X": "REJECTED"}], "X": 1}
    found = refine(document, "o[].rm", "only when X is REJECTED")
    assert found == [Refinement(path="o[].rm", when=When(field="X", one_of=("REJECTED",)), source="here")]

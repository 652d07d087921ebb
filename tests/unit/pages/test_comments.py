"""Structure in inline comments."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Refinement, When
from wireproof.pages.comments import refinements_of
from wireproof.pages.loose_json import Comment


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
        ({"a": "1"}, "only return with TRAILING_STOP_MARKET order"),
        ({"a": -1}, "direction (-1 Sell, 1 Buy)"),
    ],
)
def test_comments_that_the_example_does_not_bear_out_are_left_alone(document, text):
    assert refine(document, "a", text) == []


def test_comments_on_lines_of_their_own_refine_nothing():
    assert refinements_of({"a": "TAKER"}, [Comment("", "TAKER or MAKER", 1, on_field=False)], "here") == []

"""Edits lead from what stood before a change to what stands since and back, and say nothing that a file may not."""

from __future__ import annotations

import json

import msgspec
import pytest
from made_contracts import made_contract

from wireproof.contract.edits import Edit, apply, as_document, edit_problem, from_document, standing
from wireproof.contract.model import Param, Refinement, Request, Security, Weight
from wireproof.errors import WireproofError

PARAMS = (
    Param(name="symbol", type="STRING", required=True),
    Param(name="orders", type="ARRAY", items=(Param(name="side", type="STRING"), Param(name="price", type="DECIMAL"))),
)
CONTRACT = made_contract(
    {"rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], "name": "n"},
    {"code": -1, "msg": "no"},
    subject=Request(method="GET", path="/x", security=Security.NONE, weight=Weight(ip=5), params=PARAMS),
    refinements=(Refinement(path="name", text="words", source="s"),),
)

WENT = [
    Edit(field="rows[].old", follows="a", before="1.0"),
    Edit(field="name", examples=("e0",), before=5, after="n"),
    Edit(field="rows[1].b", before=[1], after="y"),
    Edit(field="", examples=("e1",), before=[], after={"code": -1, "msg": "no"}),
    Edit(param="page", follows="symbol", before={"type": "INT"}),
    Edit(param="orders[].quantity", follows="", before={"type": "DECIMAL", "required": True}),
    Edit(param="symbol", before={"required": None}, after={"required": True}),
    Edit(refinement="rows", before={"optional": True, "source": "s"}),
    Edit(refinement="name", before={"text": "id"}, after={"text": "words"}),
    Edit(key="request.weight", before={"ip": 1}, after={"ip": 5}),
    Edit(key="retired", after="2026-01-01"),
    Edit(key="request.params.symbol.unstated", before="nothing"),
    Edit(key="examples.e0.when", before="always"),
]


@pytest.mark.parametrize("edit", WENT, ids=msgspec.json.encode)
def test_back_and_forth_is_where_it_began(edit):
    document = as_document(from_document(as_document(CONTRACT)))
    apply(document, edit, back=False)  # what the change brings is there
    since = json.dumps(from_document(document), default=msgspec.to_builtins)
    apply(document, edit, back=True)
    before = json.dumps(from_document(document), default=msgspec.to_builtins)
    apply(document, edit, back=False)
    assert json.dumps(from_document(document), default=msgspec.to_builtins) == since != before


def test_a_field_goes_after_the_key_that_it_follows_into_objects_that_have_it():
    document = as_document(CONTRACT)
    apply(document, Edit(field="status", follows="rows", before="NEW"), back=True)
    shown = [example["response"] for example in document["examples"]]
    assert [list(one) for one in shown] == [["rows", "status", "name"], ["code", "msg"]]


def test_what_stands_is_told_place_by_place():
    told = [(one.field, one.examples, one.after, one.follows) for one in standing(as_document(CONTRACT), "rows[].b")]
    assert told == [("rows[0].b", ("e0",), "x", "a"), ("rows[1].b", ("e0",), "y", "a")]


def test_a_row_stands_where_it_stood():
    document = as_document(CONTRACT)
    apply(document, Edit(param="orders[].quantity", follows="side", before={"type": "DECIMAL"}), back=True)
    rows = from_document(document).params[1].items
    assert [row.name for row in rows] == ["side", "quantity", "price"]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit(before=1), "names no place"),
        (Edit(field="a", param="b", before=1), "names field and param"),
        (Edit(field="", key="retired", before=1), "names key and field"),
        (Edit(field="a"), "neither what stood there"),
        (Edit(field="a", before=1, unknown="why"), "in 'unknown' that nobody knows"),
        (Edit(field="a", before=1, already="why"), "in 'already' that nothing changed"),
        (Edit(param="a", before=5), "of a param is no object"),
        (Edit(param="a", before={"tipe": "INT"}), "has the key 'tipe'. Did you mean 'type'?"),
        (Edit(refinement="a", after={"optinal": True}), "has the key 'optinal'. Did you mean 'optional'?"),
        (Edit(key="reqest.weight", before={}), "about the key 'reqest'. Did you mean 'request'?"),
    ],
)
def test_an_edit_that_says_nothing_or_too_much_is_named(edit, said):
    assert said in edit_problem(edit)


def test_a_sound_edit_and_one_that_nobody_knows_have_no_problem():
    assert [edit_problem(edit) for edit in [*WENT, Edit(field="a", unknown="no page shows it")]] == [""] * 14


@pytest.mark.parametrize("edit", [Edit(key="retired", before=5), Edit(key="request.wieght", before={"ip": 1})])
def test_what_no_file_may_say_makes_no_contract(edit):
    document = as_document(CONTRACT)
    apply(document, edit, back=True)
    with pytest.raises(WireproofError, match="usdm/rest/test: a patch makes no contract of it"):
        from_document(document)

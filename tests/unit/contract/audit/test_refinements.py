"""Refinements that refine nothing are named, those that add a field are not."""

from __future__ import annotations

from typing import Any

import pytest
from made_contracts import default, made_contract

from wireproof.contract.audit.refinements import WHAT_TO_DO, without_effect
from wireproof.contract.model import Example, Refinement, When
from wireproof.errors import UsageError

SHOWN = {"symbols": [{"name": "BTCUSDT", "side": "BUY", "levels": [[1, "2"]]}], "free": {"BTCUSDT": 1, "ETHUSDT": 2}}


def said(*refinements: Refinement, examples: tuple[Example, ...] = ()) -> list[str]:
    contract = made_contract(default(SHOWN), *examples, name="GET.x", refinements=refinements)
    return list(without_effect(contract, {"Side": ("BUY", "SELL")}))


def refinement(path: str, **more: Any) -> Refinement:
    return Refinement(path=path, source="https://example.org/", **more)


@pytest.mark.parametrize(
    "path",
    ["", "symbols", "symbols[]", "symbols[].name", "symbols[].levels[][]", "symbols[].levels[][1]", "free.*"],
)
def test_a_path_that_an_example_shows_is_refined(path: str) -> None:
    assert said(refinement(path, optional=True)) == []


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("symbols[].sdie", "symbols[].side"),
        ("symbols.name", "symbols[].name"),
        ("symbols[].levels[][2]", "symbols[].levels[][]"),
        ("free.BTC", "free.*"),
    ],
)
def test_a_path_that_no_example_shows_is_named_with_the_nearest(path: str, near: str) -> None:
    assert said(refinement(path, optional=True)) == [
        f"refinement of {path!r} matches nothing in any example of usdm/rest/GET.x. Did you mean {near!r}? {WHAT_TO_DO}"
    ]


@pytest.mark.parametrize(
    "more", [{"kind": "string"}, {"enum": ("BUY",)}, {"when": When(field="side", one_of=("BUY",))}]
)
def test_a_field_that_is_documented_without_being_shown_may_be_added(more: dict[str, Any]) -> None:
    """Where its object is shown."""
    assert said(refinement("symbols[].margin", optional=True, **more)) == []
    assert len(said(refinement("symbol.margin", optional=True, **more))) == 1


def test_a_refinement_of_some_examples_must_match_in_one_of_them() -> None:
    other = Example(name="other", when="another", response={"code": 200})

    assert said(refinement("code", examples=("other",)), examples=(other,)) == []
    (sentence,) = said(refinement("code", nullable=True, examples=("default",)), examples=(other,))
    assert "matches nothing in example default of usdm/rest/GET.x." in sentence


def test_names_that_do_not_exist_are_errors_of_their_own() -> None:
    with pytest.raises(UsageError, match="names a kind that does not exist: 'strnig'"):
        said(refinement("symbols", kind="strnig"))

"""Alterations that nobody can notice: by what the contract leaves open, or by the list."""

import pytest
from made_contracts import default, made_contract

from wireproof.contract.model import Product, Refinement
from wireproof.torture.alteration import Alteration
from wireproof.torture.explained import EXCEPTIONS, explanation, listed, stated

PRODUCT = Product(product="usdm", title="x", hosts={})
SHOWN = {"price": "1.0", "note": "free", "by": {"BTCUSDT": 1}, "rows": [{"a": 1, "b": 2}, {"a": 1}]}


def alteration(kind, *path, contract="usdm/rest/test", bucket="rest success"):
    return Alteration(index=1, contract=contract, bucket=bucket, kind=kind, path=path)


def contract(*refinements):
    return made_contract(default(SHOWN), refinements=tuple(Refinement(source="x", **one) for one in refinements))


@pytest.mark.parametrize(
    ("refinement", "altered", "why"),
    [
        ({"path": "price", "kind": "any"}, ("null", "price"), "anything may stand here"),
        ({"path": "price", "optional": True}, ("removed", "price"), "calls the field optional"),
        ({"path": "price", "nullable": True}, ("null", "price"), "may be null"),
        ({"path": "by", "free_keys": True}, ("renamed", "by", "BTCUSDT"), "keys of this object are free"),
        ({"path": "note", "text": "words"}, ("word", "note"), r"a free text \(words\)"),
    ],
)
def test_what_a_refinement_leaves_open_is_explained(refinement, altered, why):
    found = stated(alteration(*altered), contract(refinement), PRODUCT)
    assert why.replace("\\", "") in found
    assert stated(alteration(*altered), contract(), PRODUCT) == ""


def test_an_example_without_the_field_explains_its_absence():
    assert stated(alteration("removed", "rows", "[]", "b"), contract(), PRODUCT) == (
        "a documented example shows the object without the field"
    )
    assert stated(alteration("removed", "rows", "[]", "a"), contract(), PRODUCT) == ""


def test_the_list_is_asked_last():
    assert explanation(alteration("sign", "price"), contract(), PRODUCT) == EXCEPTIONS[0].why
    assert explanation(alteration("null", "price"), contract(), PRODUCT) == ""


def test_a_dropped_message_is_explained_where_messages_have_no_numbers():
    def of(name):
        return listed(alteration("dropped", contract=f"usdm/stream/{name}", bucket="stream "))

    assert of("aggTrade")
    assert of("depth5")
    assert not of("depth")

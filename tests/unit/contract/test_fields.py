"""The rules of a product say what a field means wherever it occurs."""

from __future__ import annotations

import pytest
from made_contracts import made_contract

from wireproof.contract.fields import rules_of, without_repetition
from wireproof.contract.model import FieldRule, Product, Refinement

ORDERS = "usdm/rest/POST.fapi.v1.batchOrders"


def enum_at(path: str, *rules: FieldRule, contract: str = ORDERS) -> str:
    """Return the name of the enumeration that the rules give a path, or nothing."""
    found = rules_of(Product(product="usdm", title="x", hosts={}, fields=rules), contract)(path)
    return "" if found is None else found.enum


def rule(*where: str, enum: str = "Side", but: tuple[str, ...] = ()) -> FieldRule:
    return FieldRule(where=where, except_=but, enum=enum)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("side", "side"),
        ("**.side", "side"),
        ("**.side", "[].side"),
        ("**.side", "a.b[].side"),
        ("[].side", "[].side"),
        ("[].side", "[3].side"),
        ("[][]", "[][2]"),
        ("[][2]", "[][2]"),
        ("a.*.side", "a.BTCUSDT.side"),
        ("a.*.side", "a.*.side"),
        ("a.*[].side", 'a["B.C"][].side'),
        ("*.side", "BTCUSDT.side"),
        ("*.side", '["B.C"].side'),
        ("**.*Asset", "symbols[].quoteAsset"),
        ("**.orderTypes[]", "symbols[].orderTypes[]"),
        ("", ""),
    ],
)
def test_a_pattern_matches_a_path(pattern: str, path: str) -> None:
    """`*` is one key or a part of it, `[]` any position, a leading `**.` any path."""
    assert enum_at(path, rule(f"usdm/rest/* {pattern}")) == "Side"


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("side", "[].side"),
        ("**.side", "inside"),
        ("**.side", "side.x"),
        ("**.side", "side[]"),
        ("[].side", "[][].side"),
        ("[][2]", "[][3]"),
        ("[][2]", "[][]"),
        ("a.*.side", "a.b.c.side"),
        ("a.*.side", "a[].side"),
        ("*.side", "side"),
        ("**.*Asset", "quoteAsset.x"),
        ("", "side"),
    ],
)
def test_a_pattern_does_not_match_another_path(pattern: str, path: str) -> None:
    """A key is matched whole, and `*` never reaches into another one."""
    assert enum_at(path, rule(f"usdm/rest/* {pattern}")) == ""


@pytest.mark.parametrize("glob", ["usdm/*", "usdm/rest/*.batchOrders", "usdm/rest/POST.fapi.v?.batchOrders", ORDERS])
def test_a_glob_matches_contracts(glob: str) -> None:
    assert enum_at("side", rule(f"{glob} side")) == "Side"


@pytest.mark.parametrize("glob", ["coinm/*", "usdm/event/*", "usdm/rest/POST.fapi.v1.batch", "usdmXrest/*"])
def test_a_glob_does_not_match_another_contract(glob: str) -> None:
    """A glob stands for the whole id, and its dots are dots."""
    assert enum_at("side", rule(f"{glob} side")) == ""


def test_the_first_rule_that_matches_holds() -> None:
    rules = rule("usdm/rest/* [].side"), rule("usdm/* **.side", enum="Other"), rule("usdm/* **.*de", enum="Third")
    assert enum_at("[].side", *rules) == "Side"
    assert enum_at("side", *rules) == "Other"
    assert enum_at("mode", *rules) == "Third"


def test_a_rule_with_a_wildcard_as_its_last_key_keeps_its_turn() -> None:
    assert enum_at("side", rule("usdm/* **.*de", enum="First"), rule("usdm/* side")) == "First"


def test_an_exception_leaves_the_place_to_the_next_rule() -> None:
    rules = rule("usdm/* **.side", but=(f"{ORDERS} [].side",)), rule("usdm/* **.side", enum="Other")
    assert enum_at("[].side", *rules) == "Other"
    assert enum_at("side", *rules) == "Side"


def test_a_path_of_the_websocket_api_is_looked_up_below_its_result_too() -> None:
    """One rule holds for a request on REST and its twin on the WebSocket API."""
    assert enum_at("result.side", rule("usdm/* side"), contract="usdm/ws-api/order.place") == "Side"
    assert enum_at("result[].side", rule("usdm/* [].side"), contract="usdm/ws-api/account.position") == "Side"
    assert enum_at("result.side", rule("usdm/* result.side"), contract="usdm/ws-api/order.place") == "Side"
    assert enum_at("result.side", rule("usdm/* side")) == ""
    assert enum_at("results.side", rule("usdm/* side"), contract="usdm/ws-api/order.place") == ""


def test_each_product_has_rules_of_its_own() -> None:
    assert enum_at("side", rule("* side", enum="One")) == "One"
    assert enum_at("side", rule("* side", enum="Two")) == "Two"


def test_a_refinement_that_says_again_what_the_product_says_is_left_out() -> None:
    """Only the words count, not their order or whether they are named; what says more stays."""
    product = Product(
        product="usdm", title="x", hosts={}, enums={"Side": ("BUY", "SELL")}, fields=(rule("usdm/* **.side"),)
    )
    again = (
        Refinement(path="side", enum="Side", source="x"),
        Refinement(path="[].side", enum=("SELL", "BUY"), source="x"),
    )
    more = (
        Refinement(path="side", enum="Side", optional=True, source="x"),
        Refinement(path="side", enum=("BUY",), source="x"),
        Refinement(path="mode", enum="Side", source="x"),
        Refinement(path="side", optional=True, source="x"),
    )
    contract = made_contract(id=ORDERS, refinements=(*again, *more))
    assert without_repetition(contract, product).refinements == more

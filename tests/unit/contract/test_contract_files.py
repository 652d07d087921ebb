"""The contract files themselves: what holds for each of them."""

from __future__ import annotations

import re

import msgspec
import pytest

from wireproof.contract.audit.lint import lint
from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.shape import ShapeBuilder
from wireproof.contract.store import load_store

STORE = load_store()
CONTRACTS = list(STORE.contracts.values())
PRODUCTS = list(STORE.products)


def of(product):
    return [contract for contract in CONTRACTS if contract.product == product]


def conditions(contract):
    """Return the examples of each condition of a contract."""
    groups = {}
    for example in contract.examples:
        groups.setdefault(example.when, []).append(example)
    return groups


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_example_is_valid_against_the_shape_that_its_contract_compiles_to(product):
    enums = STORE.products[product].enums
    invalid = []
    for contract in of(product):
        for examples in conditions(contract).values():
            names = {example.name for example in examples}
            refinements = [r for r in contract.refinements if not r.examples or names & set(r.examples)]
            schema = Schema(ShapeBuilder(refinements, enums).build([example.response for example in examples]))
            invalid += [
                f"{contract.id}/{example.name}"
                for example in examples
                if not schema.conforms(msgspec.json.encode(example.response))
            ]
    assert invalid == []


def test_every_enumeration_that_is_named_exists():
    causes = [(score.contract, cause.detail) for score in lint(CONTRACTS, STORE.products) for cause in score.causes]
    assert [cause for cause in causes if "no enumeration" in cause[1]] == []


def test_a_contract_has_cases_or_a_reason_why_not():
    assert [c.id for c in CONTRACTS if not c.retired and bool(c.cases) is bool(c.no_case)] == []


def test_names_of_examples_are_unique_in_their_contract():
    assert [c.id for c in CONTRACTS if len({e.name for e in c.examples}) != len(c.examples)] == []


def test_every_contract_names_its_page_and_date():
    assert [c.id for c in CONTRACTS if not c.docs_url.startswith("https://developers.binance.com/")] == []
    assert [c.id for c in CONTRACTS if not re.fullmatch(r"20\d\d-\d\d-\d\d", c.revised)] == []


def test_every_refinement_has_a_source():
    assert [(c.id, r.path) for c in CONTRACTS for r in c.refinements if not r.source] == []


def test_no_example_shows_a_key_or_a_signature():
    shown = []
    for contract in CONTRACTS:
        text = msgspec.json.encode(contract.examples).decode()
        shown += [
            (contract.id, v) for v in re.findall(r'"(?:apiKey|signature|listenKey)":"([^"]+)"', text) if v[0] != "<"
        ]
    assert shown == []


def test_codes_of_rejections_are_documented_errors_of_their_product():
    unknown = [
        (name, rule.fault, code)
        for name, product in STORE.products.items()
        for rule in product.rejections
        for code in rule.codes
        if str(code) not in product.errors
    ]
    assert unknown == []

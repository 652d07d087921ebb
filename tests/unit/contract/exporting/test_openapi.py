"""The requests of a product as an OpenAPI document."""

from __future__ import annotations

import itertools

import jsonschema_rs
import pytest
from made_contracts import default, made_contract
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.schemas import schema_v31

from wireproof.contract.exporting.openapi import openapi_document
from wireproof.contract.model import Example, Param, Request, Security, Surface, Weight, WeightRule
from wireproof.contract.store import load_store
from wireproof.drift.documented_shape import answer_shape, rejection_shape

STORE = load_store()
METHODS = {"get", "post", "put", "delete"}


def document_of(product, contracts=None):
    chosen = STORE.select(product=product) if contracts is None else contracts
    return openapi_document(STORE.product(product), chosen, answer_shape, rejection_shape)


def operations(document):
    return {(verb, path): one for path, item in document["paths"].items() for verb, one in item.items()}


@pytest.fixture(scope="module", params=list(STORE.products))
def document(request):
    """Return the document of a product."""
    return document_of(request.param)


def made(*params, security=Security.NONE, path="/fapi/v1/a", **more):
    subject = Request(method="GET", path=path, security=security, weight=Weight(ip=1), params=params)
    return made_contract(surface=Surface.REST, **{"subject": subject, "docs_url": "https://example.com/a", **more})


def parameters_of(*params):
    return operations(document_of("usdm", [made(*params)]))["get", "/fapi/v1/a"]["parameters"]


def test_a_document_is_what_the_specification_allows(document):
    """By the specification's own schema, as the validator has it."""
    judge = jsonschema_rs.Draft202012Validator(dict(schema_v31))
    assert [error.message for error in judge.iter_errors(document)] == []
    assert not judge.is_valid({**document, "servers": [{"adress": "/"}]})


def test_a_validator_finds_nothing():
    """Neither in references nor in defaults. It is slow with large documents, and options has everything."""
    document = document_of("options")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_request_that_the_exchange_has_is_an_operation(document):
    """Each with an id of its own; what was retired is left out."""
    product = next(name for name, one in STORE.products.items() if one.title == document["info"]["title"])
    wanted = [one for one in STORE.select(product=product, surface="rest") if not one.retired]
    found = operations(document)
    assert {(one.subject.method.lower(), one.subject.path) for one in wanted} == set(found)
    ids = [one["operationId"] for one in found.values()]
    assert len(set(ids)) == len(ids) == len(wanted)
    assert {verb for verb, _ in found} <= METHODS


def test_examples_are_what_the_schema_describes(document):
    """Every documented answer conforms to the schema that clients are generated from."""
    for (verb, path), operation in operations(document).items():
        media = operation["responses"]["200"]["content"]["application/json"]
        judge = jsonschema_rs.Draft202012Validator({**media["schema"], "components": document["components"]})
        for name, example in media.get("examples", {}).items():
            assert not list(itertools.islice(judge.iter_errors(example["value"]), 1)), (verb, path, name)


def test_refusals_name_every_documented_code():
    refusal = document_of("usdm")["components"]["schemas"]["Refusal"]
    judge = jsonschema_rs.Draft202012Validator(refusal)
    assert judge.is_valid({"code": -1121, "msg": "Invalid symbol."})
    assert not judge.is_valid({"code": -1, "msg": "Invalid symbol."})
    code = refusal["properties"]["code"]
    assert dict(zip(code["enum"], code["x-enum-varnames"], strict=True))[-1121] == "BAD_SYMBOL"


def test_documents_are_the_same_whatever_the_order_of_contracts():
    contracts = STORE.select(product="options")
    assert repr(document_of("options")) == repr(document_of("options", contracts[::-1]))


def test_servers_are_those_of_the_exchange():
    assert document_of("usdm")["servers"][0] == {"url": "https://fapi.binance.com", "description": "live"}


def test_an_order_has_what_its_page_says():
    """Security, weight, limits and the page itself."""
    order = operations(document_of("usdm"))["post", "/fapi/v1/order"]
    assert order["operationId"] == "postFapiV1Order"
    assert order["summary"] == "New Order"
    assert order["security"] == [{"apiKey": [], "signature": []}]
    assert order["x-weight"] == {"ip": 0, "orders_10s": 1, "orders_1m": 1}
    assert order["externalDocs"]["url"].startswith("https://developers.binance.com/docs/derivatives/")
    side = next(one for one in order["parameters"] if one["name"] == "side")
    assert side == {"name": "side", "in": "query", "required": True, "schema": {"$ref": "#/components/schemas/Side"}}


@pytest.mark.parametrize(
    ("security", "schemes"),
    [
        (Security.NONE, []),
        (Security.MARKET_DATA, [{"apiKey": []}]),
        (Security.USER_DATA, [{"apiKey": [], "signature": []}]),
    ],
)
def test_security_is_what_a_request_must_carry(security, schemes):
    operation = operations(document_of("usdm", [made(security=security)]))["get", "/fapi/v1/a"]
    assert operation["security"] == schemes
    assert operation["x-security-type"] == security.value


def test_parameters_are_in_the_query():
    """A list is one value of JSON; what is optional does not say so."""
    limit, ids = parameters_of(
        Param(name="limit", type="INT", default=500, minimum=1, maximum=1000), Param(name="ids", type="ARRAY")
    )
    assert limit == {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 500},
    }
    assert ids["content"] == {"application/json": {"schema": {"type": "array", "items": {}}}}


def test_an_enumeration_of_the_product_is_named_once():
    """Beside what the parameter says of it."""
    [param] = parameters_of(Param(name="side", type="ENUM", enum="Side", default="BUY"))
    assert param["schema"] == {"$ref": "#/components/schemas/Side", "default": "BUY"}


def test_weights_that_depend_on_parameters_are_said():
    weight = Weight(ip=40, rules=(WeightRule(param="symbol", given=True, ip=1),))
    subject = Request(method="GET", path="/fapi/v1/a", security=Security.NONE, weight=weight)
    operation = operations(document_of("usdm", [made(subject=subject)]))["get", "/fapi/v1/a"]
    assert operation["x-weight"] == {"ip": 40, "rules": ({"param": "symbol", "given": True, "ip": 1},)}


def test_alternatives_are_told_apart_by_when_they_come():
    shown = (
        default({"a": 1}, when="of one symbol"),
        Example(name="all", response=[{"a": 1}], when="of all"),
    )
    document = document_of("usdm", [made(examples=shown)])
    [answer] = [one for name, one in document["components"]["schemas"].items() if name.endswith("Answer")]
    assert [one["title"] for one in answer["anyOf"]] == ["GET /fapi/v1/a: of one symbol", "GET /fapi/v1/a: of all"]


def test_what_is_deprecated_says_so_and_what_is_retired_is_gone():
    contracts = [made(deprecated=True), made(path="/fapi/v1/b", retired="2026-01-01", name="b")]
    found = operations(document_of("usdm", contracts))
    assert [(key, one.get("deprecated")) for key, one in found.items()] == [(("get", "/fapi/v1/a"), True)]

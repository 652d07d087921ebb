"""What a client reads, from a JSON Schema and from OpenAPI documents, wireproof's own of every product among them."""

from __future__ import annotations

import pytest
from checkout import CONTRACTS

from wireproof.contract.exporting.openapi import openapi_document
from wireproof.contract.store import load_store
from wireproof.drift.documented_shape import answer_shape, rejection_shape
from wireproof.errors import UsageError
from wireproof.manifest.client_manifest import ClientName, ContractUse, Manifest
from wireproof.manifest.contract_mapping import ContractMapping
from wireproof.manifest.schema_reading import SchemaReader, read_schema

ORDER = {
    "title": "Order",
    "type": "object",
    "required": ["orderId", "price"],
    "additionalProperties": False,
    "properties": {
        "orderId": {"type": "integer"},
        "price": {"type": ["string", "null"]},
        "qty": {"type": "string", "format": "decimal", "nullable": True},
        "side": {"enum": ["BUY", "SELL"]},
        "fills": {"type": "array", "items": {"$ref": "#/$defs/Fill"}},
        "row": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 1},
        "map": {"type": "object", "additionalProperties": {"type": "number"}},
        "free": {"type": "object"},
        "any": {},
        "both": {"allOf": [{"$ref": "#/$defs/Fill"}, {"required": ["q"], "properties": {"q": {"type": "boolean"}}}]},
        "one": {"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
    },
    "$defs": {
        "Fill": {
            "type": "object",
            "required": ["p"],
            "properties": {"p": {"type": "string"}, "f": {"$ref": "#/$defs/Fill"}},
        }
    },
}


def test_every_word_of_a_schema():
    found = {one.path: one for one in SchemaReader(ORDER, "x").whole("x")}
    assert found.keys() == {
        *("", "orderId", "price", "qty", "side", "fills", "fills[]", "fills[].p", "fills[].f.**", "row", "row[0]"),
        *("row[1]", "map", "map.*", "free", "free.**", "any.**", "both", "both.p", "both.f", "both.f.p", "both.f.f.**"),
        *("both.q", "one"),
    }
    said = {path: (one.required, one.nullable, one.kinds) for path, one in found.items()}
    assert said["price"] == (True, True, ("string",))
    assert said["qty"] == (False, True, ("decimal",))
    assert said["row[0]"][0] is True
    assert said["row[1]"][0] is False
    assert said["both.q"] == (True, False, ("boolean",))
    assert said["one"] == (False, True, ("integer", "string"))
    assert (found["side"].enum, found["side"].enums) == (("BUY", "SELL"), "closed")
    assert (found[""].unknown_fields, found["fills[].p"].by, found["orderId"].by) == (
        "refused",
        "Fill.p",
        "Order.orderId",
    )


def test_operations_of_a_document_with_a_base_path():
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Time"}}}}
    document = {
        "servers": [{"url": "https://example.org/fapi/v1"}],
        "paths": {"/time": {"get": {"responses": {"200": answer, "400": {}}}}, "/x": {"post": {"responses": {}}}},
        "components": {"schemas": {"Time": {"type": "object", "properties": {"serverTime": {"type": "integer"}}}}},
    }
    [one] = SchemaReader(document, "x").operations()
    assert (one.method, one.paths) == ("GET", ("/time", "/fapi/v1/time"))
    assert [(read.path, read.by) for read in one.reads] == [("", "Time"), ("serverTime", "Time.serverTime")]


@pytest.fixture(scope="module")
def store():
    return load_store(CONTRACTS)


@pytest.mark.parametrize("product", ["usdm", "coinm", "options", "portfolio-margin", "portfolio-margin-pro"])
def test_of_our_own_documents_everything_that_is_read_is_documented(store, product):
    contracts = [one for one in store.contracts.values() if one.product == product and one.surface == "rest"]
    mapping = ContractMapping(store, [product])
    wrong, mapped = [], set()
    reader = SchemaReader(openapi_document(store.products[product], contracts, answer_shape, rejection_shape), product)
    for one in reader.operations():
        for contract_id in mapping.request(one.method, one.paths[0]):
            made = Manifest(client=ClientName(name="c"), contracts={contract_id: ContractUse(reads=tuple(one.reads))})
            wrong += mapping.undocumented(contract_id, one.reads, made)
            mapped.add(contract_id)
    assert wrong == []
    assert mapped >= {one.id for one in contracts if one.examples and not one.retired}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is no JSON Schema"),
        ('{"$ref": "other.json#/x"}', "which is another document"),
        ('{"$ref": "#/nowhere"}', "there is nothing at"),
        ('{"$ref": "#/a", "a": {"$ref": "#"}}', "lead in a circle"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tmp_path, content, said):
    file = tmp_path / "schema.json"
    file.write_text(content, "utf-8")
    with pytest.raises(UsageError, match=said):
        read_schema(file).whole("x")


def test_a_document_without_paths_is_no_openapi_document():
    with pytest.raises(UsageError, match="has no paths"):
        list(SchemaReader({}, "x").operations())

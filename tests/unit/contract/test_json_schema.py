"""Editors get the format of the store's files from schemas that follow the models."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
from checkout import CONTRACTS

from wireproof.cli.contracts import schema_words
from wireproof.contract.json_schema import SCHEMAS, file_schema
from wireproof.contract.store import read_contract

every = pytest.mark.parametrize("name", SCHEMAS)


@every
def test_the_stored_schema_is_that_of_the_model(name):
    """After a change of a model: `wireproof contracts schema NAME > contracts/NAME.schema.json`."""
    assert (CONTRACTS / f"{name}.schema.json").read_text("utf-8") == file_schema(name, schema_words()) + "\n"


@every
def test_the_schema_is_closed(name):
    """An editor marks a slip of typing in a key."""
    for kind, definition in json.loads(file_schema(name, schema_words()))["$defs"].items():
        if "properties" in definition:
            assert definition["additionalProperties"] is False, kind


@every
def test_every_key_is_described(name):
    """An editor shows what a key means."""
    for kind, definition in json.loads(file_schema(name, schema_words()))["$defs"].items():
        lacking = [key for key, said in definition.get("properties", {}).items() if not said.get("description")]
        assert lacking == [], f"{kind}: add a comment beside the field in its model"


def test_an_editor_completes_needs_marks_checks_and_causes():
    defined = json.loads(file_schema("contract", schema_words()))["$defs"]
    case, watch = defined["Case"]["properties"], defined["Watch"]["properties"]
    assert "open_order" in case["needs"]["items"]["enum"]
    assert "open_order" in defined["Contract"]["properties"]["base_needs"]["items"]["enum"]
    assert {"irreversible", "venue_only"} <= set(case["marks"]["items"]["enum"])
    assert "trading" not in case["marks"]["items"]["enum"], "a mark that follows from the case is not given"
    assert "order_book" in case["proves"]["items"]["enum"]
    assert "market_order" in watch["cause"]["enum"]


def test_every_stored_contract_fits_the_schema():
    """And one that names the schema, as an editor writes it."""
    validator = jsonschema_rs.validator_for(json.loads((CONTRACTS / "contract.schema.json").read_text("utf-8")))
    contracts = {file: json.loads(file.read_text("utf-8")) for file in CONTRACTS.glob("*/*/*.json")}
    wrong = [f"{file}: {error.message}" for file, held in contracts.items() for error in validator.iter_errors(held)]
    assert wrong == []
    held = {"$schema": "../../contract.schema.json", **contracts[CONTRACTS / "usdm/ws-api/depth.json"]}
    assert validator.is_valid(held)
    assert not validator.is_valid({**held, "titel": "x"})


def test_a_contract_may_name_its_schema(tmp_path):
    held = json.loads((CONTRACTS / "usdm/ws-api/depth.json").read_text("utf-8"))
    file = tmp_path / "depth.json"
    file.write_text(json.dumps({"$schema": "../../contract.schema.json", **held}), "utf-8")
    assert read_contract(file) == read_contract(CONTRACTS / "usdm/ws-api/depth.json")

"""Editors get the format of the store's files from schemas that follow the models."""

from __future__ import annotations

import json

import pytest
from checkout import CONTRACTS

from wireproof.contract.json_schema import SCHEMAS, file_schema

every = pytest.mark.parametrize("name", SCHEMAS)


@every
def test_the_stored_schema_is_that_of_the_model(name):
    """After a change of a model: `wireproof contracts schema NAME > contracts/NAME.schema.json`."""
    assert (CONTRACTS / f"{name}.schema.json").read_text("utf-8") == file_schema(name) + "\n"


@every
def test_the_schema_is_closed(name):
    """An editor marks a slip of typing in a key."""
    for kind, definition in json.loads(file_schema(name))["$defs"].items():
        if "properties" in definition:
            assert definition["additionalProperties"] is False, kind

"""Editors get the format of contract files from a schema that follows the model."""

from __future__ import annotations

import json
from pathlib import Path

from wireproof.contract.json_schema import contract_schema

STORED = Path(__file__).parents[3] / "contracts" / "contract.schema.json"


def test_the_stored_schema_is_that_of_the_model():
    """After a change of the model: `wireproof contracts schema > contracts/contract.schema.json`."""
    assert STORED.read_text("utf-8") == contract_schema() + "\n"


def test_the_schema_is_closed():
    """An editor marks a slip of typing in a key."""
    for name, definition in json.loads(contract_schema())["$defs"].items():
        if "properties" in definition:
            assert definition["additionalProperties"] is False, name

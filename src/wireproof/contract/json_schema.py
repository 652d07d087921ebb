"""The JSON Schema of contract files, made from their model, so that editors complete and check them."""

from __future__ import annotations

import msgspec

from wireproof.contract.contract_file import ContractFile


def contract_schema() -> str:
    """Return the schema as indented JSON."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(ContractFile)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()

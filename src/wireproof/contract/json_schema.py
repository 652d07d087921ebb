"""The JSON Schemas of the store's files, made from their models, so that editors complete and check them."""

from __future__ import annotations

import msgspec

from wireproof.contract.contract_file import ContractFile
from wireproof.contract.dated_changes import Changes

#: What there is a schema of: contract files, and `changes.json` of a product.
SCHEMAS = {"contract": ContractFile, "changes": Changes}


def file_schema(name: str) -> str:
    """Return one of `SCHEMAS` as indented JSON."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(SCHEMAS[name])}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()

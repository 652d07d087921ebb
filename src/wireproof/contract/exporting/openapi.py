"""The requests of a product as an OpenAPI 3.1 document. https://spec.openapis.org/oas/v3.1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.contract.exporting.parts import (
    about,
    answer_schema,
    camel,
    costs,
    limits_of,
    name_of,
    param_schema,
    pascal,
    refusal_schema,
    targets_of,
)
from wireproof.contract.model import Request, Surface

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wireproof.contract.exporting.parts import AnswerShape, RefusalShape
    from wireproof.contract.model import Contract, Param, Product, Security

_SCHEMAS = "#/components/schemas/"
_REFUSED = {"$ref": "#/components/responses/Refused"}


def openapi_document(
    product: Product, contracts: Iterable[Contract], answer: AnswerShape, refusal: RefusalShape
) -> dict[str, Any]:
    """Return the document of a product's REST requests that the exchange has: retired ones are left out.

    `answer` and `refusal` say which shapes are documented. Everything is sorted, so that documents can be compared.
    """
    requests = [one for one in contracts if one.surface is Surface.REST and not one.retired]
    schemas: dict[str, Any] = {"Refusal": refusal_schema(requests[0], product, refusal)}
    paths: dict[str, dict[str, Any]] = {}
    for contract in requests:
        request = contract.of(Request)
        schemas[_answer_name(contract)] = answer_schema(contract, product, answer)
        schemas.update((name, {"type": "string", "enum": list(product.enums[name])}) for name in _enums_of(request))
        paths.setdefault(request.path, {})[request.method.lower()] = _operation(contract, product)
    return {
        "openapi": "3.1.0",
        "info": about(product, requests),
        "externalDocs": {"url": product.docs_url},
        "servers": [{"url": url, "description": target} for target, url in targets_of(product, Surface.REST)],
        "x-rate-limits": limits_of(product),
        "paths": {path: dict(sorted(paths[path].items())) for path in sorted(paths)},
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": {"Refused": _response("refused", {"schema": {"$ref": f"{_SCHEMAS}Refusal"}})},
            "securitySchemes": {
                "apiKey": {"type": "apiKey", "in": "header", "name": "X-MBX-APIKEY"},
                "signature": {"type": "apiKey", "in": "query", "name": "signature"},
            },
        },
    }


def _answer_name(contract: Contract) -> str:
    return f"{pascal(name_of(contract))}Answer"


def _enums_of(request: Request) -> Iterator[str]:
    """Yield the enumerations that parameters refer to; those of numbers are said where they hold."""
    for param in request.params:
        if isinstance(param.enum, str) and param.enum and param.type in {"STRING", "ENUM"}:
            yield param.enum


def _operation(contract: Contract, product: Product) -> dict[str, Any]:
    request = contract.of(Request)
    media: dict[str, Any] = {"schema": {"$ref": f"{_SCHEMAS}{_answer_name(contract)}"}}
    if contract.examples:
        media["examples"] = {
            example.name: ({"summary": example.when} if example.when else {}) | {"value": example.response}
            for example in contract.examples
        }
    return {
        "operationId": camel(name_of(contract)),
        "summary": contract.title,
        "externalDocs": {"url": contract.docs_url},
        **({"deprecated": True} if contract.deprecated else {}),
        "security": _security(request.security),
        "parameters": [_parameter(param, product.enums) for param in request.params],
        "responses": {"200": _response("as documented", media), "4XX": _REFUSED, "5XX": _REFUSED},
        **costs(contract),
    }


def _security(security: Security) -> list[dict[str, list[str]]]:
    schemes = [name for name, holds in (("apiKey", security.needs_key), ("signature", security.is_signed)) if holds]
    return [{name: [] for name in schemes}] if schemes else []


def _parameter(param: Param, enums: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return a parameter of the query, which every request takes; a list is one value of JSON."""
    schema = param_schema(param, enums, named=_SCHEMAS)
    value = {"content": {"application/json": {"schema": schema}}} if param.type == "ARRAY" else {"schema": schema}
    return {"name": param.name, "in": "query", **({"required": True} if param.required else {}), **value}


def _response(description: str, media: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": media}}

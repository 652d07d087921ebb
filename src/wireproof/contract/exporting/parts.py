"""What OpenAPI and AsyncAPI documents share: parameters, answers, refusals and limits as JSON Schema.

Both describe the exchange for those who write or generate clients. Objects are therefore open: a field that comes
without being documented breaks no client. `export jsonschema` closes them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from wireproof.contract.model import Expectation, Request
from wireproof.contract.shape_schema import node_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wireproof.contract.model import Contract, Example, Param, Product, Surface
    from wireproof.contract.shape import Node

    #: Which shape is documented for an example, by its name, and for refusals with a status and codes.
    AnswerShape = Callable[[Contract, str, Product], Node]
    RefusalShape = Callable[[Contract, Expectation, Product], Node]

_TYPES: dict[str, dict[str, Any]] = {
    "STRING": {"type": "string"},
    "ENUM": {"type": "string"},
    "INT": {"type": "integer"},
    "LONG": {"type": "integer", "format": "int64"},
    "DECIMAL": {"type": "number"},
    "BOOLEAN": {"type": "boolean"},
}


def pascal(name: str) -> str:
    """Return a name as one word that begins with a capital: `ORDER_TRADE_UPDATE` is `OrderTradeUpdate`."""
    words = re.split(r"[^A-Za-z0-9]+", name)
    return "".join(word.capitalize() if word.isupper() else word[:1].upper() + word[1:] for word in words)


def camel(name: str) -> str:
    """Return a name as one word that begins with a small letter: `GET.fapi.v1.order` is `getFapiV1Order`."""
    word = pascal(name)
    return word[:1].lower() + word[1:]


def name_of(contract: Contract) -> str:
    """Return a contract's id without its product and surface."""
    return contract.id.rpartition("/")[2]


def about(product: Product, contracts: Sequence[Contract]) -> dict[str, Any]:
    """Return the `info` of a document; its version is the day of the newest page that the contracts follow."""
    return {"title": product.title, "version": max(contract.revised for contract in contracts)}


def param_schema(param: Param, enums: Mapping[str, Sequence[str]], *, named: str = "") -> dict[str, Any]:
    """Return the schema of a parameter's value.

    A product's enumeration is a reference below `named` when that is given, such as `#/components/schemas/`.
    """
    if param.type == "ARRAY":
        return {"type": "array", "items": params_schema(param.items, enums) if param.items else {}}
    schema = dict(_TYPES[param.type])
    if isinstance(param.enum, str) and param.enum and named and schema == {"type": "string"}:
        schema = {"$ref": f"{named}{param.enum}"}
    elif param.enum:
        words = enums[param.enum] if isinstance(param.enum, str) else param.enum
        schema["enum"] = [int(word) if schema["type"] == "integer" else word for word in words]
    said = {"minimum": param.minimum, "maximum": param.maximum, "default": param.default}
    return schema | {key: value for key, value in said.items() if value is not None}


def params_schema(params: Sequence[Param], enums: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the schema of an object with parameters as JSON carries them: decimals may be strings there."""
    properties = {param.name: param_schema(param, enums) for param in params}
    for param in params:
        if param.type == "DECIMAL":
            properties[param.name]["type"] = ["number", "string"]
    required = [param.name for param in params if param.required]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def alternatives(contract: Contract) -> list[Example]:
    """Return the first example of each documented condition, in documented order."""
    return list({example.when: example for example in reversed(contract.examples)}.values())[::-1]


def answer_schema(contract: Contract, product: Product, answer: AnswerShape) -> dict[str, Any]:
    """Return the schema of what the exchange answers or sends: anything where no example is documented."""
    schemas = [
        {"title": f"{contract.name}: {example.when}" if example.when else contract.name}
        | opened(node_schema(answer(contract, example.name, product)))
        for example in alternatives(contract)
    ]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas} if schemas else {}


def refusal_schema(contract: Contract, product: Product, refusal: RefusalShape) -> dict[str, Any]:
    """Return the schema of refusals on a contract's surface; `x-enum-varnames` names the documented codes."""
    codes = tuple(int(code) for code in product.errors)
    schema: dict[str, Any] = opened(node_schema(refusal(contract, Expectation(status=400, codes=codes), product)))
    properties = schema["properties"]
    inner = properties["error"]["properties"] if "error" in properties else properties
    inner["code"] = {"type": "integer", "enum": list(codes), "x-enum-varnames": list(product.errors.values())}
    if "status" in properties:
        properties["status"] = {"type": "integer", "minimum": 400}
    return schema


def opened(schema: Any) -> Any:
    """Return a schema whose objects may have fields that it does not know."""
    if isinstance(schema, list):
        return [opened(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: opened(value) for key, value in schema.items() if key != "additionalProperties" or value is not False}


def costs(contract: Contract) -> dict[str, Any]:
    """Return what a request costs and must carry, as extensions of an operation."""
    request = contract.of(Request)
    return {"x-security-type": request.security.value, "x-weight": msgspec.to_builtins(request.weight)}


def limits_of(product: Product) -> list[dict[str, Any]]:
    """Return the documented rate limits of the exchange, as exchangeInfo shows them."""
    return [
        {
            "rateLimitType": limit.type,
            "interval": limit.interval,
            "intervalNum": limit.interval_num,
            "limit": limit.limit,
        }
        | ({"target": limit.target} if limit.target else {})
        for limit in product.limits
        if limit.target != "local"
    ]


def targets_of(product: Product, surface: Surface) -> list[tuple[str, str]]:
    """Return each target that a surface is reached at, with its URL: live comes first."""
    hosts = product.hosts.get(surface, {})
    return [(target, host.url) for target in sorted(hosts) if target != "local" for host in hosts[target]]

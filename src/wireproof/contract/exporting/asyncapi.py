"""WebSocket API, streams and events of a product as an AsyncAPI 3.0 document. https://www.asyncapi.com/docs/reference.

The document describes the exchange: it receives requests and replies to them, and sends streams and events.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wireproof.contract.exporting.parts import (
    about,
    answer_schema,
    costs,
    limits_of,
    name_of,
    params_schema,
    pascal,
    refusal_schema,
    targets_of,
)
from wireproof.contract.model import Event, Request, Security, Stream, Surface

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireproof.contract.exporting.parts import AnswerShape, RefusalShape
    from wireproof.contract.model import Contract, Param, Product

_TEXT = {"type": "string"}
_ID_OF_MESSAGE = {"location": "$message.payload#/id"}
_API_KEY = [{"$ref": "#/components/securitySchemes/apiKey"}]
_REFUSAL = "ws-api.refusal"


def asyncapi_document(
    product: Product,
    contracts: Iterable[Contract],
    answer: AnswerShape,
    refusal: RefusalShape,
    *,
    key_in_path: bool = False,
) -> dict[str, Any]:
    """Return the document of what a product does over WebSocket; what was retired is left out.

    `answer` and `refusal` say which shapes are documented. `key_in_path` says whether the address of a private stream
    has its listen key in the path and not in the query. Everything is sorted, so that documents can be compared.
    """
    chosen = sorted((one for one in contracts if one.surface is not Surface.REST and not one.retired), key=_key)
    document = _Document(product, chosen, answer, refusal, key_in_path=key_in_path)
    for contract in chosen:
        document.add(contract)
    return document.whole()


def _key(contract: Contract) -> str:
    """Return the name of a contract's operation: surface and name."""
    return f"{contract.surface}.{name_of(contract)}"


class _Document:
    """A document while contracts are added to it."""

    def __init__(
        self,
        product: Product,
        contracts: Sequence[Contract],
        answer: AnswerShape,
        refusal: RefusalShape,
        *,
        key_in_path: bool,
    ) -> None:
        self._product, self._contracts = product, contracts
        self._answer, self._refusal, self._key_in_path = answer, refusal, key_in_path
        self._logs_on = any(isinstance(one.subject, Request) and _logs_on(one.subject) for one in contracts)
        self._channels: dict[str, dict[str, Any]] = {}
        self._operations: dict[str, dict[str, Any]] = {}
        self._messages: dict[str, dict[str, Any]] = {}
        self._schemas: dict[str, dict[str, Any]] = {}
        self._servers = {
            f"{target}-{surface}" + (f"-{number}" if number else ""): _server(url, target)
            for surface in (Surface.WS_API, Surface.STREAM, Surface.EVENT)
            for target, number, url in _numbered(targets_of(product, surface))
        }

    def add(self, contract: Contract) -> None:
        """Add what a contract documents: its messages, its operation and the channel of that."""
        match contract.subject:
            case Request():
                self._add_request(contract, contract.subject)
            case Stream(command=True):
                self._add_command(contract, contract.subject)
            case Stream(name=name, route=route, params=params):
                channel = _key(contract)
                address = re.sub(r"<(\w+)>", r"{\1}", f"{_root(route)}/ws/{name}")
                self._open(channel, address, Surface.STREAM)
                if params:
                    self._channels[channel]["parameters"] = {one.name: self._parameter(one) for one in params}
                self._add_sent(contract, channel, "Message")
            case Event():
                self._open("event", "/ws/{listenKey}" if self._key_in_path else "/ws", Surface.EVENT)
                self._channels["event"] |= _listen_key(in_path=self._key_in_path)
                self._add_sent(contract, "event", "Event")

    def whole(self) -> dict[str, Any]:
        """Return the document."""
        components: dict[str, Any] = {"schemas": self._schemas, "messages": self._messages}
        if any("security" in one for one in self._operations.values()):
            components["securitySchemes"] = {"apiKey": {"type": "apiKey", "in": "user"}}
        return {
            "asyncapi": "3.0.0",
            "info": about(self._product, self._contracts) | {"externalDocs": {"url": self._product.docs_url}},
            "defaultContentType": "application/json",
            "x-rate-limits": limits_of(self._product),
            "servers": self._servers,
            "channels": self._channels,
            "operations": self._operations,
            "components": {kind: dict(sorted(parts.items())) for kind, parts in components.items()},
        }

    def _add_request(self, contract: Contract, request: Request) -> None:
        key = _key(contract)
        self._open("ws-api", "/", Surface.WS_API)
        if _REFUSAL not in self._messages:
            schema = refusal_schema(contract, self._product, self._refusal)
            self._message("ws-api", _REFUSAL, "Refusal", schema, correlated=True)
        params = self._params(request)
        payload = _request_schema(request.method, params, {"type": ["string", "integer", "null"]})
        sent = self._message(
            "ws-api", f"{key}.request", "Request", payload, of=contract, shown=_asked(contract), correlated=True
        )
        operation = self._operation(contract, "receive", "ws-api", sent)
        operation |= costs(contract) | ({"security": _API_KEY} if request.security.needs_key else {})
        operation["reply"] = self._reply(contract, "ws-api", [_REFUSAL])

    def _add_command(self, contract: Contract, stream: Stream) -> None:
        """Add a control command; one of which no request is documented says how the exchange refuses."""
        key, channel = _key(contract), f"stream.control{_root(stream.route).replace('/', '.')}"
        self._open(channel, f"{_root(stream.route)}/ws", Surface.STREAM)
        shown = _asked(contract)
        if not shown:
            self._add_sent(contract, channel, "Answer")
            return
        listed = {"type": "array", "items": {"type": ["string", "boolean"]}}
        takes = any("params" in sent for _, _, sent in shown)
        payload = _request_schema(stream.name, listed if takes else None, {"type": "integer"})
        sent = self._message(channel, f"{key}.request", "Request", payload, of=contract, shown=shown, correlated=True)
        self._operation(contract, "receive", channel, sent)["reply"] = self._reply(contract, channel, [])

    def _reply(self, contract: Contract, channel: str, others: list[str]) -> dict[str, Any]:
        """Add the answer to a request; return the reply of its operation, which may be one of the `others` as well."""
        schema = answer_schema(contract, self._product, self._answer)
        key = f"{_key(contract)}.answer"
        self._message(channel, key, "Answer", schema, of=contract, shown=_shown(contract), correlated=True)
        return {"channel": _ref("channels", channel), "messages": [_in_channel(channel, one) for one in (key, *others)]}

    def _add_sent(self, contract: Contract, channel: str, kind: str) -> None:
        schema = answer_schema(contract, self._product, self._answer)
        message = self._message(channel, _key(contract), kind, schema, of=contract, shown=_shown(contract))
        operation = self._operation(contract, "send", channel, message)
        if isinstance(contract.subject, Stream | Event) and contract.subject.update_speed:
            operation["x-update-speed"] = contract.subject.update_speed

    def _open(self, channel: str, address: str, surface: Surface) -> None:
        servers = [_ref("servers", name) for name in self._servers if re.fullmatch(rf"[a-z]+-{surface}(-\d+)?", name)]
        self._channels.setdefault(channel, {"address": address, "servers": servers, "messages": {}})

    def _message(
        self,
        channel: str,
        key: str,
        kind: str,
        schema: dict[str, Any],
        *,
        of: Contract | None = None,
        shown: Iterable[tuple[str, str, Any]] = (),
        correlated: bool = False,
    ) -> dict[str, str]:
        """Add a message with its schema and what is shown of it (name, when, payload); return the reference to it."""
        schema_name = f"{pascal(name_of(of))}{kind}" if of else kind
        self._schemas[schema_name] = draft_07(schema)
        message: dict[str, Any] = {"name": key, "payload": _ref("components/schemas", schema_name)}
        if of is not None:
            message |= {"title": of.title} | ({"deprecated": True} if of.deprecated else {})
        if correlated:
            message["correlationId"] = _ID_OF_MESSAGE
        if examples := [
            {"name": name} | ({"summary": when} if when else {}) | {"payload": payload} for name, when, payload in shown
        ]:
            message["examples"] = examples
        self._messages[key] = message
        self._channels[channel]["messages"][key] = _ref("components/messages", key)
        return _in_channel(channel, key)

    def _operation(self, contract: Contract, action: str, channel: str, message: dict[str, str]) -> dict[str, Any]:
        operation = self._operations[_key(contract)] = {
            "action": action,
            "title": contract.title,
            "externalDocs": {"url": contract.docs_url},
            "channel": _ref("channels", channel),
            "messages": [message],
        }
        return operation

    def _params(self, request: Request) -> dict[str, Any] | None:
        """Return the schema of a request's parameters; key and signature are optional where a session can log on."""
        schema = params_schema(request.params, self._product.enums)
        signs = request.security
        held = [name for name, holds in (("apiKey", signs.needs_key), ("signature", signs.is_signed)) if holds]
        schema["properties"] |= dict.fromkeys(held, _TEXT)
        if held and (_logs_on(request) or not self._logs_on):
            schema["required"] = [*schema.get("required", []), *held]
        return schema if schema["properties"] else None

    def _parameter(self, param: Param) -> dict[str, Any]:
        """Return a parameter of an address, of which AsyncAPI knows the words only."""
        words = self._product.enums[param.enum] if isinstance(param.enum, str) and param.enum else param.enum
        return {"enum": list(words)} if words else {}


def _logs_on(request: Request) -> bool:
    return request.security is Security.SIGNED


def _numbered(targets: Iterable[tuple[str, str]]) -> Iterable[tuple[str, int, str]]:
    """Yield targets and URLs; a further URL of the same target has a number, from 2."""
    seen: dict[str, int] = {}
    for target, url in targets:
        seen[target] = seen.get(target, 0) + 1
        yield target, seen[target] if seen[target] > 1 else 0, url


def _server(url: str, target: str) -> dict[str, str]:
    parts = urlsplit(url)
    path = {"pathname": parts.path} if parts.path else {}
    return {"host": parts.netloc, **path, "protocol": parts.scheme, "title": target}


def _root(route: str) -> str:
    return f"/{route}" if route else ""


def _listen_key(*, in_path: bool) -> dict[str, Any]:
    """Return where the handshake of a private stream has the listen key."""
    if in_path:
        return {"parameters": {"listenKey": {}}}
    query = {"type": "object", "properties": {"listenKey": _TEXT}, "required": ["listenKey"]}
    return {"bindings": {"ws": {"query": query}}}


def _request_schema(method: str, params: dict[str, Any] | None, identifier: dict[str, Any]) -> dict[str, Any]:
    properties = {"id": identifier, "method": {"type": "string", "const": method}}
    required = ["id", "method"]
    if params is not None:
        properties["params"] = params
        required += ["params"] if params.get("required") or params["type"] == "array" else []
    return {"type": "object", "properties": properties, "required": required}


def _shown(contract: Contract) -> list[tuple[str, str, Any]]:
    return [(example.name, example.when, example.response) for example in contract.examples]


def _asked(contract: Contract) -> list[tuple[str, str, Any]]:
    return [(example.name, "", example.request) for example in contract.examples if example.request]


def _ref(place: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{place}/{name}"}


def _in_channel(channel: str, message: str) -> dict[str, str]:
    return _ref(f"channels/{channel}/messages", message)


def draft_07(schema: Any) -> Any:
    """Return a schema in the older draft that AsyncAPI builds on, where arrays by position are said otherwise."""
    if isinstance(schema, list):
        return [draft_07(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("prefixItems"), list):
        schema = schema | {"items": schema["prefixItems"], "additionalItems": schema["items"]}
        del schema["prefixItems"]
    return {key: draft_07(value) for key, value in schema.items()}

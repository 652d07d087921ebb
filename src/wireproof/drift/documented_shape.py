"""Which shape is documented for an example of a contract, envelope included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.contract.fields import envelope_id, rules_of
from wireproof.contract.model import Refinement, Surface
from wireproof.contract.shape import Field, Fields, Node, Scalar, ShapeBuilder
from wireproof.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wireproof.contract.fields import Rules
    from wireproof.contract.model import Contract, Envelope, Example, Expectation, Product

_ANY_SCALAR = frozenset({Scalar.BOOLEAN, Scalar.NUMBER, Scalar.STRING})


def group_of(contract: Contract, name: str) -> tuple[Example, ...]:
    """Return the example of that name together with those that are documented for the same condition.

    Raises UsageError for a name that the contract does not have.
    """
    chosen = next((example for example in contract.examples if example.name == name), None)
    if chosen is None:
        known = [example.name for example in contract.examples]
        raise UsageError(f"{contract.id} has no example {name!r}. {did_you_mean(name, known)}".rstrip())
    return tuple(example for example in contract.examples if example.when == chosen.when)


def groups(contract: Contract) -> list[tuple[Example, ...]]:
    """Return the contract's alternatives, in documented order: one group of examples for each documented condition."""
    first_of: dict[str, str] = {}
    for example in contract.examples:
        first_of.setdefault(example.when, example.name)
    return [group_of(contract, name) for name in first_of.values()]


def refinements_of(contract: Contract, examples: Sequence[Example]) -> list[Refinement]:
    """Return the contract's refinements that hold for any of these examples."""
    names = {example.name for example in examples}
    return [r for r in contract.refinements if not r.examples or names.intersection(r.examples)]


def payload_shape(contract: Contract, examples: Sequence[Example], product: Product) -> Node:
    """Return the shape of bare payloads: REST bodies, stream messages, events."""
    shown = [example.response for example in examples]
    node = _builder(contract, refinements_of(contract, examples), product, shown).build(shown)
    for refusals, within in ((shown, node), (_values_of(shown, "error"), _field_of(node, "error"))):
        _dress_refusal(refusals, within)
    return node


def _builder(
    contract: Contract, refinements: Sequence[Refinement], product: Product, shown: Sequence[Any], prefix: str = ""
) -> ShapeBuilder:
    """Return what reads examples of a contract, with its refinements, the product's rules and documented constants."""
    settled = {one.path for one in refinements if one.kind or one.enum or one.constant or one.text}
    constants = [
        one for one in _constants(contract.surface, shown, prefix) if one.path not in settled
    ]  # what a refinement says comes first
    return ShapeBuilder([*refinements, *constants], product.enums, _rules(contract.id, product))


def _rules(contract_id: str, product: Product) -> Rules | None:
    """Return what finds the product's rule for a path of a contract, or of an envelope."""
    return rules_of(product, contract_id) if product.fields else None


def _constants(surface: Surface, shown: Sequence[Any], prefix: str) -> Iterator[Refinement]:
    """Yield what is constant without any refinement: event types, and the code of a success beside its text.

    The text is enumerated and no constant: texts change, and no client should rest on them.
    """
    if surface in {Surface.STREAM, Surface.EVENT}:
        for path in ("e", "[].e", "data.e", "data[].e"):
            if kinds := _texts_at(shown, path):
                yield Refinement(path=path, constant=kinds, source="the event type of the examples")
        return
    answers = [value for value in shown if isinstance(value, dict) and _is_success(value)]
    if answers and len(answers) == len(shown):
        codes, texts = ([answer[name] for answer in answers] for name in ("code", "msg"))
        yield Refinement(path=f"{prefix}code", constant=tuple(dict.fromkeys(codes)), source="the code of the examples")
        yield Refinement(path=f"{prefix}msg", enum=tuple(dict.fromkeys(texts)), source="the text of the examples")


def _is_success(answer: dict[str, Any]) -> bool:
    code = answer.get("code")
    return isinstance(answer.get("msg"), str) and (
        (type(code) is int and code >= 0) or (isinstance(code, str) and code.isdecimal())
    )


def _texts_at(shown: Sequence[Any], path: str) -> tuple[str, ...]:
    """Return the distinct strings at a path of the examples; none if one of them shows something else there."""
    values = list(shown)
    for step in path.replace("[]", ".[]").strip(".").split("."):
        if step == "[]":
            values = [inner for value in values if isinstance(value, list) for inner in value]
        else:
            values = [value[step] for value in values if isinstance(value, dict) and step in value]
    return tuple(dict.fromkeys(values)) if all(isinstance(value, str) for value in values) else ()


def _dress_refusal(shown: Sequence[Any], node: Node | None) -> None:
    """Give the code of documented refusals its role: `{"code": -2013, "msg": …}`, alone or as `error`."""
    code = _field_of(node, "code")
    if code is None or code.constants or code.anything or _field_of(node, "msg") is None:
        return
    codes = tuple(dict.fromkeys(value for value in _values_of(shown, "code") if type(value) is int))
    if code.scalars == {Scalar.INTEGER} and codes:
        code.constants, code.role = codes, "error-code"


def _values_of(shown: Sequence[Any], name: str) -> list[Any]:
    return [value[name] for value in shown if isinstance(value, dict) and name in value]


def _field_of(node: Node | None, name: str) -> Node | None:
    if node is None or not isinstance(node.object, Fields) or name not in node.object.fields:
        return None
    return node.object.fields[name].node


def is_enveloped(example: Example) -> bool:
    """Whether an example of the WebSocket API shows the whole response and not only its result."""
    response = example.response
    return isinstance(response, dict) and "status" in response and ("result" in response or "id" in response)


def response_shape(contract: Contract, examples: Sequence[Example], product: Product) -> tuple[Node, int]:
    """Return the shape of a whole response of the WebSocket API, and its documented status.

    `id` may be any scalar; `rateLimits` may be left out (`returnRateLimits`) and is what the product's envelope and
    the examples show together. An example that shows only a result is put into an envelope.
    """
    envelope = _envelope(product, contract.surface)
    responses = [e.response if is_enveloped(e) else {"id": "", "status": 200, "result": e.response} for e in examples]
    limits = [r["rateLimits"] for r in [envelope.success, *responses] if "rateLimits" in r]
    bodies = [{name: value for name, value in r.items() if name != "rateLimits"} for r in responses]
    refinements = [*envelope.refinements, *refinements_of(contract, examples)]
    builder = _builder(contract, refinements, product, _values_of(bodies, "result"), "result.")
    node = builder.build(bodies)
    status = next((r["status"] for r in responses if isinstance(r["status"], int)), 200)
    _dress(node, (status,), _limits(limits, builder))
    return node, status


def answer_shape(contract: Contract, example: str, product: Product) -> Node:
    """Return the shape of whole answers and messages like an example: of the WebSocket API with its envelope."""
    examples = group_of(contract, example)
    if contract.surface is Surface.WS_API:
        return response_shape(contract, examples, product)[0]
    return payload_shape(contract, examples, product)


def rejection_shape(contract: Contract, expectation: Expectation, product: Product) -> Node:
    """Return the shape of a refusal: the product's error envelope with one status and the documented codes.

    What its fields hold is said of the envelope, whatever fields of the same name in the request's answers hold.
    """
    envelope = _envelope(product, contract.surface)
    limits = [e["rateLimits"] for e in (envelope.success, envelope.error) if "rateLimits" in e]
    body = {name: value for name, value in envelope.error.items() if name != "rateLimits"}
    builder = ShapeBuilder(
        envelope.refinements, product.enums, _rules(envelope_id(product.product, contract.surface), product)
    )
    node = builder.build([body])
    error = node
    if "status" in envelope.error:
        _dress(node, (expectation.status,), _limits(limits, builder))
        error = _fields(node)["error"].node
        _fields(error).setdefault("data", Field(Node(anything=True), required=False))
    code = _fields(error)["code"].node
    code.role, code.constants = "error-code", tuple(expectation.codes)
    code.scalars = frozenset({Scalar.INTEGER})
    return node


def _envelope(product: Product, surface: Surface) -> Envelope:
    if surface not in product.envelopes:
        raise UsageError(
            f"contracts/{product.product}/product.json has no envelope for {surface}, so no answer of that surface "
            "can be judged. Add one under 'envelopes', with a documented success and a documented error."
        )
    return product.envelopes[surface]


def _limits(shown: list[Any], builder: ShapeBuilder) -> Node | None:
    return builder.build(shown, "rateLimits", "rateLimits") if shown else None


def _dress(node: Node, status: tuple[int, ...], limits: Node | None) -> None:
    fields = _fields(node)
    fields["id"] = Field(Node(nullable=True, scalars=_ANY_SCALAR, text="id"))
    role = Node(scalars=frozenset({Scalar.INTEGER}), constants=status, role="status")
    fields["status"] = Field(role)
    if limits is not None:
        fields["rateLimits"] = Field(limits, required=False)


def _fields(node: Node) -> dict[str, Field]:
    if not isinstance(node.object, Fields):
        raise UsageError("An envelope must be an object with the documented fields 'id' and 'status'.")
    return node.object.fields

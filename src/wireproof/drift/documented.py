"""Which shape is documented for an example of a contract, envelope included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.contract.shape import Field, Fields, Node, Scalar, ShapeBuilder
from wireproof.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.model import Contract, Envelope, Example, Expectation, Product, Refinement, Surface

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
    """Return the contract's alternatives: one group of examples for each documented condition."""
    return [group_of(contract, name) for name in {e.when: e.name for e in reversed(contract.examples)}.values()][::-1]


def refinements_of(contract: Contract, examples: Sequence[Example]) -> list[Refinement]:
    """Return the contract's refinements that hold for any of these examples."""
    names = {example.name for example in examples}
    return [r for r in contract.refinements if not r.examples or names.intersection(r.examples)]


def payload_shape(contract: Contract, examples: Sequence[Example], product: Product) -> Node:
    """Return the shape of bare payloads: REST bodies, stream messages, events."""
    builder = ShapeBuilder(refinements_of(contract, examples), product.enums)
    return builder.build([example.response for example in examples])


def is_enveloped(example: Example) -> bool:
    """Say whether an example of the WebSocket API shows the whole response and not only its result."""
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
    node = ShapeBuilder(refinements, product.enums).build(bodies)
    status = next((r["status"] for r in responses if isinstance(r["status"], int)), 200)
    _dress(node, (status,), _limits(limits, refinements, product))
    return node, status


def rejection_shape(contract: Contract, expectation: Expectation, product: Product) -> Node:
    """Return the shape of a refusal: the product's error envelope with one status and the documented codes."""
    envelope = _envelope(product, contract.surface)
    limits = [e["rateLimits"] for e in (envelope.success, envelope.error) if "rateLimits" in e]
    body = {name: value for name, value in envelope.error.items() if name != "rateLimits"}
    node = ShapeBuilder(envelope.refinements, product.enums).build([body])
    error = node
    if "status" in envelope.error:
        _dress(node, (expectation.status,), _limits(limits, list(envelope.refinements), product))
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


def _limits(shown: list[Any], refinements: Sequence[Refinement], product: Product) -> Node | None:
    if not shown:
        return None
    return ShapeBuilder(refinements, product.enums).build(shown, "rateLimits", "rateLimits")


def _dress(node: Node, status: tuple[int, ...], limits: Node | None) -> None:
    fields = _fields(node)
    fields["id"] = Field(Node(nullable=True, scalars=_ANY_SCALAR))
    role = Node(scalars=frozenset({Scalar.INTEGER}), constants=status, role="status")
    fields["status"] = Field(role)
    if limits is not None:
        fields["rateLimits"] = Field(limits, required=False)


def _fields(node: Node) -> dict[str, Field]:
    if not isinstance(node.object, Fields):
        raise UsageError("An envelope must be an object with the documented fields 'id' and 'status'.")
    return node.object.fields

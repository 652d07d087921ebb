"""Parts of an envelope that an answer has unless they were switched off, and this one has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind
from wireproof.drift.parse import Unparseable, parse

if TYPE_CHECKING:
    from wireproof.contract.model import Contract, Product
    from wireproof.drift.finding import Finding


def left_out(contract: Contract, product: Product, request: str, body: bytes) -> list[Finding]:
    """Return a finding for each part of an envelope that is missing though nobody switched it off.

    `request` is the text that was sent and `body` the answer; what is no JSON object has nothing to leave out. A part
    that a refinement of the contract makes optional may be missing.
    """
    envelope = product.envelopes.get(contract.surface)
    if envelope is None or not envelope.switches:
        return []
    answer = _object(body)
    if answer is None:
        return []
    optional = {one.path for one in contract.refinements if one.optional}
    asked = (_object(request.encode("utf-8", "replace")) or {}).get("params")
    return [
        new_finding(contract.id, switch.field, Kind.MISSING_FIELD, "array", "nothing")
        for switch in envelope.switches
        if switch.field not in answer
        and switch.field not in optional
        and not _is_off(switch.param, asked)
        and not _is_off(switch.param, answer.get("result"))  # what a session says of its connection
    ]


def _is_off(name: str, values: Any) -> bool:
    value = values.get(name) if isinstance(values, dict) else None
    return value is False or value == "false"


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        document = parse(text)
    except (Unparseable, RecursionError):
        return None
    return document if isinstance(document, dict) else None

"""An error in place of what is documented: one finding that names code and text, never a wall of missing fields.

What an error looks like is said in one place, `wireproof.recognition`. What a contract documents decides which errors
are none of these: an example that is an error itself, and elements `{code, msg}` of a batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Variants
from wireproof.drift.deviations import SAMPLES
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind
from wireproof.drift.parse import Unparseable, parse
from wireproof.recognition import ApiError, bare_error_in, error_in, may_hold_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wireproof.contract.shape import Node
    from wireproof.drift.finding import Finding

    Judged = Callable[[bytes], list[Finding]]


_NO_ERROR = "no error"  # what came where an error was due


def may_look_documented(node: Node) -> bool:
    """Whether an error may conform to a documented payload: its `code` or `error` is one of the documented fields."""
    return has_field(node, "code") or has_field(node, "error")


def error_instead(
    contract: str,
    shown: Sequence[Any],
    nodes: Sequence[Node],
    judge: Judged,
    body: bytes,
    *,
    enveloped: bool = False,
    status: int | None = None,
) -> list[Finding] | None:
    """Return the finding for an error where none of the documented answers shows one.

    None when the answer is to be compared as it is: it is no error, or errors are what is documented. `shown` are the
    documented answers that are meant, `nodes` the shapes of their payloads, `judge` what compares an answer with them,
    and `status` the HTTP status. With `enveloped`, bodies are envelopes of the WebSocket API; one whose own status says
    that it is no success is none of this function's business.
    """
    documented = [error for one in shown if (error := error_in(one)) is not None]
    if documented and len(documented) == len(shown):
        return _no_error(contract, documented, body)
    if not may_hold_error(body):
        return None
    try:
        document = payload = parse(body)
    except Unparseable:
        return None
    if enveloped and isinstance(document, dict) and type(document.get("status")) is int:
        status, payload = document["status"], document.get("result")
        if not 200 <= document["status"] < 300:
            return None
    error = error_in(document)
    if error is None and not any(has_field(node, "code") for node in nodes):
        error = bare_error_in(payload)
    if error is None:
        return _among_elements(contract, shown, nodes, judge, document, enveloped=enveloped)
    if error.number is not None and error.number in {known.number for known in documented}:
        return None
    return [error_finding(contract, error, status)]


def error_finding(
    contract: str, error: ApiError, status: int | None, *, path: str = "", at: Sequence[str] = (), of: int = 1
) -> Finding:
    """Return the one finding for an error where a success was to come; elements are counted."""
    value = "" if error.code is None else str(error.code)
    with_status = f" with status {status}" if status is not None else ""
    words = f"an error answer {error.words}{with_status}"
    found = new_finding(contract, path, Kind.ERROR_ANSWER, "the documented success", words, value=value)
    return msgspec.structs.replace(found, occurrences=max(1, len(at)), of=of, samples=tuple(at[:SAMPLES]))


def _no_error(contract: str, documented: Sequence[ApiError], body: bytes) -> list[Finding] | None:
    """Return the finding for an answer that is no error where one is documented; None when it is some error."""
    try:
        document = parse(body)
    except Unparseable:
        return None
    if not isinstance(document, dict) or error_in(document) is not None or bare_error_in(document) is not None:
        return None
    known = " or ".join(dict.fromkeys(f"error {error.words}" for error in documented))
    return [new_finding(contract, "", Kind.ERROR_CODE_CHANGED, known, _NO_ERROR, value=_NO_ERROR)]


def _among_elements(
    contract: str, shown: Sequence[Any], nodes: Sequence[Node], judge: Judged, document: Any, *, enveloped: bool
) -> list[Finding] | None:
    """Return findings for errors among the elements of an array whose documented elements are never errors.

    The other elements are compared; a documented one stands in for each error, so that positions stay right.
    """
    payload = document
    if enveloped:
        payload = document.get("result") if isinstance(document, dict) else None
    elements = [node.array.node for node in nodes if isinstance(node.array, Elements) and node.array.node is not None]
    if not isinstance(payload, list) or not elements or any(has_field(element, "code") for element in elements):
        return None
    errors = {index: error for index, element in enumerate(payload) if (error := error_in(element)) is not None}
    if not errors:
        return None
    bare = [one.get("result", one) if enveloped and isinstance(one, dict) else one for one in shown]
    stand_in = next((one[0] for one in bare if isinstance(one, list) and one), None)
    others = [stand_in if index in errors else element for index, element in enumerate(payload)]
    by_code: dict[str, list[int]] = {}
    for index, error in errors.items():
        by_code.setdefault(str(error.code), []).append(index)
    path = "result" if enveloped else ""
    found = [
        error_finding(
            contract,
            errors[at[0]],
            None,
            path=f"{path}[]",
            at=[f"{path}[{index}]" for index in at],
            of=len(payload),
        )
        for at in by_code.values()
    ]
    return found + judge(msgspec.json.encode({**document, "result": others} if enveloped else others))


def has_field(node: Node, name: str) -> bool:
    """Whether a documented object has this field in any of its forms."""
    shape = node.object
    if node.anything or isinstance(shape, Map):
        return True
    if isinstance(shape, Fields):
        return name in shape.fields
    if isinstance(shape, Variants):
        return any(name in part.fields for part in shape.objects.values())
    if isinstance(shape, Alternatives):
        return any(name in part.fields for part in shape.objects)
    return False

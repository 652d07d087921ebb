"""Carries an alteration out on one message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wireproof.torture.documents import Number, Object, parse, places, type_of, write
from wireproof.torture.kinds import KINDS
from wireproof.torture.relay import WsFrame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.torture.alteration import Alteration
    from wireproof.torture.relay import HttpAnswer

REFUSAL = Object(
    [["code", Number("-1121")], ["msg", "Invalid symbol."]]
)  # about the request, no trouble of the service
HTML = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Welcome</h1></body></html>"
FOREIGN_ID = "00000000-dead-4bad-8bad-000000000000"
STATUSES = {"http-201": 201, "http-202": 202, "http-204": 204}
WEIGHT = "X-MBX-USED-WEIGHT"


def alter_document(alteration: Alteration, document: Any) -> Any | None:
    """Alter a payload and return it; None where the alteration finds nothing to alter in it."""
    kind = KINDS[alteration.kind]
    assert kind.edit is not None
    holder = [document]
    found: list[tuple[Any, int]] = places(document, alteration.path) if alteration.path else [(holder, 0)]
    found = [(owner, at) for owner, at in found if kind.meets is None or kind.meets(alteration.path, _value(owner, at))]
    if not found:
        return None
    for owner, at in found[-1:] if alteration.one else reversed(found):  # from the end: positions before stay valid
        kind.edit(owner, at, alteration.marker)
    return holder[0]


def _value(owner: Any, at: int) -> Any:
    return owner[at][1] if isinstance(owner, Object) else owner[at]


def _read(content: bytes) -> Any | None:
    try:
        return parse(content)
    except (ValueError, RecursionError):
        return None


def alter_answer(alteration: Alteration, answer: HttpAnswer, stand_ins: Mapping[str, str]) -> HttpAnswer | None:
    """Return the altered answer; None where there is nothing to alter."""
    if KINDS[alteration.kind].edit is not None:
        document = _read(answer.content)
        altered = alter_document(alteration, document) if document is not None else None
        return None if altered is None else answer.with_content(write(altered).encode())
    content = answer.content
    match alteration.kind:
        case "http-201" | "http-202" | "http-204":
            status = STATUSES[alteration.kind]
            return replace(answer, status=status, body=b"" if status == 204 else answer.body)
        case "content-type":
            return _with_header(answer, "Content-Type", "text/html; charset=utf-8")
        case "weight-removed" | "weight-renamed" | "weight-words":
            return _without_weight(alteration.kind, answer)
        case "body-empty":
            return answer.with_content(b"")
        case "html":
            return _with_header(answer.with_content(HTML), "Content-Type", "text/html")
        case "not-json":
            return answer.with_content(b"OK, " + content)
        case "truncated":
            return answer.with_content(_half(content))
        case "array-around":
            return answer.with_content(b"[" + content + b"]")
        case "error-in-place":
            return replace(answer.with_content(write(REFUSAL).encode()), status=400)
        case "error-with-200":
            return answer.with_content(write(REFUSAL).encode())
        case "success-in-place":
            stand_in = stand_ins.get(alteration.contract, "{}")
            return replace(answer.with_content(stand_in.encode()), status=200)
        case "error-status":
            return replace(answer, status=409)
    refusal = _read(content)
    if isinstance(refusal, Object) and alter_refusal(alteration.kind, refusal):
        return answer.with_content(write(refusal).encode())
    return None


def _half(content: bytes) -> bytes:
    """Return the first half, which is never a document of its own."""
    return content[: max(1, len(content) // 2)] if len(content) > 2 else b"{"


def _with_header(answer: HttpAnswer, name: str, value: str) -> HttpAnswer:
    headers = answer.headers.copy()
    headers[name] = value
    return replace(answer, headers=headers)


def _without_weight(kind: str, answer: HttpAnswer) -> HttpAnswer | None:
    headers = answer.headers.copy()
    names = [name for name in headers if name.upper().startswith(WEIGHT)]
    for name in names:
        value = headers.popall(name)[0]
        if kind == "weight-renamed":
            headers[f"{name}-Torture"] = value
        elif kind == "weight-words":
            headers[name] = "plenty"
    return replace(answer, headers=headers) if names else None


def alter_refusal(kind: str, refusal: Object) -> bool:
    """Alter a refusal (`code` and `msg`); return whether there was something to alter."""
    for pair in refusal:
        match kind, pair[0]:
            case "error-code", "code":
                pair[1] = Number("-31337")
                return True
            case "error-code-typed", "code":
                pair[1] = str(pair[1])
                return True
            case "error-text-removed", "msg":
                refusal.remove(pair)
                return True
            case "error-text-typed", "msg":
                pair[1] = Number("7")
                return True
    return False


# -- frames --------------------------------------------------------------------------------------------------------


def alter_frame(
    alteration: Alteration, frame: WsFrame, document: Any, stand_ins: Mapping[str, str]
) -> tuple[WsFrame, ...] | None:
    """Return what is sent in place of a frame; None where there is nothing to alter."""
    if KINDS[alteration.kind].edit is not None:
        return _with_payload(alteration, document)
    text = frame.data if isinstance(frame.data, str) else frame.data.decode("utf-8", "replace")
    match alteration.kind:
        case "not-json" | "command-not-json":
            return (WsFrame("OK, " + text),)
        case "truncated":
            return (WsFrame(_half(text.encode()).decode("utf-8", "ignore")),)
        case "array-around":
            return (WsFrame(f"[{text}]"),)
        case "binary" | "command-binary":
            return (WsFrame(text.encode()),)
        case "twice" | "message-twice":
            return (frame, frame)
        case "muted" | "command-unanswered":
            return ()
    altered = _altered_envelope(alteration, document, stand_ins)
    return None if altered is None else (WsFrame(write(altered)),)


def _with_payload(alteration: Alteration, document: Any) -> tuple[WsFrame, ...] | None:
    """Alter the payload of a frame, below its envelope."""
    step = next(iter(alteration.root), "")
    if alteration.bucket == "stream message" and isinstance(document, Object) and document.has("stream"):
        step = "data"
    if not step:
        altered = alter_document(alteration, document)
        return None if altered is None else (WsFrame(write(altered)),)
    for pair in document:
        if pair[0] == step:
            altered = alter_document(alteration, pair[1])
            if altered is None:
                return None
            pair[1] = altered
            return (WsFrame(write(document)),)
    return None


def _altered_envelope(alteration: Alteration, document: Any, stand_ins: Mapping[str, str]) -> Any | None:
    if alteration.bucket in {"stream message", "event message"}:
        return _altered_message(alteration, document)
    if not isinstance(document, Object):
        return None
    pairs = {pair[0]: pair for pair in document}
    refusal = document.value("error")
    if isinstance(refusal, Object) and alter_refusal(alteration.kind, refusal):
        return document
    if alteration.bucket.startswith("command"):
        return _altered_command(alteration.kind, document, pairs)
    match alteration.kind:
        case "id-foreign":
            pairs["id"][1] = FOREIGN_ID
        case "id-missing":
            document.remove(pairs["id"])
        case "id-null":
            pairs["id"][1] = None
        case "id-typed":
            value = pairs["id"][1]
            pairs["id"][1] = str(value) if isinstance(value, Number) else Object([["id", value]])
        case "status-changed":
            pairs["status"][1] = Number("201")
        case "error-status":
            pairs["status"][1] = Number("409")
        case "status-typed":
            pairs["status"][1] = "200"
        case "rate-limits-removed" if "rateLimits" in pairs:
            document.remove(pairs["rateLimits"])
        case "rate-limits-typed" if "rateLimits" in pairs and pairs["rateLimits"][1]:
            for limit in pairs["rateLimits"][1]:
                for pair in limit:
                    pair[1] = str(pair[1]) if pair[0] == "limit" else pair[1]
        case "result-renamed" if "result" in pairs:
            pairs["result"][0] = "results"
        case "envelope-extra":
            document.append([alteration.marker, Number("1")])
        case "error-in-place" | "error-with-200" if "result" in pairs:
            pairs["result"][:] = ["error", REFUSAL]
            pairs["status"][1] = Number("400" if alteration.kind == "error-in-place" else "200")
        case "success-in-place" if "error" in pairs:
            pairs["error"][:] = ["result", parse(stand_ins.get(alteration.contract, "{}"))]
            pairs["status"][1] = Number("200")
        case _:
            return None
    return document


def _altered_command(kind: str, document: Object, pairs: Mapping[str, list[Any]]) -> Any | None:
    match kind:
        case "command-refused":
            pairs["result"][:] = ["error", Object([["code", Number("2")], ["msg", "Invalid request"]])]
        case "command-other-id":
            pairs["id"][1] = Number("31337")
        case "command-result-typed":
            pairs["result"][1] = "yes" if pairs["result"][1] is None else Object([["value", pairs["result"][1]]])
        case "command-result-removed":
            document.remove(pairs["result"])
        case _:
            return None
    return document


def _altered_message(alteration: Alteration, document: Any) -> Any | None:
    wrapped = isinstance(document, Object) and document.has("stream") and document.has("data")
    match alteration.kind:
        case "envelope-renamed" if wrapped:
            for pair in document:
                pair[0] = {"stream": "streams", "data": "payload"}.get(pair[0], pair[0])
            return document
        case "stream-unknown" if wrapped:
            for pair in document:
                pair[1] = f"{alteration.marker}@trade" if pair[0] == "stream" else pair[1]
            return document
    payload = document.value("data") if wrapped else document
    events = payload if isinstance(payload, list) and not isinstance(payload, Object) else [payload]
    key, value = {"other-symbol": ("s", "TORTUSDT"), "other-event": ("e", alteration.marker)}.get(
        alteration.kind, ("", "")
    )
    changed = False
    for event in events:
        for pair in event if isinstance(event, Object) else ():
            if pair[0] == key and type_of(pair[1]) == "string":
                pair[1], changed = value, True
    return document if changed else None

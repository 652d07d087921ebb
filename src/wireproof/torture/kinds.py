"""What can be altered: kinds of alterations of documents, of envelopes and of the way messages come.

A kind says which places it fits, what it does there, and what a finding about it may be called. Nothing here knows
what is documented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.torture.documents import EACH, Number, Object, type_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.torture.documents import Path

    Fits = Callable[[Path, Any], bool]
    Edit = Callable[[Any, int, str], None]


@dataclass(frozen=True, slots=True)
class AlterationKind:
    """A kind of alteration.

    `fits` says of a path and its value whether it can be altered so; `edit` alters a holder at a position, where the
    marker is a word that nothing else sends. Once a path is chosen, every value there is altered that `meets`: the
    number that has no decimals today, too. `findings` are names of findings that report it. A kind without `edit`
    alters messages as a whole; `buckets` are those it is for: `surface success` and the like.
    """

    name: str
    findings: frozenset[str]
    fits: Fits | None = None
    edit: Edit | None = None
    buckets: frozenset[str] = frozenset()
    meets: Fits | None = None


KINDS: dict[str, AlterationKind] = {}

TYPE = frozenset(
    {"type-changed", "null-value", "format-changed", "value-changed", "undocumented-value", "error-answer"}
)
FORMAT = TYPE | {"undocumented-format"}
NAME = frozenset({"missing-field", "undocumented-field"})
WHOLE = frozenset({"unparseable", "protocol-violation", "type-changed", "missing-field", "error-answer"})
STATUS = frozenset({"status-changed", "error-answer", "protocol-violation", "unparseable", "type-changed"})
STREAM = frozenset({"undocumented-event", "protocol-violation", "silent-stream", "unparseable", "value-changed"})


def _values(name: str, findings: frozenset[str], fits: Fits, meets: Fits | None = None) -> Callable[[Edit], Edit]:
    def register(edit: Edit) -> Edit:
        KINDS[name] = AlterationKind(name, findings, fits, edit, meets=meets or fits)
        return edit

    return register


def _put(holder: Any, at: int, value: Any) -> None:
    if isinstance(holder, Object):
        holder[at][1] = value
    else:
        holder[at] = value


def _get(holder: Any, at: int) -> Any:
    return holder[at][1] if isinstance(holder, Object) else holder[at]


def _is(*types: str) -> Fits:
    return lambda _path, value: type_of(value) in types


def _is_field(path: Path, _value: Any) -> bool:
    return bool(path) and path[-1] != EACH


_DECIMAL = re.compile(r"-?\d+\.\d+")
_NUMERIC = re.compile(r"-?\d+(\.\d+)?")
_WORD = re.compile(r"[A-Za-z][A-Za-z_]*")
_MILLISECONDS = re.compile(r"1[4-9]\d{11}")


def _is_decimal(_path: Path, value: Any) -> bool:
    return type_of(value) == "string" and _DECIMAL.fullmatch(value) is not None


def _is_numeric(_path: Path, value: Any) -> bool:
    return type_of(value) == "string" and _NUMERIC.fullmatch(value) is not None


def _is_word(_path: Path, value: Any) -> bool:
    return type_of(value) == "string" and _WORD.fullmatch(value) is not None


def _is_time(_path: Path, value: Any) -> bool:
    return isinstance(value, Number) and _MILLISECONDS.fullmatch(value) is not None


def _is_whole(_path: Path, value: Any) -> bool:
    return isinstance(value, Number) and value.lstrip("-").isdigit()


# -- documents -----------------------------------------------------------------------------------------------------


@_values("removed", frozenset({"missing-field", "length-changed"}), _is_field)
def _remove(holder: Any, at: int, _marker: str) -> None:
    del holder[at]


@_values("renamed", NAME, _is_field)
def _rename(holder: Any, at: int, marker: str) -> None:
    holder[at][0] += f"_{marker}"


@_values("key-case", NAME, lambda path, _value: _is_field(path, None) and path[-1].swapcase() != path[-1])
def _swap_case(holder: Any, at: int, _marker: str) -> None:
    other = holder[at][0].swapcase()
    holder[at][0] = other if not holder.has(other) else f"{other}{other}"


@_values("duplicate-key", frozenset({"repeated-key"}), _is_field)
def _repeat(holder: Any, at: int, _marker: str) -> None:
    holder.insert(at, [*holder[at]])


@_values("extra", frozenset({"undocumented-field"}), _is("object"))
def _add(holder: Any, at: int, marker: str) -> None:
    _get(holder, at).append([marker, Number("1")])


@_values("null", TYPE | {"missing-field"}, lambda path, value: bool(path) and value is not None)
def _null(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, None)


@_values("number-to-string", TYPE, _is("number"))
def _quote(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, str(_get(holder, at)))


@_values("decimal-to-number", TYPE, _is_decimal, _is_numeric)
def _unquote(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Number(_get(holder, at)))


@_values("boolean-to-string", TYPE, _is("boolean"))
def _quote_boolean(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, "true" if _get(holder, at) else "false")


@_values("boolean-to-number", TYPE, _is("boolean"))
def _number_boolean(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Number("1" if _get(holder, at) else "0"))


@_values("text-to-number", TYPE, lambda _path, value: type_of(value) == "string" and not _DECIMAL.fullmatch(value))
def _number_text(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Number("7"))


@_values("scalar-to-object", TYPE, _is("string", "number", "boolean"))
def _wrap_object(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Object([["value", _get(holder, at)]]))


@_values("scalar-to-array", TYPE, _is("string", "number", "boolean"))
def _wrap_array(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, [_get(holder, at)])


@_values("object-to-array", TYPE, _is("object"))
def _wrap_whole(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, [_get(holder, at)])


@_values("object-to-text", TYPE, _is("object"))
def _flatten(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, "")


@_values("array-to-object", TYPE, _is("array"))
def _index(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Object([[str(place), one] for place, one in enumerate(_get(holder, at))]))


@_values("array-emptied", TYPE | {"length-changed"}, lambda _path, value: type_of(value) == "array" and bool(value))
def _empty(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, [])


@_values("array-wrapped", TYPE | {"undocumented-element", "length-changed"}, _is("array"))
def _wrap_list(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, [_get(holder, at)])


@_values("element-nested", TYPE, lambda path, _value: bool(path) and path[-1] == EACH)
def _nest(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, [_get(holder, at)])


@_values("word", frozenset({"undocumented-value", "value-changed", "format-changed", "error-answer"}), _is_word)
def _replace_word(holder: Any, at: int, marker: str) -> None:
    _put(holder, at, marker.upper())


@_values(
    "code",
    frozenset({"undocumented-value", "value-changed", "error-answer", "error-code-changed"}),
    lambda path, value: bool(path) and path[-1] == "code" and isinstance(value, Number),
)
def _replace_code(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Number("-31337"))


@_values("exponent", FORMAT, _is_decimal, _is_numeric)
def _exponent(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, f"{float(_get(holder, at)):E}")


@_values("empty-text", FORMAT, _is_decimal, _is_numeric)
def _blank(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, "")


@_values("comma", FORMAT, _is_decimal, _is_numeric)
def _comma(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, f"{_get(holder, at)}.0".replace(".", ",", 1))


@_values("not-a-number", FORMAT, _is_decimal, _is_numeric)
def _nan(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, "NaN")


@_values("fraction", FORMAT, _is_whole)
def _fraction(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Number(f"{_get(holder, at)}.5"))


@_values("seconds", FORMAT, _is_time)
def _seconds(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Number(_get(holder, at)[:10]))


@_values("microseconds", FORMAT, _is_time)
def _microseconds(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Number(f"{_get(holder, at)}000"))


@_values("date-text", FORMAT, _is_time)
def _date(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, "2026-01-02T03:04:05Z")


@_values("negative-time", FORMAT, _is_time)
def _negative(holder: Any, at: int, _marker: str) -> None:
    _put(holder, at, Number(f"-{_get(holder, at)}"))


@_values("sign", FORMAT, lambda path, value: _is_decimal(path, value) and value.strip("0.-") != "")
def _sign(holder: Any, at: int, _marker: str) -> None:
    value = _get(holder, at)
    _put(holder, at, value[1:] if value.startswith("-") else f"-{value}")


# -- messages as a whole -------------------------------------------------------------------------------------------


def _messages(names: str, findings: frozenset[str], *buckets: str) -> None:
    for name in names.split():
        KINDS[name] = AlterationKind(name, findings, buckets=frozenset(buckets))


_messages("not-json truncated", WHOLE, "rest success", "ws-api success", "stream message", "event message")
_messages("array-around", WHOLE, "rest success", "ws-api success", "stream message", "event message")
_messages("binary", WHOLE, "ws-api success", "ws-api error", "stream message", "event message")
_messages("error-in-place", STATUS | {"missing-field", "undocumented-field"}, "rest success", "ws-api success")
_messages("error-with-200", STATUS | {"missing-field", "undocumented-field"}, "rest success", "ws-api success")
_messages(
    "success-in-place",
    STATUS | {"missing-field", "error-code-changed", "undocumented-field"},
    "rest error",
    "ws-api error",
)
_messages(
    "error-code", STATUS | {"error-code-changed", "undocumented-value"}, "rest error", "ws-api error", "command error"
)
_messages("error-code-typed", STATUS | {"error-code-changed"}, "rest error", "ws-api error", "command error")
_messages("error-text-removed", STATUS | NAME, "rest error", "ws-api error", "command error")
_messages("error-text-typed", STATUS, "rest error", "ws-api error", "command error")
_messages("error-status", STATUS, "rest error", "ws-api error")

_ID = frozenset({"protocol-violation", "type-changed", "missing-field", "null-value", "undocumented-field"})
_messages("id-foreign id-missing id-null id-typed", _ID, "ws-api success", "ws-api error")
_messages("status-changed status-typed", STATUS | FORMAT, "ws-api success")
_messages("rate-limits-removed", NAME, "ws-api success", "ws-api error")
_messages("rate-limits-typed", TYPE, "ws-api success")
_messages("result-renamed", NAME, "ws-api success")
_messages("envelope-extra", NAME, "ws-api success")
_messages("twice", frozenset({"protocol-violation", "repeated-key", "unparseable"}), "ws-api success", "ws-api error")

_messages("http-201 http-202 http-204", STATUS, "rest success")
_messages("content-type", frozenset({"protocol-violation", "header-changed", "unparseable"}), "rest success")
_messages(
    "weight-removed weight-renamed weight-words",
    frozenset({"protocol-violation", "header-changed", "missing-field"}),
    "rest success",
)
_messages("body-empty html", WHOLE, "rest success")

_messages("envelope-renamed stream-unknown", STREAM, "stream message")
_messages("other-symbol", STREAM | TYPE, "stream message")
_messages("other-event", STREAM, "stream message", "event message")
_messages("message-twice swapped", frozenset({"protocol-violation"}), "stream message", "event message")
_messages("dropped", frozenset({"protocol-violation", "silent-stream"}), "stream message")
_messages("muted", frozenset({"protocol-violation", "silent-stream"}), "stream message", "event message")

_COMMAND = frozenset(
    {"protocol-violation", "error-answer", "missing-field", "type-changed", "undocumented-field", "value-changed"}
)
_messages(
    "command-refused command-unanswered command-other-id command-result-typed command-result-removed",
    _COMMAND | {"silent-stream", "unparseable"},
    "command success",
)
_messages("command-binary command-not-json", _COMMAND | {"unparseable", "undocumented-event"}, "command success")


#: Places where only documents are altered: `rest success` and its like.
PAYLOADS = frozenset({"rest success", "ws-api success", "stream message", "event message"})

"""The process that a client's decoder runs in: it may raise, print, hang or crash without harm to who asks.

A line of JSON comes for each answer, and a line goes back: what was raised, or what the decoded object shows. What the
client prints goes to stderr.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import enum
import importlib
import inspect
import os
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_LEVELS = 40
_MOST_VALUES = 200_000

#: Names of parameters that say in which form an answer is wanted.
_BYTES = frozenset({"raw", "body", "content", "buf", "buffer", "payload_bytes"})
_TEXT = frozenset({"s", "text", "string", "line", "json_str", "msg", "message"})


class ToDecode(Struct):
    """An answer for the decoder; the body is base64 of what came."""

    number: int
    contract: str
    body: str
    show: bool = False  # whether the values of the decoded object are wanted


class DecodedAnswer(Struct):
    """What became of an answer: an error, or what the decoder made of it."""

    number: int
    error: str = ""  # of what was raised, with its type
    made: str = ""  # the class of what was made, through wrappers of one of several
    is_raw: bool = False  # whether that is a dictionary, a list, a scalar or nothing
    values: list[str] = msgspec.field(default_factory=list)


def decoder_of(name: str) -> Callable[..., Any]:
    """Return the function `package.module:function`, or the decoder of an official SDK, whose name stands alone.

    Raises LookupError with a sentence where there is none.
    """
    module, _, function = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # it is other people's code
        raise LookupError(f"{module} cannot be imported: {type(error).__name__}: {error}.") from None
    if not function:
        from wireproof.manifest.official_decoder import official_decoder  # noqa: PLC0415  # reads every contract

        return official_decoder(found)
    for part in function.split("."):
        if not hasattr(found, part):
            raise LookupError(f"{module} has no {function!r}.")
        found = getattr(found, part)
    if not callable(found):
        raise LookupError(f"{name} is no function.")  # noqa: TRY004  # of the name, like the others
    result: Callable[..., Any] = found
    return result


def adapted(function: Callable[..., Any], takes: str = "") -> Callable[[bytes, str], Any]:
    """Return a function of body and contract that calls a decoder as it wants to be called.

    Whether it takes bytes, text or the decoded document says `takes`, else the annotation of its first parameter, else
    its name. A second parameter without a default, or one that is called `contract`, gets the id of the contract.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    positional = [one for one in parameters if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}]
    takes = takes or (_form(positional[0]) if positional else "dict")
    second = next(
        (one for one in positional[1:] if one.default is one.empty or one.name in {"contract", "contract_id"}), None
    )

    def call(body: bytes, contract: str) -> Any:
        given = body if takes == "bytes" else body.decode() if takes == "str" else msgspec.json.decode(body)
        made = function(given, contract) if second is not None else function(given)
        return asyncio.run(made) if inspect.iscoroutine(made) else made

    return call


def _form(parameter: inspect.Parameter) -> str:
    said = parameter.annotation
    name = said if isinstance(said, str) else getattr(said, "__name__", str(said))
    for word, form in (("bytes", "bytes"), ("str", "str"), ("dict", "dict"), ("list", "dict")):
        if name == word or name.startswith((f"{word} |", f"{word}[")):
            return form
    if parameter.name in _BYTES:
        return "bytes"
    return "str" if parameter.name in _TEXT else "dict"


def made_of(value: Any) -> tuple[str, bool]:
    """Return the name of a decoded object's class, and whether it is raw; wrappers of one of several show that."""
    while hasattr(value, "actual_instance"):
        value = value.actual_instance
    if isinstance(value, list | tuple) and value and not hasattr(value, "_fields"):
        name, is_raw = made_of(value[0])
        return f"list of {name}", is_raw
    is_raw = value is None or type(value) in {dict, list, tuple, str, bytes, int, float, bool}
    return type(value).__name__, is_raw


def values_in(value: Any, level: int = 0, seen: set[int] | None = None) -> Iterator[str]:
    """Yield every scalar that a decoded object shows anywhere in it, as `normal` has it."""
    seen = set() if seen is None else seen
    if level > _MOST_LEVELS or value is None or isinstance(value, bool):
        return
    if isinstance(value, enum.Enum):
        yield from values_in(value.value, level + 1, seen)
        return
    if isinstance(value, datetime):
        yield normal(round(value.timestamp() * 1000))
        return
    if isinstance(value, str | int | float | date) or type(value).__name__ == "Decimal":
        yield normal(value)
        return
    if isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
        return
    if id(value) in seen or len(seen) > _MOST_VALUES:
        return
    seen.add(id(value))
    for inner in _inside(value):
        yield from values_in(inner, level + 1, seen)


def normal(value: Any) -> str:
    """Return a value as text that is the same for each type that a client may make of it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if "." in text and text.replace(".", "", 1).lstrip("-").isdecimal():
        text = text.rstrip("0").rstrip(".")
    return text


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from dict.values(value)
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    else:
        yield from getattr(value, "__dict__", {}).values()
        extra = getattr(value, "__pydantic_extra__", None)
        yield from extra.values() if isinstance(extra, dict) else ()
        fields = getattr(value, "__struct_fields__", ())
        yield from (getattr(value, name) for name in fields if isinstance(fields, tuple))
        for base in type(value).__mro__:
            slots = base.__dict__.get("__slots__", ())
            names = (slots,) if isinstance(slots, str) else slots if isinstance(slots, tuple | list) else ()
            for name in (one for one in names if not fields and not one.startswith("__")):
                with contextlib.suppress(AttributeError):
                    yield getattr(value, name)


def serve(decoders: dict[str, str], takes: str) -> None:
    """Answer each line of stdin with a line; `decoders` are functions by contract, with `` the one for all others."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the client prints is no answer
    try:
        found = {contract: adapted(decoder_of(name), takes) for contract, name in decoders.items()}
    except LookupError as error:
        _say(answers, DecodedAnswer(number=-1, error=str(error)))
        return
    _say(answers, DecodedAnswer(number=0))
    for line in sys.stdin.buffer:
        one = msgspec.json.decode(line, type=ToDecode)
        decode = found.get(one.contract) or found.get("")
        if decode is not None:
            _say(answers, _decoded(one, decode))


def _say(answers: Any, said: DecodedAnswer) -> None:
    answers.write(msgspec.json.encode(said) + b"\n")
    answers.flush()


def _decoded(one: ToDecode, decode: Callable[[bytes, str], Any]) -> DecodedAnswer:
    try:
        made = decode(base64.b64decode(one.body), one.contract)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # that is what is looked for
        said = " ".join(str(error).split())
        return DecodedAnswer(number=one.number, error=f"{type(error).__name__}: {said[:300]}")
    name, is_raw = made_of(made)
    values = sorted(set(values_in(made))) if one.show else []
    return DecodedAnswer(number=one.number, made=name, is_raw=is_raw, values=values)


if __name__ == "__main__":
    sys.path[:0] = msgspec.json.decode(sys.argv[2])
    serve(msgspec.json.decode(sys.argv[1]), sys.argv[3])

"""The process of a decoder: how it calls one, and what an object that it made shows."""

from __future__ import annotations

import dataclasses
import enum
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import pytest
from pydantic import BaseModel, ConfigDict

from wireproof.manifest.decoder_process import adapted, decoder_of, made_of, values_in

BODY = b'{"a": 1}'


def by_bytes(raw: bytes) -> Any:
    return raw


def by_text(x: str, contract: str) -> Any:
    return x, contract


def by_name(body):
    return body


def by_message(message):
    return message


def by_document(data):
    return data


def with_default(data: dict[str, Any], strict=True):
    return data, strict


async def later(data):
    return data


@pytest.mark.parametrize(
    ("function", "takes", "made"),
    [
        (by_bytes, "", BODY),
        (by_text, "", (BODY.decode(), "c")),
        (by_name, "", BODY),
        (by_message, "", BODY.decode()),
        (by_document, "", {"a": 1}),
        (by_document, "str", BODY.decode()),
        (with_default, "", ({"a": 1}, True)),
        (later, "", {"a": 1}),
        (msgspec.json.decode, "bytes", {"a": 1}),
    ],
)
def test_a_decoder_is_called_as_it_wants(function, takes, made):
    assert adapted(function, takes)(BODY, "c") == made


@pytest.mark.parametrize("name", ["nowhere_at_all:x", "json:nothing", "json:JSONDecodeError.__doc__"])
def test_what_is_no_decoder_is_a_sentence(name):
    with pytest.raises(LookupError):
        decoder_of(name)


class Word(enum.Enum):
    """Has one word."""

    A = "word-a"


class Row(NamedTuple):
    """Has one position."""

    x: int


@dataclasses.dataclass
class Plain:
    """Has a __dict__."""

    inner: Any


@dataclasses.dataclass(slots=True)
class Slotted:
    """Has slots."""

    inner: Any


class Made(msgspec.Struct):
    """Has fields of its own kind."""

    inner: Any


class Model(BaseModel):
    """Keeps what it does not know."""

    model_config = ConfigDict(extra="allow")
    inner: Any


@pytest.mark.parametrize("kind", [Plain, Slotted, Made])
def test_every_value_of_an_object_is_found(kind):
    held = kind([{"k": Word.A}, Row(7), Decimal("1.50"), 2.0, None, True, kind("deep"), b"raw"])
    assert set(values_in(held)) == {"word-a", "7", "1.5", "2", "deep", "raw"}


def test_extra_fields_times_and_circles_are_found_too():
    loop = SimpleNamespace(x=1)
    loop.self = loop
    at = datetime.fromtimestamp(1_700_000_000.123, UTC)
    assert set(values_in([Model(inner=1, other="extra"), loop, at])) == {"1", "extra", "1700000000123"}


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ({}, ("dict", True)),
        (None, ("NoneType", True)),
        ([Made(1)], ("list of Made", False)),
        ([], ("list", True)),
        (SimpleNamespace(actual_instance=Made(1)), ("Made", False)),
        (SimpleNamespace(actual_instance={"e": "x"}), ("dict", True)),
        (Row(1), ("Row", False)),
    ],
)
def test_what_was_made_has_a_name(value, made):
    assert made_of(value) == made

"""What a client reads, from each kind of model class."""

from __future__ import annotations

import collections
import dataclasses
import enum
from typing import Any, Literal, NamedTuple

import client_models
import msgspec
import pytest
from client_models import EVERY
from msgspec.structs import replace
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StrictInt

from wireproof.manifest.client_manifest import ClientName, ContractUse, Manifest, Strictness, manifest_json
from wireproof.manifest.reflection import Reflection


def reads_of(model, **kept):
    """Return the reads of a model by path, and the rules that it states."""
    reflection = Reflection()
    return {one.path: one for one in reflection.reads(model)}, reflection.models


def manifest_of(model):
    """Return the manifest of an order, with one name for each class and field whatever library has it."""
    reflection = Reflection()
    names = {"order_id": "orderId"}
    reads = []
    for one in reflection.reads(model):
        parts = [names.get(part, part) for part in one.by.split(".")]
        at = next(number for number, part in enumerate(parts) if part in {"Order", "Fill"})
        reads.append(replace(one, by=".".join(parts[at:]), model=one.model.rpartition(".")[2]))
    made = Manifest(client=ClientName(name="c"), models=reflection.models, contracts={"x": ContractUse(reads=reads)})
    return manifest_json(made)


@pytest.mark.parametrize("model", EVERY, ids=["pydantic", "msgspec", "dataclass", "attrs", "TypedDict"])
def test_each_library_reads_the_same_class_alike(model):
    assert manifest_of(model) == manifest_of(client_models.Msgspec.Order)


def test_an_order_is_read_by_its_names_on_the_wire():
    found, rules = reads_of(client_models.Msgspec.Order)
    assert list(found) == [
        *("", "orderId", "side", "status", "price", "rate", "fills", "fills[]", "fills[].price", "fills[].qty"),
        *("extra", "extra.*", "anything.**"),
    ]
    assert rules == {}
    said = {path: (one.required, one.nullable, one.kinds, one.enum, one.enums) for path, one in found.items()}
    assert said["orderId"] == (True, False, ("integer",), (), "")
    assert said["side"] == (True, False, ("string",), ("BUY", "SELL"), "closed")
    assert said["price"] == (True, True, ("string",), (), "")
    assert said["fills"] == (False, False, ("array",), (), "")
    assert said["fills[].price"] == (True, False, ("decimal", "integer", "number"), (), "")
    assert said["anything.**"] == (False, True, (), (), "")
    assert found["fills[]"].model == "client_models.Msgspec.Fill"
    assert found["orderId"].by == "client_models.Msgspec.Order.order_id"


class OpenWord(enum.Enum):
    """Has a word for those that it does not know."""

    NEW = "NEW"

    @classmethod
    def _missing_(cls, value: object) -> OpenWord:  # noqa: ARG003
        return cls.NEW


class Lax(BaseModel):
    """Converts numbers, takes one of two names, refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")
    price: float = Field(validation_alias=AliasChoices("p", "price"))
    word: OpenWord
    either: Literal["A"] | str  # noqa: PYI051  # which is how people say that more words may come


class StrictByField(BaseModel):
    """Says at its fields that it converts nothing."""

    number: StrictInt


def test_what_a_library_says_of_strictness_is_taken_over():
    found, rules = reads_of(Lax)
    assert rules[f"{__name__}.Lax"] == Strictness(unknown_fields="refused", numbers="any")
    assert {path: one.required for path, one in found.items()} == {
        "": True,
        "p": False,  # one of two names will do
        "price": False,
        "word": True,
        "either": True,
    }
    assert (found["word"].enums, found["either"].enums) == ("open", "open")
    assert reads_of(StrictByField)[1] == {}


class Share(enum.Enum):
    """Numbers with a fraction for words."""

    HALF, WHOLE = 0.5, 1


def test_words_that_are_numbers_are_read_as_numbers():
    [read] = Reflection().reads(Share)
    assert (read.kinds, read.enum) == (("integer", "number"), ("0.5", "1"))


class Row(NamedTuple):
    """A row that is read by position."""

    time: int
    price: str


class Refusing(msgspec.Struct, forbid_unknown_fields=True, tag_field="e", tag="trade"):
    """Is told by a tag, and holds itself."""

    row: tuple[int, str]
    rows: list[Row]
    below: Refusing | None = None


class Other(msgspec.Struct, tag_field="e", tag="other"):
    """Has the other tag."""

    row: tuple[int, str]
    only: int


def test_tuples_tags_and_classes_that_hold_themselves():
    found, rules = reads_of(Refusing)
    assert rules == {f"{__name__}.Refusing": Strictness(unknown_fields="refused")}
    assert (found["e"].enum, found["row"].unknown_fields, found["row[1]"].kinds) == (("trade",), "refused", ("string",))
    assert (found["rows[]"].kinds, found["rows[][1]"].kinds) == (("array",), ("string",))
    assert (found["below.**"].kinds, found["below.**"].nullable) == (("object",), True)


def test_of_a_union_only_what_all_of_it_require_is_required():
    found = Reflection().reads(list[Refusing | Other])
    by = {(one.path, one.by.rpartition(".")[2]): one.required for one in found if one.path.startswith("[].")}
    assert by["[].only", "only"] is False
    assert by["[].row", "row"] is False  # each of its own class


@pytest.mark.parametrize("kind", [object(), 7, collections.OrderedDict, type("Own", (), {})])
def test_what_nothing_is_known_about_is_read_whole(kind):
    assert [one.path for one in Reflection().reads(kind)] in (["**"], ["", "*.**"])


def test_annotations_for_type_checkers_alone_do_not_stop_it():
    made = dataclasses.make_dataclass("Made", [("a", "Nowhere"), ("b", Any)])
    assert {one.path for one in Reflection().reads(made)} == {"", "a.**", "b.**"}

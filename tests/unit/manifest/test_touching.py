"""What each kind of difference does to a client: told at what it reads, above it and below it, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_results import Results

from wireproof.drift.finding import Kind
from wireproof.manifest.client_manifest import ClientName, ContractUse, Manifest, ReadPath, Strictness
from wireproof.manifest.touching import _AT_PATHS, Effect, touched

READS = (
    ReadPath(path="", by="m.Order", model="m.Order", required=True, kinds=("object",)),
    ReadPath(path="price", by="m.Order.price", required=True, kinds=("string",)),
    ReadPath(path="qty", by="m.Order.qty", kinds=("decimal",), nullable=True),
    ReadPath(path="rate", by="m.Order.rate", required=True, kinds=("integer", "number")),
    ReadPath(path="side", by="m.Order.side", required=True, kinds=("string",), enum=("BUY", "SELL"), enums="closed"),
    ReadPath(path="type", by="m.Order.type", required=True, kinds=("string",), enum=("LIMIT",), enums="open"),
    ReadPath(path="info", by="m.Order.info", model="m.Info", required=True, kinds=("object",)),
    ReadPath(path="info.time", by="m.Info.time", required=True, kinds=("integer",)),
    ReadPath(path="rows[]", by="m.Order.rows", kinds=("array",), unknown_fields="refused"),
    ReadPath(path="rows[][4]", by="m.Order.rows", kinds=("string",)),
    ReadPath(path="raw.**", by="m.Order.raw", nullable=True),
)


def manifest(*reads, **more):
    return Manifest(client=ClientName(name="c"), contracts={"x": ContractUse(reads=reads)}, **more)


def effects(path, kind, *, reads=READS, refusal=False, client=None, **fields):
    """Return what a finding does, by the paths that are touched."""
    client = client or manifest(*reads)
    found = touched(Results().finding(path, kind, **fields), client.contracts["x"], client, refusal=refusal)
    return {one.path: one.effect.value for one in found}


@pytest.mark.parametrize(
    ("path", "kind", "fields", "expected"),
    [
        ("price", Kind.MISSING_FIELD, {}, {"price": "breaking"}),
        ("qty", Kind.MISSING_FIELD, {}, {"qty": "risky"}),
        ("other", Kind.MISSING_FIELD, {}, {}),
        ("info", Kind.MISSING_FIELD, {}, {"info": "breaking", "info.time": "breaking"}),
        ("info.other", Kind.MISSING_FIELD, {}, {}),
        ("raw.deep.x", Kind.MISSING_FIELD, {}, {"raw.**": "risky"}),
        ("price", Kind.NULL_VALUE, {}, {"price": "breaking"}),
        ("qty", Kind.NULL_VALUE, {}, {"qty": "tolerated"}),
        ("info", Kind.NULL_VALUE, {}, {"info": "breaking", "info.time": "breaking"}),
        ("price", Kind.TYPE_CHANGED, {"actual": "number"}, {"price": "breaking"}),
        ("price", Kind.TYPE_CHANGED, {"actual": "decimal string"}, {"price": "tolerated"}),
        ("rate", Kind.TYPE_CHANGED, {"actual": "integer"}, {"rate": "tolerated"}),
        ("rate", Kind.TYPE_CHANGED, {"actual": "integer or decimal string"}, {"rate": "breaking"}),
        ("rate", Kind.TYPE_CHANGED, {"actual": "a word of tomorrow"}, {"rate": "breaking"}),
        ("raw", Kind.TYPE_CHANGED, {"actual": "array"}, {"raw.**": "risky"}),
        ("qty", Kind.FORMAT_CHANGED, {"actual": "string"}, {"qty": "breaking"}),
        ("price", Kind.FORMAT_CHANGED, {"actual": "string"}, {"price": "risky"}),
        ("info.time", Kind.FORMAT_CHANGED, {"actual": "integer of 10 digits"}, {"info.time": "breaking"}),
        ("qty", Kind.UNDOCUMENTED_FORMAT, {"actual": "decimal string with an exponent"}, {"qty": "risky"}),
        ("side", Kind.UNDOCUMENTED_VALUE, {"value": "BOTH"}, {"side": "breaking"}),
        ("side", Kind.UNDOCUMENTED_VALUE, {"value": "BUY"}, {"side": "tolerated"}),
        ("type", Kind.UNDOCUMENTED_VALUE, {"value": "TWAP"}, {"type": "risky"}),
        ("price", Kind.UNDOCUMENTED_VALUE, {"value": "x"}, {"price": "risky"}),
        ("price", Kind.VALUE_CHANGED, {"value": "x"}, {"price": "breaking"}),
        ("type", Kind.VALUE_CHANGED, {"value": "x"}, {"type": "risky"}),
        ("price", Kind.REPEATED_KEY, {}, {"price": "breaking"}),
        ("price", Kind.UNDOCUMENTED_FIELD, {"actual": "undocumented field, string"}, {"price": "tolerated"}),
        ("new", Kind.UNDOCUMENTED_FIELD, {"actual": "undocumented field, string"}, {}),
        ("rows[]", Kind.LENGTH_CHANGED, {"actual": "4 elements"}, {"rows[]": "risky", "rows[][4]": "breaking"}),
        ("rows[]", Kind.LENGTH_CHANGED, {"actual": "5 elements"}, {"rows[]": "risky"}),
        ("rows[][]", Kind.UNDOCUMENTED_ELEMENT, {}, {"rows[]": "breaking", "rows[][4]": "tolerated"}),
    ],
)
def test_a_difference_at_a_path(path, kind, fields, expected):
    assert effects(path, kind, **fields) == expected


@pytest.mark.parametrize(
    ("rule", "actual", "expected"),
    [
        ("any", "number", "tolerated"),
        ("any", "decimal string", "tolerated"),
        ("any", "string", "breaking"),
        ("float", "integer", "tolerated"),
        ("float", "decimal string", "breaking"),
        ("integer", "integer", "tolerated"),
        ("integer", "number", "breaking"),
        ("decimal-string", "decimal string", "tolerated"),
        ("decimal-string", "number", "breaking"),
        ("declared", "decimal string", "breaking"),
    ],
)
def test_a_number_is_taken_by_the_clients_rule(rule, actual, expected):
    client = manifest(*READS, models={"m.Order": Strictness(numbers=rule)})
    assert effects("rate", Kind.TYPE_CHANGED, client=client, actual=actual) == {"rate": expected}


def test_an_unknown_field_breaks_who_refuses_it():
    client = manifest(*READS, strictness=Strictness(unknown_fields="refused"))
    found = {"actual": "undocumented field, string", "client": client}
    assert effects("new", Kind.UNDOCUMENTED_FIELD, **found) == {"": "breaking"}
    assert effects("info.new", Kind.UNDOCUMENTED_FIELD, **found) == {"info": "breaking"}
    assert effects("price", Kind.UNDOCUMENTED_FIELD, **found) == {"price": "tolerated"}
    assert effects("other.new", Kind.UNDOCUMENTED_FIELD, **found) == {}
    own = manifest(*READS, models={"m.Info": Strictness(unknown_fields="refused")})
    assert effects("new", Kind.UNDOCUMENTED_FIELD, client=own) == {}
    assert effects("info.new", Kind.UNDOCUMENTED_FIELD, client=own) == {"info": "breaking"}


def test_how_a_refusal_looks_every_client_reads():
    assert effects("code", Kind.TYPE_CHANGED, refusal=True) == {"": "risky"}
    assert effects("error.msg", Kind.MISSING_FIELD, refusal=True) == {"": "risky"}
    assert effects("other", Kind.MISSING_FIELD, refusal=True) == {}
    assert effects("", Kind.STATUS_CHANGED, refusal=True) == {"": "risky"}
    assert effects("", Kind.STATUS_CHANGED) == {"": "breaking"}


@pytest.mark.parametrize("kind", [Kind.ERROR_ANSWER, Kind.SILENT_STREAM, Kind.PROTOCOL_VIOLATION, Kind.UNPARSEABLE])
def test_what_leaves_nothing_to_read_breaks_every_client_of_the_contract(kind):
    assert effects("", kind, reads=()) == {"": "breaking"}


KEYS = st.sampled_from(["a", "b", "c", "d.e"])
PATHS = st.lists(st.one_of(KEYS.map(lambda key: f".{key}"), st.just("[]")), min_size=1, max_size=4).map(
    lambda steps: "".join(steps).removeprefix(".")
)


@given(read=PATHS, other=PATHS, kind=st.sampled_from(sorted(Kind)))
def test_every_kind_at_a_path_that_is_read_is_said_and_at_others_not(read, other, kind):
    """Whatever is read: at it and above it each kind is told, beside it only what touches the contract as a whole."""
    client = (ReadPath(path=read, by="m.C.f", required=True, kinds=("string",)),)
    assert effects(read, kind, reads=client)
    assert effects(f"beside.{read}", kind, reads=client).keys() == (set() if kind in _AT_PATHS else {""})
    is_around = f"{read}.".startswith(f"{other}.") or read.startswith(f"{other}[")
    if kind in {Kind.MISSING_FIELD, Kind.TYPE_CHANGED, Kind.NULL_VALUE}:
        assert bool(effects(other, kind, reads=client)) == is_around


def test_effects_are_ordered():
    assert [one.rank for one in Effect] == [0, 1, 2]

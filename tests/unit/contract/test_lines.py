"""An error about a file names the line of what is wrong, however deep it stands."""

from __future__ import annotations

import json

import msgspec
import pytest
from msgspec import Struct

from wireproof.contract.lines import line_of, line_of_fault


class _Inner(Struct, forbid_unknown_fields=True):
    number: int
    named: dict[str, int] = {}


class _Outer(Struct, forbid_unknown_fields=True):
    items: tuple[_Inner, ...] | str
    strange: int | None = msgspec.field(default=None, name="except")
    listed: list[_Inner] = []


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ({"items": [{"number": 1}, {"number": "x"}]}, 7),
        ({"items": [{"number": 1}, {"number": 2, "nuber": 3}]}, 8),
        ({"items": [{"number": 1, "named": {"a": 1, "b{": 2, "c": []}}]}, 8),
        ({"items": [{"number": 1}], "except": "x"}, 7),
        ({"items": [{"named": {}}]}, 3),
        ({"items": 5}, 2),
        ({"except": 1, "strange": 1, "items": "x"}, 3),
        ({"items": "x", "listed": [{"number": 1}, {"number": 1, "nmubre": 1}]}, 9),
        ([], 1),
    ],
)
def test_the_line_is_that_of_the_innermost_fault(document, line):
    text = json.dumps(document, indent=2)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text.encode(), type=_Outer)
    assert line_of_fault(text, _Outer) == line


def test_a_missing_key_is_named_where_its_object_begins():
    assert line_of_fault('\n\n{"items": [\n{"number": 1},\n{}]}', _Outer) == 5


@pytest.mark.parametrize(("steps", "line"), [((), 1), (("a",), 2), (("b", 1), 5), (("b", 1, "c"), 5), (("x", 1), 1)])
def test_the_line_of_a_place(steps, line):
    assert line_of('{\n"a": "b, [",\n"b": [\n1,\n{"c": 2}\n]\n}', *steps) == line

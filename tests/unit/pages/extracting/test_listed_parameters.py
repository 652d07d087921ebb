"""Lists of parameters as tables: in one line, with attributes below, and what is no such list."""

from __future__ import annotations

import pytest

from wireproof.pages.extracting.listed_parameters import table_of

SYMBOL = ("symbol", "STRING", "YES", "The symbol")


@pytest.mark.parametrize(
    "items",
    [
        ("symbol (STRING, mandatory): The symbol",),
        ("symbol: string, required: The symbol",),
        ("`symbol` — STRING — YES: The symbol",),
        ("symbol", "Type: STRING", "Mandatory: YES", "Description: The symbol"),
        ("symbol", "Data type: `string`", "Optional: no", "Notes: The symbol"),
    ],
)
def test_a_parameter_is_read_however_it_is_listed(items):
    table = table_of(items)
    assert table is not None
    assert table.rows == (SYMBOL,)


def test_an_optional_one_and_a_note_below():
    table = table_of(("limit (int, optional): Default 100", "no more than 1000 in all", "a (LONG, not required): x"))
    assert table is not None
    assert table.rows == (
        ("limit", "INT", "NO", "Default 100 no more than 1000 in all"),
        ("a", "LONG", "NO", "x"),
    )


@pytest.mark.parametrize("items", [(), ("symbol: which one",), ("1. first",), ("symbol", "limit")])
def test_what_has_no_types_is_no_list_of_parameters(items):
    assert table_of(items) is None

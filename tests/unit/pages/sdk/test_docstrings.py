"""Docstrings of methods: what they say, in whatever indentation."""

from __future__ import annotations

from wireproof.contract.model import Security
from wireproof.pages.sdk.docstrings import read_docstring

TEXT = """
                New Order (TRADE)
                POST /fapi/v1/order
                https://developers.binance.com/en/docs/new-order

                Send in a new [order](https://example.com/x). It is *sent* at once.

        Weight: - **1** for a single symbol
        - **40** when the symbol parameter is omitted

        Security Type: TRADE

        Notes:
        - One thing.
        - Another thing;

                Args:
                    symbol (Union[str, None]): The symbol
                    limit (Optional[int] = None): Default 100;
                        max 1000

                Returns:
                    ApiResponse[X]
"""


def test_each_part_is_found():
    said = read_docstring(TEXT)
    assert (said.title, said.url, said.security) == (
        "New Order",
        "https://developers.binance.com/en/docs/new-order",
        Security.TRADE,
    )
    assert said.weight == "1 for a single symbol; 40 when the symbol parameter is omitted"
    assert said.params == {"symbol": "The symbol", "limit": "Default 100; max 1000"}
    assert said.words == ["Send in a new order.", "It is sent at once.", "One thing.", "Another thing;"]


def test_a_weight_may_be_a_table_below_or_beside_the_word():
    for text in (
        "T\n\nWeight: By limit:\n\n| limit | weight |\n| --- | --- |\n| 100 | 5 |\n\nArgs:\n",
        "T\n\nWeight: limit | weight\n------ | ----\n100 | 5\n",
    ):
        (table,) = read_docstring(text).weight_tables
        assert (table.header, table.rows) == (("limit", "weight"), (("100", "5"),))


def test_what_a_weight_counts_and_the_speed_are_kept():
    assert read_docstring("T\n\nWeight(UID): 3").weight_of == "UID"
    assert read_docstring("T\n\nUpdate Speed: 100ms\n\nMore.").speed == "100ms"


def test_deprecation_is_read_from_the_title_and_nothing_is_fine():
    assert read_docstring("Old Thing (Deprecated)").deprecated
    assert read_docstring("").title == ""

"""Parameter tables."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Param
from wireproof.pages.extracting.parameters import default_of, enum_of, param_of, params_of, range_of
from wireproof.pages.reading.blocks import Table

HEADER = ("Name", "Type", "Mandatory", "Description")


def test_rows_become_parameters():
    table = Table(HEADER, (("symbol", "STRING", "YES", ""), ("limit", "INT", "NO", "Default 500; max 1000.")))
    params, notes = params_of((table,))
    assert params == (
        Param(name="symbol", type="STRING", required=True),
        Param(name="limit", type="INT", default=500, maximum=1000),
    )
    assert notes == ()


def test_chinese_columns_are_known():
    table = Table(
        ("名称", "类型", "是否必需", "描述"), (("symbol", "STRING", "是", ""), ("limit", "INT", "否", "默认 500"))
    )
    assert params_of((table,))[0] == (
        Param(name="symbol", type="STRING", required=True),
        Param(name="limit", type="INT", default=500),
    )


def test_columns_may_stand_in_any_order_and_be_named_anew():
    table = Table(("Parameter", "Required", "Type"), (("timestamp", "Required", "long"), ("a", "Optional", "boolean")))
    assert params_of((table,))[0] == (
        Param(name="timestamp", type="LONG", required=True),
        Param(name="a", type="BOOLEAN"),
    )


def test_a_second_table_describes_the_elements_of_the_list():
    first = Table(HEADER, (("batchOrders", "list<JSON>", "YES", "order list. Max 5 orders"),))
    second = Table(HEADER, (("side", "ENUM", "YES", "SELL, BUY"),))
    side = Param(name="side", type="ENUM", required=True, enum=("SELL", "BUY"))
    assert params_of((first, second))[0] == (Param(name="batchOrders", type="ARRAY", required=True, items=(side,)),)


def test_tables_about_other_matters_are_no_parameters():
    assert params_of((Table(("Type", "Additional mandatory parameters"), (("LIMIT", "price"),)),)) == ((), ())


def test_doubts_are_noted():
    rows = (("a", "BLOB", "YES", ""), ("b", "INT", "PERHAPS", ""), ("see below:", "", "", ""), ("a", "INT", "NO", ""))
    params, notes = params_of((Table(HEADER, rows),))
    assert [(p.name, p.type, p.required) for p in params] == [("a", "STRING", True), ("b", "INT", False)]
    assert [note.partition(":")[0] for note in notes] == [
        "parameter a",
        "parameter b",
        "parameter row 'see below",
        "parameter a has two rows; the first was kept",
    ]


@pytest.mark.parametrize(
    ("type_", "words", "values"),
    [
        ("ENUM", "BUY or SELL", ("BUY", "SELL")),
        ("ENUM", "BUY ; SELL", ("BUY", "SELL")),
        (
            "ENUM",
            'triggered by: "MARK_PRICE", "CONTRACT_PRICE". Default "MARK_PRICE"',
            ("MARK_PRICE", "CONTRACT_PRICE"),
        ),
        ("ENUM", "Default BOTH for One-way ; LONG or SHORT. It must be sent in HEDGE.", ("BOTH", "LONG", "SHORT")),
        (
            "ENUM",
            "only avaliable for LIMIT order; can be set to OPP/ OPP_5: /QUE; Can't be SENT",
            ("OPP", "OPP_5", "QUE"),
        ),
        ("ENUM", "NONE:No STP / EXPIRE_TAKER:expire when STP triggers; default NONE", ("NONE", "EXPIRE_TAKER")),
        ("ENUM", '"5m","15m","1h"', ("5m", "15m", "1h")),
        ("ENUM", '"LIQUIDATION" for liquidation orders, "ADL" for ADL orders.', ("LIQUIDATION", "ADL")),
        ("ENUM", "Order Type: LIMIT(only support limit)", ("LIMIT",)),
        ("ENUM", "", ()),
        ("STRING", '"true" or "false". default "false". Cannot be sent in Hedge Mode', ("true", "false")),
        ("STRING", "true, false\uff1bClose-All\uff0cused with STOP_MARKET", ("true", "false")),
        ("STRING", '"TRANSFER"\uff0c"WELCOME_BONUS", and "COMMISSION"', ("TRANSFER", "WELCOME_BONUS", "COMMISSION")),
        ("STRING", "A unique id among open orders", ()),
        ("STRING", "Option trading pair, e.g BTC-200730-9000-C", ()),
        ("INT", "1: Add position margin\uff0c2: Reduce position margin", ("1", "2")),
        ("INT", "Default 500; Valid limits:[5, 10, 20]", ("5", "10", "20")),
        ("DECIMAL", "Used with TRAILING_STOP_MARKET orders, min 0.1, max 5", ()),
    ],
)
def test_values_that_a_description_lists(type_, words, values):
    assert enum_of(type_, words) == values


@pytest.mark.parametrize(
    ("type_", "words", "values", "default"),
    [
        ("INT", "Default 500; max 1000", (), 500),
        ("INT", "items num of one page\uff0cdefault 100\uff0cmax 1000", (), 100),
        ("LONG", "Default gets most recent trades.", (), None),
        ("STRING", '"true" or "false". default "false".', ("true", "false"), "false"),
        ("ENUM", "ACK, RESULT, default ACK", ("ACK", "RESULT"), "ACK"),
        ("DECIMAL", "default as the latest price", (), None),
        ("BOOLEAN", "Default true", (), True),
        ("STRING", "no word of it", (), None),
    ],
)
def test_defaults(type_, words, values, default):
    assert default_of(type_, words, values) == default


@pytest.mark.parametrize(
    ("type_", "words", "span"),
    [
        ("INT", "Default 50; max 100.", (None, 100)),
        ("INT", "target initial leverage: int from 1 to 125", (1, 125)),
        ("DECIMAL", "min 0.1, max 5 where 1 for 1%", (0.1, 5)),
        ("LONG", "The value cannot be greater than 60000", (None, 60000)),
        ("LONG", "MMP Interval in milliseconds; Range (0,5000]", (None, 5000)),
        ("LONG", "Minimum acceptable value is 5,000", (5000, None)),
        ("ARRAY", "order list. Max 5 orders", (None, None)),
        ("LONG", "", (None, None)),
    ],
)
def test_ranges(type_, words, span):
    assert range_of(type_, words) == span


@pytest.mark.parametrize(
    ("words", "enum", "default"),
    [
        ("Default BOTH for One-way Mode ; LONG or SHORT for Hedge Mode.", ("BOTH", "LONG", "SHORT"), "BOTH"),
        ("TAKER:expire taker order/ MAKER:expire it; default NONE", ("NONE", "TAKER", "MAKER"), "NONE"),
        ("For CONDITIONAL algoType, STOP/TAKE_PROFIT as order type", ("STOP", "TAKE_PROFIT"), None),
        ("Time in force method (Default GTC)", (), "GTC"),
        ("Set the response JSON. ACK, RESULT, or FULL; all others default to ACK.", ("ACK", "RESULT", "FULL"), None),
        ("Set the response JSON.", (), None),
    ],
)  # fmt: skip
def test_a_default_is_a_value_and_words_about_other_things_are_none(words, enum, default):
    param = param_of("a", "ENUM", "NO", words, [])
    assert (param.enum, param.default) == (enum, default)

"""Conditions of examples."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Param
from wireproof.pages.extracting.example_conditions import condition_of, settle

SYMBOL = (Param(name="symbol", type="STRING"),)


@pytest.mark.parametrize(
    ("caption", "condition"),
    [
        ("Response:", ""),
        ("OR", ""),
        ("For One-way position mode:", "one-way position mode"),
        ("Or For Hedge position mode(only return with position):", "hedge position mode"),
        ("single-asset mode", "account in single-asset mode"),
        ("OR multi-assets mode", "account in multi-assets mode"),
        ("OR (Response when server is processing)", "the download is still being prepared"),
        ("Or (account violation triggered)", "an account-wide rule was violated"),
        ("OR (if symbol sent)", "symbol sent"),
        ("Or(without symbol)", "symbol omitted"),
        ("OR (when asset sent)", "asset sent"),
        ("双向持仓模式下", "hedge position mode"),
        ("For leap years only", "leap years only"),
    ],
)
def test_captions_are_conditions_in_known_words(caption, condition):
    assert condition_of(caption) == condition


def test_the_counterpart_of_a_known_condition_is_filled_in():
    assert settle(["", "the download is still being prepared"], [{}, {}], ()) == [
        "the download is ready",
        "the download is still being prepared",
    ]


def test_an_object_beside_a_list_is_told_by_the_parameter_that_selects_one():
    assert settle(["", ""], [{"a": 1}, [{"a": 1}]], SYMBOL) == ["symbol sent", "symbol omitted"]
    assert settle(["", ""], [[1], {"a": 1}], ()) == ["several", "one"]


def test_the_envelope_does_not_count_as_form():
    answers = [{"id": 1, "status": 200, "result": {}}, {"id": 1, "status": 200, "result": []}]
    assert settle(["", ""], answers, SYMBOL) == ["symbol sent", "symbol omitted"]


def test_examples_of_one_form_keep_no_condition():
    assert settle(["", ""], [{"a": 1}, {"b": 1}], SYMBOL) == ["", ""]

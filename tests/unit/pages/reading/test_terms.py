"""The words of the documentation, in both languages."""

from __future__ import annotations

import pytest

from wireproof.pages.reading.terms import CHINESE, ENGLISH, Part, is_chinese_part, part_of, title_of


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("HTTP Request", Part.HTTP),
        ("HTTP请求", Part.HTTP),
        ("Method", Part.METHOD),
        ("方式", Part.METHOD),
        ("Request Weight(IP)", Part.WEIGHT),
        ("Request Weight (Order)", Part.WEIGHT_ORDERS),
        ("请求权重", Part.WEIGHT),
        ("Parameters:", Part.PARAMETERS),
        ("请求参数", Part.PARAMETERS),
        ("Example Response", Part.RESPONSE),
        ("响应示例", Part.RESPONSE),
        ("Account Information \u203a Responses", Part.RESPONSE),
        ("Account Information", None),
    ],
)
def test_headings_name_parts(heading, part):
    assert part_of(heading) is part


def test_every_part_has_words_in_both_languages():
    assert set(ENGLISH) == set(CHINESE) == set(Part)


def test_only_chinese_words_tell_a_chinese_page():
    assert is_chinese_part("响应示例")
    assert not is_chinese_part("Method")


def test_the_title_stands_before_the_angle():
    assert title_of("Account Information \u203a Request") == "Account Information"

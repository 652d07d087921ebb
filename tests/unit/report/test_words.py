"""Text of the target is shown as it is and never becomes markup."""

from __future__ import annotations

import pytest

from wireproof.report.words import cell, code, counted, duration, link, moment, one_line, prose


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("``", "``` `` ```"),
        ("two\nlines\x00\u202e", "`two lines`"),
        ("", "`(empty)`"),
        ("x" * 200, "`" + "x" * 159 + "…`"),
    ],
)
def test_code_span_survives_backticks_and_control_characters(text: str, shown: str) -> None:
    assert code(text) == shown


def test_a_pipe_does_not_end_a_table_cell() -> None:
    assert cell("a|b") == r"`a\|b`"


def test_prose_neither_formats_nor_mentions() -> None:
    assert prose("<b>*x*</b> @someone #1") == "\\<b\\>\\*x\\*\\</b\\> @\u2060someone \\#1"


def test_only_web_addresses_become_links() -> None:
    assert link("source", "https://example.org/a") == "[source](<https://example.org/a>)"
    assert link("source", "javascript:alert(1)") == "source"
    assert link("source", "https://example.org/a> b") == "source"


def test_numbers_dates_and_spans_read_like_speech() -> None:
    assert [counted(1, "case"), counted(1200, "case"), counted(2, "entry", "entries")] == [
        "1 case",
        "1,200 cases",
        "2 entries",
    ]
    assert moment(1_795_320_000_000) == "2026-11-22T04:00:00Z"
    assert [duration(-5), duration(420), duration(9_960), duration(185_000)] == [
        "0.0 s",
        "0.4 s",
        "10 s",
        "3 min 5 s",
    ]
    assert one_line(" a\r\n b ") == "a b"

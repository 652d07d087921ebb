"""Text and tables of pages."""

from __future__ import annotations

from wireproof.pages.reading.blocks import Table, cells, clean, clean_lines, half_width, pipe_table


def test_text_is_on_one_line_without_what_nobody_sees():
    assert clean(" a\u200b \n b\u00a0c ") == "a b c"
    assert clean_lines("a \n\n  b") == "a\nb"


def test_full_width_forms_become_ordinary_ones():
    assert half_width("\uff08\uff21\uff0c\uff11\uff1b\uff09") == "(A,1;)"


def test_cells_of_a_line_and_a_pipe_inside_one():
    assert cells(r"| a | b\|c | |") == ("a", "b|c", "")


def test_lines_with_a_ruler_are_a_table_and_short_rows_are_filled():
    assert pipe_table("a | b\n--|--\n1 | 2\n3") == Table(("a", "b"), (("1", "2"),))
    assert pipe_table("a | b\n--|--\n1 |") == Table(("a", "b"), (("1", ""),))


def test_lines_without_a_ruler_or_a_header_are_no_table():
    assert pipe_table("a | b\n1 | 2") is None
    assert pipe_table("--|--\n1 | 2") is None

"""Markdown of page savers as blocks."""

from __future__ import annotations

from wireproof.pages.blocks import Code, Heading, Listing, Paragraph, Table
from wireproof.pages.markdown import Markdown, plain


def blocks(text):
    return Markdown(text).blocks()


def test_headings_lose_the_link_to_themselves():
    assert blocks('## Method[](https://e.org/x#method "Direct link")') == [Heading(2, "Method")]


def test_fenced_code_keeps_its_lines():
    assert blocks("```json\n{\n}\n```\nafter") == [Code("{\n}"), Paragraph("after")]


def test_a_fence_that_nothing_closes_is_told_with_its_line():
    markdown = Markdown("a\n\n```\n{")
    assert markdown.blocks() == [Paragraph("a"), Code("{")]
    assert markdown.open_fence == 3


def test_a_heading_ends_a_paragraph_without_an_empty_line():
    assert blocks("text\n## Next\nmore") == [Paragraph("text"), Heading(2, "Next"), Paragraph("more")]


def test_pipe_tables_are_tables_inside_quotations_too():
    table = Table(("Name", "Type"), (("a", "INT"), ("b|c", "")))
    assert blocks("| Name | Type |\n|---|:---:|\n| a | INT |\n| b\\|c | |") == [table]
    assert blocks("> Name | Type\n> --- | ---\n> a | INT\n> b\\|c |") == [table]


def test_lists_are_lists():
    assert blocks("  * one\n  * [two](https://e.org)\n    1. three") == [Listing(("one", "two", "three"))]


def test_a_bold_line_is_marked():
    assert blocks("**Parameters:**") == [Paragraph("Parameters:", bold=True)]
    assert blocks("**Weight:** 5") == [Paragraph("Weight: 5")]


def test_quotations_are_paragraphs():
    assert blocks("> OR\n> with symbol") == [Paragraph("OR\nwith symbol")]


def test_marks_and_escapes_are_undone():
    assert plain(r"`\<symbol\>@aggTrade` **or** \_x") == "<symbol>@aggTrade or _x"


def test_the_address_is_what_the_saver_noted():
    assert Markdown("---\nurl: https://e.org/noted\n---\n## A[](https://e.org/other#a)").url == "https://e.org/noted"
    assert Markdown("URL Source: https://e.org/noted\n\n# A").url == "https://e.org/noted"


def test_the_address_is_where_the_headings_point_otherwise():
    assert Markdown('# T\n## A[](https://e.org/x#a "t")\n## B[](https://e.org/x#b "t")').url == "https://e.org/x"
    assert Markdown("# T").url == ""

"""Markdown of page savers as blocks."""

from __future__ import annotations

import pytest

from wireproof.pages.reading.blocks import Code, Heading, Listing, Paragraph, Table
from wireproof.pages.reading.markdown_page import Markdown


def blocks(text):
    return Markdown(text).blocks()


def test_headings_lose_the_link_to_themselves():
    assert blocks('## Method[](https://e.org/x#method "Direct link")') == [Heading(2, "Method")]


def test_fenced_code_keeps_its_lines():
    assert blocks("```json\n{\n}\n```\nafter") == [Code("{\n}\n"), Paragraph("after")]


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


def test_a_pipe_table_whose_ruler_is_too_short_is_a_table_still():
    assert blocks("| Name | Type |\n|---|\n| a | INT |") == [Table(("Name", "Type"), (("a", "INT"),))]


def test_lists_are_lists():
    assert blocks("* one\n* [two](https://e.org)\n    1. three") == [Listing(("one", "two", "three"))]


def test_code_in_a_list_is_code():
    """A list with a code block gives its parts one by one."""
    assert blocks("1. first\n\n   ```\n   {}\n   ```\n2. second") == [
        Paragraph("first"),
        Code("{}\n"),
        Paragraph("second"),
    ]


def test_a_bold_line_is_marked():
    assert blocks("**Parameters:**") == [Paragraph("Parameters:", bold=True)]
    assert blocks("**Weight:** 5") == [Paragraph("Weight: 5")]


def test_quotations_are_paragraphs():
    assert blocks("> OR\n> with symbol") == [Paragraph("OR\nwith symbol")]


def test_marks_and_escapes_are_undone():
    """Also inside a code span, where CommonMark keeps a backslash: page savers escape there too."""
    assert blocks(r"`\<symbol\>@aggTrade` **or** \_x &lt;y&gt;") == [Paragraph("<symbol>@aggTrade or _x <y>")]


def test_a_placeholder_that_looks_like_a_tag_stays_text():
    assert blocks("<symbol>@aggTrade") == [Paragraph("<symbol>@aggTrade")]
    assert blocks("Stream\n<pair>\n") == [Paragraph("Stream\n<pair>")]


@pytest.mark.parametrize("fence", ["```", "````", "~~~", "``````````"])
def test_a_fence_is_closed_by_one_that_is_as_long(fence):
    assert blocks(f"{fence}json\n``\n{fence}\nafter") == [Code("``\n"), Paragraph("after")]


def test_a_shorter_fence_does_not_close_a_longer_one():
    assert blocks("````\n```\n{}\n```\n````") == [Code("```\n{}\n```\n")]


def test_indented_code_is_code():
    assert blocks('## Response\n\n    {\n      "a": 1\n    }\n\nafter') == [
        Heading(2, "Response"),
        Code('{\n  "a": 1\n}\n'),
        Paragraph("after"),
    ]


def test_html_in_markdown_is_read_as_html():
    text = "<table><tr><th>Name</th><th>Type</th></tr>\n\n<tr><td>a</td><td>INT</td></tr></table>\n\n<pre>{\n}</pre>\n"
    assert blocks(text) == [Table(("Name", "Type"), (("a", "INT"),)), Code("{\n}")]
    assert blocks("<details><summary>More</summary>\n\n```\n{}\n```\n\n</details>\n<script>x</script>") == [
        Paragraph("More"),
        Code("{}\n"),
    ]


def test_underlined_headings_are_headings():
    assert blocks("Method\n---\ndepth") == [Heading(2, "Method"), Paragraph("depth")]


def test_the_notes_of_a_saver_are_no_heading():
    assert blocks("---\nurl: https://e.org/a\ntitle: T\n---\ntext") == [Paragraph("text")]


def test_lists_nested_deep_lose_nothing():
    text = "\n".join("  " * depth + f"- {depth}" for depth in range(30))
    assert blocks(text) == [Listing(tuple(str(depth) for depth in range(30)))]


@pytest.mark.parametrize(
    "text", ["```\n{}\n```", "> ```\n> {}\n> ```", "- a\n\n  ```\n  {}\n  ```", "~~~\n{}\n~~~  \n\n"]
)
def test_a_fence_that_is_closed_is_no_open_fence(text):
    assert Markdown(text).open_fence == 0


@pytest.mark.parametrize("text", ["````\n{}\n```", "```\n{}\n~~~", "```", "```\n{}\n``` x"])
def test_a_fence_that_is_closed_by_another_is_open(text):
    assert Markdown(text).open_fence == 1


def test_the_address_is_what_the_saver_noted():
    assert Markdown("---\nurl: https://e.org/noted\n---\n## A[](https://e.org/other#a)").url == "https://e.org/noted"
    assert Markdown("URL Source: https://e.org/noted\n\n# A").url == "https://e.org/noted"


def test_the_address_is_where_the_headings_point_otherwise():
    assert Markdown('# T\n## A[](https://e.org/x#a "t")\n## B[](https://e.org/x#b "t")').url == "https://e.org/x"
    assert Markdown("# T").url == ""

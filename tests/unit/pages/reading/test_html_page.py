"""HTML pages as blocks."""

from __future__ import annotations

from wireproof.pages.reading.blocks import Code, Heading, Listing, Paragraph, Table
from wireproof.pages.reading.html_page import Html


def blocks(body):
    return Html(f"<html><body><article>{body}</article></body></html>").blocks()


def test_headings_lose_the_anchor_that_follows_them():
    assert blocks('<h2>Method<a class="hash-link" href="#m">\u200b</a></h2>') == [Heading(2, "Method")]


def test_code_keeps_its_lines_and_loses_the_copy_button():
    html = "<div><pre><code><span>{</span><br><span>}</span><br></code></pre><button>Copy</button></div>"
    assert blocks(html) == [Code("{\n}\n")]


def test_tables_have_header_and_rows():
    head = "<thead><tr><th>Name</th><th>Type</th></tr></thead>"
    html = f"<table>{head}<tbody><tr><td><code>a</code></td><td>INT</td></tr></tbody></table>"
    assert blocks(html) == [Table(("Name", "Type"), (("a", "INT"),))]


def test_a_table_without_header_cells_has_an_empty_header():
    assert blocks("<table><tr><td>a</td><td>b</td></tr></table>") == [Table((), (("a", "b"),))]


def test_a_line_break_in_a_paragraph_stays_one():
    assert blocks("<p>one<br>two</p>") == [Paragraph("one\ntwo")]


def test_a_paragraph_that_is_bold_throughout_is_marked():
    assert blocks("<p><strong>Parameters:</strong></p><p><strong>5</strong> a second</p>") == [
        Paragraph("Parameters:", bold=True),
        Paragraph("5 a second"),
    ]


def test_quotations_give_their_paragraphs():
    assert blocks("<blockquote><p>one</p><ul><li>two</li></ul></blockquote>") == [Paragraph("one"), Listing(("two",))]


def test_nested_lists_stand_in_line():
    assert blocks("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>") == [Listing(("a", "b", "c"))]


def test_code_inside_a_list_item_is_code():
    assert blocks("<ul><li>see<pre>{}</pre></li></ul>") == [Paragraph("see"), Code("{}")]


def test_text_outside_any_paragraph_is_a_paragraph():
    assert blocks("<div>loose <b>text</b></div>") == [Paragraph("loose text")]


def test_full_width_punctuation_gets_its_ordinary_width():
    assert blocks("<p>1\uff08IP\uff09\uff0c2\uff1a3</p>") == [Paragraph("1(IP),2:3")]


def test_scripts_styles_and_navigation_are_skipped():
    assert blocks("<script>alert(1)</script><style>p{}</style><nav>x</nav><p>kept</p>") == [Paragraph("kept")]


def test_a_table_that_the_site_failed_to_render_is_put_together():
    html = "<pre>Name | Type</pre><p>---- | ----\na | INT\nb |</p>"
    assert blocks(html) == [Table(("Name", "Type"), (("a", "INT"), ("b", "")))]


def test_a_head_gives_address_language_and_generator():
    html = Html(
        '<html lang="en"><head><meta name="generator" content="Docusaurus v3"><title>A &amp; B</title>'
        '<meta property="og:url" content="https://e.org/x"></head><body></body></html>'
    )
    assert (html.url, html.language, html.title, html.is_docusaurus) == ("https://e.org/x", "en", "A & B", True)


def test_a_page_without_a_head_says_nothing_of_itself():
    html = Html("<p>x</p>")
    assert (html.url, html.language, html.is_docusaurus) == ("", "", False)

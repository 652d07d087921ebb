"""Pages read into blocks, and the sentence for each page that is none."""

from __future__ import annotations

import quopri

import pytest
from checkout import ROOT

from wireproof.pages.reading import page as page_module
from wireproof.pages.reading.blocks import Heading
from wireproof.pages.reading.page import PageError, canonical_url, read_page

PAGES = ROOT / "tests" / "unit" / "pages" / "pages"


def load(name):
    return read_page(PAGES / name, (PAGES / name).read_bytes())


def refusal(name, data=None):
    with pytest.raises(PageError) as error:
        read_page(name, (PAGES / name).read_bytes() if data is None else data)
    assert str(error.value).startswith(f"{name}: ")
    assert error.value.exit_status == 2
    return str(error.value).removeprefix(f"{name}: ")


def test_a_page_knows_its_address_language_and_blocks():
    page = load("stream.html")
    assert page.url.endswith("/usds-margined-futures/websocket-market-streams/Mark-Price-Stream")
    assert page.language == "en"
    assert page.blocks[0] == Heading(1, "Mark Price Stream")


def test_a_chinese_page_names_its_english_address():
    page = load("twin.zh-CN.md")
    assert page.language == "zh"
    assert page.url == load("twin.en.html").url


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://developers.binance.com/docs/zh-CN/derivatives/a/B?x=1#y", "https://developers.binance.com/docs/derivatives/a/B"),
        ("https://developers.binance.me/docs/derivatives/a/", "https://developers.binance.com/docs/derivatives/a"),
        ("https://developers.binance.com/zh-CN/docs/catalog/a", "https://developers.binance.com/en/docs/catalog/a"),
    ],
)  # fmt: skip
def test_addresses_have_one_form(url, canonical):
    assert canonical_url(url) == canonical


def test_a_fetched_page_without_an_address_of_its_own_has_the_one_it_came_from():
    page = read_page("https://developers.binance.com/docs/derivatives/x", b"<h2>Method</h2><p>depth</p>")
    assert page.url == "https://developers.binance.com/docs/derivatives/x"


@pytest.mark.parametrize("data", [b" \n", b"", b"\xef\xbb\xbf\n", b"\xff\xfe", b"\xfe\xff\0 "])
def test_an_empty_file_is_refused(data):
    assert refusal("a.html", data) == "is empty; expected a saved documentation page: HTML, Markdown or MHTML."


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\0\0", "is a picture (PNG), not text; expected"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF file, not text; expected"),
        (b"\x1f\x8b\x08\0", "is compressed with gzip, not text; expected"),
        (b"PK\x03\x04\x14\0", "is a ZIP archive or an office document, not text; expected"),
        (b"bplist00\xd1", "is a Safari web archive, not text; expected"),
        (b"\x7fELF\0\0\0\0", "is not text; expected"),
    ],
)
def test_a_binary_file_is_refused_by_name(data, what):
    assert refusal("a.html", data).startswith(what)


def test_text_of_another_encoding_is_refused():
    assert refusal("a.html", b"<h1>\xff\xfe</h1>") == "is not UTF-8 text (byte 4); save the page again as UTF-8."


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", ["stream.html", "twin.zh-CN.md"])
def test_a_page_with_a_byte_order_mark_is_read(name, codec):
    text = (PAGES / name).read_text("utf-8")
    assert read_page(name, text.encode(codec)).blocks == load(name).blocks


def test_both_byte_orders_are_read():
    text = "\ufeff" + (PAGES / "stream.html").read_text("utf-8")
    assert read_page("a.html", text.encode("utf-16-be")) == read_page("a.html", text.encode("utf-16-le"))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_refused_by_name(codec):
    data = (PAGES / "stream.html").read_text("utf-8").encode(codec)
    assert refusal("a.html", data) == "is UTF-16 text without a byte order mark; save the page again as UTF-8."


def test_utf_16_that_is_cut_off_is_refused():
    data = (PAGES / "stream.html").read_text("utf-8").encode("utf-16")[:-1]
    assert refusal("a.html", data).startswith("is not UTF-16 text (byte ")


def archive(html, *, charset="utf-8", head="", kind="text/html"):
    """Return a web archive as a browser saves it."""
    lines = [
        "From: <Saved by Blink>",
        "Snapshot-Content-Location: https://developers.binance.com/docs/derivatives/a",
        "MIME-Version: 1.0",
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--x--"',
        head,
        "----x--",
        f'Content-Type: {kind}; charset="{charset}"',
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Location: https://developers.binance.com/docs/derivatives/a",
        "",
        quopri.encodestring(html.encode(charset)).decode().replace("\n", "\r\n"),
        "----x--",
        "Content-Type: image/png",
        "",
        "AAAA",
        "----x----",
        "",
    ]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_web_archive_is_the_page_in_it(charset):
    html = (PAGES / "stream.html").read_text("utf-8")
    assert read_page("a.mhtml", archive(html, charset=charset)).blocks == load("stream.html").blocks


def test_a_web_archive_names_the_address_of_a_page_that_does_not():
    page = read_page("a.mhtml", archive("<html><h2>Method</h2><p>depth</p></html>"))
    assert page.url == "https://developers.binance.com/docs/derivatives/a"


def test_a_web_archive_that_is_cut_off_is_refused():
    data = archive("<html><h2>Method</h2></html>")
    assert refusal("a.mhtml", data[:-20]) == "is cut off: the web archive (MHTML) has no end; save the page again."


def test_a_web_archive_without_a_page_is_refused():
    assert refusal("a.mhtml", archive("{}", kind="text/css")).startswith(
        "is a web archive (MHTML) without an HTML page"
    )


def test_markdown_that_begins_with_a_tag_is_markdown():
    page = read_page("a.md", b"<!-- saved -->\n# Depth\n\n## Method\n\n`depth`\n")
    assert page.blocks[1] == Heading(2, "Method")


def test_a_huge_file_is_refused(monkeypatch):
    monkeypatch.setattr(page_module, "MAX_BYTES", 3 * 1024 * 1024)
    said = refusal("a.html", b"x" * (4 * 1024 * 1024))
    assert said == "is 4 MB; a documentation page has at most 3 MB."


def test_saved_json_is_refused():
    assert refusal("a.md", b'{"code": 0}').startswith("holds JSON, not a page")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("cloudfront.html", "is CloudFront's error page"),
        ("firewall.html", "is a challenge of a web firewall"),
        ("not-found.html", "is an HTTP error page"),
    ],
)
def test_an_error_page_is_named_as_such(name, what):
    assert refusal(name) == f"{what}, not the documentation page; fetch the page again with a browser."


def test_a_truncated_html_page_is_refused():
    data = (PAGES / "stream.html").read_bytes()
    assert refusal("a.html", data[: len(data) // 2]) == "is cut off: its HTML has no end (</html>); download it again."


def test_a_truncated_markdown_page_is_refused():
    data = (PAGES / "twin.zh-CN.md").read_bytes()
    said = refusal("a.md", data[: data.rindex(b'"status"')])
    assert said.startswith("is cut off: the code block that opens on line ")


def test_a_page_in_a_third_language_is_refused():
    said = refusal("third-language.html")
    assert said == "is in the language 'ja'; only English and Simplified Chinese pages can be read."


def test_a_page_that_is_no_documentation_says_what_was_expected_and_found():
    said = refusal("elsewhere.html")
    assert said.startswith("is not a page of Binance's API documentation: expected a heading such as 'HTTP Request'")
    assert said.endswith("found the headings 'Ten recipes', 'Soup'.")


def test_plain_text_is_no_documentation():
    assert refusal("a.md", b"just words\n").endswith("found no heading, but 'just words'.")

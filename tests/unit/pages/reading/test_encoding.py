"""Bytes of saved pages: text in its encodings, web archives, and what is refused by name."""

import codecs

import pytest

from wireproof.pages.reading.encoding import Undecodable, decoded

TEXT = "<h1>Ordre ₿</h1>"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
    ],
    ids=["utf-8", "utf-8 marked", "utf-16 little", "utf-16 big", "utf-32"],
)
def test_text_is_read_in_its_encoding(data):
    assert decoded(data) == (TEXT, "")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7", "is a PDF file, not text"),
        (b"\x1f\x8b\x08\0", "is compressed with gzip"),
        (b"\x89PNG\r\n", "is a picture"),
        (TEXT.encode("utf-16-le"), "is UTF-16 text without a byte order mark"),
        (b"\0\0\0\0binary", "is not text"),
        (b"caf\xe9", r"is not UTF-8 text \(byte 3\)"),
    ],
)
def test_what_is_no_page_is_refused_by_name(data, said):
    with pytest.raises(Undecodable, match=said):
        decoded(data)


def archive(*, end="--b--", kind="text/html", charset="utf-8"):
    return (
        "MIME-Version: 1.0\nSnapshot-Content-Location: https://docs.example.org/page\n"
        'Content-Type: multipart/related; boundary="b"\n\n'
        f"--b\nContent-Type: {kind}; charset={charset}\n\n<h1>Page</h1>\n{end}\n"
    ).encode()


def test_a_web_archive_gives_its_page_and_address():
    text, url = decoded(archive())
    assert text.strip() == "<h1>Page</h1>"
    assert url == "https://docs.example.org/page"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (archive(end=""), "is cut off"),
        (archive(kind="text/plain"), "without an HTML page"),
        (archive(charset="klingon"), "in the unknown encoding 'klingon'"),
    ],
)
def test_a_damaged_web_archive_is_refused(data, said):
    with pytest.raises(Undecodable, match=said):
        decoded(data)

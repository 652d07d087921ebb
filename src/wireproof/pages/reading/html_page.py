"""Reads an HTML page as the documentation site serves it. Scripts are text that is skipped, never run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from wireproof.pages.reading.blocks import (
    Block,
    Code,
    Heading,
    Listing,
    Paragraph,
    Table,
    clean,
    clean_lines,
    pipe_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

_ROOTS = (".theme-doc-markdown", "article", "main", "body")
_SKIPPED = {"script", "style", "nav", "footer", "aside", "button", "svg", "noscript", "template", "meta", "link"}
_BLOCKS = {"p", "blockquote", "ul", "ol", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
_CONTAINERS = {"div", "section", "article", "main", "header", "details", "summary", "body", "figure", "dl", "dd", "dt"}
MAX_DEPTH = 150

#: Open elements at once; the parser's time grows with their square. Saved pages have 40.
MOST_OPEN = 1000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
# Elements that have no end, or that the next of their kind ends.
_UNENDED = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
    | {"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "rp", "rt", "colgroup"}
)


def is_too_deep(text: str) -> bool:
    """Whether a page has more elements inside each other than any page for people."""
    depth = 0
    for tag in _TAG.finditer(text):
        if tag[2].lower() not in _UNENDED:
            depth = max(depth - 1, 0) if tag[1] else depth + 1
            if depth > MOST_OPEN:
                return True
    return False


class Html:
    """A parsed page: its blocks in order, and what its head says."""

    def __init__(self, text: str) -> None:
        self._tree = LexborHTMLParser(text)
        for node in self._tree.css(".hash-link, " + ", ".join(sorted(_SKIPPED - {"meta", "link"}))):
            node.decompose()
        for node in self._tree.css("br"):
            node.replace_with("\n")

    def blocks(self) -> list[Block]:
        """Return the blocks of the page's main content."""
        for selector in _ROOTS:
            roots = self._tree.css(selector)
            if roots:
                found = [block for root in roots[:1] for block in _walk(root, 0)]
                if found:
                    return _mended(found)
        return []

    @property
    def url(self) -> str:
        """The address that the page gives for itself; empty when it gives none."""
        for selector, name in (("link[rel=canonical]", "href"), ('meta[property="og:url"]', "content")):
            node = self._tree.css_first(selector)
            if node is not None and node.attributes.get(name):
                return str(node.attributes[name])
        return ""

    @property
    def language(self) -> str:
        """The language of the page's `html` element; empty when it names none."""
        node = self._tree.css_first("html")
        return str((node.attributes.get("lang") if node is not None else "") or "")

    @property
    def title(self) -> str:
        """The window title."""
        node = self._tree.css_first("title")
        return clean(node.text()) if node is not None else ""

    @property
    def is_docusaurus(self) -> bool:
        """Whether the documentation site's generator made the page."""
        node = self._tree.css_first("meta[name=generator]")
        named = node is not None and "docusaurus" in str(node.attributes.get("content") or "").lower()
        return named or self._tree.css_first(".theme-doc-markdown") is not None


def _walk(root: LexborNode, depth: int) -> Iterator[Block]:
    """Yield the blocks below `root`; inline text between blocks becomes a paragraph."""
    inline: list[str] = []
    for node in root.iter(include_text=True):
        tag = str(node.tag)
        if tag in _SKIPPED:
            continue
        if depth < MAX_DEPTH and (tag in _BLOCKS or tag in _CONTAINERS):
            yield from _flush(inline)
            yield from _block(node, tag, depth)
        elif tag == "-text" or not tag.startswith(("-", "!", "_")):
            inline.append(_text(node))
    yield from _flush(inline)


def _flush(inline: list[str]) -> Iterator[Block]:
    text = clean_lines("".join(inline))
    inline.clear()
    if text:
        yield Paragraph(text)


def _block(node: LexborNode, tag: str, depth: int) -> Iterator[Block]:
    if re.fullmatch("h[1-6]", tag):
        text = clean(_text(node))
        if text:
            yield Heading(int(tag[1]), text)
    elif tag == "pre":
        yield Code(_text(node))
    elif tag == "table":
        yield _table(node)
    elif tag in {"ul", "ol"}:
        if node.css_first("pre, table") is not None:
            yield from _walk_items(node, depth)
        else:
            items = tuple(text for li in node.css("li") if (text := clean(_own_text(li))))
            if items:
                yield Listing(items)
    elif tag == "p":
        text = clean_lines(_text(node))
        if text:
            strong = clean("".join(_text(part) for part in node.css("strong, b")))
            yield Paragraph(text, bold=bool(strong) and strong.rstrip(":") == clean(text).rstrip(":"))
    else:
        yield from _walk(node, depth + 1)


def _walk_items(node: LexborNode, depth: int) -> Iterator[Block]:
    for item in node.iter():
        yield from _walk(item, depth + 1)


def _table(node: LexborNode) -> Table:
    rows = [tuple(clean(_text(cell)) for cell in row.css("th, td")) for row in node.css("tr")]
    first = node.css_first("tr")
    if first is not None and first.css_first("th") is not None:
        return Table(rows[0], tuple(rows[1:]))
    return Table((), tuple(rows))


def _own_text(item: LexborNode) -> str:
    """Return an item's text without that of the lists inside it."""
    return "".join(_text(part) for part in item.iter(include_text=True) if part.tag not in {"ul", "ol"})


def _text(node: LexborNode) -> str:
    return str(node.text())


def _mended(blocks: list[Block]) -> list[Block]:
    """Put tables together that failed to render: a header as code and the rest as running text, or all as text."""
    out: list[Block] = []
    for block in blocks:
        before = out[-1] if out else None
        if isinstance(block, Paragraph) and re.match(r"[-|:\s]*-{3,}\s*\|", block.text) and isinstance(before, Code):
            table = pipe_table(f"{before.text.strip()}\n{block.text}")
            if table is not None:
                out[-1] = table
                continue
        elif isinstance(block, Paragraph) and all("|" in line for line in block.text.split("\n")):
            out.append(pipe_table(block.text) or block)
            continue
        out.append(block)
    return out

"""Attacks on whatever shows a text, and readers that see whether one got through."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

ATTACKS = [
    "\n::error file=x::y",
    "\r::set-output name=verdict::ok",
    "\u2028::add-mask::a",
    "##[error]x",
    "\x1b]0;title\x07\x1b[2J",
    "\x9b31m",
    "\u202e\u2066abc\u200b\ufeff",
    "\ud800\udfff\ufffe\uffff",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"'><b>",
    "[a](javascript:alert(1)) ![b](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example/a www.evil.example mailto:a@b.example a@b.example",
    "@someone @org/team #1 GH-1 owner/name#2 :tada:",
    "| a | b |\n| - | - |",
    "```\n# heading\n- item\n1. one\n> quote\n    code\n---\n===",
    "``` ` `` \\` \\\\` \\| \\\\|",
    "&lt;b&gt; &#60;",
    "*a* _b_ ~~c~~ $x$ [^1]\n\n[^1]: note",
    "<!-- fingerprints: 00 -->",
    "]]> <![CDATA[",
    "-",
    "1. x",
    "+ x",
    "=",
]
SNIPPETS = st.sampled_from([*ATTACKS, *"`|\\:*_[]()<>#&@!\n\r\t -", "::", "##", "\u2060", "a", "1"])
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.lists(SNIPPETS, max_size=8).map("".join),
)


def attacked(test):
    """Try a property with arbitrary text, and with every attack on its own."""
    for attack in ATTACKS:
        test = example(attack)(test)
    return settings(max_examples=150, deadline=None)(given(TEXT)(test))


def hidden(text, allowed="\n"):
    """Return the characters of a text that a terminal obeys or that nobody sees."""
    return {f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c not in allowed}


def commands(text):
    """Return the lines of a text that GitHub's runner may take for commands."""
    return [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]


#: Reads Markdown as GitHub does.
READER = MarkdownIt("commonmark", {"linkify": True, "html": True}).enable(["table", "strikethrough", "linkify"])
READER.linkify.set({"fuzzy_link": False, "fuzzy_email": True, "fuzzy_ip": False})

#: What GitHub makes of a text once the markup is gone: names, issues, pictures, addresses that begin with www.
REFERENCES = re.compile(
    r"(?<![\w`])@[a-z0-9]|(?:^|(?<=[\s(]))[\w./-]*#\d|\bGH-\d|\bwww\.[a-z0-9]"
    r"|:(?:100|1234|[a-z0-9_+-]*[a-z+-][a-z0-9_+-]*):",
    re.IGNORECASE,
)

#: What ends a reference, seen by nobody.
JOINER = "\u2060"


def assert_plain_markdown(text, *addresses):
    """See that a text has no markup, reference or comment of a target's, and no link but to places that begin so."""
    assert hidden(text, "\n" + JOINER) == set()
    _walk(READER.parse(text), addresses)


def _walk(tokens, addresses):
    for token in tokens:
        assert token.type not in {"html_inline", "image", "fence", "code_block", "s_open", "em_open"}, token.content
        if token.type == "html_block":
            assert re.fullmatch(r"<!-- fingerprints: [0-9a-f ]*-->\s*", token.content), token.content
        if token.type == "link_open":
            assert token.attrs["href"].startswith(addresses), token.attrs
        if token.type == "text":
            assert not REFERENCES.search(token.content), token.content
        _walk(token.children or (), addresses)

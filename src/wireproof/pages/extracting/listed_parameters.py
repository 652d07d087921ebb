"""Parameters that a page lists instead of tabulating: one item each, or one with its type and necessity below it."""

from __future__ import annotations

import re

from wireproof.pages.reading.blocks import Table
from wireproof.pages.reading.terms import NO, YES

HEADER = ("Name", "Type", "Mandatory", "Description")

#: Characters of an item; a longer one is text.
LONGEST_ITEM = 2000

_ATTRIBUTE = re.compile(
    r"[`*_]*(type|data ?type|mandatory|required|optional|necessity|description|details?|notes?)[`*_]*"
    r"\s*[:=\u2013\u2014-]\s*(.*)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"[`*_\"]*([A-Za-z_][\w.\[\]]*?)[`*_\"]*(?:\s*[:\u2013\u2014(\[,-]\s*|\s+|$)(.*)", re.DOTALL)
_TYPE = re.compile(
    r"(?<![\w.])(string|str|int(?:eger)?|long|bigint|decimal|bigdecimal|float|double|number|enum|bool(?:ean)?|"
    r"(?:array|list)(?:\s*(?:<[^>]*>|of\s+\w+))?)(?![\w.])",
    re.IGNORECASE,
)
_NEEDED = re.compile(r"(?<![\w-])(?:not[ -])?(?:mandatory|required|optional)\b|\b(?:YES|NO)\b", re.IGNORECASE)


def table_of(items: tuple[str, ...]) -> Table | None:
    """Return the items of a list as a table of parameters; None when they are none, or one has no type."""
    rows: list[dict[str, str]] = []
    for item in items:
        if len(item) > LONGEST_ITEM:
            return None
        if (said := _ATTRIBUTE.fullmatch(item.strip())) and rows:
            _attribute(rows[-1], said[1].lower(), said[2].strip(" `*"))
            continue
        found = _ITEM.fullmatch(item.strip())
        if found is None:
            return None
        name, rest = found[1], found[2]
        kind = _TYPE.search(rest)
        if kind is None and rows and rows[-1]["type"] and " " in item.strip():
            rows[-1]["words"] += f" {item.strip()}"  # a note below a parameter
            continue
        rows.append(_row(name, rest, kind))
    if not rows or not all(row["type"] for row in rows):
        return None
    return Table(HEADER, tuple((row["name"], row["type"], row["needed"], row["words"].strip()) for row in rows))


def _row(name: str, rest: str, kind: re.Match[str] | None) -> dict[str, str]:
    """Return a parameter of one item: its type, whether it is needed, and what remains of its words."""
    # What names type and necessity stands before the description.
    head, _, tail = rest.partition(": ") if kind is not None and ": " in rest[kind.end() :] else (rest, "", "")
    needed = _NEEDED.search(head)
    words = tail or head
    for said in (kind[0] if kind else "", needed[0] if needed else ""):
        words = words.replace(said, "", 1) if said and not tail else words
    return {
        "name": name,
        "type": _type(kind) if kind else "",
        "needed": _yes_or_no(needed[0]) if needed else "NO",
        "words": words.strip(" ,;.()[]:\u2013\u2014-"),
    }


def _attribute(row: dict[str, str], name: str, value: str) -> None:
    if name.endswith("type"):
        found = _TYPE.search(value)
        row["type"] = _type(found) if found else value
    elif name in {"mandatory", "required", "necessity"}:
        row["needed"] = _yes_or_no(value)
    elif name == "optional":
        row["needed"] = "NO" if _yes_or_no(value) == "YES" else "YES"
    else:
        row["words"] += f" {value}"


def _type(found: re.Match[str]) -> str:
    return found[1].split("<")[0].split(" ")[0].upper()


def _yes_or_no(text: str) -> str:
    word = text.strip().lower()
    if word.startswith("not"):
        return "NO"
    return "YES" if word in YES else "NO" if word in NO else text

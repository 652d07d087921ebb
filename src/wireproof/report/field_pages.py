"""Pages of the site with the history of each field: one per contract, and an index of them.

They are made of the ledger beside a run's reports. Each stays small: rows are cut, and the page says so.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from typing import TYPE_CHECKING

from wireproof.escape import one_line
from wireproof.ledger.view import history_of
from wireproof.report.first_screen import environment
from wireproof.report.storage import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wireproof.ledger.model import TargetLedger

FIELDS = "fields/index.html"
#: Rows of a page, and characters of a path and of a word: with them no page has more than some 150 kB.
MOST_ROWS, LONGEST_PATH, LONGEST_WORD, MOST_NAMES = 300, 120, 40, 40
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

# Their own few rules: the style of the first page on each of some 460 pages would be more than what they say.
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:1rem auto;max-width:75rem;padding:0 1rem;color:#1c1e21}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;"
    "border-bottom:1px solid #ddd}code{overflow-wrap:anywhere}.u{color:#8a4600}.c{color:#555;font-size:90%}"
    "@media(prefers-color-scheme:dark){body{color:#e4e6eb;background:#18191a}th,td{border-color:#444}.u{color:#f0a860}"
    ".c{color:#aaa}a{color:#8ab4f8}}"
)


def page_of(contract: str) -> str:
    """Return the address of a contract's page as seen from the first page of its target."""
    return "fields/" + "/".join(map(_safe, contract.split("/"))) + ".html"


def anchor_of(path: str) -> str:
    """Return the anchor of a place on the page of its contract."""
    return f"p{zlib.crc32(path.encode('utf-8', 'backslashreplace')):08x}"


def addresses(contracts: Iterable[str]) -> dict[str, str]:
    """Return the address of each contract's page."""
    return {contract: page_of(contract) for contract in contracts}


def write_field_pages(ledger: TargetLedger, folder: Path) -> list[Path]:
    """Write the pages of a target's ledger below `folder`; return them, none where nothing was seen."""
    if not ledger.contracts:
        return []
    from markupsafe import Markup  # noqa: PLC0415  # not for commands without a site

    style = Markup(STYLE)  # noqa: S704  # it is the one above
    made, written, rows = environment(), [], []
    page = made.get_template("field_history.html")
    for contract in sorted(ledger.contracts):
        history, address = history_of(ledger, contract), page_of(contract)
        rows.append((contract, address.removeprefix("fields/"), history))
        text = page.render(
            history=history,
            style=style,
            up="../" * (address.count("/")),
            shown=MOST_ROWS,
            anchor_of=anchor_of,
            longest=LONGEST_PATH,
            longest_word=LONGEST_WORD,
            most_names=MOST_NAMES,
        )
        written.append(replace_file(folder / address, text.encode()))
    index = made.get_template("field_index.html").render(target=ledger.target, rows=rows, style=style)
    return [replace_file(folder / FIELDS, index.encode()), *written]


def _safe(part: str) -> str:
    """Return a part of a contract's id as a name of a file; with a digest where it is none as it is."""
    plain = _UNSAFE.sub("-", one_line(part, 80)).strip(".") or "-"
    if plain == part:
        return plain
    return f"{plain}-{hashlib.sha256(part.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"

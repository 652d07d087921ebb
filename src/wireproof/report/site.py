"""The site of the nightly runs: a page for each target, an index that says how old each is, changes, and their feed."""

from __future__ import annotations

import shutil
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from wireproof.bounds import read_file
from wireproof.errors import UsageError, WireproofError
from wireproof.ledger.ledger_file import LEDGER, load_ledger
from wireproof.report.atom_feed import feed
from wireproof.report.changes_page import changes_page
from wireproof.report.field_pages import FIELDS, addresses, write_field_pages
from wireproof.report.files import ALLURE, RESULT, SUMMARY, read_history, read_result, write_first_screen
from wireproof.report.first_screen import environment
from wireproof.report.storage import replace_file
from wireproof.results.conclusion import Outcome
from wireproof.results.run_summary import gather
from wireproof.results.wording import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wireproof.contract.dated_changes import Changes
    from wireproof.ledger.model import TargetLedger

OF_PAGE = (SUMMARY, RESULT)  # what the first page of a target links to on the site
FEED = "feed.xml"
CHANGES = "changes.html"


def write_site(
    reports: Path,
    site: Path,
    *,
    documented: Mapping[str, Changes] | None = None,
    url: str = "",
    documents: Sequence[Path] = (),
) -> list[Path]:
    """Lay out what is in `reports/<target>` in `site/<target>`, with an index and a feed; return what was written.

    Each target has its first page, its Allure report, and a page with the history of each contract's fields. Of one
    without a result, only with a history, the index says when it last came to a verdict. `url` is the address of the
    site and `documented` what changed in the documentation of each product; both are for the feed, and the page of
    changes. Each Markdown file of `documents` becomes a page.
    """
    rows, written, histories = [], [], {}
    ledgers: dict[str, TargetLedger] = {}
    for folder in sorted(one for one in reports.glob("*/") if one.name[0] != "."):
        history = histories[folder.name] = read_history(folder, look=True)
        known = load_ledger(folder / LEDGER, look=True)
        ledgers |= known.ledgers
        row: dict[str, Any] = {"target": folder.name, "outcome": Outcome.UNKNOWN, "date": "", "is_linked": False}
        try:
            summary = gather(read_result(folder / RESULT))
        except WireproofError as problem:
            last = max((entry for entry in history.entries), key=lambda entry: entry.date, default=None)
            before = f" The last run said {last.outcome}." if last else ""
            row |= {"said": f"Unknown: {problem}{before}", "date": last.date if last else ""}
        else:
            pages = site / folder.name
            for file in (ALLURE, *OF_PAGE):
                if (folder / file).is_file():
                    (pages / file).parent.mkdir(parents=True, exist_ok=True)
                    written.append(shutil.copyfile(folder / file, pages / file))
            ledger = known.of(summary.run.target)
            fields = addresses(ledger.contracts)
            files = (*OF_PAGE, FIELDS) if fields else OF_PAGE
            written += write_field_pages(ledger, pages)
            written.append(write_first_screen(summary, history, pages, files=files, fields=fields))
            outcome, date = summary.conclusion.outcome, moment(summary.run.started_at)
            row |= {"said": summary.headline, "outcome": outcome, "date": date, "is_linked": True}
        rows.append(row)
    titles = {f"{one.stem}.html": _write_document(one, site, documents) for one in documents}
    page = (
        environment("site.js").get_template("site.html").render(rows=rows, feed=FEED, changes=CHANGES, documents=titles)
    )
    written += [site / name for name in titles]
    day = max((entry.date[:10] for history in histories.values() for entry in history.entries), default="")
    news = feed(histories, documented or {}, ledgers=ledgers, day=day, url=url)
    changes = changes_page(documented or {}, ledgers, day=day or "no run", feed=FEED).encode()
    return [
        replace_file(site / "index.html", page.encode()),
        replace_file(site / FEED, news),
        replace_file(site / CHANGES, changes),
        *written,
    ]


def read_document(file: Path) -> str:
    """Return the text of a Markdown file for the site; UsageError for what is none."""
    try:
        return read_file(file).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise UsageError(f"--document {file}: {why}. Name a Markdown file.") from error


def _write_document(file: Path, site: Path, published: Sequence[Path]) -> str:
    """Write a Markdown file as a page, with links to other published ones as links to their pages; return its title."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  # not for commands without a site
    from markupsafe import Markup  # noqa: PLC0415

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens, pages = reader.parse(read_document(file)), {one.name: f"{one.stem}.html" for one in published}
    for token in (inner for outer in tokens for inner in outer.children or ()):
        if token.type == "link_open":
            name, mark, anchor = str(token.attrs["href"]).partition("#")
            token.attrs["href"] = pages.get(name, name) + mark + anchor
    title = next((after.content for one, after in pairwise(tokens) if one.type == "heading_open"), file.stem)
    # Markup is safe here: it is made of a file of the repository, without HTML of its own.
    body = Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704
    page = environment("site.js").get_template("document.html").render(title=title, body=body)
    replace_file(site / f"{file.stem}.html", page.encode())
    return title

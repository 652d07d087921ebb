"""The site of the nightly runs: a page for each target, an index that says how old each is, and a feed of changes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from wireproof.errors import WireproofError
from wireproof.report.atom_feed import feed
from wireproof.report.files import ALLURE, RESULT, SUMMARY, read_history, read_result, write_first_screen
from wireproof.report.first_screen import environment
from wireproof.report.storage import replace_file
from wireproof.results.conclusion import Outcome
from wireproof.results.run_summary import gather
from wireproof.results.wording import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wireproof.contract.dated_changes import Changes

OF_PAGE = (SUMMARY, RESULT)  # what the first page of a target links to on the site
FEED = "feed.xml"


def write_site(
    reports: Path, site: Path, *, documented: Mapping[str, Changes] | None = None, url: str = ""
) -> list[Path]:
    """Lay out what is in `reports/<target>` in `site/<target>`, with an index and a feed; return what was written.

    Each target has its first page and its Allure report. Of one that has no result, only a history, the index says when
    it last came to a verdict. `url` is the address of the site and `documented` what changed in the documentation of
    each product; both are for the feed.
    """
    rows, written, histories = [], [], {}
    for folder in sorted(one for one in reports.glob("*/") if one.name[0] != "."):
        history = histories[folder.name] = read_history(folder, look=True)
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
            written.append(write_first_screen(summary, history, pages, files=OF_PAGE))
            outcome, date = summary.conclusion.outcome, moment(summary.run.started_at)
            row |= {"said": summary.headline, "outcome": outcome, "date": date, "is_linked": True}
        rows.append(row)
    page = environment("site.js").get_template("site.html").render(rows=rows, feed=FEED)
    news = feed(histories, documented or {}, url=url)
    return [replace_file(site / "index.html", page.encode()), replace_file(site / FEED, news), *written]

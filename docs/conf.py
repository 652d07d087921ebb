"""The handbook as a site: `make docs` runs Sphinx over README.md, the other documents of the project, and docs/.

Every page is found by itself. `NAVIGATION` only says which come first; whatever it does not name follows under "More".
The reference of the commands is made of the parser while the site is built.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof import __version__
from wireproof.cli import parser
from wireproof.cli.reference import reference

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parent.parent

project = "wireproof"
version = release = __version__
extensions = ["myst_parser"]
root_doc = "README"
include_patterns = ["*.md", "docs/*.md"]
exclude_patterns = [".*", "benchmarks", "build", "contracts", "dist", "reports", "requirements", "site", "src", "tests"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "wireproof"
html_copy_source = html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["handbook.css"]
# Words beside code, as everywhere in the project: quotes and dashes stay as they are written.
smartquotes = False
# `text` and `sh` are enough for most; pygments is lenient with JSON that has dots in it.
highlight_language = "text"
suppress_warnings = ["misc.highlighting_failure"]

#: The generated page.
COMMANDS = "docs/commands"

NAVIGATION = {
    "Using it": ("running", "reports", "ledger", "changes", "waivers", "targets", "weights", "limits"),
    "For clients": ("venue", "clients", "client-repositories", "exports", "ci"),
    "Reference": ("commands", "exchange", "sources", "cases", "trust", "benchmarks", "decisions"),
}


def navigation() -> dict[str, list[str]]:
    """Return every page by the heading that it stands below, each once, as names of documents without suffix."""
    pages = {f"docs/{file.stem}" for file in (ROOT / "docs").glob("*.md")} | {COMMANDS}
    named = {title: [f"docs/{one}" for one in names] for title, names in NAVIGATION.items()}
    first = [one for names in named.values() for one in names]
    own = [file.stem for file in sorted(ROOT.glob("*.md")) if file.stem != root_doc]
    return {**named, "More": [*sorted(pages - {*first}), *own]}


def with_navigation(_: Sphinx, name: str, source: list[str]) -> None:
    """Put the tables of contents below the first page, where they show in the sidebar alone."""
    if name == root_doc:
        for title, pages in navigation().items():
            source[0] += "\n".join(("\n```{toctree}", ":hidden:", f":caption: {title}", "", *pages, "```\n"))
    # Links to folders and workflows lead into the repository, whose address a checkout does not know.
    source[0] = re.sub(r"\[([^]]+)\]\((?:\.\./)*(?:\.github|src|tests|contracts|reports)/[^)]*\)", r"\1", source[0])


def write_commands(_: Sphinx) -> None:
    """Write the reference of the commands, which git does not keep."""
    made = reference(parser(whole=True))
    page = ROOT / f"{COMMANDS}.md"
    if not page.exists() or page.read_text("utf-8") != made:
        page.write_text(made, "utf-8")


def begin_with_the_readme(app: Sphinx, failure: Exception | None) -> None:
    """Let the folder open at its first page."""
    if failure is None and app.builder.format == "html":
        shutil.copy(Path(app.outdir) / f"{root_doc}.html", Path(app.outdir) / "index.html")


def setup(app: Sphinx) -> None:
    """Register what is done while the site is built."""
    app.connect("builder-inited", write_commands)
    app.connect("source-read", with_navigation)
    app.connect("build-finished", begin_with_the_readme)

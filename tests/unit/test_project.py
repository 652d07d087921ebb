"""The project's own files agree with each other: Makefile, change log, version."""

from __future__ import annotations

import re
import tomllib

from checkout import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
RULES = set(re.findall(r"^([a-z]+):(?!=)", MAKEFILE, re.MULTILINE))
SECTIONS = ("Added", "Changed", "Fixed", "Removed")


def test_every_target_has_a_rule():
    [phony] = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == RULES


def test_every_target_that_is_named_exists():
    files = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/workflows/*.yml"), ROOT / ".ci/run"]
    named = {
        (file.name, target)
        for file in files
        for target in re.findall(r"(?:`|run: |exec |^)make ([a-z]+)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert {(file, target) for file, target in named if target not in RULES} == set()
    assert ("README.md", "test") in named


def test_every_path_that_a_document_names_exists():
    files = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    path = re.compile(r"[`(]((?:src|tests|docs|contracts|benchmarks|\.github|\.ci)/[\w./-]+)[`)]")
    named = {(file.name, one) for file in files for one in path.findall(file.read_text("utf-8"))}
    assert {(file, one) for file, one in named if not (ROOT / one).exists()} == set()
    assert ("README.md", "docs/exchange.md") in named


def test_the_change_log_has_the_version_and_four_kinds_of_changes():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    titles = [release.splitlines()[0] for release in releases]
    assert version in {title.split(" ")[0] for title in titles}
    for title, release in zip(titles, releases, strict=True):
        sections = re.findall(r"^### (.+)$", release, re.MULTILINE)
        assert sections == [name for name in SECTIONS if name in sections], title
        assert sections, title


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python before 3.11.6 matches wrongly there (python/cpython#106052); `DECIMAL_LINES` says why it is safe."""
    found = {
        path.name
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r"[^(]\)[*+?]\+", path.read_text(encoding="utf-8"))
    }
    assert found == {"columns.py"}

"""docs/exports.md: its commands print what it says."""

from __future__ import annotations

import json
import re
import shlex

from checkout import ROOT

from wireproof.cli import main

PAGE = (ROOT / "docs/exports.md").read_text("utf-8")


def test_every_command_of_the_page_prints_a_document(capsys):
    """Each format that there is has one, and prints JSON."""
    commands = re.findall(r"^wireproof (export .*?) > [\w.-]+\.json$", PAGE, re.MULTILINE)
    assert {shlex.split(one)[1] for one in commands} == set(re.findall(r"^\| `export (\w+)` \|", PAGE, re.MULTILINE))
    for command in commands:
        assert main(shlex.split(command)) == 0
        assert json.loads(capsys.readouterr().out)

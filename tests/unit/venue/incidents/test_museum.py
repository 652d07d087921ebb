"""The museum: its files are sound, the command lists and serves them, and docs/incidents.md has them all."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from checkout import ROOT

from wireproof.cli import main
from wireproof.venue.__main__ import OptionError, read_options
from wireproof.venue.base.eras import read_day
from wireproof.venue.incidents.museum import incident, incidents, listing, markdown
from wireproof.venue.products.dated_behaviours import era_of
from wireproof.venue.products.registry import PRODUCTS

PAGE = (ROOT / "docs/incidents.md").read_text("utf-8")
ASKED_FOR = {
    "algo-migration",
    "silent-stream-roots",
    "trading-halt",
    "order-ack-2026-08",
    "cm-um-integration",
    "timeout-but-filled",
    "undocumented-weight",
}


@pytest.mark.parametrize("one", incidents().values(), ids=lambda one: one.name)
def test_a_file_says_what_happened_when_and_who_says_so(one):
    assert one.sees
    assert one.sources
    assert all(source.startswith("https://") for source in one.sources)
    assert set(one.products) <= {product.name for product in PRODUCTS}
    assert read_day(one.since)
    assert one.as_of or one.faults or one.statuses
    assert not one.as_of or not era_of(one.day).is_newest
    assert one.title[0] != one.title[0].upper() or not one.title[0].isalpha() or one.title.startswith(("COIN", "USD"))


def test_all_are_there_oldest_first():
    assert incidents().keys() >= ASKED_FOR
    days = [one.since for one in incidents().values()]
    assert days == sorted(days)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"There is no incident 'algo-migraton'\. Did you mean 'algo-migration'\?"):
        incident("algo-migraton")
    with pytest.raises(ValueError, match=r"There is no incident 'zzz'\. Known: .*silent-stream-roots"):
        incident("zzz")


def test_the_command_lists_them(capsys):
    assert main(["venue", "--incidents"]) == 0
    assert capsys.readouterr().out == listing()
    assert main(["venue", "--incidents", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(incidents())
    assert main(["venue", "--incidents", "--markdown"]) == 0
    assert capsys.readouterr().out == markdown()


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("--as-of 2025-01-01", "--as-of: How the exchange behaved on 2025-01-01 is not known"),
        ("--as-of soon", "--as-of: A day such as 2026-05-01 was expected, not 'soon'"),
        ("--incident trading-hold", "--incident: There is no incident 'trading-hold'. Did you mean 'trading-halt'?"),
        ("--incident trading-halt --as-of 2026-05-01", "--incident has a day of its own: leave --as-of out."),
        ("--markdown", "--markdown goes with --incidents."),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(command, sentence, capsys):
    with pytest.raises(OptionError, match=re.escape(sentence)):
        read_options(command.split())
    assert main(["venue", *command.split()]) == 2
    assert sentence in capsys.readouterr().err


def test_the_page_has_what_the_command_prints():
    """`wireproof venue --incidents --markdown` writes it anew."""
    assert markdown() in PAGE


def test_commands_of_the_page_have_options_that_there_are():
    commands = re.findall(r"^wireproof venue (.*?)(?: *#.*)?$", PAGE, re.MULTILINE)
    assert len(commands) > len(incidents())
    for command in commands:
        read_options(shlex.split(command))

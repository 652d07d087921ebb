"""The reference of the commands: every command, every option and every example of the parser, as Markdown."""

from __future__ import annotations

import argparse
import re

from markdown_it import MarkdownIt

from wireproof.cli import parser
from wireproof.cli.reference import STATUSES, commands_of, reference
from wireproof.errors import ExitStatus

WHOLE = parser(whole=True)
PAGE = reference(WHOLE)


def test_every_command_with_every_option_and_example_is_in_it():
    sections = dict(re.findall(r"^## wireproof (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
    assert sections.keys() == {name for name, _ in commands_of(WHOLE)}
    for name, command in commands_of(WHOLE):
        for action in command._actions:
            if action.help is not argparse.SUPPRESS and action.dest != "help":
                for flag in action.option_strings:
                    assert flag in sections[name], (name, flag)
        for example in command.examples:
            assert example in sections[name]


def test_every_exit_status_is_in_it():
    assert STATUSES.keys() == set(ExitStatus)
    assert re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE) == [str(int(one)) for one in ExitStatus]


def test_words_of_the_help_show_as_they_are():
    """Markdown makes nothing of an asterisk or a bracket; code stays code, and cells stay cells."""
    own = argparse.ArgumentParser(description="Takes *all* of <b>, a_b_c and [x](y), `a*|b`.")
    own.add_argument("--one", choices=("a|b", "c"), help="a | b, 100%% and `x|y`; default: %(default)s", default="c")
    page = reference(own)
    html = MarkdownIt().enable("table").render(page)
    assert "Takes *all* of &lt;b&gt;, a_b_c and [x](y)" in html
    assert "<code>--one {a|b,c}</code></td>" in html
    assert ">a | b, 100% and <code>x|y</code>; default: c</td>" in html

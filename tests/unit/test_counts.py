"""Counts read like speech, in every message: no "1 problems"."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from checkout import SRC

from wireproof.counts import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The texts of the exchange, which the venue repeats, are not wireproof's.
MODULES = [file for file in sorted(SRC.rglob("*.py")) if "venue" not in file.relative_to(SRC).parts]
#: What wireproof counts. A plural of these right behind a value is wrong for one.
NOUNS = (
    "accusation alarm alteration answer byte case cause change character connection contract difference digit document"
    " element event example field file finding frame level line message mutation observation order page place problem"
    " repair repetition request row run second stream symbol time value waiver"
)
PLURAL = re.compile(rf" (?:\w+ )?(?:{NOUNS.replace(' ', '|')})s\b")
#: By module, what stands before a plural and is not 1: a name, or a number that a branch or a bound makes larger.
NEVER_ONE = {
    "cli/torturing.py": {"options.target"},
    "contract/names.py": {"len(name)", "len(text)", "text"},
    "drift/deviations.py": {"len(unknown)"},
    "drift/explain.py": {"max((one.times for one in group))"},
    "ledger/recorded.py": {"all_.could", "now.could"},
    "manifest/night_download.py": {"url"},
    "results/wording.py": {"tried"},
    "suite/diagnosis.py": {"reached.host"},
    "suite/events/event_reports.py": {"provoked.name"},
    "suite/events/event_order.py": {"name"},
    "suite/judging/strays.py": {"number"},
    "suite/planning/preview.py": {"totals.streams"},
    "suite/running/weighing.py": {"times"},
    "suite/state/conditions.py": {"number"},
    "suite/streams/commands.py": {"streams", "times"},
    "suite/streams/pace.py": {"len(series)"},
    "suite/streams/silence.py": {"name"},
    "suite/streams/stream_reports.py": {"len(unasked)"},
    "wire/failures.py": {"number", "self.sends"},
    "wire/limits.py": {"self.length_ms // 1000"},
    "wire/trouble.py": {"self._row"},
    "wire/websocket/frames.py": {"self.count"},
    "wire/websocket/handshake.py": {"most"},
    "wire/websocket/session.py": {"again + 1", "self._fruitless"},
}


def test_counts_read_like_speech():
    assert [counted(1, "case"), counted(1200, "case"), counted(2, "entry", "entries")] == [
        "1 case",
        "1,200 cases",
        "2 entries",
    ]


def always_plural(source: str) -> Iterator[str]:
    """Yield each value that an f-string sets before a plural; not constants, which are written in capitals."""
    for node in ast.walk(ast.parse(source)):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for value, text in pairwise(parts):
            if not isinstance(value, ast.FormattedValue) or not isinstance(text, ast.Constant):
                continue
            shown = ast.unparse(value.value)
            if PLURAL.match(str(text.value)) and not shown.isupper() and not shown.startswith("counted("):
                yield shown


def test_no_message_says_1_problems():
    found = {file.relative_to(SRC).as_posix(): set(always_plural(file.read_text("utf-8"))) for file in MODULES}
    assert {name: shown for name, shown in found.items() if shown} == NEVER_ONE, "use wireproof.counts.counted"


def test_what_is_always_plural_is_found():
    assert list(
        always_plural('f"{number} problems, {LIMIT} problems, {counted(1, noun)} problems, {n:,} NUL bytes"')
    ) == [
        "number",
        "n",
    ]

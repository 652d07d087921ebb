"""What a terminal shows while a run waits."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wireproof.report.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        """Pretend to be a terminal."""
        return True


class Clock:
    """Seconds that pass when told so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        return self.now


def test_a_terminal_gets_one_line_below_what_is_there_and_is_left_clean() -> None:
    terminal, clock = Terminal(), Clock()
    progress = Progress(stream=terminal, seconds=clock, now_ms=lambda: 5_000.0)
    progress.update(3, 312)
    clock.now += 1
    progress.update(4, 312, waiting_until=42_000.0, weight=2_390, limit=2_400)
    progress.close()
    assert terminal.getvalue() == (
        "\x1b[J\x1bD\x1bM\x1b7\x1b[?7l\x1b[B\r3 of 312 cases done\x1b[?7h\x1b8"
        "\x1b[J\x1bD\x1bM\x1b7\x1b[?7l\x1b[B\r"
        "4 of 312 cases done, waiting 37 s for the rate limit, weight 2,390 of 2,400 this minute"
        "\x1b[?7h\x1b8"
        "\x1b[J"
    )


def test_a_log_gets_a_line_every_few_seconds_and_none_for_a_quick_run() -> None:
    log, clock = io.StringIO(), Clock()
    progress = Progress(stream=log, seconds=clock)
    for second in range(11):
        clock.now = 1_000.0 + second
        progress.update(second, 312)
    progress.close()
    assert log.getvalue() == "\n5 of 312 cases done\n\n10 of 312 cases done\n"


def test_nothing_is_written_when_asked_to_be_quiet_or_after_the_end() -> None:
    terminal = Terminal()
    Progress(quiet=True, stream=terminal).update(1, 2)
    progress = Progress(stream=terminal)
    progress.close()
    progress.update(1, 2)
    assert terminal.getvalue() == ""


def test_the_same_words_are_not_written_twice() -> None:
    terminal, clock = Terminal(), Clock()
    progress = Progress(stream=terminal, seconds=clock)
    progress.update(1, 2)
    written = terminal.getvalue()
    clock.now += 1
    progress.update(1, 2)
    assert terminal.getvalue() == written


def test_every_write_is_surrounded_by_what_lifts_the_capture() -> None:
    terminal, lifted = Terminal(), []

    @contextmanager
    def uncaptured() -> Iterator[None]:
        lifted.append(terminal.getvalue() == "")
        yield

    progress = Progress(stream=terminal, uncaptured=uncaptured)
    progress.update(1, 2)
    progress.close()
    assert lifted == [True, False]

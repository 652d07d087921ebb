"""Many pages of one site: a pause between them, and an end to asking."""

from __future__ import annotations

import pytest

from wireproof.pages.reading import polite
from wireproof.pages.reading.page import PageError
from wireproof.pages.reading.polite import MOST_FAILURES, PoliteLoader


@pytest.fixture
def pauses(monkeypatch):
    """Return the pauses that are made, without making them."""
    made: list[float] = []
    monkeypatch.setattr(polite.time, "sleep", made.append)
    return made


def test_there_is_a_pause_between_addresses_and_none_before_files(pauses):
    load = PoliteLoader(2.5, 10, load=lambda page: page.encode())
    assert [load(page) for page in ("page.md", "https://a", "page.md", "https://b")][1] == b"https://a"
    assert pauses == [2.5]


def test_a_mirror_serves_the_same_paths():
    load = PoliteLoader(0, 10, mirror="http://127.0.0.1:1/", load=lambda page: page.encode())
    assert load("https://e.org/docs/a?x#y") == b"http://127.0.0.1:1/docs/a"


def test_no_more_are_asked_for_than_allowed(pauses):
    load = PoliteLoader(0, 1, load=lambda page: page.encode())
    load("https://a")
    with pytest.raises(PageError, match="the limit is 1 page; raise it"):
        load("https://b")


def test_a_site_that_does_not_answer_is_left_alone(pauses):
    asked: list[str] = []

    def refuse(page: str) -> bytes:
        asked.append(page)
        raise PageError(page, "answered HTTP 503.")

    load = PoliteLoader(0, 100, load=refuse)
    for number in range(MOST_FAILURES + 3):
        with pytest.raises(PageError):
            load(f"https://{number}")
    assert len(asked) == MOST_FAILURES
    with pytest.raises(PageError, match="in a row"):
        load("https://x")

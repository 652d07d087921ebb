"""The feed says what is new and gone and what was documented anew, is bounded, and any reader can read it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import feedparser
import pytest
from checkout import ROOT

from wireproof.contract.dated_changes import Changes, DatedChange, load_changes
from wireproof.drift.finding import Verdict
from wireproof.ledger.model import ContractRecord, PlaceRecord, TargetLedger
from wireproof.report.atom_feed import ENTRIES, FEED_BYTES, LINES, feed
from wireproof.report.history import Entry, History
from wireproof.results.wording import moment

if TYPE_CHECKING:
    from conftest import Results
    from wireproof.results.model import RunResult

DAY = 86_400_000.0
URL = "https://owner.github.io/wireproof/"
ATOM = "{http://www.w3.org/2005/Atom}"


def night(results: Results, number: int, *paths: str) -> RunResult:
    """Return the run of a night in which these paths broke."""
    found = [results.finding(path) for path in paths]
    case = results.case("a", Verdict.BREAKING if found else Verdict.CONFORMS, findings=found)
    return results.run(case, run=f"night-{number}", started_at=results.base + number * DAY)


def history_of(*runs: RunResult) -> History:
    """Return the history after these runs."""
    history = History()
    for run in runs:
        history = history.with_run(run)
    return history


def faults(made: bytes) -> list[str]:
    """Return what RFC 4287 forbids in a feed."""
    root = ET.fromstring(made)  # noqa: S314  # our own
    found, ids = [], []
    for place in [root, *root.findall(f"{ATOM}entry")]:
        once = {name: [bool(one.text) for one in place.findall(f"{ATOM}{name}")] for name in ("id", "title", "updated")}
        found += [f"{name} is not there once" for name, texts in once.items() if texts != [True]]
        ids.append(place.findtext(f"{ATOM}id", ""))
        if not re.fullmatch(r"[a-z]+:[!-~]+", ids[-1]):
            found.append(f"{ids[-1]!r} is no IRI")
        if datetime.fromisoformat(place.findtext(f"{ATOM}updated", "")).tzinfo is None:
            found.append("a date has no zone")
        has_content = place.find(f"{ATOM}content") is not None
        if place is not root and not has_content and place.find(f"{ATOM}link[@rel='alternate']") is None:
            found.append("neither content nor link")
    if root.find(f"{ATOM}author/{ATOM}name") is None:
        found.append("nobody is the author")
    if len(set(ids)) < len(ids):
        found.append("an id stands twice")
    return found


def test_a_reader_sees_what_is_new_and_gone_newest_first(results: Results) -> None:
    history = history_of(night(results, 0, "a", "b"), night(results, 1, "a", "b"), night(results, 2, "b", "c"))
    made = feed({"testnet": history}, {}, url=URL)
    read = feedparser.parse(made)
    assert (read.bozo, read.version, faults(made)) == (False, "atom10", [])
    assert [(one.title, one.updated, one.link) for one in read.entries] == [
        ("testnet: 1 difference new, 1 difference gone", "2026-11-24T04:00:00Z", f"{URL}testnet/"),
        ("testnet: 2 differences new", "2026-11-22T04:00:00Z", f"{URL}testnet/"),
    ]
    assert read.feed.updated == "2026-11-24T04:00:00Z"
    assert {one.rel: one.href for one in read.feed.links} == {"self": f"{URL}feed.xml", "alternate": URL}
    body = read.entries[0].content[0].value
    price = "breaking type-changed at usdm/ws-api/order.place"
    assert f"<li>new: {price} c: documented decimal string, got integer [" in body
    assert f"<li>gone: {price} a: documented decimal string, got integer [" in body


def test_what_was_gone_and_comes_again_is_back(results: Results) -> None:
    history = history_of(night(results, 0, "a"), night(results, 1), night(results, 2, "a"), night(results, 3, "a"))
    read = feedparser.parse(feed({"testnet": history}, {}))
    assert [one.title for one in read.entries] == [
        *("testnet: 1 difference back", "testnet: 1 difference gone", "testnet: 1 difference new"),
    ]


def test_what_nobody_looked_at_is_not_gone(results: Results) -> None:
    blocked = results.run(results.case("a", Verdict.BLOCKED), run="night-1", started_at=results.base + DAY)
    history = history_of(night(results, 0, "a"), blocked, night(results, 2, "a"))
    assert [one.title for one in feedparser.parse(feed({"testnet": history}, {})).entries] == [
        "testnet: 1 difference new"
    ]


def test_the_same_histories_make_the_same_feed(results: Results) -> None:
    history = history_of(night(results, 0, "a"))
    assert feed({"testnet": history}, {}) == feed({"testnet": History(history.entries)}, {})


def change(day: str, **fields: str) -> DatedChange:
    """Return a field that was added."""
    given = {"path": "[].x", "announced": day, "basis": "change-log", **fields}
    return DatedChange(contracts=("usdm/rest/a", "usdm/rest/b"), kind="field-added", links=("https://docs/",), **given)


def test_changes_of_the_documentation_stand_by_day(results: Results) -> None:
    on_the_wire = change("", seen="2026-11-01", basis="wire")
    changes = Changes(changes=(change("2026-11-23"), change("2026-11-23", path="y"), on_the_wire))
    read = feedparser.parse(feed({"testnet": history_of(night(results, 0, "a"))}, {"usdm": changes}))
    assert [one.title for one in read.entries] == ["Documentation of usdm: 2 changes", "testnet: 1 difference new"]
    first = read.entries[0]
    assert (first.link, first.id) == (
        "https://docs/",
        "urn:wireproof:documentation:usdm:2026-11-23",
    )
    assert "<li>field-added: usdm/rest/a and 1 more [].x</li>" in read.entries[0].content[0].value


def test_the_changes_that_the_contracts_know_make_a_sound_feed() -> None:
    documented = {folder.name: load_changes(folder) for folder in (ROOT / "contracts").iterdir() if folder.is_dir()}
    made = feed({}, documented, url=URL)
    assert (feedparser.parse(made).bozo, faults(made)) == (False, [])
    assert len(feedparser.parse(made).entries) == ENTRIES
    assert len(made) <= FEED_BYTES


@pytest.mark.parametrize("url", ["", URL])
def test_a_feed_of_nothing_is_a_feed(url: str) -> None:
    made = feed({}, {}, url=url)
    assert (feedparser.parse(made).bozo, faults(made)) == (False, [])


def test_a_feed_is_bounded_whatever_came(results: Results) -> None:
    # Of a target that changes everything every night, in bytes that no XML may hold.
    entries = []
    for number in range(100):
        date = moment(results.base + number * DAY)
        seen = {f"f{number}-{one}": date for one in range(200)}
        said = dict.fromkeys(seen, "<&\x01\x1b\ud800" * 100)
        one = Entry(run=f"{number}", date=date, target="testnet", outcome="breaking", fingerprints=seen, said=said)
        entries.append(one)
    made = feed({"testnet": History(entries)}, {}, url=URL)
    read = feedparser.parse(made)
    assert (read.bozo, faults(made)) == (False, [])
    assert len(made) <= FEED_BYTES
    assert 1 <= len(read.entries) <= ENTRIES
    assert read.entries[0].content[0].value.count("<li>") == LINES + 1
    assert "<li>and 160 more</li>" in read.entries[0].content[0].value


def test_what_comes_into_force_is_announced_thirty_days_before() -> None:
    coming = change("2026-10-01", in_force="2026-12-20")
    late = change("2026-12-10", in_force="2026-12-20", path="[].y")
    documented = {"usdm": Changes(changes=(coming, late))}

    def told(day: str) -> list[tuple[str, str]]:
        read = feedparser.parse(feed({}, documented, day=day))
        return [(one.title, one.updated) for one in read.entries if "in force" in one.title]

    assert told("2026-11-19") == []
    assert told("2026-11-20") == [("usdm: 1 change in force on 2026-12-20", "2026-11-20T00:00:00Z")]
    assert told("2026-12-10") == [("usdm: 2 changes in force on 2026-12-20", "2026-12-10T00:00:00Z")]
    assert told("") == []


def test_what_a_target_first_shows_is_news_unless_it_always_did() -> None:
    places = {"[].x": PlaceRecord(first="2026-11-12", last="2026-11-20"), "[].y": PlaceRecord(first="2026-11-01")}
    record = ContractRecord(first="2026-11-01", last="2026-11-20", places=places)
    ledgers = {"live": TargetLedger(target="live", contracts={"usdm/rest/a": record})}
    documented = {"usdm": Changes(changes=(change("2026-10-01"), change("2026-10-01", path="[].y")))}
    made = feed({}, documented, ledgers=ledgers, day="2026-11-20")
    read = feedparser.parse(made)
    assert [(one.title, one.updated) for one in read.entries if "shows" in one.title] == [
        ("live shows 1 change of usdm", "2026-11-12T00:00:00Z")
    ]
    assert faults(made) == []
    assert made == feed({}, documented, ledgers=ledgers, day="2026-11-20")

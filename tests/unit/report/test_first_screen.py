"""The first page of the reports: read without a browser, and opened in one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from readers import ATTACKS, hidden
from selectolax.lexbor import LexborHTMLParser

from wireproof.drift.finding import Kind, Severity, Verdict, fingerprint
from wireproof.drift.seen_fields import Sight, UnseenField
from wireproof.report.allure_links import allure_page
from wireproof.report.first_screen import PAGE_BYTES, first_screen
from wireproof.report.history import History
from wireproof.report.tools import find_package
from wireproof.results.model import BaselineFinding, Blockage
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Page, Results
    from wireproof.results.model import RunResult

DAY = 24 * 60 * 60 * 1000


def page_of(run: RunResult, history: History | None = None, **links: Any) -> LexborHTMLParser:
    known = (history or History()).with_run(run)
    return LexborHTMLParser(first_screen(gather(run), known, **links))


def words(page: LexborHTMLParser, selector: str) -> str:
    return " ".join(" ".join(node.text(separator=" ").split()) for node in page.css(selector))


def cells(page: LexborHTMLParser, row: str) -> list[str]:
    return [" ".join(node.text(separator=" ").split()) for node in page.css(f"tr[id='{row}'] td")]


def everything(results: Results) -> RunResult:
    """Return a run in which every section of the page has something to say."""
    gone = results.finding("result.avgPrice", Kind.MISSING_FIELD, actual="nothing")
    came = results.finding(
        "result.averagePrice",
        Kind.UNDOCUMENTED_FIELD,
        severity=Severity.ADDITIVE,
        expected="nothing",
        actual="undocumented field, decimal string",
    )
    old = results.finding("result.old", Kind.NULL_VALUE)
    dead = results.finding("", Kind.SILENT_STREAM, contract="usdm/stream/depth", actual="Nothing came; trades did.")
    shaky = results.finding("result.side", seen=1, tried=3)
    mixed = results.mixed()
    more = [
        results.case("renamed", Verdict.BREAKING, findings=[gone, came]),
        results.case("a", Verdict.BREAKING, contract="usdm/stream/depth", surface="stream", findings=[dead]),
        results.case("old", baseline=[BaselineFinding(finding=old, since="2026-11-01", expires="2027-01-30")]),
        results.case("doubtful", Verdict.UNSTEADY, unsteady=[shaky]),
    ]
    sight = Sight(
        contract="usdm/ws-api/exchangeInfo",
        fields=9,
        seen=2,
        unseen=(UnseenField(path="result.assets[]", why="empty", fields=7),),
    )
    expired = ["The baseline of 2026-08-01 expired."]
    return replace(mixed, cases=[*mixed.cases, *more], sights=[sight], baseline_expired=expired)


# -- what it says ------------------------------------------------------------------------------------------------------


def test_it_begins_with_the_verdict_the_target_and_the_date(results: Results) -> None:
    page = page_of(results.mixed())
    assert words(page, "h1").startswith("Breaking: 1 difference in 1 contract, 2 milder; 5 of 8 cases exercised")
    assert words(page, ".t") == "wireproof on testnet · 2026-11-22 04:00 UTC"
    assert words(page, "title") == "Breaking on testnet, 2026-11-22 · wireproof"
    assert [words(page_of(run), "title")[:8] for run in (results.run(results.case("a")), results.run())] == [
        "Conforms",
        "Unknown ",
    ]


def test_a_difference_is_one_row_however_many_cases_show_it(results: Results) -> None:
    found = results.finding(seen=3, tried=3)
    cases = [results.case(f"case-{number:02}", Verdict.BREAKING, findings=[found]) for number in range(19)]
    history = History().with_run(results.run(*cases, run="before", started_at=results.base - DAY))
    history = history.with_run(results.run(*cases, run="elsewhere", target="live"))
    page = page_of(results.run(*cases), history, allure="allure/index.html")
    assert cells(page, found.fingerprint) == [
        "breaking",
        "result.price type-changed · usdm/ws-api/order.place documentation of order.place · ed25a99c1be3",
        "documented price: decimal string observed price: integer",
        "2026-11-21 on live, testnet",
        "19 of 19; seen 57 of 57 times",
        "19 cases, first usdm/ws-api/order.place/case-00",
    ]
    assert len(page.css("#differences tbody tr")) == 1
    links = [node.attributes["href"] for node in page.css(f"tr[id='{found.fingerprint}'] a")]
    first = allure_page("testnet", "usdm/ws-api/order.place/case-00")
    assert links == [
        "https://docs.example.org/usdm/ws-api/order.place",
        f"#{found.fingerprint}",
        f"allure/index.html#{first}",
    ]


def test_every_section_has_its_place(results: Results) -> None:
    run = everything(results)
    page = page_of(run)
    said = {section.attributes["id"]: words(page, f"#{section.attributes['id']}") for section in page.css("section")}
    for section, sentence in {
        "account": "position BTCUSDT LONG 0.001",
        "expired": "Waiver 0123456789ab expired on 2026-11-01: extend or remove it.",
        "broken": "usdm/ws-api/order.place/odd: No order to modify",
        "differences": "likely renamed to averagePrice",
        "streams": "usdm/stream/depth : Nothing came; trades did.",
        "unsteady": "result.side",
        "coverage": "USDⓈ-M futures WebSocket API 21 3 1 0 5 of 8 2 of 9",
        "unshown": "usdm/ws-api/exchangeInfo (shown empty): 2 of 9 seen; always empty: result.assets[] (7 fields)",
        "idle": "1 case skipped: no key for testnet",
        "waived": "waived until 2027-01-31: Seen on testnet. source of the waiver",
        "baseline-expired": "The baseline of 2026-08-01 expired.",
        "baseline": "known until 2027-01-30",
        "stale": "Waiver ba9876543210 was not needed",
        "leftovers": "order wp-1 of BTCUSDT",
        "run": "20261122T040000Z-abcd, wireproof 0.2.0",
        "notes": "The clock of this machine is 1.2 s ahead.",
        "changes": "This is the first run against testnet",
    }.items():
        assert sentence in said.pop(section), section
    assert said == {}
    assert "Blocked: testnet.example.org , 1 case. It answered 451. Run it elsewhere." in words(page, "p.alert")
    row = next(node for node in page.css("#unsteady tbody tr"))
    assert "unsteady" in row.text()
    assert "seen 1 of 3 times" in row.text()


def test_new_still_there_and_gone(results: Results) -> None:
    kept, lost, late = (results.finding(path) for path in ("a", "b", "c"))
    before = results.run(
        results.case("a", Verdict.BREAKING, findings=[kept, lost]), run="before", started_at=results.base - DAY
    )
    page = page_of(results.run(results.case("a", Verdict.BREAKING, findings=[kept, late])), History().with_run(before))
    assert "1 new, 1 still there, 1 gone since 2026-11-21 04:00 UTC" in words(page, "#changes p")
    assert words(page, "#changes li") == f"b type-changed · usdm/ws-api/order.place · {lost.fingerprint}"
    assert (cells(page, kept.fingerprint)[3], cells(page, late.fingerprint)[3]) == ("2026-11-21", "new")


def test_a_waiver_that_lapsed_stands_beside_its_difference(results: Results) -> None:
    found = results.finding("status", Kind.STATUS_CHANGED, value="200")
    place = fingerprint(found.contract, "status", Kind.STATUS_CHANGED)
    lapsed = f"Waiver {place} (usdm/ws-api/order.place, status) expired on 2026-11-01 and no longer holds: Why."
    run = results.run(results.case("a", Verdict.BREAKING, findings=[found]), waivers_expired=[lapsed])
    assert lapsed in cells(page_of(run), found.fingerprint)[1]


def test_a_run_without_differences_says_so(results: Results) -> None:
    page = page_of(results.run(results.case("a")))
    assert words(page, "#differences") == "Differences 0 None that count."
    short = page_of(results.run(results.case("a", Verdict.BLOCKED, reason="It answered 451.")))
    assert words(short, "#differences") == "Differences 0 None in what could be looked at."
    assert [section.attributes["id"] for section in page.css("section")] == [
        *("differences", "changes", "coverage", "run"),
    ]


def test_nothing_is_linked_that_is_not_there(results: Results) -> None:
    page = page_of(everything(results))
    ids = {node.attributes["id"] for node in page.css("[id]")}
    for link in page.css("a"):
        href = link.attributes["href"] or ""
        assert href.startswith("https://") or href.removeprefix("#") in ids, href


# -- what others wrote -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", [" ".join(ATTACKS), *ATTACKS[::5]])
def test_what_a_target_said_is_text(results: Results, attack: str) -> None:
    harmless = page_of(filled(results, "x"), allure="a")
    page = page_of(filled(results, attack), allure="a")
    source = page.html or ""
    assert hidden(source) == set()
    assert {node.tag for node in page.css("*")} == {node.tag for node in harmless.css("*")}
    assert len(page.css("script")) == len(page.css("style")) == 1
    assert {link.attributes["href"] for link in page.css("link")} == {"data:,"}
    assert all(re.match(r"#|a(#|$)|https://(docs\.)?example\.org", a.attributes["href"] or "") for a in page.css("a"))
    assert not any(name.startswith("on") for node in page.css("*") for name in node.attributes)


def filled(results: Results, text: str) -> RunResult:
    """Return a run in which a target says `text` wherever it has a say."""
    named = {"expected": text, "actual": text, "repetition": text}
    findings = [results.finding(text, **named), results.finding("b", Kind.UNDOCUMENTED_VALUE, value=text, **named)]
    lists = ("notes", "leftovers", "not_cleaned", "waivers_expired", "waivers_stale")
    bad = results.case("bad", Verdict.BREAKING, findings=findings, docs_url=f"javascript:{text}")
    excused = [results.waived(findings[0], reason=text, link=text)]
    cases = [
        bad,
        results.case("c", waived=excused),
        results.case("d", Verdict.BROKEN, reason=text),
        results.case("e", Verdict.BLOCKED, reason=text),
        results.case("f", Verdict.UNSTEADY, unsteady=findings),
    ]
    block = Blockage(host=text, reason=text, advice=text)
    return results.run(*cases, blocked=[block], excluded={text: 1}, **{name: [text] for name in lists})


@pytest.mark.parametrize(("text", "number"), [("x", 10_000), ("'\"<&\u202e\U0001f600" * 300, 500)])
def test_ten_thousand_differences_fit_and_the_rest_is_counted(results: Results, text: str, number: int) -> None:
    run = results.run(
        *(
            results.case(f"{one}{text}", Verdict.BREAKING, findings=[results.finding(f"result.{text}.f{one}")])
            for one in range(number)
        ),
        notes=[text] * 1000,
        not_cleaned=[text] * 1000,
        blocked=[Blockage(host=text, reason=text, advice=text)] * 100,
    )
    source = first_screen(gather(run), History().with_run(run), allure="allure/index.html")
    assert len(source.encode()) <= PAGE_BYTES
    page = LexborHTMLParser(source)
    rows = len(page.css("#differences tbody tr"))
    assert rows >= (70 if text == "x" else 1)
    assert f"… and {number - rows:,} more in result.json" in words(page, "#differences .more")
    assert f"{number:,}" in words(page, "#differences h2")


# -- in a browser ------------------------------------------------------------------------------------------------------


def written(results: Results, folder: Path) -> str:
    run = everything(results)
    file = folder / "index.html"
    file.write_text(first_screen(gather(run), History().with_run(run), allure="allure/index.html"), "utf-8")
    return file.as_uri()


SHOWN = "[...document.querySelectorAll('#differences tbody tr')].filter(row => !row.hidden).map(row => row.id).join()"


async def test_it_sorts_searches_filters_and_follows_links_by_fingerprint(
    results: Results, page: Page, tmp_path: Path
) -> None:
    url = written(results, tmp_path)
    run = everything(results)
    names = [one.finding.fingerprint for one in gather(run).deviations]
    [waived] = [one.finding.fingerprint for one in gather(run).waived]
    await page.open(url)
    assert await page.value(SHOWN) == ",".join(names)
    await page.click("#differences th button", "Severity")
    await page.click("#differences th button", "Severity")  # the mildest first
    assert await page.value(SHOWN) != ",".join(names)
    assert await page.value("document.querySelector('[aria-sort]').ariaSort") == "ascending"
    search = "document.querySelector('input[type=search]')"
    type_it = "{s}.value = {text!r}; {s}.dispatchEvent(new Event('input', {{bubbles: true}}))"
    await page.value(type_it.format(s=search, text="averageprice"))
    assert len((await page.value(SHOWN)).split(",")) == 2
    await page.click("label", "additive", "input")
    assert (await page.value("document.querySelector('output').value")) == "1 of 6 shown"
    await page.open(f"{url}?again#{waived}")  # it stands in what is folded
    assert await page.value("document.querySelector('#waived details').open") is True
    assert page.complaints == []
    assert [one.partition("?")[0] for one in page.loaded] == [url, url]


AXE = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"


async def test_wcag_aa_holds_in_light_and_dark_and_on_a_narrow_screen(
    results: Results, page: Page, tmp_path: Path
) -> None:
    """As axe-core sees it, with everything unfolded; nothing is wider than the screen."""
    axe = (find_package("axe-core") / "axe.min.js").read_text("utf-8")
    url = written(results, tmp_path)
    row = gather(everything(results)).deviations[0].finding.fingerprint
    for width, scheme in ((1280, "light"), (390, "dark")):
        await page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        await page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        await page.open(f"{url}?{width}{scheme}#{row}")
        await page.value("document.querySelectorAll('details').forEach(one => one.open = true)")
        await page.value(f"{axe};0")
        found = await page.value(
            f"{AXE}.then(r => r.violations.map(v => `${{v.id}}: ${{v.nodes.map(n => n.html.slice(0, 200))}}`))"
        )
        assert found == [], (width, scheme)
        assert await page.value("document.documentElement.scrollWidth") <= width
    assert page.complaints == []

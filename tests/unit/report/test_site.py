"""The site: a page for each target, and an index that says what it shows, of when, and how old that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import feedparser
import pytest
from checkout import SRC
from made_results import Results
from selectolax.lexbor import LexborHTMLParser

from wireproof.contract.store import load_store
from wireproof.drift.finding import Verdict
from wireproof.errors import UsageError
from wireproof.report.files import write_reports
from wireproof.report.history import Entry, History
from wireproof.report.site import write_site
from wireproof.report.tools import run_node

if TYPE_CHECKING:
    from pathlib import Path

# The script of the page, in a page of one row; it says what it adds.
PAGE = """
const said = [];
const row = { querySelector: () => ({ before: (one) => said.push(`${one.className}: ${one.textContent}`) }) };
const time = { dateTime: "2026-11-22T04:00:00Z", after: (text) => said.push(text), closest: () => row };
globalThis.document = { querySelectorAll: () => [time], createElement: () => ({}) };
Date.now = () => Date.parse(process.argv[2]);
process.on("exit", () => console.log(said.join("|")));
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of a good target, one with a strange name, one whose result is broken, and one without."""
    results, folder = Results(), tmp_path_factory.mktemp("site")
    reports = folder / "reports"
    write_reports(results.run(results.case("a")), reports / "testnet")
    broken = results.case("a", Verdict.BREAKING, findings=[results.finding()])
    write_reports(results.run(broken, target="live"), reports / "live<")
    (reports / "broken").mkdir()
    (reports / "broken" / "result.json").write_text("{")
    entry = Entry(run="r", date="2026-11-01T03:00:00Z", target="silent", outcome="ok")
    History([entry]).save(reports / "silent" / "history.jsonl")
    (reports / "testnet" / "allure").mkdir()
    (reports / "testnet" / "allure" / "index.html").write_text("report")
    write_site(reports, folder / "site", url="https://owner.github.io/wireproof/")
    return folder / "site"


def test_the_index_says_what_each_target_came_to_and_when(site: Path) -> None:
    page = LexborHTMLParser((site / "index.html").read_text("utf-8"))
    rows = {row.css("th")[0].text(strip=True): row.css("td") for row in page.css("tbody tr")}
    said = {name: (cells[0].text(strip=True), cells[1].text(strip=True)[:30]) for name, cells in rows.items()}
    assert said == {
        "broken": ("never", "Unknown: " + str(site.parent)[:21]),
        "live<": ("2026-11-22 04:00 UTC", "Breaking: 1 difference in 1 co"),
        "silent": ("2026-11-01 03:00 UTC", "Unknown: " + str(site.parent)[:21]),
        "testnet": ("2026-11-22 04:00 UTC", "Conforms: 1 of 1 case exercise"),
    }
    assert rows["silent"][1].text(strip=True).endswith("The last run said ok.")
    links = {one.attributes["href"] for one in page.css("tbody a")}
    assert links == {"testnet/index.html", "live%3C/index.html"}


def test_each_page_links_to_nothing_that_was_not_copied(site: Path) -> None:
    assert (site / "testnet" / "allure" / "index.html").read_text() == "report"
    page = LexborHTMLParser((site / "testnet" / "index.html").read_text("utf-8"))
    linked = {node.attributes["href"] or "" for node in page.css("header a[href]")}
    beside = {name for name in linked if name[:1] != "#"}
    assert beside == {"allure/index.html", "summary.md", "result.json"}
    assert all((site / "testnet" / name).is_file() for name in beside)


def test_the_index_leads_to_the_feed(site: Path) -> None:
    page = LexborHTMLParser((site / "index.html").read_text("utf-8"))
    [link] = page.css("link[rel=alternate]")
    assert link.attributes["type"] == "application/atom+xml"
    read = feedparser.parse((site / (link.attributes["href"] or "")).read_bytes())
    assert (read.bozo, [one.title for one in read.entries]) == (False, ["live: 1 difference new"])


def test_the_date_stands_there_without_a_script_and_nothing_is_loaded(site: Path) -> None:
    page = LexborHTMLParser((site / "index.html").read_text("utf-8"))
    assert [one.attributes["datetime"] for one in page.css("time")] == [
        *("2026-11-22T04:00:00Z", "2026-11-01T03:00:00Z", "2026-11-22T04:00:00Z"),
    ]
    [policy] = page.css("meta[http-equiv]")
    assert (policy.attributes["content"] or "").startswith("default-src 'none'; ")
    assert page.css("[src], link[rel=stylesheet]") == []


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-11-22T23:00:00Z", ""),
        ("2026-11-23T05:00:00Z", " (1 day ago)"),
        ("2026-11-28T05:00:00Z", " (6 days ago)"),
        (
            "2026-11-29T05:00:00Z",
            " (7 days ago)|alert: This is 7 days old: nothing newer was said of this target. Look at the nightly runs.",
        ),
    ],
)
def test_a_page_of_a_week_ago_says_so(tmp_path: Path, now: str, said: str) -> None:
    script = tmp_path / "page.js"
    script.write_text(PAGE + (SRC / "report" / "templates" / "site.js").read_text("utf-8"))
    done = run_node([script, now], seconds=60)
    assert (done.stdout, done.stderr) == (f"{said}\n", "")


def test_a_site_without_any_result_says_so(tmp_path: Path) -> None:
    write_site(tmp_path / "none", tmp_path / "site")
    assert "No run left a result." in (tmp_path / "site" / "index.html").read_text("utf-8")
    assert feedparser.parse((tmp_path / "site" / "feed.xml").read_bytes()).bozo is False


def test_a_document_is_a_page_that_the_index_links_to(tmp_path: Path) -> None:
    """Its links to other published documents lead to their pages; HTML in it stays text."""
    table = "| client | streams |\n| :-- | :-- |\n| ccxt | 12 of 12 |\n"
    (tmp_path / "clients.md").write_text(
        f"# Clients at the venue\n\n[venue](venue.md#urls) <b>x</b>\n\n{table}", "utf-8"
    )
    (tmp_path / "venue.md").write_text("# The venue\n", "utf-8")
    documents = [tmp_path / "clients.md", tmp_path / "venue.md"]
    write_site(tmp_path / "reports", tmp_path / "site", documents=documents)

    index = LexborHTMLParser((tmp_path / "site" / "index.html").read_text("utf-8"))
    links = {link.text(): link.attributes["href"] for link in index.css("main a")}
    assert links["Clients at the venue"] == "clients.html"
    page = LexborHTMLParser((tmp_path / "site" / "clients.html").read_text("utf-8"))
    assert [cell.text() for cell in page.css("td")] == ["ccxt", "12 of 12"]
    assert [link.attributes["href"] for link in page.css("main a")] == ["index.html", "venue.html#urls"]
    assert page.css("b") == []


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_document_that_is_none_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "clients.md").write_bytes(content)
    with pytest.raises(UsageError, match=r"--document .*clients\.md: .*Name a Markdown file"):
        write_site(tmp_path / "reports", tmp_path / "site", documents=[tmp_path / "clients.md"])


def test_rows_and_the_first_page_link_the_history_of_fields(tmp_path: Path) -> None:
    results, contract = Results(), "usdm/rest/GET.fapi.v1.openInterest"
    case = results.case("a", Verdict.BREAKING, contract=contract, findings=[results.finding(contract=contract)])
    assert case.observation is not None
    case.observation.example, case.observation.response = "default", '{"symbol":"BTCUSDT","time":1}'
    write_reports(results.run(case), tmp_path / "reports" / "testnet", load_store())
    written = write_site(tmp_path / "reports", tmp_path / "site")
    page = tmp_path / "site" / "testnet" / "fields" / "usdm" / "rest" / "GET.fapi.v1.openInterest.html"
    assert page in written
    first = LexborHTMLParser((tmp_path / "site" / "testnet" / "index.html").read_text("utf-8"))
    linked = [str(link.attributes["href"]) for link in first.css("a")]
    assert {"fields/index.html", "fields/usdm/rest/GET.fapi.v1.openInterest.html"} <= set(linked)

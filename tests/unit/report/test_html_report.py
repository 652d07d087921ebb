"""The HTML report: made by Allure from a real pytest run, opened by a real browser, offline."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from typing import TYPE_CHECKING

import pytest

from wireproof.report.allure_links import allure_page
from wireproof.report.files import read_result
from wireproof.report.html_report import KEPT_OF_PASSED, calm, generate_html

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conftest import Page, Results

GTC = "usdm/ws-api/order.place/limit-gtc"


@pytest.fixture(scope="module")
def report(allure_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an HTML report over two runs, made with nothing but PATH in the environment."""
    folder = tmp_path_factory.mktemp("reports")
    run = read_result(allure_run.parent / "result.json")
    for _ in range(2):
        made = generate_html(
            allure_run,
            folder / "allure",
            folder / "allure-history.jsonl.gz",
            run=run,
            attachments=[allure_run.parent / "summary.md"],
            environ={"PATH": os.environ["PATH"]},
        )
        assert made.file == folder / "allure" / "index.html", made.sentence
    return made.file


@pytest.fixture
async def opened(report: Path, page: Page) -> AsyncIterator[Page]:
    """Return the report as an open page, which must not complain or load anything until the test is over."""
    await page.open(report.as_uri())
    yield page
    assert page.complaints == []
    assert page.loaded == [report.as_uri()]


def test_the_report_is_one_file_that_knows_both_runs(report: Path) -> None:
    assert [file.name for file in report.parent.iterdir()] == ["index.html"]
    lines = gzip.decompress((report.parent.parent / "allure-history.jsonl.gz").read_bytes()).splitlines()
    assert len(lines) == 2
    assert [len(json.loads(line)["testResults"]) for line in lines] == [8, 8]


def test_nobody_is_called(report: Path) -> None:
    page = report.read_text("utf-8")
    assert "googletagmanager" not in page
    assert "Content-Security-Policy" in page


async def test_a_browser_shows_the_cases_by_product_surface_and_request(opened: Page) -> None:
    text = await opened.text_with("a limit-gtc order")
    for word in ("wireproof on testnet: breaking", "USDⓈ-M futures", "WebSocket API", "order.place", "exchangeInfo"):
        assert word in text
    assert "a hedge order · risky" in text
    assert "Categories" in text
    assert "Quality Gates" not in text  # it would stay empty
    assert "Verdict Breaking Differences 1 difference in 1 contract Exercised 5 of 8 cases Waived 1 diff" in text


async def test_a_case_shows_id_findings_link_history_and_a_body(opened: Page) -> None:
    await opened.text_with("a limit-gtc order")
    await opened.click("[data-testid=tree-leaf]", "a limit-gtc order")
    text = await opened.text_with(GTC)
    assert "breaking: type-changed at result.price: documented decimal string, got integer" in text
    assert await opened.value("document.querySelector('[data-testid=test-result-meta-link] a').href") == (
        "https://docs.example.org/usdm/ws-api/order.place"
    )
    earlier = await opened.value("document.querySelector('[data-testid=test-result-tab-history]').innerText")
    assert earlier == "History\n1"
    await opened.click("[data-testid=test-result-attachment-header]", "response as received", "button")
    assert '"stopPrice": 0.10000' in await opened.text_with('"stopPrice"')


async def test_the_first_page_links_to_a_case(opened: Page, report: Path) -> None:
    await opened.open(f"{report.as_uri()}?#{allure_page('testnet', GTC)}")
    assert "breaking: type-changed at result.price" in await opened.text_with(GTC)
    opened.loaded = [report.as_uri()]


async def test_categories_hold_what_passed_as_well(opened: Page) -> None:
    await opened.text_with("Categories")
    await opened.click("button", "Categories 6")
    text = await opened.text_with("additive: undocumented additions")
    for name in ("breaking: ", "broken: ", "blocked: ", "risky: ", "waived: "):
        assert name in text


def test_without_node_there_is_a_sentence_and_no_error(results: Results, tmp_path: Path) -> None:
    run = results.run(results.case("a"))
    made = generate_html(
        tmp_path, tmp_path / "allure", tmp_path / "history", run=run, environ={"WIREPROOF_ALLURE": "/nowhere/cli.js"}
    )
    assert made.file is None
    assert made.sentence == (
        f"No Allure report was made; the results are in {tmp_path}. "
        "WIREPROOF_ALLURE names '/nowhere/cli.js', which is no file. Give the cli.js of Allure 3."
    )


def test_what_allure_complains_about_is_passed_on(results: Results, tmp_path: Path) -> None:
    script = tmp_path / "cli.js"
    script.write_text('console.error("no such luck"); process.exit(3)')
    made = generate_html(
        tmp_path,
        tmp_path / "allure",
        tmp_path / "history",
        run=results.run(results.case("a")),
        environ={"WIREPROOF_ALLURE": str(script), "PATH": os.environ["PATH"]},
    )
    assert made.sentence.endswith("Allure ended with status 3 and said: no such luck")


def test_a_broken_history_costs_its_bad_lines_only(report: Path, allure_run: Path, tmp_path: Path) -> None:
    history = tmp_path / "allure-history.jsonl.gz"
    kept = gzip.decompress((report.parent.parent / "allure-history.jsonl.gz").read_bytes())
    history.write_bytes(gzip.compress(kept + b'{"half": \n\xff\n'))
    run = read_result(allure_run.parent / "result.json")
    made = generate_html(allure_run, tmp_path / "allure", history, run=run)
    assert made.file is not None, made.sentence
    assert len(gzip.decompress(history.read_bytes()).splitlines()) == 3


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"{}\n", mtime=0)[:-9]], ids=["empty", "no gzip", "cut"]
)
def test_a_history_that_is_no_history_is_begun_anew(
    report: Path, allure_run: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "history").write_bytes(content)
    run = read_result(allure_run.parent / "result.json")
    assert generate_html(allure_run, tmp_path / "allure", tmp_path / "history", run=run).file is not None
    assert len(gzip.decompress((tmp_path / "history").read_bytes()).splitlines()) == 1


def test_the_history_keeps_of_a_case_that_passed_no_more_than_its_outcome(report: Path) -> None:
    lines = gzip.decompress((report.parent.parent / "allure-history.jsonl.gz").read_bytes()).splitlines()
    cases = json.loads(lines[-1])["testResults"].values()
    assert {frozenset(case) - {"message"} for case in cases} == {
        frozenset({*KEPT_OF_PASSED, "labels"}),
        frozenset({*KEPT_OF_PASSED, "labels", "name", "fullName"}),
    }
    assert [case["labels"] for case in cases] == [[]] * 8


def test_files_in_the_page_are_packed() -> None:
    files = {"data/one.json": '{"a": "Ⓢ"}', "data/two.json": "[" + "1," * 10_000 + "1]"}
    coded = ",".join(f'd("{name}","{base64.b64encode(text.encode()).decode()}")' for name, text in files.items())
    page = calm(f"<head></head><script defer>\n Promise.allSettled([{coded}])\n .then(function(){{}})</script>")
    packed = re.search(r'atob\("([^"]*)"\)', page)
    assert packed is not None
    assert json.loads(gzip.decompress(base64.b64decode(packed[1]))) == files
    assert len(page) < 4_000


async def test_the_page_opens_at_its_top_and_scrolls_once_somebody_acts(opened: Page) -> None:
    """Allure would open it at the first failing case."""
    await opened.text_with("a limit-gtc order")
    highest = "Math.max(...[...document.querySelectorAll('*')].map((one) => one.scrollTop))"
    assert await opened.value(highest) == 0
    box = """<div id="box" style="height: 9px; overflow: auto"><p style="height: 99px"></p></div>"""
    await opened.value(f"document.body.insertAdjacentHTML('beforeend', `{box}`)")
    scrolled = "(() => { const one = document.querySelector('#box'); one.scrollTop = 5; return one.scrollTop })()"
    assert await opened.value(scrolled) == 0
    await opened.value("dispatchEvent(new Event('keydown'))")
    assert await opened.value(scrolled) == 5


def test_analytics_are_cut_out_and_everything_else_stays() -> None:
    page = (
        "<head>\n</head><body><b>a</b>\n"
        '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n    <script>\n'
        "  function gtag(){dataLayer.push(arguments);}\n  gtag('config', 'G-1', {\"x\": \"1\"});\n</script>\n"
        "<i>b</i></body>"
    )
    cut = calm(page)
    assert "googletagmanager" not in cut
    assert "gtag" not in cut
    assert "<b>a</b>" in cut
    assert "<i>b</i>" in cut
    assert cut.index("Content-Security-Policy") < cut.index("</head>")


async def test_the_browser_test_notices_errors_and_calls(page: Page, tmp_path: Path) -> None:
    """A page that fails and loads from elsewhere is seen to do so: the checks of `opened` can turn red."""
    loud = tmp_path / "loud.html"
    loud.write_text(
        '<img src="http://127.0.0.1:9/x.png"><script>console.error("one"); throw new Error("two")</script>', "utf-8"
    )
    await page.open(loud.as_uri())
    assert any('"value": "one"' in text or "'value': 'one'" in text for text in page.complaints)
    assert any("Error: two" in text for text in page.complaints)
    assert page.loaded == [loud.as_uri(), "http://127.0.0.1:9/x.png"]

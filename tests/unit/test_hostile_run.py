"""A server that lies with every name and every text gets no markup, no command and no control character anywhere.

One run against it; then everything that it printed and wrote is read by a parser of its kind.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import sys
from xml.etree import ElementTree as ET

import pytest_asyncio
from checkout import ROOT
from multidict import CIMultiDict
from readers import assert_plain_markdown, commands, hidden
from relays import frame_relay, rest_relay
from selectolax.lexbor import LexborHTMLParser

from wireproof.report.files import read_history, read_result
from wireproof.report.github import annotation_lines, job_summary, verdict_lines
from wireproof.report.issue import plan_breaking
from wireproof.report.site import write_site
from wireproof.results.run_summary import gather
from wireproof.torture.relay import Close, HttpAnswer, WsFrame
from wireproof.venue.serving.server import Venue

DOCUMENTATION = "https://developers.binance.com/"
#: Links of waivers are the user's own.
LINKS = {one["link"] for one in json.loads((ROOT / "contracts/usdm/waivers.json").read_text("utf-8"))["waivers"]}
EVIL = "evil.example"
ATTACK = (
    "\n::error file=x::owned\n##[error]owned\r::set-output name=verdict::ok\u2028::add-mask::a"
    f"\x1b]0;t\x07\x1b[2J\x9b31m\u202e\u200b\ufeff<script>alert(1)</script><img src=//{EVIL}/a.png onerror=alert(1)>\"'"
    f"[a](https://{EVIL}) ![b](https://{EVIL}/b.png) https://{EVIL} www.{EVIL} @someone #1 | a |\n\n# h\n- x\n```\n"
    "<!-- fingerprints: 00 -->]]>&lt;b&gt;"
)
SHORT = "\x1b[2J\n::error::owned ##[error]\u202e<script>`|@b #1"


def attacked(document):
    """Put attacks into every text of a document and beside every name."""
    if isinstance(document, dict):
        return {**{name: attacked(value) for name, value in document.items()}, ATTACK: ATTACK, SHORT: 1}
    if isinstance(document, list):
        return [attacked(value) for value in document]
    return ATTACK + document if isinstance(document, str) else document


REFUSAL = json.dumps({"code": -1121, "msg": ATTACK})
REST = {
    "/fapi/v1/openInterest": lambda text: json.dumps(attacked(json.loads(text))),
    "/fapi/v1/fundingInfo": lambda text: json.dumps(attacked(json.loads(text)), ensure_ascii=False),
    "/fapi/v1/fundingRate": lambda _: REFUSAL,
    "/fapi/v1/assetIndex": lambda _: f"<title>{ATTACK}</title>",
    "/fapi/v1/aggTrades": lambda _: ATTACK,
    "/fapi/v1/constituents": lambda text: text.replace("{", '{"\\ud800\\udfff\\u0000\\ufffe":"\\ud800",', 1),
    "/fapi/v1/accountConfig": lambda text: '{"' + "n" * 100_000 + '":{},' + text[1:],
}
CASES = [
    *(f"usdm/rest/GET.{path.strip('/').replace('/', '.')}/" for path in REST),
    *("usdm/ws-api/ticker.price/", "usdm/ws-api/ticker.book/", "usdm/ws-api/depth/"),
    *("usdm/stream/aggTrade/", "usdm/stream/markPrice/"),
]


async def lie_over_rest(request, forward):
    got = await forward(request)
    text, status = got.content.decode(), got.status
    if (alter := REST.get(request.path)) is not None:
        text = alter(text)
        status = 400 if text == REFUSAL else status
    lies = {"Content-Type": "application/json", "X-Lie": "\x9b::error::<script>\u202e", "X-Request-Id": "@b #1"}
    return HttpAnswer(status, CIMultiDict(lies), text.encode("utf-8", "surrogatepass"))


_closed = []


def lie_in_an_answer(request, text, _):
    method = request.get("method")
    if method == "ticker.book" and not _closed:
        _closed.append(method)  # once: each close costs whatever is under way
        return (Close(1011, "\x1b[2J::error::<script>\u202e@b #1 ##[error]x"),)
    if method in {"ticker.price", "ticker.book"}:
        answer = json.loads(text)
        return (WsFrame(json.dumps({**attacked(answer), "id": answer["id"]})),)
    if method == "depth":
        return (WsFrame(json.dumps({"id": ATTACK, "status": 200, "result": {}})), WsFrame(text))
    return (WsFrame(text),)


def lie_in_a_message(_request, text, _):
    document = json.loads(text)
    if "data" not in document:
        return (WsFrame(json.dumps(document)),)
    document["data"] = attacked(document["data"])
    return (WsFrame(json.dumps({"stream": ATTACK, "data": {"e": ATTACK}})), WsFrame(json.dumps(document)))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def said(tmp_path_factory):
    """Run against the liar; return what was printed, and the folder of reports."""
    place = tmp_path_factory.mktemp("hostile")
    async with (
        Venue(seed=5, weight_limit=1_000_000) as venue,
        rest_relay(venue.rest_url, lie_over_rest) as rest,
        frame_relay(venue.ws_api_url, lie_in_an_answer) as ws_api,
        frame_relay(venue.stream_url, lie_in_a_message) as stream,
    ):
        venue.write_credentials(place / "credentials.json")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wireproof", "run", "--no-html", "--no-confirm", "--product", "usdm"),
            *("-k", " or ".join(CASES), "--answer-timeout", "5", "-v", "-rA"),
            cwd=place,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONDONTWRITEBYTECODE": "1",
                "WIREPROOF_CONTRACTS": f"{ROOT}/contracts",
                "WIREPROOF_CREDENTIALS": str(place / "credentials.json"),
                "WIREPROOF_USDM_REST_URL": rest,
                "WIREPROOF_USDM_WS_API_URL": ws_api,
                "WIREPROOF_USDM_STREAM_URL": stream,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await asyncio.wait_for(process.communicate(), 240)
    text = printed.decode()
    assert process.returncode == 1, text
    assert "INTERNALERROR" not in text
    assert "Traceback" not in text
    return text, place / "reports"


async def test_the_lies_were_told_and_found(said):
    """Without findings on every surface the tests below would say nothing."""
    run = read_result(said[1] / "result.json")
    found = {case.surface for case in run.cases if case.findings}
    assert found == {"rest", "ws-api", "stream"}
    kinds = {finding.kind for case in run.cases for finding in case.findings}
    assert len(kinds) >= 5, kinds


async def test_a_terminal_and_a_log_get_text(said):
    assert hidden(said[0]) == set()
    assert commands(said[0]) == []
    assert "owned" in said[0]


async def test_every_json_file_can_be_read_and_shown(said):
    files = [*said[1].glob("*.json*"), *(said[1] / "allure-results").glob("*.json")]
    names = {"result.json", "observations.jsonl", "history.jsonl", "ledger.json.gz"}
    assert names <= {file.name for file in files}
    for file in files:
        content = file.read_bytes()
        text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode("utf-8")
        for document in text.splitlines() if file.suffix == ".jsonl" else [text]:
            json.loads(document)
        assert hidden(text) == set(), file
        assert commands(text) == [], file


async def test_junit_is_xml_with_text(said):
    root = ET.parse(said[1] / "junit.xml").getroot()  # noqa: S314  # our own
    assert {element.tag for element in root.iter()} <= {
        *("testsuites", "testsuite", "testcase", "failure", "skipped", "properties", "property", "system-out"),
        "system-err",
    }
    for element in root.iter():
        for text in (element.text or "", *element.attrib.values()):
            assert hidden(text) == set()
            assert commands(text) == []


async def test_markdown_holds_no_markup_of_the_target(said):
    folder = said[1]
    run, history = read_result(folder / "result.json"), read_history(folder)
    plan = plan_breaking(gather(run), history, [], ["https://developers.binance.com/run"])
    for text in ((folder / "summary.md").read_text("utf-8"), job_summary(gather(run), history), plan.body, plan.title):
        assert_plain_markdown(text, DOCUMENTATION, *LINKS)


async def test_github_gets_its_own_commands_only(said):
    run, history = read_result(said[1] / "result.json"), read_history(said[1])
    lines = annotation_lines(gather(run), history)
    assert lines
    for line in lines:
        assert hidden(line, "") == set()
        assert re.match(r"::(error|warning|notice) (file=[^:,]*,)?title=[^:]*::", line), line
    for line in verdict_lines(gather(run)):
        assert hidden(line, "") == set()


async def test_allure_gets_text(said):
    results = said[1] / "allure-results"
    seen = 0
    for file in results.glob("*-result.json"):
        result = json.loads(file.read_text("utf-8"))
        assert "descriptionHtml" not in result
        assert_plain_markdown(result["description"], DOCUMENTATION, *LINKS)
        strings = [result["name"], *(one["value"] for one in result["parameters"] + result["labels"])]
        strings += [result.get("statusDetails", {}).get("message", "")]
        for text in strings:
            assert hidden(text) == set()
            assert commands(text) == []
        for one in result["links"]:
            assert one["url"].startswith(DOCUMENTATION)
        for attachment in result.get("attachments", []):
            assert re.fullmatch(r"[0-9a-f-]+-attachment\.\w+", attachment["source"])
            body = (results / attachment["source"]).read_text("utf-8")
            assert hidden(body) == set(), attachment
            if attachment["type"] == "text/html":
                seen += 1
                page = LexborHTMLParser(body)
                assert {node.tag for node in page.css("body *")} <= {
                    *("table", "thead", "tbody", "tr", "th", "td"),
                    "p",
                }
                assert not any(name.startswith("on") for node in page.css("*") for name in node.attributes)
    assert seen


async def test_pages_of_our_own_hold_text(said, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "<img src=x>").symlink_to(said[1])
    write_site(tmp_path / "in", tmp_path / "out")
    page = LexborHTMLParser((tmp_path / "out" / "index.html").read_text("utf-8"))
    tags = {node.tag for node in page.css("body *")}
    assert tags <= {"header", "main", "h1", "table", "thead", "tbody", "tr", "th", "td", "a", "p", "time", "script"}

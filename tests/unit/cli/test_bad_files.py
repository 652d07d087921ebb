"""Files that are hostile rather than damaged: nested, huge, with names and numbers that break readers, or that lie.

Whatever reads one ends with its sentence and a status that was promised; nothing is written where a file says.
"""

from __future__ import annotations

import json
import shutil

import pytest
from checkout import ROOT

from wireproof.cli import main

CONTRACT = "usdm/ws-api/ticker.price"
ESCAPES = "\x1b[2J\n::error::owned\r\u202e##[error]"


def nested(levels, opening=b'{"a":', closing=b"}"):
    return opening * levels + b"1" + closing * levels


def _huge(place):
    with place.open("wb") as file:
        file.truncate(3 << 30)  # takes no room on the disk


def _writes(content, *of):
    """Return what writes it: bytes, or what a function makes of `of` when it is time, for large content."""
    return lambda place: place.write_bytes(content(*of) if of else content)


def _written(document):
    return json.dumps(document).encode()


KINDS = {
    **{f"{levels} levels": _writes(nested, levels) for levels in (100, 300, 500, 700, 900, 100_000)},
    **{f"{levels} lists": _writes(nested, levels, b"[", b"]") for levels in (300, 900, 100_000)},
    "huge": _huge,
    "long number": _writes(b'{"a":' + b"9" * 1_000_000 + b"}"),
    "large number": _writes(b'{"a":1e999999}'),
    "half surrogate": _writes(b'{"a":"\\ud800"}'),
    "escapes": _writes(_written, {ESCAPES: ESCAPES}),
    "bare escapes": _writes(ESCAPES.encode()),
    "many keys": _writes(lambda most: _written(dict.fromkeys(map(str, range(most)), 1)), 300_000),
    "long key": _writes(lambda long: _written({"n" * long: 1}), 3_000_000),
    "NUL": _writes(b"\0" * 1000),
}
kinds = pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in KINDS.items()])


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copied") / "contracts"
    (folder / "usdm" / "ws-api").mkdir(parents=True)
    for name in ("product.json", "waivers.json", "ws-api/ticker.price.json"):
        shutil.copy(ROOT / "contracts/usdm" / name, folder / "usdm" / name)
    return folder


@pytest.fixture
def contracts(copied, tmp_path, monkeypatch):
    folder = tmp_path / "contracts"
    shutil.copytree(copied, folder)
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def said(capfdbinary):
    """Run a command; return its status and what it printed, in which nothing is obeyed."""

    def run(*arguments):
        status = main([str(one) for one in arguments])
        printed = b"".join(capfdbinary.readouterr()).decode()
        assert "Traceback" not in printed
        assert all(char.isprintable() for char in printed.replace("\n", "")), printed
        assert not any(line.lstrip().startswith("::") for line in printed.splitlines() if arguments[0] != "report"), (
            printed
        )
        return status, printed

    return run


@kinds
def test_a_documented_example_is_refused_or_compared(contracts, tmp_path, said, make):
    make(bad := tmp_path / "bad.json")
    (good := tmp_path / "good.json").write_text('{"a": 1}', "utf-8")
    status, printed = said("compare", bad, good)
    assert status in {1, 2}
    assert len(printed) < 50_000


@kinds
def test_an_answer_is_a_finding(contracts, tmp_path, said, make):
    make(bad := tmp_path / "bad.json")
    for arguments in (("--contract", CONTRACT, bad), ("--json", "--contract", CONTRACT, bad)):
        status, printed = said("compare", *arguments)
        assert status == 1
        assert len(printed) < 50_000
    assert json.loads(printed)["verdict"] == "breaking"


@kinds
def test_a_batch_is_answered_line_by_line(contracts, tmp_path, said, make):
    if make is _huge:
        pytest.skip("read to its end, which takes a while")
    make(bad := tmp_path / "bad.jsonl")
    status, printed = said("compare", "--batch", bad)
    assert status == 2
    assert all("error" in json.loads(line) for line in printed.splitlines())


def test_a_batch_goes_on_after_a_line_that_is_too_long(contracts, tmp_path, said):
    line = json.dumps({"id": 7, "documented": {"a": 1}, "actual": {"a": 1}}).encode()
    (tmp_path / "b.jsonl").write_bytes(b'{"id":"' + b"x" * (41 << 20) + b'"}\n' + line + b"\n")
    status, printed = said("compare", "--batch", tmp_path / "b.jsonl")
    first, second = map(json.loads, printed.splitlines())
    assert (status, second["verdict"]) == (2, "conforms")
    assert "more than 20 MiB" in first["error"]


@pytest.mark.parametrize(
    "file", ["product.json", "ws-api/ticker.price.json", "waivers.json", "page-differences.json", "changes.json"]
)
@kinds
def test_a_file_of_the_store_is_named(contracts, said, make, file):
    make(contracts / "usdm" / file)
    status, printed = said("contracts", "check")
    assert status == 2
    assert file.rpartition("/")[2] in printed
    if file not in {"waivers.json", "page-differences.json", "changes.json"}:
        status, printed = said("contracts", "list")
        assert (status, len(printed.splitlines())) == (2, 1)


@pytest.mark.parametrize("file", ["result.json", "observations.jsonl", "history.jsonl"])
@kinds
def test_what_a_run_left_is_refused_or_set_aside(contracts, tmp_path, said, make, file):
    reports = tmp_path / "reports"
    reports.mkdir()
    make(reports / file)
    for arguments in (
        ("waive", "0" * 12, "--reason", "r", "--link", "https://example.org/"),
        ("accept", CONTRACT),
    ):
        assert said(*arguments, "--reports", reports)[0] == 2
    for name in ("annotations", "summary", "verdict"):
        status, _ = said("report", name, "--reports", reports)
        assert status == 0


@kinds
def test_a_page_is_named(contracts, tmp_path, said, make):
    make(bad := tmp_path / "page.html")
    status, printed = said("pages", "diff", bad, "--product", "usdm")
    assert status == 2
    assert "page.html" in printed


PAGE = (
    "<html><body><h1>New Order</h1><h2>Method</h2><p><code>{method}</code></p><h2>Request Weight</h2><p>1</p>"
    "<h2>Response Example</h2><pre>{answer}</pre></body></html>"
)


@pytest.mark.parametrize("method", ["../../owned", "..", "-rf", "a" * 300, "a\x1b[2J", "a\u202eb", ".hidden", "con"])
def test_a_page_does_not_decide_what_a_file_is_called(contracts, tmp_path, said, method):
    before = sorted(tmp_path.rglob("*"))
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(method=method, answer='{"a": 1}'), "utf-8")
    status, printed = said("pages", "import", page, "--product", "usdm", "--write")
    assert status == (2 if len(method) > 100 else status), printed
    assert sorted(tmp_path.rglob("*")) == sorted([*before, page])


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<div>" * 200_000, id="elements"),
        pytest.param("<html>" + "<b>" * 200_000 + "</html>", id="formatting"),
        pytest.param("<html><body>" + "<ul><li>" * 100_000 + "</html>", id="lists"),
        pytest.param(PAGE.format(method="order.place", answer="[" * 100_000), id="example"),
        pytest.param("# A\n## Response Example\n```json\n" + "[" * 100_000 + "\n```\n", id="Markdown"),
        pytest.param("# A\n" + "> " * 50_000, id="quotations"),
    ],
)
def test_a_page_that_is_nested_too_deep_is_named(contracts, tmp_path, said, page):
    (file := tmp_path / "page.html").write_text(page, "utf-8")
    status, printed = said("pages", "diff", file, "--product", "usdm")
    assert status in {0, 2}
    assert "page.html" in printed


FINDING = {
    "contract": CONTRACT,
    "path": ESCAPES,
    "kind": "type-changed",
    "severity": "breaking",
    "expected": ESCAPES,
    "actual": ESCAPES,
    "fingerprint": "0" * 12,
}
CASE = {
    "id": f"{CONTRACT}/symbol-sent",
    "contract": CONTRACT,
    "product": "usdm",
    "surface": "ws-api",
    "subject": ESCAPES,
    "title": ESCAPES,
    "docs_url": "javascript:alert(1)",
    "kind": "documented",
    "verdict": "breaking",
    "findings": [FINDING],
}


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"cases": [CASE | {"product": "../../owned"}]}, id="product"),
        pytest.param({"cases": [CASE | {"contract": "../../owned", "id": "../../owned/x"}]}, id="contract"),
        pytest.param({"cases": [CASE], "run": ESCAPES, "target": ESCAPES, "endpoints": {ESCAPES: ESCAPES}}, id="texts"),
        pytest.param({"started_at": 1e300, "ended_at": -1e300, "cases": [CASE]}, id="times"),
        pytest.param({"weight": 10**400, "wire_ms": 1e308}, id="numbers"),
    ],
)
def test_a_result_that_lies_is_shown_and_writes_nothing_elsewhere(contracts, tmp_path, said, lie):
    reports = tmp_path / "reports"
    reports.mkdir()
    result = {"run": "r", "version": "0", "target": "local", "endpoints": {}, **lie}
    (reports / "result.json").write_text(json.dumps(result), "utf-8")
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()}
    status, _ = said("waive", "0" * 12, "--reason", "r", "--link", "https://example.org/", "--reports", reports)
    assert status in {0, 2}
    assert said("accept", CASE["id"], "--reports", reports)[0] == 2
    said("contracts", "coverage", "--reports", reports)
    for name in ("annotations", "summary", "verdict"):
        if name == "summary":  # holds joiners that nobody sees, on purpose
            assert main(["report", name, "--reports", str(reports)]) == 0
        else:
            assert said("report", name, "--reports", reports)[0] == 0
    after = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()}
    changed = {file for file in after if after[file] != before.get(file)}
    assert changed <= {contracts / "usdm/waivers.json"}
    assert not (tmp_path / "owned").exists()
    assert not (tmp_path.parent / "owned").exists()

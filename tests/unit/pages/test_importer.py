"""Pages imported into a store, and compared with it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from checkout import CONTRACTS

from wireproof.contract.contract_file import ContractFile
from wireproof.contract.model import Request
from wireproof.contract.store import load_store, read_contract
from wireproof.errors import ContractFileError, UsageError
from wireproof.pages.importer import diff_pages, import_pages
from wireproof.suite.planning.check import check

PAGES = Path(__file__).parent / "pages"
GOOD = ["ws-request.html", "two-modes.html", "one-or-all.html", "stream.html", "event.html", "twin.en.html"]
TODAY = "2026-11-22"


@pytest.fixture
def store(tmp_path):
    """Return a store that holds nothing but the product, whose one rule decides every string of any contract."""
    (tmp_path / "usdm").mkdir()
    product = json.loads((CONTRACTS / "usdm" / "product.json").read_bytes())
    del product["unshown"]  # of contracts that this store does not have
    del product["envelopes"]["ws-api"]["refinements"], product["envelopes"]["ws-api"]["switches"]
    product["enums"], product["fields"] = {}, [{"where": ["usdm/* **.*"], "text": "words", "why": "a test"}]
    (tmp_path / "usdm" / "product.json").write_text(json.dumps(product))
    return tmp_path


def run(store, *names, write=True, product="usdm", today=TODAY):
    return import_pages([str(PAGES / name) for name in names], product, store, write=write, today=today)


def edit(file, **changes):
    content = json.loads(file.read_bytes())
    content.update(changes)
    file.write_bytes(msgspec.json.format(json.dumps(content).encode(), indent=2))


def files(store):
    return {str(f.relative_to(store)): f.read_bytes() for f in store.rglob("*") if f.is_file()}


def test_pages_become_contract_files_that_the_store_loads(store):
    report = run(store, *GOOD)
    assert (report.exit_status, report.failures) == (0, [])
    assert sorted(load_store(store).contracts) == sorted(report.written)
    assert "usdm/rest/GET.fapi.v2.positionRisk" in report.written


def test_without_write_nothing_is_written_and_everything_told(store):
    before = files(store)
    report = run(store, *GOOD, write=False)
    assert files(store) == before
    assert {change.what for change in report.changes} == {"new contract"}
    assert report.lines()[-1] == "6 pages, 6 contracts, 6 changed, nothing written (--write does)."


def test_importing_twice_changes_nothing(store):
    run(store, *GOOD)
    before = files(store)
    report = run(store, *GOOD, today="2027-01-01")
    assert files(store) == before
    assert (report.written, report.changes) == ([], [])


def test_values_are_named_by_the_products_enumerations(store):
    edit(store / "usdm" / "product.json", enums={"Side": ["BUY", "SELL"]})
    run(store, "ws-request.html")
    request = read_contract(store / "usdm/ws-api/order.place.json").of(Request)
    assert request.params[1].enum == "Side"


def test_what_people_added_survives_an_import(store):
    run(store, "two-modes.html")
    file = store / "usdm/rest/GET.fapi.v2.positionRisk.json"
    added = {
        "refinements": [{"path": "[].symbol", "optional": True, "source": "me"}],
        "cases": [{"id": "hedge", "title": "in hedge mode", "example": "hedge-position-mode"}],
        "base": {"symbol": "{symbol.name}"},
        "note": "mine",
    }
    edit(file, **added)
    page = store / "page.html"
    page.write_text((PAGES / "two-modes.html").read_text("utf-8").replace('"symbol"', '"pair"'), "utf-8")
    report = import_pages([str(page)], "usdm", store, write=True, today=TODAY)
    content = json.loads(file.read_bytes())
    assert {name: content[name] for name in added} == added
    told = [(c.what, c.where) for c in report.changes]
    assert ("refinement without path", "[].symbol") in told
    assert ("field gone", "[].symbol") in told


def test_chinese_and_english_pages_may_come_together(store):
    report = run(store, "twin.zh-CN.md", "twin.en.html")
    assert (report.failures, report.written) == ([], ["usdm/ws-api/userDataStream.stop"])
    assert any("says the same as" in note for note in report.notes)


def test_a_section_page_is_named(store):
    (store / "coinm").mkdir()
    (store / "coinm" / "product.json").write_bytes((CONTRACTS / "coinm" / "product.json").read_bytes())
    report = run(store, "section.html", product="coinm")
    assert report.exit_status == 0
    assert report.sections == [f"{PAGES / 'section.html'} points to another page"]


BAD = [
    "cloudfront.html",
    "firewall.html",
    "not-found.html",
    "elsewhere.html",
    "third-language.html",
    "unreadable-example.html",
    "no-example.html",
    "weight-table.html",
    "missing.html",
]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_page_fails_alone(store, name):
    """The page is named, the exit status is 2, the other page is imported all the same."""
    report = run(store, name, "stream.html")
    assert report.exit_status == 2
    assert [failure.startswith(f"{PAGES / name}: ") for failure in report.failures] == [True]
    assert report.written == ["usdm/stream/markPrice"]
    assert report.lines()[-1].endswith("1 failed.")


def test_pages_that_claim_the_same_and_disagree_both_fail(store):
    other = store / "other.html"
    other.write_text((PAGES / "stream.html").read_text("utf-8").replace('"p"', '"q"'), "utf-8")
    report = import_pages([str(PAGES / "stream.html"), str(other)], "usdm", store, write=True, today=TODAY)
    assert report.exit_status == 2
    assert report.written == []
    said = report.failures[0]
    assert "claims <symbol>@markPrice@<updateSpeed> (usdm/stream/markPrice), and so does" in said
    assert str(other) in said


def test_a_product_needs_its_file_only(store):
    """One that the code does not know, and whose file says no more than it must."""
    (store / "mini").mkdir()
    (store / "mini" / "product.json").write_text('{"product": "mini", "title": "Mini", "hosts": {}}')
    page = store / "time.md"
    page.write_text(
        "source: https://docs.example.org/mini/time\n\n# Check Server Time\n\n"
        "## HTTP Request\n\nGET `/mapi/v1/time`\n\n**Weight:** 1\n\n"
        "## Request Parameters\n\nNONE\n\n## Response Example\n\n"
        '```json\n{"serverTime": 1499827319559}\n```\n'
    )
    report = import_pages([str(page)], "mini", store, write=True, today=TODAY, check=problems)
    assert (report.failures, report.written) == ([], ["mini/rest/GET.mapi.v1.time"])


def test_an_unknown_product_names_the_known_ones(store):
    with pytest.raises(UsageError, match="Did you mean 'usdm'"):
        import_pages([], "usd-m", store, write=False)


def test_a_broken_file_of_the_store_is_named(store):
    run(store, "stream.html")
    (store / "usdm/stream/markPrice.json").write_text("{")
    with pytest.raises(ContractFileError, match=r"markPrice\.json: is not JSON"):
        run(store, "stream.html")


def test_a_file_that_cannot_be_written_is_told_and_nothing_is_written(store):
    before = files(store)
    (store / "usdm" / "rest").write_text("in the way")
    report = run(store, "stream.html", "two-modes.html")
    assert report.exit_status == 2
    assert "cannot be written" in report.failures[0]
    assert report.written == []
    (store / "usdm" / "rest").unlink()
    assert files(store) == before


def problems(folder):
    return check(folder).problems


def imported(store, *pages, **options):
    return import_pages(
        [str(page) for page in pages], "usdm", store, write=True, today=TODAY, check=problems, **options
    )


def changed(store, name, old, new):
    """Return a copy of a page with other words in it."""
    page = store / f"changed-{name}"
    page.write_text((PAGES / name).read_text("utf-8").replace(old, new), "utf-8")
    return page


def test_an_import_that_check_refuses_writes_nothing(store):
    """A refinement of a field that the new page no longer shows: said with its contract; no file is touched."""
    run(store, "two-modes.html", "stream.html")
    file = store / "usdm/rest/GET.fapi.v2.positionRisk.json"
    edit(file, refinements=[{"path": "[].symbol", "optional": True, "source": "me"}])
    page = changed(store, "two-modes.html", '"symbol"', '"pair"')
    other = changed(store, "stream.html", '"p"', '"q"')
    before = files(store)
    report = imported(store, page, other)
    assert files(store) == before
    assert (report.exit_status, report.written) == (2, [])
    assert report.failures[0].startswith(f"{file}: refinement of '[].symbol' matches nothing in any example of usdm/")
    assert report.failures[-1].startswith("Nothing was written: `wireproof contracts check` would refuse the store.")
    assert report.lines()[-1].endswith("0 written, 2 failed.")


def test_a_case_whose_example_goes_away_is_refused(store):
    run(store, "two-modes.html")
    file = store / "usdm/rest/GET.fapi.v2.positionRisk.json"
    examples = json.loads(file.read_bytes())["examples"]
    edit(
        file,
        cases=[{"id": "x", "title": "X", "example": "mine"}],
        examples=[*examples, {**examples[0], "name": "mine", "when": "mine"}],
    )
    assert problems(store) == []
    before = files(store)
    report = imported(store, changed(store, "two-modes.html", "1.0", "2.0"), PAGES / "stream.html")
    assert files(store) == {**before, "changed-two-modes.html": (store / "changed-two-modes.html").read_bytes()}
    assert report.exit_status == 2


def test_an_import_that_check_accepts_is_written(store):
    report = imported(store, *(PAGES / name for name in GOOD))
    assert (report.exit_status, problems(store)) == (0, [])
    assert len(report.written) == len(GOOD)


def test_a_page_without_an_address_is_refused_before_it_is_stored(store):
    page = changed(store, "stream.html", "https://developers.binance.com", "")
    report = imported(store, page)
    assert report.exit_status == 2
    assert report.failures[0].endswith("is no https link.")
    assert load_store(store).contracts == {}


def test_what_stands_in_the_store_is_named_in_refusals_not_its_copy(store):
    run(store, "stream.html")
    (store / "usdm/stream/other.json").write_text("{")
    report = imported(store, changed(store, "stream.html", '"p"', '"q"'))
    assert report.failures[0].startswith(f"{store / 'usdm/stream/other.json'}: is not JSON")


def known(store, **changes):
    """Write one known difference of the store's only contract."""
    entry = {
        "contracts": ["usdm/stream/markPrice"],
        "what": "field gone",
        "where": ["st"],
        "detail": "integer",
        "reason": "came after the page",
        "date": "2026-06-30",
        "link": "https://e.org/change-log",
        **changes,
    }
    (store / "usdm" / "page-differences.json").write_text(json.dumps({"differences": [entry]}))


@pytest.fixture
def newer(store):
    """Return a store whose contract has a field that the page does not have yet."""
    run(store, "stream.html")
    file = store / "usdm/stream/markPrice.json"
    content = json.loads(file.read_bytes())
    content["examples"][0]["response"]["st"] = 1
    edit(file, **content)
    return store


def test_a_known_difference_is_explained_and_no_change(newer):
    known(newer)
    report = diff_pages([str(PAGES / "stream.html")], "usdm", newer)
    assert (report.changes, report.diff_status, report.stale) == ([], 0, [])
    said = "field gone st (integer): the change of 2026-06-30 (https://e.org/change-log): came after the page"
    assert report.explained == [f"explained: usdm/stream/markPrice: {said}"]
    assert report.explained[0] in report.lines()


def test_an_import_that_takes_a_known_difference_back_tells_it(newer):
    """A contract is taken over whole, so another change on its page brings the explained one along."""
    known(newer)
    report = imported(newer, changed(newer, "stream.html", '"p"', '"q"'))
    assert report.written == ["usdm/stream/markPrice"]
    assert ("field gone", "st") in [(change.what, change.where) for change in report.changes]


@pytest.mark.parametrize(
    "changes",
    [{"where": ["ps"]}, {"what": "field added"}, {"detail": "string"}, {"contracts": ["usdm/stream/aggTrade"]}],
)
def test_a_known_difference_explains_no_other(newer, changes):
    known(newer, **changes)
    report = diff_pages([str(PAGES / "stream.html")], "usdm", newer)
    assert [(change.what, change.where) for change in report.changes] == [("field gone", "st")]
    assert report.diff_status == 1


def test_a_known_difference_that_is_none_any_more_is_stale(newer):
    known(newer, where=["st", "gone"])
    report = diff_pages([str(PAGES / "stream.html")], "usdm", newer)
    said = "the page no longer differs; delete it from page-differences.json."
    assert report.stale == [f"usdm/stream/markPrice: field gone gone (integer): {said}"]
    assert f"stale: {report.stale[0]}" in report.lines()


def test_a_known_difference_of_a_page_that_is_not_read_is_not_stale(newer):
    known(newer)
    assert diff_pages([str(PAGES / "event.html")], "usdm", newer).stale == []


def test_an_import_does_not_take_known_differences_back(newer):
    known(newer)
    before = files(newer)
    report = imported(newer, PAGES / "stream.html")
    assert (report.exit_status, report.written, files(newer)) == (0, [], before)


def test_a_diff_says_same_changed_or_unreadable(store):
    run(store, *GOOD)
    pages = [str(PAGES / name) for name in GOOD]
    assert diff_pages(pages, "usdm", store).diff_status == 0
    edit(store / "usdm/stream/markPrice.json", title="Another title")
    assert diff_pages(pages, "usdm", store).diff_status == 0
    content = json.loads((store / "usdm/stream/markPrice.json").read_bytes())
    del content["examples"][0]["response"]["p"]
    edit(store / "usdm/stream/markPrice.json", **content)
    report = diff_pages(pages, "usdm", store)
    assert report.diff_status == 1
    told = [(c.what, c.where, c.kind, c.severity) for c in report.changes]
    assert ("field added", "p", "undocumented-field", "additive") in told
    assert diff_pages([*pages, "nowhere.html"], "usdm", store).diff_status == 2


def test_the_table_shows_the_worst_first(store):
    run(store, "stream.html")
    content = json.loads((store / "usdm/stream/markPrice.json").read_bytes())
    content["examples"][0]["response"]["p"] = 1
    content["title"] = "Another"
    edit(store / "usdm/stream/markPrice.json", **content)
    lines = diff_pages([str(PAGES / "stream.html")], "usdm", store).lines()
    assert lines[0].split() == ["severity", "kind", "contract", "change", "where"]
    assert lines[1].split()[:2] == ["breaking", "type-changed"]
    assert lines[2].split()[:2] == ["-", "-"]


def test_notes_are_counted_and_named_on_request(store):
    report = run(store, "ws-request.html")
    assert any(line.endswith("--verbose names them.") for line in report.lines())
    assert any("line 8: a missing comma" in line for line in report.lines(verbose=True))


def test_a_written_file_is_a_contract(store):
    run(store, "stream.html")
    data = (store / "usdm/stream/markPrice.json").read_bytes()
    assert msgspec.json.decode(data, type=ContractFile).id == "usdm/stream/markPrice"


def test_what_an_import_changed_is_listed_with_its_day(store):
    """The store is sound afterwards, although the list said before that the field is there."""
    run(store, "stream.html")
    [contract] = load_store(store).contracts
    came = {"contracts": [contract], "kind": "field-added", "path": "p", "announced": "2026-08-01", "basis": "sdk"}
    listing = store / "usdm" / "changes.json"
    listing.write_text(json.dumps({"changes": [{**came, "links": ["https://e.org"]}]}), "utf-8")
    page = store.parent / "stream.html"
    page.write_text((PAGES / "stream.html").read_text("utf-8").replace('"p"', '"q"'), "utf-8")
    report = import_pages(
        [str(page)], "usdm", store, write=True, today="2026-11-27", check=lambda folder: check(folder).problems
    )
    assert (report.failures, report.written) == ([], [contract])
    assert [(one["kind"], one["path"]) for one in json.loads(listing.read_bytes())["changes"]] == [
        ("field-added", "p"),
        ("field-removed", "p"),
        ("field-added", "q"),
    ]

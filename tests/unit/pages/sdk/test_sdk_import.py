"""SDKs against the store: the installed ones differ in nothing unexplained; a constructed one is brought in."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
import tiny_sdks
from checkout import CONTRACTS

from wireproof.contract.dated_changes import load_changes
from wireproof.contract.model import Request
from wireproof.contract.store import load_store, read_contract, read_products
from wireproof.errors import UsageError
from wireproof.pages.sdk.package_files import read_package
from wireproof.pages.sdk.sdk_import import compare_package, compare_versions
from wireproof.suite.planning.check import check

INSTALLED = {
    "usdm": "binance_sdk_derivatives_trading_usds_futures",
    "options": "binance_sdk_derivatives_trading_options",
    "portfolio-margin": "binance_sdk_derivatives_trading_portfolio_margin",
    "portfolio-margin-pro": "binance_sdk_derivatives_trading_portfolio_margin_pro",
}


@pytest.mark.parametrize("product", INSTALLED)
def test_the_installed_sdk_differs_in_nothing_unexplained(product, tmp_path):
    spec = importlib.util.find_spec(INSTALLED[product])
    assert spec is not None
    assert spec.origin is not None
    (tmp_path / product).symlink_to(CONTRACTS / product)
    report = compare_package(read_package(Path(spec.origin).parent), None, tmp_path)
    assert report.product == product
    assert (report.changes, report.stale, report.by_hand, report.notes) == ([], [], [], [])
    assert report.exit_status == 0
    assert report.compared >= sum(report.described.values()) - 1 > 20  # one event is retired in the store


ANSWER = "price: Optional[StrictStr] = None\nold: Optional[StrictInt] = None"
PARAMS = {"symbol": ("Union[str, None]", ""), "page": ("Optional[int] = None", "")}


def sdk(place, params=PARAMS, answer=ANSWER, version="1.0.0", more="", weight="1", log=""):
    request = tiny_sdks.request("/fapi/v1/thing", "Answer", params, weight=weight)
    files = tiny_sdks.sources(request + more, tiny_sdks.model("Answer", answer))
    return read_package(tiny_sdks.folder(place / version, files | {"CHANGELOG.md": log}, version))


@pytest.fixture
def store(tmp_path):
    """Return a store of one contract, which says what the first version says."""
    return tiny_sdks.store(tmp_path / "contracts")


def write(package, store):
    return compare_package(package, None, store, write=True, check=lambda folder: check(folder).problems)


def test_the_version_that_the_store_follows_differs_in_nothing(store, tmp_path):
    report = compare_package(sdk(tmp_path), None, store)
    assert (report.changes, report.exit_status, report.product) == ([], 0, "usdm")


def test_what_a_new_version_decides_is_written_once(store, tmp_path):
    params = {"symbol": ("Optional[str] = None", ""), "reduce_only": ("Optional[bool] = None", "")}
    new = sdk(
        tmp_path, params, "price: Optional[StrictStr] = None", "2.0.0", weight="5",
        log="# Log\n\n## 2.0.0 - 2026-10-21\n",
    )  # fmt: skip
    report = write(new, store)
    assert (report.failures, report.by_hand) == ([], [])
    assert report.written == ["usdm/rest/GET.fapi.v1.thing"]
    contract = read_contract(store / "usdm/rest/GET.fapi.v1.thing.json")
    assert contract.revised == "2026-10-21"
    assert [one.name for one in contract.of(Request).params] == ["symbol", "reduceOnly"]
    assert contract.examples[0].response == {"price": "1.5"}
    assert contract.examples[0].source == "sdk 2.0.0, 2026-10-21"
    listed = {(one.kind, one.path): one for one in load_changes(store / "usdm").changes}
    assert listed.keys() == {
        ("param-added", "reduceOnly"),
        ("param-removed", "page"),
        ("param-mandatory", "symbol"),
        ("field-removed", "old"),
        ("weight-changed", ""),
    }
    assert {(one.basis, one.announced) for one in listed.values()} == {("sdk", "2026-10-21")}
    assert check(store).problems == []
    again = write(new, store)
    assert (again.changes, again.by_hand, again.wrote, again.exit_status) == ([], [], False, 0)


def test_what_it_does_not_decide_is_left_to_people_and_found_once(store, tmp_path):
    answer = f"{ANSWER}\nnew: Optional[StrictStr] = None"
    other = tiny_sdks.request("/fapi/v1/other", "Answer", {})
    new = sdk(tmp_path, answer=answer, version="2.0.0", more=other)
    report = write(new, store)
    assert report.failures == []
    assert [line.split(": ")[1] for line in report.by_hand] == [
        "field added new (string)",
        "new contract (GET /fapi/v1/other)",
    ]
    assert check(store).problems == []
    assert load_store(store).contracts.keys() == {"usdm/rest/GET.fapi.v1.thing"}
    again = write(new, store)
    assert (again.changes, again.exit_status) == ([], 0)
    assert any("not in the contract yet" in line for line in again.by_hand)


def test_a_request_that_is_gone_is_listed_and_stays(store, tmp_path):
    files = tiny_sdks.sources(tiny_sdks.request("/fapi/v1/other", "Answer"), tiny_sdks.model("Answer", ANSWER))
    new = read_package(tiny_sdks.folder(tmp_path / "gone", files, "3.0.0"))
    report = write(new, store)
    assert report.failures == []
    assert check(store).problems == []
    listed = {one.kind: one for one in load_changes(store / "usdm").changes}
    assert listed.keys() == {"request-added", "request-retired"}
    assert "gone from the SDK 3.0.0" in listed["request-retired"].kept
    assert write(new, store).changes == []


def test_known_differences_are_explained_and_stale_ones_named(store, tmp_path):
    known = {
        "contracts": ["usdm/rest/GET.fapi.v1.thing"], "what": "weight", "detail": "1 → 5", "reason": "a test",
        "date": "2026-10-21", "link": "https://example.org",
    }  # fmt: skip
    (store / "usdm/sdk-differences.json").write_text(json.dumps({"differences": [known]}))
    report = compare_package(sdk(tmp_path, version="2.0.0", weight="5"), None, store)
    assert (report.changes, len(report.explained), report.stale) == ([], 1, [])
    report = compare_package(sdk(tmp_path), None, store)
    assert report.stale == [
        "usdm/rest/GET.fapi.v1.thing: weight  (1 → 5): the SDK no longer differs; delete it from sdk-differences.json."
    ]


def test_two_versions_are_compared_without_contracts(tmp_path):
    products = read_products(CONTRACTS)
    old, new = sdk(tmp_path), sdk(tmp_path, weight="5", version="2.0.0")
    report = compare_versions(new, old, None, products)
    assert [change.what for change in report.changes] == ["weight"]
    assert report.exit_status == 1
    assert "against binance-sdk-tiny 1.0.0: 1 compared, 1 changed." in report.lines()[-1]


def test_a_package_that_is_no_sdk_is_refused(store, tmp_path):
    other = read_package(tiny_sdks.folder(tmp_path / "other", {"a.py": "x = 1\n"}))
    with pytest.raises(UsageError, match="no request, stream or event"):
        compare_package(other, "usdm", store)

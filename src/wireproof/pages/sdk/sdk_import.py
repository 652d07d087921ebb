"""Compares an SDK with the store or with an older SDK, and brings into the store what it says."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from wireproof import day
from wireproof.contract.audit.page_differences import SDK_FILE, load_page_differences
from wireproof.contract.dated_changes import load_changes
from wireproof.contract.store import load_store
from wireproof.counts import counted
from wireproof.errors import ExitStatus, UsageError
from wireproof.pages.changes import Change, by_severity
from wireproof.pages.extracting.page_products import products_of
from wireproof.pages.importer import table_of, write_contracts
from wireproof.pages.known_differences import Explanations
from wireproof.pages.merge import with_names
from wireproof.pages.recorded_changes import changes_file
from wireproof.pages.sdk.client_code import contents_of
from wireproof.pages.sdk.sdk_changes import between, gone_contract, new_contract
from wireproof.pages.sdk.store_comparison import compare_with_store
from wireproof.pages.sdk.written_contract import with_changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wireproof.contract.model import Contract, Product
    from wireproof.contract.store import Store
    from wireproof.pages.importer import Check
    from wireproof.pages.sdk.client_code import SdkContents
    from wireproof.pages.sdk.package_files import Package
    from wireproof.pages.sdk.store_comparison import StoreComparison

_WORDS = "words"  # what changes of running text begin with
_RELEASE = re.compile(r"^#+\s*\[?v?(\d[\w.]*)\]?.*?(\d{4}-\d{2}-\d{2})", re.MULTILINE)


class SdkReport(Struct):
    """How an SDK differs from the store, or from an older version of itself; `lines` is what a person reads."""

    package: str
    version: str
    product: str
    against: str  # "the store", or the name and version of the older package
    described: Counter[str]  # requests, streams and events by surface
    released: str = ""  # day of the release, ISO 8601, where it is known
    compared: int = 0
    changes: list[Change] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)  # what an SDK alone does not decide, a sentence each
    explained: list[str] = field(default_factory=list)  # differences that are known and meant, a line each
    stale: list[str] = field(default_factory=list)  # known differences that are none any more
    notes: list[str] = field(default_factory=list)  # modules that could not be read
    failures: list[str] = field(default_factory=list)  # one sentence each
    written: list[str] = field(default_factory=list)  # ids of contracts whose file was written
    wrote: bool = False

    @property
    def exit_status(self) -> ExitStatus:
        """0 same or brought in, 1 something differs, 2 something could not be done."""
        if self.failures:
            return ExitStatus.USAGE
        differs = any(change.severity for change in self.changes)
        return ExitStatus.FINDINGS if differs and not self.wrote else ExitStatus.OK

    def lines(self, *, words: bool = False) -> list[str]:
        """Return the report as lines: a table of changes, what is left to people, counts; with `words`, texts too."""
        shown = [change for change in self.changes if words or not change.what.startswith(_WORDS)]
        out = table_of(shown) + self.explained
        out += [f"stale: {one}" for one in self.stale]
        out += [f"by hand: {one}" for one in self.by_hand]
        out += [f"note: {one}" for one in self.notes]
        if hidden := len(self.changes) - len(shown):
            out.append(f"{counted(hidden, 'change')} of running text; --words shows them.")
        out += [f"error: {failure}" for failure in self.failures]
        changed = len({change.contract for change in shown})
        done = f", {len(self.written)} written" if self.wrote else ""
        kinds = ", ".join(f"{number} {surface}" for surface, number in sorted(self.described.items()))
        out.append(
            f"{self.package} {self.version} ({self.product}: {kinds}) against {self.against}: "
            f"{self.compared} compared, {changed} changed{done}."
        )
        return out


def compare_versions(new: Package, old: Package, product: str | None, products: Mapping[str, Product]) -> SdkReport:
    """Tell how a version of an SDK differs from an older one; contracts are not looked at.

    Without `product`, the paths of its requests say which one of `products` it is. Raises UsageError where they do not.
    """
    here, there = contents_of(new), contents_of(old)
    product = product or product_of(here, products)
    report = _report(new, here, product, old.label)
    report.compared = len(here.entries.keys() & there.entries.keys())
    report.changes = between(there.entries, here.entries, product)
    return report


def compare_package(
    package: Package, product: str | None, folder: Path, *, write: bool = False, released: str = "",
    check: Check | None = None,
) -> SdkReport:  # fmt: skip
    """Tell how an SDK differs from the store in `folder`; with `write`, bring in what it decides.

    `released` is the day of its release, ISO 8601: where it is not given, the package's change log says it, else it is
    today. Without `product`, the paths of its requests say which one it is. Raises UsageError where they do not.
    """
    contents = contents_of(package)
    store = load_store(folder)
    name = product or product_of(contents, store.products)
    report = _report(package, contents, name, "the store")
    report.released = released or release_day(package) or day.today().isoformat()
    contracts = store.select(product=name)
    found = compare_with_store(contents, contracts, store.product(name).enums)
    report.compared = len(found.both)
    _compare(report, found, store, folder / name, write=write, check=check)
    return report


def _report(package: Package, contents: SdkContents, product: str, against: str) -> SdkReport:
    if not contents.entries:
        raise UsageError(
            f"{package.label}: no request, stream or event was found in it. Expected an official Binance SDK, such as "
            "binance-sdk-derivatives-trading-usds-futures."
        )
    return SdkReport(
        package=package.name,
        version=package.version,
        product=product,
        against=against,
        described=Counter(surface for surface, _ in contents.entries),
        notes=contents.notes,
    )


def product_of(contents: SdkContents, products: Mapping[str, Product]) -> str:
    """Return the product that most requests of an SDK belong to, by path and page. UsageError where none does."""
    entries = contents.entries.values()
    votes = Counter(name for entry in entries for name in products_of(products, entry.url))
    votes.update(
        name
        for entry in entries
        for name, product in products.items()
        if entry.path and any(entry.path.startswith(root) for root in product.path_roots)
    )
    best = votes.most_common(2)
    if not best or (len(best) == 2 and best[0][1] == best[1][1]):
        raise UsageError(
            f"{contents.package}: its requests are of no one product ({', '.join(votes) or 'none'}). Name it with "
            f"--product. Known: {', '.join(products)}."
        )
    return best[0][0]


def release_day(package: Package) -> str:
    """Return the day of a version's release as the package's change log says it; empty when it does not."""
    return next((found[2] for found in _RELEASE.finditer(package.change_log) if found[1] == package.version), "")


def _compare(
    report: SdkReport, found: StoreComparison, store: Store, folder: Path, *, write: bool, check: Check | None
) -> None:
    product = store.product(report.product)
    explanations = Explanations(load_page_differences(folder, name=SDK_FILE), SDK_FILE)
    recorded = _recorded(folder)
    written: dict[str, Contract] = {}
    kept: dict[Change, str] = {}
    changes: list[Change] = []
    source = f"sdk {report.version}, {report.released}"
    for one in found.both:
        unknown = [change for change in one.changes if not explanations.explains(change)]
        later = [change for change in unknown if _place(change) in recorded]
        report.by_hand += [f"{_said(change)}: listed in changes.json, not in the contract yet." for change in later]
        new = [change for change in unknown if change not in later]
        if not new:
            continue
        changes += new
        contract, left = with_changes(one, new, source)
        kept |= left
        report.by_hand += [
            f"{_said(change)}: {why} ({one.entry.url or contract.docs_url})." for change, why in left.items()
        ]
        written[contract.id] = replace(
            with_names(contract, product.enums), revised=max(report.released, contract.revised)
        )
    without: dict[str, str] = {}
    for entry in found.new:
        change = new_contract(entry, report.product)
        if explanations.explains(change) or _place(change) in recorded:
            continue
        changes.append(change)
        without[change.contract] = f"known from the SDK {report.version}; its page is to be imported: {entry.url}"
        report.by_hand.append(f"{_said(change)}: import its page ({entry.url or 'the SDK links none'}).")
    for gone in found.gone:
        change = gone_contract(gone.id, gone.name)
        if explanations.explains(change):
            continue
        if _place(change) in recorded:
            report.by_hand.append(f"{_said(change)}: listed in changes.json, not retired yet.")
            continue
        changes.append(change)
        kept[change] = (
            f"gone from the SDK {report.version}; set 'retired' once the change log or the wire says since when"
        )
        report.by_hand.append(
            f"{_said(change)}: retire it once the change log or the exchange says so ({gone.docs_url})."
        )
        written[gone.id] = replace(gone, revised=max(report.released, gone.revised))
    report.changes = by_severity(changes)
    report.explained = explanations.lines()
    report.stale = explanations.stale({one.old.id for one in found.both} | {one.id for one in found.gone})
    if write and changes:
        report.wrote = True
        beside = changes_file(
            folder,
            report.changes,
            written,
            product,
            report.released,
            before={one.old.id: one.old for one in found.both},
            basis="sdk",
            kept=kept,
            without_contract=without,
        )
        write_contracts(list(written.values()), beside, report.product, folder.parent, report, check)
        if report.failures:
            report.wrote = False


def _recorded(folder: Path) -> set[tuple[str, str, str]]:
    """Return what `changes.json` says that the contracts do not follow yet: contract, kind of change, place."""
    changes = load_changes(folder)
    known = {
        (contract, _TOLD[change.kind], change.path)
        for change in changes.changes
        if change.kept and change.kind in _TOLD
        for contract in change.contracts
    }
    return known | {(contract, "new contract", "") for contract in changes.without_contract}


_TOLD = {
    "field-added": "field added",
    "field-removed": "field gone",
    "field-type-changed": "type changed",
    "request-retired": "contract gone",
    "stream-retired": "contract gone",
    "event-retired": "contract gone",
}


def _place(change: Change) -> tuple[str, str, str]:
    return change.contract, change.what, change.where


def _said(change: Change) -> str:
    return " ".join(filter(None, (f"{change.contract}:", change.what, change.where, f"({change.detail})")))

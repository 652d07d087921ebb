"""Imports documentation pages into the store, or tells how they differ from it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from wireproof import day
from wireproof.contract.audit.page_differences import load_page_differences
from wireproof.contract.dated_changes import load_changes
from wireproof.contract.fields import without_repetition
from wireproof.contract.names import contract_problem, id_problem
from wireproof.contract.store import read_contract, read_products
from wireproof.counts import counted
from wireproof.errors import ExitStatus, UsageError, did_you_mean
from wireproof.pages.changes import BREAKING, RISKY, Change, changes_of
from wireproof.pages.extracting.extract import extract
from wireproof.pages.extracting.page_products import products_of
from wireproof.pages.known_differences import Explanations, LaggingPages
from wireproof.pages.merge import merged, with_names
from wireproof.pages.reading import sources
from wireproof.pages.reading.page import PageError, read_page
from wireproof.pages.recorded_changes import changes_file
from wireproof.pages.writer import to_bytes, write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wireproof.contract.model import Contract, Product

    #: Says what is wrong with a folder of contracts, a sentence each.
    Check = Callable[[Path], Iterable[str]]


class ImportReport(Struct):
    """What pages said: changes, sections, notes and failures. `lines` is what a person reads."""

    pages: int = 0
    contracts: int = 0  # distinct contracts that the pages describe
    written: list[str] = field(default_factory=list)  # ids of contracts whose file was written
    changes: list[Change] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)  # differences that are known and meant, a line each
    stale: list[str] = field(default_factory=list)  # known differences that are none any more
    sections: list[str] = field(default_factory=list)  # pages without a contract, each with the reason
    notes: list[str] = field(default_factory=list)  # what was read with a repair or a doubt
    failures: list[str] = field(default_factory=list)  # one sentence each
    wrote: bool = False

    @property
    def exit_status(self) -> ExitStatus:
        """0, or 2 when a page could not be read; of a diff see `diff_status`."""
        return ExitStatus.USAGE if self.failures else ExitStatus.OK

    @property
    def diff_status(self) -> ExitStatus:
        """0 same, 1 documentation changed, 2 when a page could not be read."""
        if self.failures:
            return ExitStatus.USAGE
        return ExitStatus.FINDINGS if any(change.severity for change in self.changes) else ExitStatus.OK

    def lines(self, *, verbose: bool = False) -> list[str]:
        """Return the report as lines: table of changes, sections, failures, counts; notes when `verbose`."""
        out = table_of(self.changes) + self.explained
        out += [f"stale: {one}" for one in self.stale]
        out += [f"no contract: {section}" for section in self.sections]
        if verbose:
            out += [f"note: {note}" for note in self.notes]
        elif self.notes:
            said = counted(len(self.notes), "repair or doubt", "repairs and doubts")
            out.append(f"{said} while reading; --verbose names them.")
        out += [f"error: {failure}" for failure in self.failures]
        out.append(self._count())
        return out

    def _count(self) -> str:
        changed = len({change.contract for change in self.changes})
        done = f"{len(self.written)} written" if self.wrote else "nothing written (--write does)"
        said = f"{counted(self.pages, 'page')}, {counted(self.contracts, 'contract')}, {changed} changed, {done}"
        return said + (f", {len(self.failures)} failed." if self.failures else ".")


class Written(Protocol):
    """A report that says what was written, and why something was not."""

    written: list[str]
    failures: list[str]


class _Found(Struct):
    page: str
    contract: Contract
    has_weight: bool
    translated: bool


def import_pages(
    pages: Iterable[str],
    product: str,
    store_folder: Path,
    *,
    write: bool,
    today: str | None = None,
    check: Check | None = None,
    load: Callable[[str], bytes] = sources.load,
) -> ImportReport:
    """Read pages and bring the store up to date with them; without `write`, only report.

    `pages` are files, folders and addresses; `load` returns the bytes of one. A page that cannot be read becomes a
    failure of the report, the others are imported. Before anything is written, `check` looks at the product as it would
    be: what it objects to becomes a failure, and the store stays as it is. What was changed is listed in `changes.json`
    where the product has one. A contract that differs from its page in known ways only is not written: there the store
    is newer. So it is where a page contradicts a change that an SDK told. Raises UsageError for an unknown product,
    ContractFileError for a store file that is not sound.
    """
    report = ImportReport(wrote=write)
    today = today or day.today().isoformat()
    products = read_products(store_folder)
    if product not in products:
        raise UsageError(f"There is no product {product!r}. {did_you_mean(product, products)}")
    enums = products[product].enums
    found = _read(pages, product, products, report, load)
    merged_contracts = _merged_contracts(found, products[product], store_folder, report, today)
    explanations = Explanations(load_page_differences(store_folder / product))
    lagging = LaggingPages(load_changes(store_folder / product).changes)
    new: list[Contract] = []
    for contract, old in merged_contracts:
        changes = changes_of(old, contract, enums)
        unknown = [one for one in changes if not (explanations.explains(one) or lagging.explains(one))]
        # A contract is taken over whole: what was explained is overwritten with it, and reported.
        report.changes += changes if write and unknown else unknown
        if contract != old and (unknown or not changes):
            new.append(contract)
    report.explained = explanations.lines() + lagging.lines()
    report.stale = explanations.stale({contract.id for contract, _ in merged_contracts})
    if write and new:
        listed = changes_file(
            store_folder / product,
            report.changes,
            {one.id: one for one in new},
            products[product],
            today,
            before={one.id: old for one, old in merged_contracts if old is not None},
        )
        write_contracts(new, listed, product, store_folder, report, check)
    return report


def diff_pages(pages: Iterable[str], product: str | None, store_folder: Path) -> ImportReport:
    """Tell how pages differ from the store; `diff_status` of the report is the exit status.

    Without `product`, each page's own address says which product it is about; one that does not is a failure.
    """
    if product is not None:
        return import_pages(pages, product, store_folder, write=False)
    report = ImportReport()
    for name, of_product in _by_product(pages, read_products(store_folder), report).items():
        part = import_pages(of_product, name, store_folder, write=False)
        for field_name in ("changes", "explained", "stale", "sections", "notes", "failures"):
            getattr(report, field_name).extend(getattr(part, field_name))
        report.pages, report.contracts = report.pages + part.pages, report.contracts + part.contracts
    return report


def _by_product(pages: Iterable[str], products: Mapping[str, Product], report: ImportReport) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name in sources.expand(pages):
        try:
            page = read_page(name, sources.load(name))
        except PageError as error:
            report.pages += 1
            report.failures.append(str(error))
            continue
        found = products_of(products, page.url)
        if len(found) == 1:
            grouped.setdefault(found.pop(), []).append(name)
        else:
            report.pages += 1
            report.failures.append(f"{name}: does not say which product it is about; name it with --product.")
    return grouped


def write_contracts(  # noqa: PLR0917  # what to write, where, and who is told
    contracts: list[Contract],
    beside: Mapping[Path, bytes],
    product: str,
    folder: Path,
    report: Written,
    check: Check | None,
) -> None:
    """Write all contracts, and what stands beside them, or none; `report` is told which, or why not."""
    unsafe = [f"{one.id}: {problem}" for one in contracts if (problem := contract_problem(one))]
    if unsafe:
        report.failures += [*unsafe, "Nothing was written: `wireproof contracts check` would refuse the store."]
        return
    files = {folder / f"{contract.id}.json": to_bytes(contract) for contract in contracts} | dict(beside)
    problems = _problems(files, product, folder, check) if check is not None else []
    if problems:
        report.failures += problems
        report.failures.append(
            "Nothing was written: `wireproof contracts check` would refuse the store. Correct the contract's "
            "refinements and cases where they speak of what the page no longer says, or leave the page out."
        )
        return
    try:
        write_all(files)
    except OSError as error:
        report.failures.append(f"{error.filename or folder}: cannot be written: {error.strerror}. Nothing was written.")
        return
    report.written += [contract.id for contract in contracts]


def _problems(files: Mapping[Path, bytes], product: str, folder: Path, check: Check) -> list[str]:
    """Return what `check` objects to in a copy of the product that has the new files."""
    with tempfile.TemporaryDirectory(prefix="wireproof-import-") as place:
        copy = Path(place)
        if (folder / product).is_dir():
            shutil.copytree(folder / product, copy / product)
        for file, data in files.items():
            new = copy / file.relative_to(folder)
            try:
                new.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                return [f"{file}: cannot be written: {error.strerror}."]
            new.write_bytes(data)
        return [problem.replace(str(copy), str(folder)) for problem in check(copy)]


def _merged_contracts(
    read: list[_Found], product: Product, folder: Path, report: ImportReport, today: str
) -> list[tuple[Contract, Contract | None]]:
    """Return each contract that the pages describe, merged with the store's, beside the store's."""
    out: list[tuple[Contract, Contract | None]] = []
    for found in _undisputed(read, report):
        if problem := id_problem(found.contract.id):
            report.failures.append(f"{found.page}: {problem}")
            continue
        file = folder / f"{found.contract.id}.json"
        old = read_contract(file) if file.is_file() else None
        new = merged(
            old,
            without_repetition(with_names(found.contract, product.enums), product),
            today=today,
            enums=product.enums,
            has_weight=found.has_weight,
            translated=found.translated,
        )
        out.append((new, old))
    report.contracts = len(out)
    return out


def _read(
    pages: Iterable[str],
    product: str,
    products: Mapping[str, Product],
    report: ImportReport,
    load: Callable[[str], bytes],
) -> list[_Found]:
    out: list[_Found] = []
    for name in sources.expand(pages):
        report.pages += 1
        try:
            page = read_page(name, load(name))
            extraction = extract(page, product, products)
        except PageError as error:
            report.failures.append(str(error))
            continue
        report.notes += [f"{name}: {note}" for note in extraction.notes]
        if extraction.section:
            report.sections.append(f"{name} {extraction.section}")
        out += [
            _Found(name, contract, contract.id not in extraction.unweighed, page.language == "zh")
            for contract in extraction.contracts
        ]
    return out


def _undisputed(found: list[_Found], report: ImportReport) -> list[_Found]:
    """Return one page per contract; pages that claim the same contract and disagree are failures, all of them."""
    claims: dict[str, list[_Found]] = {}
    for one in found:
        claims.setdefault(one.contract.id, []).append(one)
    out: list[_Found] = []
    for contract_id, pages in claims.items():
        first = min(pages, key=lambda one: one.translated)
        rivals = [one for one in pages if one is not first and _content(one.contract) != _content(first.contract)]
        if rivals:
            names = ", ".join(one.page for one in rivals)
            report.failures.append(
                f"{first.page}: claims {first.contract.name} ({contract_id}), and so does {names} with other "
                "content; expected one page. Give only the one that holds."
            )
            continue
        report.notes += [f"{one.page}: says the same as {first.page}" for one in pages if one is not first]
        out.append(first)
    return out


def _content(contract: Contract) -> Contract:
    """Return a contract without what differs between pages that say the same."""
    return replace(
        contract,
        title="",
        docs_url="",
        examples=tuple(replace(example, source="") for example in contract.examples),
        refinements=tuple(replace(refinement, source="") for refinement in contract.refinements),
    )


def table_of(changes: list[Change]) -> list[str]:
    """Return changes as the lines of a table, worst first; none for none."""
    if not changes:
        return []
    rows = [("severity", "kind", "contract", "change", "where", "")]
    order = (BREAKING, RISKY, "additive", "")
    rows += [
        (change.severity or "-", change.kind or "-", change.contract, change.what, change.where, change.detail)
        for change in sorted(changes, key=lambda c: (order.index(c.severity), c.contract))
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]).rstrip()
        for row in rows
    ]

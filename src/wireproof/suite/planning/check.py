"""`wireproof contracts check`: whether every contract file is what a run needs it to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from wireproof.contract.audit.dated import anachronisms, contradictions
from wireproof.contract.audit.page_differences import SDK_FILE, load_page_differences
from wireproof.contract.audit.parameter_tables import left_open
from wireproof.contract.audit.refinements import without_effect
from wireproof.contract.dated_changes import load_changes
from wireproof.contract.model import Contract, Product, Surface
from wireproof.contract.overlay import outdated
from wireproof.contract.store import (
    SURFACE_FOLDERS,
    Store,
    contract_files,
    read_contract,
    read_product,
    refuse_strange,
)
from wireproof.contract.undoing import RETIRED
from wireproof.counts import counted
from wireproof.drift.baseline import BASELINE, load_baseline
from wireproof.drift.compare import Comparer
from wireproof.drift.explain import one_line
from wireproof.drift.finding import Kind
from wireproof.drift.waivers import WAIVERS, load_waivers
from wireproof.errors import WireproofError, did_you_mean
from wireproof.suite.planning.cases import plan_cases
from wireproof.suite.planning.decided import Uses, outside, rule_problems, undecided, undecided_envelopes
from wireproof.suite.vocabulary.addressed import address_problems
from wireproof.suite.vocabulary.monotonic import order_problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class CheckReport(Struct, kw_only=True):
    """Every problem found, as sentences, and how much was looked at."""

    problems: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)  # places whose strings stay free, with the reason
    contracts: int = 0
    examples: int = 0
    cases: int = 0

    @property
    def summary(self) -> str:
        """One line on what was checked."""
        verdict = counted(len(self.problems), "problem") if self.problems else "no problem"
        contracts, examples = counted(self.contracts, "contract"), counted(self.examples, "example")
        return f"{contracts}, {examples}, {counted(self.cases, 'case')}: {verdict}."


def check(folder: Path, overlay: Path | None = None) -> CheckReport:
    """Check every file below a folder of contracts, and below an overlay; one bad file does not hide the others."""
    report = CheckReport()
    if not folder.is_dir():
        report.problems.append(f"{folder}: there is no such folder of contracts.")
        return report
    contracts: dict[str, Contract] = {}
    try:
        load_baseline(folder / BASELINE)
        if overlay is not None:
            load_baseline(overlay / BASELINE)
            refuse_strange(overlay, [place.name for place in folder.iterdir()])
    except WireproofError as error:
        report.problems.append(str(error))
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        try:
            product = read_product(place / "product.json")
            load_waivers(place / WAIVERS)
            if overlay is not None:
                load_waivers(overlay / place.name / WAIVERS)
            load_page_differences(place, _ids(place))
            load_page_differences(place, _ids(place), SDK_FILE)
            changes = load_changes(place, _ids(place))
        except WireproofError as error:
            report.problems.append(str(error))
            continue
        faulty = list(rule_problems(product))
        wrong = [rule for rule, _ in faulty]
        product = replace(product, fields=tuple(rule for rule in product.fields if rule not in wrong))
        uses = Uses(product)
        for surface in SURFACE_FOLDERS:
            for file in contract_files(f"{place.name}/{surface}", folder, overlay):
                report.problems += _check_file(file, contracts, report, uses, folder)
        said = [*(problem for _, problem in faulty), *undecided_envelopes(product), *uses.problems()]
        said += _switches(product)
        own = {name: one for name, one in contracts.items() if one.product == product.product}
        said += [*contradictions(changes, own, product), *left_open(own.values())]
        report.problems += [f"{place / 'product.json'}: {problem}" for problem in said]
        report.free += uses.free()
    if not contracts and not report.problems:
        report.problems.append(f"{folder}: no product found; expected folders such as usdm with a product.json.")
    return report


def _switches(product: Product) -> Iterator[str]:
    """Yield the switches of envelopes that stand for a field which the envelope does not show, or not as optional."""
    for surface, envelope in product.envelopes.items():
        optional = {one.path for one in envelope.refinements if one.optional}
        for name in (switch.field for switch in envelope.switches):
            shown = name in envelope.success and name in envelope.error
            if not shown or name not in optional:
                yield (
                    f"the envelope of {surface} has a switch for {name!r}. Show that field in its success and its "
                    "error, and make it optional by a refinement."
                )


def _ids(place: Path) -> set[str]:
    files = (file for surface in SURFACE_FOLDERS for file in (place / surface).glob("*.json"))
    return {f"{place.name}/{file.parent.name}/{file.stem}" for file in files}


def _check_file(file: Path, contracts: dict[str, Contract], report: CheckReport, uses: Uses, folder: Path) -> list[str]:
    report.contracts += 1
    try:
        contract = read_contract(file)
    except WireproofError as error:
        return [str(error)]
    if contract.id in contracts:
        return [f"{file}: id {contract.id!r} is taken by {folder / contract.id}.json."]
    contracts[contract.id] = contract
    expected = file.relative_to(file.parents[2]).with_suffix("").as_posix()
    if contract.id != expected:
        return [f"{file}: id {contract.id!r} does not fit the file's place. Expected {expected!r}."]
    problems = list(filter(None, [outdated(file, contract.over, folder / f"{contract.id}.json")]))
    return [*problems, *_check_contract(file, contract, report, uses, folder)]


def check_as_of(store: Store) -> CheckReport:
    """Check a store as of another day as its files are checked.

    Rules and enumerations of fields that were not there on that day may decide nothing; what changed until then must
    be in the contracts, and what changed later must not.
    """
    report = CheckReport()
    for name, product in store.products.items():
        uses = Uses(product)
        own = {one.id: one for one in store.contracts.values() if one.product == name}
        for contract in own.values():
            report.contracts += 1
            report.problems += _check_contract(store.file_of(contract), contract, report, uses, store.folder)
        changes = load_changes(store.folder / name)
        retired_later = {
            contract_id
            for change in changes.changes
            if change.kind in RETIRED and change.date > store.day
            for contract_id in change.contracts
        }
        report.problems += contradictions(changes.until(store.day), own, product)
        report.problems += anachronisms(changes, own, product, store.day)
        report.problems += left_open(one for key, one in own.items() if key not in retired_later)
    return report


def _check_contract(file: Path, contract: Contract, report: CheckReport, uses: Uses, folder: Path) -> list[str]:
    product = uses.product
    store = Store(folder, {product.product: product}, {contract.id: contract})
    problems = [f"{file}: {problem}" for problem in _names(contract, product)]
    uses.add(contract)
    try:
        report.cases += len(plan_cases(store, [contract]))
        problems += [f"{file}: {problem}" for problem in _examples(contract, product, report)]
    except WireproofError as error:
        problems.append(str(error))
    return problems


def _names(contract: Contract, product: Product) -> Iterator[str]:
    """Yield every name that a contract uses and nobody defines."""
    if not contract.docs_url.startswith("https://"):
        yield f"docs_url {contract.docs_url!r} is no https link."
    examples = [example.name for example in contract.examples]
    yield from (f"example {name!r} is there twice." for name in sorted({n for n in examples if examples.count(n) > 1}))
    used = [param.enum for param in contract.params]
    used += [refinement.enum for refinement in contract.refinements]
    for enum in used:
        if isinstance(enum, str) and enum not in product.enums:
            yield f"enumeration {enum!r} is not in product.json. {did_you_mean(enum, product.enums)}"
    for refinement in contract.refinements:
        yield from (
            f"refinement of {refinement.path!r} names example {name!r}. {did_you_mean(name, examples)}"
            for name in refinement.examples
            if name not in examples
        )
    yield from order_problems(contract)
    yield from address_problems(contract)
    codes = {code for case in contract.cases if case.expect for code in case.expect.codes}
    codes |= {code for rule in contract.rejections for code in rule.codes}
    yield from (
        f"error code {code} is not in product.json." for code in sorted(codes) if str(code) not in product.errors
    )


def _examples(contract: Contract, product: Product, report: CheckReport) -> Iterator[str]:
    """Yield where an example does not fit the shape that it and its refinements make, and refinements of nothing."""
    yield from without_effect(contract, product.enums)
    yield from undecided(contract, product)
    yield from (wrong_words := list(outside(contract, product)))
    comparer = Comparer(product)
    judge = comparer.payload if contract.surface in (Surface.STREAM, Surface.EVENT) else comparer.response
    for example in contract.examples:
        report.examples += 1
        for finding in judge(contract, example.name, msgspec.json.encode(example.response)):
            if finding.kind is Kind.UNDOCUMENTED_VALUE and wrong_words:
                continue  # named above, with what to do
            yield f"example {example.name!r} does not fit its own refinements: {one_line(finding)}"

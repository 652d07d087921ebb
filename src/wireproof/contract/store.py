"""The store: every contract file of a folder, read, checked and held by id.

A folder has one subfolder per product with a `product.json` and the folders `ws-api`, `rest`, `stream` and `event`.
"""

from __future__ import annotations

import os
import re
import typing
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from wireproof.bounds import MIB, MOST_LEVELS, is_deeper, read_file
from wireproof.contract.contract_file import ContractFile, contract_in
from wireproof.contract.lines import line_of_fault
from wireproof.contract.model import Product, Surface
from wireproof.contract.names import contract_problem, product_problem
from wireproof.contract.overlay import folder_to_write, outdated, overlay_folder, shipped_folder
from wireproof.errors import ContractFileError, UsageError, did_you_mean

if typing.TYPE_CHECKING:
    from wireproof.contract.model import Contract

T = TypeVar("T")

MOST_OF_A_CONTRACT = 16 * MIB

SURFACE_FOLDERS = tuple(surface.value for surface in Surface)


class Store:
    """Contracts and products by id. Iteration order is stable: by product, surface and file name."""

    def __init__(
        self,
        folder: Path,
        products: dict[str, Product],
        contracts: dict[str, Contract],
        overlay: Path | None = None,
    ) -> None:
        self.folder, self.overlay = folder, overlay
        self.outdated: list[str] = []  # contracts of the overlay that were made of others than there are now
        self.day = ""  # as of which day it is; empty: as its files are
        self.left_out: dict[str, str] = {}  # ids of contracts and cases that were not there on that day, and why
        self.products = products
        self.contracts = contracts

    def product(self, name: str) -> Product:
        """Return a product by its name; UsageError names the known ones."""
        try:
            return self.products[name]
        except KeyError:
            raise UsageError(f"There is no product {name!r}. {did_you_mean(name, self.products)}") from None

    def contract(self, contract_id: str) -> Contract:
        """Return a contract by its id; UsageError names the nearest."""
        try:
            return self.contracts[contract_id]
        except KeyError:
            raise UsageError(
                f"There is no contract {contract_id!r}. {did_you_mean(contract_id, self.contracts)}"
            ) from None

    def select(self, *, product: str | None = None, surface: str | None = None) -> list[Contract]:
        """Return the contracts of a product, or of several parted by commas, and of a surface.

        Raises UsageError for a name that is unknown.
        """
        names = None if product is None else product.split(",")
        for name in names or ():
            self.product(name)
        if surface is not None and surface not in SURFACE_FOLDERS:
            raise UsageError(f"There is no surface {surface!r}. {did_you_mean(surface, SURFACE_FOLDERS)}")
        return [
            contract
            for contract in self.contracts.values()
            if (names is None or contract.product in names) and surface in (None, contract.surface.value)
        ]

    def select_left_out(self, *, product: str | None = None, surface: str | None = None) -> dict[str, str]:
        """Return what of `left_out` is of a product, or of several parted by commas, and of a surface."""
        names = None if product is None else product.split(",")
        return {
            name: why
            for name, why in self.left_out.items()
            if (names is None or name.split("/")[0] in names) and surface in (None, name.split("/")[1])
        }

    def file_of(self, contract: Contract) -> Path:
        """Return the file that a contract is kept in, or would be."""
        name = f"{contract.id}.json"
        return next(iter(self.files(name)), self.folder / name)

    def files(self, name: str) -> list[Path]:
        """Return the files of a name, relative to the folder, that there are: the overlay's own before the other."""
        folders = [self.folder] if self.overlay is None else [self.overlay, self.folder]
        return [file for folder in folders if (file := folder / name).is_file()]

    def file_to_write(self, name: str) -> Path:
        """Return where a file of a name, relative to the folder, is written; UsageError where it cannot be."""
        return folder_to_write(self.folder, self.overlay) / name


def default_folder(environ: typing.Mapping[str, str] = os.environ) -> Path:
    """Return the contracts that belong to this wireproof: WIREPROOF_CONTRACTS, the checkout's, or the wheel's own."""
    if environ.get("WIREPROOF_CONTRACTS"):
        return Path(environ["WIREPROOF_CONTRACTS"])
    installed = shipped_folder()
    return installed if installed.is_dir() else installed.parents[3] / "contracts"


def load_store(folder: Path | None = None) -> Store:
    """Read every contract file below `folder`; without one, the default folder's and those of the overlay on top.

    Raises ContractFileError for the first file that is not what the format allows: malformed JSON, an unknown key, a
    wrong type, an id that does not fit its place.
    """
    overlay = overlay_folder() if folder is None else None
    folder = default_folder() if folder is None else folder
    products = read_products(folder)
    if overlay is not None:
        refuse_strange(overlay, products)
    contracts: dict[str, Contract] = {}
    store = Store(folder, products, contracts, overlay)
    folded: dict[str, str] = {}
    for product in products:
        for surface in SURFACE_FOLDERS:
            for file in contract_files(f"{product}/{surface}", folder, overlay):
                contract = read_contract(file)
                expected = f"{product}/{surface}/{file.stem}"
                if contract.id != expected:
                    _refuse_id(file, contract, expected)
                twin = folded.setdefault(contract.id.lower(), contract.id)
                if twin != contract.id:
                    raise ContractFileError(
                        file, f"id {contract.id!r} differs from {twin!r} in capitals only.", hint="Rename one of them."
                    )
                contracts[contract.id] = contract
                if contract.over and (problem := outdated(file, contract.over, folder / f"{contract.id}.json")):
                    store.outdated.append(problem)
    return store


def contract_files(place: str, folder: Path, overlay: Path | None) -> list[Path]:
    """Return the contract files of a place, such as `usdm/rest`, by name; the overlay's stand for the folder's."""
    found = {file.name: file for file in (folder / place).glob("*.json")}
    found |= {file.name: file for file in (overlay / place).glob("*.json")} if overlay is not None else {}
    return [found[name] for name in sorted(found)]


def refuse_strange(overlay: Path, products: typing.Iterable[str]) -> None:
    """Raise UsageError for a folder of an overlay that looks like a product's and has no product's name."""
    for place in sorted(one for one in overlay.glob("*") if one.is_dir() and one.name not in products):
        if (place / "waivers.json").exists() or any((place / surface).is_dir() for surface in SURFACE_FOLDERS):
            raise UsageError(
                f"{place}: there is no product {place.name!r}, and nobody would read it."
                f" {did_you_mean(place.name, products)}"
            )


def _refuse_id(file: Path, contract: Contract, expected: str) -> typing.NoReturn:
    other = file.parents[2] / f"{contract.id}.json"
    problem = f"id {contract.id!r} " + (
        f"is taken by {other}." if other.is_file() else "does not fit the file's place."
    )
    raise ContractFileError(file, problem, hint=f"Expected {expected!r}.")


def read_contract(file: Path) -> Contract:
    """Read one contract file; ContractFileError says what is wrong with it."""
    held = decode(file, ContractFile)
    try:
        contract = contract_in(held)
    except ValueError as error:
        raise ContractFileError(file, str(error)) from None
    if problem := contract_problem(contract):
        raise ContractFileError(file, problem)
    return contract


def read_products(folder: Path) -> dict[str, Product]:
    """Read the product of each folder below `folder`, by name.

    Raises ContractFileError for one that is missing or not sound, UsageError where there is none at all.
    """
    if not folder.is_dir():
        raise UsageError(
            f"{folder}: there is no such folder of contracts. Set WIREPROOF_CONTRACTS or run from a checkout."
        )
    products = {}
    for place in sorted(one for one in folder.iterdir() if one.is_dir()):
        file = place / "product.json"
        if not file.is_file():
            raise ContractFileError(file, "is missing.", hint="Each folder of contracts describes its product.")
        products[place.name] = read_product(file)
    if not products:
        raise UsageError(f"{folder}: no product found; expected folders such as usdm with a product.json.")
    return products


def read_product(file: Path) -> Product:
    """Read one product file; ContractFileError says what is wrong with it."""
    product = decode(file, Product)
    if problem := product_problem(product):
        raise ContractFileError(file, problem)
    if product.product != file.parent.name:
        raise ContractFileError(file, f"product {product.product!r} lies in folder {file.parent.name!r}.")
    return product


def decode(file: Path, kind: type[T]) -> T:
    """Decode a file of the closed format `kind`; ContractFileError names file, place, key and the nearest known key."""
    try:
        data = read_file(file, MOST_OF_A_CONTRACT)
    except OSError as error:
        raise ContractFileError(file, f"cannot be read: {error.strerror}.") from error
    try:
        if is_deeper(msgspec.json.decode(data), MOST_LEVELS):
            raise ContractFileError(file, f"is nested more than {MOST_LEVELS} levels deep.")
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        line = line_of_fault(data.decode(errors="replace"), kind)
        raise ContractFileError(file, _explain(str(error), kind, line)) from None
    except RecursionError:
        raise ContractFileError(file, "is nested deeper than can be read.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContractFileError(file, f"is not JSON: {_position(str(error), data)}.") from None


def _explain(message: str, kind: type[Any], line: int) -> str:
    """Turn msgspec's message into a sentence with the line; for an unknown field, with the nearest known one."""
    text, _, place = message.partition(" - at ")
    place = place.strip("`") or "$"
    where = f"at {place}, line {line}."
    unknown = re.search(r"unknown field `([^`]*)`", text)
    if unknown:
        known = _fields_at(place, kind)
        return f"unknown key {unknown.group(1)!r} {where} {did_you_mean(unknown.group(1), known)}".rstrip()
    return f"{text[0].lower()}{text[1:]} {where}"


def _fields_at(place: str, kind: Any) -> list[str]:
    """Return the field names of the struct that `place` (`$.request.params[...]`) leads to in `kind`."""
    for step in re.findall(r"\.(\w+)|(\[\.\.\.\]|\[\d+\])", place):
        kind = _field_type(kind, step[0]) if step[0] else _element_type(kind)
    kind = _struct_of(kind)
    return [field.encode_name for field in msgspec.structs.fields(kind)] if kind is not None else []


def _struct_of(kind: Any) -> Any:
    options = [kind, *typing.get_args(kind)]
    return next((k for k in options if isinstance(k, type) and issubclass(k, msgspec.Struct)), None)


def _field_type(kind: Any, name: str) -> Any:
    struct = _struct_of(kind)
    return typing.get_type_hints(struct).get(name) if struct is not None else None


def _element_type(kind: Any) -> Any:
    containers = [k for k in (kind, *typing.get_args(kind)) if typing.get_origin(k) in (tuple, list, dict)]
    return typing.get_args(containers[0])[-1 if typing.get_origin(containers[0]) is dict else 0] if containers else None


def _position(message: str, data: bytes) -> str:
    """Give the line and column of msgspec's byte position."""
    found = re.search(r"byte (\d+)", message)
    if found is None:
        return message.removeprefix("JSON is malformed: ")
    before = data[: int(found.group(1))]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return f"line {line}, column {column}: {message.removeprefix('JSON is malformed: ').partition(' (byte')[0]}"

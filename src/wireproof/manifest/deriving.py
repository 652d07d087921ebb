"""Derives a manifest: of model classes, an official SDK, schemas, or what was recorded; and what it leaves open."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.errors import ContractFileError, UsageError, did_you_mean
from wireproof.manifest.client_manifest import ClientName, ContractUse, Manifest, Strictness, in_order
from wireproof.manifest.reflection import Reflection, class_of, full_name
from wireproof.manifest.schema_reading import read_schema
from wireproof.manifest.sdk_mapping import contracts_of, models_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from wireproof.contract.store import Store
    from wireproof.manifest.client_manifest import ReadPath
    from wireproof.manifest.contract_mapping import ContractMapping


class ModelMapping(NamedTuple):
    """A class and the contracts that it reads, as the command line has it: `package.module:Class=CONTRACT@path`."""

    module: str
    name: str  # of the class, empty for the only one of its module
    contract: str = ""  # empty: only to be listed
    root: str | None = None  # where in the answer; None: wherever it fits


def mapping_of(text: str) -> ModelMapping:
    """Read a mapping; UsageError for what is none."""
    model, given, contract = text.partition("=")
    module, has_class, name = model.partition(":")
    if (has_class and not name) or not all(
        part.isidentifier() for part in [*module.split("."), *(name.split(".") if name else [])]
    ):
        raise UsageError(
            f"--models takes package.module:Class=CONTRACT@path, not {text[:80]!r}. The path is where in the answer"
            " the model stands, such as result or []; without it that is found."
        )
    if given and not contract:
        raise UsageError(f"--models {text[:80]!r} names no contract. `wireproof contracts list` has them all.")
    contract, is_rooted, root = contract.partition("@")
    return ModelMapping(module, name, contract, root if is_rooted else None)


class Deriving:
    """A manifest in the making.

    Args:
        mapping: Finds contracts.
        client: Whose manifest it is.
        strictness: Of the client as a whole.
    """

    def __init__(self, mapping: ContractMapping, client: ClientName, strictness: Strictness) -> None:
        self._mapping, self._client, self._strictness = mapping, client, strictness
        self._reflection = Reflection()
        self._reads: dict[str, list[ReadPath]] = {}
        self._unmapped: list[str] = []
        self.warnings: list[str] = []

    def models(self, given: Iterable[ModelMapping]) -> None:
        """Take in model classes; classes beside them in their modules, that none of them holds, are unmapped."""
        modules: dict[str, Any] = {}
        mapped: set[str] = set()
        for one in given:
            module = modules.setdefault(one.module, imported(one.module))
            models = [_named(module, one.name)] if one.name else _top_models(module)
            if not one.contract:
                continue
            if len(models) != 1:
                names = ", ".join(model.__name__ for model in models[:20]) or "none"
                raise UsageError(
                    f"--models {one.module}: it has several classes or none ({names}). Name one after a colon."
                )
            for contract_id in self._mapping.named(one.contract):
                self._take(contract_id, self._reflection.reads(models[0]), one.root)
            mapped.add(full_name(models[0]))
        read = {one.by for reads in self._reads.values() for one in reads}
        read |= {one.model for reads in self._reads.values() for one in reads}
        for module in modules.values():
            left = (full_name(model) for model in _top_models(module))
            self._unmapped += [name for name in left if name not in mapped and name not in read]

    def sdk(self, name: str) -> None:
        """Take in an official SDK by the name of its package."""
        models = list(models_of(imported(name, package=True)))
        if not models:
            raise UsageError(
                f"--sdk {name} names no request with its model, as the exchange's generated SDKs do. Map its models"
                " with --models, or record what it reads."
            )
        for one, ids in contracts_of(models, self._mapping):
            if not ids:
                self._unmapped.append(f"{full_name(one.model)} ({f'{one.method} {one.name}'.strip()})")
            for contract_id in ids:
                self._take(contract_id, self._reflection.reads(one.model))

    def openapi(self, file: Path) -> None:
        """Take in the operations of an OpenAPI document, by verb and path."""
        for one in read_schema(file).operations():
            ids = next((found for path in one.paths if (found := self._mapping.request(one.method, path))), [])
            if not ids:
                self._unmapped.append(f"{one.method} {one.paths[0]}")
            for contract_id in ids:
                self._take(contract_id, one.reads, "")

    def json_schema(self, file: Path, contract: str) -> None:
        """Take in a JSON Schema of the answers of a contract."""
        name, is_rooted, root = contract.partition("@")
        try:
            ids = self._mapping.named(name)
        except UsageError as error:
            raise UsageError(f"--json-schema {file}={name}: {error}") from None
        reads = read_schema(file).whole(file.stem.partition(".")[0])
        for contract_id in ids:
            self._take(contract_id, reads, root if is_rooted else None)

    def recorded(self, other: Manifest) -> None:
        """Take in a manifest, such as one that was recorded while tests ran."""
        for contract_id, use in other.contracts.items():
            if contract_id in self._mapping.store.contracts:
                self._reads.setdefault(contract_id, []).extend(use.reads)
            else:
                self._unmapped.append(contract_id)
        self._reflection.models |= other.models
        self._unmapped += other.unmapped

    def _take(self, contract_id: str, reads: list[ReadPath], root: str | None = None) -> None:
        self._reads.setdefault(contract_id, []).extend(self._mapping.rooted(contract_id, reads, root))

    def manifest(self) -> Manifest:
        """Return the manifest; `warnings` then say what no contract documents of it."""
        made = in_order(
            Manifest(
                client=self._client,
                strictness=self._strictness,
                models=self._reflection.models,
                contracts={name: self._mapping.use(name, reads) for name, reads in self._reads.items()},
                unmapped=tuple(self._unmapped),
            )
        )
        self.warnings = [
            said for name, use in made.contracts.items() for said in self._mapping.undocumented(name, use.reads, made)
        ]
        return made


def with_what_people_wrote(made: Manifest, before: Manifest) -> Manifest:
    """Return a manifest that was derived anew with what people had written into the one before.

    Those are accepted differences, reasons why contracts may stay unjudged, and rules of models that it has no own of.
    """
    contracts = {
        name: ContractUse(reads=use.reads, unjudged=use.unjudged or before.contracts.get(name, ContractUse()).unjudged)
        for name, use in made.contracts.items()
    }
    return in_order(
        Manifest(
            client=made.client,
            strictness=made.strictness if made.strictness != Strictness() else before.strictness,
            models={**before.models, **made.models},
            contracts=contracts,
            unmapped=made.unmapped,
            accepted=before.accepted,
        )
    )


def client_name(name: str, version: str, packages: Iterable[str]) -> ClientName:
    """Return whose manifest it is: as given, else the distribution that a package comes from, with its version."""
    top = next((one.partition(".")[0] for one in packages), "")
    name = name or (_distribution(top) if top else "") or "client"
    if not version:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError, ValueError):
            version = importlib.metadata.version(name)
    return ClientName(name=name, version=version)


def _distribution(package: str) -> str:
    """Return the name of the distribution that a package comes from; that of the package where none is known."""
    try:
        return str(importlib.metadata.metadata(package)["Name"])
    except (importlib.metadata.PackageNotFoundError, ValueError):
        # Looks at every file that is installed, so it comes second.
        return next(iter(importlib.metadata.packages_distributions().get(package, [])), package)


def imported(name: str, *, package: bool = False) -> Any:
    """Import a client's module; UsageError with what kept it from being imported. What it prints goes to stderr."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name[:80]!r} is no name of a module. Name it in --sdk or --models as `import` takes it.")
    try:
        with contextlib.redirect_stdout(sys.stderr):
            module = importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # it is other people's code
        what = str(error) or type(error).__name__
        raise UsageError(
            f"{name} cannot be imported: {type(error).__name__}: {what}. Run wireproof in the client's environment,"
            " in its folder, or name the folder of its source with --path."
        ) from None
    if package and not hasattr(module, "__path__"):
        raise UsageError(f"{name} is a module and no package. --sdk takes the package that `import` takes.")
    return module


def _named(module: Any, name: str) -> Any:
    found = module
    for part in name.split("."):
        if not hasattr(found, part):
            known = [model.__name__ for model in _models(module)]
            raise UsageError(f"{module.__name__} has no class {name!r}. {did_you_mean(name, known)}".rstrip())
        found = getattr(found, part)
    if class_of(found) is None and not hasattr(found, "__args__"):
        raise UsageError(
            f"{module.__name__}:{name} is no model with fields: pydantic, msgspec, a dataclass, attrs or a TypedDict."
        )
    return found


def _models(module: Any) -> Iterator[Any]:
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__ and class_of(value) is not None:
            yield value


def _top_models(module: Any) -> list[Any]:
    """Return the model classes of a module that no other one of it holds or is made of."""
    models = list(_models(module))
    held = {one.model for model in models for one in Reflection().reads(model) if one.path}
    bases = {full_name(base) for model in models for base in model.__mro__[1:]}
    return [model for model in models if full_name(model) not in held | bases]


def read_mapping(file: Path, content: Any) -> list[ModelMapping]:
    """Return the mappings of a file: an object of package.module:Class -> CONTRACT@path, or a list of these."""
    if not isinstance(content, dict):
        raise ContractFileError(file, "is no object of package.module:Class and the contracts that it reads.")
    found = []
    for model, contracts in content.items():
        for one in contracts if isinstance(contracts, list) else [contracts]:
            if not isinstance(one, str):
                raise ContractFileError(file, f"{model!r} has {one!r}, which is no contract.")
            found.append(mapping_of(f"{model}={one}"))
    return found


def known_products(store: Store, given: str | None) -> list[str]:
    """Return the products of an option, which are parted by commas; UsageError for one that is unknown."""
    names = [] if given is None else given.split(",")
    for name in names:
        store.product(name)
    return names

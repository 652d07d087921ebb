"""Which models of an official SDK answer which request, stream or event: read from the SDK's own source.

The SDKs are generated: each method names verb and path, method or stream, and the model that its answer is made into.
User-data events stand in a table by the name of the event.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.manifest.contract_mapping import ContractMapping

_EVENTS = "_EVENT_SCHEMA_MAP"  # the end of the name of the table of events


class SdkModel(NamedTuple):
    """A model of an SDK and what it is the answer of: the surface, and the name there."""

    model: Any
    surface: str
    name: str
    method: str = ""  # the verb of a REST request


def models_of(package: Any) -> Iterator[SdkModel]:
    """Yield each model of an imported SDK with the request, stream or event that it answers."""
    found: set[tuple[str, str, str, str]] = set()
    for one in _every(package):
        key = (one.surface, one.method, one.name, getattr(one.model, "__qualname__", ""))
        if key not in found:
            found.add(key)
            yield one


def _every(package: Any) -> Iterator[SdkModel]:
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".models." in info.name or info.name.endswith(".models"):
            continue
        module = importlib.import_module(info.name)
        source = getattr(module.__spec__.loader, "get_source", lambda _: "")(info.name) if module.__spec__ else ""
        for function in ast.walk(ast.parse(source or "")):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _answered(function, module)


def _answered(function: ast.FunctionDef | ast.AsyncFunctionDef, module: Any) -> Iterator[SdkModel]:
    keywords = [one for node in ast.walk(function) if isinstance(node, ast.Call) for one in node.keywords]
    model = next(
        (
            getattr(module, one.value.id, None)
            for one in keywords
            if one.arg == "response_model" and isinstance(one.value, ast.Name)
        ),
        None,
    )
    if model is None:
        return
    texts = {one.arg: _text(one.value) for one in keywords if one.arg in {"method", "path"}}
    if texts.get("path"):
        yield SdkModel(model, "rest", texts["path"], texts.get("method", ""))
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if _text(key) == "method" and (name := _text(value)):
                    yield SdkModel(model, "ws-api", name.strip("/"))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ws_streams_placeholder":
            yield SdkModel(model, "stream", _text(node.args[0]).removeprefix("/"))
    home = importlib.import_module(model.__module__)
    for table in (value for name, value in vars(home).items() if name.endswith(_EVENTS)):
        for name, event in table.items():
            yield SdkModel(event, "event", name)


def _text(node: Any) -> str:
    """Return a text of the source, or the one that a method of it is called on: `"/depth".replace(…)`."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _text(node.func.value)
    return ""


def contracts_of(models: list[SdkModel], mapping: ContractMapping) -> list[tuple[SdkModel, list[str]]]:
    """Return each model with the ids of its contracts: those of the one product that most requests are of."""
    find: dict[str, Callable[[SdkModel], list[str]]] = {
        "rest": lambda one: mapping.request(one.method, one.name),
        "ws-api": lambda one: mapping.method(one.name),
        "stream": lambda one: mapping.stream(one.name),
        "event": lambda one: mapping.event(one.name),
    }
    found = [(one, find[one.surface](one)) for one in models]
    votes = Counter(name.partition("/")[0] for _, ids in found if len(ids) == 1 for name in ids)
    home = votes.most_common(1)[0][0] if votes else ""
    return [(one, [name for name in ids if name.startswith(f"{home}/")] or ids) for one, ids in found]

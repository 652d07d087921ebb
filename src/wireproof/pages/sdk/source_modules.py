"""Parses the modules of an SDK. They are read as text: no import, no execution, and no trust in how deep they nest."""

from __future__ import annotations

import ast
import re
import warnings
from collections import deque
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CLIENT = re.compile(r"\b(?:send_request|send_message|send_signed_message|ws_streams_placeholder|RequestStream)\(")
_MODEL = re.compile(r"\bBaseModel\b|\bRootModel\b|\bEnum\)|__properties\b|TypedDict\b")
#: Where statements hold others, in the order of `ast.walk`.
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")


class SourceModules(Struct):
    """The parsed modules of an SDK by path, those with models and those with requests, and what cannot be parsed."""

    models: dict[str, ast.Module]
    clients: dict[str, ast.Module]
    unreadable: list[str]


def parse_modules(files: Mapping[str, str]) -> SourceModules:
    """Parse what says something; a module that Python's own parser refuses is named in `unreadable`."""
    out = SourceModules({}, {}, [])
    for path, text in files.items():
        if not path.endswith(".py") or re.search(r"(?:^|/)(?:tests?|examples?)/", path):
            continue
        is_client = _CLIENT.search(text) is not None
        if not is_client and _MODEL.search(text) is None:
            continue
        try:
            tree = _parsed(text, whole=is_client)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            out.unreadable.append(f"{path}: {type(error).__name__}: {str(error)[:100]}")
            continue
        (out.clients if is_client else out.models)[path] = tree
    return out


def statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield a module and all statements in it, the outer ones first; no expressions, which most nodes are."""
    waiting: deque[ast.AST] = deque([tree])
    while waiting:
        node = waiting.popleft()
        for name in _BLOCKS:
            waiting.extend(getattr(node, name, ()))
        yield node


def _parsed(text: str, *, whole: bool) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a docstring escapes wrongly is not ours to say
        if not whole:
            try:
                return ast.parse(_heads_of_models(text))
            except SyntaxError:  # written unlike what generators write
                pass
        return ast.parse(text)


def _heads_of_models(text: str) -> str:
    """Return a module of models without its methods, which say nothing and are nine tenths of it."""
    lines, kept, skipping = text.split("\n"), [], False
    for line in lines:
        if re.match(r"    (?:@|(?:async )?def )", line):
            skipping = not line.startswith("    def is_array(")
            if line.startswith("    @"):
                continue
        elif skipping and line and not line.startswith((" " * 5, "    )")):
            skipping = False
        if not skipping:
            kept.append(line)
    return "\n".join(kept)

"""Where a product's contracts differ in known ways from its documentation pages, or from its official SDK, and why.

They live beside the contracts, in `contracts/<product>/page-differences.json` and `sdk-differences.json`:
`{"differences": [...]}`. Most say that the store is newer than the page, by a dated change. An entry names contracts,
the change that `pages diff` or `sources sdk` tells, where and in which words, so it explains that difference and no
other.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.contract.store import decode
from wireproof.errors import ContractFileError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

FILE = "page-differences.json"
SDK_FILE = "sdk-differences.json"
NEW_CONTRACT = "new contract"


class PageDifference(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A difference between pages and store that is meant. It holds for every one of `contracts` at each of `where`."""

    contracts: tuple[str, ...]
    what: str  # as `pages diff` calls the change: "field gone", "parameter's default"
    where: tuple[str, ...] = ("",)  # generalised paths, parameters or names of examples, as `pages diff` shows them
    detail: str = ""  # likewise: "None → 500"
    reason: str  # why the store is right
    date: str  # ISO 8601: since when
    link: str


class _DifferencesFile(Struct, forbid_unknown_fields=True):
    differences: tuple[PageDifference, ...]


def load_page_differences(
    folder: Path, contracts: Collection[str] | None = None, name: str = FILE
) -> tuple[PageDifference, ...]:
    """Return the known differences of the product whose contracts lie in `folder`; none when it has no such file.

    `name` is that of the file: of differences from pages, or from the SDK.

    Raises ContractFileError for a file that is not sound: a wrong key, a date that is none, a link that is no https
    address, no reason, and a contract that is not one of `contracts` (if given).
    """
    file = folder / name
    if not file.is_file():
        return ()
    differences = decode(file, _DifferencesFile).differences
    for number, difference in enumerate(differences, 1):
        if problem := _problem(difference, contracts):
            raise ContractFileError(file, f"difference {number} ({difference.what}): {problem}")
    return differences


def _problem(difference: PageDifference, contracts: Collection[str] | None) -> str:
    try:
        date.fromisoformat(difference.date)
    except ValueError:
        return f"date {difference.date!r} is no day; expected one such as 2026-08-14."
    if not difference.link.startswith("https://"):
        return f"link {difference.link!r} is no https address."
    if not difference.reason.strip():
        return "has no reason; say why the contract is right and the page is not."
    if not difference.contracts or not difference.where:
        return "names no contract or no place, and explains nothing."
    unknown = [name for name in difference.contracts if contracts is not None and name not in contracts]
    # What the page calls otherwise is a contract that the store does not have.
    return f"there is no contract {unknown[0]!r}." if unknown and difference.what != NEW_CONTRACT else ""

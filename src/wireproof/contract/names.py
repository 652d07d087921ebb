"""What contracts, their cases and all that they name may be called.

Ids become names of files, arguments of a command line, lines of logs and links of reports. A contract is often written
by whoever proposes a change: what it is called must not be able to do anything there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wireproof.contract.model import Event, Request, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.model import Contract, Param, Product

# No dot first or last, no two in a row, no hyphen first: no option, no hidden file, no folder above.
_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_-]))*"
_ID = re.compile(_PART)
_FOLDER = re.compile(r"[a-z0-9][a-z0-9-]*/(?:ws-api|rest|stream|event)")
_PRODUCT = re.compile(r"[a-z0-9][a-z0-9-]*")
_CASE = re.compile(rf"{_PART}(?:/{_PART})*")
_METHOD = re.compile(rf"[A-Za-z0-9]{_PART}(?:/{_PART})*|[A-Z]+")
_PATH = re.compile(rf"(?:/{_PART})*/?")
_ROOT = re.compile(rf"(?:/{_PART})+/")
_ADDRESS = re.compile(r"[A-Za-z0-9/_.-]{4,}")
_STREAM = re.compile(r"[A-Za-z0-9!@<>_.-]+")
_EXAMPLE = re.compile(r"[a-z0-9][a-z0-9-]*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_URL = re.compile(r"https://[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]+")
# Names of devices, which some systems open whatever follows the dot.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)

LONGEST = 120  # characters of a name
LONGEST_LINE = 300  # of a title or an address
_WORDS = "letters, digits, `_`, `-` and single dots inside"


def contract_problem(contract: Contract) -> str:
    """Return a sentence about the first name of a contract that is not safe; empty when all are."""
    return next(_of_contract(contract), "")


def id_problem(contract_id: str) -> str:
    """Return a sentence about an id that is not safe, such as one made of a page; empty when it is."""
    return next(_of_id(contract_id), "")


def product_problem(product: Product) -> str:
    """Return a sentence about the first name of a product that is not safe; empty when all are."""
    return next(_of_product(product), "")


def _of_contract(contract: Contract) -> Iterator[str]:
    yield from _of_id(contract.id)
    yield from _refused("product", contract.product, _PRODUCT, "small letters, digits and `-`")
    yield from _line("title", contract.title)
    if not _DATE.fullmatch(contract.revised):
        yield f"revised {contract.revised[:40]!a} is no date such as 2026-10-28."
    if contract.docs_url and (len(contract.docs_url) > LONGEST_LINE or not _URL.fullmatch(contract.docs_url)):
        yield f"docs_url {contract.docs_url[:LONGEST_LINE]!a} is no https link."
    match contract.subject:
        case Request(method=method, path=path, params=params):
            yield from _refused("method", method, _METHOD, f"{_WORDS}, parted by `/`")
            yield from _refused("path", path, _PATH, f"{_WORDS}, each part after a `/`")
            yield from _of_params(params)
        case Stream(name=name, params=params):
            yield from _refused("stream", name, _STREAM, "letters, digits and `!@<>_.-`")
            yield from _of_params(params)
        case Event(name=name):
            yield from _refused("event", name, _ID, _WORDS)
    for example in contract.examples:
        yield from _refused("example", example.name, _EXAMPLE, "small letters, digits and `-`")
        yield from _line("when", example.when)
    for case in contract.cases:
        yield from _refused("case", case.id, _CASE, f"{_WORDS}, parted by `/`")
        yield from _line("title of a case", case.title)
        for word in (*case.marks, *case.needs, *case.proves):
            yield from _refused("name in a case", word, _ID, _WORDS)


def _of_id(contract_id: str) -> Iterator[str]:
    folder, _, name = contract_id.rpartition("/")
    yield from _refused("id", name, _ID, _WORDS)
    if not _FOLDER.fullmatch(folder):
        yield f"id {contract_id[:LONGEST_LINE]!a} does not say product and surface, such as usdm/rest."


def _of_params(params: tuple[Param, ...]) -> Iterator[str]:
    for param in params:
        yield from _refused("parameter", param.name, _ID, _WORDS)
        values = (param.enum,) if isinstance(param.enum, str) and param.enum else param.enum
        for value in values:
            yield from _line("value of an enumeration", value)
        yield from _of_params(param.items)


def _of_product(product: Product) -> Iterator[str]:
    yield from _refused("product", product.product, _PRODUCT, "small letters, digits and `-`")
    yield from _line("title", product.title)
    for address in product.page_addresses:
        yield from _refused("part of an address", address, _ADDRESS, "letters, digits and `/_.-`, at least four")
    for root in product.path_roots:
        yield from _refused("root of paths", root, _ROOT, f"{_WORDS}, between `/`")
    for name, values in product.enums.items():
        yield from _refused("enumeration", name, _ID, _WORDS)
        for value in values:
            yield from _line("value of an enumeration", value)
    for code, name in product.errors.items():
        yield from _line("error code", code)
        yield from _line("name of an error", name)
    for surface in product.hosts.values():
        for target in surface:
            yield from _refused("target", target, _PRODUCT, "small letters, digits and `-`")


def _refused(what: str, name: str, allowed: re.Pattern[str], words: str) -> Iterator[str]:
    if len(name) > LONGEST:
        yield f"{what} {name[:40] + '…'!a} has {len(name):,} characters; {LONGEST} are allowed."
    elif not allowed.fullmatch(name):
        yield f"{what} {name!a} is not allowed. Allowed are {words}."
    elif _DEVICE.fullmatch(name):
        yield f"{what} {name!a} is the name of a device on some systems."


def _line(what: str, text: str) -> Iterator[str]:
    if len(text) > LONGEST_LINE:
        yield f"{what} {text[:40] + '…'!a} has {len(text):,} characters; {LONGEST_LINE} are allowed."
    elif not text.isprintable():
        yield f"{what} {text!a} has characters that nobody sees."

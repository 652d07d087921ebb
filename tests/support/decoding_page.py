"""Writes docs/clients-decoding.md: what clients' own models do with documented answers and their variants.

`make decoding` runs it; tests hold parts of the page, as all of it takes half a minute.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from checkout import CONTRACTS, ROOT

from wireproof.contract.store import load_store
from wireproof.manifest.decoding import DecoderProcess, rows_of, through
from wireproof.manifest.official_decoder import official_models

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "clients-decoding.md"
SDKS = ("usds_futures", "options", "portfolio_margin", "portfolio_margin_pro")

INTRODUCTION = """\
# What clients make of documented answers

Written by `make decoding`, which is `wireproof decode --sdk PACKAGE` for each official SDK over the examples of the
contracts, as they stand and varied as the documentation lets them vary: optional fields absent, null, empty lists,
other words, other numbers; and with a new field and a new word, which every client meets one day.

- *raises*: the model refuses it. The SDK then logs a warning, parses an answer of REST again without strict types, and
  hands on the decoded JSON where that fails too.
- *loses*: the decoded object shows the value nowhere.
- *falls back*, *raw*: decoded JSON comes in place of a model.

python-binance has no models: every answer stays as `json.loads` makes it, so nothing is refused and nothing lost. What
its users read is recorded instead; see [affected.md](affected.md).
"""


def page() -> Iterator[str]:
    """Yield the page in parts."""
    yield INTRODUCTION
    store = load_store(CONTRACTS)
    for name in SDKS:
        package = f"binance_sdk_derivatives_trading_{name}"
        ids = sorted(official_models(import_module(package), store))
        contracts = [(store.contracts[one], store.products[store.contracts[one].product], []) for one in ids]
        with DecoderProcess({"": package}) as process:
            report = through(process, contracts, decoder=package, most=1)
        yield f"## {package.replace('_', '-')} {version(package)}\n"
        yield f"{report.tried:,} answers and variants of {report.contracts:,} contracts.\n"
        rows = list(rows_of(report))
        table = ["| | contract | variant | where | says |", "|---|---|---|---|---|", *rows, ""]
        yield "\n".join(table) if rows else "No trouble.\n"


if __name__ == "__main__":
    PAGE.write_text("\n".join(page()), "utf-8")
    sys.stdout.write(f"{PAGE} is written.\n")

"""What each client passed against the venue, by product and group of requests, for docs/clients.md."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pytest

GROUPS = ("market data", "account", "orders", "WebSocket API", "market streams", "user data")
BEGIN, END = "<!-- matrix -->", "<!-- end of the matrix -->"
SDK, SDK_PACKAGE = "official SDK (Python)", "binance-sdk-derivatives-trading-"
#: The client, its package and the product of modules whose tests do not say so themselves.
MODULES = {
    "test_python_binance": ("python-binance", "python-binance", "usdm"),
    "test_official_sdk": (SDK, f"{SDK_PACKAGE}usds-futures", "usdm"),
    "test_official_sdk_streams": (SDK, f"{SDK_PACKAGE}usds-futures", "usdm"),
    "test_options_sdk": (SDK, f"{SDK_PACKAGE}options", "options"),
    "test_official_portfolio_sdk": (SDK, f"{SDK_PACKAGE}portfolio-margin", "portfolio-margin"),
    "test_portfolio_margin_pro_sdk": (SDK, f"{SDK_PACKAGE}portfolio-margin-pro", "portfolio-margin-pro"),
}
#: Modules that say nothing of how a client gets on with the exchange: what the venue replays is a recording.
UNCOUNTED = {"test_cassette"}
#: The group of a test by what its name has, the first that fits; account where none does.
BY_NAME = {
    "user_data|listen_key": "user data",
    "streams": "market streams",
    "websocket_api": "WebSocket API",
    "order|batch|block_trades|a_fill|both_sides": "orders",
    "market_data|without_a_symbol|listings": "market data",
}


class Row(NamedTuple):
    """A client and a product; `version` is that of its package."""

    client: str
    version: str
    product: str


class Matrix:
    """Counts what was passed, and knows the faults of clients that tests assert."""

    def __init__(self) -> None:
        self.passed: defaultdict[Row, Counter[str]] = defaultdict(Counter)
        self.faults: dict[tuple[Row, str], list[str]] = {}

    def note(self, client: str, version: str, product: str, group: str, fault: str = "") -> None:
        """Count a check that a client passed, or a fault of the client that a test asserts."""
        row = Row(client, version, product)
        self.passed[row][group] += not fault
        if fault and fault not in (known := self.faults.setdefault((row, group), [])):
            known.append(fault)

    def take(self, item: pytest.Item) -> None:
        """Count a test that passed."""
        name, module = item.name, item.path.stem
        client, package, product = MODULES.get(module, ("", "", ""))
        if (own := item.get_closest_marker("client")) is not None:
            client, package = own.args
        if not client or "every_method" in name:
            return
        covers = item.get_closest_marker("covers")
        if covers is not None:
            product, group = covers.args
        else:
            product = "coinm" if product == "usdm" and re.search("coin|COIN", name) else product
            group = next((group for words, group in BY_NAME.items() if re.search(words, name)), "account")
        fault = "" if covers is None else covers.kwargs.get("fault", "")
        self.note(client, metadata.version(package), product, group, fault)

    def table(self) -> str:
        """Return the table, and below it the faults of clients."""
        lines = [
            f"| client | version | product | {' | '.join(GROUPS)} |",
            f"| :-- | :-- | :-- | {' | '.join(['--:'] * len(GROUPS))} |",
        ]
        numbered: list[str] = []
        for row in sorted(self.passed):
            cells = []
            for group in GROUPS:
                faults = self.faults.get((row, group), [])
                numbered += [f"{len(numbered) + 1}. {row.client} {fault}." for fault in faults]
                marks = "".join(f" [{len(numbered) - len(faults) + one + 1}]" for one in range(len(faults)))
                cells.append(f"{self.passed[row][group] or ('' if faults else '-')}{marks}".strip())
            lines.append(f"| {' | '.join((*row, *cells))} |")
        return "\n".join([*lines, "", *numbered])

    def written_into(self, page: str) -> str:
        """Return a page with the table in its place."""
        before, _, rest = page.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not end:
            raise ValueError(f"The page has no place for the table: {BEGIN} and {END}.")
        return f"{before}{BEGIN}\n\n{self.table().strip()}\n\n{END}{after}"

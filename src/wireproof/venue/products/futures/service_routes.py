"""REST: income, downloads, portfolio margin. Small models of their own."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import CallSecurity
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import money
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import margin
from wireproof.venue.exchange.instruments import UM
from wireproof.venue.products.futures import order_views
from wireproof.venue.products.futures.income_routes import income_history

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from wireproof.venue.api.call import Call, Operation
    from wireproof.venue.services.downloads import Download

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED


def _request_download(kind: str) -> Callable[[Call], Json]:
    return lambda call: call.services.downloads.request(
        call.account, call.params, kind, call.product.unit, call.engine.clock.now_ms()
    )


def _download_link(kind: str) -> Callable[[Call], Json]:
    return lambda call: call.services.downloads.link(
        call.account, call.params, kind, call.product.unit, call.engine.clock.now_ms()
    )


def download_file(download: Download) -> bytes:
    """Return what was asked for as CSV."""
    rows = list(_rows(download))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["time"])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _rows(download: Download) -> Iterable[Json]:
    account, start, end = download.account, download.start, download.end
    if download.kind == "order":
        orders = [*account.closed_orders.values(), *account.open_orders.values()]
        return [
            order_views.query_view(order)
            for order in orders
            if start <= order.created <= end and order.symbol.unit == download.unit
        ]
    rows = account.income.between(start, end, download.unit)
    return [
        {"time": row.time, "symbol": row.symbol, "type": row.kind, "amount": money(row.amount), "asset": row.asset}
        | {"tradeId": row.trade_id}
        for row in rows
        if download.kind == "income" or row.trade_id
    ]


def portfolio_margin(call: Call) -> Json:
    """Return pmAccountInfo: what could be withdrawn, as if the account were a classic portfolio margin one.

    COIN-M has it no longer: docs/exchange.md#classic-portfolio-margin.
    """
    account, asset = call.account, call.params.needed_text("asset")
    price = call.services.convert.dollars(call.engine, asset)
    if asset not in account.wallets_of(UM) or price is None:
        raise Refusal(-1108, "Invalid asset.")
    amount = margin.withdrawable(account, asset, UM)
    return {"maxWithdrawAmountUSD": money(amount * price), "asset": asset, "maxWithdrawAmount": money(amount)}


def routes(root: str, kinds: Collection[str], *, income_weight: int, link_weight: int) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`; `kinds` are the product's types of income."""
    yield route("GET", f"{root}/v1/income", _SIGNED, income_history(kinds), income_weight)
    for kind in ("order", "trade", "income"):
        path = f"{root}/v1/{kind}/asyn"
        yield route("GET", path, _SIGNED, _request_download(kind), 1_000, "startTime", "endTime")
        yield route("GET", f"{path}/id", _SIGNED, _download_link(kind), link_weight, "downloadId")

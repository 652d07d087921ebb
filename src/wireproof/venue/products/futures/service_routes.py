"""REST: income, downloads, convert, portfolio margin, the TradFi agreement. Small models of their own."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.operations import CallSecurity
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import money, trimmed
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import margin
from wireproof.venue.products.futures.income_routes import income_history
from wireproof.venue.products.usdm import order_views
from wireproof.venue.services.convert import ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wireproof.venue.api.operations import Call, Operation
    from wireproof.venue.services.downloads import Download

Json = dict[str, Any]
_NONE, _SIGNED = CallSecurity.NONE, CallSecurity.SIGNED


def _request_download(kind: str, *, coin_margined: bool) -> Callable[[Call], Json]:
    return lambda call: call.services.downloads.request(
        call.account, call.params, kind, coin_margined=coin_margined, now=call.engine.clock.now_ms()
    )


def _download_link(kind: str, *, coin_margined: bool) -> Callable[[Call], Json]:
    return lambda call: call.services.downloads.link(
        call.account, call.params, kind, coin_margined=coin_margined, now=call.engine.clock.now_ms()
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
            if start <= order.created <= end and order.symbol.inverse == download.coin_margined
        ]
    rows = account.income.between(start, end, coin_margined=download.coin_margined)
    return [
        {"time": row.time, "symbol": row.symbol, "type": row.kind, "amount": money(row.amount), "asset": row.asset}
        | {"tradeId": row.trade_id}
        for row in rows
        if download.kind == "income" or row.trade_id
    ]


def _convert_pairs(call: Call) -> list[Json]:
    return call.services.convert.pairs(call.engine, call.params)


def _convert_quote(call: Call) -> Json:
    return call.services.convert.quote(call.engine, call.account, call.params)


def _convert_accept(call: Call) -> Json:
    return call.services.convert.accept(call.engine, call.account, call.params)


def _convert_status(call: Call) -> Json:
    """Return the order status; its orderId is a number, where acceptQuote writes text (documented)."""
    conversion = call.services.convert.find(call.account, call.params)
    quote = conversion.quote
    return {
        "orderId": conversion.order_id,
        "orderStatus": "SUCCESS",
        "fromAsset": quote.from_asset,
        "fromAmount": trimmed(quote.from_amount),
        "toAsset": quote.to_asset,
        "toAmount": trimmed(quote.to_amount),
        "ratio": trimmed(ratio(quote.to_amount, quote.from_amount)),
        "inverseRatio": trimmed(ratio(quote.from_amount, quote.to_amount)),
        "createTime": conversion.created,
    }


def _portfolio_margin(*, coin_margined: bool) -> Callable[[Call], Json]:
    """Return pmAccountInfo: what could be withdrawn, as if the account were a classic portfolio margin one."""

    def run(call: Call) -> Json:
        account, asset = call.account, call.params.needed_text("asset")
        price = call.services.convert.dollars(call.engine, asset)
        if asset not in account.wallets_of(inverse=coin_margined) or price is None:
            raise Refusal(-1108, "Invalid asset.")
        amount = margin.withdrawable(account, asset, inverse=coin_margined)
        return {"maxWithdrawAmountUSD": money(amount * price), "asset": asset, "maxWithdrawAmount": money(amount)}

    return run


def _sign_tradfi(call: Call) -> Json:
    call.services.tradfi_agreed.add(call.account.name)
    return {"code": 200, "msg": "success"}


def _both() -> Iterator[Operation]:
    """Yield what both products have, each with its own weights."""
    for root, coin_margined, income_weight, link_weight in (("/fapi", False, 30, 10), ("/dapi", True, 20, 5)):
        run = income_history(coin_margined=coin_margined)
        yield route("GET", f"{root}/v1/income", _SIGNED, run, income_weight)
        for kind in ("order", "trade", "income"):
            path = f"{root}/v1/{kind}/asyn"
            ask = _request_download(kind, coin_margined=coin_margined)
            link = _download_link(kind, coin_margined=coin_margined)
            yield route("GET", path, _SIGNED, ask, 1_000, "startTime", "endTime")
            yield route("GET", f"{path}/id", _SIGNED, link, link_weight, "downloadId")
        yield route(
            "GET", f"{root}/v1/pmAccountInfo", _SIGNED, _portfolio_margin(coin_margined=coin_margined), 5, "asset"
        )


EXTRA_ROUTES: tuple[Operation, ...] = (
    *_both(),
    route("GET", "/fapi/v1/convert/exchangeInfo", _NONE, _convert_pairs, 20),
    route("POST", "/fapi/v1/convert/getQuote", _SIGNED, _convert_quote, 50, "fromAsset", "toAsset"),
    route("POST", "/fapi/v1/convert/acceptQuote", _SIGNED, _convert_accept, 200, "quoteId"),
    route("GET", "/fapi/v1/convert/orderStatus", _SIGNED, _convert_status, 50),
    route("POST", "/fapi/v1/stock/contract", _SIGNED, _sign_tradfi, 50),
)

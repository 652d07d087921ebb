"""Portfolio margin: orders of USDⓈ-M, of COIN-M and of cross margin on one account. There is no WebSocket API.

papi has no market data: symbols and prices come from the hosts of those products (docs/exchange.md#portfolio-margin).
https://developers.binance.com/docs/derivatives/portfolio-margin/general-info
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.suite.products import coinm, usdm
from wireproof.suite.products.base import (
    OrderRequests,
    PositionRequests,
    ProductDriver,
    SymbolFields,
    TradingBook,
    algo_order_requests,
    rest_listen_key,
)

if TYPE_CHECKING:
    from wireproof.suite.products.witness_requests import Witness

ROOT = "/papi/v1"
UM, CM, MARGIN = f"{ROOT}/um", f"{ROOT}/cm", f"{ROOT}/margin"


def _orders(root: str, **more: object) -> OrderRequests:
    """Return the requests about orders below a root, which have the same names in each book."""
    return OrderRequests(
        place=f"POST {root}/order",
        look_up=f"GET {root}/order",
        cancel=f"DELETE {root}/order",
        listed=f"GET {root}/openOrders",
        history=f"GET {root}/allOrders",
        always={"newOrderRespType": "RESULT"},
        **more,  # type: ignore[arg-type]  # fields of the class
    )


def _traded(
    source: ProductDriver,
    *,
    root: str,
    orders: OrderRequests,
    algo_orders: OrderRequests,
    positions: PositionRequests,
) -> TradingBook:
    """Return the book of another product, whose symbols and prices it has, with requests of its own."""
    [book] = source.books
    return replace(
        book,
        root=root,
        source=source.product,
        mark=book.path(book.mark),
        orders=orders,
        algo_orders=algo_orders,
        positions=positions,
    )


def _ending(*requests: str) -> frozenset[str]:
    return frozenset(f"DELETE {request}" for request in requests)


_ALL_UM, _ALL_CM, _ALL_MARGIN = (f"{root}/allOpenOrders" for root in (UM, CM, MARGIN))
_ALL_ALGO, _ALL_CONDITIONAL = f"{UM}/algo/allOpenOrders", f"{CM}/conditional/allOpenOrders"

DRIVER = ProductDriver(
    product="portfolio-margin",
    limit_pool="papi",
    time=f"GET {ROOT}/time",
    ws_api=False,
    probe=f"GET {ROOT}/account",
    no_account="this account is not a portfolio margin account",
    books=(
        _traded(
            usdm.DRIVER,
            root=UM,
            orders=_orders(UM, modify=f"PUT {UM}/order", changing=_ending(_ALL_UM), ending=_ending(_ALL_UM)),
            algo_orders=algo_order_requests(
                place=f"POST {UM}/algo/order",
                look_up=f"GET {UM}/algo/algoOrder",
                cancel=f"DELETE {UM}/algo/order",
                listed=f"GET {UM}/algo/openAlgoOrders",
                changing=_ending(_ALL_ALGO),
                ending=_ending(_ALL_ALGO),
            ),
            positions=PositionRequests(
                held=f"GET {UM}/positionRisk", settings=f"GET {UM}/symbolConfig", of_symbol=True, margin="0"
            ),
        ),
        _traded(
            coinm.DRIVER,
            root=CM,
            orders=_orders(CM, modify=f"PUT {CM}/order", changing=_ending(_ALL_CM), ending=_ending(_ALL_CM)),
            algo_orders=OrderRequests(
                word="conditional order",
                place=f"POST {CM}/conditional/order",
                look_up=f"GET {CM}/conditional/openOrder",
                cancel=f"DELETE {CM}/conditional/order",
                listed=f"GET {CM}/conditional/openOrders",
                changing=_ending(_ALL_CONDITIONAL),
                ending=_ending(_ALL_CONDITIONAL),
                placed_name="newClientStrategyId",
                name="newClientStrategyId",
                shown_name="newClientStrategyId",
                number="strategyId",
                status="strategyStatus",
                renamed={
                    "type": "strategyType",
                    "triggerPrice": "stopPrice",
                    "activatePrice": "activationPrice",
                },
            ),
            positions=PositionRequests(
                held=f"GET {CM}/positionRisk", settings=f"GET {CM}/positionRisk", of_symbol=False, margin="0"
            ),
        ),
        TradingBook(
            root=MARGIN,
            source="portfolio-margin-pro",  # the host of spot
            symbols="GET /api/v3/exchangeInfo",
            quotes="GET /api/v3/ticker/bookTicker",
            price="GET /api/v3/ticker/price",
            mark="",
            fields=SymbolFields(
                status=("status",),
                contract_type="",
                precision="quotePrecision",
                pair="symbol",
                margin_asset="quoteAsset",
                allowed="isMarginTradingAllowed",
            ),
            position_sides=False,
            orders=_orders(
                MARGIN,
                changing=_ending(_ALL_MARGIN, f"{MARGIN}/orderList") | {f"POST {MARGIN}/order/oco"},
                ending=_ending(_ALL_MARGIN),
            ),
        ),
    ),
    listen_key=replace(rest_listen_key(ROOT), in_path=True),
    balance=f"GET {ROOT}/balance",
    modes_of="portfolio-margin",
    modes={"hedge": (f"{UM}/positionSide/dual", "dualSidePosition")},
)

#: There are no market streams, so nothing has to witness for one.
WITNESSES: dict[str, Witness] = {}
UNWITNESSED: dict[str, str] = {}

"""The table of dated behaviours: what came on which day, as far as the venue has it.

A row says what is new since its day (`DatedBehaviour`). What was there before and went has code that asks for the row's
`switch`. Days and their sources: docs/exchange.md#days-of-changes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.base.eras import DatedBehaviour, Era
from wireproof.venue.exchange.instruments import CM, UM

if TYPE_CHECKING:
    from datetime import date

#: Both futures: as products, and as units of the engine.
FUTURES = ("usdm", "coinm", UM, CM)


_ALGO_PATHS = (
    "POST {}/algoOrder",
    "GET {}/algoOrder",
    "DELETE {}/algoOrder",
    "GET {}/openAlgoOrders",
    "GET {}/allAlgoOrders",
    "DELETE {}/algoOpenOrders",
)
_OWN_STREAMS = (
    "*@aggTrade",
    "*@trade",
    "*@ticker",
    "*@miniTicker",
    "*@bookTicker",
    "!bookTicker",
    "*@depth*",
    "*@rpiDepth*",
    "*@markPrice",
    "*@markPrice@1s",
    "!contractInfo",
)
_PAIRED = ("*@ticker", "*@miniTicker", "*@bookTicker", "!bookTicker", "*@depth*", "*@rpiDepth*")
_FORCED = ("*@forceOrder", "!forceOrder@arr")


def _hours(day: str, market: str) -> DatedBehaviour:
    path = f"marketSchedules.{market}"
    return DatedBehaviour(
        day, f"trading hours of {market}", ("usdm",), fields={"GET /fapi/v1/tradingSchedule": (path,)}
    )


BEHAVIOURS: tuple[DatedBehaviour, ...] = (
    DatedBehaviour(
        "2025-10-23",
        "ORDER_TRADE_UPDATE says why an order expired (er)",
        ("usdm",),
        fields={"ORDER_TRADE_UPDATE": ("o.er",)},
    ),
    DatedBehaviour(
        "2025-11-18",
        "trades say whether a retail price improvement order took part",
        ("usdm",),
        fields={
            "GET /fapi/v1/trades": ("[].isRPITrade",),
            "GET /fapi/v1/historicalTrades": ("[].isRPITrade",),
        },
    ),
    DatedBehaviour("2025-11-19", "GET symbolAdlRisk", ("usdm",), names=("GET /fapi/v1/symbolAdlRisk",)),
    DatedBehaviour(
        "2025-11-25",
        "books with retail price improvement orders",
        ("usdm",),
        names=("GET /fapi/v1/rpiDepth", "*@rpiDepth*"),
    ),
    DatedBehaviour(
        "2025-11-26",
        "commissionRate has the rate of retail price improvement orders",
        ("usdm",),
        fields={"GET /fapi/v1/commissionRate": ("rpiCommissionRate",)},
    ),
    DatedBehaviour(
        "2025-12-09",
        "conditional orders go to the Algo service; the order requests refuse their types with -4120",
        ("usdm",),
        switch="algo-service",
        names=(
            *(path.format("/fapi/v1") for path in _ALGO_PATHS),
            "v1/algoOrder.place",
            "v1/algoOrder.cancel",
            "ALGO_UPDATE",
        ),
    ),
    DatedBehaviour(
        "2025-12-10",
        "ORDER_TRADE_UPDATE says why an order expired (er)",
        ("coinm",),
        fields={"ORDER_TRADE_UPDATE": ("o.er",)},
    ),
    DatedBehaviour(
        "2025-12-11",
        "agreement and trading hours of TradFi contracts",
        ("usdm",),
        names=("POST /fapi/v1/stock/contract", "GET /fapi/v1/tradingSchedule", "tradingSession"),
    ),
    DatedBehaviour(
        "2025-12-31",
        "aggTrade has the quantity without retail price improvement orders (nq)",
        ("usdm", UM),
        fields={"*@aggTrade": ("nq",)},
    ),
    DatedBehaviour("2026-01-07", "GET commission of options", ("options",), names=("GET /eapi/v1/commission",)),
    DatedBehaviour(
        "2026-01-09",
        "delta mode of portfolio margin pro",
        ("portfolio-margin-pro",),
        names=("GET /sapi/v1/portfolio/delta-mode", "POST /sapi/v1/portfolio/delta-mode"),
    ),
    DatedBehaviour(
        "2026-03-16",
        "the mark price's moving average (ap)",
        FUTURES,
        fields={"*@markPrice": ("ap",), "*@markPrice@1s": ("ap",), "!markPrice@arr*": ("[].ap",)},
    ),
    DatedBehaviour(
        "2026-03-19",
        "self-trade prevention of options",
        ("options",),
        fields={
            **dict.fromkeys(
                ("POST /eapi/v1/order", "GET /eapi/v1/order", "DELETE /eapi/v1/order"), ("selfTradePreventionMode",)
            ),
            **dict.fromkeys(
                ("POST /eapi/v1/batchOrders", "DELETE /eapi/v1/batchOrders", "GET /eapi/v1/openOrders"),
                ("[].selfTradePreventionMode",),
            ),
            "ORDER_TRADE_UPDATE": ("o.V",),
        },
    ),
    DatedBehaviour(
        "2026-04-08",
        "agreement on TradFi contracts within portfolio margin",
        ("portfolio-margin",),
        names=("POST /papi/v1/um/stock/contract",),
    ),
    DatedBehaviour(
        "2026-04-13",
        "margin call levels of portfolio margin pro",
        ("portfolio-margin-pro",),
        names=("* /sapi/v1/portfolio/margin-call-level",),
    ),
    DatedBehaviour(
        "2026-04-15",
        "cancelling several options orders weighs 5",
        ("options",),
        weights={"DELETE /eapi/v1/batchOrders": 1},
    ),
    DatedBehaviour(
        "2026-04-17",
        "PM_PRO_ACCOUNT_UPDATE",
        ("portfolio-margin-pro",),
        names=("PM_PRO_ACCOUNT_UPDATE",),
    ),
    DatedBehaviour(
        "2026-04-23",
        "the stream roots without a name acknowledge, and stay silent for all but books",
        ("usdm",),
        switch="stream-roots",
    ),
    DatedBehaviour(
        "2026-04-28",
        "conditional orders of portfolio margin go to um/algo",
        ("portfolio-margin",),
        names=("* /papi/v1/um/algo/*", "ALGO_UPDATE"),
    ),
    _hours("2026-06-02", "KR_EQUITY"),
    DatedBehaviour(
        "2026-06-09",
        "aggTrades has the quantity without retail price improvement orders (nq)",
        ("usdm",),
        fields={"GET /fapi/v1/aggTrades": ("[].nq",)},
    ),
    DatedBehaviour(
        "2026-06-30",
        "placing, modifying and cancelling answer without avgPrice and cumQuote (COIN-M: cumBase)",
        FUTURES,
        switch="short-acknowledgements",
    ),
    DatedBehaviour(
        "2026-06-30",
        "USDⓈ-M and COIN-M count weight and orders together",
        FUTURES,
        switch="shared-limits",
    ),
    DatedBehaviour(
        "2026-06-30",
        "modifying takes price and quantity, both mandatory",
        FUTURES,
        switch="full-modifications",
        optional={
            "order.modify": ("price", "quantity"),
            "v1/order.modify": ("price", "quantity"),
            "PUT /dapi/v1/order": ("price", "quantity"),
        },
    ),
    DatedBehaviour(
        "2026-06-30",
        "conditional orders of COIN-M go to the Algo service",
        ("coinm",),
        switch="algo-service",
        names=tuple(path.format("/dapi/v1") for path in _ALGO_PATHS),
    ),
    DatedBehaviour(
        "2026-06-30",
        "openOrders of COIN-M refuses a symbol that there is not",
        ("coinm",),
        switch="strict-open-orders",
    ),
    DatedBehaviour(
        "2026-06-30",
        "streams say whose contract it is (st)",
        FUTURES,
        fields={
            **dict.fromkeys(_OWN_STREAMS, ("st",)),
            **dict.fromkeys(_FORCED, ("o.st",)),
            **dict.fromkeys(("!markPrice@arr*", "!ticker@arr", "!miniTicker@arr"), ("[].st",)),
            "*@markPrice": ("st", "[].st"),
            "*@markPrice@1s": ("st", "[].st"),
        },
    ),
    DatedBehaviour(
        "2026-06-30",
        "streams of USDⓈ-M say of which pair it is (ps), as COIN-M's did before",
        ("usdm", UM),
        fields={
            **dict.fromkeys(_PAIRED, ("ps",)),
            **dict.fromkeys(_FORCED, ("o.ps",)),
            **dict.fromkeys(("!ticker@arr", "!miniTicker@arr"), ("[].ps",)),
        },
    ),
    DatedBehaviour(
        "2026-06-30",
        "weights of COIN-M's lists",
        ("coinm",),
        weights={
            "GET /dapi/v1/allOrders": 20,
            "GET /dapi/v1/userTrades": 20,
            "GET /dapi/v1/forceOrders": 20,
            "GET /dapi/v2/leverageBracket": 1,
        },
    ),
    DatedBehaviour(
        "2026-06-30",
        "constituents of COIN-M have prices and weights",
        ("coinm",),
        fields={"GET /dapi/v1/constituents": ("constituents[].price", "constituents[].weight")},
    ),
    DatedBehaviour("2026-07-09", "agreement on TradFi options", ("options",), names=("POST /eapi/v1/stock/contract",)),
    DatedBehaviour(
        "2026-07-09",
        "exchangeInfo of options says which kind of contract and underlying",
        ("options",),
        fields={"GET /eapi/v1/exchangeInfo": ("optionSymbols[].contractType", "optionSymbols[].underlyingType")},
    ),
    DatedBehaviour(
        "2026-07-14",
        "within portfolio margin, placing and cancelling answer without avgPrice and cumQuote (COIN-M: cumBase)",
        ("um", "cm"),
        switch="short-acknowledgements",
    ),
    _hours("2026-07-16", "HK_EQUITY"),
    DatedBehaviour(
        "2026-07-23",
        "fundingRate says whether funding was regular",
        FUTURES,
        fields={"GET /fapi/v1/fundingRate": ("[].rateType",), "GET /dapi/v1/fundingRate": ("[].rateType",)},
    ),
    DatedBehaviour(
        "2026-07-29",
        "historicalTrades weighs 200",
        FUTURES,
        weights={"GET /fapi/v1/historicalTrades": 20, "GET /dapi/v1/historicalTrades": 20},
    ),
    DatedBehaviour(
        "2026-07-30",
        "modifications carry a modifyId",
        FUTURES,
        switch="modify-id",
    ),
    DatedBehaviour(
        "2026-08-03",
        "within portfolio margin, modifying answers without avgPrice and cumQuote (COIN-M: cumBase)",
        ("um", "cm"),
        switch="short-modifications",
    ),
    DatedBehaviour(
        "2026-08-05",
        "lists of the past count in both assets and name the pair",
        FUTURES,
        fields={
            "GET /fapi/v1/allOrders": ("[].cumBase", "[].pair"),
            "GET /fapi/v1/forceOrders": ("[].cumBase", "[].pair"),
            "GET /fapi/v1/userTrades": ("[].baseQty", "[].pair"),
            "GET /dapi/v1/allOrders": ("[].cumQuote", "[].goodTillDate"),
            "GET /dapi/v1/forceOrders": ("[].cumQuote", "[].goodTillDate"),
            "GET /dapi/v1/userTrades": ("[].quoteQty",),
        },
    ),
    DatedBehaviour(
        "2026-08-05",
        "userTrades of USDⓈ-M names the margin asset",
        ("usdm",),
        fields={"GET /fapi/v1/userTrades": ("[].marginAsset",)},
    ),
    DatedBehaviour(
        "2026-08-07",
        "ACCOUNT_UPDATE names whose funding was paid (S), ALGO_UPDATE whether a trailing order is active (ia)",
        fields={"ACCOUNT_UPDATE": ("a.S",), "ALGO_UPDATE": ("o.ia", "ao.ia")},
    ),
    _hours("2026-08-17", "CN_EQUITY"),
    DatedBehaviour(
        "2026-08-21",
        "ALGO_UPDATE reports NEW once more when a trailing order becomes active (ia true)",
        switch="trailing-activation",
    ),
    DatedBehaviour(
        "2026-08-25",
        "allOrders takes no symbol as all",
        ("usdm",),
        mandatory={"GET /fapi/v1/allOrders": ("symbol",)},
    ),
    DatedBehaviour(
        "2026-08-26",
        "conditional orders of portfolio margin may close the position",
        ("portfolio-margin",),
        fields={"POST /papi/v1/um/algo/order": ("closePosition",)},
        mandatory={"POST /papi/v1/um/algo/order": ("quantity",)},
    ),
    DatedBehaviour(
        "2026-09-14",
        "testnet's stream roots without a name carry all market data again",
        ("usdm",),
        switch="whole-old-roots",
    ),
    DatedBehaviour(
        "2026-09-15",
        "modifying refuses reduceOnly for an order that does not only reduce (-5047)",
        ("usdm", UM),
        switch="reduce-only-modifications",
    ),
    _hours("2026-09-21", "FX"),
    DatedBehaviour(
        "2026-10-09",
        "bills of options name the contract",
        ("options",),
        fields={"GET /eapi/v1/bill": ("[].symbol",)},
    ),
    DatedBehaviour(
        "2026-10-23",
        "trailing orders may trail by up to 20 per cent, before by 10",
        switch="wide-trailing",
    ),
    DatedBehaviour(
        "2026-10-23",
        "options orders are accepted again once the countdown has cancelled all",
        ("options",),
        switch="orders-after-countdown",
    ),
    DatedBehaviour(
        "2026-10-29",
        "notifications of uniMMR",
        ("portfolio-margin-pro",),
        names=("* /papi/v1/unimmr/notification", "uniMMRDrop"),
    ),
)


def era_of(day: date | None) -> Era:
    """Return what holds on a day; None is today, with everything that is known."""
    return Era(day, BEHAVIOURS)

"""No request holds the venue's loop for long: the work of each turn is counted, in calls of functions.

A count is the same on every machine, however busy: 50,000 calls are some ten milliseconds of a slow processor.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from wireproof.venue.api.call import Call, CallSecurity
from wireproof.venue.base.params import Params
from wireproof.venue.products.registry import ROUTES, product_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_CALLS = 50_000
OPTION = "BTC-261225-90000-C"
#: What a request may be sent, so that it answers as much as it can.
USUAL = {"symbol": "BTCUSDT", "pair": "BTCUSDT", "interval": "1m", "period": "5m", "contractType": "PERPETUAL"}
COIN = {"symbol": "BTCUSD_PERP", "pair": ""}
OWN: dict[str, dict[str, str]] = {
    "GET /dapi/v1/continuousKlines": {"symbol": "", "pair": "BTCUSD"},
    "GET /dapi/v1/indexPriceKlines": {"symbol": "", "pair": "BTCUSD"},
    "GET /fapi/v1/assetIndex": {"symbol": ""},
    "GET /fapi/v1/indexInfo": {"symbol": ""},
    "GET /fapi/v1/fundingRate": {"symbol": ""},
    "GET /fapi/v1/historicalTrades": {"limit": "500"},
    "GET /futures/data/takerBuySellVol": {"symbol": "", "pair": "BTCUSD"},
    "GET /dapi/v1/constituents": {"symbol": "BTCUSD"},
    "GET /eapi/v1/index": {"underlying": "BTCUSDT"},
    "GET /eapi/v1/openInterest": {"underlyingAsset": "BTC", "expiration": "261225"},
    "GET /eapi/v1/exerciseHistory": {"limit": "100"},
    "GET /eapi/v1/trades": {"limit": "500"},
    "GET /eapi/v1/blockTrades": {"limit": "500"},
    "GET /eapi/v1/mark": {"symbol": ""},
    "GET /eapi/v1/ticker": {"symbol": ""},
}
PUBLIC = sorted(
    name for name, operation in ROUTES.items() if name.startswith("GET ") and operation.security is CallSecurity.NONE
)
LONGEST = {"klines": "1500", "Klines": "1500", "/futures/data": "500"}


def asked(name: str) -> dict[str, str]:
    """Return parameters that make a request answer as much as it can."""
    limit = next((limit for part, limit in LONGEST.items() if part in name), "1000")
    own = COIN if "/dapi/" in name else {"symbol": OPTION} if "/eapi/" in name else {}
    params = USUAL | {"limit": limit} | own | OWN.get(name, {})
    return {key: value for key, value in params.items() if value}


def counted(turn: Callable[[], Any]) -> tuple[int, Any]:
    """Return how many functions a turn calls, and what it returns."""
    calls = 0

    def count(_frame: Any, event: str, _what: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        result = turn()
    finally:
        sys.setprofile(before)
    return calls, result


def turns(work: Generator[None, None, Any]) -> Iterator[int]:
    """Yield the calls of each turn."""
    end = object()
    while True:
        calls, result = counted(lambda: next(work, end))
        yield calls
        if result is end:
            return


def work_of(exchange: Any, name: str, params: dict[str, str], account: Any = None) -> list[int]:
    """Return the calls of each turn of a request, its market's past included."""
    services, data = exchange.venue.services, exchange.venue.market_data
    found = list(turns(data.recalling(data.named(params.get("symbol") or params.get("pair")))))
    call = Call(services, product_at(name.partition(" ")[2]), Params(params), "127.0.0.1", account)
    calls, result = counted(lambda: ROUTES[name].carry_out(call))
    return [*found, calls, *(turns(result) if isinstance(result, Generator) else ())]


@pytest.mark.parametrize("name", PUBLIC)
def test_no_public_request_holds_the_loop(exchange, name):
    assert max(work_of(exchange, name, asked(name))) < MOST_CALLS


def test_all_markets_are_read_in_turns(exchange):
    """Those of a request without a symbol, too, whose pasts nobody has read before."""
    for path in ("/fapi/v1/ticker/24hr", "/dapi/v1/ticker/24hr", "/fapi/v1/ticker/price", "/fapi/v1/premiumIndex"):
        assert max(work_of(exchange, f"GET {path}", {})) < MOST_CALLS


def test_no_list_of_an_account_holds_the_loop(exchange):
    for number in range(400):
        exchange.clock.advance(1_000)
        exchange.order(exchange.alice, "SELL" if number % 2 else "BUY", "0.0100")
    for path in ("allOrders", "userTrades", "income"):
        work = work_of(exchange, f"GET /fapi/v1/{path}", {"symbol": "BTCUSDT", "limit": "1000"}, exchange.alice)
        assert len(work) > 4
        assert max(work) < MOST_CALLS

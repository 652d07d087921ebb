"""Views of one thing show the same fields: what one of them lacks stands here, with the page that shows it without.

An order that is placed over REST and over the WebSocket API, a position in an account and in a list: each is one thing.
A field that only some of its views show is documented so, or a fault of the venue. A reason that is not needed any more
fails, too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson
from checkout import ROOT

from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.serving.ws_api import Session, read

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
ROOTS = {
    "usdm": "https://developers.binance.com/docs/derivatives/usds-margined-futures/",
    "coinm": "https://developers.binance.com/docs/derivatives/coin-margined-futures/",
}
#: One field under the names that its views give it.
SAME = {"unRealizedProfit": "unrealizedProfit", "adl": "adlQuantile", "maxNotionalValue": "maxNotional"}
_LISTED = "askNotional bidNotional initialMargin maintMargin marginAsset openOrderInitialMargin positionInitialMargin"
_RISK = "adlQuantile isAutoAddMargin isolatedMargin liquidationPrice marginAsset marginType markPrice"
_IN_USE = (
    "adlQuantile askNotional bidNotional breakEvenPrice entryPrice isAutoAddMargin isolated leverage liquidationPrice"
    " marginAsset marginType markPrice maxNotional openOrderInitialMargin positionInitialMargin"
)
_OF_ACCOUNT = "canDeposit canTrade canWithdraw feeBurn feeTier multiAssetsMargin tradeGroupId updateTime"
_TRIGGERED = "actualOrderId actualPrice isActivated tpOrderType"
_COIN_RISK = "isAutoAddMargin isolatedMargin liquidationPrice marginType markPrice"
_COIN_LISTED = "initialMargin isolated maintMargin openOrderInitialMargin positionInitialMargin"
#: product, thing and view: the fields that it lacks, and the page below the product's root that shows it so; a fact of
#: docs/exchange.md where that says more.
LACKS: dict[tuple[str, str, str], tuple[str, str]] = {
    ("usdm", "modified order", "order.modify"): ("pair", "trade/websocket-api/Modify-Order"),
    ("usdm", "looked-up order", "GET order"): ("cumBase pair", "trade/rest-api/Query-Order"),
    ("usdm", "looked-up order", "order.status"): ("cumBase pair", "trade/websocket-api/Query-Order"),
    ("usdm", "looked-up order", "GET openOrder"): ("cumBase pair", "trade/rest-api/Query-Current-Open-Order"),
    ("usdm", "looked-up order", "GET openOrders"): ("cumBase pair", "trade/rest-api/Current-All-Open-Orders"),
    ("usdm", "conditional order", "POST algoOrder"): (_TRIGGERED, "trade/rest-api/New-Algo-Order"),
    ("usdm", "conditional order", "algoOrder.place"): (_TRIGGERED, "trade/websocket-api/New-Algo-Order"),
    ("usdm", "conditional order", "GET algoOrder"): ("isActivated", "#lists-of-conditional-orders"),
    ("usdm", "conditional order", "GET openAlgoOrders"): ("actualPrice tpOrderType", "#lists-of-conditional-orders"),
    ("usdm", "account", "v3/account"): (_OF_ACCOUNT, "account/rest-api/Account-Information-V3"),
    ("usdm", "account", "v2/account.status"): (_OF_ACCOUNT, "account/websocket-api/Account-Information-V2"),
    ("usdm", "account", "account.status"): ("feeBurn", "account/websocket-api/Account-Information"),
    ("usdm", "asset", "v3/account"): ("marginAvailable", "account/rest-api/Account-Information-V3"),
    ("usdm", "asset", "v2/account.status"): ("marginAvailable", "account/websocket-api/Account-Information-V2"),
    ("usdm", "position", "v2/account"): (_RISK, "account/rest-api/Account-Information-V2"),
    ("usdm", "position", "account.status"): (_RISK, "account/websocket-api/Account-Information"),
    ("usdm", "position", "v3/account"): (_IN_USE, "account/rest-api/Account-Information-V3"),
    ("usdm", "position", "v2/account.status"): (_IN_USE, "account/websocket-api/Account-Information-V2"),
    ("usdm", "position", "v2/positionRisk"): (_LISTED, "#position-lists"),
    ("usdm", "position", "account.position"): (_LISTED, "trade/websocket-api/Position-Information"),
    ("usdm", "position", "v3/positionRisk"): (
        "isAutoAddMargin isolated leverage marginType maxNotional",
        "trade/rest-api/Position-Information-V3",
    ),
    ("usdm", "position", "v2/account.position"): (
        "isAutoAddMargin isolated leverage marginType maxNotional",
        "trade/websocket-api/Position-Info-V2",
    ),
    ("usdm", "best prices", "GET ticker/bookTicker"): (
        "lastUpdateId",
        "market-data/rest-api/Symbol-Order-Book-Ticker",
    ),
    ("coinm", "placed order", "order.place"): ("priceMatch selfTradePreventionMode", "trade/websocket-api"),
    ("coinm", "modified order", "order.modify"): (
        "priceMatch selfTradePreventionMode",
        "trade/websocket-api/Modify-Order",
    ),
    ("coinm", "cancelled order", "order.cancel"): (
        "priceMatch selfTradePreventionMode",
        "trade/websocket-api/Cancel-Order",
    ),
    ("coinm", "looked-up order", "GET order"): ("cumQty cumQuote goodTillDate", "trade/rest-api/Query-Order"),
    ("coinm", "looked-up order", "order.status"): ("cumQuote goodTillDate", "trade/websocket-api/Query-Order"),
    ("coinm", "looked-up order", "GET openOrder"): (
        "cumQty cumQuote goodTillDate",
        "trade/rest-api/Query-Current-Open-Order",
    ),
    ("coinm", "looked-up order", "GET openOrders"): (
        "cumQty cumQuote goodTillDate",
        "trade/rest-api/Current-All-Open-Orders",
    ),
    ("coinm", "looked-up order", "GET allOrders"): ("cumQty", "trade/rest-api/All-Orders"),
    ("coinm", "conditional order", "POST algoOrder"): (_TRIGGERED, "#algo-service"),
    ("coinm", "conditional order", "GET algoOrder"): ("isActivated", "#lists-of-conditional-orders"),
    ("coinm", "conditional order", "GET openAlgoOrders"): ("actualPrice tpOrderType", "#lists-of-conditional-orders"),
    ("coinm", "position", "v1/account"): (_COIN_RISK, "account/rest-api/Account-Information"),
    ("coinm", "position", "account.status"): (_COIN_RISK, "account/websocket-api/Account-Information"),
    ("coinm", "position", "v1/positionRisk"): (_COIN_LISTED, "trade/rest-api/Position-Information"),
    ("coinm", "position", "account.position"): (_COIN_LISTED, "trade/websocket-api/Position-Information"),
}


class Views:
    """Asks for views of a product's things, and keeps the fields of each."""

    def __init__(self, rest: Any, product: str) -> None:
        self.rest, self.product = rest, product
        self._socket = PRODUCTS[0 if product == "usdm" else 1]
        self.fields: defaultdict[tuple[str, str], dict[str, set[str]]] = defaultdict(dict)

    def keep(self, thing: str, view: str, rows: Any) -> None:
        """Keep the fields of an object, or of all objects of a list."""
        rows = rows if isinstance(rows, list) else [rows]
        assert rows, (thing, view)
        self.fields[self.product, thing][view] = {SAME.get(name, name) for row in rows for name in row}

    def socket(self, method: str, **params: Any) -> Any:
        """Return the answer of the product's WebSocket API."""
        venue, key = self.rest.venue, self.rest.account.key
        full = {"apiKey": key.api_key, "timestamp": venue.clock.now_ms()} | params
        text = "&".join(f"{name}={full[name]}" for name in sorted(full))
        request = {"id": 1, "method": method, "params": full | {"signature": key.sign(text)}}
        session = Session(venue.services, self._socket, "127.0.0.1", return_rate_limits=True)
        answer = venue.ws_api.answer(session, read(orjson.dumps(request).decode()))
        assert answer["status"] == 200, answer
        return answer["result"]

    def lacking(self) -> dict[tuple[str, str, str], set[str]]:
        """Return what each view lacks of what other views of its thing show."""
        return {
            (*thing, view): set().union(*views.values()) - fields
            for thing, views in self.fields.items()
            for view, fields in views.items()
            if set().union(*views.values()) - fields
        }


async def _orders(views: Views, root: str, symbol: str, quantity: str) -> None:
    rest, keep, socket = views.rest, views.keep, views.socket
    sound = {"symbol": symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity}
    sound |= {"price": "80000"}

    async def order(**changes: Any) -> Json:
        answer: Json = await rest.post(f"{root}/order", **(sound | changes))
        return answer

    keep("placed order", "POST order", await order())
    keep("placed order", "order.place", socket("order.place", **sound))
    keep("placed order", "POST batchOrders", await rest.post(f"{root}/batchOrders", batchOrders=[sound]))
    own = {"symbol": symbol, "orderId": (await order())["orderId"]}
    change = own | {"side": "BUY", "quantity": quantity, "modifyId": 7}
    keep("modified order", "PUT order", await rest.put(f"{root}/order", **change, price="80100"))
    keep("modified order", "order.modify", socket("order.modify", **change, price="80200"))
    batch = [{name: str(value) for name, value in (change | {"price": "80300"}).items()}]
    keep("modified order", "PUT batchOrders", await rest.put(f"{root}/batchOrders", batchOrders=batch))
    keep("looked-up order", "GET order", await rest.get(f"{root}/order", **own))
    keep("looked-up order", "order.status", socket("order.status", **own))
    keep("looked-up order", "GET openOrder", await rest.get(f"{root}/openOrder", **own))
    keep("looked-up order", "GET openOrders", await rest.get(f"{root}/openOrders", symbol=symbol))
    keep("looked-up order", "GET allOrders", await rest.get(f"{root}/allOrders", symbol=symbol))
    keep("cancelled order", "DELETE order", await rest.delete(f"{root}/order", **own))
    keep("cancelled order", "order.cancel", socket("order.cancel", symbol=symbol, orderId=(await order())["orderId"]))
    ids = [(await order())["orderId"]]
    gone = await rest.delete(f"{root}/batchOrders", symbol=symbol, orderIdList=ids)
    keep("cancelled order", "DELETE batchOrders", gone)


async def _conditional_orders(views: Views, root: str, symbol: str, quantity: str) -> None:
    """Trailing ones, which have all fields."""
    rest, keep = views.rest, views.keep
    sound = {"algoType": "CONDITIONAL", "symbol": symbol, "side": "SELL", "type": "TRAILING_STOP_MARKET"}
    sound |= {"quantity": quantity, "callbackRate": "1", "activatePrice": "99000"}
    placed = await rest.post(f"{root}/algoOrder", **sound)
    keep("conditional order", "POST algoOrder", placed)
    keep("conditional order", "GET algoOrder", await rest.get(f"{root}/algoOrder", algoId=placed["algoId"]))
    keep("conditional order", "GET openAlgoOrders", await rest.get(f"{root}/openAlgoOrders", symbol=symbol))
    keep("conditional order", "GET allAlgoOrders", await rest.get(f"{root}/allAlgoOrders", symbol=symbol))
    if views.product == "usdm":
        keep("conditional order", "algoOrder.place", views.socket("algoOrder.place", **sound))


def _accounts(views: Views, found: dict[str, Json]) -> None:
    for view, account in found.items():
        views.keep("account", view, account)
        views.keep("asset", view, account["assets"])
        views.keep("position", view, account["positions"])


async def _usdm(rest: Any) -> Views:
    views, get = Views(rest, "usdm"), rest.get
    await _orders(views, "/fapi/v1", "BTCUSDT", "0.01")
    await rest.order(type="MARKET")
    await _conditional_orders(views, "/fapi/v1", "BTCUSDT", "0.01")
    _accounts(
        views,
        {
            "v2/account": await get("/fapi/v2/account"),
            "v3/account": await get("/fapi/v3/account"),
            "account.status": views.socket("account.status"),
            "v2/account.status": views.socket("v2/account.status"),
        },
    )
    for version in ("v2", "v3"):
        views.keep("balance", version, await get(f"/fapi/{version}/balance"))
        views.keep("position", f"{version}/positionRisk", await get(f"/fapi/{version}/positionRisk"))
    for method in ("account.balance", "v2/account.balance"):
        views.keep("balance", method, views.socket(method))
    for method in ("account.position", "v2/account.position"):
        views.keep("position", method, views.socket(method))
    for thing, path, method in (
        ("price", "v1/ticker/price", "ticker.price"),
        ("price", "v2/ticker/price", "ticker.price"),
        ("best prices", "v1/ticker/bookTicker", "ticker.book"),
        ("book", "v1/depth", "depth"),
        ("book", "v1/rpiDepth", "depth"),
    ):
        views.keep(thing, f"GET {path.partition('/')[2]}", await get(f"/fapi/{path}", symbol="BTCUSDT"))
        views.keep(thing, method, views.socket(method, symbol="BTCUSDT"))
    for path in ("trades", "historicalTrades"):
        views.keep("trade", path, await get(f"/fapi/v1/{path}", symbol="BTCUSDT"))
    return views


async def _coinm(rest: Any) -> Views:
    views, get = Views(rest, "coinm"), rest.get
    await _orders(views, "/dapi/v1", "BTCUSD_PERP", "1")
    await rest.coin_order(type="MARKET")
    await _conditional_orders(views, "/dapi/v1", "BTCUSD_PERP", "1")
    socket = views.socket
    _accounts(views, {"v1/account": await get("/dapi/v1/account"), "account.status": socket("account.status")})
    views.keep("balance", "v1", await get("/dapi/v1/balance"))
    views.keep("balance", "account.balance", socket("account.balance"))
    views.keep("position", "v1/positionRisk", await get("/dapi/v1/positionRisk"))
    views.keep("position", "account.position", socket("account.position"))
    for path in ("trades", "historicalTrades"):
        views.keep("trade", path, await get(f"/dapi/v1/{path}", symbol="BTCUSD_PERP"))
    return views


async def test_views_of_one_thing_show_the_same_but_for_what_is_documented(rest):
    found = {}
    makers: tuple[Callable[[Any], Any], ...] = (_usdm, _coinm)
    for make in makers:
        found |= (await make(rest)).lacking()
    assert found == {key: set(fields.split()) for key, (fields, _page) in LACKS.items()}


def test_each_reason_names_a_page_or_a_fact():
    text = (ROOT / "docs/exchange.md").read_text("utf-8")
    anchors = {f"#{heading.lower().replace(' ', '-')}" for heading in re.findall(r"^### (.+)$", text, re.MULTILINE)}
    for (product, *_what), (_fields, page) in LACKS.items():
        assert page in anchors if page.startswith("#") else re.fullmatch(r"[\w/-]+", page), page
        assert product in ROOTS

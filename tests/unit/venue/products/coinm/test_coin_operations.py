"""COIN-M over its WebSocket API, and the events it leads to."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.coinm.coin_product import COINM
from wireproof.venue.serving.ws_api import Session

D = Decimal


@pytest.fixture
def coin(exchange):
    """Return a venue that is talked to at /ws-dapi/v1."""
    exchange.session = Session(exchange.venue.services, COINM, "127.0.0.1", return_rate_limits=True)
    return exchange


def place(coin, account, side, quantity, price=None, **params):
    """Place an order for BTCUSD_PERP."""
    return coin.order(account, side, quantity, price, symbol="BTCUSD_PERP", **params)


def test_order_life_cycle(coin):
    """Answers have the pair, no goodTillDate, no priceMatch and no mode of self-trade prevention (documented)."""
    order = place(coin, coin.alice, "BUY", "1", "80000.0")
    assert (order["pair"], order["status"], order["origQty"], order["cumQty"]) == ("BTCUSD", "NEW", "1", "0")
    assert not {"goodTillDate", "priceMatch", "selfTradePreventionMode", "avgPrice", "cumBase"} & set(order)
    named = {"symbol": "BTCUSD_PERP", "orderId": order["orderId"]}
    changed = coin.get("order.modify", coin.alice, side="BUY", quantity="2", price="80100", **named)
    assert (changed["price"], changed["origQty"]) == ("80100.0", "2")
    assert "modifyId" not in changed
    shown = coin.get("order.status", coin.alice, **named)
    assert {"cumQty", "cumBase", "avgPrice", "selfTradePreventionMode", "priceMatch", "time"} <= set(shown)
    assert "cumQuote" not in shown
    assert coin.get("order.cancel", coin.alice, **named)["status"] == "CANCELED"


def test_money_is_coin(coin):
    """100 contracts of 100 USD: fee, margin and profit in BTC, and nothing of USDⓈ-M moves."""
    coin.engine.set_price("BTCUSD_PERP", D(80_000))
    filled = place(coin, coin.alice, "BUY", "100")
    assert (filled["status"], filled["executedQty"]) == ("FILLED", "100")
    fill = D(coin.get("order.status", coin.alice, symbol="BTCUSD_PERP", orderId=filled["orderId"])["cumBase"])
    assert fill == round(D(10_000) / D("80000.1"), 8)
    (row,) = [one for one in coin.get("account.balance", coin.alice) if one["asset"] == "BTC"]
    assert D(row["balance"]) == 1 - round(fill * D("0.0004"), 8)
    assert D(row["availableBalance"]) < D(row["balance"]) - D("0.006")
    assert coin.alice.wallets["BTC"] == D("0.01")
    coin.engine.set_price("BTCUSD_PERP", D(100_000))
    (position,) = [
        one for one in coin.get("account.position", coin.alice, pair="BTCUSD") if one["symbol"] == "BTCUSD_PERP"
    ]
    assert position["positionAmt"] == "100"
    assert D("0.0249") < D(position["unRealizedProfit"]) < D("0.0251")
    assert 0 < D(position["liquidationPrice"]) < 20_000
    assert D(position["notionalValue"]) == pytest.approx(D("0.1"), rel=D("0.001"))


def test_short_sells_can_be_liquidated_from_above(coin):
    """The price at which a short position's coin is used up lies above; for a small one there may be none."""
    coin.get("userDataStream.start", coin.alice)
    coin.engine.settings.set_leverage(coin.alice, coin.engine.symbols["BTCUSD_PERP"], 50)
    place(coin, coin.alice, "SELL", "1500")
    rows = coin.get("account.position", coin.alice, marginAsset="BTC")
    (position,) = [one for one in rows if one["symbol"] == "BTCUSD_PERP"]
    assert D(position["liquidationPrice"]) > D(position["markPrice"])


def test_events_have_coin_fields(coin):
    """The alias in front, the margin asset in the order; ACCOUNT_UPDATE of the coin; no TRADE_LITE is documented."""
    coin.engine.set_price("BTCUSD_PERP", D(80_000))
    place(coin, coin.alice, "BUY", "10")
    assert [event["e"] for event in coin.told(coin.alice)] == [
        "ORDER_TRADE_UPDATE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
    ]
    update, account, trade = coin.told(coin.alice)
    assert update["i"] == account["i"] == coin.alice.alias
    assert (trade["o"]["ma"], trade["o"]["N"]) == ("BTC", "BTC")
    assert not {"si", "ss", "gtd"} & set(trade["o"])
    assert [row["a"] for row in account["a"]["B"]] == ["BTC"]
    assert "ma" not in account["a"]["P"][0]
    assert D(account["a"]["B"][0]["wb"]) == coin.alice.coins["BTC"]


def test_hedge_mode(coin):
    """LONG and SHORT side by side; closing more than there is is refused."""
    coin.go_hedge(coin.alice)
    place(coin, coin.alice, "BUY", "5", positionSide="LONG")
    place(coin, coin.alice, "SELL", "3", positionSide="SHORT")
    rows = coin.get("account.position", coin.alice, pair="BTCUSD")
    held = {row["positionSide"]: row["positionAmt"] for row in rows if row["symbol"] == "BTCUSD_PERP"}
    assert held == {"LONG": "5", "SHORT": "-3"}
    refused = coin.refuse_order(
        coin.alice, symbol="BTCUSD_PERP", side="SELL", quantity="6", price="90000", positionSide="LONG"
    )
    assert refused[1] == -2022


def test_account(coin):
    """Every coin and every contract; status shows notional and isolated wallet beyond REST."""
    account = coin.get("account.status", coin.alice)
    assert {row["asset"]: row["walletBalance"] for row in account["assets"]}["ETH"] == "10.00000000"
    row = account["positions"][0]
    assert {"notionalValue", "isolatedWallet", "maxQty", "breakEvenPrice"} <= set(row)
    assert len(account["positions"]) == len([one for one in coin.engine.symbols.values() if one.inverse])


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("order.place", {"symbol": "BTCUSDT"}, -1121),
        ("order.place", {"symbol": "BTCUSD_PERP", "quantity": "0.5"}, -1111),
        ("order.place", {"symbol": "BTCUSD_PERP", "type": "STOP", "stopPrice": "80000"}, -4120),
        ("order.place", {"symbol": "BTCUSD_PERP", "timeInForce": "GTD"}, -1115),
        ("order.place", {"symbol": "BTCUSD_PERP", "quantity": "30000"}, -2019),
        ("order.modify", {"symbol": "BTCUSD_PERP", "quantity": "2"}, -1102),
        ("account.position", {"pair": "NOPE"}, -4087),
        ("account.position", {"marginAsset": "NOPE"}, -1108),
        ("account.position", {"marginAsset": "BTC", "pair": "BTCUSD"}, -1128),
        ("v2/account.position", {}, -5000),
        ("algoOrder.place", {}, -5000),
        ("depth", {"symbol": "BTCUSD_PERP"}, -5000),
    ],
)
def test_refusals(coin, method, params, code):
    """With COIN-M's numbers; what only USDⓈ-M offers is not there."""
    sound = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "80000"}
    if method == "order.modify":
        sound = {"side": "BUY", "orderId": 1}
    elif method != "order.place":
        sound = {}
    assert coin.refuse(method, coin.alice, **sound | params)[1] == code


def test_numbers_of_modifications(coin):
    """-4197 for no change and -4196 for an order that is not LIMIT, where USDⓈ-M says -5027 and -5025."""
    order = place(coin, coin.alice, "BUY", "1", "80000.0")
    same = {"symbol": "BTCUSD_PERP", "orderId": order["orderId"], "side": "BUY", "quantity": "1", "price": "80000"}
    assert coin.refuse("order.modify", coin.alice, **same)[1] == -4197
    filled = place(coin, coin.alice, "BUY", "1")
    assert coin.refuse("order.modify", coin.alice, **same | {"orderId": filled["orderId"]})[1] == -4196


def test_usdm_does_not_know_coin_contracts(exchange):
    """-1121 over /ws-fapi/v1, and its lists have none."""
    assert exchange.refuse_order(exchange.alice, symbol="BTCUSD_PERP", quantity="1")[1] == -1121
    assert not [row for row in exchange.get("ticker.price") if row["symbol"].endswith("_PERP")]


def test_position_mode_is_one_setting_for_both_products(coin):
    """-4067 while an order of either is open, -4068 with a position; multi-assets mode asks for USDⓈ-M only."""
    order = place(coin, coin.alice, "BUY", "1", "80000.0")
    with pytest.raises(Refusal, match="-4067"):
        coin.engine.settings.set_position_mode(coin.alice, hedge=True)
    coin.engine.settings.set_multi_assets(coin.alice, enabled=True)
    coin.get("order.cancel", coin.alice, symbol="BTCUSD_PERP", orderId=order["orderId"])
    place(coin, coin.alice, "BUY", "1")
    with pytest.raises(Refusal, match="-4068"):
        coin.engine.settings.set_position_mode(coin.alice, hedge=True)


@pytest.mark.parametrize("seed", range(4))
def test_books_balance_whatever_happens(coin, seed):
    """Coins follow from the events' profits and fees, and what is held from the open orders."""
    rng = random.Random(seed)  # noqa: S311  # a failure must repeat
    accounts = coin.venue.accounts
    symbol = coin.engine.symbols["BTCUSD_PERP"]
    if seed % 2:
        for account in accounts:
            coin.engine.settings.set_margin_type(account, symbol, isolated=True)
    for _ in range(150):
        account, side = rng.choice(accounts), rng.choice(["BUY", "SELL"])
        order = {"symbol": symbol.name, "side": side, "quantity": str(rng.randint(1, 90))}
        if rng.random() < 0.3:
            coin.ask("order.place", account, type="MARKET", **order)
        else:
            price = symbol.start_price + Decimal(rng.randint(-300, 300)) / 10
            coin.ask("order.place", account, type="LIMIT", timeInForce="GTC", price=str(price), **order)
        if rng.random() < 0.2:
            coin.engine.set_price(symbol.name, symbol.start_price + rng.randint(-60, 60))
        if account.open_orders and rng.random() < 0.4:
            coin.engine.orders.cancel(rng.choice(list(account.open_orders.values())))
    for account in accounts:
        paid, position = Decimal(0), Decimal(0)
        for event in coin.told(account, "ORDER_TRADE_UPDATE"):
            detail = event["o"]
            paid += Decimal(detail["rp"]) - Decimal(detail["n"])
            position += Decimal(detail["l"]) * (1 if detail["S"] == "BUY" else -1)
        assert position, "the scenario must trade, or it proves nothing"
        assert account.coins["BTC"] == 1 + paid
        assert account.position(symbol, "BOTH").amount == position
        for order in list(account.open_orders.values()):
            coin.engine.orders.cancel(order)
        assert account.held(symbol.name, "BOTH") == (0, 0)


def test_funding_is_paid_in_coin(coin):
    """In ACCOUNT_UPDATE FUNDING_FEE `bc` is what came in or went, as for all but trading; quarterlies have none."""
    quarterly = next(name for name in coin.engine.symbols if name.startswith("BTCUSD_2"))
    place(coin, coin.alice, "BUY", "100")
    coin.order(coin.alice, "BUY", "100", symbol=quarterly)
    before = coin.alice.coins["BTC"]
    coin.events.clear()
    coin.engine.funding.pay_funding()
    (event,) = coin.told(coin.alice, "ACCOUNT_UPDATE")
    assert event["a"]["m"] == "FUNDING_FEE"
    assert D(event["a"]["B"][0]["bc"]) == coin.alice.coins["BTC"] - before != 0
    assert event["i"] == coin.alice.alias

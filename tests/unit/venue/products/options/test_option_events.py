"""Fields and formats of the user events of options."""

from __future__ import annotations

from wireproof.venue.products.options import option_events


def test_an_order_event_has_one_object_with_the_documented_fields(options):
    options.order(quantity="0.01")
    _, event = options.told(options.alice, "ORDER_TRADE_UPDATE")
    shown = event["o"]
    assert set(event) == {"e", "E", "T", "o"}
    assert " ".join(shown) == "s c S o f q p ap x X i l z L N n T t b a m R ot rp V"
    assert (shown["s"], shown["o"], shown["ot"], shown["N"], shown["V"]) == (
        "BTC-261225-90000-C",
        "LIMIT",
        "LIMIT",
        "USDT",
        "EXPIRE_MAKER",
    )
    assert (shown["l"], shown["z"], shown["m"]) == ("0.01", "0.01", False)
    assert shown["n"] == "-0.207"


def test_an_order_event_shows_what_rests(options):
    options.order(price="2000", quantity="0.1")
    options.order(side="SELL", price="9000", quantity="0.1")
    _, event = options.told(options.alice, "ORDER_TRADE_UPDATE")
    assert (event["o"]["b"], event["o"]["a"], event["o"]["L"], event["o"]["t"]) == ("200", "900", "0", 0)


def test_balance_and_positions(options):
    options.order(side="SELL", quantity="0.01")
    (event,) = options.told(options.alice, "BALANCE_POSITION_UPDATE")
    entry = options.alice.position(options.contract).entry
    assert event["m"] == "ORDER"
    assert event["B"] == [{"a": "USDT", "b": f"{options.alice.wallet:.8f}", "bc": "0"}]
    assert event["P"] == [{"s": "BTC-261225-90000-C", "c": "-0.0100", "p": f"{-entry / 100:.8f}", "a": f"{entry:.8f}"}]


def test_the_account_event_is_flat(options):
    options.order(side="SELL", quantity="0.01")
    (event,) = options.told(options.alice, "ACCOUNT_UPDATE")
    assert set(event) == {"e", "E", "T", "eq", "aeq", "b", "m", "u", "i", "M"}
    assert float(event["eq"]) == float(event["b"]) + float(event["m"])
    assert float(event["m"]) < 0 < float(event["M"]) < float(event["i"])


def test_greeks_by_underlying(options):
    options.order(quantity="0.01")
    (event,) = options.told(options.alice, "GREEK_UPDATE")
    (row,) = event["G"]
    assert row["u"] == "BTCUSDT"
    assert float(row["d"]) > 0 > float(row["t"])


def test_an_expired_listen_key_has_its_time_as_a_text():
    event = option_events.option_listen_key_expired("key", 5)
    assert event == {"e": "listenKeyExpired", "E": "5", "listenKey": "key"}

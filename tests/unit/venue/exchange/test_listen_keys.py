"""Listen keys: one per account, an hour each, ended once."""

from __future__ import annotations

HOUR = 3_600_000


def _ask(exchange, what, account):
    return exchange.ask(f"userDataStream.{what}", apiKey=account.key.api_key)


def _start(exchange, account):
    return _ask(exchange, "start", account)["result"]["listenKey"]


def _expired(exchange):
    found = []
    exchange.venue.streams.publish = lambda key, event: found.append((key, event))
    return found


def test_start_is_idempotent_per_account(exchange):
    """An active key is handed out again; another account has another."""
    first = _start(exchange, exchange.alice)
    assert first == _start(exchange, exchange.alice)
    assert first != _start(exchange, exchange.bob)
    assert len(first) == 64


def test_ping_answers_the_key_and_renews_it(exchange):
    """Renewed after 59 minutes, it lives beyond its first hour."""
    key = _start(exchange, exchange.alice)
    exchange.clock.advance(HOUR - 60_000)
    assert _ask(exchange, "ping", exchange.alice)["result"] == {"listenKey": key}
    exchange.clock.advance(HOUR - 1)
    assert _start(exchange, exchange.alice) == key


def test_ping_and_stop_without_a_key(exchange):
    """-1125, in the short form of the wire."""
    for what in ("ping", "stop"):
        answer = _ask(exchange, what, exchange.alice)
        assert (answer["status"], answer["error"]) == (400, {"code": -1125, "msg": "This listenKey does not exist."})


def test_key_is_needed(exchange):
    """ApiKey is all these requests need, and they do need it."""
    assert exchange.refuse("userDataStream.start")[1] == -1102
    assert exchange.refuse("userDataStream.start", apiKey="x" * 64)[:2] == (401, -2015)


def test_expiry_after_an_hour_is_told(exchange):
    """ListenKeyExpired on the key's stream, E a number; the next start makes a new key."""
    told = _expired(exchange)
    key = _start(exchange, exchange.alice)
    exchange.clock.advance(HOUR)
    exchange.venue.tick()

    assert told == [(key, {"e": "listenKeyExpired", "E": exchange.clock.now_ms(), "listenKey": key})]
    assert _start(exchange, exchange.alice) != key


def test_stop_answers_nothing_and_ends_the_stream(exchange):
    """{} to the caller, listenKeyExpired to the stream, and no event afterwards."""
    key = _start(exchange, exchange.alice)
    told = _expired(exchange)
    assert _ask(exchange, "stop", exchange.alice)["result"] == {}
    exchange.engine.publish(exchange.alice, {"e": "TRADE_LITE"})
    assert [(where, event["e"]) for where, event in told] == [(key, "listenKeyExpired")]


def test_expire_now_by_fault(exchange):
    """A test need not wait for an hour."""
    key = _start(exchange, exchange.alice)
    other = _start(exchange, exchange.bob)
    exchange.venue.faults.add("expire-listen-key", account="hmac")
    assert _start(exchange, exchange.alice) != key
    assert _start(exchange, exchange.bob) == other


def test_each_product_has_a_key_of_its_own(exchange):
    """Ending one leaves the other; both end when an expiry is provoked."""
    keys, account = exchange.venue.listen_keys, exchange.alice
    linear, coin = keys.start(account, "usdm"), keys.start(account, "coinm")
    assert linear != coin
    keys.stop(account, "coinm")
    assert (keys.active(account, "usdm"), keys.active(account, "coinm")) == (linear, None)
    again = keys.start(account, "coinm")
    expired = _expired(exchange)
    exchange.venue.faults.add("expire-listen-key", account=account.name)
    assert [key for key, _ in expired] == [linear, again]

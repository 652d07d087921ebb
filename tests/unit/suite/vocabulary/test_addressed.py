"""Messages must be about what their stream was subscribed with."""

from wireproof.suite.vocabulary.addressed import addressed, others


def test_names_in_messages_are_in_upper_case_and_a_pair_is_part_of_its_symbol(store):
    contracts = store.contracts
    assert addressed(contracts["coinm/stream/depth"], {"symbol": "btcusd_perp"}) == {"s": "BTCUSD_PERP", "ps": "BTCUSD"}
    candles = {"pair": "BTCUSDT", "contractType": "current_quarter", "interval": "1M"}
    wanted = addressed(contracts["usdm/stream/continuousKline"], candles)
    assert wanted == {"ps": "BTCUSDT", "ct": "CURRENT_QUARTER", "k.i": "1M"}
    assert addressed(contracts["options/stream/openInterest"], {"underlying": "ethusdt"}) == {}


def test_each_element_of_an_array_is_of_the_subscription(store):
    wanted = addressed(store.contracts["coinm/stream/pairMarkPrice"], {"pair": "BTCUSD"})
    sound = [{"s": "BTCUSD_PERP"}, {"s": "BTCUSD_261225"}, {"s": None}]
    assert list(others(wanted, sound)) == []
    assert list(others(wanted, [*sound, {"s": "ETHUSD_PERP"}])) == [("[].s", "BTCUSD_*", "ETHUSD_PERP")]

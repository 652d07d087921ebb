"""Which documented event a frame of a private stream is, whatever became of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.contract.model import Surface
from wireproof.suite.events.cause import Cause
from wireproof.suite.events.event_frames import EventShapes, objects_in, repaired
from wireproof.wire.websocket.user_stream import StreamEvent, decoded

PRODUCTS = ("coinm", "options", "portfolio-margin", "portfolio-margin-pro", "usdm")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)
NAMES = ("ORDER_TRADE_UPDATE", "TRADE_LITE", "ALGO_UPDATE", "ACCOUNT_UPDATE", "ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL")
EVENTS = st.builds(
    lambda name, fields: {"e": name, **fields},
    st.sampled_from([*NAMES, "listenKeyExpired"]),
    st.dictionaries(st.sampled_from(["o", "a", "ac", "ai", "p", "s", "c", "i", "S", "listenKey"]), JSON, max_size=6)
    | st.builds(
        lambda name, inner: {name: inner},
        st.sampled_from(["o", "a", "ac", "ai", "p"]),
        st.dictionaries(st.sampled_from(["s", "m", "P", "l", "j", "c", "i", "S", "caid", "aid"]), JSON, max_size=6),
    ),
)


def frame(raw):
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return StreamEvent(raw, decoded(raw), 0.0)


def shapes_of(store, product):
    return EventShapes(one for one in store.contracts.values() if one.product == product)


def examples(store, product):
    for contract in store.contracts.values():
        if contract.product == product and contract.surface is Surface.EVENT:
            for example in contract.examples:
                yield contract.name, example.response


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_documented_event_is_recognised_and_fits(store, product):
    shapes = shapes_of(store, product)
    for name, event in examples(store, product):
        found = shapes.read(frame(json.dumps(event)))
        assert (found.name, found.document, found.problem) == (name, event, "")


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda event: json.dumps([event]), "it is an array"),
        (lambda event: json.dumps({"stream": "x", "data": event}), "it has no `e`"),
        (lambda event: json.dumps(json.dumps(event)), "it is a text"),
        (lambda event: "OK, " + json.dumps(event), "it is no JSON"),
        (lambda event: json.dumps(event)[:-1], "it is no JSON"),
        (lambda event: json.dumps(event) + "}", "it is no JSON"),
        (lambda event: b"\xef\xbb\xbf\xff" + json.dumps(event).encode(), "it is no JSON"),
    ],
    ids=["array", "envelope", "text", "before", "cut", "after", "bytes"],
)
def test_an_event_is_found_in_what_is_around_it(store, product, spoil, problem):
    """And why the frame is not the documented one is said."""
    shapes = shapes_of(store, product)
    for name, event in examples(store, product):
        found = shapes.read(frame(spoil(event)))
        assert (found.name, found.problem) == (name, problem)


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("name", ["BRAND_NEW", 7, None, ["x"]])
def test_an_event_of_another_name_is_taken_for_no_other_one(store, product, name):
    """Its fields tell, or nothing does."""
    shapes = shapes_of(store, product)
    told = 0
    for own, event in examples(store, product):
        found = shapes.read(frame(json.dumps(event | {"e": name})))
        assert found.name in {own, ""}
        assert found.problem.startswith("its `e` is ")
        told += found.name == own
    assert told


def test_an_event_that_bears_the_name_of_another_is_told_by_its_fields(store, shapes):
    for own, event in examples(store, "usdm"):
        for other in NAMES:
            found = shapes.read(frame(json.dumps(event | {"e": other})))
            assert found.name in {own, other}
            if own in NAMES:
                assert found.name == own


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "it is no JSON"),
        ("{", "it is no JSON"),
        ("17", "it is a bare value"),
        ("null", "it is null"),
        ('"x"', "it is a text"),
        ("[]", "it is an array"),
        ("{}", "it has no `e`"),
        ('{"id":1,"result":null}', "it is an answer to a command, and none was sent"),
        ('{"e":"BRAND_NEW","E":1}', 'its `e` is "BRAND_NEW", which no contract knows'),
    ],
)
def test_what_is_no_event_is_of_none(shapes, raw, problem):
    found = shapes.read(frame(raw))
    assert (found.name, found.problem) == ("", problem)


def test_a_beginning_is_repaired_as_far_as_it_goes():
    text = '{"e":"X","o":{"c":"a\\"b","l":[1,{"z":2}],"s":"BTC"}}'
    whole = json.loads(text)
    for end in range(len('{"e":"X",'), len(text)):
        found = repaired(text[:end].encode())
        assert found["e"] == "X"
        assert set(found.get("o", {})) <= set(whole["o"])
    assert repaired(b"no bracket at all") is None


@given(st.binary() | JSON.map(lambda one: json.dumps(one).encode()))
def test_no_frame_is_too_strange_to_be_read(store, raw):
    shapes = shapes_of(store, "coinm")
    found = shapes.read(frame(raw))
    assert found.problem
    assert list(objects_in(decoded(raw))) is not None


@given(EVENTS)
def test_no_event_is_too_strange_to_be_told_from_others(event):
    cause = Cause(
        symbol="BTCUSDT",
        reason="ORDER",
        client_ids={"wp-1"},
        order_ids={7},
        algo_ids={3},
        side="BUY",
        leverage=9,
        multi_assets=True,
        listen_key="key",
    )
    assert cause.is_of(event) in {True, False}
    assert cause.resembles(event, {"BTCUSDT"}, {"ORDER"}) in {True, False}
    assert all(len(one) == 3 for one in cause.others(event))


OTU = {"e": "ORDER_TRADE_UPDATE", "E": 1, "o": {"s": "BTCUSDT", "c": "wp-1", "S": "BUY", "x": "NEW", "i": 7}}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"s": "ETHUSDT"}, [("o.s", "BTCUSDT", "ETHUSDT")]),
        ({"i": 8}, [("o.i", "7", "8")]),
        ({"i": "7"}, []),  # a difference of type, which is compared
        ({"c": "another"}, [("o.c", "wp-1", "another")]),
        ({"S": "SELL"}, [("o.S", "BUY", "SELL")]),
        ({"c": None, "s": 3.5}, []),
    ],
)
def test_an_event_says_what_was_done(change, found):
    cause = Cause(symbol="BTCUSDT", client_ids={"wp-1"}, order_ids={7}, side="BUY")
    assert list(cause.others(OTU | {"o": OTU["o"] | change})) == found


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ({"e": "ACCOUNT_UPDATE", "a": {"m": "ORDER", "P": [{"s": "X"}, 1]}}, [("a.P[].s", "BTCUSDT", "X")]),
        ({"e": "ACCOUNT_UPDATE", "a": {"m": "X", "P": 5}}, [("a.m", "ORDER", "X")]),
        ({"e": "ACCOUNT_CONFIG_UPDATE", "ac": {"s": "BTCUSDT", "l": 8}}, [("ac.l", "9", "8")]),
        ({"e": "MARGIN_CALL", "p": [{"s": "X"}]}, [("p[].s", "BTCUSDT", "X")]),
        ({"e": "MARGIN_CALL", "p": [{"s": "X"}, {"s": "BTCUSDT"}]}, []),
        ({"e": "listenKeyExpired", "listenKey": "x"}, [("listenKey", "the listen key that ended", "another one")]),
        ({"e": "listenKeyExpired", "listenKey": ["key"]}, []),
    ],
)
def test_other_events_say_what_was_done_as_well(event, found):
    """No listen key is shown."""
    cause = Cause(symbol="BTCUSDT", reason="ORDER", leverage=9, listen_key="key")
    assert list(cause.others(event)) == found


def test_a_number_of_ours_that_belongs_to_another_order_of_ours_makes_no_event_its_own():
    """The number may have been misread: the client id is the better witness."""
    cause = Cause(symbol="BTCUSDT", client_ids={"wp-1"}, order_ids={8})
    assert cause.is_of(OTU)
    assert not cause.is_of(OTU | {"o": OTU["o"] | {"c": "wp-2", "i": 8}})
    assert cause.is_of(OTU | {"o": OTU["o"] | {"c": "somebody", "i": 8}})


# -- whose a frame is --------------------------------------------------------------------------------------------------

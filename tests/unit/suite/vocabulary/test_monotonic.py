"""What the messages of a subscription must not do: come twice, go back, be another subscription's."""

import json

import pytest
from msgspec.structs import replace

from wireproof.contract.model import Monotonic, Stream
from wireproof.suite.vocabulary.addressed import address_problems
from wireproof.suite.vocabulary.monotonic import MessageOrder, order_problems

STEP = (Monotonic(path="a", strict=True, step=1),)
STRICT, LOOSE = (Monotonic(path="u", strict=True),), (Monotonic(path="E"),)
PER = (Monotonic(path="[].E", per=("[].s",)),)


def violations(rules, *messages):
    """Return what is wrong with messages; None is a hole, DROP another connection."""
    order = MessageOrder(rules)
    for one in messages:
        if one == "drop":
            order.begin()
        else:
            order.take(json.dumps(one).encode(), one)
    return list(order.violations())


@pytest.mark.parametrize(
    ("rules", "messages"),
    [
        (STEP, [{"a": 1}, {"a": 2}, {"a": 3}]),
        (STEP, [{"a": 1}, None, {"a": 3}]),  # what was lost may have been the second
        (STEP, [{"a": 1}, "drop", {"a": 9}, "drop", {"a": 1}]),
        (LOOSE, [{"E": 1, "s": "A"}, {"E": 1, "s": "B"}]),
        (LOOSE, [{"E": 1}, {"E": "0"}, {"x": 1}, [], 5, {"E": 1, "x": 1}]),  # other types are the comparison's
        (PER, [[{"s": "A", "E": 5}, {"s": "B", "E": 1}], [{"s": "B", "E": 2}], [{"s": "A", "E": 5, "x": 1}]]),
        (PER, [{"s": "A", "E": 5}, [{"s": ["A"], "E": 4}]]),
        (STRICT, [{"u": 1}, "drop", {"u": 1}]),  # sent again over another connection
    ],
)
def test_messages_in_order_are_not_accused(rules, messages):
    assert violations(rules, *messages) == []


@pytest.mark.parametrize(
    ("rules", "messages", "sentence"),
    [
        (STEP, [{"a": 1}, {"a": 3}], "`a` is out of order in 2 messages: 3 came after 1, though it grows by 1."),
        (STRICT, [{"u": 2}, None, {"u": 1}], "`u` is out of order in 2 messages: 1 came after 2."),
        (STRICT, [{"u": 2}, {"u": 2, "x": 1}], "`u` is out of order in 2 messages: 2 came again."),
        (LOOSE, [{"E": 5}, {"E": 4}, {"E": 3}], "`E` is out of order 2 times in 3 messages: 4 came after 5."),
        (
            PER,
            [[{"s": "A", "E": 5}], [{"s": "A", "E": 4}]],
            "`[].E` is out of order in 2 messages: 4 of A came after 5.",
        ),
        ((), [{"x": 1}, {"x": 1}], "1 of 2 messages came twice over one connection."),
        (STRICT, [{"u": 1}, {"u": 2}, {"u": 1}], "1 of 3 messages came twice over one connection."),
    ],
)
def test_messages_out_of_order_are_told(rules, messages, sentence):
    """Once for a number, with the first time; what came twice is not said to be out of order as well."""
    assert violations(rules, *messages) == [sentence]


def test_every_watched_stream_says_what_orders_its_messages(store):
    """And every stream whose name has a symbol, a pair or an interval, where its messages repeat it."""
    streams = [one for one in store.contracts.values() if isinstance(one.subject, Stream) and not one.is_command]
    assert len(streams) == 49
    for contract in streams:
        stream = contract.of(Stream)
        assert stream.monotonic, contract.id
        named = {"symbol", "pair", "interval", "contractType"} & {param.name for param in stream.params}
        repeated = " ".join(stream.repeats.values())
        assert all(f"<{name}>" in repeated for name in named), contract.id
        assert not [*order_problems(contract), *address_problems(contract)]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"monotonic": (Monotonic(path="uu"),)}, "monotonic names 'uu', which no example shows."),
        ({"monotonic": (Monotonic(path="E", per=("symbol",)),)}, "monotonic names 'symbol', which no example shows."),
        (
            {"monotonic": (Monotonic(path="a", step=-1),)},
            "monotonic 'a' has the step -1; a number that grows has a positive one.",
        ),
        ({"repeats": {"ss": "<symbol>"}}, "repeats names 'ss', which no example shows."),
        ({"repeats": {"s": "<name>"}}, "repeats 's' names the parameter 'name', which its stream does not have."),
    ],
)
def test_a_contract_cannot_order_by_what_no_example_shows(store, changes, problem):
    contract = store.contracts["usdm/stream/aggTrade"]
    contract = replace(contract, subject=replace(contract.subject, **changes))
    assert [*order_problems(contract), *address_problems(contract)] == [problem]

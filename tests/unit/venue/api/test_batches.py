"""Lists of requests in one parameter."""

from __future__ import annotations

import pytest

from wireproof.venue.api.batches import answers, as_text, json_list, json_objects
from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.registry import PRODUCTS


@pytest.mark.parametrize("text", ["no JSON", "{}", "1", '"text"'])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(Refusal, match="-1130 Data sent for parameter 'ids'"):
        json_list(Params({"ids": text}), "ids")


def test_a_list_of_objects_has_objects_only():
    with pytest.raises(Refusal, match="-1130"):
        json_objects(Params({"orders": '[{"symbol": "BTCUSDT"}, 1]'}), "orders")
    (found,) = json_objects(Params({"orders": '[{"symbol": "BTCUSDT", "quantity": 0.10, "x": null}]'}), "orders")
    assert (found.text("symbol"), found.text("quantity"), "x" in found) == ("BTCUSDT", "0.1", False)


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (5, "5"), (True, "true"), ([1], "[1]")])
def test_values_are_the_text_of_their_json(value, text):
    assert as_text(value) == text


def test_each_element_has_its_own_answer(exchange):
    def run(call):
        if call.params.needed_text("symbol") == "NOPE":
            raise Refusal(-1121, "Invalid symbol.")
        return {"symbol": call.params.text("symbol")}

    call = Call(exchange.venue.services, PRODUCTS[0], Params({}), "127.0.0.1")
    elements = [Params({"symbol": "BTCUSDT"}), Params({"symbol": "NOPE"}), Params({})]
    first, second, third = answers(call, elements, ("symbol",), run)
    assert first == {"symbol": "BTCUSDT"}
    assert (second["code"], third["code"]) == (-1121, -1102)

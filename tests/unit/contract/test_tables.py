"""Every parameter has a path, those of elements as well."""

from __future__ import annotations

from made_contracts import made_contract

from wireproof.contract.model import Event, Param, Request, Security, Stream, Surface, Weight
from wireproof.contract.tables import named_params

PARAMS = (
    Param(name="symbol", type="STRING"),
    Param(name="orders", type="ARRAY", items=(Param(name="side", type="ENUM"),)),
)


def names(**subject):
    return [path for path, _ in named_params(made_contract({}, **subject))]


def test_a_request_and_a_stream_have_a_table():
    request = Request(method="GET", path="/x", security=Security.NONE, weight=Weight(ip=1), params=PARAMS)
    assert names(subject=request) == ["symbol", "orders", "orders[].side"]
    assert names(surface=Surface.STREAM, subject=Stream(name="x", params=PARAMS))[0] == "symbol"


def test_an_event_has_none():
    assert names(surface=Surface.EVENT, subject=Event(name="X")) == []

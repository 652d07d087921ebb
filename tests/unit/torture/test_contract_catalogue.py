"""Whose message it is: by verb and path, method, event type or name of a stream."""

import pytest
from made_contracts import REQUEST, made_contract

from wireproof.contract.model import Event, Request, Security, Stream, Surface, Weight
from wireproof.torture.contract_catalogue import ContractIndex, stream_pattern


def stream(name, pattern, *, command=False):
    return made_contract(name=name, surface=Surface.STREAM, subject=Stream(name=pattern, command=command))


CATALOGUE = ContractIndex.of(
    [
        made_contract(name="x", subject=REQUEST),
        made_contract(
            name="ping",
            surface=Surface.WS_API,
            subject=Request(method="ping", security=Security.NONE, weight=Weight(ip=1)),
        ),
        made_contract(name="e", surface=Surface.EVENT, subject=Event(name="ACCOUNT_UPDATE")),
        stream("depth", "<symbol>@depth@<updateSpeed>"),
        stream("kline", "<symbol>@kline_<interval>"),
        stream("pairKline", "<pair>@kline_<interval>"),
        *(stream(f"control.{name}", name, command=True) for name in ("SUBSCRIBE", "limits", "missingId", "malformed")),
    ]
)


def test_requests_methods_and_events_are_found_by_name():
    assert CATALOGUE.rest["usdm", "GET", "/x"] == "usdm/rest/x"
    assert CATALOGUE.methods["usdm", "ping"] == "usdm/ws-api/ping"
    assert CATALOGUE.events["usdm", "ACCOUNT_UPDATE"] == "usdm/event/e"


@pytest.mark.parametrize(
    ("name", "contract"),
    [
        ("btcusdt@depth@100ms", "usdm/stream/depth"),
        ("btcusdt@depth", "usdm/stream/depth"),
        ("btcusd_perp@kline_1m", "usdm/stream/kline"),
        ("btcusd@kline_1m", "usdm/stream/pairKline"),
        ("btcusdt@unknown", ""),
    ],
)
def test_streams_are_found_by_their_pattern(name, contract):
    assert CATALOGUE.stream("usdm", name) == contract
    assert CATALOGUE.stream("coinm", name) == ""


@pytest.mark.parametrize(
    ("command", "contract"),
    [
        ({"method": "SUBSCRIBE", "id": 1}, "usdm/stream/control.SUBSCRIBE"),
        ({"method": "SUBSCRIBE"}, "usdm/stream/control.missingId"),
        ({"method": "SUBSCRIBE", "id": "a"}, ""),
        ({"method": "NONSENSE", "id": 1}, "usdm/stream/control.malformed"),
    ],
)
def test_commands_are_told_by_method_and_id(command, contract):
    assert CATALOGUE.command("usdm", command) == contract


def test_subscriptions_are_refused_for_their_limits():
    assert CATALOGUE.refused("usdm/stream/control.SUBSCRIBE") == "usdm/stream/control.limits"
    assert CATALOGUE.refused("usdm/stream/control.malformed") == "usdm/stream/control.malformed"


def test_a_pattern_matches_whole_names_only():
    assert stream_pattern("!ticker@arr").fullmatch("!ticker@arr")
    assert not stream_pattern("!ticker@arr").fullmatch("!ticker@arr@1s")

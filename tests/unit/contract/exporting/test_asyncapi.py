"""WebSocket API, streams and events of a product as an AsyncAPI document."""

from __future__ import annotations

import json
from functools import cache

import jsonschema_rs
import pytest
from checkout import ROOT

from wireproof.contract.exporting.asyncapi import asyncapi_document, draft_07
from wireproof.contract.store import load_store
from wireproof.drift.documented_shape import answer_shape, rejection_shape

STORE = load_store()
#: The specification's own schema. Its parser judges by it as well, but is 168 packages and takes a minute for usdm.
SPECIFICATION = json.loads((ROOT / "tests/support/asyncapi-3.0.0.schema.json").read_text("utf-8"))
#: Documented requests that their own table of parameters does not allow: a number as a text, a word that is not listed.
SELF_CONTRADICTING = {("usdm", "ws-api.algoOrder.place.request"), ("usdm", "ws-api.order.modify.request")}


@cache
def document_of(product, **more):
    return asyncapi_document(
        STORE.product(product), STORE.select(product=product), answer_shape, rejection_shape, **more
    )


def references(value):
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else ()
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(inner)


def resolved(document, reference):
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


@pytest.fixture(params=list(STORE.products))
def document(request):
    """Return the document of a product."""
    return document_of(request.param)


def test_a_document_is_what_the_specification_allows(document):
    judge = jsonschema_rs.Draft7Validator(SPECIFICATION)
    assert [error.message for error in judge.iter_errors(document)] == []
    assert not judge.is_valid({**document, "channels": {"a": {"adress": "/"}}})


def test_references_lead_somewhere(document):
    """And operations use messages of their own channel."""
    for reference in set(references(document)):
        assert resolved(document, reference) is not None
    for operation in document["operations"].values():
        for part in (operation, operation.get("reply", operation)):
            channel = part["channel"]["$ref"]
            assert all(one["$ref"].startswith(f"{channel}/messages/") for one in part["messages"])


def test_everything_that_the_exchange_has_is_an_operation(document):
    product = next(name for name, one in STORE.products.items() if one.title == document["info"]["title"])
    wanted = [one for one in STORE.select(product=product) if one.surface.value != "rest" and not one.retired]
    assert {f"{one.surface}.{one.id.rpartition('/')[2]}" for one in wanted} == set(document["operations"])


def test_examples_are_what_the_schemas_describe():
    """Requests and answers, messages and events; where a page contradicts itself, both are kept."""
    wrong = set()
    for product in STORE.products:
        document = document_of(product)
        for name, message in document["components"]["messages"].items():
            judge = jsonschema_rs.Draft7Validator(resolved(document, message["payload"]["$ref"]))
            wrong |= {(product, name) for one in message.get("examples", ()) if not judge.is_valid(one["payload"])}
    assert wrong == SELF_CONTRADICTING


def test_a_request_is_received_and_replied_to():
    document = document_of("usdm")
    order = document["operations"]["ws-api.order.place"]
    assert (order["action"], order["x-weight"]["orders_10s"]) == ("receive", 1)
    assert [one["$ref"].rpartition("/")[2] for one in order["reply"]["messages"]] == [
        "ws-api.order.place.answer",
        "ws-api.refusal",
    ]
    payload = document["components"]["schemas"]["OrderPlaceRequest"]
    assert payload["properties"]["method"] == {"type": "string", "const": "order.place"}
    assert payload["required"] == ["id", "method", "params"]
    params = payload["properties"]["params"]
    assert {"apiKey", "signature", "timestamp"} <= params["properties"].keys()
    assert params["properties"]["quantity"] == {"type": ["number", "string"]}


def test_key_and_signature_are_mandatory_where_no_session_logs_on():
    """COIN-M has no session.logon; that itself needs both anywhere."""

    def required(product, name):
        params = document_of(product)["components"]["schemas"][name]["properties"]["params"]
        return {"apiKey", "signature"} <= set(params["required"])

    assert required("coinm", "OrderPlaceRequest")
    assert not required("usdm", "OrderPlaceRequest")
    assert required("usdm", "SessionLogonRequest")


def test_streams_and_events_are_sent():
    """Below the roots that serve them, at the hosts of their surface."""
    document = document_of("usdm")
    channel = document["channels"]["stream.partialDepth"]
    assert channel["address"] == "/public/ws/{symbol}@depth{levels}@{updateSpeed}"
    assert channel["parameters"]["levels"] == {"enum": ["5", "10", "20"]}
    assert channel["servers"][0] == {"$ref": "#/servers/live-stream"}
    assert document["servers"]["live-stream"]["host"] == "fstream.binance.com"
    assert document["operations"]["event.ORDER_TRADE_UPDATE"]["action"] == "send"
    assert document["operations"]["stream.aggTrade"]["x-update-speed"] == "100ms"


def test_commands_are_received_and_their_refusals_sent():
    document = document_of("usdm")
    assert document["operations"]["stream.control.SUBSCRIBE"]["action"] == "receive"
    assert document["operations"]["stream.control.malformed"]["action"] == "send"
    assert document["channels"]["stream.control.market"]["address"] == "/market/ws"
    assert document_of("coinm")["channels"]["stream.control"]["address"] == "/ws"


def test_the_listen_key_is_where_the_product_has_it():
    assert document_of("coinm", key_in_path=True)["channels"]["event"]["address"] == "/ws/{listenKey}"
    query = document_of("usdm")["channels"]["event"]["bindings"]["ws"]["query"]
    assert query["required"] == ["listenKey"]


def test_arrays_by_position_are_said_in_the_older_draft():
    new = {"properties": {"prefixItems": {"prefixItems": [{"type": "string"}], "items": False, "minItems": 1}}}
    assert draft_07(new) == {
        "properties": {"prefixItems": {"items": [{"type": "string"}], "additionalItems": False, "minItems": 1}}
    }
